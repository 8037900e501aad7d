//! Coins on chains kept a second time: what arrived and what left, whose it is, and what it came to.

use std::collections::{HashMap, HashSet};

use super::model::{KnownLot, Purpose};
use crate::{
    books::{Account, Expense, Holder, Income, Label, Place, Realm},
    domain::{
        AddressId, DepositId, Digest, MerchantId, Timestamp, UserId, WithdrawalId,
        chain::{self, ChainHash, Custody, Output, Owner},
        deposit::{self, Purchase},
        withdrawal,
    },
    money::{Currency, Money},
};

/// Debits less credits as the facts have it.
pub(super) type Facts = HashMap<(Realm, Currency, Purpose), i128>;
/// Every lot there was.
pub(super) type Lots = HashMap<(Realm, UserId, u32), KnownLot>;
/// What a fact debits, and credits as less than zero.
type Lines = Vec<(Currency, Purpose, i128)>;

/// What is known of a deposit.
struct Arrival {
    realm: Realm,
    network: Label,
    address: AddressId,
    output: Output,
    amount: Money,
    owner: Option<Owner>,
    /// Its coins are somebody's, or suspense's.
    credited: bool,
    confirmed: bool,
    /// The lot it bought.
    lot: Option<(UserId, u32, Purchase)>,
}

/// What is known of a withdrawal.
struct Departure {
    realm: Realm,
    from: Custody,
    network: Label,
    amount: Money,
    /// In a message until then.
    until: Option<Timestamp>,
    open: bool,
}

#[derive(Default)]
pub(super) struct Coins {
    addresses: HashMap<AddressId, (Realm, Label, Option<Owner>)>,
    arrivals: HashMap<DepositId, Arrival>,
    departures: HashMap<WithdrawalId, Departure>,
    seen: HashSet<(Realm, Label, Output)>,
    left: HashSet<(Realm, Label, Output)>,
    /// Moved by us to addresses of ours.
    ours: HashSet<(Realm, Label, Output)>,
    fees: HashSet<(Realm, Label, ChainHash)>,
    /// Those told in parts.
    fee_parts: HashSet<(Realm, Label, ChainHash)>,
    queries: HashSet<(Realm, MerchantId, Digest)>,
    /// A purchase that was confirmed: the very next event says what it came to.
    buying: Option<DepositId>,
}

fn chain_account(network: Label, place: Place) -> Purpose {
    Purpose::Own(Account::Chain(network, place))
}

/// Where a custody's coins are, and where it is noted what its holder owes.
fn books_of(custody: Custody) -> (Purpose, Purpose) {
    match custody {
        Custody::Wallet(Holder::User(user)) => {
            (Purpose::Wallet(Holder::User(user)), Purpose::Wallet(Holder::User(user)))
        }
        Custody::Wallet(Holder::Merchant(merchant)) => {
            (Purpose::Wallet(Holder::Merchant(merchant)), Purpose::Merchant(merchant))
        }
        Custody::Processor(merchant) => {
            (Purpose::Own(Account::Processor(merchant)), Purpose::Merchant(merchant))
        }
    }
}

fn balance(facts: &Facts, realm: Realm, currency: Currency, purpose: Purpose) -> i128 {
    facts.get(&(realm, currency, purpose)).copied().unwrap_or_default()
}

fn credit(facts: &Facts, realm: Realm, custody: Custody, amount: Money) -> Lines {
    let (kept, owed) = books_of(custody);
    let cleared = balance(facts, realm, amount.currency, owed).clamp(0, amount.minor);
    vec![(amount.currency, owed, -cleared), (amount.currency, kept, cleared - amount.minor)]
}

fn take(facts: &Facts, realm: Realm, custody: Custody, amount: Money) -> Lines {
    let (kept, owed) = books_of(custody);
    let there = (-balance(facts, realm, amount.currency, kept)).clamp(0, amount.minor);
    vec![(amount.currency, kept, there), (amount.currency, owed, amount.minor - there)]
}

impl Coins {
    pub(super) fn realm_of_deposit(&self, deposit: DepositId) -> Realm {
        self.arrivals[&deposit].realm
    }

    pub(super) fn realm_of_withdrawal(&self, withdrawal: WithdrawalId) -> Realm {
        self.departures[&withdrawal].realm
    }

    /// What a purchase came to is told at once, and a message expires at its own time.
    pub(super) fn check_due(&self, realm: Option<Realm>, at: Timestamp, ends_purchase: bool, is_due: bool) {
        assert!(self.buying.is_none() || ends_purchase, "a purchase was left between two stages");
        for (id, known) in self.departures.iter().filter(|(_, known)| Some(known.realm) == realm) {
            let in_time = known.until.is_none_or(|until| until > at || (is_due && until == at));
            assert!(in_time, "the message of withdrawal {id} is overdue at {at}");
        }
    }

