//! One event's record inside a commit, byte by byte.
//!
//! ```text
//! size   field
//!  4     length of all that follows
//!  2     kind              (codec.rs)
//!  2     schema            (codec.rs)
//!  1     flags             bits below, lowest first
//! 16     causation         the command's id; also the event's own unless flag 0 is set
//! 16     event id          only with flag 0
//! 16     correlation       only with flag 1; otherwise the causation
//!  8     effective_at      only with flag 2; otherwise the commit's time
//!  4     tenant            only with flag 4
//! 32     idempotency       only with flag 5: key hash, request hash
//!  1+4   actor             kind, number
//!  8     revision
//!  1+n   stream            length, name
//!  rest  body
//! ```
//! Flag 3 stands for the live realm, flag 4 for the test realm of the tenant that follows; neither for an
//! identity, which has no realm. All integers are little-endian.

use uuid::Uuid;

use super::codec::{self, Kind};
use crate::{
    books::Realm,
    domain::{Event, MerchantId, StreamId, Timestamp},
    fault::Fault,
    state::IdempotencyKey,
};

/// Who is behind an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// The ledger itself, when a due time came.
    Ledger,
    /// The operator.
    Operator,
    /// A merchant, by its key.
    Merchant(MerchantId),
    /// Whoever holds a checkout link.
    Payer,
    /// The webhook worker.
    Courier,
}

impl Actor {
    const fn parts(self) -> (u8, u32) {
        match self {
            Self::Ledger => (0, 0),
            Self::Operator => (1, 0),
            Self::Merchant(merchant) => (2, merchant.0),
            Self::Payer => (3, 0),
            Self::Courier => (4, 0),
        }
    }

    fn from_parts(kind: u8, number: u32) -> Result<Self, Fault> {
        match (kind, number) {
            (0, 0) => Ok(Self::Ledger),
            (1, 0) => Ok(Self::Operator),
            (2, merchant) => Ok(Self::Merchant(MerchantId(merchant))),
            (3, 0) => Ok(Self::Payer),
            (4, 0) => Ok(Self::Courier),
            _ => Err(undecodable("actor")),
        }
    }
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ledger => f.write_str("ledger"),
            Self::Operator => f.write_str("operator"),
            Self::Merchant(merchant) => write!(f, "merchant-{merchant}"),
            Self::Payer => f.write_str("payer"),
            Self::Courier => f.write_str("courier"),
        }
    }
}

/// Everything about an event but what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordHeader {
    /// The stream it stands in.
    pub stream: StreamId,
    /// Its place in the stream, from 0.
    pub revision: u64,
    /// Its own id.
    pub id: Uuid,
    /// The realm of value it is about; `None` for identities.
    pub realm: Option<Realm>,
    /// When it happened by the realm's clock.
    pub effective_at: Timestamp,
    /// The command it follows from.
    pub causation: Uuid,
    /// What it belongs to in the caller's world.
    pub correlation: Uuid,
    /// Who is behind it.
    pub actor: Actor,
    /// The idempotency key of the command, if it had one.
    pub idempotency: Option<IdempotencyKey>,
}

/// An event as read from the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its place in the log, from 1.
    pub position: u64,
    /// When its commit was made, by the wall clock.
    pub recorded_at: Timestamp,
    /// Its kind, and the shape it is stored in.
    pub kind: Kind,
    /// Everything about it.
    pub header: RecordHeader,
    /// What it says.
    pub event: Event,
}

const OWN_ID: u8 = 1;
const OWN_CORRELATION: u8 = 1 << 1;
const OWN_TIME: u8 = 1 << 2;
const LIVE: u8 = 1 << 3;
const TEST: u8 = 1 << 4;
const IDEMPOTENT: u8 = 1 << 5;
/// Where the flags begin: after length, kind and schema.
const KIND_ENDS: usize = 8;

