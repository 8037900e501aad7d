//! The real server: a process of its own on a new ledger, asked, stopped and audited.

use std::{
    fs,
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::client::Request;

/// Where payments are begun.
pub const PATH: &str = "/payment/process";
/// A payment.
pub const FORM: &str = "custom=DFU80XZIKS&currency_code=USD&amount=280.00&details=Digital+Product\
    &web_hook=https%3A%2F%2Fshop.example.com%2Fweb_hook.php&cancel_url=https%3A%2F%2Fshop.example.com%2Fcancel_url.php\
    &success_url=https%3A%2F%2Fshop.example.com%2Fsuccess_url.php&customer_email=buyer%40example.com";
const TOKEN: &str = "benchmark-only-token";
const START_MAX: Duration = Duration::from_secs(20);

/// `choai serve` on a new ledger with one merchant.
pub struct ChoaiServer {
    process: Process,
    data: PathBuf,
    listen: SocketAddr,
    operator: SocketAddr,
    access_key: String,
}

impl ChoaiServer {
    /// Starts it with its data in `folder`, and with more arguments for `choai serve`.
    pub fn start<'a>(folder: &Path, arguments: impl IntoIterator<Item = &'a String>) -> Self {
        let (data, ready) = (folder.join("data"), folder.join("ready.json"));
        fs::create_dir(folder).expect("a folder of its own");
        let mut serve = choai();
        serve
            .args(["serve", "--listen", "127.0.0.1:0", "--operator-listen", "127.0.0.1:0", "--data"])
            .arg(&data);
        serve.args(arguments);
        serve.arg("--ready-file").arg(&ready).env("CHOAI_OPERATOR_TOKEN", TOKEN).env("RUST_LOG", "warn");
        serve.stdout(Stdio::null());
        let process = Process(serve.spawn().expect("choai starts"));
        let ready = wait_for(&ready);
        let address = |name: &str| ready[name].as_str().and_then(|at| at.parse().ok()).expect("an address");
        let (listen, operator): (SocketAddr, SocketAddr) = (address("listen"), address("operator_listen"));
        let mut create = choai();
        create
            .args(["merchant", "create", "--json", "--operator", &operator.to_string()])
            .env("CHOAI_OPERATOR_TOKEN", TOKEN);
        let made = output(create);
        let access_key = made["access_key"].as_str().expect("an access key").to_owned();
        Self { process, data, listen, operator, access_key }
    }

    /// Its process.
    pub fn process_id(&self) -> u32 {
        self.process.0.id()
    }

    /// What begins a payment.
    pub fn request(&self) -> Request {
        Request::post(self.listen, PATH, &self.access_key, FORM)
    }

    /// The events that the read models are behind, as it tells the operator.
    pub fn models_behind(&self) -> u64 {
        let told = get(self.operator, "/readyz").expect("the operator's port answers");
        told["models_behind"].as_u64().expect("a count")
    }

    /// Stops it as an operator would, and proves its ledger.
    pub fn stop_and_audit(mut self) -> Audited {
        let told = Command::new("kill").arg("-TERM").arg(self.process_id().to_string()).status();
        assert!(told.is_ok_and(|status| status.success()), "the server can be told to stop");
        let status = self.process.0.wait().expect("the server ends");
        assert!(status.success(), "the server ended with {status}");
        let mut audit = choai();
        audit.args(["audit", "--json", "--data"]).arg(&self.data);
        let report = output(audit);
        let count = |name: &str| report["log"][name].as_u64().expect("a count");
        Audited { events: count("events"), commits: count("commits") }
    }
}

/// A ledger that was found in order.
pub struct Audited {
    /// How many events it has.
    pub events: u64,
    /// In how many commits.
    pub commits: u64,
}

/// A process that is ended with whoever holds it.
pub struct Process(pub Child);

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

fn get(from: SocketAddr, path: &str) -> io::Result<Value> {
    let mut stream = TcpStream::connect(from)?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {from}\r\nconnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    Ok(serde_json::from_str(body)?)
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
