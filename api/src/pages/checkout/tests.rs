//! Tests of the hosted payment page: what each state offers, and what it must never let through.

use std::collections::HashSet;

use super::super::language::Language;
use super::methods::TEST_CARDS;
use super::texts::Texts;
use super::trouble::{DeclineReason, Field, FieldError};
use super::*;

const LANGUAGES: [Language; 2] = [Language::Japanese, Language::English];
const HOSTILE: &str = r#"<script>alert(1)</script>"'&"#;
const DELAYED: [Delayed; 9] = [
    Delayed::Konbini(Store::CircleK),
    Delayed::Konbini(Store::DailyYamazaki),
    Delayed::Konbini(Store::FamilyMart),
    Delayed::Konbini(Store::Lawson),
    Delayed::Konbini(Store::Ministop),
    Delayed::Konbini(Store::SevenEleven),
    Delayed::Konbini(Store::Sunkus),
    Delayed::PayEasy,
    Delayed::BankTransfer,
];
const OUTCOMES: [Outcome; 7] = [
    Outcome::Paid,
    Outcome::Authorized,
    Outcome::Cancelled,
    Outcome::Expired,
    Outcome::Failed,
    Outcome::Refunded,
    Outcome::ChargedBack,
];
const PROBLEMS: [ProblemKind; 5] = [
    ProblemKind::NotFound,
    ProblemKind::Unreadable,
    ProblemKind::TooManyRequests,
    ProblemKind::Unavailable,
    ProblemKind::OutcomeUnknown,
];
const REASONS: [DeclineReason; 9] = [
    DeclineReason::InsufficientFunds,
    DeclineReason::ExceedsLimit,
    DeclineReason::BadVerificationValue,
    DeclineReason::CardExpired,
    DeclineReason::CardNotUsable,
    DeclineReason::InvalidCard,
    DeclineReason::UsedNumber,
    DeclineReason::InvalidNumber,
    DeclineReason::Unknown,
];

/// A bill whose every text would break out of a page that does not escape.
fn bill(test_mode: bool) -> Bill {
    Bill {
        payment_id: "AIYmQIOAz0GlmsjfhgiOeu304".to_owned(),
        revision: 7,
        merchant_name: HOSTILE.to_owned(),
        amount: "¥1,000".to_owned(),
        details: Some(HOSTILE.to_owned()),
        test_mode,
    }
}

fn pay(methods: &[Method], last_try: Option<LastTry>) -> Pay {
    Pay { bill: bill(true), expires: "2026-05-03".to_owned(), methods: methods.to_vec(), last_try }
}

fn after(method: Method, failure: Failure, kept: Kept) -> Option<LastTry> {
    Some(LastTry { method, failure, kept })
}

fn hostile_kept() -> Kept {
    Kept {
        month: HOSTILE.to_owned(),
        year: HOSTILE.to_owned(),
        name: HOSTILE.to_owned(),
        store: Some(Store::Lawson),
    }
}

fn awaiting(method: Delayed, test_mode: bool) -> Awaiting {
    let code = Code { label: CodeLabel::AccountName, value: HOSTILE.to_owned() };
    Awaiting { bill: bill(test_mode), method, codes: vec![code], deadline: HOSTILE.to_owned() }
}

fn partly_paid(failure: Option<Failure>) -> PartlyPaid {
    PartlyPaid {
        bill: bill(true),
        next: Some(Prepaid::WebMoney),
        paid: HOSTILE.to_owned(),
        short: HOSTILE.to_owned(),
        expires: HOSTILE.to_owned(),
        failure,
    }
}

fn over(outcome: Outcome, shop_url: Option<&str>) -> Over {
    Over { payment_id: HOSTILE.to_owned(), outcome, shop_url: shop_url.map(str::to_owned), test_mode: true }
}

