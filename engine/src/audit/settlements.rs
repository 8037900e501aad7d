//! Settlements, and payouts under way, as the log alone has them: days come to what was posted on them, and what is
//! held for a payout is what was sent.

use std::collections::{BTreeMap, HashMap};

use crate::{
    books::{Account, AccountKey, Entry, Realm},
    domain::{Day, MerchantId, PayoutId, Timestamp, payout, settlement::Closed},
    money::{Currency, Money},
};

/// What was posted to a merchant's pending account by all but settlements.
#[derive(Default)]
struct Pending {
    days: BTreeMap<Day, i128>,
    settled_through: Option<Day>,
    carried: i128,
}

/// Every merchant's days that are not settled yet.
#[derive(Default)]
pub(super) struct Settlements(HashMap<(Realm, MerchantId, Currency), Pending>);

impl Settlements {
    /// Takes what an event other than a settlement posted.
    pub(super) fn follow(&mut self, realm: Realm, entry: &Entry, at: Timestamp) {
        for posting in entry.postings() {
            if let Account::MerchantPending(merchant) = posting.account {
                let pending = self.0.entry((realm, merchant, posting.currency)).or_default();
                *pending.days.entry(Day::of(at)).or_default() -= posting.debit_minor;
            }
        }
    }

    /// Takes a settlement, `left` being what is pending after it; tells what is wrong with it.
    pub(super) fn close(&mut self, closed: &Closed, at: Timestamp, left: i128) -> Result<(), String> {
        let Closed { merchant, currency, from, through, .. } = *closed;
        let known = self.0.entry((closed.realm, merchant, currency)).or_default();
        let later = known.days.split_off(&through.next());
        let posted = std::mem::replace(&mut known.days, later).into_values().sum::<i128>();
        let carried = std::mem::replace(&mut known.carried, closed.carried_out.minor);
        let last = known.settled_through.replace(through);
        let say = |minor| Money::new(minor, currency).to_decimal();
        if from > through || through >= Day::of(at) || last.is_some_and(|last| last.next() != from) {
            return Err(format!("{from} to {through} was settled on {}", Day::of(at)));
        }
        if [closed.net, closed.figures.net()] != [Money::new(posted, currency); 2] {
            let figures = say(closed.figures.net().minor);
            let (net, posted) = (say(closed.net.minor), say(posted));
            return Err(format!("its days posted {posted}, its figures come to {figures}, its net is {net}"));
        }
        let taken = debited(&closed.entry, Account::MerchantPending(merchant), currency);
        let given = -debited(&closed.entry, Account::MerchantAvailable(merchant), currency);
        let moved = (carried + posted).min(left + taken).max(0);
        if [taken, given, closed.moved.minor] != [moved; 3] {
            let (taken, given, moved) = (say(taken), say(given), say(moved));
            return Err(format!("{taken} was taken and {given} made ready where {moved} could be moved"));
        }
        if (closed.carried_in.minor, closed.carried_out.minor) != (carried, carried + posted - moved) {
            let [carried_in, carried_out] = [closed.carried_in, closed.carried_out].map(Money::to_decimal);
            return Err(format!("it carries {carried_in} in and {carried_out} out after {}", say(carried)));
        }
        Ok(())
    }
}

/// Every payout the bank has neither confirmed nor sent back.
#[derive(Default)]
pub(super) struct Payouts(HashMap<PayoutId, Money>);

impl Payouts {
    /// Takes one fact; gives what its payout's account must hold after it, in which currency.
    pub(super) fn follow(&mut self, event: &payout::Event) -> Option<Money> {
        match event {
            payout::Event::Sent(sent) => {
                self.0.insert(sent.payout, sent.amount);
                Some(sent.amount)
            }
            payout::Event::Confirmed(_) | payout::Event::Returned(_) => {
                self.0.remove(&event.payout()).map(|sent| Money::zero(sent.currency))
            }
        }
    }
}

/// Where a payout's amount is while it is under way.
pub(super) const fn held(realm: Realm, payout: PayoutId, currency: Currency) -> AccountKey {
    AccountKey { realm, account: Account::Payout(payout), currency }
}

pub(super) fn debited(entry: &Entry, account: Account, currency: Currency) -> i128 {
    let lines = entry.postings().iter();
    let lines = lines.filter(|posting| posting.account == account && posting.currency == currency);
    lines.map(|posting| posting.debit_minor).sum()
}
