//! Coins on chains as the log alone has them: an output is one deposit and is credited once, and what is set aside for a
//! withdrawal leaves or comes back once.

use std::collections::{HashMap, HashSet};

use super::settlements::debited;
use crate::{
    books::{Account, AccountKey, Label, Place, Realm},
    domain::{
        AddressId, DepositId, WithdrawalId,
        chain::{Output, Owner},
        deposit, withdrawal,
    },
    money::{Currency, Money},
};

/// A deposit.
struct Arrival {
    realm: Realm,
    network: Label,
    address: AddressId,
    amount: Money,
    /// Whether its coins are on the books.
    credited: bool,
    /// Whether they are nobody's.
    unowned: bool,
}

/// What a fact about a deposit has to lead to.
struct Step {
    /// What it debits the account of the deposit's address.
    arrives: i128,
    /// Whether the next fact says what was bought.
    buys: bool,
}

impl Arrival {
    /// Takes one fact, `is_outcome` if it is to say what was bought.
    fn take(&mut self, event: &deposit::Event, is_outcome: bool) -> Result<Step, &'static str> {
        let buys = |owner| matches!(owner, Owner::Buys(_)) && self.amount.currency == Currency::Usdt;
        let whole = self.amount.minor;
        let step = |arrives| Ok(Step { arrives, buys: false });
        match event {
            deposit::Event::Reported(_) => Err("was reported before"),
            deposit::Event::Confirmed(_) if self.credited => Err("is credited twice"),
            deposit::Event::Confirmed(event) if event.owner.is_some_and(buys) => {
                Ok(Step { arrives: 0, buys: true })
            }
            deposit::Event::Confirmed(event) => {
                (self.credited, self.unowned) = (true, event.owner.is_none());
                step(whole)
            }
            deposit::Event::Assigned(_) if !self.unowned => Err("is somebody's"),
            // It is there until it is said what it bought.
            deposit::Event::Assigned(event) if buys(event.owner) => Ok(Step { arrives: 0, buys: true }),
            deposit::Event::Assigned(_) => {
                self.unowned = false;
                step(0)
            }
            deposit::Event::Granted(_) | deposit::Event::Skipped(_) if !is_outcome => {
                Err("did not buy anything")
            }
            deposit::Event::Granted(_) | deposit::Event::Skipped(_) => {
                let arrives = if self.unowned { 0 } else { whole };
                (self.credited, self.unowned) = (true, false);
                step(arrives)
            }
            deposit::Event::Reorganised(_) => {
                self.unowned = false;
                step(if std::mem::take(&mut self.credited) { -whole } else { 0 })
            }
        }
    }
}

/// Every deposit there was.
#[derive(Default)]
pub(super) struct Deposits {
    outputs: HashSet<(Realm, Label, Output)>,
    arrivals: HashMap<DepositId, Arrival>,
    unowned: HashMap<(Realm, Label, Currency), i128>,
    /// The purchase that the next event has to tell the outcome of.
    buying: Option<DepositId>,
}

impl Deposits {
    /// What was left open when something else happened.
    pub(super) fn left_open(&mut self, event: Option<&deposit::Event>) -> Option<String> {
        let deposit = self.buying?;
        let outcome = match event {
            Some(deposit::Event::Granted(event)) => Some(event.deposit),
            Some(deposit::Event::Skipped(event)) => Some(event.deposit),
            Some(
                deposit::Event::Reported(_)
                | deposit::Event::Confirmed(_)
                | deposit::Event::Assigned(_)
                | deposit::Event::Reorganised(_),
            )
            | None => None,
        };
        if outcome == Some(deposit) {
            return None;
        }
        self.buying = None;
        Some(format!("deposit {deposit} bought something, and it is not said what"))
    }

    /// Takes one fact; gives where coins of nobody's are kept and how many must be there after it, or what is wrong.
    pub(super) fn follow(&mut self, event: &deposit::Event) -> Result<Option<(AccountKey, i128)>, String> {
        if let deposit::Event::Reported(event) = event {
            return self.report(event).map(|()| None);
        }
        let id = event.deposit();
        let known = self.arrivals.get_mut(&id).ok_or_else(|| format!("deposit {id} was never reported"))?;
        let (realm, network, Money { minor, currency }) = (known.realm, known.network, known.amount);
        let (was_unowned, is_outcome) = (known.unowned, self.buying.take() == Some(id));
        let step = known.take(event, is_outcome).map_err(|wrong| format!("deposit {id} {wrong}"))?;
        self.buying = step.buys.then_some(id);
        let place = Account::Chain(network, Place::Address(known.address));
        let came = event.entry().map_or(0, |entry| debited(entry, place, currency));
        if came != step.arrives {
            let [came, arrives] = [came, step.arrives].map(|minor| Money::new(minor, currency).to_decimal());
            return Err(format!("deposit {id} brought {came} to {place} where it had {arrives} to bring"));
        }
        let unowned = self.unowned.entry((realm, network, currency)).or_default();
        *unowned += minor * (i128::from(known.unowned) - i128::from(was_unowned));
        Ok(Some((AccountKey { realm, account: Account::Unowned(network), currency }, *unowned)))
    }

    fn report(&mut self, event: &deposit::Reported) -> Result<(), String> {
        let &deposit::Reported { deposit, realm, network, address, amount, .. } = event;
        let arrival = Arrival { realm, network, address, amount, credited: false, unowned: false };
        if self.arrivals.insert(deposit, arrival).is_some() {
            return Err(format!("deposit {deposit} was reported before"));
        }
        match self.outputs.insert((realm, network, event.output.clone())) {
            true => Ok(()),
            false => Err(format!("{} is a deposit already", event.output)),
        }
    }
}

/// Every withdrawal that something is set aside for, and how much.
#[derive(Default)]
pub(super) struct Withdrawals(HashMap<WithdrawalId, Money>);

impl Withdrawals {
    /// Takes one fact; gives what its withdrawal's account must hold after it, in which currency. `None` if what it
    /// tells of cannot be, by what was set aside.
    pub(super) fn follow(&mut self, event: &withdrawal::Event) -> Option<Money> {
        let id = event.withdrawal();
        match event {
            withdrawal::Event::Requested(event) => {
                self.0.insert(id, event.amount);
                Some(event.amount)
            }
            withdrawal::Event::Sent(_) | withdrawal::Event::Expired(_) => self.0.get(&id).copied(),
            withdrawal::Event::Processed(_) | withdrawal::Event::Failed(_) => {
                self.0.remove(&id).map(|amount| Money::zero(amount.currency))
            }
            withdrawal::Event::SentAnyway(event) => {
                let currency = event.entry.postings().first()?.currency;
                (!self.0.contains_key(&id)).then(|| Money::zero(currency))
            }
        }
    }
}
