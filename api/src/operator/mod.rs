//! The operator's endpoints: what runs the ledger, on a port of its own.

mod auth;
mod backups;
mod books;
mod cards;
mod chain;
mod clients;
mod errors;
mod handlers;
mod kyc;
mod merchants;
mod payments;
mod payouts;
mod router;
mod sandbox;
mod settlements;
mod signing;
mod subjects;
mod tokens;
mod users;
mod wire;

pub use auth::{OperatorToken, TOKEN_FILE, TOKEN_VARIABLE, authenticate, client_token};
pub use backups::{BackupDesk, running, told};
pub use merchants::register;
pub use router::router;
pub use wire::{
    AdvanceClock, BackupStands, BackupTaken, ClockAnswer, MerchantMade, ModeName, NewMerchant,
    SigningKeySeen, SigningKeys, SubjectErased, SubjectSeen, TakeBackup, TrialBalance,
};
