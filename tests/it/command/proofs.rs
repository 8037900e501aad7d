//! `choai audit checkpoint`, `prove`, `consistency`, and `choai verify`: beside a server, after it, and without it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use choai_engine::{
    log::RocksStore,
    vault::{VaultFamily, VaultRows},
};
use serde_json::Value;

use super::outcome::{outcome, refusal};
use crate::harness::{Answered, NOBODY, Server, choai, payment_of};

const PHP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/it/command/samples/verify_proof.php");

/// A ledger with some events, and a folder for what is taken away from it.
struct Auditor {
    server: Server,
    folder: tempfile::TempDir,
}

impl Auditor {
    async fn begin(events: u64) -> Self {
        let server = Server::start();
        let folder = tempfile::tempdir().expect("a folder");
        let auditor = Self { server, folder };
        auditor.go_on(events).await;
        auditor
    }

    /// Has at least so many more events happen.
    async fn go_on(&self, events: u64) {
        let merchant = self.server.merchant().await;
        for _ in 1..events {
            self.server.initiate(&merchant, &payment_of(NOBODY)).await;
        }
    }

    async fn text(&self, path: &str) -> String {
        let (status, text) = self.server.operator_get(path).text_answer().await;
        assert_eq!(status, 200, "{text}");
        text
    }

    /// The verifier key with this number, as it is listed.
    async fn key(&self, number: u64) -> String {
        let keys: Value = serde_json::from_str(&self.text("/operator/signing-keys").await).expect("JSON");
        let all = keys["keys"].as_array().expect("a list");
        let found = all.iter().find(|key| key["number"] == number).expect("there is one");
        found["verifier_key"].as_str().expect("text").to_owned()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Keeps the checkpoint that the operator's port answers with.
    async fn keep(&self, name: &str) -> PathBuf {
        let file = self.file(name);
        fs::write(&file, self.text("/operator/checkpoint").await).expect("it can be written");
        file
    }

    /// Has `audit` write a proof.
    fn take(&self, name: &str, args: &[&str]) -> PathBuf {
        let file = self.file(name);
        let mut audit = self.audit(args);
        let done = outcome(audit.arg("--out").arg(&file));
        assert_eq!((done.code, done.err.as_str()), (Some(0), ""), "{}", done.out);
        file
    }

    fn audit(&self, args: &[&str]) -> Command {
        let mut audit = self.server.choai();
        audit.arg("audit").args(args).arg("--data").arg(self.server.data());
        audit
    }
}

/// Where there is nothing else: no folder of a ledger, no environment.
fn verify(file: &Path, args: &[&str]) -> Command {
    let nowhere = file.parent().expect("it is in a folder");
    let mut verify = Command::new(choai());
    verify.current_dir(nowhere).env_clear().arg("verify").arg(file).args(args);
    verify
}

fn proved(file: &Path, args: &[&str]) -> Value {
    let done = outcome(verify(file, args).arg("--json"));
    assert_eq!((done.code, done.err.as_str()), (Some(0), ""), "{}", done.out);
    serde_json::from_str(&done.out).expect("JSON")
}

/// What somebody else's hashes and signatures make of it.
fn by_php(file: &Path) -> String {
    let done = outcome(Command::new("php").args(["-d", "display_errors=stderr", PHP]).arg(file));
    assert_eq!((done.code, done.err.as_str()), (Some(0), ""));
    done.out
}

fn text(path: &Path) -> &str {
    path.to_str().expect("text")
}

#[tokio::test]
async fn every_event_is_proved_to_whoever_has_only_the_file_and_a_key() {
    let mut auditor = Auditor::begin(5).await;
    let kept = auditor.keep("kept").await;
    let key = auditor.key(1).await;
    let size = auditor.server.position().await;
    assert_eq!(size, 6, "the key was made by the first question for it");
    let stopped = async |auditor: &mut Auditor| auditor.server.terminate();
    for is_running in [true, false] {
        if !is_running {
            stopped(&mut auditor).await;
        }
        for event in auditor.server.events() {
            let position = event["position"].to_string();
            let file = auditor.take("proof", &["prove", &position]);
            let told = proved(&file, &["--key", &key]);
            assert_eq!((&told["proved"], &told["trusted"]), (&"event".into(), &"key".into()));
            assert_eq!(told["event"], event, "the very event that the export shows");
            assert_eq!(told["checkpoint"]["size"], size);
            let index = event["position"].as_u64().expect("a number") - 1;
            assert_eq!(by_php(&file), format!("event {index} of {size} by 1 keys"));
        }
    }
    let named = auditor.take("named", &["prove", "merchant-1/0", "--at", text(&kept)]);
    assert_eq!(proved(&named, &["--checkpoint", text(&kept)])["event"]["kind"], "merchant.registered");
}

#[tokio::test]
async fn what_was_kept_is_in_all_that_follows_whichever_key_signs() {
    let mut auditor = Auditor::begin(3).await;
    let old = auditor.keep("old").await;
    let first = auditor.key(1).await;
    auditor.go_on(4).await;
    let mut rotate = auditor.server.choai();
    rotate.args(["signing-key", "rotate", "--json", "--operator", &auditor.server.operator_url("")]);
    let rotated: Value = serde_json::from_str(&outcome(&mut rotate).out).expect("JSON");
    assert_eq!(
        (&rotated["number"], rotated["verifier_key"].as_str()),
        (&2.into(), Some(&*auditor.key(2).await))
    );
    let new = auditor.keep("new").await;
    for args in [
        vec!["consistency", text(&old), text(&new)],
        vec!["consistency", text(&old)],
        vec!["consistency", "4", "9"],
    ] {
        let proof = auditor.take("proof", &args);
        let told = proved(&proof, &["--checkpoint", text(&old)]);
        assert_eq!((&told["old"]["size"], &told["new"]["size"]), (&4.into(), &9.into()));
        assert_eq!(told["new_signed_by"]["number"], 2);
        assert_eq!(proved(&proof, &["--key", &first])["trusted"], "key");
        assert_eq!(by_php(&proof), "4 grew into 9 by 2 keys");
    }
    let same = auditor.take("same", &["consistency", text(&new), text(&new)]);
    assert_eq!(by_php(&same), "9 grew into 9 by 2 keys");
    assert_eq!(proved(&old, &["--key", &first])["proved"], "checkpoint");
    let keys = auditor.server.events_of("signer.key_adopted");
    assert_eq!(keys.len(), 2, "rotation is recorded");
    auditor.server.audit_full();
    auditor.server.terminate();
    let store = RocksStore::open_read_only(&auditor.server.data().join("ledger")).expect("it opens");
    let secrets = VaultRows::scan(&store, VaultFamily::SigningKey).expect("it reads");
    assert_eq!(secrets.len(), 1, "the secret of the key that was replaced is gone");
}

/// Of each byte one bit: a file is what was written, or it proves nothing.
#[tokio::test]
async fn a_changed_file_is_refused_in_one_line() {
    let auditor = Auditor::begin(2).await;
    auditor.keep("kept").await;
    let proof = auditor.take("proof", &["prove", "1"]);
    let whole = fs::read(&proof).expect("it was written");
    let changed = auditor.file("changed");
    for at in (0..whole.len()).step_by(7) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&changed, bytes).expect("it can be written");
        refusal(&mut verify(&changed, &[]));
    }
    for (bytes, expected) in [
        (&whole[..whole.len() - 1], "proves nothing"),
        (&whole[..whole.len() / 2], "proves nothing"),
        (b"", "this is no proof of Choai's"),
        (b"\xFF\xFE", "UTF-8"),
    ] {
        fs::write(&changed, bytes).expect("it can be written");
        let refused = refusal(&mut verify(&changed, &[]));
        assert!(refused.contains(expected), "{refused}");
    }
    let missing = refusal(&mut verify(&auditor.file("missing"), &[]));
    assert!(missing.contains("No such file"), "{missing}");
}

