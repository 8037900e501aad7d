//! The two servers, each a process of its own: the real one, and one whose route does nothing.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use axum::{Router, body::Bytes, http::header, routing::post};
use serde_json::Value;

use crate::{CONSTANT, client::Request};

const PATH: &str = "/payment/process";
const FORM: &str = "custom=DFU80XZIKS&currency_code=USD&amount=280.00&details=Digital+Product\
    &web_hook=https%3A%2F%2Fshop.example.com%2Fweb_hook.php&cancel_url=https%3A%2F%2Fshop.example.com%2Fcancel_url.php\
    &success_url=https%3A%2F%2Fshop.example.com%2Fsuccess_url.php&customer_email=buyer%40example.com";
/// As long as a real answer.
const ANSWER: &str = r#"{"code":200,"status":"ok","payment_id":"AIYmQIOAz0GlmsjfhgiOeu304","message":"Your payment has been processed. Please follow the URL to complete the payment.","url":"http://127.0.0.1:40000/process-checkout?payment_id=AIYmQIOAz0GlmsjfhgiOeu304"}"#;
const TOKEN: &str = "benchmark-only-token";
const START_MAX: Duration = Duration::from_secs(20);

/// `choai serve` on a new ledger with one merchant.
pub struct ChoaiServer {
    process: Process,
    data: PathBuf,
    listen: SocketAddr,
    access_key: String,
}

impl ChoaiServer {
    /// Starts it with its data in `folder`.
    pub fn start(folder: &Path) -> Self {
        let (data, ready) = (folder.join("data"), folder.join("ready.json"));
        fs::create_dir(folder).expect("a folder of its own");
        let mut serve = choai();
        serve
            .args(["serve", "--listen", "127.0.0.1:0", "--operator-listen", "127.0.0.1:0", "--data"])
            .arg(&data);
        serve.arg("--ready-file").arg(&ready).env("CHOAI_OPERATOR_TOKEN", TOKEN).env("RUST_LOG", "warn");
        serve.stdout(Stdio::null());
        let process = Process(serve.spawn().expect("choai starts"));
        let ready = wait_for(&ready);
        let listen = ready["listen"].as_str().and_then(|listen| listen.parse().ok()).expect("an address");
        let operator = ready["operator_listen"].as_str().expect("an address");
        let mut create = choai();
        create
            .args(["merchant", "create", "--json", "--operator", operator])
            .env("CHOAI_OPERATOR_TOKEN", TOKEN);
        let made = output(create);
        let access_key = made["access_key"].as_str().expect("an access key").to_owned();
        Self { process, data, listen, access_key }
    }

    pub fn process_id(&self) -> u32 {
        self.process.0.id()
    }

    pub fn request(&self) -> Request {
        Request::post(self.listen, PATH, &self.access_key, FORM)
    }

    /// Stops it as an operator would, proves its ledger, and gives events per commit in tenths.
    pub fn stop_and_audit(mut self) -> u64 {
        let told = Command::new("kill").arg("-TERM").arg(self.process_id().to_string()).status();
        assert!(told.is_ok_and(|status| status.success()), "the server can be told to stop");
        let status = self.process.0.wait().expect("the server ends");
        assert!(status.success(), "the server ended with {status}");
        let mut audit = choai();
        audit.args(["audit", "--json", "--data"]).arg(&self.data);
        let report = output(audit);
        let count = |name: &str| report["log"][name].as_u64().expect("a count");
        count("events") * 10 / count("commits")
    }
}

/// The server that does nothing.
pub struct ConstantServer {
    process: Process,
    listen: SocketAddr,
}

impl ConstantServer {
    pub fn start() -> Self {
        let this = std::env::current_exe().expect("a benchmark is a program");
        let process = Command::new(this).arg(CONSTANT).stdout(Stdio::piped()).spawn();
        let mut process = Process(process.expect("the benchmark starts again"));
        let mut line = String::new();
        let stdout = process.0.stdout.take().expect("piped");
        BufReader::new(stdout).read_line(&mut line).expect("it says where it listens");
        Self { process, listen: line.trim().parse().expect("an address") }
    }

    pub fn process_id(&self) -> u32 {
        self.process.0.id()
    }

    pub fn request(&self) -> Request {
        Request::post(self.listen, PATH, "00000000-0000-4000-8000-000000000000", FORM)
    }
}

/// Serves the constant until it is killed; the first line it prints is its address.
pub fn serve_constant() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let json = [(header::CONTENT_TYPE, "application/json")];
        let router = Router::new().route(PATH, post(async move |_: Bytes| (json, ANSWER)));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        println!("{}", listener.local_addr().expect("bound"));
        axum::serve(listener, router).await.expect("it serves until it is killed");
    });
}

/// Ended with whoever holds it.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The binary beside this one: `make bench` builds both.
fn choai() -> Command {
    let this = std::env::current_exe().expect("a benchmark is a program");
    let release = this.parent().and_then(Path::parent).expect("benchmarks are built two folders down");
    let choai = release.join("choai");
    assert!(choai.exists(), "{} is not there; run `make build` first", choai.display());
    Command::new(choai)
}

fn output(mut command: Command) -> Value {
    let output = command.output().expect("choai starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn wait_for(file: &Path) -> Value {
    let begun = Instant::now();
    loop {
        match fs::read(file) {
            Ok(bytes) => return serde_json::from_slice(&bytes).expect("the ready file is JSON"),
            Err(_) if begun.elapsed() < START_MAX => thread::sleep(Duration::from_millis(10)),
            Err(error) => panic!("the server did not start in time: {error}"),
        }
    }
}
