//! What is absent: the architecture's promises, checked by reading the sources.
//!
//! The facts are those of `ARCHITECTURE.md`; to add one, add a row to `RULES`. `proof` plants a breach of every
//! row and sees that it is found. Nothing here checks taste.

mod names;
mod proof;

use std::{fs, path::Path};

/// Lists are written as words with blanks between them. A place is a file or a folder: `engine/src/log` is
/// `engine/src/log.rs` and all of `engine/src/log/`.
struct Rule {
    fact: &'static str,
    within: &'static str,
    except: &'static str,
    test: Test,
}

enum Test {
    /// No file uses any of these names.
    Absent(&'static str),
    /// Exactly one Rust file uses this name.
    OnePlace(&'static str),
    /// What lies side by side in the folder uses nothing of its neighbours.
    Strangers,
    /// Every Rust file begins with this.
    Beginning(&'static str),
}

const CRATES: &str = "engine projections api benches tests";

const RULES: &[Rule] = &[
    Rule {
        fact: "the engine knows no HTTP, JSON, HTML, SQL or read model",
        within: "engine",
        except: "",
        test: Test::Absent(
            "axum hyper http tower tower_http reqwest utoipa serde_json askama sqlx rusqlite diesel postgres \
             tokio_postgres choai_projections choai_api",
        ),
    },
    Rule {
        fact: "money, books and domain know no file, socket, thread, clock, key or random number",
        within: "engine/src/money engine/src/books engine/src/domain",
        except: "",
        test: Test::Absent(
            "std::fs std::net std::thread SystemTime Instant Utc::now Local tokio rocksdb vault getrandom rand \
             new_v4 now_v7",
        ),
    },
    Rule {
        fact: "what proves events to outsiders knows no file, thread, clock, store or random number",
        within: "engine/src/proof",
        except: "",
        test: Test::Absent(
            "std::fs std::net std::thread SystemTime Instant tokio rocksdb getrandom rand crate::log crate::state \
             crate::vault",
        ),
    },
    Rule {
        fact: "there is no float in the engine",
        within: "engine/src",
        except: "",
        test: Test::Absent("*f32 *f64"),
    },
    Rule {
        fact: "the projections know no HTTP",
        within: "projections",
        except: "",
        test: Test::Absent("axum hyper http tower tower_http reqwest utoipa askama choai_api"),
    },
    Rule {
        fact: "only the log, the read models' store and the benchmarks know RocksDB",
        within: "engine projections api tests",
        except: "engine/Cargo.toml engine/src/log projections/Cargo.toml projections/src/store",
        test: Test::Absent("rocksdb librocksdb_sys"),
    },
    Rule {
        fact: "nothing depends on the tests or the benchmarks",
        within: "engine projections api",
        except: "",
        test: Test::Absent("choai_tests choai_benches"),
    },
    Rule {
        fact: "bincode is named in one file",
        within: "engine/src projections/src api/src",
        except: "",
        test: Test::OnePlace("bincode"),
    },
    Rule { fact: "no surface knows another", within: "api/src/surfaces", except: "", test: Test::Strangers },
    Rule {
        fact: "the first line of each file says which idea is in it",
        within: CRATES,
        except: "",
        test: Test::Beginning("//!"),
    },
];

/// A file of the repository; `path` is relative to its root.
struct Source {
    path: String,
    text: String,
}

impl Source {
    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    fn names(&self) -> Vec<names::Name> {
        match self.is_rust() {
            true => names::in_rust(&self.text),
            false => names::in_manifest(&self.text),
        }
    }

    fn is_in(&self, places: &str) -> bool {
        let mut rests = places.split_whitespace().filter_map(|place| self.path.strip_prefix(place));
        rests.any(|rest| rest.is_empty() || rest.starts_with(['/', '.']))
    }

    /// Which of the things that lie in `folder` this file belongs to; its `mod.rs` belongs to none.
    fn part_of<'a>(&'a self, folder: &str) -> Option<&'a str> {
        let inside = self.path.strip_prefix(folder)?.strip_prefix('/')?;
        inside.split(['/', '.']).next().filter(|part| *part != "mod")
    }
}

/// Says what breaks `rule`, one line each; nothing if it holds.
fn check(rule: &Rule, sources: &[Source]) -> Vec<String> {
    let watched = sources.iter().filter(|source| source.is_in(rule.within) && !source.is_in(rule.except));
    match rule.test {
        Test::Absent(names) => {
            let names: Vec<&str> = names.split_whitespace().collect();
            watched.flat_map(|source| uses(source, &names)).collect()
        }
        Test::OnePlace(name) => {
            let uses_it = |source: &&Source| source.names().iter().any(|used| used.is(name));
            let rust = watched.filter(|source| source.is_rust());
            let places: Vec<&str> = rust.filter(uses_it).map(|source| source.path.as_str()).collect();
            match places.len() {
                1 => vec![],
                _ => vec![format!("`{name}` is used in {places:?}")],
            }
        }
        Test::Strangers => watched.flat_map(|source| uses_neighbours(source, rule.within, sources)).collect(),
        Test::Beginning(start) => watched
            .filter(|source| source.is_rust() && !source.text.starts_with(start))
            .map(|source| format!("{}:1 does not begin with `{start}`", source.path))
            .collect(),
    }
}

fn uses(source: &Source, names: &[&str]) -> Vec<String> {
    let mut uses = source.names();
    uses.retain(|used| names.iter().any(|name| used.is(name)));
    let report =
        |used: &names::Name| format!("{}:{} uses `{}`", source.path, used.line, used.path.join("::"));
    uses.iter().map(report).collect()
}

/// A neighbour is reached through the folder (`surfaces::other`) or by climbing (`super::super::other`).
fn uses_neighbours(source: &Source, folder: &str, sources: &[Source]) -> Vec<String> {
    let Some(own) = source.part_of(folder) else {
        return vec![];
    };
    let module = folder.rsplit('/').next().unwrap_or(folder);
    let parts = sources.iter().filter_map(|source| source.part_of(folder));
    let neighbours: Vec<String> = parts
        .filter(|part| *part != own)
        .flat_map(|part| [format!("{module}::{part}"), format!("super::{part}")])
        .collect();
    let neighbours: Vec<&str> = neighbours.iter().map(String::as_str).collect();
    uses(source, &neighbours)
}

/// Every Rust file and every package manifest of the repository.
fn repository() -> Vec<Source> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = tests.parent().expect("the tests lie in the repository");
    let mut sources = Vec::new();
    for name in CRATES.split_whitespace() {
        read_folder(root, &root.join(name), &mut sources);
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

fn read_folder(root: &Path, folder: &Path, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("each crate has its folder") {
        let path = entry.expect("a folder can be listed to its end").path();
        if path.is_dir() {
            read_folder(root, &path, sources);
        } else if path.extension().is_some_and(|end| end == "rs") || path.ends_with("Cargo.toml") {
            let text = fs::read_to_string(&path).expect("sources are UTF-8");
            let path = path.strip_prefix(root).expect("the walk began at the root");
            let path = path.display().to_string();
            sources.push(Source { path, text });
        }
    }
}

#[test]
fn the_house_is_built_as_drawn() {
    let sources = repository();
    let mut broken = String::new();
    for rule in RULES {
        for breach in check(rule, &sources) {
            broken += &format!("\n  {}: {breach}", rule.fact);
        }
    }
    assert!(broken.is_empty(), "the sources break what the architecture promises:{broken}");
}

/// A rule about a folder that was renamed away would hold for ever.
#[test]
fn every_rule_watches_something() {
    let sources = repository();
    for rule in RULES {
        let places = rule.within.split_whitespace().chain(rule.except.split_whitespace());
        for place in places {
            let is_there = sources.iter().any(|source| source.is_in(place));
            assert!(is_there, "\"{}\" speaks of {place}, which is not there", rule.fact);
        }
    }
}
