//! The `choai` command.

use clap::Parser;

fn main() -> std::process::ExitCode {
    choai_api::commands::run(choai_api::commands::Cli::parse())
}
