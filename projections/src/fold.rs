//! Folding commits into models: several at once, each commit decoded once for all of them.

use choai_engine::{
    Fault,
    log::{Frame, Head, Log, Recorded},
};

use crate::{
    ahead::{Ahead, Commit, along},
    balances, cards, deliveries, histories, merchants, payments, points, proofs, realms,
    store::{Rows, Standing, Store},
    streams, users,
};

/// Bytes of commits folded into one write, at the most. What happened to one account in a step is written once, so
/// large steps are cheap; what was gathered is held in memory until then.
const STEP_BYTES: usize = 12 * 1024 * 1024;

/// A read model.
pub(crate) struct Model {
    /// Its name, and that of its column family.
    pub(crate) name: &'static str,
    /// Raised whenever a row or a key changes its shape or meaning: older rows are then built anew. `pinned.rs`
    /// notices when it was not.
    pub(crate) version: u32,
    /// Begins to fold.
    pub(crate) begin: fn() -> Box<dyn Folding>,
}

/// What folds commits into a model's rows.
///
/// It may keep at hand what it has read and written, within bounds, and write at the end of a step what it gathered in
/// it. After a fault it is thrown away, and what it kept is read again.
pub(crate) trait Folding: Send {
    /// Folds in a commit: event after event, unless the model is about commits.
    fn commit(&mut self, commit: &Commit, rows: &mut Rows<'_>) -> Result<(), Fault> {
        commit.records.iter().try_for_each(|recorded| self.event(recorded, rows))
    }

