//! Every wish as one that is granted in the first shop's test realm, and where else it may begin something.

use super::{
    Elsewhere::{self, ForAnother, Live, There},
    NEIGHBOUR,
    world::{
        ADDRESS, ASKED, GONE, IDLE, OTHER, USER, WALLET, attempt, by, create, delivery, issue, month, number,
        payment_of, place, receive, request, send, tokens, ton, yen,
    },
};
use crate::{
    books::{Holder, Label, Place, Realm},
    domain::{
        AuthorizationId, CardId, Command, Day, DepositId, Digest, ListingId, PayoutId, SecretId, Span,
        Subject, UserId, WithdrawalId, card,
        chain::{self, Block, Owner},
        deposit, kyc, listing,
        merchant::{self, Deadlines, Mode, Plan, Terms},
        order::{self, By},
        payment::{self, DeclineReason, FailReason, Method, Purse},
        payout, points, rail, realm, settlement,
        story::{HERE, SHOP, START, usd, user},
        subject, subscription, token, user as users, wallet,
        webhook::{self, Verdict},
        withdrawal,
    },
    money::Currency,
    samples::{self, chain_address, chain_hash, output, payment_id},
};

/// Where the thing that a wish is about has its home.
#[derive(Debug, Clone, Copy)]
pub(super) enum Home {
    /// In the first shop's test realm.
    Realm,
    /// In no realm: it is an identity.
    Nowhere,
}

impl Home {
    pub(super) const fn realm(self) -> Option<Realm> {
        match self {
            Self::Realm => Some(HERE),
            Self::Nowhere => None,
        }
    }
}

/// A wish, and where it is granted though its thing is not there, since it begins another.
pub(super) struct Case {
    pub(super) command: Command,
    pub(super) home: Home,
    pub(super) begins: Vec<Elsewhere>,
}

/// Users and tenants have no realm: in live they can have what they have in a test realm.
const IN_LIVE: [Elsewhere; 2] = [Live(None), Live(Some(SHOP))];
/// What the platform tells of a realm is of that realm, whoever's the thing of the same name elsewhere is.
const BY_THE_PLATFORM: [Elsewhere; 2] = [There(None), Live(None)];

pub(super) fn all() -> Vec<Case> {
    let nowhere: Vec<Case> = identities();
    let rooms = [listings(), cards(), coins(), withdrawals(), orders(), payments(), earnings(), holders()];
    let cases = rooms.into_iter().flatten().map(|command| {
        let begins = begins(&command);
        Case { command, home: Home::Realm, begins }
    });
    cases.chain(nowhere).collect()
}

/// Where a wish of a realm begins something of its own, in another.
fn begins(command: &Command) -> Vec<Elsewhere> {
    match command {
        // Its own tenant's user would have to be entitled there.
        Command::Card(card::Command::Issue(_)) => vec![Live(None)],
        Command::Listing(listing::Command::List { .. })
        | Command::Chain(chain::Command::Assign { .. })
        | Command::Points(points::Command::Grant { .. })
        | Command::Subscription(subscription::Command::Start { .. })
        | Command::Wallet(wallet::Command::Issue { .. }) => IN_LIVE.into(),
        Command::Chain(chain::Command::Move { .. } | chain::Command::PayFee { .. })
        | Command::Deposit(deposit::Command::Report { .. })
        | Command::Rail(_) => BY_THE_PLATFORM.into(),
        // Of the realm that it is sent in, by its own tenant too.
        Command::Realm(_) => vec![There(None), There(Some(NEIGHBOUR))],
        Command::Card(_)
        | Command::Chain(_)
        | Command::Deposit(_)
        | Command::Kyc(_)
        | Command::Listing(_)
        | Command::Merchant(_)
        | Command::Order(_)
        | Command::Payment(_)
        | Command::Payout(_)
        | Command::Points(_)
        | Command::Settlement(_)
        | Command::Signer(_)
        | Command::Subject(_)
        | Command::Subscription(_)
        | Command::Token(_)
        | Command::User(_)
        | Command::Wallet(_)
        | Command::Webhook(_)
        | Command::Withdrawal(_) => Vec::new(),
    }
}

