//! Choai as others meet it: the real binary over HTTP, and what the sources promise.

mod harness;
mod smoke;
mod tidy;
