//! Listings, as data.

use expect_test::expect;

use super::{Command, STOCK_MAX};
use crate::{
    domain::{
        self, AMOUNT_MINOR_MAX, ListingId, MerchantId,
        story::{SHOP, Story, usd},
        token,
    },
    money::{Currency, Money, Token},
};

const FIRST: ListingId = ListingId(1);

fn list(merchant: u32, price: Money, stock: u64) -> domain::Command {
    let merchant = MerchantId(merchant);
    domain::Command::Listing(Command::List { merchant, price, stock, is_shippable: true })
}

fn adjust(listing: u32, by: i64) -> domain::Command {
    domain::Command::Listing(Command::AdjustStock { listing: ListingId(listing), by })
}

fn reprice(price: Money) -> domain::Command {
    domain::Command::Listing(Command::Reprice { listing: FIRST, price })
}

fn close() -> domain::Command {
    domain::Command::Listing(Command::Close { listing: FIRST })
}

/// The first listing: 10 pieces at 20.00.
fn listed() -> Story {
    let mut story = Story::begin();
    story.given(list(SHOP.0, usd(20_00), 10));
    story
}

#[test]
fn a_listing_is_offered_repriced_stocked_and_closed() {
    expect![[r#"
        listing.listed
        listing.repriced
        listing.stock_adjusted
        listing.stock_adjusted
        listing.closed
        refused: listing 1 is closed
        refused: listing 1 is closed
        refused: listing 1 is closed
    "#]]
    .assert_eq(&listed().tell([
        list(SHOP.0, usd(1), 0),
        reprice(usd(25_00)),
        adjust(1, 5),
        adjust(1, -15),
        close(),
        close(),
        reprice(usd(1)),
        adjust(1, 1),
    ]));
}

#[test]
fn stock_goes_from_nothing_to_a_billion() {
    let most = i64::try_from(STOCK_MAX).unwrap();
    let adjusted = [-10, -11, most - 10, most - 9, i64::MAX, i64::MIN].map(|by| adjust(1, by));
    expect![[r#"
        listing.stock_adjusted
        refused: there would be -1; there can be 0 to 1000000000
        listing.stock_adjusted
        refused: there would be 1000000001; there can be 0 to 1000000000
        refused: there would be 9223372036854775817; there can be 0 to 1000000000
        refused: there would be -9223372036854775798; there can be 0 to 1000000000
    "#]]
    .assert_eq(&Story::tell_apart(listed, adjusted));
    let stocked = [STOCK_MAX, STOCK_MAX + 1, u64::MAX].map(|stock| list(SHOP.0, usd(1), stock));
    expect![[r#"
        listing.listed
        refused: there would be 1000000001; there can be 0 to 1000000000
        refused: there would be 18446744073709551615; there can be 0 to 1000000000
    "#]]
    .assert_eq(&Story::tell_apart(listed, stocked));
}

#[test]
fn a_price_is_more_than_nothing_and_can_be_counted() {
    let prices = [0, -1, AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX + 1, i128::MAX].map(usd);
    expect![[r#"
        refused: the amount must be more than zero
        refused: the amount must be more than zero
        listing.repriced
        refused: the amount is too large
        refused: the amount is too large
    "#]]
    .assert_eq(&Story::tell_apart(listed, prices.map(reprice)));
}

#[test]
fn nobody_else_sees_a_listing() {
    let mut story = listed();
    expect![[r#"
        refused: there is no merchant-2
        refused: there is no merchant-9
        refused: there is no listing 9
    "#]]
    .assert_eq(&story.tell([list(2, usd(1), 1), list(9, usd(1), 1), adjust(9, 1)]));
    story.context.tenant = Some(MerchantId(2));
    expect![[r#"
        refused: there is no merchant-1
        refused: there is no listing 1
        refused: there is no listing 1
    "#]]
    .assert_eq(&story.tell([list(1, usd(1), 1), adjust(1, 1), close()]));
    story.context = domain::Context { realm: None, tenant: None, ..story.context };
    expect![[r#"
        refused: value lives in a realm: live, or a tenant's test realm
        refused: there is no listing 1
    "#]]
    .assert_eq(&story.tell([list(1, usd(1), 1), adjust(1, 1)]));
}

/// A price in a token that the buyers of this shop cannot have would be one that nobody can pay.
#[test]
fn a_price_is_in_no_token_but_its_tenants() {
    let register = |tenant| {
        let tenant = MerchantId(tenant);
        let register = token::Command::Register { tenant, digits: 2, is_transferable: true, network: None };
        domain::Command::Token(register)
    };
    let price = |id| Money::new(5_00, Currency::Token(Token::new(id, 2).unwrap()));
    expect![[r#"
        token.registered
        token.registered
        listing.listed
        refused: TOKEN-2.2 is no token of this tenant
        refused: TOKEN-2.2 is no token of this tenant
        refused: TOKEN-3.2 is no token of this tenant
        listing.repriced
    "#]]
    .assert_eq(&listed().tell([
        register(1),
        register(2),
        list(SHOP.0, price(1), 1),
        list(SHOP.0, price(2), 1),
        reprice(price(2)),
        reprice(price(3)),
        reprice(price(1)),
    ]));
}
