//! `choai demo`: one payment through a fresh temporary server, each step shown as it happens.

use std::{
    path::Path,
    process::{Child, Command, ExitCode, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::{net::TcpListener, sync::mpsc};

use super::{out::say, runtime, serve::Ready};
use crate::{
    operator::{self, MerchantMade, TrialBalance},
    surfaces::ito::signature,
};

/// Longest time any step may take.
const STEP_MAX: Duration = Duration::from_secs(20);

/// What `demo` can be told.
#[derive(clap::Args)]
pub struct Args {}

/// Runs the demonstration; a step that does not go as it should makes it fail.
///
/// # Errors
/// With the step that failed.
pub fn run(_: Args) -> anyhow::Result<ExitCode> {
    runtime()?.block_on(demonstrate())?;
    Ok(ExitCode::SUCCESS)
}

/// A temporary server, stopped and its folder removed with this, in that order.
struct TemporaryServer {
    process: Process,
    ready: Ready,
    token: String,
    folder: tempfile::TempDir,
}

type Notification = (HeaderMap, Bytes);

async fn demonstrate() -> anyhow::Result<()> {
    let (shop, mut notified) = open_shop().await?;
    let mut server = start().await?;
    let (public, operator) =
        (format!("http://{}", server.ready.listen), format!("http://{}", server.ready.operator_listen));
    step("A fresh server", &format!("public {public}, operator {operator}"))?;
    let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;

    let new = serde_json::json!({ "name": "茶舗 Demo" });
    let made: MerchantMade = http
        .post(format!("{operator}/operator/merchants"))
        .bearer_auth(&server.token)
        .json(&new)
        .send()
        .await?
        .error_for_status()?
        .json()
        .await?;
    let (access_key, secret_key) = (made.access_key.unwrap_or_default(), made.secret_key.unwrap_or_default());
    step(
        "A merchant in test mode",
        &format!("number {}, with an access key and a secret key", made.merchant_id),
    )?;

    let fields = [
        ("custom", "ORDER-1"),
        ("currency_code", "USD"),
        ("amount", "280.00"),
        ("details", "Digital Product"),
        ("web_hook", &format!("{shop}/hook")),
        ("cancel_url", &format!("{shop}/cancelled")),
        ("success_url", &format!("{shop}/thanks")),
        ("customer_email", "buyer@example.com"),
    ];
    let initiated =
        http.post(format!("{public}/payment/process")).bearer_auth(&access_key).form(&fields).send();
    let initiated: Value = initiated.await?.error_for_status()?.json().await?;
    let payment = initiated["payment_id"].as_str().context("a payment id")?.to_owned();
    let page = initiated["url"].as_str().context("a checkout page")?.to_owned();
    step("The merchant initiates a payment of 280.00 USD", &format!("{payment}\ncheckout at {page}"))?;

    let page =
        http.get(page).header("accept-language", "en").send().await?.error_for_status()?.text().await?;
    ensure!(page.contains("$280.00"), "the checkout page does not show the amount");
    let card = |number| {
        [
            ("payment_id", payment.as_str()),
            ("action", "pay"),
            ("method", "credit_card"),
            ("number", number),
            ("month", "12"),
            ("year", "2030"),
            ("verification_value", "123"),
            ("name", "A CUSTOMER"),
        ]
    };
    let declined =
        http.post(format!("{public}/process-checkout")).form(&card("4123111111111000")).send().await?;
    step(
        "The customer pays with a card that has no funds",
        &format!("declined: HTTP {}", declined.status()),
    )?;
    let paid = http.post(format!("{public}/process-checkout")).form(&card("4111111111111111")).send().await?;
    let back = paid.headers().get("location").context("the way back to the shop")?.to_str()?.to_owned();
    step("The customer pays with 4111111111111111", &format!("sent back to {back}"))?;

    let (headers, body) = tokio::time::timeout(STEP_MAX, notified.recv()).await?.context("the webhook")?;
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let signed = signature::sign(secret_key.as_bytes(), header("x-timestamp"), &body);
    ensure!(header("x-signature") == format!("sha256={signed}"), "the webhook's signature does not hold");
    step("The webhook arrives, its signature holds", &String::from_utf8_lossy(&body))?;

    let validity = http.post(format!("{public}/payment/check-validity")).bearer_auth(&access_key);
    let validity =
        validity.form(&[("payment_id", &payment)]).send().await?.error_for_status()?.text().await?;
    step("The merchant verifies the payment", &validity)?;

    let balance = http.get(format!("{operator}/operator/trial-balance")).bearer_auth(&server.token);
    let balance: TrialBalance = balance.send().await?.error_for_status()?.json().await?;
    ensure!(balance.balanced, "the books do not balance");
    let lines = balance.lines.iter().map(|line| {
        format!(
            "{:<8} {:<4} {:<10} {:>12} {:>12}",
            line.realm, line.currency, line.class, line.debit, line.credit
        )
    });
    step("The trial balance", &lines.collect::<Vec<_>>().join("\n"))?;

    server.stop()?;
    let audit = Command::new(std::env::current_exe()?)
        .args(["audit", "--full", "--data"])
        .arg(server.data())
        .output()?;
    ensure!(audit.status.success(), "the audit failed: {}", String::from_utf8_lossy(&audit.stdout));
    step("The server is stopped, and its data audited", String::from_utf8_lossy(&audit.stdout).trim_end())?;
    Ok(())
}

fn step(what: &str, shown: &str) -> std::io::Result<()> {
    say(format!("• {what}"))?;
    shown.lines().try_for_each(|line| say(format!("    {line}")))
}

/// A merchant's server, which takes notifications.
async fn open_shop() -> anyhow::Result<(String, mpsc::UnboundedReceiver<Notification>)> {
    let (sender, receiver) = mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let shop = format!("http://{}", listener.local_addr()?);
    let take = async |State(sender): State<Arc<Mutex<mpsc::UnboundedSender<Notification>>>>,
                      headers: HeaderMap,
                      body: Bytes| {
        if let Ok(sender) = sender.lock() {
            // Nobody listening any more is the end of the demonstration.
            let _ = sender.send((headers, body));
        }
    };
    let router = Router::new().route("/hook", post(take)).with_state(Arc::new(Mutex::new(sender)));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok((shop, receiver))
}

async fn start() -> anyhow::Result<TemporaryServer> {
    let folder = tempfile::tempdir()?;
    let ready_file = folder.path().join("ready.json");
    let token = "demonstration-only-token".to_owned();
    let process = Command::new(std::env::current_exe()?)
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--operator-listen",
            "127.0.0.1:0",
            "--allow-private-webhooks",
        ])
        .arg("--data")
        .arg(folder.path().join("data"))
        .arg("--ready-file")
        .arg(&ready_file)
        .env(operator::TOKEN_VARIABLE, &token)
        .env("RUST_LOG", "error")
        .stdout(Stdio::null())
        .spawn()?;
    let mut process = Process(process);
    let ready = tokio::time::timeout(STEP_MAX, wait_for(&ready_file, &mut process)).await;
    Ok(TemporaryServer { ready: ready.context("the server did not start in time")??, process, token, folder })
}

