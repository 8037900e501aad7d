//! A ledger's signing keys, as its log tells them, and what is signed with the last.

use choai_engine::{
    Fault,
    domain::{Event, StreamId, signer},
    log::Log,
    proof::{AdoptedKey, Checkpoint, Keys, SignedCheckpoint, endorsed_text},
    vault::{Vault, VaultWrite},
};
use choai_projections::{Models, Tree};

/// Every signing key so far, proved to be vouched for; `None` if there is none yet.
///
/// # Errors
/// [`Fault`] when they cannot be read, or one is not vouched for.
pub fn keys(models: &Models, log: &dyn Log) -> Result<Option<Keys>, Fault> {
    let positions = models.streams().read(StreamId::Signer, 0, usize::MAX)?;
    let adopted = positions.iter().map(|position| adopted(log, *position)).collect::<Result<Vec<_>, _>>()?;
    let Some(position) = positions.last() else { return Ok(None) };
    let broken =
        |what: &dyn std::fmt::Display| Fault::Damaged { position: *position, what: what.to_string() };
    Keys::prove(adopted).map(Some).map_err(|disproof| broken(&disproof))
}

fn adopted(log: &dyn Log, position: u64) -> Result<AdoptedKey, Fault> {
    let missing = || Fault::Damaged { position, what: "a signing key is missing".to_owned() };
    let frame = log.read(position, 1)?.into_iter().next().ok_or_else(missing)?;
    let recorded = frame.records()?.into_iter().find(|recorded| recorded.position == position);
    match recorded.ok_or_else(missing)?.event {
        Event::Signer(signer::Event::KeyAdopted(event)) => {
            Ok(AdoptedKey { key: event.key, endorsement: event.endorsement })
        }
        _ => Err(missing()),
    }
}

/// Signs the tree over the first `size` events with the last key.
///
/// # Errors
/// [`Fault`] when the tree or the key's secret cannot be read.
///
/// # Panics
/// If the tree is not so large.
pub fn sign(tree: &Tree<'_>, size: u64, keys: &Keys, vault: &Vault) -> Result<SignedCheckpoint, Fault> {
    let checkpoint = Checkpoint { origin: keys.origin(), tree: tree.head(size)? };
    Ok(checkpoint.sign(&vault.signing_key(keys.current().1)?))
}

/// A new key, vouched for by the last of `keys`, and the vault's rows: its secret comes, and that of the last goes.
/// Where there are none, the first key.
///
/// # Errors
/// [`Fault`] when the last key's secret cannot be read.
pub fn new_key(keys: Option<&Keys>, vault: &Vault) -> Result<(signer::Command, Vec<VaultWrite>), Fault> {
    let (secret, row) = vault.new_signing_key();
    let (key, mut rows) = (secret.public(), vec![row]);
    let (number, endorsement) = match keys {
        None => (1, None),
        Some(keys) => {
            let (last, signing) = keys.current();
            let text = endorsed_text(keys.origin(), last + 1, &key);
            rows.push(vault.forget_signing_key(signing));
            (last + 1, Some(vault.signing_key(signing)?.sign(text.as_bytes())))
        }
    };
    Ok((signer::Command::AdoptKey { number, key, endorsement }, rows))
}
