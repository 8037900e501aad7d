//! The real binary, started, driven, killed and audited; each test has a server and a data folder of its own.

mod merchant;
mod receiver;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use reqwest::{Client, RequestBuilder, redirect::Policy};
use serde_json::Value;

pub use merchant::{Merchant, NOBODY, payment_of};
pub use receiver::{Answer, Closed, Gate, Received, Receiver};

/// Longest time anything waited for may take; nothing here comes near it unless it is broken.
const WAIT_MAX: Duration = Duration::from_secs(60);
/// Time between two looks at something that cannot say when it is there.
const POLL: Duration = Duration::from_millis(10);
/// The token every server here takes.
pub const OPERATOR_TOKEN: &str = "the-token-of-the-tests";

/// How a server is set up. The default is what nearly every test wants.
pub struct Setup {
    /// More arguments for `choai serve`.
    pub args: Vec<String>,
    /// What it traces (`RUST_LOG`).
    pub log: &'static str,
    /// Whether webhooks may go to this machine.
    pub allow_private_webhooks: bool,
    /// Whether a write beyond the longest file allowed fails, rather than end it.
    pub survives_long_files: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self { args: Vec::new(), log: "info", allow_private_webhooks: true, survives_long_files: false }
    }
}

/// A server of its own: a process, its two ports and its data folder. Dropping it kills the process.
pub struct Server {
    setup: Setup,
    folder: tempfile::TempDir,
    process: Option<Child>,
    listen: String,
    operator_listen: String,
    /// Takes no proxy and follows no redirect.
    pub http: Client,
}

/// A started server on a fresh data folder.
impl Server {
    pub fn start() -> Self {
        Self::start_as(Setup::default())
    }

    /// With more arguments for `choai serve`.
    pub fn start_with(args: &[&str]) -> Self {
        let args = args.iter().map(|arg| (*arg).to_owned()).collect();
        Self::start_as(Setup { args, ..Setup::default() })
    }

    pub fn start_as(setup: Setup) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let http = client();
        let (listen, operator_listen) = Default::default();
        let mut server = Self { setup, folder, process: None, listen, operator_listen, http };
        server.restart();
        server
    }
}

/// Its life.
impl Server {
    /// Starts again on the same data, on other ports; what still runs is killed first.
    pub fn restart(&mut self) {
        self.kill();
        let ready_file = self.ready_file();
        // Absent before the first start.
        let _ = fs::remove_file(&ready_file);
        let log = File::options().create(true).append(true).open(self.log_file()).expect("a log file");
        let mut command = self.choai();
        if self.setup.survives_long_files {
            command = Command::new("sh");
            command.args(["-c", r#"trap "" XFSZ; exec "$0" "$@""#]).arg(choai());
            command.env("CHOAI_OPERATOR_TOKEN", OPERATOR_TOKEN);
        }
        command.args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--operator-listen",
            "127.0.0.1:0",
            "--ready-file",
        ]);
        command.arg(&ready_file).arg("--data").arg(self.data());
        if self.setup.allow_private_webhooks {
            command.arg("--allow-private-webhooks");
        }
        command.args(&self.setup.args).env("RUST_LOG", self.setup.log);
        command.stdout(log.try_clone().expect("a second handle")).stderr(log).stdin(Stdio::null());
        self.process = Some(command.spawn().expect("the server can be started"));
        let ready = self.wait_for_file(&ready_file);
        let address =
            |name: &str| ready[name].as_str().expect("the ready file has both addresses").to_owned();
        (self.listen, self.operator_listen) = (address("listen"), address("operator_listen"));
    }

    /// Starts again with other arguments than before.
    pub fn restart_with(&mut self, args: &[&str]) {
        self.setup.args = args.iter().map(|arg| (*arg).to_owned()).collect();
        self.restart();
    }

    /// SIGKILL, if it still runs.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            // It may have ended by itself; its number stays its own until it is waited for.
            let _ = process.kill();
            process.wait().expect("a child can be waited for");
        }
    }

    /// Lets it make no file longer than this, from now on.
    pub fn limit_files(&self, bytes_max: Option<u64>) {
        let pid = self.process.as_ref().expect("it runs").id().to_string();
        // The hard limit stays, or nobody could lift the soft one.
        let limit = bytes_max.map_or("unlimited".to_owned(), |bytes| bytes.to_string());
        let limited = Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={limit}:")]).status();
        assert!(limited.expect("prlimit is part of every Linux").success());
    }

    /// SIGTERM; it must drain and end with 0.
    pub fn terminate(&mut self) {
        let mut process = self.process.take().expect("it runs");
        tell(&process, "TERM");
        let status = wait_for_end(&mut process);
        assert!(status.success(), "told to stop, the server ended with {status}; {}", self.log_tail());
    }

    /// Waits for it to end by itself, and gives the exit code; `None` if a signal ended it.
    pub fn wait_for_end(&mut self) -> Option<i32> {
        let mut process = self.process.take().expect("it runs");
        wait_for_end(&mut process).code()
    }

    fn wait_for_file(&mut self, ready_file: &Path) -> Value {
        let started = Instant::now();
        loop {
            if let Ok(bytes) = fs::read(ready_file) {
                return serde_json::from_slice(&bytes).expect("the ready file is JSON");
            }
            let process = self.process.as_mut().expect("just started");
            if let Some(status) = process.try_wait().expect("a child can be asked") {
                panic!("the server ended with {status}; {}", self.log_tail());
            }
            assert!(started.elapsed() < WAIT_MAX, "the server did not get ready; {}", self.log_tail());
            std::thread::sleep(POLL);
        }
    }
}

