//! Every kind of file, damaged in every way: refused, found, or made anew, and never served otherwise than it was.
//!
//! The table in docs/operations.md is what this prints.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Mutex, atomic::AtomicUsize, atomic::Ordering},
    time::{Duration, Instant},
};

use expect_test::expect_file;
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
    pay(&server, &merchant, &mut payments, 12).await;
    let (subject, _) = (format!("payment-{}", payments[0]), ());
    server
        .operator_post(&format!("/operator/sandbox/payments/{}/paid", payments[1]), &json!({}))
        .answer()
        .await;
    let step = json!({ "merchant_id": merchant.id, "seconds": 8 * 86_400 });
    server.operator_post("/operator/clock/advance", &step).answer().await;
    let erased =
        server.operator_post(&format!("/operator/subjects/{subject}/erase"), &json!({})).answer().await;
    assert_eq!(erased.0, 200, "{}", erased.1);
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
    let subject = format!("payment-{}", payments[2]);
    let erased =
        server.operator_post(&format!("/operator/subjects/{subject}/erase"), &json!({})).answer().await;
    assert_eq!(erased.0, 200, "{}", erased.1);
    pay(&server, &merchant, &mut payments, 6).await;
    (server, merchant, payments, earlier)
}

async fn pay(server: &Server, merchant: &Merchant, payments: &mut Vec<String>, count: usize) {
    for _ in 0..count {
        let key = format!("key-{}", payments.len());
        let asked = server.process(merchant).header("idempotency-key", key).json(&payment_of(NOBODY));
        let (status, answer) = asked.answer().await;
        assert_eq!(status, 200, "{answer}");
        payments.push(answer["payment_id"].as_str().expect("an id").to_owned());
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
                    (status, text)
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
    async fn outcome(&self, kind: &Kind, damage: Damage) -> Option<String> {
        let copy = self.damage(kind, damage)?;
        let audited = super::outcome(
            Command::new(choai()).args(["audit", "--full", "--json", "--data"]).arg(copy.data()),
        );
        let report: Value = serde_json::from_str(&audited.out).unwrap_or_default();
        let checks = report["checks"].as_array().cloned().unwrap_or_default();
        let broken = checks.iter().find(|check| check["ok"] == false);
        let broken = broken.map(|check| check["check"].as_str().unwrap_or_default().to_owned());
        let found = match (audited.code, broken) {
            (Some(0), _) => None,
            (_, Some(check)) => Some(format!("audit: {check}")),
            (_, None) => Some("audit: refuses".to_owned()),
        };
        let serving = match Serving::start(&copy) {
            Err(line) => return Some(format!("refused at open: {}", reason(&line, &copy))),
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
        Some(match (found, unanswered) {
            (Some(found), 0) => format!("found by {found}"),
            (Some(found), _) => format!("found by {found}; what needs it is answered with 503"),
            (None, 0) => "made anew, or not needed".to_owned(),
            (None, _) => panic!(
                "{} {damage:?}: {unanswered} of {} unanswered, and the audit is clean",
                kind.name,
                told.len()
            ),
        })
    }
}

/// The line without what is another in every run.
fn reason(line: &str, copy: &Copy) -> String {
    let line = line.trim_start_matches("choai: ").replace(&copy.folder.path().display().to_string(), "");
    let line =
        line.split(" in file").next().unwrap_or_default().split("; ").next().unwrap_or_default().to_owned();
    let mut short = String::new();
    for word in line.split_whitespace().filter(|word| !word.chars().any(|letter| letter.is_ascii_digit())) {
        short.push_str(word);
        short.push(' ');
    }
    short.trim_end().chars().take(80).collect()
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
    let mut table = String::from("| File | Damage | What comes of it |\n| --- | --- | --- |\n");
    for ((kind, damage), outcome) in cases.iter().zip(&*outcomes.lock().expect("nobody else has them")) {
        let damage = format!("{damage:?}").to_lowercase();
        let outcome = outcome.as_deref().unwrap_or("(as it was)");
        table.push_str(&format!("| {} | {damage} | {outcome} |\n", KINDS[*kind].name));
    }
    expect_file!["kinds.md"].assert_eq(&table);
}
