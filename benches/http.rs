//! HTTP: how many payments a second `choai serve` takes, and beside it what a route that does nothing takes.

#[path = "http/closed.rs"]
mod closed;
#[path = "http/constant.rs"]
mod constant;

use std::time::Duration;

use choai_benches::{
    client::Request,
    figures::{Figures, grouped, headings, per_second, row, share, tenths},
    machine,
    server::ChoaiServer,
};

use crate::constant::ConstantServer;

/// Keep-alive connections, each with one request under way at a time.
const CONNECTIONS: [usize; 3] = [1, 16, 64];
/// Not counted.
const WARM_UP: Duration = Duration::from_secs(2);
/// Counted.
const MEASURED: Duration = Duration::from_secs(8);

const WHAT: &str = "
POST /payment/process, a form of eight fields, unsigned and without Idempotency-Key, over keep-alive connections
on loopback; closed loop: each connection sends its next request when the one before was answered. The client is
one thread that speaks TCP itself. `choai` is the real process on a new ledger, every payment synced before it is
answered; `constant` is an axum route in a process of its own that reads the body and answers the same bytes
always. Afterwards the ledger is audited; payments per commit are its count. Cores are processor time over time.";

/// Run with this argument, the benchmark is the server that does nothing.
const CONSTANT: &str = "--constant-server";

fn main() {
    if std::env::args().any(|argument| argument == CONSTANT) {
        return constant::serve();
    }
    let folder = machine::disk_folder(env!("CARGO_TARGET_TMPDIR"));
    println!("http: {}{WHAT}", machine::line(folder.path()));
    headings(
        "connections",
        &["payments/s", "p50 µs", "p99 µs", "of constant", "per commit", "server cores", "client cores"],
    );
    for connections in machine::chosen(&CONNECTIONS) {
        let constant = ConstantServer::start();
        let bare = Cell::measure(connections, constant.process_id(), constant.request());
        drop(constant);
        let choai = ChoaiServer::start(&folder.path().join(format!("{connections}")), []);
        let ours = Cell::measure(connections, choai.process_id(), choai.request());
        let audited = choai.stop_and_audit();
        let per_commit = audited.events * 10 / audited.commits;
        row(&format!("{connections:>4} choai"), &ours.row(&bare, &tenths(per_commit)));
        row(&format!("{connections:>4} constant"), &bare.row(&bare, "-"));
    }
    println!("\nafterwards: {}", machine::line(folder.path()));
}

/// One server under one number of connections.
struct Cell {
    figures: Figures,
    server_hundredths: u64,
    client_hundredths: u64,
}

impl Cell {
    fn measure(connections: usize, server: u32, request: Request) -> Self {
        let client = std::process::id();
        let mut before = (0, 0);
        let usage = || (machine::cpu_hundredths(server), machine::cpu_hundredths(client));
        let figures = closed::run(connections, &request, || before = usage());
        let after = usage();
        Self { figures, server_hundredths: after.0 - before.0, client_hundredths: after.1 - before.1 }
    }

    fn per_second(&self) -> u64 {
        per_second(self.figures.calls(), MEASURED)
    }

    fn row(&self, bare: &Self, per_commit: &str) -> [String; 7] {
        // Hundredths of a second over seconds: tenths of a core, rounded.
        let cores = |hundredths: u64| tenths((hundredths / MEASURED.as_secs() + 5) / 10);
        [
            grouped(self.per_second()),
            grouped(self.figures.p50_us()),
            grouped(self.figures.p99_us()),
            share(self.per_second(), bare.per_second()),
            per_commit.to_owned(),
            cores(self.server_hundredths),
            cores(self.client_hundredths),
        ]
    }
}
