//! What follows from a wish about a delivery.

use super::{Attempted, Command, Delivery, Event, Rejection, Requeued};
use crate::{
    domain::{self, Context, DeliveryId},
    state::State,
};

/// Decides what follows from `command`.
///
/// # Errors
/// The first [`Rejection`] in the order of its variants.
pub fn decide(state: &State, command: &Command, context: &Context) -> Result<Vec<domain::Event>, Rejection> {
    match *command {
        Command::RecordAttempt { delivery, number, started_at, duration_ms, answer, verdict } => {
            let known = find(state, delivery, context)?;
            if !known.open {
                return Err(Rejection::Over);
            }
            let next = known.attempts + 1;
            if number != next {
                return Err(Rejection::NotTheNextAttempt { next });
            }
            let event = Attempted { delivery, number, started_at, duration_ms, answer, verdict };
            Ok(vec![Event::Attempted(event).into()])
        }
        Command::Requeue { delivery } => {
            if find(state, delivery, context)?.open {
                return Err(Rejection::StillTrying);
            }
            Ok(vec![Event::Requeued(Requeued { delivery }).into()])
        }
    }
}

fn find(state: &State, delivery: DeliveryId, context: &Context) -> Result<Delivery, Rejection> {
    let unknown = Rejection::Unknown(delivery);
    let payment = state.payments.get(&delivery.payment);
    let owned = payment.is_some_and(|payment| payment.belongs_to(context));
    state.deliveries.get(&delivery).filter(|_| owned).ok_or(unknown)
}