    pub(super) fn note_chain(&mut self, realm: Realm, fact: &chain::Event, facts: &Facts) -> Lines {
        let both = |network, from, to, amount: Money| {
            let line = |place, minor| (amount.currency, chain_account(network, place), minor);
            vec![line(to, amount.minor), line(from, -amount.minor)]
        };
        match fact {
            chain::Event::AddressAssigned(fact) => {
                let known = (fact.realm, fact.network, fact.owner);
                let earlier = self.addresses.insert(fact.id, known);
                let same = |(realm, network, owner): (Realm, Label, Option<Owner>)| {
                    (realm, network) == (fact.realm, fact.network) && owner.is_none()
                };
                assert!(earlier.is_none_or(same), "an address changed hands");
                assert!(fact.id.0 as usize <= self.addresses.len());
                vec![]
            }
            chain::Event::Swept(fact) => {
                assert!(self.left.insert((realm, fact.network, fact.output.clone())));
                let place = Place::Address(fact.address);
                let there = balance(facts, realm, fact.amount.currency, chain_account(fact.network, place));
                assert!(fact.amount.minor <= there, "more was swept than had arrived");
                both(fact.network, place, Place::Hot, fact.amount)
            }
            chain::Event::Moved(fact) => {
                let output = (realm, fact.network, fact.output.clone());
                if let Place::Address(_) = fact.to {
                    let of = |known: &Arrival| {
                        known.output == output.2 && (known.realm, known.network) == (realm, fact.network)
                    };
                    assert!(
                        !self.arrivals.values().any(|known| of(known) && known.credited),
                        "it is a deposit"
                    );
                    self.ours.insert(output.clone());
                }
                assert!(self.left.insert(output));
                both(fact.network, fact.from, fact.to, fact.amount)
            }
            chain::Event::FeePaid(fact) => {
                let transaction = (realm, fact.network, fact.transaction.clone());
                assert!(!self.fee_parts.contains(&transaction) && self.fees.insert(transaction));
                fee(fact.network, fact.place, fact.amount)
            }
        }
    }

    pub(super) fn note_deposit(
        &mut self,
        fact: &deposit::Event,
        facts: &Facts,
        lots: &Lots,
    ) -> Vec<(Realm, Lines)> {
        if let deposit::Event::Reported(fact) = fact {
            let output = (fact.realm, fact.network, fact.output.clone());
            assert!(!self.ours.contains(&output), "our own coins were taken for a deposit");
            assert!(self.seen.insert(output), "seen twice");
            let arrival = Arrival {
                realm: fact.realm,
                network: fact.network,
                address: fact.address,
                output: fact.output.clone(),
                amount: fact.amount,
                owner: None,
                credited: false,
                confirmed: false,
                lot: None,
            };
            self.arrivals.insert(fact.deposit, arrival);
            assert_eq!(fact.deposit.0 as usize, self.arrivals.len());
            return vec![];
        }
        let id = fact.deposit();
        let known = self.arrivals.get_mut(&id).expect("it was reported");
        let (realm, amount) = (known.realm, known.amount);
        let place = chain_account(known.network, Place::Address(known.address));
        let suspense = Purpose::Own(Account::Unowned(known.network));
        // Where a purchase or an assignment debits.
        let source = if known.credited { suspense } else { place };
        let buys = |owner| matches!(owner, Owner::Buys(_)) && amount.currency == Currency::Usdt;
        let lines = match fact {
            deposit::Event::Reported(_) => unreachable!("a deposit is reported once"),
            deposit::Event::Confirmed(fact) => {
                assert!(!known.confirmed && !known.credited, "credited twice");
                (known.confirmed, known.owner) = (true, fact.owner);
                match fact.owner {
                    Some(owner) if buys(owner) => {
                        self.buying = Some(id);
                        vec![]
                    }
                    owner => {
                        known.credited = true;
                        let mut lines = vec![(amount.currency, place, amount.minor)];
                        match owner {
                            Some(owner) => lines.extend(credit(facts, realm, owner.custody(), amount)),
                            None => lines.push((amount.currency, suspense, -amount.minor)),
                        }
                        lines
                    }
                }
            }
            deposit::Event::Assigned(fact) => {
                assert!(known.credited && known.owner.replace(fact.owner).is_none(), "it had an owner");
                if buys(fact.owner) {
                    self.buying = Some(id);
                    vec![]
                } else {
                    let mut lines = vec![(amount.currency, suspense, amount.minor)];
                    lines.extend(credit(facts, realm, fact.owner.custody(), amount));
                    lines
                }
            }
            deposit::Event::Granted(fact) => {
                assert_eq!(self.buying.take(), Some(id));
                let wallet = Purpose::Wallet(Holder::User(fact.holder));
                let owed = balance(facts, realm, amount.currency, wallet).clamp(0, amount.minor);
                let Purchase { fee, cost, granted, rest } = fact.purchase;
                check_price(amount.minor - owed, [fee, cost, granted, rest].map(|part| part.minor));
                assert_eq!(known.owner, Some(Owner::Buys(fact.holder)));
                (known.credited, known.lot) = (true, Some((fact.holder, fact.lot, fact.purchase)));
                vec![
                    (amount.currency, source, amount.minor),
                    (amount.currency, wallet, -owed),
                    (amount.currency, Purpose::Exchange, -cost.minor),
                    (amount.currency, Purpose::Own(Account::Income(Income::ExchangeFee)), -fee.minor),
                    (amount.currency, Purpose::Own(Account::Income(Income::Rounding)), -rest.minor),
                ]
            }
            deposit::Event::Skipped(_) => {
                assert_eq!(self.buying.take(), Some(id));
                known.credited = true;
                let mut lines = vec![(amount.currency, source, amount.minor)];
                let owner = known.owner.expect("a purchase has a buyer");
                lines.extend(credit(facts, realm, owner.custody(), amount));
                lines
            }
            deposit::Event::Reorganised(_) => known.forget(facts, lots, place, suspense),
        };
        vec![(realm, lines)]
    }

