//! What payments hold, as their own events have it: prepaid parts, and what came in excess.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::{
    books::{Account, AccountKey, Realm},
    domain::{PaymentId, payment},
};

/// What a payment's own events say of it, in smallest units.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Holding {
    held: i128,
    excess: i128,
}

/// Every payment that holds anything.
#[derive(Default)]
pub(super) struct Holdings(HashMap<PaymentId, Holding, RandomState>);

impl Holdings {
    /// Takes one event; gives what its payment's accounts must hold after it, if it posts anything.
    pub(super) fn follow(&mut self, realm: Realm, event: &payment::Event) -> Option<[(AccountKey, i128); 2]> {
        let payment = event.payment();
        let mut holding = self.0.remove(&payment).unwrap_or_default();
        holding.follow(event);
        if holding != Holding::default() {
            self.0.insert(payment, holding);
        }
        let currency = event.entry()?.postings().first()?.currency;
        let key = |account| AccountKey { realm, account, currency };
        Some([
            (key(Account::PaymentHeld(payment)), holding.held),
            (key(Account::Suspense(payment)), holding.excess),
        ])
    }
}

impl Holding {
    fn follow(&mut self, event: &payment::Event) {
        match event {
            payment::Event::PartReceived(event) => self.held += event.amount.minor,
            payment::Event::Captured(_)
            | payment::Event::Cancelled(_)
            | payment::Event::Expired(_)
            | payment::Event::Failed(_) => self.held = 0,
            payment::Event::ExcessReceived(event) => self.excess += event.amount.minor,
            payment::Event::ExcessReturned(event) => {
                self.excess -= event.parts.iter().map(|part| part.amount.minor).sum::<i128>();
            }
            payment::Event::Created(_)
            | payment::Event::AwaitingCustomer(_)
            | payment::Event::Authorized(_)
            | payment::Event::Declined(_)
            | payment::Event::Refunded(_)
            | payment::Event::ChargedBack(_)
            | payment::Event::ChargebackWon(_) => {}
        }
    }
}
