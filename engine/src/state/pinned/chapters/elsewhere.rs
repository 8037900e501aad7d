//! One of everything in live, in dollars, and in the second shop's test realm, in yen.

use super::{Chapter, begin};
use crate::{
    books::{Label, Place, Realm},
    domain::{
        AddressId, AuthorizationId, CardId, Command, Day, DepositId, Digest, ListingId, MerchantId, Span,
        UserId, WithdrawalId, card,
        chain::{self, Block, Custody, Output, Owner},
        deposit, listing,
        merchant::Mode,
        order,
        payment::{self, Brand, CardSummary, Means, Method, Purpose, Purse},
        payout, points, settlement, subscription, token, user,
        withdrawal::{self, Request},
    },
    money::{Currency, Money},
    samples::{self, chain_address, chain_hash, payment_id, sealed},
};

/// Where, whose, and in what: the first or the second of everything.
#[derive(Clone, Copy)]
struct Elsewhere {
    realm: Realm,
    shop: MerchantId,
    user: UserId,
    currency: Currency,
    number: u32,
}

const SECOND: MerchantId = MerchantId(2);
const THIRD: MerchantId = MerchantId(3);
const LIVE: Elsewhere =
    Elsewhere { realm: Realm::Live, shop: THIRD, user: UserId(3), currency: Currency::Usd, number: 1 };
const THERE: Elsewhere = Elsewhere {
    realm: Realm::Test(SECOND),
    shop: SECOND,
    user: UserId(4),
    currency: Currency::Jpy,
    number: 2,
};

pub(super) fn elsewhere() -> Chapter {
    let mut chapter = begin("elsewhere");
    chapter.tell(None, Command::Merchant(samples::register(Mode::Active)));
    for tenant in [THIRD, SECOND] {
        chapter.tell(None, Command::User(user::Command::Register { tenant }));
        let network = Some(Label::ETHEREUM);
        let register = token::Command::Register { tenant, digits: 6, is_transferable: true, network };
        chapter.tell(None, Command::Token(register));
    }
    for this in [LIVE, THERE] {
        this.pays(&mut chapter);
        this.buys(&mut chapter);
        this.issues(&mut chapter);
        this.receives(&mut chapter);
        this.sends(&mut chapter);
        let (holder, user) = (this.user, this.user);
        let grant = points::Command::Grant { holder, quantity: Money::new(3_00, Currency::SgpUsd) };
        this.tell(&mut chapter, Command::Points(grant));
        this.tell(&mut chapter, Command::Subscription(subscription::Command::Start { user }));
        this.earns(&mut chapter);
    }
    chapter.wait(Realm::Live, Span::days(40));
    chapter
}

impl Elsewhere {
    fn tell(self, chapter: &mut Chapter, command: Command) {
        chapter.tell(Some(self.realm), command);
    }

    const fn money(self, minor: i128) -> Money {
        Money::new(minor, self.currency)
    }

    fn payment(self, of: u32) -> crate::domain::PaymentId {
        payment_id(u64::from(10 * self.number + of))
    }

    fn about_payment(self, chapter: &mut Chapter, command: payment::Command) {
        self.tell(chapter, Command::Payment(command));
    }

    /// A top-up, a sale that is paid twice, and one whose card is authorised before its money is taken back.
    fn pays(self, chapter: &mut Chapter) {
        let rail = "acquirer".parse().unwrap();
        let (brand, month) = (Brand::Master, 3 + self.number as u8);
        let card = Some(CardSummary { brand, last_four: 5, month, year: 2029 });
        let means = Means { method: Method::CreditCard, rail, card };
        let amount = self.money(90_00);
        for (of, purpose) in [(1, Purpose::TopUp(self.user)), (2, Purpose::Sale), (3, Purpose::Sale)] {
            let sale = samples::create(u64::from(10 * self.number + of), self.shop, amount);
            let create = payment::Command::Create(payment::Create { purpose, ..sale });
            self.about_payment(chapter, create);
        }
        for of in [1, 2, 2] {
            self.about_payment(
                chapter,
                payment::Command::Receive { payment: self.payment(of), means, amount },
            );
        }
        let payment = self.payment(3);
        for command in [
            payment::Command::Authorize { payment, means, amount },
            payment::Command::Capture { payment, amount: None },
            payment::Command::Refund { payment, amount: None },
            payment::Command::ChargeBack { payment, amount: self.money(5_00), fee: self.money(1_00), rail },
        ] {
            self.about_payment(chapter, command);
        }
    }