#[tokio::test]
async fn people_are_told_what_the_proof_rests_on() {
    let auditor = Auditor::begin(2).await;
    let kept = auditor.keep("kept").await;
    let key = auditor.key(1).await;
    let proof = auditor.take("proof", &["prove", "1"]);
    let says = |args: &[&str]| outcome(&mut verify(&proof, args)).out;
    assert!(says(&[]).contains("NOTHING: the key came from the file itself"), "{}", says(&[]));
    assert!(says(&["--key", &key]).contains("the key you gave"), "{}", says(&["--key", &key]));
    let by_checkpoint = says(&["--checkpoint", text(&kept)]);
    assert!(by_checkpoint.contains("the checkpoint you gave"), "{by_checkpoint}");
    let other = Auditor::begin(2).await;
    let foreign = other.keep("kept").await;
    let other_key = other.key(1).await;
    for (args, expected) in [
        (["--key", &*other_key], "the key you gave is another ledger's"),
        (["--checkpoint", text(&foreign)], "the checkpoint is one of choai/"),
    ] {
        let refused = refusal(&mut verify(&proof, &args));
        assert!(refused.contains(expected), "{refused}");
    }
    let refused = refusal(&mut auditor.audit(&["consistency", text(&foreign)]));
    assert!(refused.starts_with("the checkpoint is one of choai/"), "{refused}");
    assert_eq!(outcome(&mut verify(&proof, &["--key", "choai"])).code, Some(2), "a mistake in the command");
}

#[tokio::test]
async fn what_cannot_be_proved_is_refused() {
    let mut auditor = Auditor::begin(2).await;
    let none = refusal(&mut auditor.audit(&["prove", "1"]));
    assert!(none.starts_with("the ledger has no signing key yet"), "{none}");
    auditor.keep("kept").await;
    for (args, expected) in [
        (&["prove", "9"][..], "there is no event 9 among the first 3"),
        (&["prove", "3", "--at", "2"], "there is no event 3 among the first 2"),
        (&["prove", "1", "--at", "9"], "the ledger has 3 events, not 9"),
        (&["prove", "merchant-1/7"], "merchant-1 has no event 7"),
        (&["prove", "merchant-8/0"], "merchant-8 has no event 0"),
        (&["consistency", "3", "2"], "of 3 and 2 events"),
        (&["consistency", "nothing-here"], "nothing-here"),
        (&["--full", "prove", "1"], "--full, --account and --witness are for an audit"),
    ] {
        let refused = refusal(&mut auditor.audit(args));
        assert!(refused.starts_with(expected), "{args:?}: {refused}");
    }
    let wrong_key = auditor.file("wrong-key");
    fs::write(&wrong_key, "0".repeat(64)).expect("it can be written");
    fs::set_permissions(&wrong_key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("a mode");
    let refused = refusal(&mut auditor.audit(&["prove", "1", "--master-key", text(&wrong_key)]));
    assert!(refused.starts_with("this master key is not the one"), "{refused}");
    // Read models may be deleted whenever the server is stopped: the tree is then built from the log.
    auditor.server.terminate();
    let before = fs::read(auditor.take("before", &["prove", "2"])).expect("it was written");
    fs::remove_dir_all(auditor.server.data().join("models")).expect("they can be deleted");
    let after = fs::read(auditor.take("after", &["prove", "2"])).expect("it was written");
    assert_eq!(before, after);
}
