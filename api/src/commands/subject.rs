//! `choai subject`: what is kept sealed about somebody, and its erasure, through a running server's operator port.

use std::process::ExitCode;

use choai_engine::domain::Subject;
use clap::Subcommand;

use super::{client::Where, out::say, runtime};
use crate::operator::{SubjectErased, SubjectSeen};

/// What `subject` can be told.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Delete the key of what is sealed about a subject, for ever
    Erase(Named),
    /// Show what is kept sealed about a subject
    Show(Named),
}

#[derive(clap::Args)]
struct Named {
    /// `payment-` and a payment's id, for its guest payer, or `user-` and a user's number
    subject: Subject,
    #[command(flatten)]
    server: Where,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Does what was asked for.
///
/// # Errors
/// When there is no server, or it refuses.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    match args.command {
        Command::Erase(named) => runtime()?.block_on(erase(&named))?,
        Command::Show(named) => runtime()?.block_on(show(&named))?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn erase(named: &Named) -> anyhow::Result<()> {
    let operator = named.server.operator()?;
    let request = operator.post(&format!("/operator/subjects/{}/erase", named.subject));
    let erased: SubjectErased = operator.answer(request).await?;
    if named.json {
        say(serde_json::to_string_pretty(&erased)?)?;
    } else {
        say(format!("{} is erased, at position {}.", erased.subject, erased.position))?;
        say(
            "Earlier backups have its key: the next `choai backup` deletes them. Keep the list of erasures safe.",
        )?;
    }
    Ok(())
}

async fn show(named: &Named) -> anyhow::Result<()> {
    let operator = named.server.operator()?;
    let request = operator.get(&format!("/operator/subjects/{}", named.subject));
    let seen: SubjectSeen = operator.answer(request).await?;
    if named.json {
        say(serde_json::to_string_pretty(&seen)?)?;
        return Ok(());
    }
    say(format!("{}: {}", seen.subject, if seen.erased { "erased" } else { "kept" }))?;
    for (name, value) in seen.fields {
        say(format!("{name}  {}", value.unwrap_or_default()))?;
    }
    Ok(())
}