    pub(super) fn note_withdrawal(
        &mut self,
        fact: &withdrawal::Event,
        facts: &Facts,
        at: Timestamp,
    ) -> Vec<(Realm, Lines)> {
        let id = fact.withdrawal();
        let held = Purpose::Own(Account::Withdrawal(id));
        if let withdrawal::Event::Requested(fact) = fact {
            let fresh = |query| self.queries.insert((fact.realm, fact.tenant, query));
            assert!(fact.query.is_none_or(fresh), "a query was repeated");
            let (realm, from, network, amount) = (fact.realm, fact.from, fact.network, fact.amount);
            assert!(!matches!(amount.currency, Currency::SgpUsd), "points were redeemed for cash");
            let departure = Departure { realm, from, network, amount, until: None, open: true };
            self.departures.insert(id, departure);
            assert_eq!(id.0 as usize, self.departures.len());
            let (kept, _) = books_of(from);
            let lines = vec![(amount.currency, kept, amount.minor), (amount.currency, held, -amount.minor)];
            return vec![(realm, lines)];
        }
        let known = self.departures.get_mut(&id).expect("it was asked for");
        let &mut Departure { realm, from, network, amount, .. } = known;
        let hot = (amount.currency, chain_account(network, Place::Hot), -amount.minor);
        let mut lines = vec![];
        match fact {
            withdrawal::Event::Requested(_) => unreachable!("a withdrawal is asked for once"),
            withdrawal::Event::Sent(fact) => {
                assert!(known.open && at < fact.expires_at, "a message that has expired was let go");
                assert!(known.until.replace(fact.expires_at).is_none(), "it is in two messages");
            }
            withdrawal::Event::Expired(_) => assert_eq!(known.until.take(), Some(at)),
            withdrawal::Event::Processed(fact) => {
                assert!(std::mem::take(&mut known.open), "what was set aside is spent once");
                known.until = None;
                assert!(self.left.insert((realm, network, fact.output.clone())));
                lines = vec![(amount.currency, held, amount.minor), hot];
                lines.extend(self.fee_part((realm, network), &fact.output, fact.fee));
            }
            withdrawal::Event::Failed(_) => {
                assert!(std::mem::take(&mut known.open), "what was set aside is given back once");
                known.until = None;
                lines = vec![(amount.currency, held, amount.minor)];
                lines.extend(credit(facts, realm, from, amount));
            }
            withdrawal::Event::SentAnyway(fact) => {
                assert!(!known.open, "there was something set aside");
                assert!(self.left.insert((realm, network, fact.output.clone())));
                lines = take(facts, realm, from, amount);
                lines.push(hot);
                lines.extend(self.fee_part((realm, network), &fact.output, fact.fee));
            }
        }
        vec![(realm, lines)]
    }

