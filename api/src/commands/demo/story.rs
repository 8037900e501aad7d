//! The story: coins that buy points, orders that points and wallets pay, a dispute, a refund, and 180 days.

use std::path::Path;

use anyhow::{Context, ensure};
use choai_engine::{
    books::{Holder, Label, Realm},
    domain::{
        Command, Day, DepositId, Event, ListingId, MerchantId, OrderNumber, PaymentId, PayoutId, Span,
        UserId,
        chain::{self, Block, Output, Owner},
        deposit, listing, order,
        payment::{self, Method, Purse},
        payout, settlement, user, wallet,
    },
    log::Recorded,
    money::{Currency, Money},
};

use super::{books, teller::Teller};

/// The shop of the first part, which is in test mode.
const SHOP: MerchantId = MerchantId(1);
const BUYER: UserId = UserId(1);
const FRIEND: UserId = UserId(2);
/// What the shop lists.
const TEA: ListingId = ListingId(1);

/// Tells it on the ledger under `data`.
///
/// # Errors
/// With the step that did not go as it should.
pub(super) async fn tell(data: &Path) -> anyhow::Result<()> {
    let teller = Teller::open(data, Realm::Test(SHOP))?;
    begin(&teller).await?;
    let order = order_and_release(&teller).await?;
    dispute_and_split(&teller).await?;
    settle_and_refund(&teller, order).await?;
    grow_old(&teller).await?;
    books::show(teller.models().await?, teller.realm)?;
    teller.close().await
}

/// Two users; coins that buy one of them points; money for both; something to buy.
async fn begin(teller: &Teller) -> anyhow::Result<()> {
    for what in ["A user registers", "A second user registers"] {
        teller.introduce(what, Command::User(user::Command::Register { tenant: SHOP })).await?;
    }
    let address: chain::ChainAddress = "0x00000000000000000000000000000000000000a1".parse()?;
    let (network, currency) = (Label::ETHEREUM, Currency::Usdt);
    let owner = Owner::Buys(BUYER);
    let assign = chain::Command::Assign { network, address: address.clone(), currency, owner, private: None };
    teller.tell("The first user gets an address where coins buy points", Command::Chain(assign)).await?;
    let transaction = chain::ChainHash::try_from(teller.random::<32>().to_vec())?;
    let (output, amount) = (Output { transaction, index: 0 }, Money::new(52_500_000, currency));
    let report = deposit::Command::Report { network, output, address, amount, private: None };
    teller.tell("52.50 USDT are seen on their way to it", Command::Deposit(report)).await?;
    let block = Block { number: 1, at: teller.now().await? };
    let confirm = deposit::Command::Confirm { deposit: DepositId(1), block };
    teller.tell("They are there: less 1 %, they buy points", Command::Deposit(confirm)).await?;
    let credit = wallet::Command::Credit { holder: Holder::User(BUYER), amount: usd(100_00) };
    teller.tell("100.00 USD come into the user's wallet", Command::Wallet(credit)).await?;
    let (from, to) = (Holder::User(BUYER), Holder::User(FRIEND));
    let give = wallet::Command::Transfer { from, to, amount: usd(40_00) };
    teller.tell("The user gives 40.00 of them to the second", Command::Wallet(give)).await?;
    let give = wallet::Command::Transfer { from, to, amount: Money::new(1_00, Currency::SgpUsd) };
    teller.refuse("Points are not given away", Command::Wallet(give)).await?;
    let (price, stock, is_shippable) = (usd(30_00), 5, true);
    let list = listing::Command::List { merchant: SHOP, price, stock, is_shippable };
    teller.tell("The shop lists tea, five packs at 30.00 USD", Command::Listing(list)).await?;
    Ok(())
}

/// Two packs, paid with points and from the wallet.
async fn order_and_release(teller: &Teller) -> anyhow::Result<OrderNumber> {
    let (order, payment) =
        place(teller, "The user orders two packs, 40.00 of 60.00 in points", BUYER, 2, 40_00).await?;
    pay(teller, "The wallet pays the rest", payment, BUYER).await?;
    ship(teller, order).await?;
    let confirm = order::Command::ConfirmDelivery { order, buyer: BUYER };
    teller.tell("They arrive", Command::Order(confirm)).await?;
    let release = order::Command::Release { order, buyer: BUYER };
    teller.tell("The user accepts them, and the shop is paid", Command::Order(release)).await?;
    Ok(order)
}

/// One pack that did not please.
async fn dispute_and_split(teller: &Teller) -> anyhow::Result<()> {
    let (order, payment) = place(teller, "The second user orders a pack", FRIEND, 1, 0).await?;
    pay(teller, "The wallet pays all of it", payment, FRIEND).await?;
    ship(teller, order).await?;
    let dispute = order::Command::Dispute { order, buyer: FRIEND, private: None };
    teller.tell("The second user disputes it: every deadline stops", Command::Order(dispute)).await?;
    let resolve = order::Command::Resolve { order, to_buyer: usd(10_00) };
    teller.tell("The operator splits it: 10.00 to the buyer", Command::Order(resolve)).await?;
    Ok(())
}

