//! How many faults a process lives through: one now and then is a disk's, many at once are nobody's to hide.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

/// So many faults within so long are lived through; the next one ends the process.
const FAULTS_MAX: usize = 3;
const FAULTS_WITHIN: Duration = Duration::from_secs(600);

/// The latest faults.
#[derive(Default)]
pub struct Trouble {
    faults: VecDeque<Instant>,
}

impl Trouble {
    /// Whether the ledger is to be opened again after a fault at `now`.
    pub fn may_go_on(&mut self, now: Instant) -> bool {
        self.faults.retain(|at| now.duration_since(*at) < FAULTS_WITHIN);
        self.faults.push_back(now);
        self.faults.len() <= FAULTS_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_now_and_then_is_lived_through_and_many_at_once_are_not() {
        let start = Instant::now();
        for (seconds, expected) in [
            (&[0, 1, 2][..], true),
            (&[0, 1, 2, 3], false),
            (&[0, 1, 2, 599], false),
            (&[0, 1, 2, 600], true),
            (&[0, 300, 600, 900, 1200, 1500], true),
        ] {
            let mut trouble = Trouble::default();
            let may_go_on = seconds.iter().map(|at| trouble.may_go_on(start + Duration::from_secs(*at)));
            assert_eq!(may_go_on.last(), Some(expected), "faults at {seconds:?}");
        }
    }
}
