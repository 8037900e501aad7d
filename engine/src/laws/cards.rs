//! Cards and what is held on them, reckoned a second time from the facts.

use std::collections::HashMap;

use crate::{
    books::{Label, Realm},
    domain::{AuthorizationId, CardId, Span, Timestamp, UserId, card},
    money::Currency,
};

/// What a fact about a card moves, in smallest units of the card's currency.
#[derive(Default)]
pub(super) struct Moved {
    pub(super) user: Option<UserId>,
    pub(super) hold: Option<AuthorizationId>,
    /// Out of the wallet, and of what the user may owe.
    pub(super) wallet: i128,
    /// Into what is held.
    pub(super) held: i128,
    /// To the rail.
    pub(super) rail: i128,
}

struct KnownCard {
    realm: Realm,
    user: UserId,
    currency: Currency,
    rail: Label,
    /// The year and month it is good for.
    until: (i32, u8),
    blocked: bool,
    closed: bool,
}

struct KnownHold {
    card: CardId,
    authorized: i128,
    reversed: i128,
    cleared: i128,
    excess: i128,
    expired: Option<i128>,
    /// Of the authorisation, or of the last clearing that left anything.
    since: Timestamp,
}

impl KnownHold {
    fn held(&self) -> i128 {
        self.authorized - self.reversed - (self.cleared - self.excess) - self.expired.unwrap_or_default()
    }

    fn due(&self) -> Timestamp {
        self.since + Span::hours(7 * 24)
    }
}

/// Every card there is, and every authorisation.
#[derive(Default)]
pub(super) struct Cards {
    cards: HashMap<CardId, KnownCard>,
    holds: HashMap<AuthorizationId, KnownHold>,
    tokens: HashMap<(Realm, Label, card::CardToken), CardId>,
}

impl Cards {
    pub(super) fn realm(&self, card: CardId) -> Realm {
        self.cards[&card].realm
    }

    pub(super) fn currency(&self, card: CardId) -> Currency {
        self.cards[&card].currency
    }

    /// Takes one fact, and tells what it moves.
    pub(super) fn take(&mut self, fact: &card::Event, at: Timestamp) -> Moved {
        use card::Event as E;
        if let E::Issued(issued) = fact {
            self.issue(issued, at);
            return Moved::default();
        }
        let known = self.cards.get_mut(&fact.card()).expect("it was issued");
        let user = Some(known.user);
        let usable = !known.blocked && !known.closed && at.tokyo_month() <= known.until;
        let hold = fact.authorization();
        match fact {
            E::Issued(_) => unreachable!("a card is issued once"),
            E::Blocked(_) => {
                assert!(!known.closed && !std::mem::replace(&mut known.blocked, true));
                Moved::default()
            }
            E::Unblocked(_) => {
                assert!(!known.closed && std::mem::take(&mut known.blocked));
                Moved::default()
            }
            E::Closed(_) => {
                assert!(!std::mem::replace(&mut known.closed, true));
                Moved::default()
            }
            E::Authorized(fact) => {
                assert!(usable, "set aside on a card that cannot be used");
                let (authorized, card) = (fact.amount.minor, fact.card);
                let hold = KnownHold {
                    card,
                    authorized,
                    reversed: 0,
                    cleared: 0,
                    excess: 0,
                    expired: None,
                    since: at,
                };
                assert_eq!(fact.expires_at, hold.due());
                assert!(self.holds.insert(fact.authorization, hold).is_none());
                assert_eq!(fact.authorization.0 as usize, self.holds.len());
                Moved { user, hold: Some(fact.authorization), wallet: authorized, held: authorized, rail: 0 }
            }
            E::AuthorizationIncreased(fact) => {
                assert!(usable, "set aside on a card that cannot be used");
                let known = self.hold(fact.authorization, fact.card);
                known.authorized += fact.amount.minor;
                assert_eq!(known.held(), fact.held.minor);
                Moved { user, hold, wallet: fact.amount.minor, held: fact.amount.minor, rail: 0 }
            }
            E::Reversed(fact) => {
                let known = self.hold(fact.authorization, fact.card);
                known.reversed += fact.amount.minor;
                assert_eq!(known.held(), fact.held.minor);
                Moved { user, hold, wallet: -fact.amount.minor, held: -fact.amount.minor, rail: 0 }
            }
            E::Cleared(fact) => {
                let known = self.holds.get_mut(&fact.authorization).expect("it was made");
                assert_eq!(known.card, fact.card);
                let excess = (fact.amount.minor - known.held()).max(0);
                known.cleared += fact.amount.minor;
                known.excess += excess;
                let left = known.held();
                if left > 0 {
                    known.since = at;
                }
                assert_eq!((excess, left), (fact.excess.minor, fact.held.minor));
                assert_eq!(fact.expires_at, (left > 0).then(|| known.due()));
                Moved {
                    user,
                    hold,
                    wallet: excess,
                    held: excess - fact.amount.minor,
                    rail: fact.amount.minor,
                }
            }
            E::AuthorizationExpired(fact) => {
                let known = self.hold(fact.authorization, fact.card);
                assert_eq!((known.held(), known.due()), (fact.amount.minor, at));
                known.expired = Some(fact.amount.minor);
                Moved { user, hold, wallet: -fact.amount.minor, held: -fact.amount.minor, rail: 0 }
            }
            E::Refunded(fact) => {
                assert!(fact.amount.minor > 0 && fact.amount.currency == known.currency);
                Moved { user, hold: None, wallet: -fact.amount.minor, held: 0, rail: -fact.amount.minor }
            }
        }
    }

