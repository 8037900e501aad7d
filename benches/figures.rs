//! Figures: latencies counted, rates and shares in whole numbers, rows under their headings.

use std::time::Duration;

use hdrhistogram::Histogram;

/// What a series of equal calls took.
pub struct Figures {
    latencies_ns: Histogram<u64>,
    in_calls: Duration,
}

impl Default for Figures {
    fn default() -> Self {
        let latencies_ns = Histogram::new(3).expect("three digits are a precision");
        Self { latencies_ns, in_calls: Duration::ZERO }
    }
}

impl Figures {
    /// Counts one call.
    pub fn add(&mut self, took: Duration) {
        let ns = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.latencies_ns.record(ns).expect("the histogram grows as needed");
        self.in_calls += took;
    }

    /// Counts everything that `other` has counted.
    pub fn merge(&mut self, other: &Self) {
        self.latencies_ns.add(&other.latencies_ns).expect("the histogram grows as needed");
        self.in_calls += other.in_calls;
    }

    /// How many calls there were.
    pub fn calls(&self) -> u64 {
        self.latencies_ns.len()
    }

    /// Time spent in the calls, added up.
    pub const fn in_calls(&self) -> Duration {
        self.in_calls
    }

    /// Half of the calls took at most so many µs.
    pub fn p50_us(&self) -> u64 {
        self.latencies_ns.value_at_quantile(0.50) / 1_000
    }

    /// 99 in 100 calls took at most so many µs.
    pub fn p99_us(&self) -> u64 {
        self.latencies_ns.value_at_quantile(0.99) / 1_000
    }

    /// No call took more µs.
    pub fn max_us(&self) -> u64 {
        self.latencies_ns.max() / 1_000
    }
}

/// How many a second `count` in `time` are.
pub fn per_second(count: u64, time: Duration) -> u64 {
    let per_second = u128::from(count) * 1_000_000_000 / time.as_nanos().max(1);
    u64::try_from(per_second).unwrap_or(u64::MAX)
}

/// `part` in hundredths of `whole`, as text.
pub fn share(part: u64, whole: u64) -> String {
    format!("{} %", (part * 100 + whole / 2) / whole.max(1))
}

/// `tenths` with its decimal point.
pub fn tenths(tenths: u64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// A number with its thousands set apart.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Prints one row; the first cell is a name, the others are numbers or their headings.
pub fn row(name: &str, cells: &[String]) {
    let cells: String = cells.iter().map(|cell| format!("{cell:>13}")).collect();
    println!("{name:<28}{cells}");
}

/// Prints the headings of the rows that follow.
pub fn headings(name: &str, cells: &[&str]) {
    let cells: Vec<String> = cells.iter().map(|&cell| cell.to_owned()).collect();
    println!();
    row(name, &cells);
}
