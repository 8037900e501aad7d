//! The `choai` command: one binary, a subcommand for each thing one does with a ledger.

mod audit;
mod backup;
mod beside;
mod client;
mod demo;
mod export;
mod merchant;
mod out;
mod restore;
pub mod serve;
mod signing_key;
mod subject;
mod verify;
mod without_ids;

use std::{io::Write, process::ExitCode};

use clap::{Parser, Subcommand};

use self::without_ids::without_ids;

/// An event-sourced payments ledger.
#[derive(Parser)]
#[command(name = "choai", version, about = "An event-sourced payments ledger")]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the surfaces until told to stop
    Serve(serve::Args),
    /// Make merchants through a running server's operator port
    Merchant(merchant::Args),
    /// Prove the ledger: chain, entries, laws, trial balance
    Audit(audit::Args),
    /// Check a proof file, with nothing but the file
    Verify(verify::Args),
    /// List or rotate the keys that sign checkpoints, through a running server's operator port
    SigningKey(signing_key::Args),
    /// Take a proved backup, beside a running server or without one
    Backup(backup::Args),
    /// Put a backup into an empty data folder
    Restore(restore::Args),
    /// Show or erase what is kept sealed about somebody
    Subject(subject::Args),
    /// Write the ledger out
    Export(export::Args),
    /// Take one payment through a fresh temporary server, each step shown
    Demo(demo::Args),
}

/// Runs the command; a failure is one clear line on standard error.
pub fn run(cli: Cli) -> ExitCode {
    let outcome = match cli.command {
        Command::Serve(args) => serve::run(args),
        Command::Merchant(args) => merchant::run(args),
        Command::Audit(args) => audit::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::SigningKey(args) => signing_key::run(&args),
        Command::Backup(args) => backup::run(&args),
        Command::Restore(args) => restore::run(&args),
        Command::Subject(args) => subject::run(args),
        Command::Export(args) => export::run(&args),
        Command::Demo(args) => demo::run(args),
    };
    outcome.unwrap_or_else(|error| {
        // A closed standard error is no reason to end in any other way.
        let line = without_ids(&format!("choai: {error:#}"));
        let _ = writeln!(std::io::stderr(), "{line}");
        ExitCode::FAILURE
    })
}

/// A runtime for one command.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}
