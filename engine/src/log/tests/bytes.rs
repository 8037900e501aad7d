//! Golden bytes: every shape ever stored, as it was stored.
//!
//! `stored.txt` has a line for every kind as it is written today: its numbers, its name and a body. When a kind
//! gets a new schema, its line moves to `earlier.txt` as it is: the bytes are in somebody's log.

use expect_test::{expect, expect_file};

use super::*;
use crate::domain::chain::{Custody, Owner};
use crate::log::Recorded;

#[test]
fn every_kind_is_written_as_it_always_was() {
    let line = |event: &Event| {
        let (kind, body) = codec::encode_event(event);
        format!("{} {} {} {}\n", kind.number, kind.schema, kind.name(), hex(&body))
    };
    expect_file!["./stored.txt"].assert_eq(&samples().iter().map(line).collect::<String>());
}

#[test]
fn everything_ever_stored_still_reads() {
    let samples = [samples(), as_earlier_shapes_read()].concat();
    let mut read = 0;
    for line in include_str!("earlier.txt").lines().chain(include_str!("stored.txt").lines()) {
        let [number, schema, name, body] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let kind = Kind { number: number.parse().unwrap(), schema: schema.parse().unwrap() };
        let event = codec::decode_event(kind, &from_hex(body));
        assert!(samples.contains(&event.unwrap()), "{name} reads as what it was");
        read += 1;
    }
    let schemas: usize = codec::KINDS.iter().map(|(.., schema)| usize::from(*schema)).sum();
    assert_eq!(read, schemas, "every schema of every kind has its line");
}

#[test]
fn every_kind_has_its_own_number_and_name_and_a_sample() {
    let mut kinds: Vec<u16> = samples().iter().map(|event| codec::encode_event(event).0.number).collect();
    kinds.sort_unstable();
    let registered: Vec<u16> = codec::KINDS.iter().map(|(kind, ..)| *kind).collect();
    assert_eq!(kinds, registered, "the register is in order, and each kind is written by one sample");
    for (_, name, _) in codec::KINDS {
        assert_eq!(codec::KINDS.iter().filter(|(_, other, _)| other == name).count(), 1, "{name}");
    }
}

#[test]
fn what_is_encoded_decodes_to_itself() {
    for header in [full_header, short_header] {
        let frame = commit(Head::default(), &samples(), header);
        let records = frame.records().unwrap();
        for (index, (record, event)) in records.iter().zip(samples()).enumerate() {
            assert_eq!(record.position, index as u64 + 1);
            assert_eq!(record.kind, codec::encode_event(&event).0);
            assert_eq!(record.recorded_at, AT);
            assert_eq!(record.header, header(&event));
            assert_eq!(record.event, event);
        }
        assert_eq!(records.len(), samples().len());
        assert_eq!(Frame::verify(frame.bytes()).unwrap().bytes(), frame.bytes());
    }
}

#[test]
fn every_actor_and_realm_reads_back() {
    let event = &samples()[1];
    for actor in [Actor::Ledger, Actor::Operator, Actor::Merchant(SHOP), Actor::Payer, Actor::Courier] {
        for realm in [None, Some(Realm::Live), Some(Realm::Test(SHOP))] {
            let mut draft = FrameDraft::new(1, AT);
            let header = RecordHeader { actor, realm, ..short_header(event) };
            draft.push(&header, event);
            assert_eq!(draft.seal(Head::default()).records().unwrap()[0].header, header);
        }
    }
}

