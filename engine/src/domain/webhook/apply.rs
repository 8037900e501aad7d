//! What the writer remembers of a delivery.

use serde::{Deserialize, Serialize};

use super::{Event, Verdict};
use crate::state::State;

/// How far a delivery has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Attempts on record.
    pub attempts: u32,
    /// Whether it is still tried by itself.
    pub open: bool,
}

/// Folds one fact into the deliveries' table.
pub fn apply(state: &mut State, event: &Event) {
    match event {
        Event::Owed(event) => {
            state.deliveries.put(event.delivery, Delivery { attempts: 0, open: true });
            state
                .payments
                .change(&event.delivery.payment, |payment| payment.notified = event.delivery.number);
        }
        Event::Attempted(event) => state.deliveries.change(&event.delivery, |delivery| {
            delivery.attempts = event.number;
            delivery.open = matches!(event.verdict, Verdict::RetryAt(_));
        }),
        Event::Requeued(event) => state.deliveries.change(&event.delivery, |delivery| delivery.open = true),
    }
}
