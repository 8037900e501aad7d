//! What follows from a wish about a merchant.

use super::{
    AccessKeyIssued, ClientRegistered, ClientSecretIssued, Command, Event, KycFormSet, Merchant, ModeSet,
    OrderDeadlinesSet, Plan, PlanSet, Registered, Rejection, SecretIssued, Terms, TermsSet, plan, terms,
};
use crate::{
    domain::{self, Context, MerchantId, Span, Timestamp, amount::check_amount},
    state::State,
};

/// Characters in a business name.
const NAME_CHARS_MAX: usize = 100;
/// Longest time for which an earlier secret is still accepted.
const OVERLAP_MAX: Span = Span::days(30);
/// Places that a client may send users back to.
const REDIRECT_URIS_MAX: usize = 10;
/// Characters of one.
const REDIRECT_URI_CHARS_MAX: usize = 2_048;

/// Decides what follows from `command`.
///
/// # Errors
/// The first [`Rejection`] in the order of its variants.
pub fn decide(state: &State, command: &Command, context: &Context) -> Result<Vec<domain::Event>, Rejection> {
    match command {
        Command::Register {
            name,
            access_key,
            client_id,
            client_secret,
            secret,
            signature_required,
            mode,
        } => {
            check_name(name)?;
            Ok(vec![
                Event::Registered(Registered {
                    merchant: state.next_merchant(),
                    name: name.clone(),
                    access_key: *access_key,
                    client_id: client_id.clone(),
                    client_secret: *client_secret,
                    secret: *secret,
                    signature_required: *signature_required,
                    mode: *mode,
                    terms: Terms::default(),
                })
                .into(),
            ])
        }
        Command::SetMode { merchant, mode } => {
            find(state, *merchant, context)?;
            // Even if it is so already: a key is remembered by the events it led to, and a late repeat of this one
            // must not undo what was selected since.
            Ok(vec![Event::ModeSet(ModeSet { merchant: *merchant, mode: *mode }).into()])
        }
        Command::SetTerms { merchant, terms } => {
            find(state, *merchant, context)?;
            check_terms(terms)?;
            Ok(vec![Event::TermsSet(TermsSet { merchant: *merchant, terms: terms.clone() }).into()])
        }
        Command::SetOrderDeadlines { merchant, deadlines } => {
            find(state, *merchant, context)?;
            if !deadlines.is_possible() {
                return Err(Rejection::Deadline);
            }
            let set = OrderDeadlinesSet { merchant: *merchant, deadlines: *deadlines };
            Ok(vec![Event::OrderDeadlinesSet(set).into()])
        }
        Command::RotateSecret { merchant, secret, overlap } => {
            let known = find(state, *merchant, context)?;
            let (number, earlier_until) = (known.secret_number + 1, until(*overlap, context)?);
            let issued = SecretIssued { merchant: *merchant, number, secret: *secret, earlier_until };
            Ok(vec![Event::SecretIssued(issued).into()])
        }
        Command::RotateAccessKey { merchant, access_key, overlap } => {
            find(state, *merchant, context)?;
            let (merchant, access_key) = (*merchant, *access_key);
            let earlier_until = until(*overlap, context)?;
            Ok(vec![Event::AccessKeyIssued(AccessKeyIssued { merchant, access_key, earlier_until }).into()])
        }
        Command::RotateClientSecret { merchant, client_secret, overlap } => {
            find(state, *merchant, context)?;
            let (merchant, client_secret) = (*merchant, *client_secret);
            let earlier_until = until(*overlap, context)?;
            let issued = ClientSecretIssued { merchant, client_secret, earlier_until };
            Ok(vec![Event::ClientSecretIssued(issued).into()])
        }
        Command::RegisterClient { merchant, client_id, name, redirect_uris } => {
            find(state, *merchant, context)?;
            check_name(name)?;
            check_redirect_uris(redirect_uris)?;
            let (client_id, name, redirect_uris) = (client_id.clone(), name.clone(), redirect_uris.clone());
            let registered = ClientRegistered { merchant: *merchant, client_id, name, redirect_uris };
            Ok(vec![Event::ClientRegistered(registered).into()])
        }
        Command::SetKycForm { merchant, form } => {
            let known = find(state, *merchant, context)?;
            form.check()?;
            let version = known.kyc_form + 1;
            Ok(vec![
                Event::KycFormSet(KycFormSet { merchant: *merchant, version, form: form.clone() }).into(),
            ])
        }
        Command::SetPlan { merchant, plan } => {
            find(state, *merchant, context)?;
            check_plan(plan)?;
            Ok(vec![Event::PlanSet(PlanSet { merchant: *merchant, plan: *plan }).into()])
        }
    }
}

fn find(state: &State, merchant: MerchantId, context: &Context) -> Result<Merchant, Rejection> {
    let known = state.merchants.get(&merchant).filter(|_| context.speaks_for(merchant));
    known.ok_or(Rejection::Unknown(merchant))
}

fn check_name(name: &str) -> Result<(), Rejection> {
    let is_there = !name.trim().is_empty() && name.chars().count() <= NAME_CHARS_MAX;
    let is_plain = !name.chars().any(char::is_control);
    if is_there && is_plain { Ok(()) } else { Err(Rejection::Name) }
}

/// Until when what is replaced now is still accepted.
fn until(overlap: Span, context: &Context) -> Result<Timestamp, Rejection> {
    if overlap < Span::ZERO || overlap > OVERLAP_MAX {
        Err(Rejection::Overlap)
    } else {
        Ok(context.now + overlap)
    }
}

fn check_redirect_uris(uris: &[String]) -> Result<(), Rejection> {
    let is_one = |uri: &String| !uri.is_empty() && uri.chars().count() <= REDIRECT_URI_CHARS_MAX;
    let are_some = (1..=REDIRECT_URIS_MAX).contains(&uris.len());
    if are_some && uris.iter().all(is_one) { Ok(()) } else { Err(Rejection::RedirectUris) }
}

fn check_terms(terms: &Terms) -> Result<(), Rejection> {
    for rule in &terms.rules {
        if !terms::is_chargeable(rule.fixed.currency) {
            return Err(Rejection::NotChargeable(rule.fixed.currency));
        }
        if rule.fixed.minor < 0 {
            return Err(Rejection::NegativeCharge);
        }
    }
    Ok(())
}

fn check_plan(plan: &Plan) -> Result<(), Rejection> {
    let currency = plan.price.currency;
    if !plan::is_billable(currency) {
        return Err(Rejection::NotBillable(currency));
    }
    Ok(check_amount(plan.price)?)
}
