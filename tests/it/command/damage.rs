//! Damage: wherever it is, the audit fails and says where what can be trusted ends; the server does not serve it.

mod kinds;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use super::outcome::{outcome, refusal};
use crate::harness::{OPERATOR_TOKEN, Server, choai, payment_of};

/// A stopped server's data, and what comes with it, to be damaged without regret.
struct Copy {
    folder: tempfile::TempDir,
}

impl Copy {
    fn of(server: &Server) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let copy = Self { folder };
        copy_all(&server.data(), &copy.data());
        let key = |data: PathBuf| format!("{}.master-key", data.display());
        fs::copy(key(server.data()), key(copy.data())).expect("the key is beside the data");
        copy
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn path(&self, within: &str) -> PathBuf {
        self.data().join(within)
    }

    /// The one line with which `choai serve` refuses it.
    #[track_caller]
    fn is_not_served(&self) -> String {
        let mut serve = Command::new(choai());
        serve.args(["serve", "--listen", "127.0.0.1:0", "--operator-listen", "127.0.0.1:0", "--data"]);
        refusal(serve.arg(self.data()).env("CHOAI_OPERATOR_TOKEN", OPERATOR_TOKEN).env("RUST_LOG", "info"))
    }

    /// The audit's report and its exit code.
    fn audit(&self) -> (Option<i32>, Value) {
        let outcome =
            outcome(Command::new(choai()).args(["audit", "--full", "--json", "--data"]).arg(self.data()));
        assert_eq!(outcome.err, "", "what is wrong is in the report");
        (outcome.code, serde_json::from_str(&outcome.out).expect("JSON"))
    }

    #[track_caller]
    fn is_in_order(&self) {
        let (code, report) = self.audit();
        assert_eq!((code, &report["ok"]), (Some(0), &Value::from(true)), "{report:#}");
    }

    /// The first position that the audit does not trust.
    #[track_caller]
    fn is_broken_at(&self) -> u64 {
        let (code, report) = self.audit();
        assert_eq!((code, &report["ok"]), (Some(1), &Value::from(false)), "{report:#}");
        let checks = report["checks"].as_array().expect("a list");
        let positions =
            checks.iter().filter(|check| check["ok"] == false).filter_map(|check| check["position"].as_u64());
        positions.min().unwrap_or_else(|| panic!("no position: {report:#}"))
    }
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_all(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).expect("a file");
        }
    }
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).expect("it can be read");
    bytes[at] ^= 1;
    fs::write(path, bytes).expect("it can be written");
}

/// Files of the ledger with this ending.
fn ledger_files(data: &Path, ending: &str) -> Vec<PathBuf> {
    store_files(&data.join("ledger"), ending)
}

fn store_files(store: &Path, ending: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(store).expect("there").map(|file| file.expect("an entry").path());
    files.filter(|path| path.extension().is_some_and(|found| found == ending)).collect()
}

/// A table file that holds rows of a column family, by the name RocksDB notes in it.
fn table_file(store: &Path, family: &str) -> PathBuf {
    let mark = format!("name{family}");
    let holds =
        |path: &PathBuf| !find_all(&fs::read(path).expect("it can be read"), mark.as_bytes()).is_empty();
    store_files(store, "sst").into_iter().find(holds).unwrap_or_else(|| panic!("no file of {family}"))
}

fn find_all(bytes: &[u8], what: &[u8]) -> Vec<usize> {
    (0..bytes.len()).filter(|at| bytes[*at..].starts_with(what)).collect()
}

/// A merchant, and so many payments that nobody pays: as many events, whatever the machine does.
async fn initiate(server: &Server, count: usize) {
    let merchant = server.merchant().await;
    for _ in 0..count {
        server.initiate(&merchant, &payment_of("https://shop.example.com")).await;
    }
}

/// A stopped server with some history, all of it still in the WAL.
async fn history() -> Server {
    let mut server = Server::start();
    initiate(&server, 60).await;
    server.terminate();
    server
}

#[tokio::test]
async fn a_flipped_byte_of_a_commit_is_found_at_its_position() {
    let server = history().await;
    let copy = Copy::of(&server);
    copy.is_in_order();
    let [wal] = &ledger_files(&copy.data(), "log")[..] else { panic!("one WAL") };
    let bytes = fs::read(wal).expect("it can be read");
    let frames = find_all(&bytes, b"CHOA\x01\0\0\0");
    assert!(frames.len() > 60, "{} commits", frames.len());
    for frame in [0, 1, frames.len() / 2, frames.len() - 1].map(|at| frames[at]) {
        let u32_at =
            |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes")) as usize;
        let first = u32_at(frame + 8) as u64;
        let length = 64 + u32_at(frame + 20) + 32;
        for at in [frame, frame + 8, frame + length / 2, frame + length - 1] {
            flip(wal, at);
            assert_eq!(copy.is_broken_at(), first, "byte {} of {length}", at - frame);
            let line = copy.is_not_served();
            assert!(line.contains(&format!("the log ends at position {}", first - 1)), "{line}");
            flip(wal, at);
        }
    }
    // Neither the audit nor the refused server has changed anything.
    assert!(fs::read(wal).expect("it can be read") == bytes, "the WAL is as it was");
    copy.is_in_order();
}