/// Its addresses.
impl Server {
    /// A URL on the public port.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.listen)
    }

    /// A URL on the operator's port.
    pub fn operator_url(&self, path: &str) -> String {
        format!("http://{}{path}", self.operator_listen)
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(self.url(path))
    }

    pub fn post(&self, path: &str) -> RequestBuilder {
        self.http.post(self.url(path))
    }

    /// With the operator's token.
    pub fn operator_get(&self, path: &str) -> RequestBuilder {
        self.http.get(self.operator_url(path)).bearer_auth(OPERATOR_TOKEN)
    }

    /// With the operator's token.
    pub fn operator_post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.http.post(self.operator_url(path)).bearer_auth(OPERATOR_TOKEN).json(body)
    }

    /// Where the log ends.
    pub async fn position(&self) -> u64 {
        let (status, ready) = self.http.get(self.operator_url("/readyz")).answer().await;
        assert_eq!(status, 200, "{ready}");
        ready["position"].as_u64().expect("a position")
    }
}

/// What it keeps.
impl Server {
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn ready_file(&self) -> PathBuf {
        self.folder.path().join("ready.json")
    }

    /// What the server wrote to standard output and standard error, over all its starts.
    pub fn log_file(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }

    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.log_file()).unwrap_or_default()).into_owned()
    }

    /// The `choai` command with this server's token; arguments are to be added.
    pub fn choai(&self) -> Command {
        let mut command = Command::new(choai());
        command.env("CHOAI_OPERATOR_TOKEN", OPERATOR_TOKEN);
        command
    }

    /// Runs `choai` with these arguments and `--data` to its end.
    pub fn run(&self, args: &[&str]) -> Output {
        self.choai().args(args).arg("--data").arg(self.data()).output().expect("choai runs")
    }

    /// `choai audit --full`; panics with what it found unless the books are in order.
    pub fn audit_full(&self) {
        let output = self.run(&["audit", "--full", "--json"]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let is_ok = output.status.success() && report["ok"] == true;
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(is_ok, "the audit ended with {}: {report:#}\n{errors}\n{}", output.status, self.log_tail());
    }

    /// `choai export events`, one value for each.
    pub fn events(&self) -> Vec<Value> {
        let output = self.choai().arg("export").arg("--data").arg(self.data()).arg("events").output();
        let output = output.expect("choai runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).expect("the export is UTF-8");
        text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
    }

    /// The events of one kind, such as `webhook.attempted`.
    pub fn events_of(&self, kind: &str) -> Vec<Value> {
        let mut events = self.events();
        events.retain(|event| event["kind"] == kind);
        events
    }

    fn log_tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        format!("the end of its log:\n{}", lines[lines.len().saturating_sub(30)..].join("\n"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("{}", self.log_tail());
        }
    }
}

/// The binary `make test` has built beside this one.
pub fn choai() -> PathBuf {
    let own = std::env::current_exe().expect("this test has a path");
    let folder = own.ancestors().nth(2).expect("tests lie in a folder of the profile's");
    let choai = folder.join("choai");
    assert!(
        choai.exists(),
        "{} is not there; `make build` makes it, `make test` does so first",
        choai.display()
    );
    choai
}

/// A client as every test wants it: no proxy, no redirects.
pub fn client() -> Client {
    Client::builder().no_proxy().redirect(Policy::none()).timeout(WAIT_MAX).build().expect("a client")
}

/// What came back, read to its end.
pub trait Answered {
    /// The status, and the body as JSON (null if it is none).
    async fn answer(self) -> (u16, Value);
    /// The status and the body's text.
    async fn text_answer(self) -> (u16, String);
}

impl Answered for RequestBuilder {
    async fn answer(self) -> (u16, Value) {
        let (status, text) = self.text_answer().await;
        (status, serde_json::from_str(&text).unwrap_or_default())
    }

    async fn text_answer(self) -> (u16, String) {
        let response = self.send().await.expect("the server answers");
        let status = response.status().as_u16();
        (status, response.text().await.expect("the answer has an end"))
    }
}

/// Looks again and again until `probe` has something, and panics with `what` if it never has.
pub async fn eventually<T>(what: &str, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = probe().await {
            return found;
        }
        assert!(started.elapsed() < WAIT_MAX, "waited in vain: {what}");
        tokio::time::sleep(POLL).await;
    }
}

/// Sends a signal by its name, such as `TERM`. Every shell can; the program `kill` is a package of its own.
#[track_caller]
pub fn tell(process: &Child, signal: &str) {
    let pid = process.id().to_string();
    let told = Command::new("sh").args(["-c", r#"kill -s "$0" "$1""#, signal, &pid]).status();
    assert!(told.expect("there is a shell").success(), "process {pid} could not be told to stop");
}

/// Waits for a process to end by itself; kills it and panics if it does not.
pub fn wait_for_end(process: &mut Child) -> std::process::ExitStatus {
    let started = Instant::now();
    loop {
        if let Some(status) = process.try_wait().expect("a child can be asked") {
            return status;
        }
        if started.elapsed() > WAIT_MAX {
            // Ours to end, and we still hold it.
            let _ = process.kill();
            panic!("process {} did not end", process.id());
        }
        std::thread::sleep(POLL);
    }
}
