//! Holds that say what is not so: of payments set aside in a wallet, and of authorisations on cards.

use super::{settlements::commits, *};
use crate::{
    books::Hold,
    domain::{
        AuthorizationId, CardId,
        card::{self, AuthorizationExpired, Authorized, Cleared, Reversed},
    },
};

const WALLET: Account = Account::Wallet(Holder::User(UserId(1)));
const FIRST: AuthorizationId = AuthorizationId(1);
const HELD: Account = Account::WalletHeld(Hold::Authorization(FIRST));
const CARD: CardId = CardId(1);

fn both(debit: Account, credit: Account, minor: i128) -> Entry {
    Entry::write().debit(debit, yen(minor)).credit(credit, yen(minor)).close()
}

/// 1,000 in the wallet.
fn credited() -> (i64, Event) {
    let (holder, amount) = (Holder::User(UserId(1)), yen(1_000));
    let entry = both(Account::Rail(Label::SANDBOX), WALLET, 1_000);
    (0, wallet::Event::Credited(wallet::Credited { realm: HERE, holder, amount, entry }).into())
}

/// Of which `posted` are held on the first day, where `amount` is told, for so many days.
fn authorized(amount: i128, posted: i128, days: i64) -> (i64, Event) {
    let (amount, expires_at) = (yen(amount), START + Span::days(days));
    let entry = both(WALLET, HELD, posted);
    let event = Authorized { card: CARD, authorization: FIRST, amount, expires_at, entry };
    (0, card::Event::Authorized(event).into())
}

fn reversed(amount: i128, held: i128, posted: i128) -> Event {
    let (amount, held, entry) = (yen(amount), yen(held), both(HELD, WALLET, posted));
    card::Event::Reversed(Reversed { card: CARD, authorization: FIRST, amount, held, entry }).into()
}

fn cleared(amount: i128, excess: i128, held: i128, until: Option<i64>) -> Event {
    let entry = Entry::write()
        .debit(HELD, yen(amount - excess))
        .debit(WALLET, yen(excess))
        .credit(Account::Rail(Label::ISSUING), yen(amount))
        .close();
    card::Event::Cleared(Cleared {
        card: CARD,
        authorization: FIRST,
        amount: yen(amount),
        excess: yen(excess),
        held: yen(held),
        expires_at: until.map(|days| START + Span::days(days)),
        entry,
    })
    .into()
}

fn expired(amount: i128) -> Event {
    let (amount, entry) = (yen(amount), both(HELD, WALLET, amount));
    card::Event::AuthorizationExpired(AuthorizationExpired {
        card: CARD,
        authorization: FIRST,
        amount,
        entry,
    })
    .into()
}

/// Audits an authorisation of 600 and what follows.
fn check_after(then: impl IntoIterator<Item = (i64, Event)>, expected: Expect) {
    let begun = [credited(), authorized(600, 600, 7)];
    check(&commits(begun.into_iter().chain(then)), expected);
}

#[test]
fn holds_in_order_break_nothing() {
    check_after(
        [(1, reversed(100, 500, 100)), (2, cleared(200, 0, 300, Some(9))), (9, expired(300))],
        expect![[""]],
    );
    check_after([(1, cleared(700, 100, 0, None)), (20, cleared(50, 50, 0, None))], expect![[""]]);
    check(&commits([credited(), set_aside(600), (1, captured(600))]), expect![[""]]);
}

