//! Every kind of file, damaged in every way: refused, found, or made anew, and never served otherwise than it was.
//!
//! What is expected is the table in docs/operations.md.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Mutex, atomic::AtomicUsize, atomic::Ordering},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{Copy, copy_all, store_files, table_file};
use crate::harness::{Answered, Merchant, NOBODY, OPERATOR_TOKEN, Server, choai, client, payment_of};

/// Nothing here takes so long unless it hangs.
const WAIT_MAX: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(10);
/// Servers at once.
const HANDS: usize = 3;

/// What can be done to a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Damage {
    /// One bit of it is another.
    Flipped,
    /// Its second half is missing.
    Truncated,
    /// It is missing.
    Deleted,
    /// Another ledger's is in its place.
    Swapped,
    /// It is as it was some time ago.
    Old,
}

use Damage::{Deleted, Flipped, Old, Swapped, Truncated};

const ALL: &[Damage] = &[Flipped, Truncated, Deleted, Swapped, Old];

/// A kind of file: its name in the table, and where one is.
struct Kind {
    name: &'static str,
    find: fn(&Copy) -> PathBuf,
    damages: &'static [Damage],
}

const KINDS: &[Kind] = &[
    Kind { name: "log, table file", find: |copy| table_file(&copy.path("ledger"), "log"), damages: ALL },
    Kind { name: "vault, table file", find: |copy| table_file(&copy.path("ledger"), "vault"), damages: ALL },
    Kind { name: "ledger, WAL", find: |copy| wal(copy, "ledger"), damages: ALL },
    Kind { name: "ledger, MANIFEST", find: |copy| manifest(copy, "ledger"), damages: ALL },
    Kind { name: "ledger, CURRENT", find: |copy| copy.path("ledger/CURRENT"), damages: ALL },
    Kind { name: "tables, table file", find: |copy| table_file(&copy.path("tables"), "rows"), damages: ALL },
    Kind { name: "answers, table file", find: |copy| table_file(&copy.path("tables"), "runs"), damages: ALL },
    Kind { name: "tables, MANIFEST", find: |copy| manifest(copy, "tables"), damages: ALL },
    Kind { name: "tables, CURRENT", find: |copy| copy.path("tables/CURRENT"), damages: ALL },
    Kind {
        name: "read models, table file",
        find: |copy| table_file(&copy.path("models"), "payments"),
        damages: ALL,
    },
    Kind { name: "read models, WAL", find: |copy| wal(copy, "models"), damages: ALL },
    Kind { name: "read models, MANIFEST", find: |copy| manifest(copy, "models"), damages: ALL },
    Kind { name: "read models, CURRENT", find: |copy| copy.path("models/CURRENT"), damages: ALL },
    Kind { name: "witness", find: |copy| copy.path("witness"), damages: ALL },
    Kind {
        name: "master key",
        find: |copy| beside(copy, ".master-key"),
        damages: &[Flipped, Truncated, Deleted, Swapped],
    },
    Kind { name: "list of erasures", find: |copy| beside(copy, ".erasures"), damages: ALL },
];

fn beside(copy: &Copy, ending: &str) -> PathBuf {
    PathBuf::from(format!("{}{ending}", copy.data().display()))
}

/// The longest WAL.
fn wal(copy: &Copy, store: &str) -> PathBuf {
    let files = store_files(&copy.path(store), "log");
    files.into_iter().max_by_key(|path| fs::metadata(path).expect("there").len()).expect("a WAL")
}

fn manifest(copy: &Copy, store: &str) -> PathBuf {
    let files = fs::read_dir(copy.path(store)).expect("there").map(|entry| entry.expect("one").path());
    let mut manifests = files
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("MANIFEST")));
    manifests.next().expect("a MANIFEST")
}

/// What there is to damage, and what undamaged data answers.
struct Scene {
    now: Copy,
    earlier: Copy,
    another: Copy,
    merchant: Merchant,
    payments: Vec<String>,
    told: Vec<(u16, String)>,
}

