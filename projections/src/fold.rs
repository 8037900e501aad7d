//! Folding commits into models: several at once, each commit decoded once for all of them.

use choai_engine::{
    Fault,
    log::{Frame, Head, Log, Recorded},
};

use crate::{
    balances, deliveries, histories, merchants, payments, points, proofs, realms,
    store::{Rows, Standing, Store},
    streams, users,
};

/// Bytes of commits folded into one write: it bounds what is held in memory.
const STEP_BYTES: usize = 1024 * 1024;

/// A read model.
pub(crate) struct Model {
    /// Its name, and that of its column family.
    pub(crate) name: &'static str,
    /// Raised whenever a row or a key changes its shape or meaning: older rows are then built anew. `pinned.rs`
    /// notices when it was not.
    pub(crate) version: u32,
    /// What is folded into its rows.
    pub(crate) apply: Apply,
}

/// What a model folds into its rows.
pub(crate) enum Apply {
    /// Events, one by one, by what they say.
    Event(fn(&Recorded, &mut Rows<'_>) -> Result<(), Fault>),
    /// Commits, by their bytes.
    Commit(fn(&Frame, &mut Rows<'_>) -> Result<(), Fault>),
}

/// How many models there are.
pub(crate) const COUNT: usize = 10;

/// Every model.
pub(crate) static MODELS: [Model; COUNT] = [
    Model { name: balances::NAME, version: balances::VERSION, apply: Apply::Event(balances::apply) },
    Model { name: histories::NAME, version: histories::VERSION, apply: Apply::Event(histories::apply) },
    Model { name: merchants::NAME, version: merchants::VERSION, apply: Apply::Event(merchants::apply) },
    Model { name: payments::NAME, version: payments::VERSION, apply: Apply::Event(payments::apply) },
    Model { name: realms::NAME, version: realms::VERSION, apply: Apply::Event(realms::apply) },
    Model { name: users::NAME, version: users::VERSION, apply: Apply::Event(users::apply) },
    Model { name: points::NAME, version: points::VERSION, apply: Apply::Event(points::apply) },
    Model { name: deliveries::NAME, version: deliveries::VERSION, apply: Apply::Event(deliveries::apply) },
    Model { name: proofs::NAME, version: proofs::VERSION, apply: Apply::Commit(proofs::apply) },
    Model { name: streams::NAME, version: streams::VERSION, apply: Apply::Event(streams::apply) },
];

/// Every model's name.
pub(crate) fn names() -> [&'static str; COUNT] {
    std::array::from_fn(|at| MODELS[at].name)
}

/// One model on its way along the log.
#[derive(Clone, Copy)]
pub(crate) struct Cursor {
    /// Which model.
    pub(crate) model: &'static Model,
    /// The generation it fills.
    pub(crate) generation: u32,
    /// The last commit it has folded in.
    pub(crate) head: Head,
    /// The position it goes no further than.
    pub(crate) until: u64,
}

impl Cursor {
    /// A model that has seen nothing yet and fills `generation`.
    pub(crate) fn at_start(model: &'static Model, generation: u32) -> Self {
        Self { model, generation, head: Head::default(), until: u64::MAX }
    }

    /// What is written of it.
    pub(crate) const fn standing(&self) -> (&'static str, Standing) {
        let standing = Standing { version: self.model.version, generation: self.generation, head: self.head };
        (self.model.name, standing)
    }

    /// Whether `frame` is still to be folded in.
    ///
    /// # Errors
    /// [`Fault::Damaged`] if it is, but does not follow from where the model stands.
    fn wants(&self, frame: &Frame) -> Result<bool, Fault> {
        if frame.last() <= self.head.position || frame.last() > self.until {
            return Ok(false);
        }
        if frame.first() == self.head.position + 1 && frame.previous() == self.head.hash {
            return Ok(true);
        }
        let what = format!("the commit does not follow from where the read model {} stands", self.model.name);
        Err(Fault::Damaged { position: self.head.position + 1, what })
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

/// Folds the next commits into those models that want them; false if there was none to fold.
pub(crate) fn step(
    store: &Store,
    cursors: &mut [Cursor],
    log: &dyn Log,
    standings: Standings,
) -> Result<bool, Fault> {
    let unfinished = cursors.iter().filter(|cursor| cursor.head.position < cursor.until);
    let Some(lowest) = unfinished.map(|cursor| cursor.head.position).min() else { return Ok(false) };
    let frames = log.read(lowest + 1, STEP_BYTES)?;
    let mut moved = cursors.to_vec();
    let mut rows: Vec<Rows<'_>> =
        cursors.iter().map(|cursor| store.rows(cursor.model.name, cursor.generation)).collect();
    let mut folded = false;
    for frame in &frames {
        folded |= fold(frame, &mut moved, &mut rows)?;
    }
    if folded {
        let kept: Vec<_> = match standings {
            Standings::Kept => moved.iter().map(Cursor::standing).collect(),
            Standings::Left => Vec::new(),
        };
        store.write(rows, &kept)?;
        cursors.copy_from_slice(&moved);
    }
    Ok(folded)
}

fn fold(frame: &Frame, cursors: &mut [Cursor], rows: &mut [Rows<'_>]) -> Result<bool, Fault> {
    let (mut records, mut folded) = (None, false);
    for (cursor, rows) in cursors.iter_mut().zip(rows) {
        if !cursor.wants(frame)? {
            continue;
        }
        match cursor.model.apply {
            Apply::Commit(apply) => apply(frame, rows)?,
            Apply::Event(apply) => {
                let records = match &records {
                    Some(records) => records,
                    None => records.insert(frame.records()?),
                };
                records.iter().try_for_each(|recorded| apply(recorded, rows))?;
            }
        }
        folded = true;
        cursor.head = frame.head();
    }
    Ok(folded)
}
