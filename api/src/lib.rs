//! The outside of Choai: surfaces, pages, rails, webhooks, and the `choai` command.
//!
//! Only here are axum, JSON, HTML and the network. One folder per documented system under `surfaces/`, each a
//! translator that knows no other.

pub mod accounts;
pub mod app;
pub mod commands;
pub mod gate;
pub mod http;
pub mod oauth;
pub mod openapi;
pub mod operator;
pub mod pages;
pub mod private;
pub mod rails;
pub mod server;
pub mod signing;
pub mod surfaces;
pub mod tokens;
pub mod webhooks;
