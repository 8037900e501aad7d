//! Realms and tenants never touch: every wish there is, sent where its thing is not, is refused and changes nothing.
//!
//! What a wish names no thing for, but begins, may begin elsewhere: each case says where. Then nothing that was there
//! before has changed but numbers that count, and what is posted is posted in that realm, to nobody else's accounts.

mod cases;
mod world;

use std::collections::{BTreeMap, HashSet};

use super::{Context, MerchantId, decide};
use crate::{
    books::{AccountKey, Holder, Realm},
    domain::{
        Command,
        story::{HERE, SHOP, Story},
    },
    log::codec,
    state::{Row, State, TableId},
};
use cases::{Case, Home};

const NEIGHBOUR: MerchantId = MerchantId(2);
const THERE: Realm = Realm::Test(NEIGHBOUR);

/// Where a wish can come to that is not where its thing is: in a realm, and sent for a tenant or for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Elsewhere {
    /// At home, but sent for another tenant.
    ForAnother,
    /// In another tenant's test realm: sent for nobody, for the thing's tenant, and for the realm's.
    There(Option<MerchantId>),
    /// In live: sent for nobody, for the thing's tenant, and for another.
    Live(Option<MerchantId>),
    /// In no realm: sent for nobody, and for the thing's tenant. For what has no realm, in its tenant's.
    Astray(Option<MerchantId>),
}

use Elsewhere::{Astray, ForAnother, Live, There};

const EVERYWHERE: [Elsewhere; 9] = [
    ForAnother,
    There(None),
    There(Some(SHOP)),
    There(Some(NEIGHBOUR)),
    Live(None),
    Live(Some(SHOP)),
    Live(Some(NEIGHBOUR)),
    Astray(None),
    Astray(Some(SHOP)),
];

impl Elsewhere {
    fn context(self, home: Home, context: Context) -> Context {
        let (realm, tenant) = match (self, home) {
            (ForAnother, _) => (home.realm(), Some(NEIGHBOUR)),
            (There(tenant), _) => (Some(THERE), tenant),
            (Live(tenant), _) => (Some(Realm::Live), tenant),
            (Astray(tenant), Home::Realm) => (None, tenant),
            (Astray(tenant), Home::Nowhere) => (Some(HERE), tenant),
        };
        Context { realm, tenant, ..context }
    }
}

/// Every wish, by room and name. A new one does not compile until it is in the list, and then fails until it has a case.
macro_rules! every_wish {
    ($($room:ident $module:ident { $($wish:ident)* })*) => {
        const EVERY: &[&str] = &[$($(concat!(stringify!($room), "::", stringify!($wish))),*),*];

        const fn name(command: &Command) -> &'static str {
            match command {
                $($(Command::$room(super::$module::Command::$wish { .. }) => {
                    concat!(stringify!($room), "::", stringify!($wish))
                })*)*
            }
        }
    };
}

every_wish! {
    Listing listing { List Reprice AdjustStock Close }
    Card card { Issue Block Unblock Close Authorize Increase Reverse Clear Refund }
    Chain chain { Assign Sweep Move PayFee }
    Deposit deposit { Report Confirm Assign Reorganise }
    Kyc kyc { Save Submit Approve Reject }
    Merchant merchant {
        Register SetMode SetTerms SetOrderDeadlines RotateSecret RotateAccessKey RotateClientSecret RegisterClient
        SetKycForm SetPlan
    }
    Order order { Place Cancel Ship ConfirmDelivery Release Dispute Resolve Refund }
    Payment payment {
        Create Await Authorize AuthorizeByUser Capture Receive PayByUser Decline Cancel Fail Refund ChargeBack
        WinChargeback ReturnExcess
    }
    Payout payout { Send Confirm Return }
    Points points { Grant Buy }
    Rail rail { Settle }
    Realm realm { AdvanceClock }
    Settlement settlement { Settle }
    Signer signer { AdoptKey }
    Subject subject { Erase EraseAgain }
    Subscription subscription { Start Pay Refund Stop }
    Token token { Register }
    User user { Register Enrol SetProfile Close }
    Wallet wallet { Credit Issue Transfer }
    Webhook webhook { RecordAttempt Requeue }
    Withdrawal withdrawal { Request Send Process Fail GiveUp }
}

#[test]
fn every_wish_has_a_case() {
    let cases = cases::all();
    let named: Vec<&str> = cases.iter().map(|case| name(&case.command)).collect();
    let missing: Vec<&&str> = EVERY.iter().filter(|wish| !named.contains(wish)).collect();
    assert!(missing.is_empty(), "engine/src/domain/apart/cases.rs has no case of {missing:?}");
}

/// Or a refusal elsewhere would prove nothing.
#[test]
fn every_wish_is_granted_at_home() {
    for Case { command, home, .. } in cases::all() {
        let mut story = world::begin();
        story.context.realm = home.realm();
        let told = story.tell([command.clone()]);
        assert!(!told.contains("refused"), "{}: {told}", name(&command));
    }
}

#[test]
fn whatever_is_sent_elsewhere_is_refused_or_begins_something_there() {
    let world = world::begin();
    let mut wrong = String::new();
    for Case { command, home, begins } in cases::all() {
        for elsewhere in EVERYWHERE {
            let context = elsewhere.context(home, world.context);
            let outcome = decide(&world.state, &command, &context);
            if outcome.is_ok() != begins.contains(&elsewhere) {
                let outcome = outcome.map(|_| "accepted");
                wrong += &format!("{} {elsewhere:?}: {outcome:?}\n", name(&command));
            }
        }
    }
    assert_eq!(wrong, "");
}

