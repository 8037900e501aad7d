//! A user of the merchant pays all of a payment at once: from the wallet, or with points.

use super::{
    Action, Payment, Purpose, Purse, Rejection, Source,
    decide::Decision,
    money_in::{Taking, capture},
};
use crate::{
    books::Holder,
    domain::{Context, PaymentId, UserId, order, party::party, points, subscription::InvoiceRejection},
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
        Purpose::Order(order) if !order::is_bought_by(state, order, payer) => {
            return Err(Rejection::NotTheBuyer(order));
        }
        Purpose::Order(order) if purse == Purse::Points => return Err(Rejection::PointsWithOrder(order)),
        Purpose::Order(_) => {}
        // Whose wallet or points it comes from, the invoice would not know.
        Purpose::Subscription(..) => return Err(InvoiceRejection::NotOnARail.into()),
    }
    known.check(Action::PayByUser)?;
    match purse {
        Purse::Wallet => {
            known.check_money()?;
            capture(state, payment, known, all_from(Source::Wallet(payer), known), context.now)
        }
        Purse::Points => {
            if points::in_money(known.total).currency != Currency::Usd {
                return Err(Rejection::NotForPoints(known.currency()));
            }
            let quantity = Money::new(known.total.minor, Currency::SgpUsd);
            let purpose = points::Purpose::Payment(payment);
            let spent = points::spend(state, known.realm, payer, quantity, purpose, context.now);
            let spent = spent.map_err(|refused| match refused {
                points::Refused::TooFew(spendable) => Rejection::TooFewPoints { spendable },
                points::Refused::TooManyLots => Rejection::TooManyLots,
            })?;
            let taking = all_from(Source::Points(payer), known);
            let mut events = capture(state, payment, known, taking, context.now)?;
            // After the capture, whose payer they belong to.
            events.insert(1, spent);
            Ok(events)
        }
    }
}

const fn all_from(source: Source, known: &Payment) -> Taking {
    Taking { source, received: known.total, total: known.total }
}
