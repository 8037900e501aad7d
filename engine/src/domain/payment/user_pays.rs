//! A user of the merchant pays all of a payment at once: from the wallet, or with points.

use super::{
    Action, Payment, Purpose, Purse, Rejection, Source, apply::at_par, decide::Decision, money_in::capture,
};
use crate::{
    books::Holder,
    domain::{Context, PaymentId, UserId, party::party, points, subscription::InvoiceRejection},
    money::{Currency, Money},
    state::State,
};

/// Decides a payment by a user.
pub(super) fn pay(
    state: &State,
    payment: PaymentId,
    known: &Payment,
    payer: UserId,
    purse: Purse,
    context: &Context,
) -> Decision {
    let (_, tenant) = party(state, Holder::User(payer), context)?;
    if tenant != known.merchant {
        return Err(Rejection::OtherTenant(Holder::User(payer)));
    }
    match known.purpose {
        Purpose::Sale => {}
        Purpose::TopUp(_) => return Err(Rejection::TopUp),
        // Whose wallet or points it comes from, the invoice would not know.
        Purpose::Subscription(..) => return Err(InvoiceRejection::NotOnARail.into()),
    }
    known.check(Action::PayByUser)?;
    match purse {
        Purse::Wallet => {
            known.check_money()?;
            capture(state, payment, known, Source::Wallet(payer), known.total, known.total)
        }
        Purse::Points => {
            if at_par(known.total).currency != Currency::Usd {
                return Err(Rejection::NotForPoints(known.currency()));
            }
            let quantity = Money::new(known.total.minor, Currency::SgpUsd);
            let purpose = points::Purpose::Payment(payment);
            let spent = points::spend(state, known.realm, payer, quantity, purpose, context.now);
            let spent = spent.map_err(|refused| match refused {
                points::Refused::TooFew(spendable) => Rejection::TooFewPoints { spendable },
                points::Refused::TooManyLots => Rejection::TooManyLots,
            })?;
            let mut events = capture(state, payment, known, Source::Points(payer), known.total, known.total)?;
            // After the capture, whose payer they belong to.
            events.insert(1, spent);
            Ok(events)
        }
    }
}
