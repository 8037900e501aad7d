//! `choai demo`: the whole story in a few seconds, with nothing left behind.

use std::{
    fs,
    process::Command,
    time::{Duration, Instant},
};

use super::outcome::outcome;
use crate::harness::choai;

#[test]
fn the_demonstration_ends_well_and_leaves_nothing_behind() {
    let temporary = tempfile::tempdir().expect("a folder");
    let begun = Instant::now();
    let outcome = outcome(Command::new(choai()).arg("demo").env("TMPDIR", temporary.path()));
    let took = begun.elapsed();
    assert_eq!((outcome.code, outcome.err.as_str()), (Some(0), ""), "{}", outcome.out);
    let steps = [
        "A fresh server",
        "A merchant in test mode",
        "The merchant initiates a payment of 280.00 USD",
        "declined: HTTP 402",
        "The customer pays with 4111111111111111",
        "The webhook arrives, its signature holds",
        "Transaction is valid",
        "They are there: less 1 %, they buy points",
        "Cr points:1                                              51.97 SGP-USD",
        "refused: points cannot be transferred",
        "40.00 of 60.00 in points",
        "order.released",
        "The operator splits it: 10.00 to the buyer",
        "payment.refunded",
        "settlement.closed",
        "Dr receivable:1                                          25.00 USD",
        "Cr receivable:1                                          25.00 USD",
        "180 days pass",
        "Cr income:breakage                                       31.97 SGP-USD",
        "The trial balance: every currency adds up to nothing",
        "The books are in order.",
    ];
    let mut rest = outcome.out.as_str();
    for step in steps {
        let found = rest.split_once(step);
        rest = found.unwrap_or_else(|| panic!("{step:?} does not come next: {}", outcome.out)).1;
    }
    let left: Vec<_> = fs::read_dir(temporary.path()).expect("there").collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(took < Duration::from_secs(10), "{took:?} is no demonstration");
}

/// It once needed a program that a fresh Debian has not: `kill`.
#[test]
fn it_needs_no_program_but_itself() {
    let temporary = tempfile::tempdir().expect("a folder");
    let mut demo = Command::new(choai());
    let outcome = outcome(demo.arg("demo").env("TMPDIR", temporary.path()).env("PATH", temporary.path()));
    assert_eq!((outcome.code, outcome.err.as_str()), (Some(0), ""), "{}", outcome.out);
}
