//! The hosted page over HTTP: every stage, every way to pay, and nothing a customer should not see.

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::page::{Page, Visit, card, prepaid};
use crate::harness::{Merchant, NOBODY, Server, payment_of};

const GOOD: &str = "4111111111111111";
const DECLINING: &str = "4123111111111000";
const EVERY_METHOD: [&str; 8] =
    ["credit_card", "konbini", "pay_easy", "bank_transfer", "web_money", "net_cash", "nanaco", "bit_cash"];

/// The fields of a form.
type Typed<'a> = &'a [(&'a str, &'a str)];

struct Shop {
    server: Server,
    merchant: Merchant,
}

impl Shop {
    async fn open() -> Self {
        let server = Server::start();
        let merchant = server.merchant().await;
        Self { server, merchant }
    }

    async fn initiate(&self, fields: &[(&str, Value)]) -> String {
        let mut payment = payment_of(NOBODY);
        for (name, value) in fields {
            payment[*name] = value.clone();
        }
        self.server.initiate(&self.merchant, &payment).await
    }

    /// A payment of so many yen.
    async fn yen(&self, amount: u32) -> String {
        self.initiate(&[("currency_code", json!("JPY")), ("amount", json!(amount))]).await
    }

    fn visit(&self, payment: &str) -> Visit<'_> {
        Visit::to(&self.server, payment)
    }

    /// How many events of each of these kinds there are.
    fn counts<const N: usize>(&self, kinds: [&str; N]) -> [usize; N] {
        let events = self.server.events();
        kinds.map(|kind| events.iter().filter(|event| event["kind"] == kind).count())
    }
}

#[tokio::test]
async fn the_page_shows_what_is_to_be_paid_and_by_what() {
    let shop = Shop::open().await;
    let most_konbini = EVERY_METHOD;
    let beyond_konbini = EVERY_METHOD.into_iter().filter(|method| *method != "konbini").collect::<Vec<_>>();
    for (currency, amount, shown, methods) in [
        ("USD", "1280.00", "$1,280.00", &["credit_card"][..]),
        ("JPY", "299999", "¥299,999", &most_konbini),
        ("JPY", "300000", "¥300,000", &beyond_konbini),
    ] {
        let payment = shop.initiate(&[("currency_code", json!(currency)), ("amount", json!(amount))]).await;
        let page = shop.visit(&payment).get().await;
        assert_eq!((page.status, page.title()), (200, "Checkout | Sample Shop"));
        page.must_say(&[shown, "Digital Product", "Sample Shop", "Test mode", GOOD]);
        page.must_not_say(&["buyer@example.com", &shop.merchant.access_key, &shop.merchant.secret_key]);
        assert_eq!(page.methods(), methods, "{shown}");
    }
}

