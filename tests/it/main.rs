//! Choai as others meet it: the real binary over HTTP, and what the sources promise.

mod backup;
mod browser;
mod command;
mod crash;
mod harness;
mod ito;
mod oauth;
mod operator;
mod random;
mod secrecy;
mod tidy;