/// A ledger with something in every file, and two older and other ones.
async fn ledger() -> (Server, Merchant, Vec<String>, Copy) {
    let mut server = Server::start();
    let merchant = server.merchant().await;
    let mut payments = Vec::new();
    // Two that nobody pays: whoever began them can be erased.
    initiate(&server, &merchant, &mut payments).await;
    initiate(&server, &merchant, &mut payments).await;
    pay(&server, &merchant, &mut payments, 12).await;
    let step = json!({ "merchant_id": merchant.id, "seconds": 8 * 86_400 });
    server.operator_post("/operator/clock/advance", &step).answer().await;
    erase(&server, &payments[0]).await;
    // Opening moves what is in the WALs into table files.
    server.terminate();
    server.restart();
    pay(&server, &merchant, &mut payments, 6).await;
    server.kill();
    let earlier = copy_of(&server);
    server.restart();
    pay(&server, &merchant, &mut payments, 6).await;
    server.terminate();
    server.restart();
    pay(&server, &merchant, &mut payments, 6).await;
    erase(&server, &payments[1]).await;
    pay(&server, &merchant, &mut payments, 6).await;
    (server, merchant, payments, earlier)
}

async fn erase(server: &Server, payment: &str) {
    let path = format!("/operator/subjects/payment-{payment}/erase");
    let (status, erased) = server.operator_post(&path, &json!({})).answer().await;
    assert_eq!(status, 200, "{erased}");
}

async fn initiate(server: &Server, merchant: &Merchant, payments: &mut Vec<String>) {
    let key = format!("key-{}", payments.len());
    let asked = server.process(merchant).header("idempotency-key", key).json(&payment_of(NOBODY));
    let (status, answer) = asked.answer().await;
    assert_eq!(status, 200, "{answer}");
    payments.push(answer["payment_id"].as_str().expect("an id").to_owned());
}

async fn pay(server: &Server, merchant: &Merchant, payments: &mut Vec<String>, count: usize) {
    for _ in 0..count {
        initiate(server, merchant, payments).await;
        server.pay(&payments[payments.len() - 1]).await;
    }
}

fn copy_of(server: &Server) -> Copy {
    let copy = Copy::of(server);
    fs::copy(format!("{}.erasures", server.data().display()), beside(&copy, ".erasures")).expect("there");
    copy
}

impl Copy {
    /// The same once more.
    fn again(&self) -> Self {
        let copy = Self { folder: tempfile::tempdir().expect("a folder") };
        copy_all(&self.data(), &copy.data());
        for ending in [".master-key", ".erasures"] {
            fs::copy(beside(self, ending), beside(&copy, ending)).expect("there");
        }
        copy
    }
}

/// Serves a copy; `None` if that is refused.
struct Serving {
    process: Child,
    listen: String,
    operator: String,
}

