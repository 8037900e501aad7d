//! What is thrown: noise, the names and values the routes know, and good requests a little damaged.

use proptest::{collection::vec, option, prelude::*, sample::Index, sample::select};
use serde_json::Value;

/// One request; what only a running server knows is filled in when it is sent.
#[derive(Clone, Debug)]
pub struct Thrown {
    /// Which of the port's routes.
    pub route: Index,
    /// Another method than the route's.
    pub method: Option<&'static str>,
    /// Another value than a good one for what is variable in the path.
    pub parameter: Option<String>,
    pub query: Option<Text>,
    pub key: Key,
    pub headers: Vec<(&'static str, Vec<u8>)>,
    pub body: Body,
}

#[derive(Clone, Copy, Debug)]
pub enum Key {
    Right,
    Wrong,
    Absent,
}

#[derive(Clone, Debug)]
pub enum Text {
    Noise(Vec<u8>),
    Fields(Vec<(&'static str, String)>),
}

#[derive(Clone, Debug)]
pub enum Body {
    Plain(Text),
    /// A good request of the route with some members changed or, with nothing in their place, left out.
    Changed {
        members: Vec<(Index, Option<Value>)>,
        as_form: bool,
    },
    /// A good request of the route with some bytes changed.
    Damaged(Vec<(Index, u8)>),
    Members(Vec<(&'static str, Value)>),
    Multipart(Vec<u8>),
}

/// `{payment}` in a value becomes the id of a payment that is there.
pub const PAYMENT: &str = "{payment}";

const METHODS: [&str; 8] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "BREW"];
const NAMES: &str = "payment_id custom currency_code amount details web_hook cancel_url success_url customer_email \
    action method number month year verification_value name store prepaid_number language merchant_id seconds \
    overlap_seconds mode signature_required a[b][]";
const WORDS: &str = "|{payment}|1|-1|1e400|280.00|99999999999999999999999999999999|0.001|JPY|USD|SGP-USD|pay|pay_now|\
    cancel|credit_card|konbini|pay_easy|web_money|bit_cash|bank_transfer|4111111111111111|4123111111111000|\
    1111111111111111|e111111111111112|lawson|12|39|123|test|active|true|ja|https://127.0.0.1:9/x|http://127.0.0.1:1/|\
    buyer@example.com|\u{0}|茶|\u{202e}|' OR 1=1|../..";
const HEADERS: [&str; 6] =
    ["content-type", "idempotency-key", "x-timestamp", "x-signature", "accept-language", "authorization"];
const HEADER_VALUES: &str = "application/json|application/x-www-form-urlencoded|multipart/form-data; boundary=x|\
    multipart/form-data|text/plain|application/x+json; charset=utf-16|1700000000|sha256=00|ja,en;q=0.5|Bearer x|one|0";

pub fn thrown() -> impl Strategy<Value = Thrown> {
    let method = option::weighted(0.1, select(METHODS.to_vec()));
    let key = prop_oneof![8 => Just(Key::Right), 1 => Just(Key::Wrong), 1 => Just(Key::Absent)];
    let parts = (any::<Index>(), method, option::weighted(0.3, word()), option::weighted(0.3, text()));
    (parts, key, vec(header(), 0..2), body()).prop_map(
        |((route, method, parameter, query), key, headers, body)| Thrown {
            route,
            method,
            parameter,
            query,
            key,
            headers,
            body,
        },
    )
}

fn word() -> impl Strategy<Value = String> {
    let known = select(WORDS.split('|').collect::<Vec<_>>()).prop_map(str::to_owned);
    prop_oneof![4 => known, 1 => any::<String>(), 1 => "[ -~]{0,400}"]
}

fn name() -> impl Strategy<Value = &'static str> {
    select(NAMES.split_whitespace().collect::<Vec<_>>())
}

fn text() -> impl Strategy<Value = Text> {
    prop_oneof![
        vec(any::<u8>(), 0..2_000).prop_map(Text::Noise),
        "[a-z_%&=\\[\\]{}\":,0-9.+-]{0,200}".prop_map(|text| Text::Noise(text.into_bytes())),
        vec((name(), word()), 0..12).prop_map(Text::Fields),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        6 => word().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let object = |members: Vec<(String, Value)>| Value::Object(members.into_iter().collect());
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((word(), inner), 0..4).prop_map(object),
        ]
    })
}

fn body() -> impl Strategy<Value = Body> {
    let changed = vec((any::<Index>(), option::weighted(0.8, value())), 0..3);
    prop_oneof![
        2 => text().prop_map(Body::Plain),
        5 => (changed, any::<bool>()).prop_map(|(members, as_form)| Body::Changed { members, as_form }),
        1 => vec(any::<(Index, u8)>(), 1..4).prop_map(Body::Damaged),
        1 => vec((name(), value()), 0..10).prop_map(Body::Members),
        1 => vec(any::<u8>(), 0..500).prop_map(Body::Multipart),
    ]
}

fn header() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    let known =
        select(HEADER_VALUES.split('|').collect::<Vec<_>>()).prop_map(|text| text.as_bytes().to_vec());
    (select(HEADERS.to_vec()), prop_oneof![known, vec(any::<u8>(), 0..80)])
}
