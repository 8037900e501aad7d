//! Read models: how fast they follow and are rebuilt, what their answers cost, and how much they take.

#[path = "models/asking.rs"]
mod asking;
#[path = "models/ceiling.rs"]
mod ceiling;
#[path = "models/paced.rs"]
mod paced;

use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use choai_benches::{
    figures::{Figures, grouped, headings, per_second, row, share, tenths},
    machine,
    made::{self, Spread},
};
use choai_engine::log::Log;
use choai_projections::Models;
use tokio::sync::watch;

use crate::paced::Paced;

/// Transfers in the log, unless another number is named.
const TRANSFERS: u64 = 10_000_000;
/// How fast commits come in while the models follow: less than they can fold at once.
const PACE_PER_SECOND: u64 = 350_000;
/// How often the models are copied until a copy is whole.
const COPIES_MAX: usize = 20;
/// Far longer than anything here takes.
const LONG: Duration = Duration::from_secs(3_600);

const WHAT: &str = "
A log of wallet transfers, one event each, between 10,000 accounts, 8,190 to a commit, is written first and not
counted. Accounts are drawn evenly (uniform), by Zipf's law with exponent 1.1 (zipf), or one is on a side of every
transfer (hot), or drawn evenly from 10,000,000 (wide). CPU is that of the whole process, all threads; so is the
memory, with what the log's own store and whatever ran before took.
  bare decode        every commit read, verified and decoded, and nothing done with it
  follow, paced      all models from an empty folder, while commits come in at 350,000 events a second: what a running
                     server does
  follow             the same with the whole log there, as after the models' folder was deleted
  rebuild            all models, into a new generation beside the one that is read
  bare ingestion     the models' bytes, as they are after compaction, written as one sorted run and taken in";

fn main() {
    let folder = machine::disk_folder(env!("CARGO_TARGET_TMPDIR"));
    let transfers = machine::number().unwrap_or(TRANSFERS);
    println!("models: {}{WHAT}", machine::line(folder.path()));
    for spread in machine::named(&Spread::ALL, Spread::name) {
        let place = folder.path().join(spread.name());
        fs::create_dir(&place).expect("a folder of its own");
        measure(&place, spread, transfers);
        fs::remove_dir_all(&place).expect("what was measured is removed");
    }
    println!("\nafterwards: {}", machine::line(folder.path()));
}

fn measure(place: &Path, spread: Spread, transfers: u64) {
    let log: Arc<dyn Log> = Arc::new(made::write(&place.join("ledger"), spread, transfers));
    let events = log.head().expect("the log has a head").position;
    headings(
        &format!("{}, {} events", spread.name(), grouped(events)),
        &["events/s", "CPU ns/event", "of decode", "peak MiB"],
    );
    let decode = Spent::by(|| ceiling::decoding(&*log));
    decode.print("bare decode", events, &decode);
    let paced = place.join("paced");
    Spent::by(|| follow_paced(&paced, log.clone())).print("follow, paced", events, &decode);
    fs::remove_dir_all(&paced).expect("what was measured is removed");
    let models = Models::open(&place.join("models")).expect("an empty folder opens");
    Spent::by(|| follow(&models, log.clone())).print("follow", events, &decode);
    let opening = open_killed(&place.join("models"), &place.join("killed"));
    Spent::by(|| models.rebuild(&*log, None, &mut |_| ()).expect("the models are rebuilt"))
        .print("rebuild", events, &decode);
    Spent::by(|| models.compact().expect("the models compact")).print("compaction", events, &decode);
    let bytes = bytes_of(&place.join("models"));
    let ingestion = Spent::by(|| ceiling::ingesting(&place.join("bare"), bytes));
    ingestion.print("bare ingestion", events, &decode);
    println!("\nwhat a killed process left opens in {} ms", opening.as_millis());
    headings("answers", &["p50 µs", "p99 µs", "calls"]);
    for (name, figures) in asking::all(&models, spread, events) {
        row(name, &latencies(&figures));
    }
    let log_bytes = bytes_of(&place.join("ledger"));
    headings("bytes on disk per event", &["log", "models"]);
    row("", &[log_bytes, bytes].map(|bytes| tenths(bytes * 10 / events)));
}

/// Follows from where the models stand to the end of `log`.
fn follow(models: &Models, log: Arc<dyn Log>) {
    let head = log.head().expect("the log has a head");
    let (_publish, end) = watch::channel(head);
    let follower = models.follow_log(log, end);
    wait_for(models, head.position);
    follower.stop().expect("the follower met no fault");
}

fn follow_paced(path: &Path, log: Arc<dyn Log>) {
    let end = log.head().expect("the log has a head").position;
    let models = Models::open(path).expect("an empty folder opens");
    let paced = Arc::new(Paced::over(log));
    let follower = models.follow_log(paced.clone(), paced.watch());
    paced.come_in(PACE_PER_SECOND);
    wait_for(&models, end);
    follower.stop().expect("the follower met no fault");
}

fn wait_for(models: &Models, position: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.expect("a runtime for one caller");
    runtime.block_on(models.wait_for(position, LONG)).expect("the models follow");
}

fn latencies(figures: &Figures) -> [String; 3] {
    [figures.p50_us(), figures.p99_us(), figures.calls()].map(grouped)
}

/// What something took.
struct Spent {
    time: Duration,
    cpu_hundredths: u64,
}

impl Spent {
    fn by(call: impl FnOnce()) -> Self {
        let own = std::process::id();
        machine::reset_peak();
        let (begun, cpu) = (Instant::now(), machine::cpu_hundredths(own));
        call();
        Self { time: begun.elapsed(), cpu_hundredths: machine::cpu_hundredths(own) - cpu }
    }

    fn print(&self, name: &str, events: u64, decode: &Self) {
        let rate = per_second(events, self.time);
        let cells = [
            grouped(rate),
            grouped(self.cpu_hundredths * 10_000_000 / events),
            share(rate, per_second(events, decode.time)),
            grouped(machine::peak_kib() / 1024),
        ];
        row(name, &cells);
    }
}

/// How long it takes to open what is on disk now, as a process that is killed leaves it.
fn open_killed(models: &Path, killed: &Path) -> Duration {
    for _ in 0..COPIES_MAX {
        copy(models, killed);
        let begun = Instant::now();
        let opened = Models::open(killed);
        let took = begun.elapsed();
        let is_whole = opened.is_ok();
        drop(opened);
        fs::remove_dir_all(killed).expect("what was measured is removed");
        if is_whole {
            return took;
        }
    }
    panic!("what a killed process left does not open");
}

/// A kill stops everything at once, and a copy does not: a compaction may take files away meanwhile.
fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a folder of its own");
    for file in fs::read_dir(from).expect("the folder can be listed") {
        let file = file.expect("the folder can be listed");
        // Whether anything is missing shows when it is opened.
        let _ = fs::copy(file.path(), to.join(file.file_name()));
    }
}

fn bytes_of(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).expect("the folder can be listed");
    files.map(|file| file.and_then(|file| file.metadata()).map_or(0, |file| file.len())).sum()
}
