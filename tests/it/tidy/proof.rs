//! Proof that each rule can fail, and fails for nothing else: planted breaches, planted innocents.

use super::{RULES, Rule, Source, Test, check};

#[test]
fn every_rule_notices_its_breach() {
    for rule in RULES {
        for breach in breaches(rule) {
            let files: Vec<_> = breach.iter().map(|source| (&source.path, &source.text)).collect();
            assert_eq!(check(rule, &breach).len(), 1, "{}: {files:?}", rule.fact);
        }
    }
}

#[test]
fn what_is_allowed_passes() {
    for (fact, path, text) in [
        ("only the log", "engine/src/log/rocks.rs", "use rocksdb::DB;"),
        ("only the log", "projections/src/store.rs", "use rocksdb::DB;"),
        ("only the log", "engine/Cargo.toml", "[dependencies]\nrocksdb = \"0.25\""),
        ("the projections know no HTTP", "api/src/server.rs", "use axum::Router;"),
        ("there is no float", "api/src/pages/chart.rs", "let share: f64;"),
        ("bincode is named", "engine/src/log/codec.rs", "bincode::options()"),
        ("no surface", "api/src/surfaces/a/wire.rs", "use crate::surfaces::a::errors;"),
        ("no surface", "api/src/surfaces/mod.rs", "mod a; use self::a::router;"),
        ("the first line", "engine/Cargo.toml", "[package]"),
    ] {
        let rule = RULES.iter().find(|rule| rule.fact.starts_with(fact)).expect(fact);
        let broken = check(rule, &[planted(path, text)]);
        assert!(broken.is_empty(), "{fact}: {broken:?}");
    }
}

#[test]
fn a_name_is_found_however_it_is_spelled() {
    for (code, uses) in [
        ("use std::{io::{self, Read}, fs};", "std::fs"),
        ("use std::{\nio as fs,\nfs::{self, File},\n};", "std::fs::self std::fs::File"),
        ("let bytes = ::std::fs::read(path);", "std::fs::read"),
        ("use std::io; let fs = 1;", ""),
        ("let r#axum = 1;", "axum"),
        ("let taxum = axum_like::<u8>();", ""),
        ("Vec::<f64>::new()", "f64"),
        ("span.as_secs_f64() + 1.5_f64", "as_secs_f64 5_f64"),
        ("// axum\n/* axum /* axum *//* axum */ axum */ fn f<'axum>() {}", ""),
        (r##""axum"; "\"axum"; r#"" axum"#; b"axum"; br"\"; 'x'; '\''; axum"##, "axum"),
        (r#"'"'; axum; '"'"#, "axum"),
        (r#""https://example.com"; axum::serve()"#, "axum::serve"),
    ] {
        assert_eq!(found("engine/src/planted.rs", code), uses, "in {code}");
    }
}

#[test]
fn a_dependency_is_found_however_it_is_declared() {
    for (manifest, uses) in [
        ("[dependencies]\naxum.workspace = true", "axum"),
        ("[dev-dependencies]\nserde = \"1\"\naxum = \"0.8\"", "axum"),
        ("[target.'cfg(unix)'.dependencies.axum]\nversion = \"0.8\"", "axum"),
        ("[dependencies]\nweb = { package = \"axum\", version = \"0.8\" }", "axum"),
        ("[dependencies.web]\nversion = \"0.8\"\npackage = \"axum\"", "axum"),
        ("[package]\nname = \"axum\"\n[features]\naxum = []", ""),
        ("[workspace.dependencies]\naxum = \"0.8\"", ""),
    ] {
        assert_eq!(found("engine/Cargo.toml", manifest), uses, "in {manifest}");
    }
}

/// What a rule against `std::fs`, `axum` and floats finds in one file.
fn found(path: &str, text: &str) -> String {
    let rule = Rule {
        fact: "a rule for these tests",
        within: "engine",
        except: "",
        test: Test::Absent("std::fs axum *f64"),
    };
    let broken = check(&rule, &[planted(path, text)]);
    let uses: Vec<&str> = broken.iter().filter_map(|breach| breach.split('`').nth(1)).collect();
    uses.join(" ")
}

/// Repositories that break `rule`, each in one way.
fn breaches(rule: &Rule) -> Vec<Vec<Source>> {
    let places: Vec<&str> = rule.within.split_whitespace().collect();
    let in_each_place = |text: &str| -> Vec<Vec<Source>> {
        let plant = |place| vec![planted(&format!("{place}/deep/planted.rs"), text)];
        places.iter().map(plant).collect()
    };
    match rule.test {
        Test::Absent(names) => names
            .split_whitespace()
            .map(|name| format!("//! Planted.\nuse {}::it;\n", name.trim_start_matches('*')))
            .flat_map(|text| in_each_place(&text))
            .collect(),
        Test::OnePlace(name) => {
            let file = |file| planted(&format!("{}/{file}.rs", places[0]), &format!("{name}::options()"));
            vec![vec![], vec![file("codec"), file("planted")]]
        }
        Test::Strangers => {
            let file = |part: &str, text: &str| planted(&format!("{}/{part}/wire.rs", places[0]), text);
            let spellings = ["crate::surfaces::b::Wire", "super::super::b", "super::{errors, b::Wire}"];
            let plant = |path: &str| vec![file("a", &format!("use {path};")), file("b", "")];
            spellings.into_iter().map(plant).collect()
        }
        Test::Beginning(start) => in_each_place(&format!("\n{start} Late.\n")),
    }
}

fn planted(path: &str, text: &str) -> Source {
    let (path, text) = (path.to_owned(), text.to_owned());
    Source { path, text }
}
