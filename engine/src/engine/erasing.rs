//! Erasing a subject: the key goes with the commit that tells of it, then its bytes go from every file, and only then is
//! anybody told that it is done. What a crash leaves half done is finished by the next start.

#[cfg(test)]
mod tests;

use std::path::Path;

use tokio::sync::oneshot;
use uuid::Uuid;

use super::{Engine, SubmitError};
use crate::{
    books::Realm,
    domain::{Command, Rejection, Subject, Timestamp, subject},
    fault::Fault,
    log::Actor,
    state::State,
    vault::{self, Erasure, ErasureList, Progress, Vault},
    writer::{Envelope, LookedUp, Message, Provenance, Receipt, Submission},
};

/// Why a subject is not erased, or not wholly.
#[derive(Debug, Clone, thiserror::Error)]
pub enum EraseError {
    /// A backup or another erasure is under way; nothing changed.
    #[error("a backup or another erasure is under way; try again when it is done")]
    Busy,
    /// It did not get as far as being recorded, or nobody knows whether it did.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// It is recorded and the key can no longer be read, but its bytes may still be in some file: to be asked for
    /// again, and done by the next start at the latest.
    #[error("the erasure is recorded and not finished: {0}")]
    Unfinished(Fault),
}

impl Engine {
    /// Erases a subject: once it returns, no file in the data folder has a byte of its key, and the list of erasures
    /// has its name. `began` is the event that the subject's own stream begins with.
    ///
    /// Whoever asks again, for one that was interrupted, is told that it is erased once that is wholly so.
    ///
    /// # Errors
    /// [`EraseError`].
    pub async fn erase(
        &self,
        subject: Subject,
        began: Uuid,
        provenance: Provenance,
    ) -> Result<Receipt, EraseError> {
        let _alone = self.shared.upkeep.try_lock().map_err(|_| EraseError::Busy)?;
        let command = Command::Subject(subject::Command::Erase { subject });
        let envelope =
            Envelope { vault: Erasure::rows(subject, began), ..Envelope::new(provenance, command) };
        let outcome = self.submit(envelope).await;
        match &outcome {
            Ok(_) | Err(SubmitError::Rejected(Rejection::Subject(subject::Rejection::Erased(_)))) => {
                self.finish_erasures().await.map_err(EraseError::Unfinished)?;
            }
            Err(_) => {}
        }
        Ok(outcome?)
    }

    async fn finish_erasures(&self) -> Result<(), Fault> {
        let engine = self.clone();
        let finished = tokio::task::spawn_blocking(move || {
            let list = engine.shared.around.erasures.as_deref();
            finish(&engine.shared.vault, list, engine.now())
        });
        finished.await.expect("finishing an erasure does not panic")
    }

    /// Has the log tell of erasures that it did not reach to when it was restored.
    pub(super) fn record_again(&self, restored: Vec<(Erasure, Option<Realm>)>) -> Result<(), Fault> {
        let envelopes: Vec<Envelope> = restored
            .into_iter()
            .map(|(erasure, realm)| {
                let provenance = Provenance::new(self.new_id(), Actor::Operator, realm);
                let command = Command::Subject(subject::Command::EraseAgain { subject: erasure.subject });
                let row = Erasure { progress: Progress::Done, ..erasure }.row();
                Envelope { vault: vec![row], ..Envelope::new(provenance, command) }
            })
            .collect();
        if envelopes.is_empty() {
            return Ok(());
        }
        let count = u32::try_from(envelopes.len()).unwrap_or(u32::MAX);
        let places = self.shared.places.clone().try_acquire_many_owned(count);
        let places =
            places.map_err(|_| Fault::Erasures("more was erased than can wait to be told".into()))?;
        // Nobody waits for it: what it says is so already.
        let (reply, _) = oneshot::channel();
        let told = self.send(Message::Submit(Submission {
            envelopes,
            looked_up: LookedUp::default(),
            reply,
            places,
        }));
        told.map_err(|_| Fault::Store("the writer ended before it began".into()))
    }
}

/// Finishes what is recorded, and sees that everything the vault knows is listed, if there is to be a list.
pub(super) fn finish(vault: &Vault, list: Option<&Path>, now: Timestamp) -> Result<(), Fault> {
    let add = |erased: &[Erasure]| match list {
        Some(path) => ErasureList::open(path, vault.master())?.add(erased, now, vault.master()).map(drop),
        None => Ok(()),
    };
    vault::finish(vault, add)?;
    add(&vault::erasures(vault.rows())?)
}

/// Erasures that the log does not tell of, with the realm in which it is to.
pub(super) fn restored(vault: &Vault, state: &State) -> Result<Vec<(Erasure, Option<Realm>)>, Fault> {
    let mut erasures = vault::erasures(vault.rows())?;
    erasures.retain(|erasure| erasure.progress == Progress::Restored);
    let with_realm = erasures.into_iter().map(|erasure| {
        let realm = match erasure.subject {
            Subject::Payment(payment) => state.payments.get(&payment).map(|known| known.realm),
            Subject::User(_) | Subject::Customer(_) => None,
        };
        (erasure, realm)
    });
    Ok(with_realm.collect())
}
