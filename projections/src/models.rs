//! All read models together: opened, asked, waited for, rebuilt.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use choai_engine::{
    Engine, Fault,
    log::{Head, Log},
};
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::{
    Balances, Cards, Deliveries, Difference, Follower, Histories, Lag, Merchants, Payments, Points, Proofs,
    Realms, Streams, Users,
    ahead::{Ahead, along},
    compare,
    fold::{COUNT, Cursor, MODELS, Model, Standings, fold_all, names, next, step},
    lag::Pace,
    store::{Standing, Store},
};

/// The read models; cheap to clone.
#[derive(Clone)]
pub struct Models {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    /// Where each model stands. Whoever folds or swaps holds it meanwhile; whoever reads rows needs it not.
    live: Mutex<[Cursor; COUNT]>,
    /// One rebuild at a time.
    rebuilding: Mutex<()>,
    progress: watch::Sender<Progress>,
    /// The highest position that anyone has waited for.
    wanted: watch::Sender<u64>,
}

/// What waiting readers look at.
#[derive(Clone)]
struct Progress {
    positions: [u64; COUNT],
    pace: Pace,
    fault: Option<Fault>,
}

impl Progress {
    fn lowest(&self) -> (&'static str, u64) {
        let all = names().into_iter().zip(self.positions);
        all.min_by_key(|(_, position)| *position).expect("there is at least one model")
    }
}

/// A read model has not come as far as was asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the read model {model} stands at position {position}, not yet at {wanted}")]
pub struct Behind {
    /// The one that is furthest behind.
    pub model: &'static str,
    /// Where it stands.
    pub position: u64,
    /// Where it was wanted.
    pub wanted: u64,
}