async fn wait_for(ready_file: &Path, process: &mut Process) -> anyhow::Result<Ready> {
    loop {
        if let Ok(bytes) = std::fs::read(ready_file) {
            return Ok(serde_json::from_slice(&bytes)?);
        }
        if let Some(status) = process.0.try_wait()? {
            bail!("the server ended with {status}");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

impl TemporaryServer {
    fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    fn stop(&mut self) -> anyhow::Result<()> {
        let process = &mut self.process.0;
        kill_process(Pid::from_child(process), Signal::TERM)
            .context("the server could not be told to stop")?;
        let status = process.wait()?;
        ensure!(status.success(), "the server ended with {status}");
        Ok(())
    }
}

/// A process of ours, which does not outlive this.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // Already ended, unless something failed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use rustix::process::test_kill_process;

    use super::*;

    /// A server that did not get ready in time was once left running.
    #[tokio::test]
    async fn a_process_that_never_gets_ready_is_ended() {
        let folder = tempfile::tempdir().unwrap();
        let ready_file = folder.path().join("ready.json");
        let mut process = Process(Command::new("sleep").arg("600").spawn().unwrap());
        let pid = Pid::from_child(&process.0);
        let never = wait_for(&ready_file, &mut process);
        tokio::time::timeout(Duration::from_millis(1), never).await.unwrap_err();
        assert_eq!(test_kill_process(pid), Ok(()), "it runs");
        drop(process);
        assert_eq!(test_kill_process(pid), Err(rustix::io::Errno::SRCH));
    }
}
