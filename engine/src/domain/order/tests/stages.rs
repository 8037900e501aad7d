//! Every stage against every command: what the table allows happens, and nothing else does.

use super::{
    super::{Action, Stage, TRANSITIONS},
    *,
};

/// An order in `stage`, paid by a card so that it can be charged back.
fn in_stage(stage: Stage) -> Story {
    let mut story = begun();
    let so_far = match stage {
        Stage::Pending => vec![],
        Stage::Holding => vec![card_pays(1, usd(40_00))],
        Stage::Shipped => vec![card_pays(1, usd(40_00)), ship(1)],
        Stage::Delivered => vec![card_pays(1, usd(40_00)), ship(1), confirm(1)],
        Stage::Disputed => vec![card_pays(1, usd(40_00)), ship(1), dispute(1)],
        Stage::Released => vec![card_pays(1, usd(40_00)), ship(1), confirm(1), release(1)],
        Stage::Cancelled => vec![cancel(1, By::Merchant)],
        Stage::Refunded => vec![card_pays(1, usd(40_00)), cancel(1, By::Merchant)],
    };
    story.given(place_tea(1, 0));
    so_far.into_iter().for_each(|command| story.given(command));
    assert_eq!(stage_of(&story), stage);
    story
}

fn stage_of(story: &Story) -> Stage {
    story.state.orders.get(&number(1)).unwrap().stage
}

fn command(action: Action) -> domain::Command {
    match action {
        Action::Pay => card_pays(1, usd(40_00)),
        Action::Cancel => cancel(1, By::Merchant),
        Action::Ship => ship(1),
        Action::Deliver => confirm(1),
        Action::Release => release(1),
        Action::Dispute => dispute(1),
        Action::Resolve => resolve(1, usd(10_00)),
        Action::Refund => refund(1, Some(usd(1_00))),
        Action::ChargeBack => charge_back(1, usd(40_00)),
    }
}

#[test]
fn what_the_table_allows_happens_and_leads_where_it_says() {
    for row in TRANSITIONS {
        for from in row.from {
            let mut story = in_stage(*from);
            let told = story.tell([command(row.action)]);
            let unshipped = row.action == Action::Deliver && *from == Stage::Holding;
            if unshipped {
                assert_eq!(told, "refused: the order has not been shipped yet\n");
            } else {
                assert!(!told.contains("refused"), "{from} {:?}: {told}", row.action);
                assert!(
                    row.to.contains(&stage_of(&story)),
                    "{from} {:?} led to {}",
                    row.action,
                    stage_of(&story)
                );
            }
        }
    }
}

/// Money and chargebacks are facts: they are booked, and leave the order as it is.
#[test]
fn what_the_table_does_not_allow_leaves_the_order_as_it_is() {
    for stage in Stage::ALL {
        for action in Action::ALL.into_iter().filter(|action| !action.is_allowed(stage)) {
            let mut story = in_stage(stage);
            let before = story.state.orders.get(&number(1));
            let told = story.tell([command(action)]);
            let is_fact = matches!(action, Action::Pay | Action::ChargeBack);
            let refusal = format!("refused: an order that is {stage} cannot be {}\n", action.word());
            assert!(is_fact || told == refusal, "{stage} {action:?}: {told}");
            assert_eq!(story.state.orders.get(&number(1)), before, "{stage} {action:?}");
        }
    }
}

#[test]
fn the_documents_words_for_each_stage() {
    let words = |stage: Stage| {
        let order = in_stage(stage).state.orders.get(&number(1)).unwrap();
        (stage.status(), order.escrow.map_or("none", super::super::Escrow::word))
    };
    assert_eq!(
        Stage::ALL.map(words),
        [
            ("pending", "none"),
            ("paid", "holding"),
            ("paid", "shipped"),
            ("paid", "delivered"),
            ("paid", "disputed"),
            ("paid", "released"),
            ("cancelled", "none"),
            ("refunded", "holding"),
        ]
    );
}

#[test]
fn every_action_has_one_row() {
    let actions: Vec<Action> = TRANSITIONS.iter().map(|row| row.action).collect();
    assert_eq!(actions, Action::ALL);
}