/// Every page there is, in this language.
fn every_page(language: Language) -> Vec<String> {
    let declined = |reason| Failure::Declined { reason, attempts_left: 2 };
    let mut pages = vec![pay(&[], None).render(language), pay(&Method::ALL, None).render(language)];
    pages.extend(REASONS.map(|reason| {
        pay(&Method::ALL, after(Method::CreditCard, declined(reason), hostile_kept())).render(language)
    }));
    pages.extend(DELAYED.map(|method| awaiting(method, true).render(language)));
    pages.push(partly_paid(None).render(language));
    pages.push(partly_paid(Some(declined(DeclineReason::InvalidNumber))).render(language));
    pages.push(partly_paid(Some(Failure::Overtaken)).render(language));
    pages.push(PartlyPaid { next: None, ..partly_paid(None) }.render(language));
    pages.extend(OUTCOMES.map(|outcome| over(outcome, Some(HOSTILE)).render(language)));
    pages
        .extend(PROBLEMS.map(|kind| Problem { kind, payment_id: Some(HOSTILE.to_owned()) }.render(language)));
    pages
}

/// The text between `open` and `close`, wherever it occurs.
fn between<'a>(page: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    page.split(open).skip(1).map(|rest| rest.split(close).next().expect("split gives a first part")).collect()
}

/// A page's forms.
fn forms(page: &str) -> Vec<&str> {
    between(page, "<form", "</form>")
}