impl Models {
    /// Opens the read models under `path`, making them if they are not there.
    ///
    /// A model written by another version begins anew; so does every model whose folder was deleted.
    ///
    /// # Errors
    /// [`Fault`] when the store cannot be opened.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        std::fs::create_dir_all(path).map_err(|error| Fault::file(path, &error))?;
        Self::on(Store::open(path, &names())?)
    }

    /// The read models in `store`.
    pub(crate) fn on(store: Store) -> Result<Self, Fault> {
        let mut live = cursors();
        for cursor in &mut live {
            let standing = store.standing(cursor.model.name)?.unwrap_or_default();
            if standing.version == cursor.model.version {
                cursor.stand(&standing);
                store.clear_from(cursor.model.name, cursor.generation + 1)?;
            } else {
                restart(&store, cursor, standing.generation)?;
            }
        }
        Ok(Self::over(store, live))
    }

    /// Opens one consistent view of the models under `path` beside the server that has them open. It stays as
    /// it is and can only be read; `scratch` is a folder of its own for the store's notes.
    ///
    /// # Errors
    /// [`Fault`] when there are none, or the store cannot be opened.
    pub fn open_beside(path: &Path, scratch: &Path) -> Result<Self, Fault> {
        let store = Store::open_beside(path, scratch, &names())?;
        let mut live = cursors();
        for cursor in &mut live {
            let of_this_version = |standing: &Standing| standing.version == cursor.model.version;
            let standing = store.standing(cursor.model.name)?.filter(of_this_version).unwrap_or_default();
            cursor.stand(&standing);
        }
        Ok(Self::over(store, live))
    }

    /// Where the rows are.
    #[cfg(test)]
    pub(crate) fn store(&self) -> &Store {
        &self.shared.store
    }

    fn over(store: Store, live: [Cursor; COUNT]) -> Self {
        let progress = Progress { positions: positions(&live), pace: Pace::default(), fault: None };
        let (progress, _) = watch::channel(progress);
        let shared = Shared {
            store,
            live: Mutex::new(live),
            rebuilding: Mutex::default(),
            progress,
            wanted: watch::Sender::new(0),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Follows the engine's log on a thread of its own until the engine ends or the follower is stopped.
    ///
    /// Models that stand where the log has never been are begun anew first. A fault ends the following: the
    /// positions stay where they are, and [`Self::fault`] tells why.
    pub fn follow(&self, engine: &Engine) -> Follower {
        Follower::start(self.clone(), engine.log().clone(), engine.watch_head())
    }

    /// Follows a log beside which no engine runs; `head` tells its end, and the following ends with it.
    pub fn follow_log(&self, log: Arc<dyn Log>, head: watch::Receiver<Head>) -> Follower {
        Follower::start(self.clone(), log, head)
    }

    /// Moves every row into table files, as small as they get.
    ///
    /// # Errors
    /// [`Fault`] when the store cannot be written.
    pub fn compact(&self) -> Result<(), Fault> {
        self.shared.store.compact(&names())
    }

    /// Waits until every model has folded in `position`, at most for so long.
    ///
    /// # Errors
    /// [`Behind`] when the time is over, and at once when the models no longer follow because of a fault.
    pub async fn wait_for(&self, position: u64, at_most: Duration) -> Result<(), Behind> {
        let mut progress = self.shared.progress.subscribe();
        if progress.borrow().lowest().1 < position {
            self.shared
                .wanted
                .send_if_modified(|wanted| position > std::mem::replace(wanted, position.max(*wanted)));
            let over = |progress: &Progress| progress.lowest().1 >= position || progress.fault.is_some();
            // Whichever way the wait ends, where the models stand is what counts.
            let _ = tokio::time::timeout(at_most, progress.wait_for(over)).await;
        }
        let (model, reached) = progress.borrow().lowest();
        if reached >= position { Ok(()) } else { Err(Behind { model, position: reached, wanted: position }) }
    }

    /// Where each model stands.
    pub fn positions(&self) -> Vec<(&'static str, u64)> {
        names().into_iter().zip(self.shared.progress.borrow().positions).collect()
    }

    /// The position every model has folded in.
    pub fn position(&self) -> u64 {
        self.shared.progress.borrow().lowest().1
    }

    /// How far the one that is furthest behind is from position `head`.
    pub fn lag(&self, head: u64) -> Lag {
        let progress = self.shared.progress.borrow();
        progress.pace.lag(head.saturating_sub(progress.lowest().1))
    }

    /// Why the models no longer follow, if a fault is the reason.
    pub fn fault(&self) -> Option<Fault> {
        self.shared.progress.borrow().fault.clone()
    }

    /// Waits for a fault that keeps the models from following.
    pub async fn faulted(&self) -> Fault {
        let mut progress = self.shared.progress.subscribe();
        let fault = progress.wait_for(|progress| progress.fault.is_some()).await;
        let fault = fault.ok().and_then(|progress| progress.fault.clone());
        fault.expect("the models outlive the wait, and it ends with a fault")
    }

    /// Builds one model, or all, from the beginning of `log` beside what is read meanwhile, then swaps.
    ///
    /// `progress` is told how far the slowest has come. The follower may go on; it waits only for the swap.
    ///
    /// # Errors
    /// [`Fault`] when there is no such model, or anything cannot be read or written; nothing is swapped then.
    pub fn rebuild(
        &self,
        log: &dyn Log,
        model: Option<&str>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), Fault> {
        let shared = &*self.shared;
        let _alone = shared.rebuilding.lock();
        let chosen = choose(model)?;
        let generations = shared.live.lock().each_ref().map(|cursor| cursor.generation);
        let mut building = Vec::new();
        for &at in &chosen {
            let cursor = Cursor::at_start(&MODELS[at], generations[at] + 1);
            shared.store.clear_from(cursor.model.name, cursor.generation)?;
            building.push(cursor);
        }
        fold_all(&shared.store, &mut building, log, Standings::Left, |building| {
            progress(building.iter().map(|cursor| cursor.head.position).min().unwrap_or_default());
            true
        })?;
        let mut live = shared.live.lock();
        let is_behind = |building: &[Cursor]| {
            let mut pairs = chosen.iter().zip(building);
            pairs.any(|(at, cursor)| cursor.head.position < live[*at].head.position)
        };
        // What the follower folded in since the last step must not be missing after the swap.
        if is_behind(&building) {
            fold_all(&shared.store, &mut building, log, Standings::Left, is_behind)?;
        }
        let standings: Vec<_> = building.iter().map(Cursor::standing).collect();
        shared.store.adopt(&standings)?;
        for (at, cursor) in chosen.into_iter().zip(building) {
            live[at] = cursor;
        }
        self.publish(&live);
        Ok(())
    }

    /// Rebuilds each model in the folder `scratch`, up to the position where it stands, and compares every
    /// key and value with what is kept: law 6. At most 100 differences are told.
    ///
    /// `log` must be opened after the models, so that it reaches as far as they do.
    ///
    /// # Errors
    /// [`Fault`] when anything cannot be read, or `scratch` cannot be written.
    pub fn compare(&self, log: &dyn Log, scratch: &Path) -> Result<Vec<Difference>, Fault> {
        compare::compare(&self.shared.store, log, scratch)
    }

    /// What every account holds.
    pub fn balances(&self) -> Balances<'_> {
        Balances::new(&self.shared.store)
    }

    /// Issued cards.
    pub fn cards(&self) -> Cards<'_> {
        Cards::new(&self.shared.store)
    }

    /// How every account came to hold it.
    pub fn histories(&self) -> Histories<'_> {
        Histories::new(&self.shared.store)
    }

    /// Merchants.
    pub fn merchants(&self) -> Merchants<'_> {
        Merchants::new(&self.shared.store)
    }

    /// Payments.
    pub fn payments(&self) -> Payments<'_> {
        Payments::new(&self.shared.store)
    }

    /// What time it is in each realm.
    pub fn realms(&self) -> Realms<'_> {
        Realms::new(&self.shared.store)
    }

    /// Users.
    pub fn users(&self) -> Users<'_> {
        Users::new(&self.shared.store)
    }

    /// Users' points.
    pub fn points(&self) -> Points<'_> {
        Points::new(&self.shared.store)
    }

    /// Deliveries of notifications.
    pub fn deliveries(&self) -> Deliveries<'_> {
        Deliveries::new(&self.shared.store)
    }

    /// What proves events to whoever does not trust us.
    pub fn proofs(&self) -> Proofs<'_> {
        Proofs::new(&self.shared.store)
    }

    /// Where the events of every stream are.
    pub fn streams(&self) -> Streams<'_> {
        Streams::new(&self.shared.store)
    }

    /// Begins every model anew that stands where `log` has never been: beyond its end, or at another commit,
    /// as after the log was restored from a backup.
    pub(crate) fn check_against(&self, log: &dyn Log) -> Result<(), Fault> {
        let mut live = self.shared.live.lock();
        for cursor in live.iter_mut() {
            // What a follower that met a bug had in hand was never written.
            if let Some(standing) = self.shared.store.standing(cursor.model.name)? {
                cursor.stand(&standing);
            }
            if !has_been_at(log, cursor.head)? {
                tracing::warn!(
                    model = cursor.model.name,
                    position = cursor.head.position,
                    "begun anew: not of this log"
                );
                restart(&self.shared.store, cursor, cursor.generation)?;
            }
        }
        self.publish(&live);
        Ok(())
    }

    /// Folds in what `log` has, up to its end or until `is_stopped`.
    pub(crate) fn catch_up(&self, log: &dyn Log, is_stopped: impl Fn() -> bool) -> Result<(), Fault> {
        let Some(from) = next(&*self.shared.live.lock()) else { return Ok(()) };
        along(log, from, |ahead| {
            while !is_stopped() && self.step(ahead)? {}
            Ok(())
        })
    }

    fn step(&self, ahead: &mut Ahead<'_, '_>) -> Result<bool, Fault> {
        let before = self.position();
        // Whoever waits for a position is not kept waiting for more.
        let is_enough = |position| {
            let wanted = *self.shared.wanted.borrow();
            before < wanted && wanted <= position
        };
        let begun = Instant::now();
        let mut live = self.shared.live.lock();
        let bytes = step(&self.shared.store, &mut *live, ahead, is_enough, Standings::Kept)?;
        if bytes > 0 {
            self.publish(&live);
            let events = self.position().saturating_sub(before);
            self.shared.progress.send_modify(|progress| {
                progress.pace = progress.pace.after(events, bytes as u64, begun.elapsed());
            });
        }
        Ok(bytes > 0)
    }

    /// Waits until somebody waits for a position that the models have not come to.
    pub(crate) async fn wanted(&self) {
        let position = self.position();
        let waited = self.shared.wanted.subscribe().wait_for(|wanted| *wanted > position).await.map(drop);
        waited.expect("the models outlive the wait");
    }

    /// Tells everyone who waits why there is nothing to wait for, or that there is again.
    pub(crate) fn set_fault(&self, fault: Option<Fault>) {
        self.shared.progress.send_modify(|progress| progress.fault = fault);
    }

    fn publish(&self, live: &[Cursor; COUNT]) {
        self.shared.progress.send_modify(|progress| progress.positions = positions(live));
    }
}

