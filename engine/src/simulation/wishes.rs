//! What callers want: a little of everything that moves money, much of it impossible by the time it is decided.

use super::chance::Chance;
use crate::{
    books::{Holder, Label, Realm},
    domain::{
        Command, Day, MerchantId, PaymentId, Sealed, Span, Timestamp, UserId, merchant,
        payment::{self, Means, Method, Purse},
        payout, points, realm, settlement, user, wallet,
    },
    money::{Currency, Money},
    samples,
};

const SHOP: MerchantId = MerchantId(1);
const NEIGHBOUR: MerchantId = MerchantId(2);
/// Users of the shop.
const USERS: [UserId; 3] = [UserId(1), UserId(2), UserId(3)];
/// Of how many payments a wish takes one.
const LATEST: u64 = 6;

/// What is wished for, and where.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) realm: Option<Realm>,
    pub(super) command: Command,
}

/// Draws wishes; knows which payments were asked for.
#[derive(Default)]
pub(super) struct Wishes {
    payments: u64,
}

impl Wishes {
    /// What everything else needs.
    pub(super) fn first() -> Vec<Wish> {
        let register = |_| Command::Merchant(samples::register(merchant::Mode::Test));
        let users = USERS.map(|_| Command::User(user::Command::Register { tenant: SHOP }));
        let commands = [SHOP, NEIGHBOUR].map(register).into_iter().chain(users);
        commands.map(|command| Wish { realm: None, command }).collect()
    }

    /// Whose payment number `number` is.
    const fn merchant(number: u64) -> MerchantId {
        if number.is_multiple_of(5) { NEIGHBOUR } else { SHOP }
    }

    /// A new payment, with something private if `seal` is asked for it.
    pub(super) fn create(&mut self, chance: &mut Chance, seal: impl FnOnce(PaymentId) -> Sealed) -> Wish {
        self.payments += 1;
        let merchant = Self::merchant(self.payments);
        let create = samples::create(self.payments, merchant, usd(1 + i128::from(chance.below(50_00))));
        let private = chance.one_in(2).then(|| seal(create.payment));
        let command = payment::Command::Create(payment::Create { private, ..create });
        Wish { realm: Some(Realm::Test(merchant)), command: Command::Payment(command) }
    }

    /// Anything else; `now` is the wall clock's.
    pub(super) fn draw(&self, chance: &mut Chance, now: Timestamp) -> Wish {
        let number = self.payments.saturating_sub(chance.below(LATEST));
        let (payment, merchant) = (samples::payment_id(number), Self::merchant(number));
        let about = |command| (merchant, Command::Payment(command));
        let amount = usd(1 + i128::from(chance.below(20_00)));
        let user = chance.of_these(&USERS);
        let means = Means { method: Method::CreditCard, rail: Label::SANDBOX, card: None };
        let (merchant, command) = match chance.below(16) {
            0 | 1 => about(payment::Command::Receive { payment, means, amount }),
            2 => about(payment::Command::Authorize { payment, means, amount }),
            3 => about(payment::Command::Capture { payment, amount: None }),
            4 => about(payment::Command::Refund { payment, amount: chance.one_in(2).then_some(amount) }),
            5 => about(payment::Command::Cancel { payment }),
            6 | 7 => {
                let purse = chance.of_these(&[Purse::Wallet, Purse::Points]);
                about(payment::Command::PayByUser { payment, payer: user, purse })
            }
            8 | 9 => {
                let holder = Holder::User(user);
                (SHOP, Command::Wallet(wallet::Command::Credit { holder, amount }))
            }
            10 | 11 => {
                let (from, to) = (Holder::User(user), Holder::User(chance.of_these(&USERS)));
                (SHOP, Command::Wallet(wallet::Command::Transfer { from, to, amount }))
            }
            12 => (SHOP, Command::Points(points::Command::Buy { holder: user, price: amount })),
            13 => {
                let by = Span::hours(1 + i64::try_from(chance.below(200)).expect("it is small"));
                (merchant, Command::Realm(realm::Command::AdvanceClock { by }))
            }
            14 => {
                let currency = Currency::Usd;
                let through = Day(Day::of(now).0 + i64::try_from(chance.below(4)).expect("it is small"));
                let settle = settlement::Command::Settle { merchant, currency, through };
                (merchant, Command::Settlement(settle))
            }
            _ => {
                let send = payout::Command::Send { merchant, amount, bank: Label::MAIN };
                (merchant, Command::Payout(send))
            }
        };
        Wish { realm: Some(Realm::Test(merchant)), command }
    }
}

fn usd(minor: i128) -> Money {
    Money::new(minor, Currency::Usd)
}
