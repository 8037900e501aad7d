//! `choai merchant`: talks to a running server's operator port.

use std::process::ExitCode;

use clap::Subcommand;

use super::{client::Where, out::say, runtime};
use crate::operator::{MerchantMade, ModeName, NewMerchant};

/// What `merchant` can be told.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a merchant and show its keys, this once
    Create(Create),
}

#[derive(clap::Args)]
struct Create {
    /// The business name, as the checkout page shows it
    #[arg(long, default_value = "Test Shop")]
    name: String,
    /// Refuse requests that are not signed
    #[arg(long)]
    signature_required: bool,
    /// Begin in active mode
    #[arg(long)]
    active: bool,
    #[command(flatten)]
    server: Where,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Makes what was asked for.
///
/// # Errors
/// When there is no server, or it refuses.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let Command::Create(args) = args.command;
    let made = runtime()?.block_on(create(&args))?;
    if args.json {
        say(serde_json::to_string_pretty(&made)?)?;
    } else {
        say(format!("merchant id    {}", made.merchant_id))?;
        say(format!("access key     {}", made.access_key.unwrap_or_default()))?;
        say(format!("secret key     {}", made.secret_key.unwrap_or_default()))?;
        say(format!("client id      {}", made.client_id))?;
        say(format!("client secret  {}", made.client_secret.unwrap_or_default()))?;
        say("These keys are shown once.")?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn create(args: &Create) -> anyhow::Result<MerchantMade> {
    let new = NewMerchant {
        name: args.name.clone(),
        signature_required: args.signature_required,
        mode: args.active.then_some(ModeName::Active),
    };
    let operator = args.server.operator()?;
    operator.answer(operator.post("/operator/merchants").json(&new)).await
}
