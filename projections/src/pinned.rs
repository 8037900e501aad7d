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

use choai_engine::{hex, log::codec::to_bytes};
use expect_test::expect_file;
use sha2::{Digest, Sha256};

use crate::{
    fold::{MODELS, Model},
    scene::{Scene, busy},
    store::Store,
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
        paragraphs.extend(MODELS.iter().filter_map(|model| paragraph(name, &scene, model)));
    }
    paragraphs.join("\n")
}

/// The scene's events that change rows of `model`; `None` if none does.
fn paragraph(name: &str, scene: &Scene, model: &Model) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::scratch(folder.path(), &[model.name]).unwrap();
    let mut folding = (model.begin)();
    let mut lines = String::new();
    for recorded in scene.events() {
        let mut rows = store.rows(model.name, 1);
        folding.event(&recorded, &mut rows).unwrap();
        folding.end_step(&mut rows);
        let changes = to_bytes(&rows.changes());
        if !rows.changes().is_empty() {
            let digest = hex(&Sha256::digest(changes)[..DIGEST_BYTES]);
            lines += &format!("{} {digest}\n", recorded.kind.name());
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
