//! Lengths of time, as people write them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::setting::{Setting, Value, quoted};

/// A whole number of seconds, at least one, at most a hundred years; written `45s`, `15m`, `1h`, `30d` or `2w`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    seconds: u64,
}

/// The units, the largest first.
const UNITS: [(&str, u64); 5] = [("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];

/// Longer than anything that is meant, and short enough to be added to any date.
const LONGEST: u64 = 100 * 366 * 86_400;

impl Period {
    /// So many days.
    pub const fn days(days: u64) -> Self {
        Self { seconds: days * 86_400 }
    }

    /// As a duration.
    pub const fn duration(self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

/// Why a text is no length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a length of time, as in \"45s\", \"15m\", \"1h\", \"30d\" or \"2w\"")]
pub struct NotAPeriod;

impl FromStr for Period {
    type Err = NotAPeriod;

    fn from_str(text: &str) -> Result<Self, NotAPeriod> {
        let unit = UNITS.iter().find_map(|(name, size)| Some((text.strip_suffix(name)?, size)));
        let (number, size) = unit.ok_or(NotAPeriod)?;
        let seconds = number.parse::<u64>().ok().and_then(|number| number.checked_mul(*size)).ok_or(NotAPeriod)?;
        if (1..=LONGEST).contains(&seconds) { Ok(Self { seconds }) } else { Err(NotAPeriod) }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Weeks are for reading only: 14d says more than 2w.
        let whole = UNITS.iter().skip(1).find(|(_, size)| self.seconds.is_multiple_of(*size));
        let (name, size) = whole.unwrap_or(&UNITS[4]);
        write!(f, "{}{name}", self.seconds / size)
    }
}

impl Setting for Period {
    fn read(value: &Value) -> Result<Self, String> {
        value.text("a length of time, as in \"30d\"")?.parse().map_err(|error: NotAPeriod| error.to_string())
    }

    fn literal(&self) -> String {
        quoted(&self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_read_and_written() {
        for (text, seconds, written) in [
            ("45s", 45, "45s"),
            ("90m", 5_400, "90m"),
            ("1h", 3_600, "1h"),
            ("30d", 2_592_000, "30d"),
            ("2w", 1_209_600, "14d"),
        ] {
            let period: Period = text.parse().unwrap();
            assert_eq!((period.duration().as_secs(), period.to_string().as_str()), (seconds, written));
        }
        for text in ["", "1", "s", "0s", "-1h", "1.5h", "1y", "99999999999999999999s", "9999999w"] {
            assert_eq!(text.parse::<Period>(), Err(NotAPeriod), "{text}");
        }
    }
}