#[tokio::test]
async fn a_flipped_byte_of_a_table_file_is_found() {
    let mut server = history().await;
    // Opening what a crash left in the WAL writes it to table files.
    server.restart();
    server.terminate();
    let copy = Copy::of(&server);
    copy.is_in_order();
    let log = table_file(&copy.path("ledger"), "log");
    let length = fs::read(&log).expect("it can be read").len();
    let mut positions = Vec::new();
    for at in [length / 20, length / 3, length / 2] {
        flip(&log, at);
        positions.push(copy.is_broken_at());
        flip(&log, at);
    }
    assert_eq!(positions[0], 1, "the first block holds the first commit");
    assert!(positions.is_sorted() && positions[0] < positions[2], "{positions:?}");
    for (store, family, check) in [
        ("tables", "rows", "the writer's tables can be read"),
        ("ledger", "vault", "every row of the vault can be read"),
    ] {
        let file = table_file(&copy.path(store), family);
        flip(&file, 40);
        let (code, report) = copy.audit();
        let checks = report["checks"].as_array().expect("a list");
        let broken: Vec<_> =
            checks.iter().filter(|check| check["ok"] == false).map(|check| &check["check"]).collect();
        assert_eq!((code, &broken[..]), (Some(1), &[&Value::from(check)][..]), "{report:#}");
        flip(&file, 40);
    }
    copy.is_in_order();
}

/// The audit once ended with an error line of its own where JSON was asked for.
#[tokio::test]
async fn read_models_that_do_not_open_are_in_the_report() {
    let copy = Copy::of(&history().await);
    fs::write(copy.path("models/CURRENT"), "nonsense\n").expect("it can be written");
    let (code, report) = copy.audit();
    let checks = report["checks"].as_array().expect("a list");
    let broken: Vec<_> =
        checks.iter().filter(|check| check["ok"] == false).map(|check| &check["check"]).collect();
    assert_eq!((code, &broken[..]), (Some(1), &[&Value::from("the read models open")][..]), "{report:#}");
    // They hold nothing that the log does not.
    fs::remove_dir_all(copy.path("models")).expect("there");
    copy.is_in_order();
}

#[tokio::test]
async fn an_older_copy_of_the_log_is_noticed() {
    let mut server = history().await;
    let older = Copy::of(&server);
    let (_, report) = older.audit();
    let ended_at = report["log"]["position"].as_u64().expect("a position");
    server.restart();
    initiate(&server, 1).await;
    server.terminate();
    let newer = Copy::of(&server);
    fs::copy(newer.path("witness"), older.path("witness")).expect("a file");
    assert_eq!(older.is_broken_at(), ended_at + 1);
    let line = older.is_not_served();
    assert!(line.contains(&format!("the log ends at position {ended_at}, but position")), "{line}");
    // Read models that have seen more than the log are no help.
    fs::remove_dir_all(older.path("models")).expect("there");
    copy_all(&newer.path("models"), &older.path("models"));
    assert_eq!(older.is_broken_at(), ended_at + 1);
    older.is_not_served();
    newer.is_in_order();
}

/// Another history of the same length: the audit once looked at nothing but the length.
#[tokio::test]
async fn another_log_of_the_same_length_is_noticed() {
    let (one, other) = (Copy::of(&history().await), Copy::of(&history().await));
    let position = |copy: &Copy| copy.audit().1["log"]["position"].as_u64().expect("a position");
    let last = position(&one);
    assert_eq!(last, position(&other), "both have the same length");
    fs::copy(other.path("witness"), one.path("witness")).expect("a file");
    assert_eq!(one.is_broken_at(), last);
    let line = one.is_not_served();
    assert!(line.contains("ended with another commit"), "{line}");
}

#[tokio::test]
async fn a_log_that_is_gone_is_not_begun_anew() {
    let copy = Copy::of(&history().await);
    fs::remove_dir_all(copy.path("ledger")).expect("there");
    let line = copy.is_not_served();
    assert!(line.contains("the log ends at position 0, but position"), "{line}");
    assert!(!copy.path("ledger").exists(), "nothing was made in its place");
    let audit = refusal(Command::new(choai()).args(["audit", "--data"]).arg(copy.data()));
    assert!(audit.contains("there is no ledger in"), "{audit}");
}
