//! Lots of points as their own facts have them: issued = spent, less what came back, + lapsed + live.

use std::collections::{BTreeSet, HashMap};

use crate::{
    books::Realm,
    domain::{Timestamp, UserId, points},
};

/// One lot.
struct Lot {
    kind: points::Kind,
    issued_at: Timestamp,
    expires_at: Timestamp,
    live: i128,
    /// Drawn, and not given back.
    out: i128,
}

/// Every lot there was.
#[derive(Default)]
pub(super) struct Lots {
    lots: HashMap<(Realm, UserId, u32), Lot>,
    live: HashMap<(Realm, UserId), i128>,
    /// Those with anything live, by expiry.
    open: BTreeSet<(Realm, Timestamp, UserId, u32)>,
}

impl Lots {
    /// What can still be had of a holder's lots, expired or not.
    pub(super) fn live(&self, realm: Realm, holder: UserId) -> i128 {
        self.live.get(&(realm, holder)).copied().unwrap_or_default()
    }

    /// What should have lapsed in `realm` before `at`, when something else happened there.
    pub(super) fn overdue(&self, realm: Realm, at: Timestamp) -> Option<String> {
        let first = (realm, Timestamp(i64::MIN), UserId(0), 0);
        let (first_realm, expires_at, holder, lot) = self.open.range(first..).next()?;
        (*first_realm == realm && *expires_at < at)
            .then(|| format!("lot {lot} of {holder} should have lapsed at {expires_at}"))
    }

    /// Takes one fact; tells what is wrong with it.
    pub(super) fn follow(&mut self, event: &points::Event, at: Timestamp) -> Result<(), String> {
        let (holder, realm) = event.whose();
        match event {
            points::Event::Issued(event) => {
                *self.live.entry((realm, holder)).or_default() += event.quantity.minor;
                let (kind, expires_at, live) = (event.kind, event.expires_at, event.quantity.minor);
                let lot = Lot { kind, issued_at: at, expires_at, live, out: 0 };
                self.open.insert((realm, expires_at, holder, event.lot));
                match self.lots.insert((realm, holder, event.lot), lot) {
                    Some(_) => Err(format!("lot {} was issued before", event.lot)),
                    None if expires_at != at + points::LIFETIME => {
                        Err(format!("lot {} lives until {expires_at}", event.lot))
                    }
                    None => Ok(()),
                }
            }
            points::Event::Spent(event) => event.draws.iter().try_for_each(|draw| {
                self.shift(realm, holder, draw.lot, -draw.quantity.minor, draw.quantity.minor)?;
                match at < draw.expires_at {
                    true => self.same(realm, holder, draw),
                    false => Err(format!("lot {} was spent after it had expired", draw.lot)),
                }
            }),
            points::Event::GivenBack(event) => event.draws.iter().try_for_each(|draw| {
                self.shift(realm, holder, draw.lot, draw.quantity.minor, -draw.quantity.minor)?;
                self.same(realm, holder, draw)
            }),
            points::Event::Lapsed(event) => {
                self.shift(realm, holder, event.lot, -event.quantity.minor, 0)?;
                let lot = &self.lots[&(realm, holder, event.lot)];
                match (lot.expires_at <= at, lot.kind == event.kind, lot.live == 0) {
                    (true, true, true) => Ok(()),
                    (false, ..) => Err(format!("lot {} lapsed before its expiry", event.lot)),
                    (true, false, _) => Err(format!("lot {} lapsed as one of another kind", event.lot)),
                    (true, true, false) => Err(format!("lot {} lapsed in part", event.lot)),
                }
            }
        }
    }

    /// Moves points between what is live of a lot and what is drawn from it.
    fn shift(&mut self, realm: Realm, holder: UserId, lot: u32, live: i128, out: i128) -> Result<(), String> {
        *self.live.entry((realm, holder)).or_default() += live;
        let known = self.lots.get_mut(&(realm, holder, lot));
        let known = known.ok_or_else(|| format!("lot {lot} was never issued"))?;
        (known.live, known.out) = (known.live + live, known.out + out);
        let open = (realm, known.expires_at, holder, lot);
        if known.live > 0 {
            self.open.insert(open)
        } else {
            self.open.remove(&open)
        };
        match known.live.min(known.out) {
            ..0 => Err(format!("lot {lot} is at {} live, {} drawn", known.live, known.out)),
            0.. => Ok(()),
        }
    }

    /// Nothing about a lot ever changes.
    fn same(&self, realm: Realm, holder: UserId, draw: &points::Draw) -> Result<(), String> {
        let lot = &self.lots[&(realm, holder, draw.lot)];
        let told = (draw.kind, draw.issued_at, draw.expires_at);
        match told == (lot.kind, lot.issued_at, lot.expires_at) {
            true => Ok(()),
            false => Err(format!("lot {} is told of as another one", draw.lot)),
        }
    }
}