/// Whether a form holds this hidden field with this value.
fn sends(form: &str, name: &str, value: &str) -> bool {
    form.contains(&format!(r#"<input type="hidden" name="{name}" value="{value}">"#))
}

#[test]
fn whatever_is_handed_in_is_escaped() {
    for page in LANGUAGES.into_iter().flat_map(every_page) {
        assert!(!page.to_lowercase().contains("<script"), "{page}");
        assert!(!page.contains(r#""'&""#), "{page}");
    }
    let page = pay(&Method::ALL, after(Method::CreditCard, Failure::Invalid(vec![]), hostile_kept()));
    let escaped = "&#60;script&#62;alert(1)&#60;/script&#62;&#34;&#39;&#38;";
    // Title, heading, details; month, year and name.
    assert_eq!(page.render(Language::English).matches(escaped).count(), 6);
}

#[test]
fn no_page_runs_anything_or_loads_anything() {
    for page in LANGUAGES.into_iter().flat_map(every_page) {
        for forbidden in [
            "<script",
            " style=",
            " onclick",
            " onload",
            "javascript:",
            "<img",
            "<link",
            "@import",
            "url(",
            "src=",
        ] {
            assert!(!page.contains(forbidden), "{forbidden} in {page}");
        }
        assert_eq!(page.matches("<style>").count(), 1);
    }
}

#[test]
fn the_policy_allows_exactly_the_style_on_the_page() {
    for page in LANGUAGES.into_iter().flat_map(every_page) {
        let style = between(&page, "<style>", "</style>")[0];
        let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(style));
        assert!(style.contains(":root"), "the style is there");
        assert!(content_security_policy().contains(&format!("style-src 'sha256-{hash}';")));
    }
}

#[test]
fn every_page_names_its_language_and_stays_out_of_indexes_and_referrers() {
    for language in LANGUAGES {
        for page in every_page(language) {
            assert!(page.starts_with(&format!("<!doctype html>\n<html lang=\"{}\">", language.tag())));
            assert!(page.contains(r#"<meta name="referrer" content="no-referrer">"#));
            assert!(page.contains(r#"<meta name="robots" content="noindex, nofollow">"#));
            assert_eq!(page.matches("<h1").count(), 1);
        }
    }
}

#[test]
fn ids_are_unique_and_every_reference_to_one_is_met() {
    let invalid = |errors: &[FieldError]| Failure::Invalid(errors.to_vec());
    let card = [
        FieldError::NumberInvalid,
        FieldError::ExpiryPast,
        FieldError::VerificationValueInvalid,
        FieldError::NameMissing,
    ];
    let mut pages: Vec<String> = LANGUAGES.into_iter().flat_map(every_page).collect();
    for (method, errors) in [
        (Method::CreditCard, &card[..]),
        (Method::Konbini, &[FieldError::StoreMissing]),
        (Method::Prepaid(Prepaid::BitCash), &[FieldError::PrepaidNumberInvalid]),
    ] {
        pages.push(
            pay(&Method::ALL, after(method, invalid(errors), Kept::default())).render(Language::Japanese),
        );
    }
    for page in pages {
        let ids = between(&page, " id=\"", "\"");
        let unique: HashSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len(), "{ids:?}");
        for reference in
            between(&page, " for=\"", "\"").into_iter().chain(between(&page, "aria-describedby=\"", "\""))
        {
            for id in reference.split(' ') {
                assert!(unique.contains(id), "{id} in {page}");
            }
        }
    }
}

#[test]
fn each_method_offered_has_its_own_form_with_its_fields() {
    let page = pay(&Method::ALL, None).render(Language::English);
    for (method, fields) in [
        ("credit_card", &["number", "month", "year", "verification_value", "name"][..]),
        ("konbini", &["store"; 7]),
        ("pay_easy", &[]),
        ("bank_transfer", &[]),
        ("web_money", &["prepaid_number"]),
        ("net_cash", &["prepaid_number"]),
        ("nanaco", &["prepaid_number"]),
        ("bit_cash", &["prepaid_number"]),
    ] {
        let mine: Vec<&str> = forms(&page).into_iter().filter(|form| sends(form, "method", method)).collect();
        assert_eq!(mine.len(), 1, "{method}");
        assert!(mine[0].starts_with(r#" method="post" action="/process-checkout">"#), "{method}");
        assert!(sends(mine[0], "payment_id", "AIYmQIOAz0GlmsjfhgiOeu304") && sends(mine[0], "action", "pay"));
        assert!(sends(mine[0], "language", "en"));
        let names: Vec<&str> = between(mine[0], " name=\"", "\"").into_iter().skip(5).collect();
        assert_eq!(names, fields, "{method}");
    }
    assert_eq!(forms(&page).iter().filter(|form| sends(form, "action", "cancel")).count(), 1);
    assert_eq!(forms(&page).len(), 9);
}

#[test]
fn every_form_says_which_revision_it_was_made_of() {
    let pages: Vec<String> = LANGUAGES.into_iter().flat_map(every_page).collect();
    let all: Vec<&str> = pages.iter().flat_map(|page| forms(page)).collect();
    assert!(all.len() > 100 && all.iter().all(|form| sends(form, "revision", "7")));
}

#[test]
fn only_what_is_offered_is_shown() {
    let page = pay(&[Method::CreditCard], None).render(Language::Japanese);
    assert_eq!(forms(&page).len(), 2);
    assert!(!page.contains("konbini") && !page.contains("prepaid_number"));
    let nothing = pay(&[], None).render(Language::English);
    assert!(nothing.contains("This shop has not switched on any payment method yet."));
    assert!(forms(&nothing).iter().all(|form| sends(form, "action", "cancel")));
}

#[test]
fn the_form_last_tried_is_open_else_the_first() {
    let opened = |last_try| {
        let page = pay(&[Method::CreditCard, Method::Konbini], last_try).render(Language::English);
        let panels = between(&page, "<details open>", "</form>");
        assert_eq!(panels.len(), 1);
        Method::ALL.into_iter().find(|method| sends(panels[0], "method", method.slug()))
    };
    let tried = |method| after(method, Failure::Invalid(vec![]), Kept::default());
    assert_eq!(opened(None), Some(Method::CreditCard));
    assert_eq!(opened(tried(Method::Konbini)), Some(Method::Konbini));
    // The method may have been switched off between the try and this page.
    assert_eq!(opened(tried(Method::PayEasy)), Some(Method::CreditCard));
}

#[test]
fn a_decline_says_why_and_how_often_the_customer_may_still_try() {
    for (attempts_left, words) in
        [(2, Some("You can try 2 more times.")), (1, Some("You can try once more.")), (0, None)]
    {
        for reason in REASONS {
            let failure = Failure::Declined { reason, attempts_left };
            let page = pay(&Method::ALL, after(Method::CreditCard, failure, Kept::default()))
                .render(Language::English);
            assert!(page.contains("<title>Error: Checkout | "));
            let alerts = between(&page, r#"<div class="alert" role="alert">"#, "</div>");
            assert_eq!(alerts.len(), 1);
            assert!(alerts[0].contains(Texts::of(Language::English).decline(reason)));
            assert!(alerts[0].contains("You have not been charged."));
            assert_eq!(
                words,
                between(alerts[0], "<span>You can", "<")
                    .first()
                    .map(|rest| format!("You can{rest}"))
                    .as_deref()
            );
        }
    }
    let said: HashSet<&str> = REASONS.map(|reason| Texts::of(Language::Japanese).decline(reason)).into();
    assert_eq!(said.len(), REASONS.len(), "each reason has its own words");
    assert!(!pay(&Method::ALL, None).render(Language::English).contains("role=\"alert\""));
}

#[test]
fn mistakes_are_told_beside_their_field_in_the_form_they_came_from() {
    for (error, field) in [
        (FieldError::NumberMissing, "number"),
        (FieldError::NumberInvalid, "number"),
        (FieldError::ExpiryMissing, "expiry"),
        (FieldError::ExpiryInvalid, "expiry"),
        (FieldError::ExpiryPast, "expiry"),
        (FieldError::VerificationValueInvalid, "verification_value"),
        (FieldError::NameMissing, "name"),
        (FieldError::NameTooLong, "name"),
        (FieldError::StoreMissing, "store"),
        (FieldError::PrepaidNumberInvalid, "net_cash"),
    ] {
        let method = match error.field() {
            Field::Store => Method::Konbini,
            Field::PrepaidNumber => Method::Prepaid(Prepaid::NetCash),
            Field::Number | Field::Expiry | Field::VerificationValue | Field::Name => Method::CreditCard,
        };
        let page = pay(&Method::ALL, after(method, Failure::Invalid(vec![error]), Kept::default()))
            .render(Language::Japanese);
        let told = format!(
            r#"<p class="error" id="{field}-error">{}</p>"#,
            Texts::of(Language::Japanese).field_error(error)
        );
        assert!(page.contains(&told), "{told}");
        assert_eq!(page.matches("class=\"error\"").count(), 1, "{error:?}");
        assert!(page.contains(&format!("{field}-error\"")), "{error:?}");
    }
}

#[test]
fn what_was_typed_comes_back_but_never_a_number() {
    let kept = Kept {
        month: "12".to_owned(),
        year: "30".to_owned(),
        name: "A B".to_owned(),
        store: Some(Store::Ministop),
    };
    let page = pay(&Method::ALL, after(Method::CreditCard, Failure::Invalid(vec![]), kept))
        .render(Language::English);
    for (field, value) in [
        ("month", Some("12")),
        ("year", Some("30")),
        ("name", Some("A B")),
        ("number", None),
        ("verification_value", None),
    ] {
        let input = between(&page, &format!(r#"<input id="{field}""#), ">")[0];
        assert_eq!(between(input, " value=\"", "\"").first().copied(), value, "{field}");
    }
    let checked: Vec<&str> = between(&page, "<input type=\"radio\"", ">")
        .into_iter()
        .filter(|it| it.ends_with(" checked"))
        .collect();
    assert_eq!(checked.len(), 1);
    assert!(checked[0].contains("value=\"ministop\""));
}

#[test]
fn test_numbers_and_pay_now_are_for_test_mode_only() {
    for test_mode in [true, false] {
        let page = Pay { bill: bill(test_mode), ..pay(&Method::ALL, None) }.render(Language::English);
        assert_eq!(page.contains("class=\"ribbon\""), test_mode);
        for card in TEST_CARDS {
            assert_eq!(page.contains(card.number), test_mode, "{}", card.number);
        }
        assert_eq!(page.contains("e111111111111114"), test_mode);
        for method in DELAYED {
            let page = awaiting(method, test_mode).render(Language::English);
            assert_eq!(forms(&page).iter().any(|form| sends(form, "action", "pay_now")), test_mode);
            assert!(forms(&page).iter().any(|form| sends(form, "action", "cancel")));
        }
    }
}

#[test]
fn instructions_show_every_code_in_order_and_the_deadline() {
    let codes = [
        (CodeLabel::BankId, "58191"),
        (CodeLabel::CustomerId, "20001900030947960025"),
        (CodeLabel::ConfirmationId, "288916"),
    ]
    .map(|(label, value)| Code { label, value: value.to_owned() });
    let page = Awaiting {
        bill: bill(false),
        method: Delayed::PayEasy,
        codes: codes.into(),
        deadline: "5月5日".to_owned(),
    };
    let page = page.render(Language::Japanese);
    let shown: Vec<&str> = between(between(&page, "<dl class=\"codes\">", "</dl>")[0], "<dt>", "</bdi>")
        .into_iter()
        .map(|row| row.trim())
        .collect();
    let row = |label: &str, value: &str| format!("{label}</dt><dd class=\"code\"><bdi>{value}");
    assert_eq!(
        shown,
        [row("収納機関番号", "58191"), row("お客様番号", "20001900030947960025"), row("確認番号", "288916")]
    );
    assert!(page.contains("<dt>お支払い期限</dt><dd>5月5日</dd>"));
}

#[test]
fn a_partly_paid_page_takes_one_more_number_of_the_same_brand() {
    let view = PartlyPaid { paid: "¥2,000".to_owned(), short: "¥3,000".to_owned(), ..partly_paid(None) };
    let page = view.render(Language::Japanese);
    assert!(page.contains("¥2,000のお支払いを受け付けました。残りは¥3,000です。"));
    let paying: Vec<&str> = forms(&page).into_iter().filter(|form| sends(form, "action", "pay")).collect();
    assert_eq!(paying.len(), 1);
    assert!(sends(paying[0], "method", "web_money") && paying[0].contains("name=\"prepaid_number\""));
    assert!(page.contains("すでにお支払いいただいた¥2,000は、"));
}

#[test]
fn a_partly_paid_page_whose_brand_cannot_go_on_offers_the_way_out_alone() {
    let page = PartlyPaid { next: None, ..partly_paid(None) }.render(Language::English);
    assert!(page.contains("The rest cannot be paid with another number."));
    assert!(forms(&page).iter().all(|form| sends(form, "action", "cancel")) && forms(&page).len() == 1);
}

/// A number mistyped or declined once made the page deny the part it had just confirmed.
#[test]
fn a_partly_paid_page_never_says_that_nothing_was_paid() {
    let declined = Failure::Declined { reason: DeclineReason::InvalidNumber, attempts_left: 4 };
    let invalid = Failure::Invalid(vec![FieldError::PrepaidNumberInvalid]);
    for (language, failure, says, denies) in [
        (Language::English, &declined, "Nothing was taken from this number.", "You have not been charged."),
        (Language::English, &invalid, "The rest has not been paid yet.", "Nothing has been paid yet."),
        (Language::Japanese, &declined, "この番号からの引き落としは行われていません。", "今回の請求は"),
        (Language::Japanese, &invalid, "残りのお支払いはまだ行われていません。", ">お支払いはまだ行われて"),
    ] {
        let partly = partly_paid(Some(failure.clone())).render(language);
        assert!(partly.contains(says) && !partly.contains(denies), "{says}: {partly}");
        let method = Method::Prepaid(Prepaid::WebMoney);
        let unpaid = pay(&Method::ALL, after(method, failure.clone(), Kept::default())).render(language);
        assert!(!unpaid.contains(says) && unpaid.contains(denies), "{denies}: {unpaid}");
    }
}

/// Whoever reads these may have paid all or part of it before.
#[test]
fn a_problem_says_nothing_of_what_was_paid() {
    for (language, denial) in [(Language::English, "Nothing"), (Language::Japanese, "行われていません")]
    {
        for kind in PROBLEMS {
            let page = Problem { kind, payment_id: None }.render(language);
            assert!(!page.contains(denial), "{kind:?}: {page}");
        }
    }
}

#[test]
fn a_form_that_was_overtaken_is_told_so_and_nothing_else() {
    let method = Method::Prepaid(Prepaid::WebMoney);
    let unpaid = pay(&Method::ALL, after(method, Failure::Overtaken, Kept::default()));
    let pages =
        [unpaid.render(Language::English), partly_paid(Some(Failure::Overtaken)).render(Language::English)];
    for page in pages {
        let alerts = between(&page, r#"<div class="alert" role="alert">"#, "</div>");
        assert_eq!(alerts.len(), 1);
        assert!(alerts[0].contains("This payment has changed") && !alerts[0].contains("charged."));
        assert!(!page.contains("class=\"error\""));
    }
}

#[test]
fn over_is_a_status_and_a_way_back_and_nothing_to_do() {
    for language in LANGUAGES {
        let headlines: HashSet<&str> = OUTCOMES.map(|outcome| Texts::of(language).outcome(outcome).0).into();
        assert_eq!(headlines.len(), OUTCOMES.len());
        for outcome in OUTCOMES {
            let page = over(outcome, None).render(language);
            assert!(page.contains(&format!("<h1>{}</h1>", Texts::of(language).outcome(outcome).0)));
            assert!(forms(&page).is_empty() && !page.contains("class=\"button\""));
        }
    }
}

#[test]
fn only_web_addresses_become_a_way_back() {
    for (url, href) in [
        ("https://shop.example/a?b=1&c=2", Some("https://shop.example/a?b=1&#38;c=2")),
        ("http://shop.example/", Some("http://shop.example/")),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("//shop.example/", None),
        ("/process-checkout", None),
        ("", None),
    ] {
        let page = over(Outcome::Paid, Some(url)).render(Language::English);
        assert_eq!(between(&page, "<a class=\"button\" href=\"", "\"").first().copied(), href, "{url}");
    }
}

#[test]
fn the_other_language_is_one_link_away() {
    let page = pay(&Method::ALL, None).render(Language::Japanese);
    let link = r#"<a class="switch" href="/process-checkout?payment_id=AIYmQIOAz0GlmsjfhgiOeu304&#38;language=en" lang="en" hreflang="en">English</a>"#;
    assert!(page.contains(link));
}

#[test]
fn an_unknown_outcome_sends_the_customer_to_look_before_paying_again() {
    let problem = |payment_id: Option<&str>| Problem {
        kind: ProblemKind::OutcomeUnknown,
        payment_id: payment_id.map(str::to_owned),
    };
    let page = problem(Some("AIY")).render(Language::English);
    assert!(page.contains(r#"href="/process-checkout?payment_id=AIY&#38;language=en">Check the status</a>"#));
    assert!(!problem(None).render(Language::English).contains("<a "));
}

#[test]
fn the_words_in_forms_are_the_documents() {
    let methods = [
        "credit_card",
        "konbini",
        "pay_easy",
        "bank_transfer",
        "web_money",
        "net_cash",
        "nanaco",
        "bit_cash",
    ];
    assert_eq!(Method::ALL.map(Method::slug), methods);
    assert_eq!(methods.map(Method::from_slug), Method::ALL.map(Some));
    let stores =
        ["circle-k", "daily-yamazaki", "family-mart", "lawson", "ministop", "seven-eleven", "sunkus"];
    assert_eq!(Store::ALL.map(Store::slug), stores);
    assert_eq!(stores.map(Store::from_slug), Store::ALL.map(Some));
    assert_eq!((Method::from_slug("wallet"), Store::from_slug("lawson ")), (None, None));
}
