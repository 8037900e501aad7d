//! Why a file proves nothing.

use super::keys::Origin;

/// Why a file proves nothing, in the order the checks are made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Disproof {
    /// Its first line is none of ours.
    #[error("this is no proof of Choai's, and no signed checkpoint")]
    Unknown,
    /// A line is not what stands there in a proof.
    #[error("line {line} is not {expected}")]
    Malformed {
        /// Which, from 1.
        line: usize,
        /// What belongs there.
        expected: &'static str,
    },
    /// There are more notes than belong there, or fewer.
    #[error("the signed checkpoints behind the first empty line are not as many as belong there")]
    Notes,
    /// What should be a checkpoint is no text with signatures.
    #[error("the checkpoint is no text with an empty line and signatures behind it")]
    NoNote,
    /// The signed text is no checkpoint.
    #[error("the signed text is not a ledger's name, a size and a root")]
    NoCheckpoint,
    /// There is no key.
    #[error("there is no signing key")]
    NoKeys,
    /// A key of the chain is not vouched for.
    #[error("signing key {number} is not vouched for by the key before it")]
    NotEndorsed {
        /// Which.
        number: u32,
    },
    /// The checkpoint is another ledger's.
    #[error("the checkpoint is one of {found}, but the signing keys are those of {expected}")]
    OtherLedger {
        /// Whose keys they are.
        expected: Origin,
        /// Whose checkpoint it is.
        found: Origin,
    },
    /// None of the ledger's keys signed it.
    #[error("the checkpoint is signed by none of the signing keys")]
    Unsigned,
    /// A signature is not good.
    #[error("the checkpoint is not what signing key {number} signed")]
    Forged {
        /// Which key's.
        number: u32,
    },
    /// The event is not where it is said to be.
    #[error("the event is not in the tree that the checkpoint signs")]
    NotInTree,
    /// The older checkpoint is no beginning of the newer.
    #[error("the newer checkpoint does not contain the older one: something was changed, removed or put in")]
    NotGrown,
    /// The trusted key is another ledger's.
    #[error("the key you gave is another ledger's")]
    KeyOfAnother,
    /// The trusted key is not in the chain.
    #[error("the key you gave is none of this ledger's signing keys")]
    UnknownKey,
    /// The checkpoint is older than the trusted key.
    #[error("the checkpoint is signed by key {signer}, which the key you gave, {trusted}, has replaced")]
    OlderKey {
        /// Who signed.
        signer: u32,
        /// Which is trusted.
        trusted: u32,
    },
    /// A checkpoint alone, and the trusted key's signature is not good.
    #[error("the checkpoint is not what the key you gave signed")]
    Altered,
    /// A checkpoint alone, and the trusted key did not sign.
    #[error("the key you gave did not sign this checkpoint")]
    NotByThisKey,
    /// The trusted checkpoint is of another tree than the one that is proved to be the older.
    #[error("the proof is about a ledger of {found} events, and the checkpoint you gave has {given}")]
    OtherSize {
        /// What it speaks of.
        found: u64,
        /// What is trusted.
        given: u64,
    },
    /// Same size, other contents: whoever signed both said two different things.
    #[error(
        "the checkpoint you gave says otherwise of the first {size} events: one of the two was forged, or the ledger was changed"
    )]
    Equivocation {
        /// Of how many.
        size: u64,
    },
    /// A checkpoint by itself is not proved by itself.
    #[error("a checkpoint does not prove itself: give the key you trust with --key")]
    Alone,
}
