//! When a delivery is tried again: exponential backoff with jitter, over three days.

use choai_engine::domain::{Span, Timestamp, webhook::Verdict};

/// After the first attempt; each further one waits three times as long.
const FIRST_DELAY: Span = Span::seconds(10);
const GROWTH: i64 = 3;
/// No two attempts are further apart.
const DELAY_MAX: Span = Span::hours(12);
/// Counted from when the notification was owed.
const LIFETIME: Span = Span::days(3);
/// A delay is up to this many per cent longer or shorter, so that failures do not come back in step.
const JITTER_PERCENT: i64 = 20;

/// What follows from a failed attempt, the `number`-th, of a notification owed since `owed_at`.
///
/// `random` spreads the delay evenly over its jitter.
pub fn after_failure(owed_at: Timestamp, now: Timestamp, number: u32, random: u64) -> Verdict {
    let steps = number.saturating_sub(1).min(16);
    let delay = FIRST_DELAY.0.saturating_mul(GROWTH.saturating_pow(steps)).min(DELAY_MAX.0);
    let width = delay / 100 * JITTER_PERCENT;
    let jitter = i64::try_from(random % (2 * width.unsigned_abs() + 1)).unwrap_or_default() - width;
    let at = now + Span(delay + jitter);
    if at - owed_at > LIFETIME { Verdict::GaveUp } else { Verdict::RetryAt(at) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_threefold_to_half_a_day_and_end_after_three_days() {
        let (mut now, mut number, mut delays) = (Timestamp(0), 0, Vec::new());
        loop {
            number += 1;
            // The middle of the jitter.
            let width = u64::try_from(
                FIRST_DELAY.0.saturating_mul(GROWTH.pow(number - 1)).min(DELAY_MAX.0) / 100 * 20,
            );
            match after_failure(Timestamp(0), now, number, width.unwrap()) {
                Verdict::RetryAt(at) => {
                    delays.push((at - now).0 / 1_000_000);
                    now = at;
                }
                Verdict::GaveUp => break,
                Verdict::Delivered => unreachable!("a failure is never a delivery"),
            }
        }
        let expected = [10, 30, 90, 270, 810, 2_430, 7_290, 21_870, 43_200, 43_200, 43_200, 43_200, 43_200];
        assert_eq!(delays, expected);
    }

    #[test]
    fn jitter_stays_within_a_fifth() {
        for random in [0, 1, 1_999_999, 2_000_000, 4_000_000, u64::MAX] {
            let Verdict::RetryAt(at) = after_failure(Timestamp(0), Timestamp(0), 1, random) else {
                panic!("too early")
            };
            assert!((8_000_000..=12_000_000).contains(&at.0), "{random} gives {at:?}");
        }
    }
}
