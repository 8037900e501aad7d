//! A backup taken while payments come in: everything acknowledged before it is in it, and nothing in it is otherwise.

use std::{
    collections::HashSet,
    process::Command,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::harness::{Merchant, NOBODY, Server, choai, payment_of};

const CLIENTS: usize = 8;

/// Payments that were answered, in the order of their answers.
type Answered = Arc<Mutex<Vec<String>>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_before_a_backup_is_restored_from_it() {
    let mut server = Server::start();
    let merchant = server.merchant().await;
    let answered = Answered::default();
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        clients.spawn(order_until_it_breaks(request(&server, &merchant), answered.clone(), client));
    }
    let server_now = Arc::new(server);
    let (first, second) = {
        // One that is small, one with more than what it shares, and then more that is in neither.
        let mut backups = Vec::new();
        for count in [200, 600] {
            wait_for(&answered, count).await;
            let known = answered.lock().unwrap().len();
            let server = server_now.clone();
            let taken = tokio::task::spawn_blocking(move || server.back_up(&[])).await.unwrap();
            backups.push((known, taken));
        }
        wait_for(&answered, 1_000).await;
        let second = backups.pop().unwrap();
        (backups.pop().unwrap(), second)
    };
    server = Arc::into_inner(server_now).expect("nobody else has it");
    server.kill();
    clients.join_all().await;
    let answered = answered.lock().unwrap().clone();
    assert!(second.1["copied_bytes"].as_u64() < second.1["bytes"].as_u64(), "files are shared: {}", second.1);

    let whole = server.events();
    for (number, (known, taken)) in [("1", first), ("2", second)] {
        let name = format!("restored-{number}");
        let told = server.restored(&name, &["--number", number]);
        assert_eq!((&told["position"], &told["hash"]), (&taken["position"], &taken["hash"]));
        let mut audit = Command::new(choai());
        let audit = audit.args(["audit", "--full", "--data"]).arg(server.beside(&name)).output().unwrap();
        assert!(audit.status.success(), "{}", String::from_utf8_lossy(&audit.stdout));
        let events = export(&server, &name);
        let position = usize::try_from(taken["position"].as_u64().unwrap()).unwrap();
        assert!(position < whole.len(), "payments went on");
        assert!(events[..] == whole[..position], "it is the log up to there, and nothing else");
        let created = events.iter().filter(|event| event["kind"] == "payment.created");
        let created: HashSet<&str> = created.map(|event| event["stream"].as_str().unwrap()).collect();
        let lost = answered[..known].iter().filter(|id| !created.contains(format!("payment-{id}").as_str()));
        assert_eq!(lost.count(), 0, "of {known} that were answered before");
    }
}

/// Whatever lies in it is damaged, the backup is refused.
#[tokio::test]
async fn a_folder_that_is_no_good_is_refused() {
    let server = Server::start();
    let merchant = server.merchant().await;
    server.initiate(&merchant, &payment_of(NOBODY)).await;
    server.back_up(&[]);
    let list = server.beside("data.erasures").display().to_string();
    let with_list = ["--erasures", &list];
    server.restored("one", &[]);
    // Left by a ledger that was moved away; it may know of more than the list that is given.
    std::fs::copy(server.beside("data.erasures"), server.beside("three.erasures")).unwrap();
    for (name, more, expected) in [
        ("three", &with_list[..], "there is a list of erasures at"),
        ("one", &with_list[..], "is not empty"),
        ("two", &["--number", "7"], "there is no backup 7"),
        ("two", &["--erasures", "/nowhere/list"], "there is no list of erasures at /nowhere/list"),
    ] {
        let said = super::folders::refusal(&server.restore(name, more));
        assert!(said.contains(expected), "{said}");
    }
    let mut inside = server.choai();
    inside.arg("backup").arg(server.data().join("backups")).arg("--data").arg(server.data());
    inside.args(["--operator", &server.operator_url("")]);
    let said = super::folders::refusal(&inside.output().unwrap());
    assert!(said.contains("outside the data folder"), "{said}");
    // A server that runs on the restored ledger has its own history: its backups go elsewhere.
    let mut serve = server.choai();
    serve.arg("backup").arg(server.beside("backups")).arg("--data").arg(server.beside("one"));
    serve.arg("--master-key").arg(server.beside("data.master-key")).arg("--json");
    let same = super::folders::json(&mut serve);
    assert_eq!(same["number"], 2, "as long as nothing else has happened, it is the same log");
}

fn request(server: &Server, merchant: &Merchant) -> reqwest::RequestBuilder {
    server.process(merchant)
}

async fn order_until_it_breaks(request: reqwest::RequestBuilder, answered: Answered, client: usize) {
    let mut fields = payment_of(NOBODY);
    fields["custom"] = json!(format!("client-{client}"));
    loop {
        let Ok(answer) = request.try_clone().expect("it has no body yet").json(&fields).send().await else {
            return;
        };
        let Ok(answer) = answer.json::<Value>().await else { return };
        let Some(id) = answer["payment_id"].as_str() else { return };
        answered.lock().unwrap().push(id.to_owned());
    }
}

async fn wait_for(answered: &Answered, count: usize) {
    crate::harness::eventually("payments are answered", async || {
        (answered.lock().unwrap().len() >= count).then_some(())
    })
    .await;
}

fn export(server: &Server, name: &str) -> Vec<Value> {
    let mut export = Command::new(choai());
    let output = export.arg("export").arg("--data").arg(server.beside(name)).arg("events").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
