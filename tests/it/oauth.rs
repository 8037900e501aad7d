//! The OAuth server, and what merchants and apps do with its tokens.

pub mod app;
mod cards;
mod code;
mod kyc;
mod pages;
mod token;
mod users;
