//! Laws about what is under way: what is over is forgotten, so memory grows with what is open and not with the log.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{
    books::Books,
    coins::Withdrawals,
    holdings::Holdings,
    law::{Findings, Law},
    orders::Orders,
    settlements::{Payouts, Settlements, held},
};
use crate::{
    books::{Account, AccountKey, Realm},
    domain::{Event, Subject, payment, payout, settlement, subject, withdrawal},
    log::Recorded,
};

/// Everything that is open, as its own facts have it.
#[derive(Default)]
pub(super) struct Underway {
    holdings: Holdings,
    settlements: Settlements,
    payouts: Payouts,
    orders: Orders,
    withdrawals: Withdrawals,
    erased: BTreeSet<Subject>,
}

impl Underway {
    /// Before an event at `position` of the command `causation`: what another command did to orders is looked at when
    /// its events are over.
    pub(super) fn before(&mut self, causation: Uuid, position: u64, books: &Books, findings: &mut Findings) {
        for (key, expected) in self.orders.before(causation) {
            findings.note(Law::Orders, position - 1, books.must_hold(key, expected, "its order says"));
        }
    }

    /// Takes one event, whose entry is posted.
    pub(super) fn follow(&mut self, recorded: &Recorded, books: &Books, findings: &mut Findings) {
        findings.note(Law::Orders, recorded.position, self.orders.follow(recorded));
        if let Event::Subject(subject::Event::Erased(fact)) = &recorded.event
            && !self.erased.insert(fact.subject)
        {
            let what = || format!("{} was erased before", fact.subject);
            findings.find(Law::Erasures, recorded.position, what);
        }
        let Some(realm) = recorded.header.realm else { return };
        if let Event::Payment(event) = &recorded.event {
            findings.note(Law::Holdings, recorded.position, self.payment(realm, event, books));
        }
        if let Event::Payout(event) = &recorded.event {
            findings.note(Law::Payouts, recorded.position, self.payout(realm, event, books));
        }
        if let Event::Withdrawal(event) = &recorded.event {
            findings.note(Law::Withdrawals, recorded.position, self.withdrawal(realm, event, books));
        }
        findings.note(Law::Settlements, recorded.position, self.settlement(realm, recorded, books));
    }

    /// After the last event, which is at `position`; gives everybody who was erased.
    pub(super) fn close(
        mut self,
        position: u64,
        books: &Books,
        findings: &mut Findings,
    ) -> BTreeSet<Subject> {
        for (key, expected) in self.orders.at_end() {
            findings.note(Law::Orders, position, books.must_hold(key, expected, "its order says"));
        }
        self.erased
    }

    /// Law 5, looked at whenever a payment's event posts something.
    fn payment(&mut self, realm: Realm, event: &payment::Event, books: &Books) -> Result<(), String> {
        let expected = self.holdings.follow(realm, event);
        let mut expected = expected.into_iter().flatten();
        expected.try_for_each(|(key, expected)| books.must_hold(key, expected, "its payment says"))
    }

    /// Of what a merchant earned, each day is settled once.
    fn settlement(&mut self, realm: Realm, recorded: &Recorded, books: &Books) -> Result<(), String> {
        let at = recorded.header.effective_at;
        let Event::Settlement(settlement::Event::Closed(closed)) = &recorded.event else {
            let entry = recorded.event.entry().into_iter();
            entry.for_each(|entry| self.settlements.follow(realm, entry, at));
            return Ok(());
        };
        let account = Account::MerchantPending(closed.merchant);
        let key = AccountKey { realm: closed.realm, account, currency: closed.currency };
        self.settlements.close(closed, at, books.natural(&key))
    }

    /// Law 5, of payouts.
    fn payout(&mut self, realm: Realm, event: &payout::Event, books: &Books) -> Result<(), String> {
        let payout = event.payout();
        let expected = self.payouts.follow(event);
        let expected = expected.ok_or_else(|| format!("payout {payout} is not under way"))?;
        books.must_hold(held(realm, payout, expected.currency), expected.minor, "its payout says")
    }

    /// Law 5, of withdrawals.
    fn withdrawal(&mut self, realm: Realm, event: &withdrawal::Event, books: &Books) -> Result<(), String> {
        let withdrawal = event.withdrawal();
        let expected = self.withdrawals.follow(event);
        let impossible = || format!("withdrawal {withdrawal} is not where this can happen to it");
        let expected = expected.ok_or_else(impossible)?;
        let account = Account::Withdrawal(withdrawal);
        let key = AccountKey { realm, account, currency: expected.currency };
        books.must_hold(key, expected.minor, "its withdrawal says")
    }
}
