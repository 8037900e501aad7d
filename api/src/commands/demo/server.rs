//! A server that lives as long as its demonstration.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

use super::super::serve::Ready;
use crate::operator;

/// Longest time any step may take.
pub(super) const STEP_MAX: Duration = Duration::from_secs(20);

/// A temporary server, stopped and its folder removed with this, in that order.
pub(super) struct TemporaryServer {
    process: Process,
    pub(super) ready: Ready,
    pub(super) token: String,
    folder: tempfile::TempDir,
}

/// Starts one on free ports.
///
/// # Errors
/// When it does not start in time.
pub(super) async fn start() -> anyhow::Result<TemporaryServer> {
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
    /// Where its data is.
    pub(super) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Asks it to end, and waits until it has.
    ///
    /// # Errors
    /// When it ends otherwise than asked.
    pub(super) fn stop(&mut self) -> anyhow::Result<()> {
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