fn identities() -> Vec<Case> {
    let (merchant, tenant) = (SHOP, SHOP);
    let (secret, digest, overlap) = (SecretId([4; 16]), Digest([5; 32]), Span::ZERO);
    let commands = [
        Command::Merchant(merchant::Command::SetMode { merchant, mode: Mode::Active }),
        Command::Merchant(merchant::Command::SetTerms { merchant, terms: Terms::default() }),
        Command::Merchant(merchant::Command::SetOrderDeadlines { merchant, deadlines: Deadlines::default() }),
        Command::Merchant(merchant::Command::RotateSecret { merchant, secret, overlap }),
        Command::Merchant(merchant::Command::SetPlan { merchant, plan: Plan::default() }),
        Command::Merchant(merchant::Command::RotateAccessKey { merchant, access_key: digest, overlap }),
        Command::Merchant(merchant::Command::RotateClientSecret { merchant, client_secret: digest, overlap }),
        Command::Merchant(merchant::Command::RegisterClient {
            merchant,
            client_id: "app".into(),
            name: "App".into(),
            redirect_uris: vec!["https://app.jp/".into()],
        }),
        Command::Merchant(merchant::Command::SetKycForm { merchant, form: kyc::Form::default() }),
        Command::Kyc(kyc::Command::Save {
            user: USER,
            form: 1,
            answers: samples::sealed(USER.0),
            documents: Vec::new(),
        }),
        Command::Kyc(kyc::Command::Submit { user: IDLE, form: 1 }),
        Command::Kyc(kyc::Command::Approve { user: ASKED }),
        Command::Kyc(kyc::Command::Reject { user: ASKED, reason: samples::sealed(ASKED.0) }),
        Command::Token(token::Command::Register {
            tenant,
            digits: 9,
            is_transferable: true,
            network: Some(Label::TON),
        }),
        Command::Signer(samples::adopt_key(1, 1, None)),
        Command::User(users::Command::Register { tenant }),
        Command::User(users::Command::Enrol(users::Enrol {
            user: UserId(99),
            tenant,
            client: None,
            profile: samples::sealed(99),
        })),
        Command::User(users::Command::SetProfile { user: USER, profile: samples::sealed(USER.0) }),
        Command::User(users::Command::Close { user: USER }),
        Command::Subject(subject::Command::Erase { subject: Subject::User(GONE) }),
        Command::Subject(subject::Command::EraseAgain { subject: Subject::User(USER) }),
    ];
    // Nobody's before it is registered.
    let register = Command::Merchant(samples::register(Mode::Test));
    let register = Case { command: register, home: Home::Nowhere, begins: vec![ForAnother] };
    let cases = commands.map(|command| Case { command, home: Home::Nowhere, begins: Vec::new() });
    cases.into_iter().chain([register]).collect()
}

fn listings() -> Vec<Command> {
    let (merchant, listing, price) = (SHOP, ListingId(1), usd(12_00));
    let wishes = [
        listing::Command::List { merchant, price, stock: 3, is_shippable: true },
        listing::Command::Reprice { listing, price },
        listing::Command::AdjustStock { listing, by: 1 },
        listing::Command::Close { listing },
    ];
    wishes.map(Command::Listing).into()
}

fn cards() -> Vec<Command> {
    let (card, authorization, amount) = (CardId(1), AuthorizationId(1), usd(5_00));
    let wishes = [
        card::Command::Issue(issue("card-c")),
        card::Command::Block { card },
        card::Command::Unblock { card: CardId(2) },
        card::Command::Close { card },
        card::Command::Authorize { card, amount },
        card::Command::Increase { card, authorization, amount },
        card::Command::Reverse { card, authorization, amount: None },
        card::Command::Clear { card, authorization, amount: usd(900_00) },
        card::Command::Refund { card, amount },
    ];
    wishes.map(Command::Card).into()
}

fn coins() -> Vec<Command> {
    let (network, owner, amount) = (Label::TON, Owner::Keeps(WALLET), ton(5));
    let (address, currency) = (chain_address(9), Currency::Ton);
    let place = Place::Hot;
    let moves = [
        chain::Command::Assign { network, address: address.clone(), currency, owner, private: None },
        chain::Command::Sweep { network, address: ADDRESS, amount, output: output(20) },
        chain::Command::Move { network, from: Place::Hot, to: Place::Cold, amount, output: output(21) },
        chain::Command::PayFee { network, place, amount, transaction: chain_hash(22) },
    ];
    let block = Block { number: 1, at: START };
    let reports = [
        deposit::Command::Report { network, output: output(1_000), address, amount, private: None },
        deposit::Command::Confirm { deposit: DepositId(2), block },
        deposit::Command::Assign { deposit: DepositId(3), owner },
        deposit::Command::Reorganise { deposit: DepositId(1) },
    ];
    moves.map(Command::Chain).into_iter().chain(reports.map(Command::Deposit)).collect()
}

fn withdrawals() -> Vec<Command> {
    let (withdrawal, message) = (WithdrawalId(2), chain_hash(90));
    let reports = [
        withdrawal::Command::Request(request(3)),
        withdrawal::Command::Process { withdrawal, output: output(31), fee: Some(ton(1)) },
        withdrawal::Command::Fail { withdrawal, message, transaction: chain_hash(32) },
        withdrawal::Command::GiveUp { withdrawal: WithdrawalId(1) },
    ];
    let send = send(&super::world::begin(), 1);
    reports.map(Command::Withdrawal).into_iter().chain([send]).collect()
}

