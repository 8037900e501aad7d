//! Damage: what is not exactly what was written is refused, and nothing that reads ever panics.

use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use super::*;
use crate::{domain::payment::Payment, fault::Fault, log::frame::EVENTS_MAX};

/// A frame around `records`, with whatever its header says and a hash that fits: what no disk makes by chance.
fn forged(count: u32, records: &[u8]) -> Vec<u8> {
    let mut bytes = b"CHOA\x01\0\0\0".to_vec();
    bytes.extend_from_slice(&1u64.to_le_bytes());
    bytes.extend_from_slice(&count.to_le_bytes());
    bytes.extend_from_slice(&u32::try_from(records.len()).unwrap().to_le_bytes());
    bytes.extend_from_slice(&AT.0.to_le_bytes());
    bytes.extend_from_slice(&[0; 32]);
    bytes.extend_from_slice(records);
    let hash = Sha256::digest(&bytes);
    bytes.extend_from_slice(&hash);
    bytes
}

fn records_of(frame: &Frame) -> Vec<u8> {
    frame.bytes()[64..frame.bytes().len() - 32].to_vec()
}

#[test]
fn no_truncation_of_a_commit_is_accepted() {
    let bytes = commit(Head::default(), &samples(), full_header).bytes().to_vec();
    for length in 0..bytes.len() {
        assert!(matches!(Frame::verify(&bytes[..length]), Err(Fault::Damaged { .. })), "cut to {length}");
    }
    assert!(Frame::verify([&bytes[..], &[0]].concat()).is_err(), "nor is anything behind it");
}

