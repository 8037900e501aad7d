//! What is held in wallets, as the log alone has it: for payments captured later, and for authorisations on cards.

use std::collections::{BTreeSet, HashMap};

use crate::{
    books::{Account, Entry, Hold, Realm},
    domain::{AuthorizationId, Event, PaymentId, Timestamp, card, payment},
    money::Money,
};

/// Something held on a card, and until when.
struct OnCard {
    held: Money,
    expires_at: Timestamp,
}

/// Everything that is held: payments as long as they are, authorisations for ever, as none is made twice.
#[derive(Default)]
pub(super) struct WalletHolds {
    payments: HashMap<PaymentId, Money>,
    cards: HashMap<AuthorizationId, OnCard>,
    /// Those on cards, by the time they are given back.
    open: BTreeSet<(Realm, Timestamp, AuthorizationId)>,
}

impl WalletHolds {
    /// What should have been given back in `realm` before `at`, when something else happened there.
    pub(super) fn overdue(&self, realm: Realm, at: Timestamp) -> Option<String> {
        let first = (realm, Timestamp(i64::MIN), AuthorizationId(0));
        let (first_realm, expires_at, authorization) = self.open.range(first..).next()?;
        (*first_realm == realm && *expires_at < at)
            .then(|| format!("authorization {authorization} should have expired at {expires_at}"))
    }

    /// Takes one event; gives what each account that it is about or posts to must hold after it.
    ///
    /// # Errors
    /// What is wrong with the event.
    pub(super) fn follow(
        &mut self,
        realm: Realm,
        event: &Event,
        at: Timestamp,
    ) -> Result<Vec<(Hold, Money)>, String> {
        let own = match event {
            Event::Payment(event) => {
                self.payment(event);
                Some(Hold::Payment(event.payment()))
            }
            Event::Card(event) => {
                self.card(realm, event, at)?;
                event.authorization().map(Hold::Authorization)
            }
            Event::Chain(_)
            | Event::Deposit(_)
            | Event::Withdrawal(_)
            | Event::Kyc(_)
            | Event::Listing(_)
            | Event::Merchant(_)
            | Event::Order(_)
            | Event::Subscription(_)
            | Event::Payout(_)
            | Event::Points(_)
            | Event::Rail(_)
            | Event::Realm(_)
            | Event::Settlement(_)
            | Event::Signer(_)
            | Event::Subject(_)
            | Event::Token(_)
            | Event::User(_)
            | Event::Wallet(_)
            | Event::Webhook(_) => None,
        };
        let mut expected: Vec<_> = own.and_then(|hold| Some((hold, self.held(hold)?))).into_iter().collect();
        for posting in event.entry().map_or(&[][..], Entry::postings) {
            if let Account::WalletHeld(hold) = posting.account {
                let known = self.held(hold).filter(|held| held.currency == posting.currency);
                expected.push((hold, known.unwrap_or(Money::zero(posting.currency))));
            }
        }
        // What holds nothing any more need not be remembered for that.
        if let Some(Hold::Payment(payment)) = own
            && self.payments.get(&payment).is_some_and(|held| held.is_zero())
        {
            self.payments.remove(&payment);
        }
        Ok(expected)
    }

    fn held(&self, hold: Hold) -> Option<Money> {
        match hold {
            Hold::Payment(payment) => self.payments.get(&payment).copied(),
            Hold::Authorization(authorization) => self.cards.get(&authorization).map(|known| known.held),
        }
    }

    fn payment(&mut self, event: &payment::Event) {
        let payment = event.payment();
        match event {
            payment::Event::Authorized(event) => match event.source {
                payment::Source::Wallet(_) => {
                    self.payments.insert(payment, event.amount);
                }
                payment::Source::Rail(_) | payment::Source::Points(_) => {}
            },
            payment::Event::Captured(_)
            | payment::Event::Cancelled(_)
            | payment::Event::Expired(_)
            | payment::Event::Failed(_) => {
                self.payments.entry(payment).and_modify(|held| held.minor = 0);
            }
            payment::Event::Created(_)
            | payment::Event::AwaitingCustomer(_)
            | payment::Event::PartReceived(_)
            | payment::Event::Declined(_)
            | payment::Event::Refunded(_)
            | payment::Event::ChargedBack(_)
            | payment::Event::ChargebackWon(_)
            | payment::Event::ExcessReceived(_)
            | payment::Event::ExcessReturned(_) => {}
        }
    }

    fn card(&mut self, realm: Realm, event: &card::Event, at: Timestamp) -> Result<(), String> {
        match event {
            card::Event::Authorized(event) => {
                let (held, expires_at) = (event.amount, event.expires_at);
                self.open.insert((realm, expires_at, event.authorization));
                match self.cards.insert(event.authorization, OnCard { held, expires_at }) {
                    None if expires_at == at + card::UNCLEARED_LIFETIME => Ok(()),
                    None => Err(format!("authorization {} holds until {expires_at}", event.authorization)),
                    Some(_) => Err(format!("authorization {} was made before", event.authorization)),
                }
            }
            card::Event::AuthorizationIncreased(event) => {
                self.change(realm, event.authorization, event.amount.minor, None, event.held)
            }
            card::Event::Reversed(event) => {
                self.change(realm, event.authorization, -event.amount.minor, None, event.held)
            }
            card::Event::Cleared(event) => {
                let taken = event.excess.minor - event.amount.minor;
                let again = (!event.held.is_zero()).then_some(at + card::UNCLEARED_LIFETIME);
                self.change(realm, event.authorization, taken, again, event.held)?;
                match event.expires_at == again && event.excess.minor.min(-taken) >= 0 {
                    true => Ok(()),
                    false => Err(format!("authorization {} was cleared wrongly", event.authorization)),
                }
            }
            card::Event::AuthorizationExpired(event) => {
                let nothing = Money::zero(event.amount.currency);
                let due = self.cards.get(&event.authorization).map(|known| known.expires_at);
                self.change(realm, event.authorization, -event.amount.minor, None, nothing)?;
                match due {
                    Some(due) if due == at => Ok(()),
                    Some(_) | None => {
                        Err(format!("authorization {} expired out of time", event.authorization))
                    }
                }
            }
            card::Event::Issued(_)
            | card::Event::Blocked(_)
            | card::Event::Unblocked(_)
            | card::Event::Closed(_)
            | card::Event::Refunded(_) => Ok(()),
        }
    }

    /// Moves what is held by `more`, which must come to `told`, perhaps until another time.
    fn change(
        &mut self,
        realm: Realm,
        authorization: AuthorizationId,
        more: i128,
        until: Option<Timestamp>,
        told: Money,
    ) -> Result<(), String> {
        let known = self.cards.get_mut(&authorization);
        let known = known.ok_or_else(|| format!("authorization {authorization} was never made"))?;
        self.open.remove(&(realm, known.expires_at, authorization));
        known.held.minor += more;
        known.expires_at = until.unwrap_or(known.expires_at);
        if known.held.minor > 0 {
            self.open.insert((realm, known.expires_at, authorization));
        }
        match known.held == told && told.minor >= 0 {
            true => Ok(()),
            false => Err(format!("authorization {authorization} holds {}, told is {told}", known.held)),
        }
    }
}
