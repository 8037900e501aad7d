//! What is traced: as RUST_LOG asks, within a bound that it cannot move, and no payment by its id.

use std::io::{self, IsTerminal, Write};

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::{
    EnvFilter, Layer, filter::filter_fn, fmt, layer::SubscriberExt, registry::LookupSpan,
    util::SubscriberInitExt,
};

use crate::commands::without_ids::without_ids;

/// Whose every word is known to name no URL, key or person. All others end at `info`: HTTP clients name the hosts
/// that webhooks go to, extractors quote what they cannot read.
const OPEN_BOOKS: [&str; 2] = ["choai", "tower_http"];

/// Traces to standard error.
pub fn start() {
    let asked = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = lines(io::stderr, io::stderr().is_terminal());
    // A filter of its own: within one EnvFilter the more specific directive wins, so that RUST_LOG could lift it.
    tracing_subscriber::registry().with(lines).with(asked).with(filter_fn(is_harmless)).init();
}

/// Lines of text to what `writer` makes, in colours or not.
fn lines<S, W>(writer: impl Fn() -> W + Send + Sync + 'static, ansi: bool) -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: Write + 'static,
{
    fmt::layer()
        .with_ansi(ansi)
        .with_writer(move || WithoutIds(writer()))
        // It would complain about a closed standard error on standard error, and panic.
        .log_internal_errors(false)
}

fn is_harmless(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= Level::INFO || OPEN_BOOKS.iter().any(|name| metadata.target().starts_with(name))
}

/// Masks payments' ids in what is written. Here and not where events are made: there it is forgotten.
struct WithoutIds<W>(W);

impl<W: Write> Write for WithoutIds<W> {
    /// Takes all of `line`: each event comes as one whole.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.write_all(without_ids(&String::from_utf8_lossy(line)).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use choai_engine::{
        Fault,
        domain::{DeliveryId, PaymentId, StreamId},
    };

    use super::*;

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(line)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Whoever traced an error had to think of the ids in it; six places did not.
    #[test]
    fn no_payment_is_named_in_whatever_way_it_is_traced() {
        let payment: PaymentId = "AIYmQIOAz0GlmsjfhgiOeu304".parse().unwrap();
        let fault = Fault::Incomplete(StreamId::Payment(payment));
        let delivery = DeliveryId { payment, number: 1 };
        for ansi in [false, true] {
            let page = Page::default();
            let writer = page.clone();
            let subscriber = tracing_subscriber::registry().with(lines(move || writer.clone(), ansi));
            tracing::subscriber::with_default(subscriber, || {
                tracing::error!(%fault, "by a field");
                tracing::error!(?fault, "by a field as it is debugged");
                tracing::error!(%payment, %delivery, "alone");
                tracing::error!("in words: {fault}");
                tracing::error_span!("in", %payment).in_scope(|| tracing::error!("a span"));
            });
            let page = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
            assert_eq!(page.lines().count(), 5, "{page}");
            assert!(!page.contains(payment.as_str()), "{page}");
            assert_eq!(page.lines().filter(|line| line.contains('…')).count(), 5, "{page}");
            assert!(page.contains("payment-… lacks an event"), "{page}");
        }
    }
}
