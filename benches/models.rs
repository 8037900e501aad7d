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
    machine::{self, Spent},
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
    let print = |name, spent: &Spent| print(name, spent, events, &decode);
    print("bare decode", &decode);
    let paced = place.join("paced");
    print("follow, paced", &Spent::by(|| follow_paced(&paced, log.clone())));
    fs::remove_dir_all(&paced).expect("what was measured is removed");
    let models = Models::open(&place.join("models")).expect("an empty folder opens");
    print("follow", &Spent::by(|| follow(&models, log.clone())));
    let killed = place.join("killed");
    let opening = machine::time_to_open_killed(&place.join("models"), &killed, || {
        let begun = Instant::now();
        Models::open(&killed).map(|_| begun.elapsed())
    });
    let rebuild = || models.rebuild(&*log, None, &mut |_| ()).expect("the models are rebuilt");
    print("rebuild", &Spent::by(rebuild));
    print("compaction", &Spent::by(|| models.compact().expect("the models compact")));
    let bytes = bytes_of(&place.join("models"));
    print("bare ingestion", &Spent::by(|| ceiling::ingesting(&place.join("bare"), bytes)));
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

fn print(name: &str, spent: &Spent, events: u64, decode: &Spent) {
    let rate = per_second(events, spent.time);
    let cells = [
        grouped(rate),
        grouped(spent.cpu_hundredths * 10_000_000 / events),
        share(rate, per_second(events, decode.time)),
        grouped(spent.peak_kib / 1024),
    ];
    row(name, &cells);
}

fn bytes_of(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).expect("the folder can be listed");
    files.map(|file| file.and_then(|file| file.metadata()).map_or(0, |file| file.len())).sum()
}