/// Drawn byte by byte in `docs/event-format.md`; any tool that follows the page finds these values.
#[test]
fn a_commit_is_laid_out_as_it_always_was() {
    let after = Head { position: 41, hash: [0xAB; 32] };
    let frame = commit(after, &[samples()[1].clone()], full_header);
    let parts = [
        ("header", 0..64),
        ("record", 64..frame.bytes().len() - 32),
        ("hash", frame.bytes().len() - 32..frame.bytes().len()),
    ];
    let text: String = parts.map(|(name, range)| format!("{name} {}\n", hex(&frame.bytes()[range]))).concat();
    expect![[r#"
        header 43484f41010000002a00000000000000010000007f00000001ac38419b470600abababababababababababababababababababababababababababababababab
        record 7b0000000200010037000000000000000000000000000000e0000000000000000000000000000000e1000000000000000000000000000000c0012ca83cc0550600070000001111111111111111111111111111111122222222222222222222222222222222020700000003000000000000000a6d65726368616e742d370701
        hash 7755cd77b700427fb5386a16a9cd397d86f5f15e54f9a286fd8924ed3dff21db
    "#]].assert_eq(&text);
}

#[test]
fn a_leaf_is_the_time_and_the_record_as_they_are_stored() {
    let frame = commit(Head::default(), &samples(), full_header);
    let leaves: Vec<Vec<u8>> = frame.leaves().unwrap().iter().map(|leaf| leaf.to_bytes()).collect();
    let records: Vec<u8> = leaves.iter().flat_map(|leaf| leaf[8..].to_vec()).collect();
    assert_eq!(records, frame.bytes()[64..frame.bytes().len() - 32]);
    for (leaf, recorded) in leaves.iter().zip(frame.records().unwrap()) {
        assert_eq!(leaf[..8], frame.bytes()[24..32]);
        let read = |leaf: &[u8]| Recorded::of_leaf(recorded.position, leaf);
        assert_eq!(read(leaf).unwrap(), recorded);
        assert!(read(&leaf[..leaf.len() - 1]).is_err());
        assert!(read(&[&leaf[..], &[0]].concat()).is_err());
    }
}

/// Variants are stored by where they stand in the code, without their names: one put in between, or two in another
/// order, would read as something else, and no hash would tell.
#[test]
fn every_variant_of_a_stored_enum_has_the_number_it_always_had() {
    fn numbers<T: serde::Serialize + std::fmt::Debug>(all: &[T]) -> String {
        let number = |one: &T| format!("{} {one:?}", codec::to_bytes(one)[0]);
        all.iter().map(number).collect::<Vec<_>>().join(", ") + "\n"
    }
    use merchant::Mode;
    use payment::{Brand, DeclineReason, FailReason, InstructionKind, Method, Origin};
    use webhook::{Answer, Topic, Verdict};
    let (payment, order) = (payment_id(), "ORD-AB12CD34".parse().unwrap());
    let mut methods = Method::ALL;
    methods.sort();
    let all = [
        numbers(&methods),
        numbers(&[Brand::Visa, Brand::Master, Brand::Jcb, Brand::AmericanExpress, Brand::DinersClub]),
        numbers(&[
            InstructionKind::Store,
            InstructionKind::Receipt,
            InstructionKind::ConfirmationCode,
            InstructionKind::BankId,
            InstructionKind::CustomerId,
            InstructionKind::ConfirmationId,
            InstructionKind::OrderId,
            InstructionKind::BankName,
            InstructionKind::BranchName,
            InstructionKind::AccountType,
            InstructionKind::AccountNumber,
            InstructionKind::AccountName,
        ]),
        numbers(&[
            DeclineReason::InsufficientFunds,
            DeclineReason::ExceedsLimit,
            DeclineReason::BadVerificationValue,
            DeclineReason::CardExpired,
            DeclineReason::CardNotUsable,
            DeclineReason::InvalidCard,
            DeclineReason::UsedNumber,
            DeclineReason::InvalidNumber,
            DeclineReason::Unknown,
        ]),
        numbers(&[FailReason::Declines, FailReason::Rail]),
        numbers(&[Origin::ItoPayment, Origin::Platform]),
        numbers(&[Topic::ItoPaymentCaptured]),
        numbers(&[
            Answer::Status(0),
            Answer::Refused,
            Answer::Unreachable,
            Answer::TimedOut,
            Answer::NoDestination,
        ]),
        numbers(&[Verdict::Delivered, Verdict::RetryAt(AT), Verdict::GaveUp]),
        numbers(&[Mode::Test, Mode::Active]),
        numbers(&[Realm::Live, Realm::Test(SHOP)]),
        numbers(&[
            Account::Rail(Label::SANDBOX),
            Account::Bank(Label::MAIN),
            Account::Receivable(SHOP),
            Account::PaymentHeld(payment),
            Account::MerchantPending(SHOP),
            Account::MerchantAvailable(SHOP),
            Account::Suspense(payment),
            Account::Income(Income::Charge),
            Account::Expense(Expense::RailFee),
            Account::Wallet(Holder::User(UserId(5))),
            Account::Points(UserId(5)),
            Account::Exchange,
            Account::Issuer,
            Account::Payout(PayoutId(5)),
            Account::UserReceivable(UserId(5)),
            Account::WalletHeld(Hold::Payment(payment)),
            Account::PointsHeld(order),
            Account::Escrow(order),
            Account::Chain(Label::MAIN, Place::Hot),
            Account::Processor(SHOP),
            Account::Withdrawal(WithdrawalId(5)),
            Account::Unowned(Label::MAIN),
        ]),
        numbers(&[
            Income::Charge,
            Income::MethodFee,
            Income::Breakage,
            Income::Subscription,
            Income::ExchangeFee,
            Income::Rounding,
        ]),
        numbers(&[Expense::RailFee, Expense::Chargeback, Expense::Promotion, Expense::NetworkFee]),
        numbers(&[Hold::Payment(payment), Hold::Authorization(AuthorizationId(5))]),
        numbers(&[Place::Address(AddressId(5)), Place::Hot, Place::Cold]),
        numbers(&[Holder::User(UserId(5)), Holder::Merchant(SHOP)]),
        numbers(&[
            payment::Source::Rail(card()),
            payment::Source::Wallet(UserId(5)),
            payment::Source::Points(UserId(5)),
        ]),
        numbers(&[points::Kind::Free, points::Kind::Paid]),
        numbers(&[points::Source::Promotion, points::Source::Wallet, points::Source::Deposit(DepositId(5))]),
        numbers(&[
            points::Purpose::Payment(payment),
            points::Purpose::Order(order),
            points::Purpose::Subscription(Month(676)),
            points::Purpose::TakenBack(DepositId(5)),
        ]),
        numbers(&[
            payment::Purpose::Sale,
            payment::Purpose::TopUp(UserId(5)),
            payment::Purpose::Order(order),
            payment::Purpose::Subscription(UserId(5), Month(676)),
        ]),
        numbers(&[
            subscription::Source::Wallet,
            subscription::Source::Points,
            subscription::Source::Payment(payment),
        ]),
        numbers(&[merchant::Earner::Platform, merchant::Earner::Tenant]),
        numbers(&[Subject::Payment(payment), Subject::User(UserId(5)), Subject::Customer(Digest([5; 32]))]),
        numbers(&[Custody::Wallet(Holder::User(UserId(5))), Custody::Processor(SHOP)]),
        numbers(&[Owner::Keeps(Custody::Processor(SHOP)), Owner::Buys(UserId(5))]),
        numbers(&[
            deposit::SkipReason::UnderACent,
            deposit::SkipReason::TooManyLots,
            deposit::SkipReason::Closed,
        ]),
    ];
    expect![[r#"
        0 CreditCard, 1 Konbini, 2 BankTransfer, 3 PayEasy, 4 WebMoney, 5 NetCash, 6 Nanaco, 7 BitCash
        0 Visa, 1 Master, 2 Jcb, 3 AmericanExpress, 4 DinersClub
        0 Store, 1 Receipt, 2 ConfirmationCode, 3 BankId, 4 CustomerId, 5 ConfirmationId, 6 OrderId, 7 BankName, 8 BranchName, 9 AccountType, 10 AccountNumber, 11 AccountName
        0 InsufficientFunds, 1 ExceedsLimit, 2 BadVerificationValue, 3 CardExpired, 4 CardNotUsable, 5 InvalidCard, 6 UsedNumber, 7 InvalidNumber, 8 Unknown
        0 Declines, 1 Rail
        0 ItoPayment, 1 Platform
        0 ItoPaymentCaptured
        0 Status(0), 1 Refused, 2 Unreachable, 3 TimedOut, 4 NoDestination
        0 Delivered, 1 RetryAt(Timestamp(1767582000000001)), 2 GaveUp
        0 Test, 1 Active
        0 Live, 1 Test(MerchantId(7))
        0 Rail("sandbox"), 1 Bank("main"), 2 Receivable(MerchantId(7)), 3 PaymentHeld("AIYmQIOAz0GlmsjfhgiOeu304"), 4 MerchantPending(MerchantId(7)), 5 MerchantAvailable(MerchantId(7)), 6 Suspense("AIYmQIOAz0GlmsjfhgiOeu304"), 7 Income(Charge), 8 Expense(RailFee), 9 Wallet(User(UserId(5))), 10 Points(UserId(5)), 11 Exchange, 12 Issuer, 13 Payout(PayoutId(5)), 14 UserReceivable(UserId(5)), 15 WalletHeld(Payment("AIYmQIOAz0GlmsjfhgiOeu304")), 16 PointsHeld("ORD-AB12CD34"), 17 Escrow("ORD-AB12CD34"), 18 Chain("main", Hot), 19 Processor(MerchantId(7)), 20 Withdrawal(WithdrawalId(5)), 21 Unowned("main")
        0 Charge, 1 MethodFee, 2 Breakage, 3 Subscription, 4 ExchangeFee, 5 Rounding
        0 RailFee, 1 Chargeback, 2 Promotion, 3 NetworkFee
        0 Payment("AIYmQIOAz0GlmsjfhgiOeu304"), 1 Authorization(AuthorizationId(5))
        0 Address(AddressId(5)), 1 Hot, 2 Cold
        0 User(UserId(5)), 1 Merchant(MerchantId(7))
        0 Rail(Means { method: CreditCard, rail: "sandbox", card: Some(CardSummary { brand: Visa, last_four: 1111, month: 12, year: 2030 }) }), 1 Wallet(UserId(5)), 2 Points(UserId(5))
        0 Free, 1 Paid
        0 Promotion, 1 Wallet, 2 Deposit(DepositId(5))
        0 Payment("AIYmQIOAz0GlmsjfhgiOeu304"), 1 Order("ORD-AB12CD34"), 2 Subscription(Month(676)), 3 TakenBack(DepositId(5))
        0 Sale, 1 TopUp(UserId(5)), 2 Order("ORD-AB12CD34"), 3 Subscription(UserId(5), Month(676))
        0 Wallet, 1 Points, 2 Payment("AIYmQIOAz0GlmsjfhgiOeu304")
        0 Platform, 1 Tenant
        0 Payment("AIYmQIOAz0GlmsjfhgiOeu304"), 1 User(UserId(5)), 2 Customer(Digest([5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5]))
        0 Wallet(User(UserId(5))), 1 Processor(MerchantId(7))
        0 Keeps(Processor(MerchantId(7))), 1 Buys(UserId(5))
        0 UnderACent, 1 TooManyLots, 2 Closed
    "#]].assert_eq(&all.concat());
}

/// The pages an auditor reads are about the kinds and accounts there are.
#[test]
fn the_docs_list_every_kind_and_every_account() {
    let format = include_str!("../../../../docs/event-format.md");
    for (number, name, schema) in codec::KINDS {
        let row = format!("| {number} | `{name}` | {schema} |");
        assert!(format.contains(&row), "docs/event-format.md lacks {row}");
    }
    let accounts = include_str!("../../../../docs/accounts.md");
    for event in samples() {
        let name = codec::encode_event(&event).0.name();
        for posting in event.entry().map_or(&[][..], Entry::postings) {
            assert!(accounts.contains(&format!("`{name}`")), "docs/accounts.md has no entry of {name}");
            let printed = posting.account.to_string();
            // What follows the colon is a name where the account is one of many.
            let own = printed.split_once(':').map_or(printed.as_str(), |(purpose, _)| purpose);
            let listed =
                [format!("| `{printed}` |"), format!("| `{own}:{{")].iter().any(|row| accounts.contains(row));
            assert!(listed, "docs/accounts.md lacks {printed}");
        }
    }
}
