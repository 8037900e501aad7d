//! What follows from a wish about a payment.

use super::{
    Action, Authorized, AwaitingCustomer, Cancelled, Command, Create, Created, DeclineReason, Declined,
    Event, Expired, FailReason, Failed, Instruction, Means, Method, Origin, Payment, Purpose, Rejection,
    Source, money_in, money_out, user_pays, wallet_hold,
};
use crate::{
    books::{Account, Entry, Holder, Label, Realm},
    domain::{
        self, AMOUNT_MINOR_MAX, Context, MerchantId, OrderNumber, PaymentId, Span, Timestamp, order,
        party::party, subscription, token,
    },
    money::{Currency, Money, MoneyError},
    state::State,
};

/// How long the hosted page waits for a choice.
pub const HOSTED_PAGE_LIFETIME: Span = Span::hours(24);
/// The decline that makes a payment failed.
pub const DECLINES_MAX: u8 = 5;

pub(super) type Decision = Result<Vec<domain::Event>, Rejection>;

/// Decides what follows from `command`.
///
/// # Errors
/// The first [`Rejection`] in the order of its variants.
pub fn decide(state: &State, command: &Command, context: &Context) -> Decision {
    let find = |payment: &PaymentId| find(state, *payment, context);
    match command {
        Command::Create(wish) => create(state, wish, context),
        Command::Await { payment, means, instructions } => {
            await_customer(*payment, &find(payment)?, *means, instructions, context)
        }
        Command::Authorize { payment, means, amount } => {
            authorize(*payment, &find(payment)?, *means, *amount)
        }
        Command::AuthorizeByUser { payment, payer } => {
            wallet_hold::authorize(state, *payment, &find(payment)?, *payer, context)
        }
        Command::Capture { payment, amount } => {
            money_in::capture_authorized(state, *payment, &find(payment)?, *amount, context.now)
        }
        Command::Receive { payment, means, amount } => {
            money_in::receive(state, *payment, &find(payment)?, (*means, *amount), context.now)
        }
        Command::PayByUser { payment, payer, purse } => {
            user_pays::pay(state, *payment, &find(payment)?, *payer, *purse, context)
        }
        Command::Decline { payment, method, reason } => {
            decline(state, *payment, &find(payment)?, (*method, *reason), context.now)
        }
        Command::Cancel { payment } => {
            let known = find(payment)?;
            known.check(Action::Cancel)?;
            let entry = give_back_held(state, *payment, &known)?;
            let cancelled = Event::Cancelled(Cancelled { payment: *payment, entry });
            Ok(with_its_order(state, cancelled.into(), &known, context.now))
        }
        Command::Fail { payment, reason } => {
            let known = find(payment)?;
            known.check(Action::Fail)?;
            Ok(with_its_order(state, fail(state, *payment, &known, *reason)?, &known, context.now))
        }
        Command::Refund { payment, amount } => {
            money_out::refund(state, *payment, &find(payment)?, *amount, context.now)
        }
        Command::ChargeBack { payment, amount, fee, rail } => {
            let taken = money_out::Taken { rail: *rail, amount: *amount, fee: *fee };
            money_out::charge_back(state, *payment, &find(payment)?, taken, context.now)
        }
        Command::WinChargeback { payment } => money_out::win_chargeback(state, *payment, &find(payment)?),
        Command::ReturnExcess { payment } => money_out::return_excess(*payment, &find(payment)?),
    }
}

/// What follows when an order that waits for this payment is called off.
pub fn cancel_with_order(state: &State, payment: PaymentId) -> Option<domain::Event> {
    let known = state.payments.get(&payment).filter(|known| known.stage.is_open())?;
    let entry = give_back_held(state, payment, &known).expect("what is held can go back");
    Some(Event::Cancelled(Cancelled { payment, entry }).into())
}

/// Decides what follows when a payment's deadline has come.
pub fn expire(state: &State, payment: PaymentId, context: &Context) -> Vec<domain::Event> {
    match find(state, payment, context) {
        Ok(known) if known.check(Action::Expire).is_ok() => {
            let entry = give_back_held(state, payment, &known).expect("what is held can go back");
            let expired = Event::Expired(Expired { payment, entry });
            with_its_order(state, expired.into(), &known, context.now)
        }
        // The deadline is struck out when a payment ends, so this is a due time that outlived its payment.
        Ok(_) | Err(_) => unreachable!("a deadline is struck out when its payment ends"),
    }
}

fn find(state: &State, payment: PaymentId, context: &Context) -> Result<Payment, Rejection> {
    let known = state.payments.get(&payment).filter(|known| known.belongs_to(context));
    known.ok_or(Rejection::Unknown(payment))
}

fn create(state: &State, wish: &Create, context: &Context) -> Decision {
    let &Create { payment, merchant, purpose, amount, tax, method_fee, origin, ref private } = wish;
    check_realm(state, merchant, context)?;
    check_purpose(state, purpose, merchant, context)?;
    if state.payments.get(&payment).is_some() {
        return Err(Rejection::Exists(payment));
    }
    if amount.minor <= 0 || tax.minor < 0 || method_fee.minor < 0 {
        return Err(Rejection::NotPositive);
    }
    if amount.plus(tax)?.plus(method_fee)?.minor > AMOUNT_MINOR_MAX {
        return Err(Rejection::TooLarge);
    }
    check_priced(state, wish, context)?;
    let deadline = context.now + HOSTED_PAGE_LIFETIME;
    let private = private.clone();
    let created = Created { payment, merchant, purpose, amount, tax, method_fee, origin, deadline, private };
    Ok(vec![Event::Created(created).into()])
}