/// Appends the record of `event` to `out`.
pub(super) fn encode(out: &mut Vec<u8>, recorded_at: Timestamp, header: &RecordHeader, event: &Event) {
    let start = out.len();
    out.extend_from_slice(&[0; KIND_ENDS]); // Length and kind, filled in below.
    let flags_at = out.len();
    out.push(0);
    let mut flags = 0;
    out.extend_from_slice(header.causation.as_bytes());
    if header.id != header.causation {
        flags |= OWN_ID;
        out.extend_from_slice(header.id.as_bytes());
    }
    if header.correlation != header.causation {
        flags |= OWN_CORRELATION;
        out.extend_from_slice(header.correlation.as_bytes());
    }
    if header.effective_at != recorded_at {
        flags |= OWN_TIME;
        out.extend_from_slice(&header.effective_at.0.to_le_bytes());
    }
    match header.realm {
        None => {}
        Some(Realm::Live) => flags |= LIVE,
        Some(Realm::Test(tenant)) => {
            flags |= TEST;
            out.extend_from_slice(&tenant.0.to_le_bytes());
        }
    }
    if let Some(idempotency) = header.idempotency {
        flags |= IDEMPOTENT;
        out.extend_from_slice(&idempotency.key);
        out.extend_from_slice(&idempotency.request);
    }
    out[flags_at] = flags;
    let (actor, number) = header.actor.parts();
    out.push(actor);
    out.extend_from_slice(&number.to_le_bytes());
    out.extend_from_slice(&header.revision.to_le_bytes());
    let name_at = out.len();
    out.push(0);
    header.stream.append_name(out);
    out[name_at] = u8::try_from(out.len() - name_at - 1).expect("stream names are short");
    let kind = codec::append_event(out, event);
    let length = u32::try_from(out.len() - start - 4).expect("records are bounded");
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
    out[start + 4..start + 6].copy_from_slice(&kind.number.to_le_bytes());
    out[start + 6..start + KIND_ENDS].copy_from_slice(&kind.schema.to_le_bytes());
}

/// Takes one record off the front of `rest`: what follows its length.
///
/// # Errors
/// [`Fault::Undecodable`] if `rest` is shorter than the record says it is.
pub(super) fn split<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], Fault> {
    let length = u32::from_le_bytes(take(rest)?) as usize;
    let (record, after) = rest.split_at_checked(length).ok_or_else(|| undecodable("record length"))?;
    *rest = after;
    Ok(record)
}

/// Reads what [`split`] took off. `scratch` is room for a name, so that not every record needs its own.
///
/// # Errors
/// [`Fault::Undecodable`] for anything but exactly one well-formed record.
pub(super) fn decode(
    mut record: &[u8],
    position: u64,
    recorded_at: Timestamp,
    scratch: &mut Vec<u8>,
) -> Result<Recorded, Fault> {
    let record = &mut record;
    let kind = Kind { number: u16::from_le_bytes(take(record)?), schema: u16::from_le_bytes(take(record)?) };
    let [flags] = take(record)?;
    if flags >= IDEMPOTENT << 1 {
        return Err(undecodable("flags"));
    }
    let causation = Uuid::from_bytes(take(record)?);
    let id = if flags & OWN_ID == 0 { causation } else { Uuid::from_bytes(take(record)?) };
    let correlation = if flags & OWN_CORRELATION == 0 { causation } else { Uuid::from_bytes(take(record)?) };
    let effective_at =
        if flags & OWN_TIME == 0 { recorded_at } else { Timestamp(i64::from_le_bytes(take(record)?)) };
    let realm = match (flags & LIVE != 0, flags & TEST != 0) {
        (false, false) => None,
        (true, false) => Some(Realm::Live),
        (false, true) => Some(Realm::Test(MerchantId(u32::from_le_bytes(take(record)?)))),
        (true, true) => return Err(undecodable("realm")),
    };
    let idempotency = match flags & IDEMPOTENT {
        0 => None,
        _ => Some(IdempotencyKey { key: take(record)?, request: take(record)? }),
    };
    let [actor] = take(record)?;
    let actor = Actor::from_parts(actor, u32::from_le_bytes(take(record)?))?;
    let revision = u64::from_le_bytes(take(record)?);
    let [name_length] = take(record)?;
    if usize::from(name_length) > record.len() {
        return Err(undecodable("stream length"));
    }
    let (name, body) = record.split_at(usize::from(name_length));
    let event = codec::decode_event(kind, body)?;
    let stream = event.stream();
    scratch.clear();
    stream.append_name(scratch);
    if scratch != name {
        return Err(undecodable("event in another's stream"));
    }
    let header = RecordHeader {
        stream,
        revision,
        id,
        realm,
        effective_at,
        causation,
        correlation,
        actor,
        idempotency,
    };
    Ok(Recorded { position, recorded_at, kind, header, event })
}

/// Takes so many bytes off the front.
///
/// # Errors
/// [`Fault::Undecodable`] if there are fewer.
pub(super) fn take<const N: usize>(from: &mut &[u8]) -> Result<[u8; N], Fault> {
    let (taken, rest) = from.split_first_chunk::<N>().ok_or_else(|| undecodable("record too short"))?;
    *from = rest;
    Ok(*taken)
}

fn undecodable(what: &str) -> Fault {
    Fault::Undecodable(what.to_owned())
}
