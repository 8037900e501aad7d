//! Overload: what `choai serve` does with more than it can serve, and whether its memory stays as it is meanwhile.

#[path = "overload/load.rs"]
mod load;

use std::time::Duration;

use choai_benches::{
    figures::{grouped, headings, per_second, row},
    machine,
    server::ChoaiServer,
};

use crate::load::{Counted, Load};

/// Unless another number of seconds is named.
const SECONDS: u64 = 600;
/// A line is printed so often.
const LINE: Duration = Duration::from_secs(30);
/// By then whatever is made once is made, and every cache that fills quickly is full.
const WARM: Duration = Duration::from_secs(60);

const WHAT: &str = "
POST /payment/process, a form of eight fields, on loopback, to the real process on a new ledger. 512 connections each
send their next request when the one before was answered, and come back when they are told to. 1,024 others bring
10,000 arrivals a second between them, whatever the answers are: a time from when it was due, and what came due on a
connection that still waited is `not sent`. Times are those of accepted payments; memory is the server's, and `behind`
the events that its models are. In the end the ledger is audited.";

fn main() {
    let seconds = machine::number().unwrap_or(SECONDS);
    let folder = machine::disk_folder(env!("CARGO_TARGET_TMPDIR"));
    println!("overload for {seconds} s: {}{WHAT}", machine::line(folder.path()));
    let columns = ["accepted/s", "refused/s", "not sent/s", "p50 µs", "p99 µs", "memory MiB", "behind"];
    headings("seconds", &columns);
    let behind_max = std::env::args().filter(|argument| argument.parse::<u64>().is_ok()).nth(1);
    let arguments = behind_max.map(|events| ["--models-behind-max".to_owned(), events]);
    let choai = ChoaiServer::start(&folder.path().join("overload"), arguments.iter().flatten());
    let (mut accepted, mut broken, mut memory) = (0, 0, Vec::new());
    Load::of(choai.request()).run(Duration::from_secs(seconds), LINE, |since, counted: Counted| {
        let resident = machine::resident_kib(choai.process_id()) / 1024;
        accepted += counted.accepted.calls();
        broken += counted.broken;
        memory.push((since, resident));
        let rate = |count| grouped(per_second(count, counted.time));
        row(
            &since.as_secs().to_string(),
            &[
                rate(counted.accepted.calls()),
                rate(counted.refused),
                rate(counted.not_sent),
                grouped(counted.accepted.p50_us()),
                grouped(counted.accepted.p99_us()),
                grouped(resident),
                grouped(choai.models_behind()),
            ],
        );
    });
    let (warm, begin) = *memory.iter().find(|(since, _)| *since >= WARM).unwrap_or(&memory[0]);
    let ((_, halfway), (_, end)) = (memory[memory.len() / 2], memory[memory.len() - 1]);
    let audited = choai.stop_and_audit();
    assert!(audited.events > accepted, "{accepted} were accepted, and the ledger has {}", audited.events);
    println!("\nmemory: {begin} MiB after {} s, {halfway} MiB halfway, {end} MiB in the end", warm.as_secs());
    println!("ledger: {} accepted, {} events, audited", grouped(accepted), grouped(audited.events));
    println!("connections that broke: {broken}");
    println!("afterwards: {}", machine::line(folder.path()));
}