/// The payment that an order is to be paid by.
pub fn created_for_order(
    (order, payment): (OrderNumber, PaymentId),
    merchant: MerchantId,
    amount: Money,
    deadline: Timestamp,
) -> domain::Event {
    let nothing = Money::zero(amount.currency);
    let created = Created {
        payment,
        merchant,
        purpose: Purpose::Order(order),
        amount,
        tax: nothing,
        method_fee: nothing,
        origin: Origin::Platform,
        deadline,
        private: None,
    };
    Event::Created(created).into()
}

/// The mode may have been switched between the caller's look and now: the realm selected at this moment counts.
fn check_realm(state: &State, merchant: MerchantId, context: &Context) -> Result<(), Rejection> {
    let own = context.tenant.is_none_or(|tenant| tenant == merchant);
    let known = state.merchants.get(&merchant).filter(|_| own).ok_or(Rejection::UnknownMerchant(merchant))?;
    let selected = Some(known.mode.realm(merchant)) == context.realm;
    if selected { Ok(()) } else { Err(Rejection::RealmNotSelected) }
}

/// Whoever is topped up or subscribed is of the same tenant.
fn check_purpose(
    state: &State,
    purpose: Purpose,
    merchant: MerchantId,
    context: &Context,
) -> Result<(), Rejection> {
    match purpose {
        Purpose::Sale => Ok(()),
        Purpose::TopUp(user) | Purpose::Subscription(user, _) => {
            match party(state, Holder::User(user), context)? {
                (_, tenant) if tenant == merchant => Ok(()),
                _ => Err(Rejection::OtherTenant(Holder::User(user))),
            }
        }
        Purpose::Order(order) => Err(Rejection::ThroughOrder(order)),
    }
}

/// A wallet holds money: a price in points is a sale's. A month has its own, and what no rail brings is no top-up's.
fn check_priced(state: &State, wish: &Create, context: &Context) -> Result<(), Rejection> {
    let currency = wish.amount.currency;
    if !token::is_for(state, currency, wish.merchant) {
        return Err(Rejection::UnknownToken(currency));
    }
    match (wish.purpose, context.realm) {
        (Purpose::TopUp(_), _) if matches!(currency, Currency::Token(_)) => {
            Err(Rejection::NoRailBrings(currency))
        }
        (Purpose::TopUp(_), _) if currency == Currency::SgpUsd => Err(Rejection::PointsOnly),
        (Purpose::Subscription(user, month), Some(realm)) => {
            Ok(subscription::check_payment(state, realm, (user, month), wish.amount, wish.tax)?)
        }
        (Purpose::Sale | Purpose::TopUp(_) | Purpose::Order(_) | Purpose::Subscription(..), _) => Ok(()),
    }
}

fn await_customer(
    payment: PaymentId,
    known: &Payment,
    means: Means,
    instructions: &[Instruction],
    context: &Context,
) -> Decision {
    check_rail(known.realm, means.rail)?;
    known.check(Action::Await)?;
    known.check_on_rail()?;
    let refused = Rejection::Method { method: means.method, total: known.total };
    let deadline = means.method.deadline(context.now).filter(|_| means.method.accepts(known.total));
    let deadline = deadline.ok_or(refused)?;
    let instructions = instructions.to_vec();
    Ok(vec![Event::AwaitingCustomer(AwaitingCustomer { payment, means, instructions, deadline }).into()])
}

fn authorize(payment: PaymentId, known: &Payment, means: Means, amount: Money) -> Decision {
    known.check_amount(amount)?;
    check_rail(known.realm, means.rail)?;
    known.check(Action::Authorize)?;
    known.check_on_rail()?;
    if means.method != Method::CreditCard || amount != known.total {
        return Err(Rejection::Method { method: means.method, total: known.total });
    }
    let (source, entry) = (Source::Rail(means), Entry::default());
    Ok(vec![Event::Authorized(Authorized { payment, source, amount, entry }).into()])
}

fn decline(
    state: &State,
    payment: PaymentId,
    known: &Payment,
    (method, reason): (Method, DeclineReason),
    now: Timestamp,
) -> Decision {
    known.check(Action::Decline)?;
    let number = known.declines + 1;
    let mut events = vec![Event::Declined(Declined { payment, method, reason, number }).into()];
    if number >= DECLINES_MAX {
        let failed = fail(state, payment, known, FailReason::Declines)?;
        events.extend(with_its_order(state, failed, known, now));
    }
    Ok(events)
}

/// A payment's end is that of the order that waits for it.
fn with_its_order(
    state: &State,
    ended: domain::Event,
    known: &Payment,
    now: Timestamp,
) -> Vec<domain::Event> {
    let mut events = vec![ended];
    if let Purpose::Order(order) = known.purpose {
        events.extend(order::call_off(state, order, now));
    }
    events
}

fn fail(
    state: &State,
    payment: PaymentId,
    known: &Payment,
    reason: FailReason,
) -> Result<domain::Event, MoneyError> {
    let entry = give_back_held(state, payment, known)?;
    Ok(Event::Failed(Failed { payment, reason, entry }).into())
}

/// What is held goes back the way it came.
fn give_back_held(state: &State, payment: PaymentId, known: &Payment) -> Result<Entry, MoneyError> {
    let entry = money_out::give_back(Account::PaymentHeld(payment), &known.parts);
    Ok(wallet_hold::release(state, payment, known, Money::zero(known.currency()), entry)?.close())
}

/// The sandbox moves no real money.
pub(super) fn check_rail(realm: Realm, rail: Label) -> Result<(), Rejection> {
    if realm == Realm::Live && rail == Label::SANDBOX { Err(Rejection::SandboxInLive) } else { Ok(()) }
}
