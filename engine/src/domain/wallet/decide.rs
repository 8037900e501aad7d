//! What follows from a wish about a wallet.

use super::{Command, Credited, Event, Issued, Rejection, Transferred};
use crate::{
    books::{Account, Entry, Holder, Label, Realm},
    domain::{self, Context, MerchantId, amount::check_amount, party::party, token::TokenTerms},
    money::{Currency, Money, MoneyError},
    state::State,
};

type Decision = Result<Vec<domain::Event>, Rejection>;

/// Decides what follows from `command`.
///
/// # Errors
/// The first [`Rejection`] in the order of its variants.
pub fn decide(state: &State, command: &Command, context: &Context) -> Decision {
    match *command {
        Command::Credit { holder, amount } => credit(state, holder, amount, context),
        Command::Issue { holder, amount } => issue(state, holder, amount, context),
        Command::Transfer { from, to, amount } => transfer(state, from, to, amount, context),
    }
}

fn credit(state: &State, holder: Holder, amount: Money, context: &Context) -> Decision {
    let (realm, _) = party(state, holder, context)?;
    if realm == Realm::Live {
        return Err(Rejection::NotTest);
    }
    check_amount(amount)?;
    match amount.currency {
        Currency::SgpUsd => return Err(Rejection::PointsNotTransferable),
        // There is an issuer for tokens, and no rail.
        Currency::Token(_) => return Err(Rejection::NotTransferable(amount.currency)),
        Currency::Usd
        | Currency::Jpy
        | Currency::Krw
        | Currency::Eur
        | Currency::Twd
        | Currency::Usdt
        | Currency::Ton => {}
    }
    let entry = into(state, realm, holder, amount, Account::Rail(Label::SANDBOX))?;
    Ok(vec![Event::Credited(Credited { realm, holder, amount, entry }).into()])
}

fn issue(state: &State, holder: Holder, amount: Money, context: &Context) -> Decision {
    let (realm, tenant) = party(state, holder, context)?;
    check_amount(amount)?;
    if check_token(state, amount.currency, tenant)?.network.is_some() {
        return Err(Rejection::NotIssued(amount.currency));
    }
    let entry = into(state, realm, holder, amount, Account::Issuer)?;
    Ok(vec![Event::Issued(Issued { realm, holder, amount, entry }).into()])
}

fn transfer(state: &State, from: Holder, to: Holder, amount: Money, context: &Context) -> Decision {
    let (realm, tenant) = party(state, from, context)?;
    let (_, other) = party(state, to, context)?;
    if other != tenant {
        return Err(Rejection::OtherTenant(to));
    }
    if from == to {
        return Err(Rejection::Same(from));
    }
    check_amount(amount)?;
    check_transferable(state, amount.currency, tenant)?;
    let entry = into(state, realm, to, amount, Account::Wallet(from))?;
    state.check_guards(realm, &entry)?;
    Ok(vec![Event::Transferred(Transferred { realm, from, to, amount, entry }).into()])
}

/// As with everything that comes in, what the holder owes by now is cleared before the wallet has more.
fn into(
    state: &State,
    realm: Realm,
    holder: Holder,
    amount: Money,
    source: Account,
) -> Result<Entry, MoneyError> {
    let entry = Entry::write().debit(source, amount);
    Ok(state.credit_to(realm, holder, Account::Wallet(holder), amount, entry)?.close())
}

fn check_transferable(state: &State, currency: Currency, tenant: MerchantId) -> Result<(), Rejection> {
    match currency {
        Currency::SgpUsd => Err(Rejection::PointsNotTransferable),
        Currency::Token(_) if check_token(state, currency, tenant)?.is_transferable => Ok(()),
        Currency::Usd | Currency::Jpy | Currency::Krw | Currency::Eur | Currency::Twd | Currency::Ton => {
            Ok(())
        }
        // USDT leaves by its own page only, and a tenant may keep a token where it is.
        Currency::Usdt | Currency::Token(_) => Err(Rejection::NotTransferable(currency)),
    }
}

/// What may be done with a token of `tenant`.
fn check_token(state: &State, currency: Currency, tenant: MerchantId) -> Result<TokenTerms, Rejection> {
    let terms = state.tokens.get(&currency).filter(|terms| terms.tenant == tenant);
    terms.ok_or(Rejection::UnknownToken(currency))
}
