//! Transfers: how many a second the engine takes, in full batches and one by one, and what it holds meanwhile.

#[path = "transfers/bare.rs"]
mod bare;
#[path = "transfers/ledger.rs"]
mod ledger;
#[path = "transfers/load.rs"]
mod load;
#[path = "transfers/opening.rs"]
mod opening;
#[path = "transfers/reading.rs"]
mod reading;
#[path = "transfers/submitting.rs"]
mod submitting;

use std::{path::Path, time::Instant};

use choai_benches::{
    figures::{grouped, headings, per_second, row, share, tenths},
    machine,
};

use crate::{
    ledger::Ledger,
    load::{Accounts, Ids, Load},
    reading::Reading,
    submitting::Run,
};

/// Transfers in full batches, unless the command line says otherwise.
const TRANSFERS: u64 = 10_000_000;
/// Callers that send full batches: while one waits for its answer, the other prepares its next batch.
const BATCH_CALLERS: usize = 2;

const WHAT: &str = "
Wallet transfers between 10,000 users of one tenant (`wide`: 10,000,000), one event each, through `submit_all` in batches of 8,190 by two
callers, or through `submit_all` of one by 64 callers or one; closed loop, every commit synced before it is answered.
Every transfer has an idempotency key that is checked against all before it; one in a hundred is an old one sent
again, and every answer is checked. Keys rise with time, 10 s out of order, at a million a second, or are random.
Commands are made by the callers, on the same processors, and that is counted.";

/// What can be asked for by name.
const IN_BATCHES: [(&str, Accounts, Ids, usize); 6] = [
    ("uniform", Accounts::Uniform, Ids::TimeOrdered, BATCH_CALLERS),
    ("uniform-1-caller", Accounts::Uniform, Ids::TimeOrdered, 1),
    ("zipf", Accounts::Zipf, Ids::TimeOrdered, BATCH_CALLERS),
    ("hot", Accounts::Hot, Ids::TimeOrdered, BATCH_CALLERS),
    ("random-ids", Accounts::Uniform, Ids::Random, BATCH_CALLERS),
    ("wide", Accounts::Wide, Ids::TimeOrdered, BATCH_CALLERS),
];

const FOLLOWED: [(&str, Accounts, Ids); 3] = [
    ("followed", Accounts::Uniform, Ids::TimeOrdered),
    ("followed-zipf", Accounts::Zipf, Ids::TimeOrdered),
    ("followed-hot", Accounts::Hot, Ids::TimeOrdered),
];
const ONE_BY_ONE: [(&str, usize); 2] = [("1-caller", 1), ("64-callers", 64)];

fn main() {
    let folder = machine::disk_folder(env!("CARGO_TARGET_TMPDIR"));
    println!("transfers: {}{WHAT}", machine::line(folder.path()));
    let syncs = bare::syncs_per_second(&folder.path().join("syncs"));
    println!("bare fdatasync of 150 bytes, one thread: {} a second", grouped(syncs));
    let transfers = machine::number().unwrap_or(TRANSFERS);
    let in_batches = IN_BATCHES.map(|(name, ..)| name).into_iter().chain(FOLLOWED.map(|(name, ..)| name));
    let names = in_batches.chain(ONE_BY_ONE.map(|(name, _)| name));
    let asked = machine::named(&names.collect::<Vec<_>>(), |name| name);
    headings(
        "in batches of 8,190",
        &[
            "transfers/s",
            "p50 µs",
            "p99 µs",
            "max µs",
            "bytes each",
            "peak MiB",
            "cores",
            "open, stopped µs",
            "open, killed µs",
        ],
    );
    for (name, accounts, ids, callers) in IN_BATCHES.into_iter().filter(|(name, ..)| asked.contains(name)) {
        let place = folder.path().join(name);
        measure_batches(name, &place, Load::new(accounts, ids), transfers, callers);
        std::fs::remove_dir_all(place).expect("what was measured can be removed");
    }
    headings(
        "until read models have it",
        &["transfers/s", "lag at end", "bytes each", "peak MiB", "cores", "page p50 µs", "page p99 µs"],
    );
    for (name, accounts, ids) in FOLLOWED.into_iter().filter(|(name, ..)| asked.contains(name)) {
        let place = folder.path().join(name);
        followed(name, &place, Load::new(accounts, ids), transfers);
        std::fs::remove_dir_all(place).expect("what was measured can be removed");
    }
    headings("one by one", &["transfers/s", "p50 µs", "p99 µs", "max µs", "of syncs/s", "cores"]);
    for (name, callers) in ONE_BY_ONE.into_iter().filter(|(name, _)| asked.contains(name)) {
        one_by_one(name, &folder.path().join(name), callers, syncs);
    }
    println!("\nafterwards: {}", machine::line(folder.path()));
}

fn measure_batches(name: &str, place: &Path, load: Load, transfers: u64, callers: usize) {
    machine::reset_peak();
    let ledger = Ledger::open(place, &load);
    let cpu = machine::cpu_hundredths(std::process::id());
    let Run { figures, took, .. } = submitting::in_batches(&ledger, &load, transfers, callers);
    let cpu = machine::cpu_hundredths(std::process::id()) - cpu;
    let peak = machine::peak_kib() / 1024;
    let opened = opening::measure(ledger, &place.with_extension("killed"));
    row(
        name,
        &[
            grouped(per_second(transfers, took)),
            grouped(figures.p50_us()),
            grouped(figures.p99_us()),
            grouped(figures.max_us()),
            tenths(opened.bytes * 10 / transfers),
            grouped(peak),
            tenths(per_second(cpu, took) / 10),
            grouped(u64::try_from(opened.after_stop.as_micros()).unwrap_or(u64::MAX)),
            grouped(u64::try_from(opened.after_kill.as_micros()).unwrap_or(u64::MAX)),
        ],
    );
}

fn followed(name: &str, place: &Path, load: Load, transfers: u64) {
    machine::reset_peak();
    let ledger = Ledger::open(place, &load);
    let models = Reading::of(&ledger);
    models.catch_up(&ledger);
    let cpu = machine::cpu_hundredths(std::process::id());
    let begun = Instant::now();
    submitting::in_batches(&ledger, &load, transfers, BATCH_CALLERS);
    let lag = models.lag(&ledger);
    models.catch_up(&ledger);
    let took = begun.elapsed();
    let cpu = machine::cpu_hundredths(std::process::id()) - cpu;
    let peak = machine::peak_kib() / 1024;
    let pages = models.last_entries();
    models.close();
    let bytes = ledger.close_and_measure();
    row(
        name,
        &[
            grouped(per_second(transfers, took)),
            grouped(lag),
            tenths(bytes * 10 / transfers),
            grouped(peak),
            tenths(per_second(cpu, took) / 10),
            grouped(pages.p50_us()),
            grouped(pages.p99_us()),
        ],
    );
}

fn one_by_one(name: &str, place: &Path, callers: usize, syncs: u64) {
    let load = Load::new(Accounts::Uniform, Ids::TimeOrdered);
    let ledger = Ledger::open(place, &load);
    let cpu = machine::cpu_hundredths(std::process::id());
    let Run { figures, took, .. } = submitting::one_by_one(&ledger, &load, callers);
    let cpu = machine::cpu_hundredths(std::process::id()) - cpu;
    ledger.close_and_measure();
    let rate = per_second(figures.calls(), took);
    row(
        name,
        &[
            grouped(rate),
            grouped(figures.p50_us()),
            grouped(figures.p99_us()),
            grouped(figures.max_us()),
            share(rate, syncs),
            tenths(per_second(cpu, took) / 10),
        ],
    );
}
