//! Laws that need to remember everything there ever was: nothing of it may happen, or be told, a second time.

use super::{
    books::Books,
    coins::Deposits,
    history::{Keys, Streams},
    law::{Findings, Law},
    lots::Lots,
    months::Months,
    movements::Movements,
    wallet_holds::WalletHolds,
};
use crate::{
    books::{Account, AccountKey, Realm},
    domain::{Event, points},
    log::Recorded,
    money::{Currency, Money},
};

/// Everything there was, as its own facts have it.
#[derive(Default)]
pub(super) struct Ever {
    streams: Streams,
    keys: Keys,
    lots: Lots,
    months: Months,
    wallet_holds: WalletHolds,
    deposits: Deposits,
    movements: Movements,
}

impl Ever {
    /// Takes one event, whose entry is posted.
    pub(super) fn follow(&mut self, recorded: &Recorded, books: &Books, findings: &mut Findings) {
        let position = recorded.position;
        findings.note(Law::Streams, position, self.streams.follow(&recorded.header));
        findings.note(Law::Idempotency, position, self.keys.follow(&recorded.header));
        self.lots(recorded, books, findings);
        self.month(recorded, findings);
        self.deposit(recorded, books, findings);
        if let Some(realm) = recorded.header.realm {
            findings.note(Law::WalletHolds, position, self.wallet_hold(realm, recorded, books));
            findings.note(Law::Movements, position, self.movements.follow(realm, &recorded.event));
        }
    }

    /// After the last event, which is at `position`.
    pub(super) fn close(mut self, position: u64, findings: &mut Findings) {
        if let Some((position, what)) = self.months.after_command(None) {
            findings.find(Law::Months, position, || what);
        }
        if let Some(what) = self.deposits.left_open(None) {
            findings.find(Law::Deposits, position, || what);
        }
    }

    /// Law 3.
    fn lots(&mut self, recorded: &Recorded, books: &Books, findings: &mut Findings) {
        let (position, at) = (recorded.position, recorded.header.effective_at);
        // What comes back too late lapses next, lot by lot.
        let is_lapse = matches!(recorded.event, Event::Points(points::Event::Lapsed(_)));
        let realm = recorded.header.realm.filter(|_| !is_lapse);
        if let Some(what) = realm.and_then(|realm| self.lots.overdue(realm, at)) {
            findings.find(Law::Lots, position, || what);
        }
        let Event::Points(event) = &recorded.event else { return };
        findings.note(Law::Lots, position, self.lots.follow(event, at));
        let (user, realm) = event.whose();
        let key = AccountKey { realm, account: Account::Points(user), currency: Currency::SgpUsd };
        let (held, live) = (books.natural(&key), self.lots.live(realm, user));
        if held != live {
            let [held, live] = [held, live].map(|minor| Money::new(minor, Currency::SgpUsd).to_decimal());
            findings.find(Law::Lots, position, || format!("{key} is at {held}, its lots hold {live}"));
        }
    }

    /// What a command did to a month is looked at when all of it is there.
    fn month(&mut self, recorded: &Recorded, findings: &mut Findings) {
        if let Some((position, what)) = self.months.after_command(Some(recorded.header.causation)) {
            findings.find(Law::Months, position, || what);
        }
        let (realm, at) = (recorded.header.realm, recorded.header.effective_at);
        let overdue = realm.and_then(|realm| self.months.overdue(realm, at));
        let followed = self.months.follow(recorded);
        findings.note(Law::Months, recorded.position, overdue.map_or(followed, Err));
    }

    /// Law 5, of what is held in wallets.
    fn wallet_hold(&mut self, realm: Realm, recorded: &Recorded, books: &Books) -> Result<(), String> {
        let at = recorded.header.effective_at;
        let overdue = self.wallet_holds.overdue(realm, at);
        let expected = self.wallet_holds.follow(realm, &recorded.event, at);
        overdue.map_or(Ok(()), Err)?;
        expected?.into_iter().try_for_each(|(hold, expected)| {
            let key = AccountKey { realm, account: Account::WalletHeld(hold), currency: expected.currency };
            books.must_hold(key, expected.minor, "its events say")
        })
    }

    /// Of what arrives on chains, each output is credited once.
    fn deposit(&mut self, recorded: &Recorded, books: &Books, findings: &mut Findings) {
        let event = if let Event::Deposit(event) = &recorded.event { Some(event) } else { None };
        if let Some(what) = self.deposits.left_open(event) {
            findings.find(Law::Deposits, recorded.position, || what);
        }
        let Some(event) = event else { return };
        let followed = self.deposits.follow(event).and_then(|expected| {
            expected.map_or(Ok(()), |(key, expected)| books.must_hold(key, expected, "its deposits say"))
        });
        findings.note(Law::Deposits, recorded.position, followed);
    }
}
