//! Folders beside a server's data: backups of it, and what is restored from them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use choai_engine::{
    Paths,
    log::RocksStore,
    vault::{VaultFamily, VaultRows},
};
use serde_json::Value;

use crate::harness::{OPERATOR_TOKEN, Server, choai};

impl Server {
    /// A folder or file beside the data.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.data().with_file_name(name)
    }

    /// `choai backup` beside this server, with more arguments; what it printed as JSON.
    #[track_caller]
    pub fn back_up(&self, more: &[&str]) -> Value {
        let (folder, operator) = (self.beside("backups"), self.operator_url(""));
        let mut command = self.choai();
        command.arg("backup").arg(folder).args(["--json", "--operator", &operator, "--data"]);
        json(command.arg(self.data()).args(more))
    }

    /// `choai restore` of one of its backups into `name`, with its own key and list.
    pub fn restore(&self, name: &str, more: &[&str]) -> Output {
        let mut command = Command::new(choai());
        command.arg("restore").arg(self.beside("backups")).arg("--json");
        command.arg("--data").arg(self.beside(name));
        command.arg("--master-key").arg(self.beside("data.master-key"));
        command.args(more).output().expect("choai runs")
    }

    /// As [`Self::restore`], with its list of erasures as it is now.
    #[track_caller]
    pub fn restored(&self, name: &str, more: &[&str]) -> Value {
        let list = self.beside("data.erasures").display().to_string();
        told(&self.restore(name, &[&["--erasures", &list], more].concat()))
    }
}

/// What a command that must succeed printed.
#[track_caller]
pub fn json(command: &mut Command) -> Value {
    told(&command.env("CHOAI_OPERATOR_TOKEN", OPERATOR_TOKEN).output().expect("choai runs"))
}

#[track_caller]
fn told(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The line on standard error of a command that must fail.
#[track_caller]
pub fn refusal(output: &Output) -> String {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The wrapped key of a subject, as the vault has it.
pub fn wrapped_key(data: &Path, subject: &str) -> Option<Vec<u8>> {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let store = RocksStore::open_beside(&Paths::of(data).ledger(), scratch.path()).expect("the ledger opens");
    VaultRows::get(&store, VaultFamily::SubjectKey, subject.as_bytes()).expect("the vault reads")
}

/// Every file under `folder` that holds one of `words`.
pub fn holding(folder: &Path, words: &[&[u8]]) -> Vec<PathBuf> {
    let (mut folders, mut found) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = fs::read(&path)
                && words.iter().any(|word| bytes.windows(word.len()).any(|window| window == *word))
            {
                found.push(path);
            }
        }
    }
    found
}
