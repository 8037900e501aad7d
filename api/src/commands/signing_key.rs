//! `choai signing-key`: the keys that sign checkpoints, through a running server's operator port.

use std::process::ExitCode;

use clap::Subcommand;

use super::{client::Where, out::say, runtime};
use crate::operator::{SigningKeySeen, SigningKeys};

const PATH: &str = "/operator/signing-keys";

/// What `signing-key` can be told.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show every key, to be handed to whoever verifies; the last one signs
    List(Reached),
    /// Sign with a new key from now on, which the one before vouches for; the first time, make the first
    Rotate(Reached),
}

#[derive(clap::Args)]
struct Reached {
    #[command(flatten)]
    server: Where,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Lists or rotates.
///
/// # Errors
/// When there is no server, or it refuses.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match &args.command {
        Command::List(Reached { server, json }) => {
            let operator = server.operator()?;
            let known: SigningKeys = runtime()?.block_on(operator.answer(operator.get(PATH)))?;
            if *json {
                say(serde_json::to_string_pretty(&known)?)?;
            } else {
                known.keys.iter().try_for_each(show)?;
            }
        }
        Command::Rotate(Reached { server, json }) => {
            let operator = server.operator()?;
            let key: SigningKeySeen = runtime()?.block_on(operator.answer(operator.post(PATH)))?;
            if *json { say(serde_json::to_string_pretty(&key)?)? } else { show(&key)? }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(key: &SigningKeySeen) -> std::io::Result<()> {
    say(format!("{} {}", key.number, key.verifier_key))
}