    fn issue(&mut self, fact: &card::Issued, at: Timestamp) {
        assert!(matches!(fact.currency, Currency::Usd | Currency::Jpy));
        assert!(fact.realm.is_test() || fact.rail != Label::SANDBOX);
        let until = (i32::from(fact.summary.year), fact.summary.month);
        assert!(at.tokyo_month() <= until, "issued after its month");
        let token = (fact.realm, fact.rail, fact.token.clone());
        assert!(self.tokens.insert(token, fact.card).is_none(), "one token, one card");
        let card::Issued { realm, user, currency, rail, .. } = *fact;
        let known = KnownCard { realm, user, currency, rail, until, blocked: false, closed: false };
        assert!(self.cards.insert(fact.card, known).is_none());
        assert_eq!(fact.card.0 as usize, self.cards.len());
    }

    /// An authorisation of which anything is held.
    fn hold(&mut self, authorization: AuthorizationId, card: CardId) -> &mut KnownHold {
        let known = self.holds.get_mut(&authorization).expect("it was made");
        assert!(known.card == card && known.held() > 0, "nothing of {authorization} is held any more");
        known
    }

    /// What nobody collects is given back at its own time, and nothing later comes before it.
    pub(super) fn check_due(&self, realm: Realm, fact: Option<&card::Event>, at: Timestamp) {
        let expiring = match fact {
            Some(card::Event::AuthorizationExpired(fact)) => Some(fact.authorization),
            Some(_) | None => None,
        };
        for (id, known) in self.holds.iter().filter(|(_, known)| known.held() > 0) {
            let overdue = self.cards[&known.card].realm == realm && known.due() < at;
            assert!(!overdue || expiring == Some(*id), "authorization {id} is overdue at {at}");
        }
    }

    /// What the writer remembers of a card is what its facts say.
    pub(super) fn check_card(&self, id: CardId, card: &card::Card) {
        let known = &self.cards[&id];
        assert_eq!(
            (card.realm, card.user, card.currency, card.rail),
            (known.realm, known.user, known.currency, known.rail)
        );
        let stage = match (known.blocked, known.closed) {
            (_, true) => card::CardStage::Closed,
            (true, false) => card::CardStage::Blocked,
            (false, false) => card::CardStage::Active,
        };
        assert_eq!(card.stage, stage);
    }

    /// What the writer remembers of an authorisation is what its facts say.
    pub(super) fn check_authorization(&self, id: AuthorizationId, authorization: &card::Authorization) {
        let known = &self.holds[&id];
        assert_eq!((authorization.card, authorization.held.minor), (known.card, known.held()));
        assert_eq!(authorization.stage == card::AuthorizationStage::Held, known.held() > 0);
        assert_eq!(authorization.stage == card::AuthorizationStage::Expired, known.expired.is_some());
        assert!(known.held() == 0 || authorization.expires_at == known.due());
    }
}