/// All earnings leave; then the shop gives some of them back, and its next sale clears what it owes.
async fn settle_and_refund(teller: &Teller, order: OrderNumber) -> anyhow::Result<()> {
    teller.wait("A day passes", Span::days(1)).await?;
    let (merchant, currency) = (SHOP, Currency::Usd);
    let through = Day::of(teller.now().await?).previous();
    let settle = settlement::Command::Settle { merchant, currency, through };
    let settled = teller.tell("The shop's day is settled", Command::Settlement(settle)).await?;
    let amount = moved(&settled).context("a settlement moves what was earned")?;
    let send = payout::Command::Send { merchant, amount, bank: Label::MAIN };
    let sent = teller.tell("All of it is sent to its bank", Command::Payout(send)).await?;
    let confirm = payout::Command::Confirm { payout: payout_of(&sent).context("a payout was sent")? };
    teller.tell("The bank has paid it", Command::Payout(confirm)).await?;
    let refund = order::Command::Refund { order, amount: Some(usd(25_00)) };
    teller.tell("The shop refunds 25.00 of the first order, and owes them", Command::Order(refund)).await?;
    let payment = PaymentId::from_random(&teller.random::<64>()).context("64 random bytes are enough")?;
    let (amount, nothing) = (usd(50_00), usd(0));
    let create = payment::Create {
        payment,
        merchant,
        purpose: payment::Purpose::Sale,
        amount,
        tax: nothing,
        method_fee: nothing,
        origin: payment::Origin::Platform,
        private: None,
    };
    teller
        .tell("The shop asks for another 50.00 USD", Command::Payment(payment::Command::Create(create)))
        .await?;
    let means = payment::Means { method: Method::CreditCard, rail: Label::SANDBOX, card: None };
    let receive = payment::Command::Receive { payment, means, amount };
    teller.tell("A card pays them, which clears what is owed first", Command::Payment(receive)).await?;
    Ok(())
}

/// What lapses, and what does not.
async fn grow_old(teller: &Teller) -> anyhow::Result<()> {
    let (order, payment) =
        place(teller, "The user orders one more pack, 5.00 in points", BUYER, 1, 5_00).await?;
    pay(teller, "The wallet pays the rest", payment, BUYER).await?;
    let dispute = order::Command::Dispute { order, buyer: BUYER, private: None };
    teller.tell("The user disputes it before it is sent", Command::Order(dispute)).await?;
    teller.wait("180 days pass: what nobody spent lapses", Span::days(180)).await?;
    let (now, points) = (teller.now().await?, teller.models().await?.points());
    ensure!(points.live_at(teller.realm, BUYER, now)?.is_zero(), "nothing can be spent after 180 days");
    let held = points.held_at(teller.realm, BUYER, now)?;
    ensure!(held == Money::new(5_00, Currency::SgpUsd), "what an order holds does not lapse");
    let resolve = order::Command::Resolve { order, to_buyer: usd(0) };
    let what = "The 5.00 that the order held did not: the shop is paid for them";
    teller.tell(what, Command::Order(resolve)).await?;
    Ok(())
}

async fn place(
    teller: &Teller,
    what: &str,
    buyer: UserId,
    quantity: u32,
    points: i128,
) -> anyhow::Result<(OrderNumber, PaymentId)> {
    let random = teller.random::<64>();
    let order = OrderNumber::from_random(&random).context("64 random bytes are enough")?;
    let payment = PaymentId::from_random(&teller.random::<64>()).context("64 random bytes are enough")?;
    let wish = order::Place {
        order,
        buyer,
        listing: TEA,
        quantity,
        total: usd(i128::from(quantity) * 30_00),
        points: Money::new(points, Currency::SgpUsd),
        payment,
        private: None,
    };
    teller.tell(what, Command::Order(order::Command::Place(wish))).await?;
    Ok((order, payment))
}

async fn pay(teller: &Teller, what: &str, payment: PaymentId, payer: UserId) -> anyhow::Result<()> {
    let pay = payment::Command::PayByUser { payment, payer, purse: Purse::Wallet };
    teller.tell(what, Command::Payment(pay)).await?;
    Ok(())
}

async fn ship(teller: &Teller, order: OrderNumber) -> anyhow::Result<()> {
    let (carrier, tracking_number) = ("Yamato".to_owned(), "4711-0815".to_owned());
    let ship = order::Command::Ship { order, carrier, tracking_number };
    teller.tell("The shop sends it", Command::Order(ship)).await?;
    Ok(())
}

/// What a settlement made ready to be paid out.
fn moved(events: &[Recorded]) -> Option<Money> {
    events.iter().find_map(|recorded| match &recorded.event {
        Event::Settlement(settlement::Event::Closed(closed)) => Some(closed.moved),
        _ => None,
    })
}

fn payout_of(events: &[Recorded]) -> Option<PayoutId> {
    events.iter().find_map(|recorded| match &recorded.event {
        Event::Payout(payout::Event::Sent(sent)) => Some(sent.payout),
        _ => None,
    })
}

const fn usd(minor: i128) -> Money {
    Money::new(minor, Currency::Usd)
}
