//! The `choai` command.

use clap::Parser;

/// What one thread allocates, others let go of: commands, answers, rows. The system's allocator takes locks for that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    choai_api::commands::run(choai_api::commands::Cli::parse())
}
