//! Instants and spans in microseconds; clocks live outside and hand instants in.

use std::ops::{Add, Sub};

use serde::{Deserialize, Serialize};

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Timestamp(pub i64);

/// A length of time in microseconds; days have 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Span(pub i64);

/// Japan keeps one offset all year.
const TOKYO_OFFSET: Span = Span::hours(9);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The smallest step of any clock here.
    pub const MICRO: Self = Self(1);

    /// `count` milliseconds.
    pub const fn millis(count: i64) -> Self {
        Self(count * 1_000)
    }

    /// `count` seconds.
    pub const fn seconds(count: i64) -> Self {
        Self::millis(count * 1_000)
    }

    /// `count` hours.
    pub const fn hours(count: i64) -> Self {
        Self::seconds(count * 3_600)
    }

    /// `count` days of 24 hours.
    pub const fn days(count: i64) -> Self {
        Self::hours(count * 24)
    }
}

impl Timestamp {
    /// Whole seconds since 1970, rounded down.
    pub const fn unix_s(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// The calendar day in Asia/Tokyo, counted from 1970-01-01.
    pub const fn tokyo_day(self) -> i64 {
        (self.0 + TOKYO_OFFSET.0).div_euclid(Span::days(1).0)
    }

    /// The calendar month in Asia/Tokyo: the year, and 1 to 12.
    pub fn tokyo_month(self) -> (i32, u8) {
        use chrono::Datelike;
        let tokyo = chrono::DateTime::from_timestamp_micros((self + TOKYO_OFFSET).0).unwrap_or_default();
        (tokyo.year(), u8::try_from(tokyo.month()).unwrap_or_default())
    }

    /// The last whole second, in Asia/Tokyo, of the day `days` days after this instant's.
    pub const fn tokyo_end_of_day(self, days: i64) -> Self {
        Self(Self::tokyo_midnight(self.tokyo_day() + days + 1).0 - Span::seconds(1).0)
    }

    /// The instant at which a calendar day begins in Asia/Tokyo.
    pub const fn tokyo_midnight(day: i64) -> Self {
        Self(day * Span::days(1).0 - TOKYO_OFFSET.0)
    }
}

/// The text is no instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no instant; one looks like 2026-01-05T00:00:00Z")]
pub struct ParseTimestampError(String);

/// RFC 3339, in any offset.
impl std::str::FromStr for Timestamp {
    type Err = ParseTimestampError;

    fn from_str(text: &str) -> Result<Self, ParseTimestampError> {
        let instant = chrono::DateTime::parse_from_rfc3339(text);
        instant
            .map(|instant| Self(instant.timestamp_micros()))
            .map_err(|_| ParseTimestampError(text.to_owned()))
    }
}

impl Add<Span> for Timestamp {
    type Output = Self;

    fn add(self, span: Span) -> Self {
        Self(self.0 + span.0)
    }
}

impl Sub<Span> for Timestamp {
    type Output = Self;

    fn sub(self, span: Span) -> Self {
        Self(self.0 - span.0)
    }
}

impl Sub for Timestamp {
    type Output = Span;

    fn sub(self, earlier: Self) -> Span {
        Span(self.0 - earlier.0)
    }
}

impl Sub for Span {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Add for Span {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

/// RFC 3339 in UTC, with microseconds where there are any.
impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match chrono::DateTime::from_timestamp_micros(self.0) {
            Some(instant) => f.write_str(&instant.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)),
            None => write!(f, "{} µs since 1970", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_in_tokyo_ends_at_14_59_59_utc() {
        // KOMOJU's sample: created 2017-01-04T07:52:35Z, konbini deadline three days on.
        let created = Timestamp(1_483_516_355_000_000);
        for (at, days, expected) in [
            (created, 3, "2017-01-07T14:59:59Z"),
            (created, 0, "2017-01-04T14:59:59Z"),
            (Timestamp(1_483_541_999_000_000), 0, "2017-01-04T14:59:59Z"),
            (Timestamp(1_483_542_000_000_000), 0, "2017-01-05T14:59:59Z"),
        ] {
            assert_eq!(at.tokyo_end_of_day(days).to_string(), expected);
        }
    }
}
