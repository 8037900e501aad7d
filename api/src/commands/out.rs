//! Standard output, whose reader may leave at any time.

use std::{
    fmt::Display,
    io::{self, ErrorKind, Write},
};

/// Writes a line. A reader who has seen enough, as in `| head`, is no trouble.
///
/// # Errors
/// When it cannot be written for any other reason, such as a full disk.
pub fn say(line: impl Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// What came of writing; that nobody reads on, as in `| head`, is no trouble.
///
/// # Errors
/// Any other.
pub fn unless_nobody_reads(written: anyhow::Result<()>) -> anyhow::Result<()> {
    match written {
        Err(error) if is_broken_pipe(&error) => Ok(()),
        written => written,
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
    let kind = kind.or_else(|| error.downcast_ref::<serde_json::Error>()?.io_error_kind());
    kind == Some(ErrorKind::BrokenPipe)
}
