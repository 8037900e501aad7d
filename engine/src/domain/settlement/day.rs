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
        assert_eq!(Day(i64::MAX).to_string(), "9223372036854775807 days since 1970");
    }
}
