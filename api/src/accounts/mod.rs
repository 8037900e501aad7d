//! People who log in: users of a tenant, and owners of merchants. Who they are is sealed; what finds them are keyed
//! hashes; what proves them is hashed as slowly as a password has to be.

pub mod email;
pub mod kyc;
pub mod login;
pub mod passwords;
pub mod profile;
pub mod sessions;
pub mod users;
