//! Golden bytes: every shape ever stored, as it was stored.
//!
//! `stored.txt` has a line for every kind and schema: its numbers, its name and a body. A line is added for a
//! new shape and never changed: the bytes are in somebody's log.

use expect_test::{expect, expect_file};

use super::*;

#[test]
fn every_kind_is_written_as_it_always_was() {
    let line = |event: &Event| {
        let (kind, body) = codec::encode_event(event);
        format!("{} {} {} {}\n", kind.number, kind.schema, kind.name(), hex(&body))
    };
    expect_file!["./stored.txt"].assert_eq(&samples().iter().map(line).collect::<String>());
}

#[test]
fn everything_ever_stored_still_reads() {
    let samples = samples();
    let mut read = 0;
    for line in include_str!("stored.txt").lines() {
        let [number, schema, name, body] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let kind = Kind { number: number.parse().unwrap(), schema: schema.parse().unwrap() };
        let event = codec::decode_event(kind, &from_hex(body));
        assert!(samples.contains(&event.unwrap()), "{name} reads as what it was");
        read += 1;
    }
    assert_eq!(read, codec::KINDS.len(), "every kind has its line");
}

#[test]
fn every_kind_has_its_own_number_and_name_and_a_sample() {
    let mut kinds: Vec<u16> = samples().iter().map(|event| codec::encode_event(event).0.number).collect();
    kinds.sort_unstable();
    let registered: Vec<u16> = codec::KINDS.iter().map(|(kind, ..)| *kind).collect();
    assert_eq!(kinds, registered, "the register is in order, and each kind is written by one sample");
    for (_, name, _) in codec::KINDS {
        assert_eq!(codec::KINDS.iter().filter(|(_, other, _)| other == name).count(), 1, "{name}");
    }
}

#[test]
fn what_is_encoded_decodes_to_itself() {
    for header in [full_header, short_header] {
        let frame = commit(Head::default(), &samples(), header);
        let records = frame.records().unwrap();
        for (index, (record, event)) in records.iter().zip(samples()).enumerate() {
            assert_eq!(record.position, index as u64 + 1);
            assert_eq!(record.kind, codec::encode_event(&event).0);
            assert_eq!(record.recorded_at, AT);
            assert_eq!(record.header, header(&event));
            assert_eq!(record.event, event);
        }
        assert_eq!(records.len(), samples().len());
        assert_eq!(Frame::verify(frame.bytes()).unwrap().bytes(), frame.bytes());
    }
}

#[test]
fn every_actor_and_realm_reads_back() {
    let event = &samples()[1];
    for actor in [Actor::Ledger, Actor::Operator, Actor::Merchant(SHOP), Actor::Payer, Actor::Courier] {
        for realm in [None, Some(Realm::Live), Some(Realm::Test(SHOP))] {
            let mut draft = FrameDraft::new(Head::default(), AT);
            let header = RecordHeader { actor, realm, ..short_header(event) };
            draft.push(&header, event);
            assert_eq!(draft.seal().records().unwrap()[0].header, header);
        }
    }
}

/// Drawn byte by byte in `docs/event-format.md`; any tool that follows the page finds these values.
#[test]
fn a_commit_is_laid_out_as_it_always_was() {
    let after = Head { position: 41, hash: [0xAB; 32] };
    let frame = commit(after, &[samples()[1].clone()], full_header);
    let parts = [
        ("header", 0..64),
        ("record", 64..frame.bytes().len() - 32),
        ("hash", frame.bytes().len() - 32..frame.bytes().len()),
    ];
    let text: String = parts.map(|(name, range)| format!("{name} {}\n", hex(&frame.bytes()[range]))).concat();
    expect![[r#"
        header 43484f41010000002a00000000000000010000007f00000001ac38419b470600abababababababababababababababababababababababababababababababab
        record 7b0000000200010037000000000000000000000000000000e0000000000000000000000000000000e1000000000000000000000000000000c0012ca83cc0550600070000001111111111111111111111111111111122222222222222222222222222222222020700000003000000000000000a6d65726368616e742d370701
        hash 7755cd77b700427fb5386a16a9cd397d86f5f15e54f9a286fd8924ed3dff21db
    "#]].assert_eq(&text);
}