/// Every model before the first event.
fn cursors() -> [Cursor; COUNT] {
    std::array::from_fn(|at| Cursor::at_start(&MODELS[at], 0))
}

fn positions(live: &[Cursor; COUNT]) -> [u64; COUNT] {
    std::array::from_fn(|at| live[at].head.position)
}

/// Begins a model anew in the generation after `generation`.
fn restart(store: &Store, cursor: &mut Cursor, generation: u32) -> Result<(), Fault> {
    *cursor = Cursor::at_start(cursor.model, generation + 1);
    store.clear_from(cursor.model.name, cursor.generation)?;
    store.adopt(&[cursor.standing()])
}

/// Whether the commit of `head` is in `log`.
fn has_been_at(log: &dyn Log, head: Head) -> Result<bool, Fault> {
    if head.position == 0 || head.position > log.head()?.position {
        return Ok(head.position == 0);
    }
    Ok(log.read(head.position, 1)?.first().is_some_and(|frame| frame.head() == head))
}

/// The places of the models to be rebuilt.
fn choose(model: Option<&str>) -> Result<Vec<usize>, Fault> {
    let is_chosen = |known: &Model| model.is_none_or(|name| name == known.name);
    let chosen: Vec<usize> = (0..COUNT).filter(|at| is_chosen(&MODELS[*at])).collect();
    if chosen.is_empty() {
        let asked = model.unwrap_or_default();
        return Err(Fault::Store(format!(
            "no read model is called `{asked}`; there are {}",
            names().join(", ")
        )));
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests;
