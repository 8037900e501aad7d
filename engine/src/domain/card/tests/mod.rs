//! Issued cards, as data.

mod authorizations;
mod clearings;
mod entitled;
mod stages;

use expect_test::expect;

use super::{AuthorizationStage, CardStage, Command, Issue};
use crate::{
    books::{Label, Realm},
    domain::{
        self, AuthorizationId, CardId, MerchantId, Span, Timestamp, UserId,
        payment::{Brand, CardSummary},
        story::{HERE, SHOP, START, Story, credit, jpy, usd, user},
        user as users,
    },
    money::{Currency, Money, Token},
};

const CARD: CardId = CardId(1);
/// The end of March 2026 in Tokyo.
const END_OF_MARCH: Timestamp = Timestamp(1_774_969_200_000_000);

/// Good for March 2026.
fn summary() -> CardSummary {
    CardSummary { brand: Brand::Visa, last_four: 42, month: 3, year: 2026 }
}

/// A card for user 1 that spends dollars; its rail calls it by this name.
fn wish(token: &str) -> Issue {
    Issue {
        user: UserId(1),
        rail: Label::ISSUING,
        token: token.parse().unwrap(),
        summary: summary(),
        currency: Currency::Usd,
    }
}

fn about(command: Command) -> domain::Command {
    domain::Command::Card(command)
}

fn issue(wish: Issue) -> domain::Command {
    about(Command::Issue(wish))
}

fn block() -> domain::Command {
    about(Command::Block { card: CARD })
}

fn unblock() -> domain::Command {
    about(Command::Unblock { card: CARD })
}

fn close() -> domain::Command {
    about(Command::Close { card: CARD })
}

fn authorize(amount: Money) -> domain::Command {
    about(Command::Authorize { card: CARD, amount })
}

fn increase(number: u32, amount: Money) -> domain::Command {
    about(Command::Increase { card: CARD, authorization: AuthorizationId(number), amount })
}

fn reverse(number: u32, amount: impl Into<Option<Money>>) -> domain::Command {
    let (authorization, amount) = (AuthorizationId(number), amount.into());
    about(Command::Reverse { card: CARD, authorization, amount })
}

fn clear(number: u32, amount: Money) -> domain::Command {
    about(Command::Clear { card: CARD, authorization: AuthorizationId(number), amount })
}

fn refund(amount: Money) -> domain::Command {
    about(Command::Refund { card: CARD, amount })
}

fn close_user(number: u32) -> domain::Command {
    domain::Command::User(users::Command::Close { user: UserId(number) })
}

/// User 1 has a card, and 100.00 in the wallet.
fn begun() -> Story {
    let mut story = Story::begin();
    story.given(credit(user(1), usd(100_00)));
    story.given(issue(wish("card-a")));
    story
}

/// As [`begun`]; of the 100.00, 60.00 are held.
fn held() -> Story {
    let mut story = begun();
    story.given(authorize(usd(60_00)));
    story
}

/// What can be asked of card 1 and its first authorisation.
fn everything() -> [domain::Command; 8] {
    let amount = usd(1);
    [
        block(),
        unblock(),
        close(),
        authorize(amount),
        increase(1, amount),
        reverse(1, None),
        clear(1, amount),
        refund(amount),
    ]
}

