//! Rails: the ways money really moves.

pub mod card;
pub mod sandbox;
