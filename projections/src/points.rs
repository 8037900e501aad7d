//! Points: every holder's lots now and at any instant, what of them orders hold, when they lapse, and what is owed by
//! month of expiry.
//!
//! What a lot held is kept line by line. Only lots that expire within 180 days after an instant can be live at it, so
//! no question takes longer because a holder had lots before.

use choai_engine::{
    Fault,
    books::Realm,
    domain::{
        Event, Month, OrderNumber, Span, Timestamp, UserId, order,
        points::{self, Draw, Kind, LIFETIME, Purpose, Source},
    },
    log::Recorded,
    money::{Currency, Money},
};
use serde::{Deserialize, Serialize};

use crate::{
    keys::Key,
    store::{Rows, Store, View},
};

pub(crate) const NAME: &str = "points";
/// 3: months are counted as everywhere.
pub(crate) const VERSION: u32 = 3;

/// Lots by realm, holder and number.
const LOTS: u8 = 0;
/// What was left of a lot after an event, by realm, holder, number, instant and position.
const LINES: u8 = 1;
/// Numbers of lots by realm, holder and expiry.
const EXPIRIES: u8 = 2;
/// Points by realm and the beginning of the month in which they expire.
const MONTHS: u8 = 3;
/// What orders hold of a holder's points, by realm, holder, instant and position.
const HELD: u8 = 4;
/// What one order holds, and whose.
const ORDERS: u8 = 5;
/// What orders hold of a holder's points now, by realm and holder.
const HELD_NOW: u8 = 6;
/// What is left of every lot of which anything is, by realm, expiry, holder and number.
const OPEN: u8 = 7;

/// A lot as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LotView {
    /// Counted from 1 within holder and realm.
    pub lot: u32,
    /// Free or paid.
    pub kind: Kind,
    /// Where it comes from.
    pub source: Source,
    /// How many were issued.
    pub quantity: Money,
    /// What is left.
    pub remaining: Money,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// From when on it cannot be spent.
    pub expires_at: Timestamp,
    /// The event that issued it.
    pub position: u64,
}

/// Points that expire in one month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthOfPoints {
    /// Which.
    pub month: Month,
    /// What is left of the lots that expire in it.
    pub remaining: Money,
}

/// What one order holds, and whose it is.
#[derive(Serialize, Deserialize)]
struct HeldByOrder {
    realm: Realm,
    buyer: UserId,
    minor: i128,
}

/// Folds in a fact about points, or about an order that holds some.
pub(crate) fn apply(recorded: &Recorded, rows: &mut Rows<'_>) -> Result<(), Fault> {
    if let Event::Order(event) = &recorded.event {
        return apply_order(event, recorded, rows);
    }
    let Event::Points(event) = &recorded.event else { return Ok(()) };
    apply_points(event, recorded, rows)
}

/// What a seller is paid for is no longer the buyer's; what the seller gives back is, until it is back in its lots.
fn apply_order(event: &order::Event, recorded: &Recorded, rows: &mut Rows<'_>) -> Result<(), Fault> {
    match event {
        order::Event::Placed(placed) => {
            let held = HeldByOrder { realm: placed.realm, buyer: placed.buyer, minor: 0 };
            rows.put(Key::of(ORDERS).order(placed.order), &held);
            Ok(())
        }
        order::Event::Released(released) => {
            let key = Key::of(ORDERS).order(released.order);
            let held: HeldByOrder = rows.get(&key)?.ok_or(Fault::Incomplete(recorded.header.stream))?;
            hold(released.order, released.to_buyer.points.minor - held.minor, recorded, rows)
        }
        order::Event::Refunded(refunded) if !refunded.entry.is_empty() => {
            hold(refunded.order, refunded.parts.points.minor, recorded, rows)
        }
        order::Event::Paid(_)
        | order::Event::Shipped(_)
        | order::Event::Delivered(_)
        | order::Event::Disputed(_)
        | order::Event::Cancelled(_)
        | order::Event::Refunded(_) => Ok(()),
    }
}

