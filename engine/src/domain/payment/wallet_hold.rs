//! A payment set aside in a user's wallet: held until it is captured, and given back where it is not.

use super::{Action, Authorized, Event, Payment, Purpose, Rejection, Source, Stage, decide::Decision};
use crate::{
    books::{Account, Draft, Entry, Hold, Holder},
    domain::{Context, PaymentId, UserId, party::party},
    money::{Money, MoneyError},
    state::State,
};

impl Payment {
    /// Whose wallet it is held of, and how much, while it is.
    pub fn wallet_hold(&self) -> Option<(UserId, Money)> {
        match self.authorized {
            Some(Source::Wallet(payer)) if self.stage == Stage::Authorized => Some((payer, self.total)),
            Some(Source::Wallet(_) | Source::Rail(_) | Source::Points(_)) | None => None,
        }
    }
}

/// Decides that a user sets all of it aside.
pub(super) fn authorize(
    state: &State,
    payment: PaymentId,
    known: &Payment,
    payer: UserId,
    context: &Context,
) -> Decision {
    let holder = Holder::User(payer);
    let (realm, tenant) = party(state, holder, context)?;
    if tenant != known.merchant {
        return Err(Rejection::OtherTenant(holder));
    }
    if known.purpose != Purpose::Sale {
        return Err(Rejection::OnlySales);
    }
    known.check_money()?;
    known.check(Action::Authorize)?;
    let (source, amount) = (Source::Wallet(payer), known.total);
    let held = Account::WalletHeld(Hold::Payment(payment));
    let entry = Entry::write().debit(Account::Wallet(holder), amount).credit(held, amount).close();
    state.check_guards(realm, &entry)?;
    Ok(vec![Event::Authorized(Authorized { payment, source, amount, entry }).into()])
}

/// Ends a hold, if there is one: `taken` is what the rest of the entry credits, and what is left goes back to the
/// wallet. As with everything that comes in, what the user owes by now is cleared first.
pub(super) fn release(
    state: &State,
    payment: PaymentId,
    known: &Payment,
    taken: Money,
    entry: Draft,
) -> Result<Draft, MoneyError> {
    let Some((payer, held)) = known.wallet_hold() else { return Ok(entry) };
    let holder = Holder::User(payer);
    let entry = entry.debit(Account::WalletHeld(Hold::Payment(payment)), held);
    state.credit_to(known.realm, holder, Account::Wallet(holder), held.minus(taken)?, entry)
}