fn orders() -> Vec<Command> {
    let buyer = USER;
    let (carrier, tracking_number) = ("Yamato".into(), "4711".into());
    let wishes = [
        order::Command::Place(place(9)),
        order::Command::Cancel { order: number(1), by: By::Buyer(buyer) },
        order::Command::Cancel { order: number(2), by: By::Merchant },
        order::Command::Ship { order: number(2), carrier, tracking_number },
        order::Command::ConfirmDelivery { order: number(3), buyer },
        order::Command::Release { order: number(4), buyer },
        order::Command::Dispute { order: number(4), buyer, private: None },
        order::Command::Resolve { order: number(5), to_buyer: usd(4_00) },
        order::Command::Refund { order: number(6), amount: None },
    ];
    wishes.map(Command::Order).into()
}

fn payments() -> Vec<Command> {
    let (payer, purse, amount, rail) = (USER, Purse::Wallet, usd(20_00), by(Method::CreditCard).rail);
    let [captured, paid_twice, charged_back, authorized, waits, delayed] = [2, 3, 4, 5, 6, 7].map(payment_id);
    let (method, reason, instructions) = (Method::CreditCard, DeclineReason::InsufficientFunds, Vec::new());
    let wishes = [
        payment::Command::Await { payment: delayed, means: by(Method::Konbini), instructions },
        payment::Command::Authorize { payment: waits, means: by(method), amount },
        payment::Command::AuthorizeByUser { payment: waits, payer },
        payment::Command::Capture { payment: authorized, amount: None },
        payment::Command::PayByUser { payment: waits, payer, purse },
        payment::Command::PayByUser { payment: waits, payer, purse: Purse::Points },
        payment::Command::PayByUser { payment: payment_of(1), payer, purse },
        payment::Command::Decline { payment: waits, method, reason },
        payment::Command::Cancel { payment: waits },
        payment::Command::Fail { payment: waits, reason: FailReason::Rail },
        payment::Command::Refund { payment: captured, amount: None },
        payment::Command::ChargeBack { payment: captured, amount, fee: usd(1_00), rail },
        payment::Command::WinChargeback { payment: charged_back },
        payment::Command::ReturnExcess { payment: paid_twice },
    ];
    let others = [
        create(30, usd(10_00)),
        receive(waits, amount),
        attempt(3, Verdict::Delivered),
        Command::Webhook(webhook::Command::Requeue { delivery: delivery(2) }),
        Command::Subject(subject::Command::Erase { subject: Subject::Payment(captured) }),
        Command::Subject(subject::Command::EraseAgain { subject: Subject::Payment(waits) }),
    ];
    wishes.map(Command::Payment).into_iter().chain(others).collect()
}

fn earnings() -> Vec<Command> {
    let (merchant, payout, rail) = (SHOP, PayoutId(1), "acquirer".parse().unwrap());
    vec![
        Command::Payout(payout::Command::Send { merchant, amount: usd(10_00), bank: Label::MAIN }),
        Command::Payout(payout::Command::Confirm { payout }),
        Command::Payout(payout::Command::Return { payout }),
        Command::Rail(rail::Command::Settle { rail, bank: Label::MAIN, net: usd(9_00), fee: usd(1_00) }),
        Command::Realm(realm::Command::AdvanceClock { by: Span::days(1) }),
        Command::Settlement(settlement::Command::Settle {
            merchant,
            currency: Currency::Usd,
            through: Day::of(START + Span::days(1)),
        }),
    ]
}

fn holders() -> Vec<Command> {
    let (holder, purse) = (USER, Purse::Wallet);
    let month = month(&super::world::begin());
    let (from, to) = (user(1), Holder::User(OTHER));
    vec![
        Command::Points(points::Command::Grant { holder, quantity: crate::domain::story::sgp(1_00) }),
        Command::Points(points::Command::Buy { holder, price: usd(1_00) }),
        Command::Subscription(subscription::Command::Start { user: IDLE }),
        Command::Subscription(subscription::Command::Pay { user: USER, month, purse }),
        Command::Subscription(subscription::Command::Refund { user: OTHER, month }),
        Command::Subscription(subscription::Command::Stop { user: USER }),
        Command::Wallet(wallet::Command::Credit { holder: from, amount: yen(5) }),
        Command::Wallet(wallet::Command::Issue { holder: from, amount: tokens(5) }),
        Command::Wallet(wallet::Command::Transfer { from, to, amount: usd(5_00) }),
    ]
}