/// Notes that an order holds so many points more, or fewer.
fn hold(order: OrderNumber, minor: i128, recorded: &Recorded, rows: &mut Rows<'_>) -> Result<(), Fault> {
    let key = Key::of(ORDERS).order(order);
    let mut held: HeldByOrder = rows.get(&key)?.ok_or(Fault::Incomplete(recorded.header.stream))?;
    if minor == 0 {
        return Ok(());
    }
    held.minor += minor;
    rows.put(key, &held);
    let latest = Key::of(HELD_NOW).realm(held.realm).user(held.buyer);
    let after = rows.get::<i128>(&latest)?.unwrap_or_default() + minor;
    rows.put(latest, &after);
    let line = Key::of(HELD).realm(held.realm).user(held.buyer);
    rows.put(line.time(recorded.header.effective_at).u64(recorded.position), &after);
    Ok(())
}

fn apply_points(event: &points::Event, recorded: &Recorded, rows: &mut Rows<'_>) -> Result<(), Fault> {
    let (holder, realm) = event.whose();
    match event {
        points::Event::Issued(event) => {
            let lot = LotView {
                lot: event.lot,
                kind: event.kind,
                source: event.source,
                quantity: event.quantity,
                remaining: event.quantity,
                issued_at: recorded.header.effective_at,
                expires_at: event.expires_at,
                position: recorded.position,
            };
            rows.put(Key::of(EXPIRIES).realm(realm).user(holder).time(lot.expires_at).u32(lot.lot), &lot.lot);
            add_to_month(realm, &lot, lot.remaining.minor, rows)?;
            keep(realm, holder, &lot, recorded, rows);
            Ok(())
        }
        points::Event::Spent(event) => {
            let mut draws = event.draws.iter();
            draws
                .try_for_each(|draw| change(realm, holder, draw.lot, -draw.quantity.minor, recorded, rows))?;
            hold_for(event.purpose, total(&event.draws), recorded, rows)
        }
        points::Event::GivenBack(event) => {
            let mut draws = event.draws.iter();
            draws
                .try_for_each(|draw| change(realm, holder, draw.lot, draw.quantity.minor, recorded, rows))?;
            hold_for(event.purpose, -total(&event.draws), recorded, rows)
        }
        points::Event::Lapsed(event) => {
            change(realm, holder, event.lot, -event.quantity.minor, recorded, rows)
        }
    }
}

/// Payments and subscriptions take points for good; an order holds them.
fn hold_for(purpose: Purpose, minor: i128, recorded: &Recorded, rows: &mut Rows<'_>) -> Result<(), Fault> {
    match purpose {
        Purpose::Order(order) => hold(order, minor, recorded, rows),
        Purpose::Payment(_) | Purpose::Subscription(_) | Purpose::TakenBack(_) => Ok(()),
    }
}

fn total(draws: &[Draw]) -> i128 {
    draws.iter().map(|draw| draw.quantity.minor).sum()
}

fn change(
    realm: Realm,
    holder: UserId,
    lot: u32,
    minor: i128,
    recorded: &Recorded,
    rows: &mut Rows<'_>,
) -> Result<(), Fault> {
    let key = Key::of(LOTS).realm(realm).user(holder).u32(lot);
    let mut lot: LotView = rows.get(&key)?.ok_or(Fault::Incomplete(recorded.header.stream))?;
    lot.remaining.minor += minor;
    add_to_month(realm, &lot, minor, rows)?;
    keep(realm, holder, &lot, recorded, rows);
    Ok(())
}

fn keep(realm: Realm, holder: UserId, lot: &LotView, recorded: &Recorded, rows: &mut Rows<'_>) {
    rows.put(Key::of(LOTS).realm(realm).user(holder).u32(lot.lot), lot);
    let line = Key::of(LINES).realm(realm).user(holder).u32(lot.lot);
    rows.put(line.time(recorded.header.effective_at).u64(recorded.position), &lot.remaining.minor);
    let open = Key::of(OPEN).realm(realm).time(lot.expires_at).user(holder).u32(lot.lot);
    match lot.remaining.minor {
        0 => rows.delete(open),
        minor => rows.put(open, &(lot.expires_at, minor)),
    }
}