#[test]
fn a_hold_on_a_card_that_is_not_what_its_events_say_is_found() {
    check(
        &commits([credited(), authorized(600, 500, 7)]),
        expect![[r#"
        wallet-held accounts hold what their payments and authorizations say, and no longer: at 2, test-1/wallet-held:authorization-1/JPY is at 500, its events say 600
    "#]],
    );
    check(
        &commits([credited(), authorized(600, 600, 8)]),
        expect![[r#"
        wallet-held accounts hold what their payments and authorizations say, and no longer: at 2, authorization 1 holds until 2026-01-13T00:00:00Z
    "#]],
    );
    check(
        &commits([credited(), authorized(600, 600, 7), authorized(100, 100, 7)]),
        expect![[r#"
        wallet-held accounts hold what their payments and authorizations say, and no longer: at 3, authorization 1 was made before
    "#]],
    );
    check(
        &commits([credited(), (0, reversed(1, 0, 1))]),
        expect![[r#"
        no guarded account was ever beyond its guard: at 2, test-1/wallet-held:authorization-1/JPY at -1
        wallet-held accounts hold what their payments and authorizations say, and no longer: at 2, authorization 1 was never made
    "#]],
    );
    check_after(
        [(1, reversed(100, 500, 90))],
        expect![[r#"
        wallet-held accounts hold what their payments and authorizations say, and no longer: at 3, test-1/wallet-held:authorization-1/JPY is at 510, its events say 500
    "#]],
    );
    check_after(
        [(1, reversed(100, 510, 100))],
        expect![[r#"
        wallet-held accounts hold what their payments and authorizations say, and no longer: at 3, authorization 1 holds 500 JPY, told is 510 JPY
    "#]],
    );
    check_after(
        [(1, cleared(700, 150, 0, None))],
        expect![[r#"
        wallet-held accounts hold what their payments and authorizations say, and no longer: at 3, authorization 1 holds 50 JPY, told is 0 JPY
    "#]],
    );
    check_after(
        [(1, cleared(200, 0, 400, Some(7)))],
        expect![[r#"
        wallet-held accounts hold what their payments and authorizations say, and no longer: at 3, authorization 1 was cleared wrongly
    "#]],
    );
    check_after(
        [(6, expired(600))],
        expect![[r#"
        wallet-held accounts hold what their payments and authorizations say, and no longer: at 3, authorization 1 expired out of time
    "#]],
    );
    check_after(
        [(7, expired(500))],
        expect![[r#"
        wallet-held accounts hold what their payments and authorizations say, and no longer: at 3, authorization 1 holds 100 JPY, told is 0 JPY
    "#]],
    );
}

#[test]
fn what_is_held_too_long_is_found() {
    check_after(
        [(8, cleared(600, 0, 0, None))],
        expect![[r#"
        wallet-held accounts hold what their payments and authorizations say, and no longer: at 3, authorization 1 should have expired at 2026-01-12T00:00:00Z
    "#]],
    );
    check_after(
        [(8, expired(600))],
        expect![[r#"
        wallet-held accounts hold what their payments and authorizations say, and no longer: at 3, authorization 1 should have expired at 2026-01-12T00:00:00Z
    "#]],
    );
}

/// The payment of 600, set aside on the first day, of which `posted` are held.
fn set_aside(posted: i128) -> (i64, Event) {
    let payment = payment_id(1);
    let entry = both(WALLET, Account::WalletHeld(Hold::Payment(payment)), posted);
    let (source, amount) = (payment::Source::Wallet(UserId(1)), yen(600));
    (0, payment::Event::Authorized(payment::Authorized { payment, source, amount, entry }).into())
}

/// Its capture, which takes so much of what is held.
fn captured(taken: i128) -> Event {
    let payment = payment_id(1);
    let held = Account::WalletHeld(Hold::Payment(payment));
    payment::Event::Captured(payment::Captured {
        payment,
        merchant: MerchantId(1),
        source: payment::Source::Wallet(UserId(1)),
        total: yen(600),
        method_fee: yen(0),
        charge: yen(0),
        received: yen(600),
        entry: both(held, Account::MerchantPending(MerchantId(1)), taken),
    })
    .into()
}

#[test]
fn a_hold_for_a_payment_that_is_not_what_its_events_say_is_found() {
    check(
        &commits([credited(), set_aside(500)]),
        expect![[r#"
        wallet-held accounts hold what their payments and authorizations say, and no longer: at 2, test-1/wallet-held:P000000000000000000000001/JPY is at 500, its events say 600
    "#]],
    );
    check(
        &commits([credited(), set_aside(600), (1, captured(500))]),
        expect![[r#"
        wallet-held accounts hold what their payments and authorizations say, and no longer: at 3, test-1/wallet-held:P000000000000000000000001/JPY is at 100, its events say 0
    "#]],
    );
}

/// Nobody else moves what is held.
#[test]
fn what_another_event_posts_to_a_hold_is_found() {
    let (holder, amount) = (Holder::User(UserId(1)), yen(1));
    let entry = both(HELD, WALLET, 1);
    let stray = wallet::Event::Credited(wallet::Credited { realm: HERE, holder, amount, entry });
    check_after(
        [(1, stray.into())],
        expect![[r#"
        wallet-held accounts hold what their payments and authorizations say, and no longer: at 3, test-1/wallet-held:authorization-1/JPY is at 599, its events say 600
    "#]],
    );
}
