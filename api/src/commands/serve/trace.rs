//! What is traced: as RUST_LOG asks, within a bound that it cannot move.

use std::io::IsTerminal;

use tracing::{Level, Metadata};
use tracing_subscriber::{EnvFilter, filter::filter_fn, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Whose every word is known to name no URL, key or person. All others end at `info`: HTTP clients name the hosts
/// that webhooks go to, extractors quote what they cannot read.
const OPEN_BOOKS: [&str; 2] = ["choai", "tower_http"];

/// Traces to standard error.
pub fn start() {
    let asked = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        // It would complain about a closed standard error on standard error, and panic.
        .log_internal_errors(false);
    // A filter of its own: within one EnvFilter the more specific directive wins, so that RUST_LOG could lift it.
    tracing_subscriber::registry().with(lines).with(asked).with(filter_fn(is_harmless)).init();
}

fn is_harmless(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= Level::INFO || OPEN_BOOKS.iter().any(|name| metadata.target().starts_with(name))
}