fn add_to_month(realm: Realm, lot: &LotView, minor: i128, rows: &mut Rows<'_>) -> Result<(), Fault> {
    let month = Month::of(lot.expires_at);
    let key = Key::of(MONTHS).realm(realm).time(month.first_instant());
    let nothing = MonthOfPoints { month, remaining: Money::zero(Currency::SgpUsd) };
    let mut row: MonthOfPoints = rows.get(&key)?.unwrap_or(nothing);
    row.remaining.minor += minor;
    rows.put(key, &row);
    Ok(())
}

/// Holders' points.
#[derive(Clone, Copy)]
pub struct Points<'a> {
    store: &'a Store,
}

impl<'a> Points<'a> {
    pub(crate) const fn new(store: &'a Store) -> Self {
        Self { store }
    }

    /// A holder's lots with anything that can be spent at `now`, in the order they are drawn from: swept or not, what
    /// has expired is not among them.
    ///
    /// # Errors
    /// [`Fault`] when they cannot be read.
    pub fn live(&self, realm: Realm, holder: UserId, now: Timestamp) -> Result<Vec<LotView>, Fault> {
        let view = self.view()?;
        let mut lots = Vec::new();
        for number in unexpired(&view, realm, holder, now) {
            let lot: LotView = lot(&view, realm, holder, number?)?;
            if !lot.remaining.is_zero() {
                lots.push(lot);
            }
        }
        lots.sort_by_key(|lot| (lot.expires_at, lot.kind, lot.issued_at, lot.lot));
        Ok(lots)
    }

    /// What a holder could spend at `at`, any instant by the realm's clock; that instant's events included.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn live_at(&self, realm: Realm, holder: UserId, at: Timestamp) -> Result<Money, Fault> {
        let view = self.view()?;
        let mut minor = 0;
        for number in unexpired(&view, realm, holder, at) {
            let lines = Key::of(LINES).realm(realm).user(holder).u32(number?);
            let until = lines.clone().time(at).end();
            minor += view.descending::<i128>(lines..until).next().transpose()?.unwrap_or_default();
        }
        Ok(Money::new(minor, Currency::SgpUsd))
    }

    /// What orders that are not settled held of a holder's points at `at`, any instant by the realm's clock; that
    /// instant's events included.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn held_at(&self, realm: Realm, holder: UserId, at: Timestamp) -> Result<Money, Fault> {
        let lines = Key::of(HELD).realm(realm).user(holder);
        let until = lines.clone().time(at).end();
        let minor = self.view()?.descending::<i128>(lines..until).next().transpose()?.unwrap_or_default();
        Ok(Money::new(minor, Currency::SgpUsd))
    }

    /// What lapses of a holder's points after `now` and within `span` of it, if it is not spent before.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn lapsing(&self, realm: Realm, holder: UserId, now: Timestamp, span: Span) -> Result<Money, Fault> {
        let soon = self.live(realm, holder, now)?.into_iter().filter(|lot| lot.expires_at <= now + span);
        Ok(Money::new(soon.map(|lot| lot.remaining.minor).sum(), Currency::SgpUsd))
    }

    /// What can be spent at `now` of all lots of a realm, by the month in which they expire: swept or not, what has
    /// expired is not in it.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn by_month(&self, realm: Realm, now: Timestamp) -> Result<Vec<MonthOfPoints>, Fault> {
        let view = self.view()?;
        let months = view.ascending::<MonthOfPoints>(Key::of(MONTHS).realm(realm).all());
        let mut months = months.collect::<Result<Vec<_>, _>>()?;
        // Few lots at most: the sweep takes those whose time has come.
        let open = Key::of(OPEN).realm(realm);
        for expired in view.ascending::<(Timestamp, i128)>(open.clone()..open.time(now).end()) {
            let (expires_at, minor) = expired?;
            let month = months.iter_mut().find(|row| row.month == Month::of(expires_at));
            let missing = || Fault::Undecodable("the read model points has a lot in no month".into());
            month.ok_or_else(missing)?.remaining.minor -= minor;
        }
        months.retain(|month| !month.remaining.is_zero());
        Ok(months)
    }

    fn view(&self) -> Result<View<'a>, Fault> {
        self.store.view(NAME, VERSION)
    }
}