#[tokio::test]
async fn every_answer_keeps_the_link_to_itself() {
    let shop = Shop::open().await;
    let payment = shop.yen(3_000).await;
    let visit = shop.visit(&payment);
    let pages = [
        visit.get().await,
        visit.post(&card(DECLINING)).await,
        visit.post(&card("")).await,
        visit.post(&prepaid("web_money", "1111111111111111")).await,
        visit.post(&prepaid("web_money", "1111111111111111")).await,
        visit.get().await,
        visit.post(&[("action", "dance")]).await,
        visit.get_with("&payment_id=twice").await,
        shop.visit("AIYmQIOAz0GlmsjfhgiOeu304").get().await,
    ];
    assert_eq!(pages.each_ref().map(|page| page.status), [200, 402, 422, 200, 303, 200, 400, 404, 404]);
    for page in &pages {
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
        for (name, value) in [
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(page.header(name), value, "{name} of {}", page.content());
        }
        if page.status != 303 {
            assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
            page.must_say(&["<!doctype html>"]);
        }
        page.must_not_say(&["<script", "buyer@example.com", "src=", &format!(r#"value="{DECLINING}""#)]);
    }
}

#[tokio::test]
async fn it_speaks_the_customers_language() {
    let shop = Shop::open().await;
    let payment = shop.yen(1_000).await;
    for (accepted, picked, title, says) in [
        ("ja,en;q=0.8", "", "お支払い | Sample Shop", "クレジットカード"),
        ("en-GB", "", "Checkout | Sample Shop", "Credit card"),
        ("fr", "", "Checkout | Sample Shop", "Credit card"),
        ("en", "&language=ja", "お支払い | Sample Shop", "コンビニ払い"),
        ("ja", "&language=en", "Checkout | Sample Shop", "Convenience store"),
    ] {
        let page = shop.visit(&payment).in_language(accepted).get_with(picked).await;
        assert_eq!(page.title(), title, "{accepted} {picked}");
        page.must_say(&[says]);
    }
    let mut form = card(DECLINING).to_vec();
    form.push(("language", "ja"));
    let declined = shop.visit(&payment).post(&form).await;
    assert_eq!(declined.status, 402);
    declined.must_say(&["残高またはご利用可能額が不足しています"]);
}

#[tokio::test]
async fn a_card_pays_and_leads_back_with_id_and_custom() {
    let shop = Shop::open().await;
    let custom = "注文 1&2=3";
    let success = json!(format!("{NOBODY}/thanks?lang=ja#end"));
    let payment = shop.initiate(&[("custom", json!(custom)), ("success_url", success)]).await;
    let paid = shop.visit(&payment).post(&card(GOOD)).await;
    let escaped = "%E6%B3%A8%E6%96%87+1%262%3D3";
    let back = format!("{NOBODY}/thanks?lang=ja&payment_id={payment}&custom={escaped}#end");
    assert_eq!((paid.status, paid.location()), (303, back.as_str()));

    let over = shop.visit(&payment).get().await;
    assert_eq!((over.status, over.title()), (200, "Payment complete"));
    over.must_not_say(&["Digital Product", "280.00", "buyer@example.com"]);
    assert_eq!(over.methods(), [""; 0]);
    shop.server.audit_full();
}

#[tokio::test]
async fn each_declining_card_says_why() {
    let shop = Shop::open().await;
    for (number, reason) in [
        (DECLINING, "There is not enough money available."),
        ("4123111111111018", "The amount is above the card’s limit."),
        ("4123111111111034", "The security code is not right."),
        ("4123111111111042", "The card has expired."),
        ("4123111111111059", "This card cannot be used here."),
        ("4123111111111067", "The card could not be recognised."),
    ] {
        let payment = shop.yen(1_000).await;
        let declined = shop.visit(&payment).post(&card(number)).await;
        assert_eq!(declined.status, 402, "{number}");
        declined.must_say(&[reason, "You have not been charged.", "You can try 4 more times.", "A CUSTOMER"]);
        declined.must_not_say(&[&format!(r#"value="{number}""#), r#"value="123""#]);
    }
}

#[tokio::test]
async fn the_fifth_decline_ends_the_payment() {
    let shop = Shop::open().await;
    let payment = shop.yen(1_000).await;
    let visit = shop.visit(&payment);
    for left in ["You can try 4 more times.", "3 more times", "2 more times", "You can try once more."] {
        let declined = visit.post(&card(DECLINING)).await;
        assert_eq!(declined.status, 402);
        declined.must_say(&[left]);
    }
    let failed = visit.post(&card(DECLINING)).await;
    assert_eq!(failed.title(), "Payment failed");
    let late = visit.post(&card(GOOD)).await;
    assert_eq!((late.status, late.title()), (200, "Payment failed"), "a good card comes too late");
    let counts = shop.counts(["payment.declined", "payment.failed", "payment.captured", "webhook.owed"]);
    assert_eq!(counts, [5, 1, 0, 0]);
    shop.server.audit_full();
}

#[tokio::test]
async fn a_card_with_mistakes_is_not_tried() {
    let shop = Shop::open().await;
    let payment = shop.yen(1_000).await;
    let before = shop.server.position().await;
    for (field, value, says) in [
        ("number", "", "Enter the card number."),
        ("number", "4111111111111112", "This card number is not right."),
        ("month", "13", "like 12 / 30"),
        ("year", "", "Enter the month and year."),
        ("year", "20", "This date has passed."),
        ("verification_value", "12", "Enter the 3 or 4 digits"),
        ("name", " ", "Enter the name on the card."),
    ] {
        let form = card(GOOD).map(|(name, good)| (name, if name == field { value } else { good }));
        let page = shop.visit(&payment).post(&form).await;
        assert_eq!(page.status, 422, "{field} {value:?}");
        page.must_say(&[says, "Nothing has been paid yet."]);
    }
    assert_eq!(shop.server.position().await, before);
}

#[tokio::test]
async fn paid_elsewhere_waits_with_numbers_and_then_pays_now() {
    let shop = Shop::open().await;
    for (method, store, title, says) in [
        ("konbini", "lawson", "Pay at Lawson", &["Receipt number", "Confirmation code", "Loppi"][..]),
        ("konbini", "seven-eleven", "Pay at 7-Eleven", &["Tell the cashier"]),
        ("pay_easy", "", "Pay with Pay-easy", &["Customer number", "58191"]),
        ("bank_transfer", "", "Transfer to the account below", &["Remitter’s name", "サンドボックス銀行"]),
    ] {
        let payment = shop.yen(1_000).await;
        let visit = shop.visit(&payment);
        let waiting = visit.post(&[("action", "pay"), ("method", method), ("store", store)]).await;
        assert_eq!((waiting.status, waiting.title()), (200, format!("{title} | Sample Shop").as_str()));
        waiting.must_say(says);
        waiting.must_say(&["Pay by", "¥1,000", "pay_now"]);
        assert_eq!(visit.get().await.title(), waiting.title(), "it is still there");

        let paid = visit.post(&[("action", "pay_now")]).await;
        let back = format!("{NOBODY}/success_url.php?payment_id={payment}&custom=DFU80XZIKS");
        assert_eq!((paid.status, paid.location()), (303, back.as_str()), "{method}");
        let again = visit.post(&[("action", "pay_now")]).await;
        assert_eq!((again.status, again.title()), (200, "Payment complete"));
    }
    let counts = shop.counts(["payment.awaiting_customer", "payment.captured", "webhook.owed"]);
    assert_eq!(counts, [4, 4, 4]);
    shop.server.audit_full();
}

#[tokio::test]
async fn a_konbini_is_one_of_the_seven() {
    let shop = Shop::open().await;
    let payment = shop.yen(1_000).await;
    for store in ["", "corner-shop"] {
        let page =
            shop.visit(&payment).post(&[("action", "pay"), ("method", "konbini"), ("store", store)]).await;
        assert_eq!(page.status, 422);
        page.must_say(&["Choose a store."]);
    }
    assert_eq!(shop.counts(["payment.awaiting_customer"]), [0]);
}

#[tokio::test]
async fn prepaid_numbers_pay_in_parts() {
    let shop = Shop::open().await;
    for method in ["web_money", "net_cash", "nanaco"] {
        let payment = shop.yen(5_000).await;
        let visit = shop.visit(&payment);
        for (received, short) in [("¥2,000", "¥3,000"), ("¥4,000", "¥1,000")] {
            let page = visit.post(&prepaid(method, "1111-1111-1111-1111")).await;
            assert_eq!((page.status, page.title()), (200, "Pay the rest | Sample Shop"));
            page.must_say(&[&format!("We have received {received}. {short} is still to be paid.")]);
        }
        let bad = visit.post(&prepaid(method, "e111111111111112")).await;
        assert_eq!(bad.status, 402);
        bad.must_say(&["The prepaid number is not right.", "¥1,000"]);
        let paid = visit.post(&prepaid(method, "1111111111111111")).await;
        assert_eq!(paid.status, 303, "{method}: {}", paid.content());
    }
    assert_eq!(shop.counts(["payment.part_received", "payment.captured", "payment.declined"]), [6, 3, 3]);
    shop.server.audit_full();
}

#[tokio::test]
async fn parts_paid_go_back_when_the_rest_is_cancelled() {
    let shop = Shop::open().await;
    let payment = shop.yen(3_000).await;
    let visit = shop.visit(&payment);
    visit.post(&prepaid("web_money", "1111111111111111")).await;
    let back = visit.post(&[("action", "cancel")]).await;
    assert_eq!(back.status, 303);
    let cancelled = shop.server.events_of("payment.cancelled");
    let entry: Vec<_> = cancelled[0]["entry"].as_array().expect("money moves").iter().collect();
    let line =
        |line: &Value| format!("{} {} {}", line["account"], line["side"], line["amount"]).replace('"', "");
    let lines: Vec<String> = entry.into_iter().map(line).collect();
    assert_eq!(lines, [format!("payment-held:{payment} debit 2000"), "rail:sandbox credit 2000".to_owned()]);
    shop.server.audit_full();
}

#[tokio::test]
async fn prepaid_numbers_that_cannot_pay_say_why() {
    let shop = Shop::open().await;
    for (method, number, status, says) in [
        ("web_money", "e111111111111112", 402, "The prepaid number is not right."),
        ("web_money", "e111111111111113", 402, "has already been used"),
        ("web_money", "e111111111111114", 402, "We were not told why."),
        ("bit_cash", "e111111111111113", 402, "We were not told why."),
        ("bit_cash", "1111111111111111", 402, "There is not enough money available."),
        ("nanaco", "123", 422, "Enter the 16 characters"),
        ("nanaco", "", 422, "Enter the 16 characters"),
    ] {
        let payment = shop.yen(2_001).await;
        let page = shop.visit(&payment).post(&prepaid(method, number)).await;
        assert_eq!(page.status, status, "{method} {number}");
        page.must_say(&[says]);
    }
    let exact = shop.yen(2_000).await;
    assert_eq!(shop.visit(&exact).post(&prepaid("bit_cash", "1111111111111111")).await.status, 303);
}

#[tokio::test]
async fn a_form_posted_twice_pays_once() {
    let shop = Shop::open().await;
    let payment = shop.yen(1_000).await;
    let visit = shop.visit(&payment);
    assert_eq!(visit.post(&card(GOOD)).await.status, 303);
    let again = visit.post(&card(GOOD)).await;
    assert_eq!((again.status, again.title()), (200, "Payment complete"));
    let counts = shop.counts(["payment.captured", "payment.excess_received", "webhook.owed"]);
    assert_eq!(counts, [1, 0, 1]);
}

/// A reload or a second click once took a prepaid number again, and counted a decline for every click.
#[tokio::test]
async fn a_form_sent_again_shows_the_page_as_it_stands_and_does_nothing() {
    let shop = Shop::open().await;
    let payment = shop.yen(5_000).await;
    let visit = shop.visit(&payment);
    let opened = visit.get().await;
    let declined = visit.post_from(&opened, &card(DECLINING)).await;
    assert_eq!(declined.status, 402);
    let again = visit.post_from(&opened, &card(DECLINING)).await;
    assert_eq!((again.status, again.title()), (200, "Error: Checkout | Sample Shop"));
    again.must_say(&["This payment has changed", "A CUSTOMER"]);

    let number = prepaid("web_money", "1111111111111111");
    let short = visit.post_from(&declined, &number).await;
    assert_eq!((short.status, short.title()), (200, "Pay the rest | Sample Shop"));
    for stale in [&opened, &declined] {
        for form in [&number[..], &card(GOOD), &[("action", "pay_now")], &[("action", "cancel")]] {
            let again = visit.post_from(stale, form).await;
            assert_eq!(again.status, 200, "{form:?}");
            again.must_say(&["We have received ¥2,000. ¥3,000 is still to be paid."]);
            if form != [("action", "pay_now")] {
                again.must_say(&["This payment has changed"]);
            }
        }
    }
    let japanese = shop.visit(&payment).in_language("ja");
    japanese.post_from(&opened, &number).await.must_say(&["お支払いの状況が変わりました"]);
    let kinds = ["payment.declined", "payment.part_received", "payment.captured", "payment.cancelled"];
    assert_eq!(shop.counts(kinds), [1, 1, 0, 0]);

    // The page it was answered with goes on.
    let again = visit.post_from(&short, &number).await;
    again.must_say(&["We have received ¥4,000."]);
    assert_eq!(visit.post_from(&again, &number).await.status, 303);
    shop.server.audit_full();
}

/// Each of these took money, or one of five tries, once for every click.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clicks_at_the_same_moment_count_once() {
    let konbini = [("action", "pay"), ("method", "konbini"), ("store", "lawson")];
    let number = prepaid("web_money", "1111111111111111");
    let rows: [(&str, Typed<'_>, Typed<'_>, usize, [usize; 4]); 4] = [
        ("a prepaid number", &[], &number, 2, [1, 0, 0, 0]),
        ("a declined card", &[], &card(DECLINING), 5, [0, 1, 0, 0]),
        ("a good card", &[], &card(GOOD), 20, [0, 0, 1, 0]),
        ("pay now", &konbini, &[("action", "pay_now")], 5, [0, 0, 1, 0]),
    ];
    for (what, before, form, clicks, expected) in rows {
        let shop = Shop::open().await;
        let payment = shop.yen(5_000).await;
        let visit = shop.visit(&payment);
        let opened = if before.is_empty() { visit.get().await } else { visit.post(before).await };
        let form = [form, &[("revision", opened.revision())]].concat();
        let clicked: JoinSet<Page> = (0..clicks).map(|_| Page::of(visit.request(&form))).collect();
        let mut statuses = clicked.join_all().await.iter().map(|page| page.status).collect::<Vec<_>>();
        statuses.sort_unstable();
        assert_eq!(statuses[..clicks - 1], vec![200; clicks - 1], "{what}");
        let kinds =
            ["payment.part_received", "payment.declined", "payment.captured", "payment.excess_received"];
        assert_eq!(shop.counts(kinds), expected, "{what}");
        shop.server.audit_full();
    }
}

/// Whoever posts without the page's revision means the payment as it stands, and still cannot pay twice at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_tabs_at_once_pay_once() {
    let shop = Shop::open().await;
    let payment = shop.yen(1_000).await;
    let visit = shop.visit(&payment);
    let tabs: JoinSet<Page> = (0..20).map(|_| Page::of(visit.request(&card(GOOD)))).collect();
    for page in tabs.join_all().await {
        assert!(matches!(page.status, 200 | 303), "{}", page.status);
    }
    let counts = shop.counts(["payment.captured", "webhook.owed", "payment.excess_received"]);
    assert_eq!(counts, [1, 1, 0]);
    shop.server.audit_full();
}

/// "Nothing has been paid", "you have not been charged": beside the part that had been received.
#[tokio::test]
async fn a_part_paid_page_does_not_deny_the_part() {
    let shop = Shop::open().await;
    let payment = shop.yen(5_000).await;
    let visit = shop.visit(&payment);
    visit.post(&prepaid("web_money", "1111111111111111")).await;
    for (form, status, says) in [
        (&prepaid("web_money", "123")[..], 422, ["The rest has not been paid yet.", "残りのお支払いはまだ"]),
        (
            &prepaid("web_money", "e111111111111112"),
            402,
            ["Nothing was taken from this number.", "この番号からの引き落としは行われていません。"],
        ),
        (&[("action", "dance")], 400, ["see where it stands", "現在の状況をご確認ください"]),
    ] {
        for (language, says) in ["en", "ja"].into_iter().zip(says) {
            let page = shop.visit(&payment).in_language(language).post(form).await;
            assert_eq!(page.status, status, "{form:?}");
            page.must_say(&[says]);
            page.must_not_say(&[
                "Nothing has been paid",
                "You have not been charged.",
                "今回の請求は発生していません。",
                "お支払いはまだ行われていません。</p><p",
            ]);
        }
    }
}

/// The page offers the brand of the parts alone; a form made by hand paid the rest by any method.
#[tokio::test]
async fn what_is_paid_in_part_goes_on_with_the_same_brand_only() {
    let shop = Shop::open().await;
    let payment = shop.yen(5_000).await;
    let visit = shop.visit(&payment);
    let part = visit.post(&prepaid("net_cash", "1111111111111111")).await;
    assert_eq!(part.methods(), ["net_cash"]);
    let before = shop.server.position().await;
    for method in EVERY_METHOD.into_iter().filter(|method| *method != "net_cash") {
        let mut form = card(GOOD).to_vec();
        form[1].1 = method;
        form.extend([("store", "lawson"), ("prepaid_number", "1111111111111111")]);
        let page = visit.post(&form).await;
        assert_eq!((page.status, page.title()), (200, "Pay the rest | Sample Shop"), "{method}");
    }
    assert_eq!(shop.server.position().await, before);
    let more = visit.post(&prepaid("net_cash", "1111111111111111")).await;
    more.must_say(&["We have received ¥4,000."]);
}

/// `custom` is the shop's, and the link may have been passed on: only who has just paid or called it off takes it
/// along.
#[tokio::test]
async fn what_the_shop_wrote_is_not_shown_once_it_is_over() {
    let shop = Shop::open().await;
    let cancel = [("action", "cancel")];
    for (form, way) in [(&card(GOOD)[..], "success_url"), (&cancel, "cancel_url")] {
        let payment = shop.yen(1_000).await;
        let visit = shop.visit(&payment);
        let opened = visit.get().await;
        assert!(visit.post_from(&opened, form).await.location().ends_with("&custom=DFU80XZIKS"));
        let seen = [
            visit.get().await,
            visit.post(form).await,
            visit.post(&cancel).await,
            visit.post_from(&opened, form).await,
        ];
        for page in &seen {
            assert_eq!((page.status, page.location()), (200, ""));
            page.must_say(&[&format!("href=\"{NOBODY}/{way}.php?payment_id={payment}\"")]);
            page.must_not_say(&["DFU80XZIKS", "Digital Product"]);
        }
    }
}

#[tokio::test]
async fn a_cancelled_customer_goes_back_with_id_and_custom() {
    let shop = Shop::open().await;
    let payment = shop.yen(1_000).await;
    let visit = shop.visit(&payment);
    let back = format!("{NOBODY}/cancel_url.php?payment_id={payment}&custom=DFU80XZIKS");
    let cancelled = visit.post(&[("action", "cancel")]).await;
    assert_eq!((cancelled.status, cancelled.location()), (303, back.as_str()));
    assert_eq!(visit.get().await.title(), "Payment cancelled");
    let late = visit.post(&card(GOOD)).await;
    assert_eq!((late.status, late.title()), (200, "Payment cancelled"));
    assert_eq!(shop.counts(["payment.cancelled", "payment.captured"]), [1, 0]);
}

#[tokio::test]
async fn a_waiting_payment_can_be_cancelled_too() {
    let shop = Shop::open().await;
    let payment = shop.yen(1_000).await;
    let visit = shop.visit(&payment);
    visit.post(&[("action", "pay"), ("method", "pay_easy")]).await;
    assert_eq!(visit.post(&[("action", "cancel")]).await.status, 303);
    assert_eq!(visit.post(&[("action", "pay_now")]).await.title(), "Payment cancelled");
}

/// It was dropped without a word; the customer went away and the payment stayed open.
#[tokio::test]
async fn an_overtaken_page_still_cancels_what_nobody_has_paid_for() {
    let shop = Shop::open().await;
    let cancel = [("action", "cancel")];
    for since in [&card(DECLINING)[..], &[("action", "pay"), ("method", "pay_easy")]] {
        let payment = shop.yen(1_000).await;
        let visit = shop.visit(&payment);
        let opened = visit.get().await;
        visit.post_from(&opened, since).await;
        let cancelled = visit.post_from(&opened, &cancel).await;
        assert_eq!(cancelled.status, 303, "after {since:?}");
        assert!(cancelled.location().starts_with(&format!("{NOBODY}/cancel_url.php")));
        let again = visit.post_from(&opened, &cancel).await;
        assert_eq!((again.status, again.title()), (200, "Payment cancelled"));
    }
    let payment = shop.yen(1_000).await;
    let visit = shop.visit(&payment);
    let opened = visit.get().await;
    visit.post_from(&opened, &card(GOOD)).await;
    let late = visit.post_from(&opened, &cancel).await;
    assert_eq!((late.status, late.title()), (200, "Payment complete"));
    assert_eq!(shop.counts(["payment.cancelled", "payment.captured"]), [2, 1]);
    shop.server.audit_full();
}

#[tokio::test]
async fn in_live_mode_no_method_is_switched_on() {
    let server = Server::start();
    let merchant = server.merchant_as(&json!({ "name": "Live Shop", "mode": "active" })).await;
    let payment = server.initiate(&merchant, &payment_of(NOBODY)).await;
    for (language, says) in
        [("en", "No payment method yet"), ("ja", "ご利用いただけるお支払い方法がありません")]
    {
        let page = Visit::to(&server, &payment).in_language(language).get().await;
        assert_eq!(page.status, 200);
        page.must_say(&[says, "Live Shop", "$280.00"]);
        page.must_not_say(&["Test mode", "テスト環境", GOOD]);
        assert_eq!(page.methods(), [""; 0]);
    }
    let before = server.position().await;
    let visit = Visit::to(&server, &payment);
    for form in [&card(GOOD)[..], &prepaid("web_money", "1111111111111111"), &[("action", "pay_now")]] {
        let page = visit.post(form).await;
        assert_eq!(page.status, 200);
        page.must_say(&["No payment method yet"]);
    }
    assert_eq!(server.position().await, before);
    assert_eq!(visit.post(&[("action", "cancel")]).await.status, 303);
}

#[tokio::test]
async fn what_a_merchant_wrote_is_text_and_never_markup() {
    let server = Server::start();
    let hostile = r#"<script>alert(1)</script>"'&<b>"#;
    let merchant = server.merchant_as(&json!({ "name": hostile })).await;
    let mut fields = payment_of(NOBODY);
    fields["details"] = json!(hostile);
    fields["custom"] = json!(hostile);
    fields["success_url"] = json!(r#"https://yoursite.com/"><script>alert(1)</script>"#);
    let payment = server.initiate(&merchant, &fields).await;
    let visit = Visit::to(&server, &payment);
    let mut typed = card(DECLINING);
    typed[6].1 = hostile;
    let pages =
        [visit.get().await, visit.post(&typed).await, visit.post(&card(GOOD)).await, visit.get().await];
    assert_eq!(pages.each_ref().map(|page| page.status), [200, 402, 303, 200]);
    for page in &pages {
        page.must_not_say(&["<script", "<b>"]);
        assert!(!page.location().contains(['<', '"', '\'']), "{}", page.location());
    }
    pages[0].must_say(&["&#60;script&#62;alert(1)&#60;/script&#62;&#34;&#39;&#38;&#60;b&#62;"]);
}

#[tokio::test]
async fn what_is_not_a_form_of_ours_changes_nothing() {
    let shop = Shop::open().await;
    let payment = shop.yen(1_000).await;
    let before = shop.server.position().await;
    let visit = shop.visit(&payment);
    for (what, page, status) in [
        ("no action", visit.post(&[]).await, 400),
        ("an unknown action", visit.post(&[("action", "refund")]).await, 400),
        ("an unknown method", visit.post(&[("action", "pay"), ("method", "gold")]).await, 400),
        ("a list", visit.post(&[("action[]", "pay")]).await, 400),
        ("no revision", visit.post(&[("action", "cancel"), ("revision", "last")]).await, 400),
        ("a list of revisions", visit.post(&[("action", "cancel"), ("revision[]", "0")]).await, 400),
        ("a revision to come", visit.post(&[("action", "cancel"), ("revision", "99")]).await, 200),
        ("pay_now before anything was chosen", visit.post(&[("action", "pay_now")]).await, 200),
        ("no payment", Page::of(shop.server.post("/process-checkout").form(&[("action", "pay")])).await, 404),
        ("no body", Page::of(shop.server.post("/process-checkout")).await, 404),
        (
            "no JSON",
            Page::of(
                shop.server.post("/process-checkout").header("content-type", "application/json").body("{"),
            )
            .await,
            400,
        ),
        (
            "too much",
            Page::of(shop.server.post("/process-checkout").body("x".repeat(2 * 1024 * 1024))).await,
            413,
        ),
        ("no id", Page::of(shop.server.get("/process-checkout")).await, 404),
        ("no UTF-8", Page::of(shop.server.get("/process-checkout?payment_id=%ff")).await, 404),
    ] {
        assert_eq!(page.status, status, "{what}: {}", page.content());
        page.must_say(&["<!doctype html>"]);
    }
    assert_eq!(shop.server.position().await, before);
}
