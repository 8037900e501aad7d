//! Audit: how many events a second are proved again from their bytes, and what it takes to read and hash these at all.

#[path = "audit/ceiling.rs"]
mod ceiling;

use std::{fs, path::Path};

use choai_benches::{
    figures::{grouped, headings, per_second, row, share},
    machine::{self, Spent},
    made::{self, Spread},
};
use choai_engine::{
    audit::{Level, audit},
    log::{Log, RocksStore},
};

/// Transfers in the log, unless another number is named.
const TRANSFERS: u64 = 10_000_000;
/// What can be asked for by name: the spreads whose wallets are filled beforehand.
const SPREADS: [Spread; 3] = [Spread::Uniform, Spread::Zipf, Spread::Hot];

const WHAT: &str = "
A log of wallet transfers, one event each with its idempotency key, between 10,000 wallets that were filled before,
8,190 to a commit, is written first and not counted. Accounts are drawn evenly (uniform), by Zipf's law with exponent
1.1 (zipf), or one is on a side of every transfer (hot). CPU and memory are those of the whole process.
  read               the files of the log, once through
  read and SHA-256   the same, and all of it hashed, on all processors: nothing proves the chain faster
  audit              the chain, the books, and what is under way
  audit --full       every law that the log alone can break; neither tables nor models are there to be compared";

fn main() {
    let folder = machine::disk_folder(env!("CARGO_TARGET_TMPDIR"));
    let transfers = machine::number().unwrap_or(TRANSFERS);
    println!("audit: {}{WHAT}", machine::line(folder.path()));
    for spread in machine::named(&SPREADS, Spread::name) {
        let place = folder.path().join(spread.name());
        fs::create_dir(&place).expect("a folder of its own");
        measure(&place.join("ledger"), spread, transfers);
        fs::remove_dir_all(&place).expect("what was measured is removed");
    }
    println!("\nafterwards: {}", machine::line(folder.path()));
}

fn measure(ledger: &Path, spread: Spread, count: u64) {
    drop(made::write_filled(ledger, spread, count));
    // As the command opens it: what the writing left in memory is no help.
    let log = RocksStore::open_read_only(ledger).expect("the ledger opens");
    let log_head = log.head().expect("the log has a head");
    let size = Size { events: log_head.position, bytes: ceiling::bytes_of(ledger) };
    headings(
        &format!("{}, {} events", spread.name(), grouped(size.events)),
        &["events/s", "MB/s", "CPU ns/event", "of hashing", "peak MiB"],
    );
    let read = Spent::by(|| ceiling::read(ledger, 1, false));
    let hashed = Spent::by(|| ceiling::read(ledger, ceiling::processors(), true));
    print("read", &read, &size, &hashed);
    print("read and SHA-256", &hashed, &size, &hashed);
    for (name, level) in [("audit", Level::Books), ("audit --full", Level::Full)] {
        let spent = Spent::by(|| {
            let report = audit(&log, level, |_| ()).expect("it is known where the log ends");
            assert!(report.is_clean() && report.head == log_head, "{report:#?}");
        });
        print(name, &spent, &size, &hashed);
    }
}

/// How much there is to audit.
struct Size {
    events: u64,
    bytes: u64,
}

fn print(name: &str, spent: &Spent, size: &Size, hashed: &Spent) {
    let rate = per_second(size.events, spent.time);
    let cells = [
        grouped(rate),
        grouped(per_second(size.bytes, spent.time) / 1_000_000),
        grouped(spent.cpu_hundredths * 10_000_000 / size.events),
        share(rate, per_second(size.events, hashed.time)),
        grouped(spent.peak_kib / 1024),
    ];
    row(name, &cells);
}
