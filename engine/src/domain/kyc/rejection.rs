//! Why a wish about what a user is asked was refused.

use super::{Action, Stage};
use crate::domain::user;

/// Why a wish about what a user is asked was refused, in the order the checks are made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Only the operator decides.
    #[error("only the operator approves or rejects")]
    OperatorOnly,
    /// The user cannot be asked.
    #[error(transparent)]
    User(#[from] user::Rejection),
    /// Not as the answers are.
    #[error("answers that are {stage} cannot be {}", action.word())]
    NotAllowed {
        /// What they are.
        stage: Stage,
        /// What was asked.
        action: Action,
    },
    /// The form was replaced meanwhile.
    #[error("the form is at version {current} by now")]
    OtherForm {
        /// Its version now.
        current: u32,
    },
    /// See [`super::decide`].
    #[error("at most {0} documents come with one change")]
    TooManyDocuments(usize),
}
