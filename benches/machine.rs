//! Where a benchmark runs and what of it: the processor, the disk under its files, how busy the machine is already.

use std::{
    fs, io,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// How often a folder is copied until a copy is whole.
const COPIES_MAX: usize = 20;

/// What something took.
pub struct Spent {
    /// From begin to end.
    pub time: Duration,
    /// Hundredths of a second of processor time, of all threads.
    pub cpu_hundredths: u64,
    /// What this process held in RAM at the most.
    pub peak_kib: u64,
}

impl Spent {
    /// What `call` takes.
    pub fn by(call: impl FnOnce()) -> Self {
        let own = std::process::id();
        reset_peak();
        let (begun, cpu) = (Instant::now(), cpu_hundredths(own));
        call();
        let cpu_hundredths = cpu_hundredths(own) - cpu;
        Self { time: begun.elapsed(), cpu_hundredths, peak_kib: peak_kib() }
    }
}

/// How long `open` says it takes to open what is in `folder` now, as a process that is killed leaves it: a copy of it, at
/// `killed`.
///
/// # Panics
/// If no copy opens.
pub fn time_to_open_killed<E>(
    folder: &Path,
    killed: &Path,
    open: impl Fn() -> Result<Duration, E>,
) -> Duration {
    let opened = (0..COPIES_MAX).find_map(|_| {
        copy(folder, killed).expect("the folder can be copied");
        let opened = open().ok();
        fs::remove_dir_all(killed).expect("what was copied can be removed");
        // A kill stops everything at once, and a copy does not: a compaction may take files away meanwhile.
        opened
    });
    opened.expect("what a killed process left opens")
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)?.flatten() {
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            // Deleted by RocksDB meanwhile; whether anything is missing shows when it is opened.
            let _ = fs::copy(entry.path(), to);
        }
    }
    Ok(())
}

/// A folder under the target folder, so on the disk it is on; never on one that lives in memory.
///
/// # Panics
/// If it cannot be made, or the target folder is in memory, where a sync costs nothing and proves nothing.
pub fn disk_folder(target: &str) -> TempDir {
    fs::create_dir_all(target).expect("the target folder can be written");
    let folder = tempfile::Builder::new().prefix("bench-").tempdir_in(target).expect("a folder of its own");
    let kind = file_system(folder.path());
    assert!(!matches!(kind.as_str(), "tmpfs" | "ramfs"), "{} is in memory", folder.path().display());
    folder
}

/// Those of `all` that were named on the command line; all of them if none was.
pub fn chosen(all: &[usize]) -> Vec<usize> {
    let named: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    all.iter().copied().filter(|one| named.is_empty() || named.contains(one)).collect()
}

/// The first number on the command line.
pub fn number() -> Option<u64> {
    std::env::args().find_map(|argument| argument.parse().ok())
}

/// Those of `all` whose names are on the command line; all of them if none is.
pub fn named<T: Copy>(all: &[T], name: impl Fn(&T) -> &'static str) -> Vec<T> {
    let asked: Vec<String> = std::env::args().collect();
    let is_asked = |one: &&T| asked.iter().any(|argument| argument == name(one));
    let asked: Vec<T> = all.iter().filter(is_asked).copied().collect();
    if asked.is_empty() { all.to_vec() } else { asked }
}

/// One line: processor, cores, file system of `folder`, load.
pub fn line(folder: &Path) -> String {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let load = read("/proc/loadavg");
    let load: Vec<&str> = load.split_whitespace().take(3).collect();
    format!("{}, {cores} cores; {} on disk; load {}", processor(), file_system(folder), load.join(" "))
}

/// Hundredths of a second of processor time that process `id` has used. Source: proc(5), fields 14 and 15;
/// the kernel has counted them in hundredths on every machine since 2.6.
pub fn cpu_hundredths(id: u32) -> u64 {
    let stat = read(&format!("/proc/{id}/stat"));
    // The name in parentheses may hold blanks.
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum()
}

/// From here on [`peak_kib`] counts anew. Source: proc(5), `clear_refs`; where it cannot be written, it counts on.
pub fn reset_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// Memory of this process that was in RAM at the most. Source: proc(5), `VmHWM`, in KiB.
pub fn peak_kib() -> u64 {
    memory_kib("self", "VmHWM:")
}

/// Memory of process `id` that is in RAM. Source: proc(5), `VmRSS`, in KiB.
pub fn resident_kib(id: u32) -> u64 {
    memory_kib(&id.to_string(), "VmRSS:")
}

fn memory_kib(process: &str, name: &str) -> u64 {
    let status = read(&format!("/proc/{process}/status"));
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

fn processor() -> String {
    let cpus = read("/proc/cpuinfo");
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    model.map_or("unknown processor", |(_, name)| name).to_owned()
}

/// The kind of file system `path` is on: that of the longest mount point above it.
fn file_system(path: &Path) -> String {
    let mounts = read("/proc/mounts");
    let mounts = mounts.lines().filter_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        Some((fields.next()?, fields.next()?))
    });
    let above = mounts.filter(|(point, _)| path.starts_with(point));
    above.max_by_key(|(point, _)| point.len()).map_or("unknown", |(_, kind)| kind).to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}
