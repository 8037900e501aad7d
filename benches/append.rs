//! Appending: how fast the engine makes commits durable, and beside it what the same bytes cost without it.

#[path = "append/bare.rs"]
mod bare;
#[path = "append/engine.rs"]
mod engine;
#[path = "append/replay.rs"]
mod replay;

use std::time::{Duration, Instant};

use choai_benches::{
    figures::{Figures, grouped, headings, per_second, row, share, tenths},
    machine,
};

use crate::replay::Replay;

/// Events in every commit of a table; the last is the most that fit.
const SIZES: [usize; 4] = [1, 100, 1_000, 8_190];
/// Not counted: files are made, caches fill.
const WARM_UP: Duration = Duration::from_secs(1);
/// Counted, unless what was prepared is used up before.
const MEASURED: Duration = Duration::from_secs(5);

const WHAT: &str = "
Payments are created: one event and one vault row each, every id its own. One caller, closed loop: the next
commit is submitted when the one before was answered, and every commit is synced. Commands are made and sealed
beforehand; events/s is over the time spent in the calls. Beside the engine, the bytes of its own commits:
  bare RocksDB            the frame as one value, and the vault rows, in one synced batch; the same options
  RocksDB, key per event  every record as a value of its own instead of the frame
  bare fdatasync          all of it appended to one file and synced: what this disk can do";

fn main() {
    let folder = machine::disk_folder(env!("CARGO_TARGET_TMPDIR"));
    println!("append: {}{WHAT}", machine::line(folder.path()));
    for size in machine::chosen(&SIZES) {
        let place = |name: &str| folder.path().join(format!("{name}-{size}"));
        let ledger = place("engine").join("ledger");
        let by_engine = engine::submitting(&place("engine"), size);
        let replay = Replay::read(&ledger, size);
        let by_frame = bare::writing_frames(&place("frames"), &replay);
        bare::assert_same_options(&ledger, &place("frames"));
        let by_record = bare::writing_records(&place("records"), &replay);
        let by_sync = bare::syncing(&place("synced"), &replay);
        let name = format!("{} per commit", grouped(size as u64));
        headings(&name, &["events/s", "MB/s", "p50 µs", "p99 µs", "commits", "of bare"]);
        for (name, figures) in [
            ("engine", &by_engine),
            ("bare RocksDB", &by_frame),
            ("RocksDB, key per event", &by_record),
            ("bare fdatasync", &by_sync),
        ] {
            row(name, &cells(figures, &by_frame, &replay));
        }
    }
    println!("\nafterwards: {}", machine::line(folder.path()));
}

fn cells(figures: &Figures, bare: &Figures, replay: &Replay) -> [String; 6] {
    let events = |figures: &Figures| per_second(figures.calls() * replay.size, figures.in_calls());
    let bytes = per_second(figures.calls() * replay.bytes_per_commit(), figures.in_calls());
    [
        grouped(events(figures)),
        tenths(bytes / 100_000),
        grouped(figures.p50_us()),
        grouped(figures.p99_us()),
        grouped(figures.calls()),
        share(events(figures), events(bare)),
    ]
}

/// Calls over and over until the time is over or `call` has nothing more to do; counts what follows the warm-up.
fn measure(mut call: impl FnMut() -> Option<Duration>) -> Figures {
    let mut figures = Figures::default();
    let begun = Instant::now();
    while begun.elapsed() < WARM_UP + MEASURED {
        let is_warm = begun.elapsed() >= WARM_UP;
        let Some(took) = call() else { break };
        if is_warm {
            figures.add(took);
        }
    }
    assert!(figures.calls() > 0, "what was prepared did not outlast the warm-up");
    figures
}

fn timed<T>(call: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    let result = call();
    (result, begun.elapsed())
}
