//! Addresses, deposits and withdrawals: whose coins are, what they buy, and what their chain takes back.

use super::{Chapter, HERE, SHOP, begin};
use crate::{
    books::{Holder, Label, Place},
    domain::{
        AddressId, Command, DepositId, Digest, Span, UserId, WithdrawalId,
        chain::{self, Block, Custody, Owner},
        deposit, token,
        withdrawal::{self, Request},
    },
    money::{Currency, Money, Token},
    samples::{chain_address, chain_hash, output, sealed},
};

const USER: UserId = UserId(1);
const WALLET: Custody = Custody::Wallet(Holder::User(USER));
const PROCESSOR: Custody = Custody::Processor(SHOP);

pub(super) fn coins() -> Chapter {
    let mut chapter = begin("coins");
    let network = Some(Label::TON);
    let register = token::Command::Register { tenant: SHOP, digits: 9, is_transferable: false, network };
    chapter.tell(None, Command::Token(register));
    for (number, amount, owner) in [
        (1, ton(500), Owner::Keeps(WALLET)),
        (2, ton(900), Owner::Keeps(PROCESSOR)),
        (3, usdt(10_500_000), Owner::Buys(USER)),
    ] {
        assign(&mut chapter, number, amount.currency, owner);
        report(&mut chapter, number, number, amount);
    }
    (1..=3).for_each(|number| confirm(&mut chapter, number));
    // Under a cent: it buys nothing.
    report(&mut chapter, 4, 3, usdt(5_000));
    confirm(&mut chapter, 4);
    taken_back(&mut chapter);
    nobodys(&mut chapter);
    moved(&mut chapter);
    sent_out(&mut chapter);
    chapter
}

fn taken_back(chapter: &mut Chapter) {
    for deposit in [DepositId(1), DepositId(3)] {
        chapter.about_deposit(deposit::Command::Reorganise { deposit });
    }
    confirm(chapter, 1);
}

/// Coins at addresses that nobody was given, of which one is given away with them and one later.
fn nobodys(chapter: &mut Chapter) {
    report(chapter, 5, 5, ton(70));
    confirm(chapter, 5);
    let (deposit, owner) = (DepositId(5), Owner::Keeps(PROCESSOR));
    chapter.about_deposit(deposit::Command::Assign { deposit, owner });
    let jetton = Money::new(40, Currency::Token(Token::new(1, 9).unwrap()));
    report(chapter, 6, 6, jetton);
    assign(chapter, 6, jetton.currency, Owner::Keeps(WALLET));
    confirm(chapter, 6);
}

fn moved(chapter: &mut Chapter) {
    let (network, address, amount) = (Label::TON, AddressId(1), ton(400));
    chapter.about_chain(chain::Command::Sweep { network, address, amount, output: output(20) });
    let (from, to, amount) = (Place::Hot, Place::Cold, ton(30));
    chapter.about_chain(chain::Command::Move { network, from, to, amount, output: output(21) });
    let (place, amount, transaction) = (Place::Hot, ton(1), chain_hash(21));
    chapter.about_chain(chain::Command::PayFee { network, place, amount, transaction });
}

/// The first leaves with its second message, and once more; the next fails, the third is given up, one waits.
fn sent_out(chapter: &mut Chapter) {
    let query = |number| Some(Digest([number; 32]));
    for (from, amount, query) in [
        (WALLET, ton(100), query(1)),
        (PROCESSOR, ton(200), query(2)),
        (PROCESSOR, ton(300), None),
        (WALLET, Money::new(10, Currency::Token(Token::new(1, 9).unwrap())), None),
    ] {
        let (network, destination) = (Label::TON, sealed(1));
        let wish = Request { from, network, amount, query, destination };
        chapter.about_withdrawal(withdrawal::Command::Request(wish));
    }
    send(chapter, 1, 31);
    chapter.wait(HERE, Span::hours(2));
    send(chapter, 1, 32);
    let process = |number, fee| {
        let (withdrawal, output) = (WithdrawalId(1), output(number));
        withdrawal::Command::Process { withdrawal, output, fee }
    };
    chapter.about_withdrawal(process(33, Some(ton(2))));
    chapter.about_withdrawal(process(34, None));
    send(chapter, 2, 35);
    let (message, transaction) = (chain_hash(35), chain_hash(36));
    let fail = withdrawal::Command::Fail { withdrawal: WithdrawalId(2), message, transaction };
    chapter.about_withdrawal(fail);
    chapter.about_withdrawal(withdrawal::Command::GiveUp { withdrawal: WithdrawalId(3) });
    send(chapter, 4, 37);
}

fn assign(chapter: &mut Chapter, address: u64, currency: Currency, owner: Owner) {
    let (network, address) = (network(currency), chain_address(address));
    chapter.about_chain(chain::Command::Assign { network, address, currency, owner, private: None });
}

fn report(chapter: &mut Chapter, number: u64, address: u64, amount: Money) {
    let (network, output, address) = (network(amount.currency), output(number), chain_address(address));
    chapter.about_deposit(deposit::Command::Report { network, output, address, amount, private: None });
}

fn confirm(chapter: &mut Chapter, deposit: u32) {
    let (deposit, block) = (DepositId(deposit), Block { number: 1, at: chapter.now });
    chapter.about_deposit(deposit::Command::Confirm { deposit, block });
}

fn send(chapter: &mut Chapter, withdrawal: u32, message: u64) {
    let (withdrawal, message) = (WithdrawalId(withdrawal), chain_hash(message));
    let expires_at = chapter.now + Span::hours(1);
    chapter.about_withdrawal(withdrawal::Command::Send { withdrawal, message, expires_at });
}

impl Chapter {
    fn about_chain(&mut self, command: chain::Command) {
        self.here(Command::Chain(command));
    }

    fn about_deposit(&mut self, command: deposit::Command) {
        self.here(Command::Deposit(command));
    }

    fn about_withdrawal(&mut self, command: withdrawal::Command) {
        self.here(Command::Withdrawal(command));
    }
}

/// The network that has these coins.
fn network(currency: Currency) -> Label {
    if currency == Currency::Usdt { Label::ETHEREUM } else { Label::TON }
}

const fn ton(minor: i128) -> Money {
    Money::new(minor, Currency::Ton)
}

const fn usdt(minor: i128) -> Money {
    Money::new(minor, Currency::Usdt)
}
