//! Days and months of the calendar that settlements and bills go by: Asia/Tokyo's.

use serde::{Deserialize, Serialize};

use super::{Span, Timestamp};

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

/// A month in Asia/Tokyo, counted from January 1970; printed `2026-01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Month(pub i32);

impl Month {
    /// The month of this instant.
    pub fn of(at: Timestamp) -> Self {
        let (year, month) = at.tokyo_month();
        Self((year - 1970) * 12 + i32::from(month) - 1)
    }

    /// The month after.
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// Midnight in Tokyo as its first day begins.
    ///
    /// # Panics
    /// For months no clock of the ledger's ever shows: some 260,000 years from now.
    pub fn first_instant(self) -> Timestamp {
        let (year, month) = self.year_and_number();
        let first =
            chrono::NaiveDate::from_ymd_opt(year, month, 1).expect("clocks show dates that can be written");
        Timestamp::tokyo_midnight(first.to_epoch_days().into())
    }

    /// The microsecond before the month after begins.
    ///
    /// # Panics
    /// As [`Self::first_instant`].
    pub fn last_instant(self) -> Timestamp {
        self.next().first_instant() - Span::MICRO
    }

    /// The year, and 1 to 12.
    const fn year_and_number(self) -> (i32, u32) {
        (1970 + self.0.div_euclid(12), 1 + self.0.rem_euclid(12).cast_unsigned())
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (year, month) = self.year_and_number();
        write!(f, "{year:04}-{month:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_month_begins_and_ends_at_midnight_in_tokyo() {
        for (inside, printed, first, last) in [
            ("2026-01-05T00:00:00Z", "2026-01", "2025-12-31T15:00:00Z", "2026-01-31T14:59:59.999999Z"),
            ("2026-04-30T14:59:59Z", "2026-04", "2026-03-31T15:00:00Z", "2026-04-30T14:59:59.999999Z"),
            ("2024-02-29T00:00:00Z", "2024-02", "2024-01-31T15:00:00Z", "2024-02-29T14:59:59.999999Z"),
            ("2100-02-28T00:00:00Z", "2100-02", "2100-01-31T15:00:00Z", "2100-02-28T14:59:59.999999Z"),
            ("2026-12-31T00:00:00Z", "2026-12", "2026-11-30T15:00:00Z", "2026-12-31T14:59:59.999999Z"),
            ("1970-01-01T00:00:00Z", "1970-01", "1969-12-31T15:00:00Z", "1970-01-31T14:59:59.999999Z"),
            ("1969-12-01T00:00:00Z", "1969-12", "1969-11-30T15:00:00Z", "1969-12-31T14:59:59.999999Z"),
        ] {
            let month = Month::of(inside.parse().unwrap());
            let told =
                [month.to_string(), month.first_instant().to_string(), month.last_instant().to_string()];
            assert_eq!(told, [printed, first, last], "the month of {inside}");
        }
    }

    #[test]
    fn every_instant_is_of_the_month_whose_instants_surround_it() {
        for month in (-50..13_000).map(Month) {
            let (first, last) = (month.first_instant(), month.last_instant());
            for (at, expected) in [
                (first - Span::MICRO, Month(month.0 - 1)),
                (first, month),
                (last, month),
                (last + Span::MICRO, month.next()),
            ] {
                assert_eq!(Month::of(at), expected, "at {at}");
            }
        }
    }

    #[test]
    fn a_month_that_never_comes_can_still_be_spoken_of() {
        assert_eq!(
            [Month(i32::MAX), Month(i32::MIN)].map(|month| month.to_string()),
            ["178958940-08", "-178955001-05"]
        );
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