#[test]
fn what_begins_elsewhere_touches_nothing_that_was_there() {
    for Case { command, home, begins } in cases::all() {
        for elsewhere in begins {
            let mut story = world::begin();
            let before = keys(&story.state.drain().into_rows().unwrap());
            story.context = elsewhere.context(home, story.context);
            let (realm, told) = (story.context.realm, story.tell([command.clone()]));
            let what = format!("{} {elsewhere:?}: {told}", name(&command));
            for row in story.state.drain().into_rows().unwrap() {
                check_row(&story, realm, &row, before.contains(&(row.table, row.key.clone())), &what);
            }
        }
    }
}

fn keys(rows: &[Row]) -> HashSet<(TableId, Vec<u8>)> {
    rows.iter().map(|row| (row.table, row.key.clone())).collect()
}

fn check_row(story: &Story, realm: Option<Realm>, row: &Row, was_there: bool, what: &str) {
    let table = State::table_name(row.table);
    match table {
        "balances" => check_account(story, realm, &codec::from_bytes(&row.key).unwrap(), what),
        "clocks" => assert_eq!(Some(codec::from_bytes(&row.key).unwrap()), realm, "{what}"),
        // Numbers go on through all realms.
        "counts" => {}
        _ => assert!(!was_there, "{what} changed a row of {table}"),
    }
}

/// Of its realm, and of nobody, or of somebody who is the thing's tenant or one of its users.
fn check_account(story: &Story, realm: Option<Realm>, key: &AccountKey, what: &str) {
    assert_eq!(Some(key.realm), realm, "{what} posts to {key}");
    let tenant = key.account.holder().map(|holder| match holder {
        Holder::Merchant(merchant) => merchant,
        Holder::User(user) => story.state.users.get(&user).expect("whoever is posted to is known").tenant,
    });
    assert!(tenant.is_none_or(|tenant| tenant == SHOP), "{what} posts to {key}");
}

/// Nobody learns from a refusal that somebody else has such a thing: it is the one for a thing that is not there.
#[test]
fn a_refusal_to_another_tenant_tells_nothing() {
    let world = world::begin();
    let mut refusals = BTreeMap::<String, Vec<&str>>::new();
    for Case { command, home, begins } in cases::all() {
        if begins.contains(&ForAnother) {
            continue;
        }
        let refused = decide(&world.state, &command, &ForAnother.context(home, world.context));
        let refused = refused.expect_err("another tenant is refused").to_string();
        let about: String = refused.chars().filter(|letter| !letter.is_ascii_digit()).collect();
        refusals.entry(about).or_default().push(name(&command));
    }
    let text: String =
        refusals.iter().map(|(refusal, wishes)| format!("{refusal}\n  {}\n", wishes.join(" "))).collect();
    expect_test::expect![[r#"
        no delivery has the id P-
          Webhook::RecordAttempt Webhook::Requeue
        no merchant has the number 
          Payment::Create Merchant::SetMode Merchant::SetTerms Merchant::SetOrderDeadlines Merchant::RotateSecret Merchant::SetPlan Merchant::RotateAccessKey Merchant::RotateClientSecret Merchant::RegisterClient Merchant::SetKycForm Token::Register User::Register User::Enrol
        no payment has the id P
          Payment::Await Payment::Authorize Payment::AuthorizeByUser Payment::Capture Payment::PayByUser Payment::PayByUser Payment::PayByUser Payment::Decline Payment::Cancel Payment::Fail Payment::Refund Payment::ChargeBack Payment::WinChargeback Payment::ReturnExcess Payment::Receive
        no user has the number 
          Kyc::Save Kyc::Submit User::SetProfile User::Close
        only the operator approves or rejects
          Kyc::Approve Kyc::Reject
        only the platform says which key signs
          Signer::AdoptKey
        only the platform tells what a chain says
          Chain::Sweep Chain::Move Chain::PayFee Deposit::Report Deposit::Confirm Deposit::Assign Deposit::Reorganise Withdrawal::Process Withdrawal::Fail Withdrawal::GiveUp Withdrawal::Send
        only the platform tells what a rail has paid out
          Rail::Settle
        there is no card 
          Card::Block Card::Unblock Card::Close Card::Authorize Card::Increase Card::Reverse Card::Clear Card::Refund
        there is no listing 
          Listing::Reprice Listing::AdjustStock Listing::Close
        there is no merchant-
          Listing::List Payout::Send Settlement::Settle
        there is no order ORD-
          Order::Cancel Order::Cancel Order::Ship Order::ConfirmDelivery Order::Release Order::Dispute Order::Resolve Order::Refund
        there is no payment-P
          Subject::Erase Subject::EraseAgain
        there is no payout 
          Payout::Confirm Payout::Return
        there is no realm test-
          Realm::AdvanceClock
        there is no user-
          Card::Issue Chain::Assign Withdrawal::Request Order::Place Points::Grant Points::Buy Subscription::Start Subscription::Pay Subscription::Refund Subscription::Stop Wallet::Credit Wallet::Issue Wallet::Transfer Subject::Erase Subject::EraseAgain
    "#]].assert_eq(&text);
}
