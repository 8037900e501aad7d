//! Days of the calendar that periods are made of: Asia/Tokyo's.

use serde::{Deserialize, Serialize};

use crate::domain::Timestamp;

/// A day in Asia/Tokyo, counted from 1970-01-01; printed `2026-01-05`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Day(pub i64);

impl Day {
    /// The day of this instant.
    pub const fn of(at: Timestamp) -> Self {
        Self(at.tokyo_day())
    }

    /// The day after.
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The day before.
    pub const fn previous(self) -> Self {
        Self(self.0 - 1)
    }
}

/// The text is no day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no day; one looks like 2026-01-05")]
pub struct ParseDayError(String);

impl std::str::FromStr for Day {
    type Err = ParseDayError;

    fn from_str(text: &str) -> Result<Self, ParseDayError> {
        let date = text.parse::<chrono::NaiveDate>().ok();
        let day = date.map(|date| Self(date.to_epoch_days().into()));
        // One day, one text: a month is not written `1`.
        day.filter(|day| day.to_string() == text).ok_or_else(|| ParseDayError(text.to_owned()))
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let day = i32::try_from(self.0).ok().and_then(chrono::NaiveDate::from_epoch_days);
        match day {
            Some(day) => write!(f, "{day}"),
            None => write!(f, "{} days since 1970", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Span;

    #[test]
    fn a_day_begins_at_midnight_in_tokyo() {
        // 2026-01-05T15:00:00Z
        let midnight = Timestamp(1_767_625_200_000_000);
        for (at, expected) in [
            (midnight - Span::MICRO, "2026-01-05"),
            (midnight, "2026-01-06"),
            (midnight + Span::days(1) - Span::MICRO, "2026-01-06"),
            (midnight + Span::days(1), "2026-01-07"),
        ] {
            assert_eq!(Day::of(at).to_string(), expected, "at {at}");
        }
        assert_eq!(Day(-1).to_string(), "1969-12-31");
        assert_eq!(Day(-1).next().previous(), Day(-1));
        assert_eq!(Day(i64::MAX).to_string(), "9223372036854775807 days since 1970");
    }

    #[test]
    fn a_day_is_read_as_it_is_written() {
        for day in [Day(0), Day(-1), Day(20_458)] {
            assert_eq!(day.to_string().parse(), Ok(day));
        }
        for wrong in
            ["", "2026-1-5", "2026-02-30", "2026-13-01", "26-01-05", " 2026-01-05", "2026-01-05T00:00:00Z"]
        {
            assert_eq!(wrong.parse::<Day>(), Err(ParseDayError(wrong.into())), "{wrong:?}");
        }
        assert_eq!("２０２６-01-05".parse::<Day>(), Err(ParseDayError("２０２６-01-05".into())));
    }
}