#[test]
fn a_card_is_issued_to_a_user_for_one_of_its_wallets() {
    let mut story = Story::begin();
    let second = Issue { currency: Currency::Jpy, user: UserId(2), ..wish("card-b") };
    expect![[r#"
        card.issued
        card.issued
    "#]]
    .assert_eq(&story.tell([issue(wish("card-a")), issue(second)]));
    let known = story.state.cards.get(&CardId(2)).unwrap();
    assert_eq!((known.user, known.tenant, known.realm), (UserId(2), SHOP, HERE));
    assert_eq!((known.currency, known.stage, known.summary), (Currency::Jpy, CardStage::Active, summary()));
    assert_eq!(story.state.next_card(), CardId(3));
}

#[test]
fn what_cannot_be_issued_is_refused_in_this_order() {
    let token = Currency::Token(Token::new(1, 18).unwrap());
    let to = |number| Issue { user: UserId(number), ..wish("card-b") };
    let spends = |currency| Issue { currency, ..wish("card-b") };
    let shown = |last_four, month, year| {
        let summary = CardSummary { last_four, month, year, ..summary() };
        Issue { summary, ..wish("card-a") }
    };
    let mut story = begun();
    story.given(close_user(2));
    expect![[r#"
        refused: there is no user-9
        refused: there is no user-3
        refused: user-2 is closed
        refused: a card spends USD or JPY, not SGP-USD
        refused: a card spends USD or JPY, not KRW
        refused: a card spends USD or JPY, not EUR
        refused: a card spends USD or JPY, not TWD
        refused: a card spends USD or JPY, not USDT
        refused: a card spends USD or JPY, not TON
        refused: a card spends USD or JPY, not TOKEN-1.18
        refused: a card has four last digits and expires in a month of a year up to 9999
        refused: a card has four last digits and expires in a month of a year up to 9999
        refused: a card has four last digits and expires in a month of a year up to 9999
        refused: a card has four last digits and expires in a month of a year up to 9999
        refused: a card has four last digits and expires in a month of a year up to 9999
        refused: the card expired at the end of 12/2025
        refused: the card expired at the end of 01/0
        refused: the rail's token is that of card 1
    "#]]
    .assert_eq(&story.tell([
        issue(to(9)),
        issue(to(3)),
        issue(Issue { currency: Currency::Eur, ..to(2) }),
        issue(Issue { summary: CardSummary { month: 13, ..summary() }, ..spends(Currency::SgpUsd) }),
        issue(spends(Currency::Krw)),
        issue(spends(Currency::Eur)),
        issue(spends(Currency::Twd)),
        issue(spends(Currency::Usdt)),
        issue(spends(Currency::Ton)),
        issue(spends(token)),
        issue(shown(10_000, 3, 2026)),
        issue(shown(u16::MAX, 3, 2026)),
        issue(shown(42, 0, 2026)),
        issue(shown(42, 13, 2026)),
        issue(shown(42, 12, 10_000)),
        issue(shown(42, 12, 2025)),
        issue(shown(42, 1, 0)),
        issue(shown(42, 1, 2026)),
    ]));
    expect![[r#"
        card.issued
    "#]]
    .assert_eq(&Story::tell_apart(
        begun,
        [issue(Issue {
            summary: CardSummary { last_four: 9_999, month: 12, year: 9_999, ..summary() },
            ..wish("card-b")
        })],
    ));
}

/// The rail tells of a card by its token: two cards of one token could not be told apart.
#[test]
fn one_token_names_one_card_of_a_rail_and_realm() {
    let mut story = begun();
    let elsewhere = Issue { rail: Label::SANDBOX, ..wish("card-a") };
    expect![[r#"
        refused: the rail's token is that of card 1
        card.closed
        refused: the rail's token is that of card 1
        card.issued
        card.issued
    "#]]
    .assert_eq(&story.tell([
        issue(wish("card-a")),
        close(),
        issue(Issue { user: UserId(2), ..wish("card-a") }),
        issue(elsewhere),
        issue(wish("card-b")),
    ]));
    story.context.realm = Some(Realm::Live);
    expect![[r#"
        card.issued
        refused: the rail's token is that of card 4
    "#]]
    .assert_eq(&story.tell([issue(wish("card-a")), issue(wish("card-a"))]));
}

#[test]
fn the_sandbox_issues_no_card_in_live_and_the_issuing_rail_does() {
    let mut story = Story::begin();
    story.context.realm = Some(Realm::Live);
    let live = Issue { user: UserId(4), ..wish("card-a") };
    expect![[r#"
        refused: the sandbox rail does not exist in live
        card.issued
        card.refunded: Dr rail:issuing 5.00 USD · Cr wallet:user-4 5.00 USD
        refused: live/wallet:user-4/USD is short of 0.01
        card.authorized: Dr wallet:user-4 5.00 USD · Cr wallet-held:authorization-1 5.00 USD
        card.cleared: Dr wallet-held:authorization-1 5.00 USD · Cr rail:issuing 5.00 USD
    "#]]
    .assert_eq(&story.tell([
        issue(Issue { rail: Label::SANDBOX, ..live.clone() }),
        issue(live),
        refund(usd(5_00)),
        authorize(usd(5_01)),
        authorize(usd(5_00)),
        clear(1, usd(5_00)),
    ]));
}

#[test]
fn a_card_is_seen_in_its_realm_and_by_its_tenant_only() {
    let mut story = begun();
    story.given(authorize(usd(1_00)));
    let mut told = String::new();
    for realm in [None, Some(Realm::Live), Some(Realm::Test(MerchantId(2)))] {
        story.context.realm = realm;
        told += &story.tell(everything().into_iter().chain([issue(wish("card-b"))]));
    }
    story.context.realm = Some(HERE);
    story.context.tenant = Some(MerchantId(2));
    told += &story.tell(everything().into_iter().chain([issue(wish("card-b"))]));
    let mut lines: Vec<&str> = told.lines().collect();
    lines.dedup();
    expect![[r#"
        refused: there is no card 1
        refused: value lives in a realm: live, or a tenant's test realm
        refused: there is no card 1
        card.issued
        refused: there is no card 1
        refused: there is no user-1
        refused: there is no card 1
        refused: there is no user-1"#]]
    .assert_eq(&lines.join("\n"));
    story.context.tenant = Some(SHOP);
    expect![[r#"
        refused: only the rail tells what a scheme has collected or brought back
        refused: only the rail tells what a scheme has collected or brought back
        card.blocked
    "#]]
    .assert_eq(&story.tell([clear(1, usd(1_00)), refund(usd(1)), block()]));
}

#[test]
fn a_card_that_is_blocked_or_closed_is_not_charged() {
    let mut story = begun();
    story.given(authorize(usd(10_00)));
    expect![[r#"
        card.blocked
        refused: a card that is blocked cannot be charged
        refused: a card that is blocked cannot be charged
        card.unblocked
        card.authorized: Dr wallet:user-1 0.01 USD · Cr wallet-held:authorization-2 0.01 USD
        card.closed
        refused: a card that is closed cannot be charged
        refused: a card that is closed cannot be charged
        refused: a card that is closed cannot be unblocked
    "#]]
    .assert_eq(&story.tell([
        block(),
        authorize(usd(1)),
        increase(1, usd(1)),
        unblock(),
        authorize(usd(1)),
        close(),
        authorize(usd(1)),
        increase(1, usd(1)),
        unblock(),
    ]));
}

/// What was authorised is somebody's claim by then, and money that comes back is there.
#[test]
fn a_card_that_is_closed_is_still_cleared_reversed_and_refunded() {
    let mut story = begun();
    story.given(authorize(usd(10_00)));
    story.given(close());
    expect![[r#"
        card.cleared: Dr wallet-held:authorization-1 4.00 USD · Cr rail:issuing 4.00 USD
        card.reversed: Dr wallet-held:authorization-1 1.00 USD · Cr wallet:user-1 1.00 USD
        card.refunded: Dr rail:issuing 2.00 USD · Cr wallet:user-1 2.00 USD
    "#]]
    .assert_eq(&story.tell([clear(1, usd(4_00)), reverse(1, usd(1_00)), refund(usd(2_00))]));
    expect![[r#"
        at 2026-01-12T00:00:00Z
        card.authorization_expired: Dr wallet-held:authorization-1 5.00 USD · Cr wallet:user-1 5.00 USD
    "#]]
    .assert_eq(&story.wait(Span::days(7)));
}

#[test]
fn a_closed_user_is_not_charged_but_what_is_a_fact_stays_one() {
    let mut story = begun();
    story.given(authorize(usd(10_00)));
    story.given(close_user(1));
    expect![[r#"
        refused: user-1 is closed
        refused: user-1 is closed
        refused: user-1 is closed
        card.cleared: Dr wallet-held:authorization-1 10.00 USD · Dr wallet:user-1 2.00 USD · Cr rail:issuing 12.00 USD
        card.refunded: Dr rail:issuing 2.00 USD · Cr wallet:user-1 2.00 USD
        refused: an authorization that is cleared cannot be reversed
        card.blocked
    "#]].assert_eq(&story.tell([
        issue(wish("card-b")),
        authorize(usd(1)),
        increase(1, usd(1)),
        clear(1, usd(12_00)),
        refund(usd(2_00)),
        reverse(1, None),
        block(),
    ]));
}

#[test]
fn a_card_is_good_to_the_last_microsecond_of_its_month_in_tokyo() {
    let mut told = String::new();
    for from_end in [Span(-1), Span::ZERO, Span::MICRO] {
        let mut story = begun();
        story.wait(END_OF_MARCH - START + from_end);
        let late = Issue { summary: CardSummary { month: 4, ..summary() }, ..wish("card-b") };
        told += &format!("at {}\n", story.context.now);
        told += &story.tell([authorize(usd(1)), issue(wish("card-c")), issue(late)]);
    }
    expect![[r#"
        at 2026-03-31T14:59:59.999999Z
        card.authorized: Dr wallet:user-1 0.01 USD · Cr wallet-held:authorization-1 0.01 USD
        card.issued
        card.issued
        at 2026-03-31T15:00:00Z
        refused: the card expired at the end of 03/2026
        refused: the card expired at the end of 03/2026
        card.issued
        at 2026-03-31T15:00:00.000001Z
        refused: the card expired at the end of 03/2026
        refused: the card expired at the end of 03/2026
        card.issued
    "#]]
    .assert_eq(&told);
}

#[test]
fn an_expired_card_is_still_cleared_reversed_and_refunded() {
    let mut story = begun();
    story.wait(END_OF_MARCH - START + Span(-1));
    story.given(authorize(usd(10_00)));
    story.wait(Span::MICRO);
    expect![[r#"
        refused: the card expired at the end of 03/2026
        card.cleared: Dr wallet-held:authorization-1 4.00 USD · Cr rail:issuing 4.00 USD
        card.reversed: Dr wallet-held:authorization-1 1.00 USD · Cr wallet:user-1 1.00 USD
        card.refunded: Dr rail:issuing 2.00 USD · Cr wallet:user-1 2.00 USD
        card.blocked
        refused: a card that is blocked cannot be charged
    "#]]
    .assert_eq(&story.tell([
        increase(1, usd(1)),
        clear(1, usd(4_00)),
        reverse(1, usd(1_00)),
        refund(usd(2_00)),
        block(),
        authorize(usd(1)),
    ]));
    let hold = story.state.authorizations.get(&AuthorizationId(1)).unwrap();
    assert_eq!((hold.stage, hold.held), (AuthorizationStage::Held, usd(5_00)));
}