    fn buys(self, chapter: &mut Chapter) {
        let (merchant, price) = (self.shop, self.money(7_00));
        let list = listing::Command::List { merchant, price, stock: 4, is_shippable: true };
        self.tell(chapter, Command::Listing(list));
        let (payment, purse) = (self.payment(4), Purse::Wallet);
        let place = order::Place {
            order: format!("ORD-{:08}", self.number).parse().unwrap(),
            buyer: self.user,
            listing: ListingId(self.number),
            quantity: 1,
            total: price,
            points: Money::zero(Currency::SgpUsd),
            payment,
            private: None,
        };
        self.tell(chapter, Command::Order(order::Command::Place(place)));
        self.about_payment(chapter, payment::Command::PayByUser { payment, payer: self.user, purse });
        let authorize = payment::Command::AuthorizeByUser { payment: self.payment(5), payer: self.user };
        let number = u64::from(10 * self.number + 5);
        let create = payment::Command::Create(samples::create(number, self.shop, price));
        self.about_payment(chapter, create);
        self.about_payment(chapter, authorize);
    }

    fn issues(self, chapter: &mut Chapter) {
        let summary = CardSummary { brand: Brand::Jcb, last_four: 1, month: 5, year: 2027 };
        let (user, rail, token, currency) =
            (self.user, Label::ISSUING, "card-a".parse().unwrap(), self.currency);
        let issue = card::Issue { user, rail, token, summary, currency };
        self.tell(chapter, Command::Card(card::Command::Issue(issue)));
        let (card, authorization) = (CardId(self.number), AuthorizationId(self.number));
        let authorize = card::Command::Authorize { card, amount: self.money(3_00) };
        self.tell(chapter, Command::Card(authorize));
        let clear = card::Command::Clear { card, authorization, amount: self.money(200_00) };
        self.tell(chapter, Command::Card(clear));
    }

    /// Points are bought with what the second transaction brings; the third brings what nobody awaited.
    fn receives(self, chapter: &mut Chapter) {
        let network = Label::ETHEREUM;
        let usdt = |minor| Money::new(minor + i128::from(self.number) * 1_111_111, Currency::Usdt);
        for (of, owner, amount) in [
            (1, Some(Owner::Keeps(Custody::Processor(self.shop))), usdt(50_000_000)),
            (2, Some(Owner::Buys(self.user)), usdt(20_000_000)),
            (3, None, usdt(1)),
        ] {
            let address = chain_address(of);
            if let Some(owner) = owner {
                let (address, currency) = (address.clone(), amount.currency);
                let assign = chain::Command::Assign { network, address, currency, owner, private: None };
                self.tell(chapter, Command::Chain(assign));
            }
            let output = self.output(of);
            let report = deposit::Command::Report { network, output, address, amount, private: None };
            self.tell(chapter, Command::Deposit(report));
            let (deposit, block) = (DepositId(3 * (self.number - 1) + of as u32), self.block(chapter));
            let confirm = deposit::Command::Confirm { deposit, block };
            self.tell(chapter, Command::Deposit(confirm));
        }
        let (address, amount) = (AddressId(3 * (self.number - 1) + 1), usdt(1_000_000));
        let sweep = chain::Command::Sweep { network, address, amount, output: self.output(4) };
        self.tell(chapter, Command::Chain(sweep));
        let (place, transaction) = (Place::Cold, chain_hash(40));
        let fee = chain::Command::PayFee { network, place, amount: usdt(0), transaction };
        self.tell(chapter, Command::Chain(fee));
    }

    fn sends(self, chapter: &mut Chapter) {
        let (from, network) = (Custody::Processor(self.shop), Label::ETHEREUM);
        let (amount, query) = (Money::new(500_000, Currency::Usdt), Some(Digest([9; 32])));
        let request = Request { from, network, amount, query, destination: sealed(3) };
        self.tell(chapter, Command::Withdrawal(withdrawal::Command::Request(request)));
        let (withdrawal, message) = (WithdrawalId(self.number), chain_hash(50));
        let expires_at = chapter.state.now(Some(self.realm), chapter.now) + Span::hours(1);
        let send = withdrawal::Command::Send { withdrawal, message, expires_at };
        self.tell(chapter, Command::Withdrawal(send));
    }

    /// What was refunded since the period is carried to the next one.
    fn earns(self, chapter: &mut Chapter) {
        let through = Day::of(chapter.now);
        chapter.wait(self.realm, Span::days(1));
        let refund = payment::Command::Refund { payment: self.payment(2), amount: Some(self.money(50_00)) };
        self.about_payment(chapter, refund);
        let (merchant, currency) = (self.shop, self.currency);
        let settle = settlement::Command::Settle { merchant, currency, through };
        self.tell(chapter, Command::Settlement(settle));
        let (amount, bank) = (self.money(10_00), "second".parse().unwrap());
        let send = payout::Command::Send { merchant, amount, bank };
        self.tell(chapter, Command::Payout(send));
    }

    fn output(self, number: u64) -> Output {
        Output { transaction: chain_hash(number), index: self.number }
    }

    fn block(self, chapter: &Chapter) -> Block {
        Block { number: self.number.into(), at: chapter.now }
    }
}
