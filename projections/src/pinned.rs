//! The rows of the read models, pinned to their versions: rows that are written otherwise need another one.
//!
//! A data folder keeps a model's rows for as long as the model's `VERSION` is what it was. So a row or key of another
//! shape or meaning under the same version would be served from an old folder as something it is not, and nothing
//! would tell. `pinned/rows.txt` has, scene by scene and model by model, a line for every event that changed rows of
//! the model, with a digest of these rows.
//!
//! - A test fails and tells of rows that are written otherwise: raise the `VERSION` of that model, then run the tests
//!   once with `UPDATE_EXPECT=1`. Raising costs nothing but that the next start builds the model anew, so it is done
//!   also where it was a rule that changed, and with it what these scenes lead to.
//! - A new model, or a new kind of row, is not seen here: have a scene write to it, at its end or as a scene of its
//!   own, and run with `UPDATE_EXPECT=1`. Lines that are there are never changed by that.
//! - A version that no data folder has, because it was raised since the last release, can be pinned anew: delete
//!   its paragraphs from `rows.txt` first.

mod scenes;

use choai_engine::{
    Fault, hex,
    log::{Recorded, codec::to_bytes},
};
use expect_test::expect_file;
use sha2::{Digest, Sha256};

use crate::{
    ahead::Commit,
    fold::{Folding, MODELS, Model},
    proofs,
    scene::{busy, commits},
    store::{Rows, Store},
};

const STORED: &str = include_str!("pinned/rows.txt");
/// Of each digest: enough to tell rows apart that were not made to be alike.
const DIGEST_BYTES: usize = 4;

/// What every scene leads to in every model that it says anything to, a paragraph each.
async fn told() -> String {
    let scenes = [
        ("payments", busy().await),
        ("holders", scenes::holders().await),
        ("earnings", scenes::earnings().await),
        ("orders", scenes::shop::orders().await),
        ("coins", scenes::wallets::coins().await),
        ("cards", scenes::wallets::cards().await),
        ("months", scenes::wallets::months().await),
    ];
    let mut paragraphs = Vec::new();
    for (name, mut scene) in scenes {
        // Left to itself it may still be closing its store when the process ends, which RocksDB does not survive.
        scene.follower.take().unwrap().stop().unwrap();
        let (events, named) = (scene.events(), |event: &Recorded| event.kind.name().to_owned());
        let of_events = MODELS.iter().filter(|model| model.name != proofs::NAME);
        paragraphs.extend(of_events.filter_map(|model| {
            paragraph(name, model, &events, named, |folding, event, rows| folding.event(event, rows))
        }));
    }
    // Bytes have ids in them, and these tell of the order in which threads came: so these are of their own.
    let commits = commits([1, 62, 1, 1, 63, 64, 65]);
    let commits = commits.into_iter().map(|frame| Commit { records: frame.records().unwrap(), frame });
    let commits: Vec<Commit> = commits.collect();
    let named = |commit: &Commit| format!("commit of {}", commit.frame.count());
    let of_commits = MODELS.iter().filter(|model| model.name == proofs::NAME);
    paragraphs.extend(of_commits.filter_map(|model| {
        paragraph("commits", model, &commits, named, |folding, commit, rows| folding.commit(commit, rows))
    }));
    paragraphs.join("\n")
}

/// What changes rows of `model`, by name, one after the other; `None` if nothing does.
fn paragraph<T>(
    name: &str,
    model: &Model,
    story: &[T],
    named: impl Fn(&T) -> String,
    fold: fn(&mut dyn Folding, &T, &mut Rows<'_>) -> Result<(), Fault>,
) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::scratch(folder.path(), &[model.name]).unwrap();
    let mut folding = (model.begin)();
    let mut lines = String::new();
    for one in story {
        let mut rows = store.rows(model.name, 1);
        fold(&mut *folding, one, &mut rows).unwrap();
        folding.end_step(&mut rows);
        let changes = to_bytes(&rows.changes());
        if !rows.changes().is_empty() {
            let digest = hex(&Sha256::digest(changes)[..DIGEST_BYTES]);
            lines += &format!("{} {digest}\n", named(one));
        }
        store.write(vec![rows], &[]).unwrap();
    }
    (!lines.is_empty()).then(|| format!("{name}: {}, version {}\n{lines}", model.name, model.version))
}

/// The first line of a paragraph that is stored and is another by now.
fn first_change(stored: &str, told: &str) -> Option<String> {
    stored.split("\n\n").find_map(|stored| {
        // Under another version every line may be another.
        let now = told.split("\n\n").find(|now| now.lines().next() == stored.lines().next())?;
        let mut now = now.lines();
        let changed = stored.lines().find(|line| now.next() != Some(*line))?;
        Some(format!("{}: {changed}", stored.lines().next().unwrap_or_default()))
    })
}

#[tokio::test]
async fn rows_that_are_written_otherwise_need_another_version() {
    let told = told().await;
    if let Some(changed) = first_change(STORED, &told) {
        panic!(
            "a read model would have other rows than its version wrote, first in\n  {changed}\nRaise the VERSION of \
             that model in projections/src, then run the tests with UPDATE_EXPECT=1; projections/src/pinned.rs says \
             more."
        );
    }
    expect_file!["./pinned/rows.txt"].assert_eq(&told);
}

#[tokio::test]
async fn every_model_is_pinned() {
    let told = told().await;
    for model in &MODELS {
        assert!(
            told.contains(&format!(": {}, version {}\n", model.name, model.version)),
            "no scene writes to the read model {}: have one in projections/src/pinned/scenes.rs do so",
            model.name
        );
    }
}