/// The lots that can have been live at `at`: those that expire after it, and were issued at most a lifetime earlier.
fn unexpired(
    view: &View<'_>,
    realm: Realm,
    holder: UserId,
    at: Timestamp,
) -> impl Iterator<Item = Result<u32, Fault>> {
    let of_holder = || Key::of(EXPIRIES).realm(realm).user(holder);
    let last = Timestamp(at.0.saturating_add(LIFETIME.0));
    view.ascending::<u32>(of_holder().time(at).end()..of_holder().time(last).end())
}

fn lot(view: &View<'_>, realm: Realm, holder: UserId, number: u32) -> Result<LotView, Fault> {
    let row = view.get(&Key::of(LOTS).realm(realm).user(holder).u32(number))?;
    row.ok_or_else(|| Fault::Undecodable("the read model points lists a lot it does not have".into()))
}

#[cfg(test)]
mod tests {
    use choai_engine::{
        books::Holder,
        domain::{
            Command, ListingId, MerchantId, listing,
            payment::{self, Purse},
            user, wallet,
        },
    };

    use crate::scene::{BEGINNING, Scene, create, id, usd};

    use super::*;

    const USER: UserId = UserId(1);

    fn sgp(minor: i128) -> Money {
        Money::new(minor, Currency::SgpUsd)
    }

    async fn grant(scene: &Scene, minor: i128) {
        let command = points::Command::Grant { holder: USER, quantity: sgp(minor) };
        scene.submit(Some(scene.realm()), Command::Points(command)).await;
    }

    async fn spend(scene: &Scene, number: u32, minor: i128) {
        scene.pay(create(number, 1, usd(minor))).await;
        scene
            .pay(payment::Command::PayByUser { payment: id(number), payer: USER, purse: Purse::Points })
            .await;
    }

    /// On day 0 ten dollars' worth are given, on day 10 five are bought, on day 20 twelve are spent; on day 30 three
    /// of those go back. What is left of the first lot lapses on day 180.
    async fn begun() -> Scene {
        let scene = Scene::new();
        scene.register("Fruit").await;
        let register = user::Command::Register { tenant: MerchantId(1) };
        scene.submit(None, Command::User(register)).await;
        let credit = wallet::Command::Credit { holder: Holder::User(USER), amount: usd(5_00) };
        scene.submit(Some(scene.realm()), Command::Wallet(credit)).await;
        grant(&scene, 10_00).await;
        scene.clock.advance(Span::days(10));
        let buy = points::Command::Buy { holder: USER, price: usd(5_00) };
        scene.submit(Some(scene.realm()), Command::Points(buy)).await;
        scene.clock.advance(Span::days(10));
        spend(&scene, 1, 12_00).await;
        scene.clock.advance(Span::days(10));
        scene.pay(payment::Command::Refund { payment: id(1), amount: Some(usd(3_00)) }).await;
        scene.seen().await;
        scene
    }

    fn day(days: i64) -> Timestamp {
        BEGINNING + Span::days(days)
    }

    #[tokio::test]
    async fn live_lots_are_listed_in_the_order_they_are_drawn_from() {
        let scene = begun().await;
        let live = |at| -> Vec<(u32, i128)> {
            let lots = scene.models.points().live(scene.realm(), USER, at).unwrap();
            lots.iter().map(|lot| (lot.lot, lot.remaining.minor)).collect()
        };
        assert_eq!(live(day(30)), [(1, 1_00), (2, 5_00)]);
        // The sweep has not run, and makes no difference.
        assert_eq!(live(day(180) - Span::MICRO), [(1, 1_00), (2, 5_00)]);
        assert_eq!(live(day(180)), [(2, 5_00)]);
        assert_eq!(live(day(190)), []);
        let nobody = scene.models.points().live(Realm::Live, USER, day(30)).unwrap();
        assert_eq!(nobody, [], "in another realm there are none");
    }

