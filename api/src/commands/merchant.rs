//! `choai merchant`: talks to a running server's operator port.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, bail};
use clap::Subcommand;

use super::{out::say, runtime};
use crate::operator::{self, MerchantMade, ModeName, NewMerchant};

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
    /// The server's operator port
    #[arg(long, default_value = "http://127.0.0.1:8081")]
    operator: String,
    /// The server's data folder, for the token unless CHOAI_OPERATOR_TOKEN is set
    #[arg(long, default_value = "./data")]
    data: PathBuf,
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
    let operator = args.operator.trim_end_matches('/');
    let operator = if operator.contains("://") { operator.to_owned() } else { format!("http://{operator}") };
    let request =
        reqwest::Client::builder().no_proxy().build()?.post(format!("{operator}/operator/merchants"));
    let request = request.bearer_auth(operator::client_token(&args.data)?).json(&new);
    let answer = request.send().await.with_context(|| format!("no server answers at {operator}"))?;
    let status = answer.status();
    if !status.is_success() {
        bail!("the server answered {status}: {}", answer.text().await.unwrap_or_default());
    }
    Ok(answer.json().await?)
}