    /// A part of what a transaction cost, which was not told as a whole.
    fn fee_part(&mut self, (realm, network): (Realm, Label), output: &Output, part: Option<Money>) -> Lines {
        let Some(part) = part.filter(|part| !part.is_zero()) else { return vec![] };
        let transaction = (realm, network, output.transaction.clone());
        assert!(!self.fees.contains(&transaction), "a fee was told twice");
        self.fee_parts.insert(transaction);
        fee(network, Place::Hot, part)
    }

    /// What the writer remembers of a deposit is what its facts say.
    pub(super) fn check_deposit(&self, id: DepositId, row: &deposit::Deposit) {
        let known = &self.arrivals[&id];
        assert_eq!((row.realm, row.network, row.address, row.amount, row.owner), {
            (known.realm, known.network, known.address, known.amount, known.owner)
        });
        let credited = match row.stage {
            deposit::Stage::Pending | deposit::Stage::Reorganised => false,
            deposit::Stage::Unowned | deposit::Stage::Granted | deposit::Stage::Skipped => true,
            // For the length of one commit.
            deposit::Stage::Confirmed => self.buying != Some(id) || known.credited,
        };
        assert_eq!(credited, known.credited, "deposit {id}");
        assert_eq!(row.bought, known.lot.map(|(_, lot, purchase)| (lot, purchase)));
    }

    /// What the writer remembers of a withdrawal is what its facts say.
    pub(super) fn check_withdrawal(&self, id: WithdrawalId, row: &withdrawal::Withdrawal) {
        let known = &self.departures[&id];
        assert_eq!((row.realm, row.from, row.network, row.amount), {
            (known.realm, known.from, known.network, known.amount)
        });
        let (open, in_message) = match row.stage {
            withdrawal::Stage::Pending => (true, false),
            withdrawal::Stage::Processing => (true, true),
            withdrawal::Stage::Processed | withdrawal::Stage::Failed => (false, false),
        };
        assert_eq!((open, in_message), (known.open, known.until.is_some()), "withdrawal {id}");
    }

    /// What is nobody's, by what deposits say.
    pub(super) fn unowned(&self, realm: Realm, network: Label, currency: Currency) -> i128 {
        // What buys is still there until it is told what it came to.
        let is_nobodys =
            |id, known: &Arrival| known.credited && (known.owner.is_none() || self.buying == Some(id));
        let nobodys = self.arrivals.iter().filter(|(id, known)| {
            let here = (known.realm, known.network, known.amount.currency);
            is_nobodys(**id, known) && here == (realm, network, currency)
        });
        nobodys.map(|(_, known)| known.amount.minor).sum()
    }
}

impl Arrival {
    /// The chain has it no more: whoever has it gives it back, or owes it.
    fn forget(&mut self, facts: &Facts, lots: &Lots, place: Purpose, suspense: Purpose) -> Lines {
        self.confirmed = false;
        if !std::mem::take(&mut self.credited) {
            return vec![];
        }
        let (realm, amount) = (self.realm, self.amount);
        let mut lines = vec![(amount.currency, place, -amount.minor)];
        let Some(owner) = self.owner else {
            lines.push((amount.currency, suspense, amount.minor));
            return lines;
        };
        let mut gone = amount.minor;
        if let Some((user, lot, purchase)) = self.lot.take() {
            let left = lots[&(realm, user, lot)].live() * 10_000;
            gone -= left + purchase.fee.minor + purchase.rest.minor;
            lines.extend([
                (amount.currency, Purpose::Exchange, left),
                (amount.currency, Purpose::Own(Account::Income(Income::ExchangeFee)), purchase.fee.minor),
                (amount.currency, Purpose::Own(Account::Income(Income::Rounding)), purchase.rest.minor),
            ]);
        }
        lines.extend(take(facts, realm, owner.custody(), Money::new(gone, amount.currency)));
        lines
    }
}

/// In millionths: a hundredth to the cent, half up; the rest in whole cents, and what is left.
fn check_price(paid: i128, [fee, cost, granted, rest]: [i128; 4]) {
    assert_eq!(fee, (paid + 500_000) / 1_000_000 * 10_000, "the fee on {paid}");
    assert_eq!((cost, granted), ((paid - fee) / 10_000 * 10_000, (paid - fee) / 10_000));
    assert!(granted > 0 && rest == paid - fee - cost);
}

fn fee(network: Label, place: Place, fee: Money) -> Lines {
    let expense = Purpose::Own(Account::Expense(Expense::NetworkFee));
    vec![(fee.currency, expense, fee.minor), (fee.currency, chain_account(network, place), -fee.minor)]
}
