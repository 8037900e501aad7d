//! `choai demo`: the whole story on a fresh temporary server, each step shown as it happens.

mod books;
mod checkout;
mod server;
mod story;
mod teller;

use std::process::{Command, ExitCode};

use anyhow::ensure;

use super::{out::say, runtime};

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

/// First a payment over HTTP; then, on the same ledger, what has no endpoint yet.
async fn demonstrate() -> anyhow::Result<()> {
    let mut server = server::start().await?;
    checkout::demonstrate(&server).await?;
    server.stop()?;
    step("The server is stopped, and its ledger opened without one", "")?;
    story::tell(&server.data()).await?;
    let audit = Command::new(std::env::current_exe()?)
        .args(["audit", "--full", "--data"])
        .arg(server.data())
        .output()?;
    ensure!(audit.status.success(), "the audit failed: {}", String::from_utf8_lossy(&audit.stdout));
    step("The ledger is closed, and its data audited", String::from_utf8_lossy(&audit.stdout).trim_end())?;
    Ok(())
}

fn step(what: &str, shown: &str) -> std::io::Result<()> {
    say(format!("• {what}"))?;
    shown.lines().try_for_each(|line| say(format!("    {line}")))
}