    /// Folds in an event.
    fn event(&mut self, recorded: &Recorded, rows: &mut Rows<'_>) -> Result<(), Fault>;

    /// Whether so much has been gathered that the step should end.
    fn is_full(&self) -> bool {
        false
    }

    /// Ends a step: from here on the rows say everything that was folded in.
    fn end_step(&mut self, _rows: &mut Rows<'_>) {}
}

/// Of a model that changes its rows with every event.
struct EachEvent(fn(&Recorded, &mut Rows<'_>) -> Result<(), Fault>);

impl Folding for EachEvent {
    fn event(&mut self, recorded: &Recorded, rows: &mut Rows<'_>) -> Result<(), Fault> {
        (self.0)(recorded, rows)
    }
}

/// Of a model that is about commits and their bytes.
struct EachCommit(fn(&Frame, &mut Rows<'_>) -> Result<(), Fault>);

impl Folding for EachCommit {
    fn commit(&mut self, commit: &Commit, rows: &mut Rows<'_>) -> Result<(), Fault> {
        (self.0)(&commit.frame, rows)
    }

    fn event(&mut self, _: &Recorded, _: &mut Rows<'_>) -> Result<(), Fault> {
        unreachable!("whoever folds hands over whole commits")
    }
}

/// How many models there are.
pub(crate) const COUNT: usize = 11;

/// Every model.
pub(crate) static MODELS: [Model; COUNT] = [
    Model { name: balances::NAME, version: balances::VERSION, begin: balances::begin },
    Model { name: histories::NAME, version: histories::VERSION, begin: histories::begin },
    Model {
        name: merchants::NAME,
        version: merchants::VERSION,
        begin: || Box::new(EachEvent(merchants::apply)),
    },
    Model {
        name: payments::NAME,
        version: payments::VERSION,
        begin: || Box::new(EachEvent(payments::apply)),
    },
    Model { name: realms::NAME, version: realms::VERSION, begin: realms::begin },
    Model { name: users::NAME, version: users::VERSION, begin: || Box::new(EachEvent(users::apply)) },
    Model { name: points::NAME, version: points::VERSION, begin: || Box::new(EachEvent(points::apply)) },
    Model {
        name: deliveries::NAME,
        version: deliveries::VERSION,
        begin: || Box::new(EachEvent(deliveries::apply)),
    },
    Model { name: cards::NAME, version: cards::VERSION, begin: || Box::new(EachEvent(cards::apply)) },
    Model { name: proofs::NAME, version: proofs::VERSION, begin: || Box::new(EachCommit(proofs::apply)) },
    Model { name: streams::NAME, version: streams::VERSION, begin: streams::begin },
];

/// Every model's name.
pub(crate) fn names() -> [&'static str; COUNT] {
    std::array::from_fn(|at| MODELS[at].name)
}

/// One model on its way along the log.
pub(crate) struct Cursor {
    /// Which model.
    pub(crate) model: &'static Model,
    /// The generation it fills.
    pub(crate) generation: u32,
    /// The last commit it has folded in.
    pub(crate) head: Head,
    /// The position it goes no further than.
    until: u64,
    /// What folds for it.
    folding: Box<dyn Folding>,
}

impl Cursor {
    /// A model that has seen nothing yet and fills `generation`.
    pub(crate) fn at_start(model: &'static Model, generation: u32) -> Self {
        Self { model, generation, head: Head::default(), until: u64::MAX, folding: (model.begin)() }
    }

    /// The same, going no further than `until`.
    pub(crate) fn going_until(self, until: u64) -> Self {
        Self { until, ..self }
    }

    /// Goes to where `standing` says that the rows are.
    pub(crate) fn stand(&mut self, standing: &Standing) {
        self.generation = standing.generation;
        self.go_back(standing.head);
    }

    /// What is written of it.
    pub(crate) const fn standing(&self) -> (&'static str, Standing) {
        let standing = Standing { version: self.model.version, generation: self.generation, head: self.head };
        (self.model.name, standing)
    }

    fn fold(&mut self, commit: &Commit, rows: &mut Rows<'_>) -> Result<bool, Fault> {
        let is_wanted = self.wants(&commit.frame)?;
        if is_wanted {
            self.folding.commit(commit, rows)?;
            self.head = commit.frame.head();
        }
        Ok(is_wanted)
    }

    /// Whether `frame` is still to be folded in.
    ///
    /// # Errors
    /// [`Fault::Damaged`] if it is, but does not follow from where the model stands.
    fn wants(&self, frame: &Frame) -> Result<bool, Fault> {
        if frame.last() <= self.head.position || frame.last() > self.until {
            return Ok(false);
        }
        if frame.follows(self.head) {
            return Ok(true);
        }
        let what = format!("the commit does not follow from where the read model {} stands", self.model.name);
        Err(Fault::Damaged { position: self.head.position + 1, what })
    }

    /// Goes back to `head`, as if nothing had been folded in since.
    fn go_back(&mut self, head: Head) {
        self.head = head;
        self.folding = (self.model.begin)();
    }
}

/// Whether a step writes down how far it has come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standings {
    /// Yes: the models are being read.
    Kept,
    /// No: the generation counts for nothing until it is adopted.
    Left,
}

/// The position from which those of these models that have not come to their ends want to be told the log; `None` if
/// all have.
pub(crate) fn next(cursors: &[Cursor]) -> Option<u64> {
    let unfinished = cursors.iter().filter(|cursor| cursor.head.position < cursor.until);
    unfinished.map(|cursor| cursor.head.position + 1).min()
}

/// Folds what `log` has into these models, up to its end or their ends, as long as `go_on` says so after a step.
pub(crate) fn fold_all(
    store: &Store,
    cursors: &mut [Cursor],
    log: &dyn Log,
    standings: Standings,
    mut go_on: impl FnMut(&[Cursor]) -> bool,
) -> Result<(), Fault> {
    let Some(from) = next(cursors) else { return Ok(()) };
    along(log, from, |ahead| {
        while step(store, cursors, ahead, |_| false, standings)? > 0 && go_on(cursors) {}
        Ok(())
    })
}

/// Folds the next commits into those models that want them, as many as fit a step or until `is_enough` of the last
/// position; gives their bytes, 0 if there was none to fold. After a fault the models stand where they stood before.
pub(crate) fn step(
    store: &Store,
    cursors: &mut [Cursor],
    ahead: &mut Ahead<'_, '_>,
    is_enough: impl Fn(u64) -> bool,
    standings: Standings,
) -> Result<usize, Fault> {
    let heads: Vec<Head> = cursors.iter().map(|cursor| cursor.head).collect();
    let folded = try_step(store, cursors, ahead, is_enough, standings);
    if folded.is_err() {
        cursors.iter_mut().zip(heads).for_each(|(cursor, head)| cursor.go_back(head));
    }
    folded
}

fn try_step(
    store: &Store,
    cursors: &mut [Cursor],
    ahead: &mut Ahead<'_, '_>,
    is_enough: impl Fn(u64) -> bool,
    standings: Standings,
) -> Result<usize, Fault> {
    let mut rows: Vec<Rows<'_>> =
        cursors.iter().map(|cursor| store.rows(cursor.model.name, cursor.generation)).collect();
    let mut bytes = 0;
    while bytes < STEP_BYTES && next(cursors).is_some() {
        let commit = match ahead.next() {
            Ok(Some(commit)) => commit,
            Ok(None) => break,
            // What came before it is folded in first.
            Err(fault) if bytes > 0 => {
                ahead.put_off(fault);
                break;
            }
            Err(fault) => return Err(fault),
        };
        let mut is_wanted = false;
        for (cursor, rows) in cursors.iter_mut().zip(&mut rows) {
            is_wanted |= cursor.fold(&commit, rows)?;
        }
        // A rebuild may have been adopted that has come further than what is read here.
        if !is_wanted {
            continue;
        }
        bytes += commit.frame.bytes().len();
        if cursors.iter().any(|cursor| cursor.folding.is_full()) || is_enough(commit.frame.last()) {
            break;
        }
    }
    if bytes > 0 {
        cursors.iter_mut().zip(&mut rows).for_each(|(cursor, rows)| cursor.folding.end_step(rows));
        let kept: Vec<_> = match standings {
            Standings::Kept => cursors.iter().map(Cursor::standing).collect(),
            Standings::Left => Vec::new(),
        };
        store.write(rows, &kept)?;
    }
    Ok(bytes)
}
