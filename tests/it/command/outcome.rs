//! How a command ended, and what it had to say.

use std::{
    io::Read,
    process::{Command, Stdio},
};

use crate::harness::wait_for_end;

pub struct Outcome {
    /// The exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// Runs a command to its end; whatever it prints fits a pipe.
pub fn outcome(command: &mut Command) -> Outcome {
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().expect("it can be started");
    let code = wait_for_end(&mut process).code();
    let (mut out, mut err) = (String::new(), String::new());
    process.stdout.take().expect("piped").read_to_string(&mut out).expect("text");
    process.stderr.take().expect("piped").read_to_string(&mut err).expect("text");
    Outcome { code, out, err }
}

/// Runs a command that must refuse: with 1, nothing on standard output, and one line on standard error, which this
/// gives without the command's name before it.
#[track_caller]
pub fn refusal(command: &mut Command) -> String {
    let Outcome { code, out, err } = outcome(command);
    assert_eq!((code, out.as_str()), (Some(1), ""), "{err}");
    let line = err.strip_prefix("choai: ").and_then(|line| line.strip_suffix('\n'));
    let line = line.filter(|line| !line.is_empty() && !line.contains('\n'));
    line.unwrap_or_else(|| panic!("not one line of ours: {err}")).to_owned()
}
