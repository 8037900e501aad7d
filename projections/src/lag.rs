//! How far the read models are behind the log, and how long they need to catch up.

use std::time::Duration;

/// How quickly events were folded in lately: what the steps so far came to, each counting half as much once another has
/// followed it. So large steps tell more than small ones, which are slower by the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Pace {
    events: u64,
    bytes: u64,
    time: Duration,
}

/// What lies between the models and the end of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lag {
    /// Events.
    pub events: u64,
    /// Their bytes in the log, if they are as long as those folded in lately; 0 before any were.
    pub bytes: u64,
    /// How long it takes to fold them in at the pace of late; zero before there was any.
    pub time: Duration,
}

impl Pace {
    /// The pace after another step, of `events` with `bytes` in the log.
    pub(crate) fn after(self, events: u64, bytes: u64, time: Duration) -> Self {
        Self { events: self.events / 2 + events, bytes: self.bytes / 2 + bytes, time: self.time / 2 + time }
    }

    /// What it takes to come to an end that is `events` away.
    pub(crate) fn lag(self, events: u64) -> Lag {
        let share = |whole: u128| whole * u128::from(events) / u128::from(self.events.max(1));
        let less = |huge: u128| u64::try_from(huge).unwrap_or(u64::MAX);
        let bytes = less(share(self.bytes.into()));
        Lag { events, bytes, time: Duration::from_nanos(less(share(self.time.as_nanos()))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn what_is_behind_takes_as_long_as_what_was_folded_in_lately() {
        let pace = Pace::default().after(1_000, 300_000, SECOND);
        for (events, bytes, time) in [
            (0, 0, Duration::ZERO),
            (1, 300, Duration::from_millis(1)),
            (1_000, 300_000, SECOND),
            (60_000, 18_000_000, 60 * SECOND),
        ] {
            assert_eq!(pace.lag(events), Lag { events, bytes, time });
        }
    }

    #[test]
    fn before_anything_was_folded_in_only_events_are_known() {
        assert_eq!(Pace::default().lag(7), Lag { events: 7, ..Lag::default() });
        let never_moved = Pace::default().after(0, 0, SECOND);
        assert_eq!(never_moved.lag(u64::MAX).events, u64::MAX);
    }

    /// Where one event was folded in at a time, the next thousand were reckoned at that pace.
    #[test]
    fn a_large_step_outweighs_the_small_ones_before_it() {
        let mut pace = Pace::default();
        for _ in 0..100 {
            pace = pace.after(1, 300, Duration::from_millis(1));
        }
        let pace = pace.after(100_000, 30_000_000, SECOND);
        let time = pace.lag(100_000).time;
        assert!(time < SECOND + SECOND / 100, "{time:?}");
    }
}
