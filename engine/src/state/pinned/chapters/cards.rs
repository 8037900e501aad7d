//! Issued cards, and what is authorised on them to each of its ends.

use super::{Chapter, HERE, begin, usd, yen};
use crate::{
    books::Label,
    domain::{
        AuthorizationId, CardId, Command, Span, UserId,
        card::{self, Issue},
        payment::{Brand, CardSummary},
    },
};

const DOLLARS: CardId = CardId(1);
const YEN: CardId = CardId(2);

pub(super) fn cards() -> Chapter {
    let mut chapter = begin("cards");
    chapter.credit(usd(100_00));
    chapter.credit(yen(5_000));
    issue(&mut chapter);
    for (card, amount) in [(DOLLARS, usd(30_00)), (DOLLARS, usd(20_00)), (YEN, yen(1_000)), (YEN, yen(500))] {
        chapter.about_card(card::Command::Authorize { card, amount });
    }
    on(&mut chapter, DOLLARS, 1, |card, authorization| {
        let (more, part, rest) = (usd(5_00), usd(10_00), usd(50_00));
        vec![
            card::Command::Increase { card, authorization, amount: more },
            card::Command::Reverse { card, authorization, amount: Some(part) },
            card::Command::Clear { card, authorization, amount: part },
            card::Command::Clear { card, authorization, amount: rest },
            card::Command::Clear { card, authorization, amount: rest },
        ]
    });
    on(&mut chapter, YEN, 3, |card, authorization| {
        vec![card::Command::Reverse { card, authorization, amount: None }]
    });
    chapter.about_card(card::Command::Refund { card: DOLLARS, amount: usd(7_00) });
    chapter.wait(HERE, Span::hours(1));
    on(&mut chapter, YEN, 4, |card, authorization| {
        vec![card::Command::Clear { card, authorization, amount: yen(200) }]
    });
    chapter.about_card(card::Command::Block { card: YEN });
    chapter.about_card(card::Command::Unblock { card: YEN });
    chapter.about_card(card::Command::Close { card: DOLLARS });
    chapter.wait(HERE, Span::days(8));
    chapter
}

fn issue(chapter: &mut Chapter) {
    let summary = CardSummary { brand: Brand::Visa, last_four: 42, month: 3, year: 2026 };
    let (user, token) = (UserId(1), "card-a".parse().unwrap());
    let dollars = Issue { user, rail: Label::ISSUING, token, summary, currency: usd(0).currency };
    let summary = CardSummary { brand: Brand::Master, last_four: 4711, month: 12, year: 2030 };
    let token = "card-b".parse().unwrap();
    let yen = Issue { rail: Label::SANDBOX, token, summary, currency: yen(0).currency, ..dollars.clone() };
    let others = Issue { user: UserId(2), token: "card-c".parse().unwrap(), ..yen.clone() };
    for wish in [dollars, yen, others] {
        chapter.about_card(card::Command::Issue(wish));
    }
}

fn on(
    chapter: &mut Chapter,
    card: CardId,
    authorization: u32,
    commands: impl Fn(CardId, AuthorizationId) -> Vec<card::Command>,
) {
    for command in commands(card, AuthorizationId(authorization)) {
        chapter.about_card(command);
    }
}

impl Chapter {
    fn about_card(&mut self, command: card::Command) {
        self.here(Command::Card(command));
    }
}