#[test]
fn no_flipped_bit_of_a_commit_is_accepted() {
    let events = [samples()[6].clone(), samples()[20].clone()];
    let bytes = commit(Head { position: 5, hash: [9; 32] }, &events, full_header).bytes().to_vec();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut bent = bytes.clone();
            bent[at] ^= 1 << bit;
            assert!(matches!(Frame::verify(bent), Err(Fault::Damaged { .. })), "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn no_replaced_byte_of_a_commit_is_accepted() {
    let bytes = commit(Head::default(), &samples(), short_header).bytes().to_vec();
    for at in 0..bytes.len() {
        let mut bent = bytes.clone();
        bent[at] = !bent[at];
        assert!(Frame::verify(bent).is_err(), "byte {at}");
    }
}

/// A count of four thousand million once made the reader ask for the memory to hold them all.
#[test]
fn a_commit_of_more_events_than_there_can_be_is_refused() {
    let record = records_of(&commit(Head::default(), &samples()[1..2], short_header));
    assert!(Frame::verify(forged(1, &record)).unwrap().records().is_ok());
    let most = u32::try_from(EVENTS_MAX).unwrap();
    for (count, accepted) in [(0, false), (2, true), (most, true), (most + 1, false), (u32::MAX, false)] {
        let frame = Frame::verify(forged(count, &record));
        assert_eq!(frame.is_ok(), accepted, "{count} events");
        assert!(frame.is_err() || frame.unwrap().records().is_err(), "there is only one record");
    }
}

#[test]
fn the_events_in_a_commit_are_those_it_counts() {
    let records = records_of(&commit(Head::default(), &samples()[1..4], short_header));
    for (count, expected) in [(2, Err(2)), (3, Ok(3)), (4, Err(4))] {
        let read = Frame::verify(forged(count, &records)).unwrap().records();
        let read = read.map(|records| records.len()).map_err(|fault| match fault {
            Fault::Damaged { position, .. } => position,
            other => panic!("{other}"),
        });
        assert_eq!(read, expected, "{count} of 3 events");
    }
}

#[test]
fn a_body_is_read_to_its_last_byte_and_no_further() {
    for event in samples() {
        let (kind, body) = codec::encode_event(&event);
        for length in 0..body.len() {
            assert!(codec::decode_event(kind, &body[..length]).is_err(), "{event:?} cut to {length}");
        }
        assert!(codec::decode_event(kind, &[&body[..], &[0]].concat()).is_err(), "{event:?} and a byte");
    }
}

#[test]
fn kinds_and_schemas_that_nobody_wrote_are_refused() {
    for (number, schema) in [(0, 1), (5, 1), (100, 1), (115, 1), (u16::MAX, 1), (101, 0), (101, 2), (105, 3)]
    {
        let decoded = codec::decode_event(Kind { number, schema }, &[0; 64]);
        assert!(matches!(decoded, Err(Fault::Undecodable(_))), "kind {number}, schema {schema}");
    }
}

/// What the types forbid cannot be smuggled in as bytes.
#[test]
fn bytes_of_what_cannot_be_are_refused() {
    let two = |amounts: [i128; 2]| {
        let account = Account::Rail(Label::SANDBOX);
        let line = |debit_minor| crate::books::Posting { account, currency: Currency::Jpy, debit_minor };
        codec::to_bytes(&amounts.map(line).to_vec())
    };
    assert!(codec::from_bytes::<Entry>(&two([5, -5])).is_ok());
    assert!(codec::from_bytes::<Entry>(&two([5, -4])).is_err(), "an entry that does not balance");
    assert!(codec::from_bytes::<Entry>(&two([i128::MAX, 1])).is_err(), "an entry that cannot be added up");
    assert!(codec::from_bytes::<Currency>(&codec::to_bytes(&9u16)).is_err(), "a currency that is not known");
    assert!(codec::from_bytes::<Label>(&codec::to_bytes(&"Sand Box")).is_err(), "a label with blanks");
    assert!(codec::from_bytes::<Label>(&codec::to_bytes(&"a".repeat(25))).is_err(), "a label too long");
    assert!(codec::from_bytes::<PaymentId>(&codec::to_bytes(&"short")).is_err(), "half a payment id");
    assert!(codec::from_bytes::<Percent>(&codec::to_bytes(&"100.1")).is_err(), "more than all");
    assert!(
        codec::from_bytes::<Vec<u8>>(&[0xFD, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]).is_err(),
        "no memory for a lie"
    );
}

#[test]
fn an_event_in_anothers_stream_is_refused() {
    let samples = samples();
    let event = &samples[1];
    let another = samples.iter().map(Event::stream).find(|stream| *stream != event.stream()).unwrap();
    let mut draft = FrameDraft::new(1, AT);
    draft.push(&RecordHeader { stream: another, ..short_header(event) }, event);
    assert!(draft.seal(Head::default()).records().is_err());
}

proptest! {
    #[test]
    fn random_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), count in 0u32..4) {
        prop_assert!(Frame::verify(&bytes[..]).is_err(), "no random bytes carry their own hash");
        if let Ok(frame) = Frame::verify(forged(count, &bytes)) {
            prop_assert!(frame.records().is_err(), "no random bytes are a record");
        }
        for (number, _, schema) in codec::KINDS {
            // Some short bodies are simply right by chance; what counts is that all are used or refused.
            if let Ok(event) = codec::decode_event(Kind { number: *number, schema: *schema }, &bytes) {
                let (kind, body) = codec::encode_event(&event);
                prop_assert_eq!(codec::decode_event(kind, &body).unwrap(), event);
            }
        }
        let _ = (codec::from_bytes::<Payment>(&bytes), codec::from_bytes::<Entry>(&bytes));
        let _ = codec::from_bytes::<(Realm, Timestamp, crate::domain::Due)>(&bytes);
    }

    #[test]
    fn damaged_records_are_read_without_a_panic(
        sample in 0..samples().len(),
        full in any::<bool>(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let header = if full { full_header } else { short_header };
        let mut records = records_of(&commit(Head::default(), &samples()[sample..=sample], header));
        for (at, byte) in edits {
            let at = at.index(records.len());
            records[at] = byte;
        }
        let cut = cut.index(records.len() + 1);
        for records in [&records[..], &records[..cut]] {
            if let Ok(frame) = Frame::verify(forged(1, records)) {
                let _ = frame.records();
            }
        }
    }

    #[test]
    fn damaged_bodies_of_every_schema_are_read_without_a_panic(
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        for line in include_str!("earlier.txt").lines().chain(include_str!("stored.txt").lines()) {
            let [number, schema, _, body] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
            let kind = Kind { number: number.parse().unwrap(), schema: schema.parse().unwrap() };
            let mut body = from_hex(body);
            for (at, byte) in edits.iter().filter(|_| !body.is_empty()).collect::<Vec<_>>() {
                let at = at.index(body.len());
                body[at] = *byte;
            }
            let cut = cut.index(body.len() + 1);
            let _ = (codec::decode_event(kind, &body), codec::decode_event(kind, &body[..cut]));
        }
    }
}

/// A length is believed only as far as there are bytes: a body of nine bytes may ask for all the memory there is.
#[test]
fn a_length_that_no_body_has_is_refused_at_once() {
    for length in [1 << 20, 1 << 33, u64::MAX] {
        let mut bytes = vec![253];
        bytes.extend(length.to_le_bytes());
        assert!(codec::from_bytes::<Vec<[u64; 8]>>(&bytes).is_err());
        assert!(codec::from_bytes::<String>(&bytes).is_err());
    }
}
