//! Moments, as tables tell them.

use std::fmt;

/// How long something is away from now, in the unit that says it best: `3 min ago`, `in 2 h`.
pub(crate) struct Away {
    /// When it was or will be, in milliseconds since the Unix epoch.
    pub(crate) at: i64,
    /// What time it is.
    pub(crate) now: i64,
}

impl fmt::Display for Away {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.at.abs_diff(self.now) / 1000;
        let (number, unit) = match seconds {
            0..120 => (seconds, "s"),
            120..7_200 => (seconds / 60, "min"),
            7_200..172_800 => (seconds / 3_600, "h"),
            _ => (seconds / 86_400, "d"),
        };
        if self.at > self.now { write!(f, "in {number} {unit}") } else { write!(f, "{number} {unit} ago") }
    }
}

/// What time it is, in milliseconds since the Unix epoch.
pub(crate) fn now() -> i64 {
    quintet::system_clock()().millis()
}

/// Day and minute, in the time of Greenwich: `2026-11-21 20:15`.
pub(crate) fn day_and_minute(millis: i64) -> String {
    let (days, minutes) = (millis.div_euclid(86_400_000), millis.rem_euclid(86_400_000) / 60_000);
    let (year, month, day) = date(days);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}", minutes / 60, minutes % 60)
}

/// The date of a day counted from 1970, in eras of 400 years that begin with March, so that the leap day is the last.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
    (year + era * 400, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_away_is_told_in_one_unit() {
        for (at, expected) in [
            (0, "11 d ago"),
            (1_000_000_000, "0 s ago"),
            (999_881_000, "119 s ago"),
            (999_000_000, "16 min ago"),
            (1_007_200_000, "in 2 h"),
        ] {
            assert_eq!(Away { at, now: 1_000_000_000 }.to_string(), expected);
        }
    }

    #[test]
    fn days_are_dates() {
        for (millis, expected) in [
            (0, "1970-01-01 00:00"),
            (-60_000, "1969-12-31 23:59"),
            (951_782_400_000, "2000-02-29 00:00"),
            (1_763_000_000_123, "2025-11-13 02:13"),
            (4_107_542_399_000, "2100-02-28 23:59"),
            (4_107_542_400_000, "2100-03-01 00:00"),
        ] {
            assert_eq!(day_and_minute(millis), expected);
        }
    }
}
