//! Rows that no model wrote: every question about them is answered or is a fault, and none is a panic.

use std::sync::OnceLock;

use choai_engine::domain::{MerchantId, StreamId, Timestamp};
use proptest::prelude::*;

use crate::{
    Models, Shares,
    fold::{MODELS, names},
    scene::{busy, id},
    store::Store,
};

type Row = (&'static str, Vec<u8>, Vec<u8>);

/// What a busy ledger's models wrote, and every row they came to.
fn kept() -> &'static (Vec<Vec<u8>>, Vec<Row>) {
    static KEPT: OnceLock<(Vec<Vec<u8>>, Vec<Row>)> = OnceLock::new();
    KEPT.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut scene = busy().await;
            scene.seen().await;
            scene.follower.take().expect("it follows").stop().expect("nothing failed");
            let mut rows = Vec::new();
            for model in &MODELS {
                let view = scene.models.store().view(model.name, model.version).expect("it can be read");
                for row in view.stored() {
                    let (key, value) = row.expect("it can be read");
                    rows.push((model.name, key, value));
                }
            }
            (scene.models.store().trouble.written(), rows)
        })
    })
}

/// Asks about everything there is.
fn ask(models: &Models) {
    let accounts: Vec<_> = models.balances().all().unwrap_or_default();
    let _ = models.balances().trial_balance();
    for (account, _) in accounts {
        let _ = models.balances().get(&account);
        let _ = models.histories().page(&account, None, 100);
        let _ = models.histories().at_position(&account, 20);
        let _ = models.histories().at_instant(&account, Timestamp(1_800_000_100_000_000));
    }
    let _ = models.merchants().all();
    let _ = models.deliveries().due(Timestamp(i64::MAX), MerchantId(0), Shares { each: 8, most: 64 }, 100);
    for number in 0..20 {
        let _ = models.payments().get(&id(number));
        let _ = models.streams().read(StreamId::Payment(id(number)), 0, 100);
    }
    if let Ok(tree) = models.proofs().tree() {
        let _ = tree.head(tree.size());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn bent_rows_are_read_without_a_panic(
        bends in prop::collection::vec(
            (
                any::<prop::sample::Index>(),
                prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
                any::<prop::sample::Index>(),
                prop::collection::vec(any::<u8>(), 0..12),
            ),
            1..12,
        ),
    ) {
        let (written, rows) = kept();
        let store = Store::in_memory(&names(), written).expect("memory does not fail");
        for (which, edits, cut, more) in bends {
            let (model, key, value) = &rows[which.index(rows.len())];
            let mut value = value.clone();
            for (at, byte) in edits.into_iter().filter(|_| !value.is_empty()).collect::<Vec<_>>() {
                let at = at.index(value.len());
                value[at] = byte;
            }
            if more.len() > 6 {
                value.truncate(cut.index(value.len() + 1));
            }
            value.extend(&more[..more.len() / 2]);
            store.bend(model, key, &value).expect("memory does not fail");
        }
        if let Ok(models) = Models::on(store) {
            ask(&models);
        }
    }
}

/// An older list of RocksDB's files, put in the place of the last, once left out what had been written between two of
/// them: the models stood where the log ended, and knew nothing of payments that had been paid.
#[test]
fn models_without_writes_between_others_are_refused() {
    let writes = &kept().0;
    let opens = |writes: &[Vec<u8>]| Store::in_memory(&names(), writes).is_ok();
    assert!(writes.len() > 3, "{} writes", writes.len());
    for last in 0..=writes.len() {
        assert!(opens(&writes[..last]), "what a crash leaves is a beginning");
    }
    for missing in 0..writes.len() - 1 {
        let mut others = writes.clone();
        others.remove(missing);
        assert!(!opens(&others), "write {missing} of {} is missing", writes.len());
        let mut stale = writes.clone();
        stale.push(writes[missing].clone());
        assert!(!opens(&stale), "write {missing} is there again after the last");
    }
}
