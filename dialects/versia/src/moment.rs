//! Moments: times as entities spell them (RFC 3339).

use quintet_core::Timestamp;

/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_DAYS: i64 = 719_468;
const DAY_MILLIS: i64 = 86_400_000;

/// Reads a moment, to the millisecond; `None` for what is none, and for the year 0 (versia.md, section 4.1).
pub(crate) fn read(text: &str) -> Option<Timestamp> {
    let (date, rest) = (text.get(..10)?, text.get(10..)?);
    let clock = rest.strip_prefix(['T', 't', ' '])?;
    let (time, rest) = (clock.get(..8)?, clock.get(8..)?);
    let (millis, zone) = fraction(rest)?;
    let seconds = time_of_day(time)? - offset(zone)? * 60;
    Some(Timestamp::from_millis(days(date)? * DAY_MILLIS + seconds * 1000 + millis))
}

/// Whether a text is a date, as `2001-02-29` is not. The year may be 0000 where it is not told.
pub(crate) fn is_date(text: &str) -> bool {
    split(text, '-', [4, 2, 2]).is_some_and(|[year, month, day]| {
        let leap = if year == 0 { 2000 } else { year };
        (1..=12).contains(&month) && (1..=length(leap, month)).contains(&day)
    })
}

/// Spells a moment, to the second where it is a whole one.
pub(crate) fn spell(at: Timestamp) -> String {
    let (days, rest) = (at.millis().div_euclid(DAY_MILLIS), at.millis().rem_euclid(DAY_MILLIS));
    let (year, month, day) = date_of(days);
    let (seconds, millis) = (rest / 1000, rest % 1000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = if millis == 0 { String::new() } else { format!(".{millis:03}") };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

/// Three numbers of so many digits.
fn split(text: &str, mark: char, widths: [usize; 3]) -> Option<[i64; 3]> {
    let mut parts = text.split(mark).zip(widths).map(|(part, width)| {
        let digits = part.len() == width && part.bytes().all(|byte| byte.is_ascii_digit());
        if digits { part.parse().ok() } else { None }
    });
    let numbers = [parts.next()??, parts.next()??, parts.next()??];
    (text.len() == widths.iter().sum::<usize>() + 2).then_some(numbers)
}

/// The day, counted from the Unix epoch.
fn days(date: &str) -> Option<i64> {
    let [year, month, day] = split(date, '-', [4, 2, 2]).filter(|[year, ..]| *year > 0 && is_date(date))?;
    // Years that begin in March: the leap day is their last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    Some(365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - EPOCH_DAYS)
}

/// The date of a day, counted from the Unix epoch.
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + EPOCH_DAYS;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year_of_era + next, month, day)
}

fn length(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Seconds since midnight. A leap second is the one before the next minute's first.
fn time_of_day(text: &str) -> Option<i64> {
    let [hour, minute, second] = split(text, ':', [2, 2, 2])?;
    (hour < 24 && minute < 60 && second <= 60).then(|| hour * 3600 + minute * 60 + second.min(59))
}

/// The milliseconds, and what is behind the fraction.
fn fraction(text: &str) -> Option<(i64, &str)> {
    let Some(rest) = text.strip_prefix('.') else { return Some((0, text)) };
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    let digits = rest.get(..end.min(3)).filter(|digits| !digits.is_empty())?;
    let millis: i64 = format!("{digits:0<3}").parse().ok()?;
    Some((millis, &rest[end..]))
}

/// Minutes east of Greenwich.
fn offset(zone: &str) -> Option<i64> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let (sign, rest) = match zone.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let [hours, minutes, _] = split(&format!("{rest}:0"), ':', [2, 2, 1])?;
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn moments_are_read() {
        for (text, millis) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2024-10-18T08:56:40Z", 1_729_241_800_000),
            ("2024-10-18t10:56:40.5+02:00", 1_729_241_800_500),
            ("2024-10-18 06:56:40.123456789-02:00", 1_729_241_800_123),
            ("2024-02-29T00:00:00z", 1_709_164_800_000),
            ("2016-12-31T23:59:60Z", 1_483_228_799_000),
            ("0001-01-01T00:00:00Z", -62_135_596_800_000),
            ("9999-12-31T23:59:59Z", 253_402_300_799_000),
        ] {
            assert_eq!(read(text).map(Timestamp::millis), Some(millis), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_not_read() {
        for text in [
            "",
            "now",
            "2024-10-18",
            "2024-10-18T08:56:40",
            "2024-10-18T08:56Z",
            "2024-13-18T08:56:40Z",
            "2023-02-29T08:56:40Z",
            "1900-02-29T08:56:40Z",
            "2024-10-18T24:00:00Z",
            "2024-10-18T08:60:00Z",
            "2024-10-18T08:56:61Z",
            "2024-10-18T08:56:40.Z",
            "2024-10-18T08:56:40.5",
            "2024-10-18T08:56:40+2:00",
            "2024-10-18T08:56:40+0200",
            "2024-10-18T08:56:40Zx",
            "0000-10-18T08:56:40Z",
            "-001-10-18T08:56:40Z",
            "24-10-0018T08:56:40Z",
            "2024-1-018T08:56:40Z",
            "+2024-1-18T08:56:40Z",
            "2024-10-18T8:056:40Z",
            "2024-10-18Tü8:56:40Z",
            "1729241800",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn dates_are_days_of_some_year() {
        assert!(["2001-02-28", "0000-02-29", "2000-12-31"].into_iter().all(is_date));
        assert!(!["2001-02-29", "2001-00-01", "2001-1-1", "02-03", "x", "2001-011-1"].into_iter().any(is_date));
    }

    proptest! {
        #[test]
        fn what_is_spelled_reads_back(millis in -62_135_596_800_000_i64..253_402_300_800_000) {
            let at = Timestamp::from_millis(millis);
            prop_assert_eq!(read(&spell(at)), Some(at));
        }

        #[test]
        fn nothing_panics(text in "\\PC*") {
            let _ = (read(&text), is_date(&text));
        }
    }
}
