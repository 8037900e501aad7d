//! Back-pressure: new commands from outside are taken as long as the read models are not too far behind.
//!
//! Whoever pays reads as well: the page, the validity check, the trial balance. Payments taken at a rate that the models
//! do not keep up with would make every read late, later and later.

use choai_projections::Lag;

/// How far the read models may be behind for commands to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    /// Events.
    pub events_max: u64,
    /// Their bytes in the log, as far as these are known.
    pub bytes_max: u64,
}

impl Gate {
    /// Caught up with in two or three seconds on two busy cores, and so before a read gives up waiting for it.
    pub const DEFAULT: Self = Self { events_max: 100_000, bytes_max: 64 * 1024 * 1024 };

    /// Whether commands are taken while the models are so far behind.
    pub const fn is_open(self, lag: Lag) -> bool {
        lag.events <= self.events_max && lag.bytes <= self.bytes_max
    }
}

/// After how many whole seconds it is worth coming back: when the models will have what they do not have now.
pub fn retry_after_s(lag: Lag) -> u64 {
    u64::try_from(lag.time.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX).clamp(1, 30)
}

#[cfg(test)]
mod tests;