    #[tokio::test]
    async fn what_could_be_spent_is_known_of_any_instant() {
        let scene = begun().await;
        let check = |at: Timestamp, expected: i128| {
            let live = scene.models.points().live_at(scene.realm(), USER, at).unwrap();
            assert_eq!(live, sgp(expected), "at {at}");
        };
        for (at, expected) in [
            (day(0) - Span::MICRO, 0),
            (day(0), 10_00),
            (day(10) - Span::MICRO, 10_00),
            (day(10), 15_00),
            (day(20) - Span::MICRO, 15_00),
            (day(20), 3_00),
            (day(30), 6_00),
            (day(180) - Span::MICRO, 6_00),
            (day(180), 5_00),
            (day(190) - Span::MICRO, 5_00),
            (day(190), 0),
        ] {
            check(at, expected);
        }
        // The past stays what it was when the sweep has run and more has happened.
        scene.clock.advance(Span::days(155));
        grant(&scene, 7_00).await;
        scene.seen().await;
        for (at, expected) in [(day(10), 15_00), (day(20), 3_00), (day(180), 5_00), (day(185), 12_00)] {
            check(at, expected);
        }
    }

    /// All six are reserved; the operator gives four of them back, and the seller is paid for two, of which it gives
    /// back half a point's worth.
    #[tokio::test]
    async fn what_orders_hold_is_known_of_any_instant() {
        let scene = begun().await;
        let (here, number) = (Some(scene.realm()), "ORD-AB12CD34".parse().unwrap());
        let price = usd(6_00);
        let list = listing::Command::List { merchant: MerchantId(1), price, stock: 1, is_shippable: false };
        scene.submit(here, Command::Listing(list)).await;
        let place = order::Place {
            order: number,
            buyer: USER,
            listing: ListingId(1),
            quantity: 1,
            total: price,
            points: sgp(6_00),
            payment: id(2),
            private: None,
        };
        let steps = [
            order::Command::Place(place),
            order::Command::Dispute { order: number, buyer: USER, private: None },
            order::Command::Resolve { order: number, to_buyer: usd(4_00) },
            order::Command::Refund { order: number, amount: Some(usd(50)) },
        ];
        for step in steps {
            scene.submit(here, Command::Order(step)).await;
            scene.clock.advance(Span::days(1));
        }
        scene.seen().await;
        let points = scene.models.points();
        for (at, held, live) in
            [(30, 6_00, 0), (31, 6_00, 0), (32, 0, 4_00), (33, 0, 4_50), (179, 0, 4_50), (190, 0, 0)]
        {
            assert_eq!(points.held_at(scene.realm(), USER, day(at)).unwrap(), sgp(held), "held on day {at}");
            assert_eq!(points.live_at(scene.realm(), USER, day(at)).unwrap(), sgp(live), "live on day {at}");
        }
        let before = points.held_at(scene.realm(), USER, day(30) - Span::MICRO).unwrap();
        assert_eq!(before, sgp(0), "before the order");
    }

    #[tokio::test]
    async fn what_lapses_soon_and_in_which_month() {
        let scene = begun().await;
        let lapsing = |days| {
            let soon = Span::days(days);
            scene.models.points().lapsing(scene.realm(), USER, day(30), soon).unwrap().minor
        };
        assert_eq!([149, 150, 159, 160].map(lapsing), [0, 1_00, 1_00, 6_00]);
        let months = |scene: &Scene, now| -> Vec<(Month, i128)> {
            let months = scene.models.points().by_month(scene.realm(), now).unwrap();
            months.iter().map(|row| (row.month, row.remaining.minor)).collect()
        };
        let [first, second] = [day(180), day(190)].map(Month::of);
        assert_eq!(first, second, "both lots expire in one month");
        // As long as the sweep has not run, and just as well.
        assert_eq!(months(&scene, day(180) - Span::MICRO), [(first, 6_00)]);
        assert_eq!(months(&scene, day(180)), [(first, 5_00)]);
        assert_eq!(months(&scene, day(190)), []);
        scene.clock.advance(Span::days(155));
        grant(&scene, 7_00).await;
        scene.seen().await;
        let third = Month::of(day(365));
        assert_eq!(months(&scene, day(185)), [(first, 5_00), (third, 7_00)]);
    }
}