impl Serving {
    fn start(copy: &Copy) -> Result<Self, String> {
        let (ready, said) = (copy.folder.path().join("ready"), copy.folder.path().join("said"));
        let mut serve = Command::new(choai());
        serve.args(["serve", "--listen", "127.0.0.1:0", "--operator-listen", "127.0.0.1:0", "--ready-file"]);
        serve.arg(&ready).arg("--data").arg(copy.data()).env("CHOAI_OPERATOR_TOKEN", OPERATOR_TOKEN);
        let log = File::create(&said).expect("a file");
        serve.env("RUST_LOG", "off").stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let mut process = serve.spawn().expect("it can be started");
        let begun = Instant::now();
        loop {
            if let Some(status) = process.try_wait().expect("a child can be asked") {
                let said = fs::read_to_string(&said).expect("text");
                assert_eq!(status.code(), Some(1), "{said}");
                return Err(said.lines().last().unwrap_or_default().to_owned());
            }
            if let Ok(bytes) = fs::read(&ready) {
                let ready: Value = serde_json::from_slice(&bytes).expect("JSON");
                let at = |name: &str| format!("http://{}", ready[name].as_str().expect("an address"));
                let (listen, operator) = (at("listen"), at("operator_listen"));
                return Ok(Self { process, listen, operator });
            }
            assert!(begun.elapsed() < WAIT_MAX, "it neither serves nor ends");
            std::thread::sleep(POLL);
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Scene {
    async fn new() -> Self {
        let (mut server, merchant, payments, earlier) = ledger().await;
        server.kill();
        let now = copy_of(&server);
        let (mut other, ..) = ledger().await;
        other.kill();
        let another = copy_of(&other);
        let mut scene = Self { now, earlier, another, merchant, payments, told: Vec::new() };
        let sound = scene.now.again();
        sound.is_in_order();
        scene.told = scene.ask(&Serving::start(&sound).expect("sound data is served")).await;
        assert!(scene.told.iter().all(|(status, _)| *status < 500), "{:?}", scene.told);
        scene
    }

    /// Everything that customers, merchants and the operator can ask about what there is; 0 where nobody answers.
    async fn ask(&self, serving: &Serving) -> Vec<(u16, String)> {
        let http = client();
        let Merchant { access_key, .. } = &self.merchant;
        let mut requests = Vec::new();
        for payment in &self.payments {
            let validity = http.post(format!("{}/payment/check-validity", serving.listen));
            requests.push(validity.bearer_auth(access_key).form(&[("payment_id", payment)]));
            requests.push(http.get(format!("{}/process-checkout?payment_id={payment}", serving.listen)));
        }
        let operator =
            |path: &str| http.get(format!("{}{path}", serving.operator)).bearer_auth(OPERATOR_TOKEN);
        requests.push(operator("/operator/trial-balance"));
        requests.push(operator("/operator/merchants"));
        requests.push(operator(&format!("/operator/subjects/payment-{}", self.payments[0])));
        requests.push(operator(&format!("/operator/subjects/payment-{}", self.payments[1])));
        // Last, because what has no answer any more would be done anew.
        for number in 0..self.payments.len() {
            let process = http.post(format!("{}/payment/process", serving.listen)).bearer_auth(access_key);
            requests
                .push(process.header("idempotency-key", format!("key-{number}")).json(&payment_of(NOBODY)));
        }
        let mut told = Vec::new();
        for request in requests {
            told.push(match request.send().await {
                Err(_) => (0, String::new()),
                Ok(response) => {
                    let status = response.status().as_u16();
                    // Links name the port, which is another with every start.
                    let text = response.text().await.unwrap_or_default().replace(&serving.listen, "");
                    // So does the courier's every attempt move the log on.
                    let mut json: Value = serde_json::from_str(&text).unwrap_or_default();
                    let moves_on = json.as_object_mut().is_some_and(|json| json.remove("position").is_some());
                    (status, if moves_on { json.to_string() } else { text })
                }
            });
        }
        told
    }

    fn damage(&self, kind: &Kind, damage: Damage) -> Option<Copy> {
        let copy = self.now.again();
        let path = (kind.find)(&copy);
        let from = |other: &Copy| fs::copy((kind.find)(other), &path).expect("it can be copied");
        match damage {
            Flipped => {
                let mut bytes = fs::read(&path).expect("there");
                let at = bytes.len() / 3;
                bytes[at] ^= 1;
                fs::write(&path, bytes).expect("it can be written");
            }
            Truncated => {
                let file = File::options().write(true).open(&path).expect("there");
                file.set_len(file.metadata().expect("there").len() / 2).expect("it can be cut");
            }
            Deleted => fs::remove_file(&path).expect("there"),
            Swapped => drop(from(&self.another)),
            Old => {
                if fs::read((kind.find)(&self.earlier)).expect("there") == fs::read(&path).expect("there") {
                    return None;
                }
                from(&self.earlier);
            }
        }
        Some(copy)
    }

    /// What comes of it: by whom it is noticed, or that it does no harm.
    async fn outcome(&self, kind: &Kind, damage: Damage) -> Option<&'static str> {
        let copy = self.damage(kind, damage)?;
        let audited = super::outcome(
            Command::new(choai()).args(["audit", "--full", "--json", "--data"]).arg(copy.data()),
        );
        let is_found = audited.code != Some(0);
        let serving = match Serving::start(&copy) {
            Err(line) => {
                return Some(detector(&line).unwrap_or_else(|| panic!("{} {damage:?}: {line}", kind.name)));
            }
            Ok(serving) => serving,
        };
        let told = self.ask(&serving).await;
        let mut unanswered = 0;
        for (at, (is, was)) in told.iter().zip(&self.told).enumerate() {
            if is.0 == 0 || is.0 == 503 {
                unanswered += 1;
            } else {
                assert_eq!(is, was, "{} {damage:?}: request {at} is served otherwise", kind.name);
            }
        }
        assert!(
            is_found || unanswered == 0,
            "{} {damage:?}: {unanswered} unanswered, and the audit is clean",
            kind.name
        );
        Some(if is_found { "found by the audit" } else { "no harm" })
    }
}

/// Who refuses with such a line.
fn detector(line: &str) -> Option<&'static str> {
    let of = [
        ("events are missing", "refused by the witness"),
        ("the witness ended with another commit", "refused by the witness"),
        ("master key", "refused by its own check"),
        ("the list of erasures", "refused by its own check"),
        ("writes are missing between others", "refused by its own check"),
        ("Corruption", "refused by RocksDB"),
        ("IO error", "refused by RocksDB"),
    ];
    of.into_iter().find(|(words, _)| line.contains(words)).map(|(_, who)| who)
}

/// The row of the table in the docs: what may come of each damage.
fn expected(kind: &Kind) -> Vec<&'static str> {
    let docs = include_str!("../../../../docs/operations.md");
    let beginning = format!("| {} |", kind.name);
    let row = docs.lines().find_map(|line| line.strip_prefix(&beginning));
    let row = row.unwrap_or_else(|| panic!("{} has no row in docs/operations.md", kind.name));
    row.trim_end_matches('|').split('|').map(str::trim).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn whatever_is_damaged_is_never_served_as_something_else() {
    let scene = std::sync::Arc::new(Scene::new().await);
    let cases: Vec<(usize, Damage)> = KINDS
        .iter()
        .enumerate()
        .flat_map(|(at, kind)| kind.damages.iter().map(move |damage| (at, *damage)))
        .collect();
    let (next, outcomes) = (AtomicUsize::new(0), Mutex::new(vec![None; cases.len()]));
    let (next, outcomes, cases) =
        (std::sync::Arc::new(next), std::sync::Arc::new(outcomes), std::sync::Arc::new(cases));
    let mut hands = tokio::task::JoinSet::new();
    for _ in 0..HANDS {
        let (scene, next, outcomes, cases) = (scene.clone(), next.clone(), outcomes.clone(), cases.clone());
        hands.spawn(async move {
            while let Some((kind, damage)) = cases.get(next.fetch_add(1, Ordering::SeqCst)) {
                let outcome = scene.outcome(&KINDS[*kind], *damage).await;
                let at = cases.iter().position(|case| case == &(*kind, *damage)).expect("it is a case");
                outcomes.lock().expect("nothing panics while it holds them")[at] = outcome;
            }
        });
    }
    while let Some(done) = hands.join_next().await {
        done.unwrap_or_else(|failure| std::panic::resume_unwind(failure.into_panic()));
    }
    let mut wrong = String::new();
    for ((at, damage), outcome) in cases.iter().zip(&*outcomes.lock().expect("nobody else has them")) {
        let (kind, Some(outcome)) = (&KINDS[*at], outcome) else { continue };
        let column = ALL.iter().position(|one| one == damage).expect("it is one of all");
        let expected = expected(kind)[column];
        if !expected.split(" or ").any(|expected| expected == *outcome) {
            wrong += &format!("{} {damage:?}: {outcome}, not {expected}\n", kind.name);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
