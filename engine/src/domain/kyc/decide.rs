//! What follows from a wish about what a user is asked.

use super::{Action, Approved, Command, Event, Rejected, Rejection, Saved, Submitted};
use crate::{
    domain::{
        self, Context, MerchantId, UserId,
        user::{check_subject, open},
    },
    state::State,
};

/// Documents that come with one change: as many as a form can have fields for.
const DOCUMENTS_MAX: usize = super::form::FIELDS_MAX;

/// Decides what follows from `command`.
///
/// # Errors
/// The first [`Rejection`] in the order of its variants.
pub fn decide(state: &State, command: &Command, context: &Context) -> Result<Vec<domain::Event>, Rejection> {
    let event = match command {
        Command::Save { user, form, answers, documents } => {
            let tenant = open(state, *user, context)?.tenant;
            check_subject(*user, answers)?;
            check(state, *user, Action::Save)?;
            check_form(state, tenant, *form)?;
            if documents.len() > DOCUMENTS_MAX {
                return Err(Rejection::TooManyDocuments(DOCUMENTS_MAX));
            }
            let (answers, documents) = (answers.clone(), documents.clone());
            Event::Saved(Saved { user: *user, form: *form, answers, documents })
        }
        Command::Submit { user, form } => {
            let tenant = open(state, *user, context)?.tenant;
            check(state, *user, Action::Submit)?;
            check_form(state, tenant, *form)?;
            Event::Submitted(Submitted { user: *user })
        }
        Command::Approve { user } => {
            check_operator(context)?;
            open(state, *user, context)?;
            check(state, *user, Action::Approve)?;
            Event::Approved(Approved { user: *user })
        }
        Command::Reject { user, reason } => {
            check_operator(context)?;
            open(state, *user, context)?;
            check_subject(*user, reason)?;
            check(state, *user, Action::Reject)?;
            Event::Rejected(Rejected { user: *user, reason: reason.clone() })
        }
    };
    Ok(vec![event.into()])
}

fn check_operator(context: &Context) -> Result<(), Rejection> {
    if context.tenant.is_some() { Err(Rejection::OperatorOnly) } else { Ok(()) }
}

fn check(state: &State, user: UserId, action: Action) -> Result<(), Rejection> {
    let stage = state.kyc.get(&user).unwrap_or_default();
    match action.leads_to(stage) {
        Some(_) => Ok(()),
        None => Err(Rejection::NotAllowed { stage, action }),
    }
}

fn check_form(state: &State, tenant: MerchantId, form: u32) -> Result<(), Rejection> {
    let known = state.merchants.get(&tenant).expect("a user's tenant is a merchant");
    if known.kyc_form == form { Ok(()) } else { Err(Rejection::OtherForm { current: known.kyc_form }) }
}
