//! SIGKILL at any moment: what was answered is there, what was not is there or is not, and the books are in order.
//!
//! The kernel outlives the process, so this shows what the program must write before it answers, not what a
//! power cut leaves on a disk.

mod credits;

use std::{
    collections::{HashMap, HashSet},
    process::Stdio,
    time::{Duration, SystemTime},
};

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use self::credits::{Till, assert_each_once};
use crate::{
    harness::{Answered, Merchant, Receiver, Server, payment_of},
    ito::page::card,
};

/// How often a server under load is killed; servers killed while they open come on top.
const KILLS: u64 = 30;
/// Set to have it killed more often, or less.
const KILLS_VARIABLE: &str = "CHOAI_KILLS";
/// How often a server is killed that starts on nothing.
const FIRST_STARTS: u32 = 20;
/// Merchants whose customers order, each with a user of its own.
const TENANTS: usize = 3;
const CLIENTS: usize = 16;
/// Callers who put money into wallets meanwhile.
const TILLS: usize = 4;
/// Every client has its customer pay one order in so many.
const PAID_EACH: usize = 3;
/// Every order is looked at after the kill it lived through; after the last kill, one in so many once more.
const SETTLED_LOOKED_AT_AGAIN: usize = 10;
/// Set to repeat a run: its moments, not what the machine made of them.
const SEED_VARIABLE: &str = "CHOAI_CRASH_SEED";

/// What a client knows of one of its orders.
enum Known {
    /// Initiation was asked for and not answered.
    Asked,
    Initiated(String),
    /// The card was sent and not answered.
    Paying(String),
    Paid(String),
}

struct Order {
    tenant: usize,
    key: String,
    known: Known,
}

/// An order after everything unknown about it was found out.
struct Settled {
    tenant: usize,
    key: String,
    payment: String,
    is_paid: bool,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigkill_loses_nothing_that_was_answered() {
    let mut moments = Moments::seeded();
    let mut shop = Receiver::start().await;
    let mut server = Server::start();
    let (mut merchants, mut users) = (Vec::new(), Vec::new());
    for _ in 0..TENANTS {
        let merchant = server.merchant().await;
        let of_it = json!({ "merchant_id": merchant.id });
        let (status, made) = server.operator_post("/operator/users", &of_it).answer().await;
        assert_eq!(status, 200, "{made}");
        users.push(made["user_id"].as_u64().expect("a number"));
        merchants.push(merchant);
    }
    let (mut settled, mut credits, mut answered, mut unanswered) = (Vec::new(), Vec::new(), 0, 0);
    for round in 0..kills() {
        let desk = Desk::of(&server, &merchants, &shop);
        let mut clients = JoinSet::new();
        for client in 0..CLIENTS {
            clients.spawn(
                desk.clone().order_until_it_breaks(client % TENANTS, format!("order-{round}-{client}")),
            );
        }
        let (till, mut tills) = (Till::of(&server), JoinSet::new());
        for client in 0..TILLS {
            let caller = format!("credit-{round}-{client}");
            tills.spawn(till.clone().credit_until_it_breaks(users[client % TENANTS], caller));
        }
        tokio::time::sleep(moments.between(5, 300)).await;
        server.kill();
        let (orders, asked) = (clients.join_all().await, tills.join_all().await);
        if moments.one_in(3) {
            server.audit_full();
        }
        if moments.one_in(3) {
            kill_while_opening(&server, moments.between(1, 120));
        }
        server.restart();
        let desk = Desk::of(&server, &merchants, &shop);
        let mut clients = JoinSet::new();
        for orders in orders {
            let open = |order: &&Order| matches!(order.known, Known::Asked | Known::Paying(_));
            unanswered += orders.iter().filter(open).count();
            answered += orders.len() - orders.iter().filter(open).count();
            clients.spawn(desk.clone().settle_all(orders));
        }
        settled.extend(clients.join_all().await.into_iter().flatten());
        credits.extend(Till::of(&server).settle_all(asked.into_iter().flatten().collect()).await);
        server.audit_full();
    }
    // About ten a kill, and four that broke.
    let least = 10 * kills();
    assert!(
        answered as u64 > least && unanswered as u64 > least / 3,
        "hardly any load: {answered} answered, {unanswered} not"
    );
    let desk = Desk::of(&server, &merchants, &shop);
    for order in settled.iter().step_by(SETTLED_LOOKED_AT_AGAIN) {
        desk.still_holds(order).await;
    }
    assert_nothing_happened_twice(&server, &settled);
    assert_each_once(&server, &credits);
    assert_all_announced(&mut shop, &settled).await;
    server.terminate();
    server.audit_full();
    println!(
        "{} kills: {answered} orders answered, {unanswered} found out afterwards, {} in all; {} credits",
        kills(),
        settled.len(),
        credits.len()
    );
}

fn kills() -> u64 {
    let given = std::env::var(KILLS_VARIABLE).ok().filter(|given| !given.is_empty());
    given.map_or(KILLS, |given| given.parse().expect("a number of kills"))
}

/// One that is killed before it serves anything.
fn kill_while_opening(server: &Server, after: Duration) {
    let mut opening = server.choai();
    opening.args(["serve", "--listen", "127.0.0.1:0", "--operator-listen", "127.0.0.1:0", "--data"]);
    opening.arg(server.data()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut opening = opening.spawn().expect("the server can be started");
    std::thread::sleep(after);
    opening.kill().expect("a child can be killed");
    opening.wait().expect("a child can be waited for");
}

/// RocksDB makes its column families one by one: a kill in between once left a folder that nothing could open.
#[test]
fn a_first_start_that_was_killed_can_be_made_again() {
    let mut moments = Moments::seeded();
    let mut server = Server::start();
    for _ in 0..FIRST_STARTS {
        server.kill();
        std::fs::remove_dir_all(server.data()).expect("the data can be removed");
        kill_while_opening(&server, moments.between(5, 90));
        server.restart();
    }
}

/// One key, one payment; one card, one capture.
fn assert_nothing_happened_twice(server: &Server, settled: &[Settled]) {
    let payments: HashSet<&str> = settled.iter().map(|order| order.payment.as_str()).collect();
    assert_eq!(payments.len(), settled.len(), "every key has a payment of its own");
    let mut counts: HashMap<(String, String), usize> = HashMap::new();
    for event in server.events() {
        let text = |name: &str| event[name].as_str().expect("text").to_owned();
        *counts.entry((text("kind"), text("stream"))).or_default() += 1;
    }
    let of_kind = |wanted: &str| counts.iter().filter(|((kind, _), _)| kind == wanted).count();
    let of_order = |kind: &str, order: &Settled| {
        counts.get(&(kind.to_owned(), format!("payment-{}", order.payment))).copied().unwrap_or_default()
    };
    for order in settled {
        let happened = ["payment.created", "payment.captured"].map(|kind| of_order(kind, order));
        assert_eq!(happened, [1, usize::from(order.is_paid)], "{} of {}", order.payment, order.key);
    }
    assert_eq!(of_kind("payment.created"), settled.len(), "no payment that nobody asked for");
    assert_eq!(of_kind("payment.excess_received"), 0, "no card charged twice");
}

async fn assert_all_announced(shop: &mut Receiver, settled: &[Settled]) {
    let paid = settled.iter().filter(|order| order.is_paid).map(|order| order.payment.clone());
    let mut silent: HashSet<String> = paid.collect();
    while !silent.is_empty() {
        let announced: Value = serde_json::from_slice(&shop.next().await.body).expect("JSON");
        silent.remove(announced["payment_id"].as_str().expect("an id"));
    }
}

/// What a client needs to ask the server as it runs now.
#[derive(Clone)]
struct Desk {
    http: Client,
    process: String,
    checkout: String,
    validity: String,
    access_keys: Vec<String>,
    shop: String,
}

impl Desk {
    fn of(server: &Server, merchants: &[Merchant], shop: &Receiver) -> Self {
        Self {
            http: server.http.clone(),
            process: server.url("/payment/process"),
            checkout: server.url("/process-checkout"),
            validity: server.url("/payment/check-validity"),
            access_keys: merchants.iter().map(|merchant| merchant.access_key.clone()).collect(),
            shop: shop.url(),
        }
    }

    async fn order_until_it_breaks(self, tenant: usize, client: String) -> Vec<Order> {
        let mut orders = Vec::new();
        loop {
            let key = format!("{client}-{}", orders.len());
            let answer = self.initiate(tenant, &key).await;
            let known = answer.map_or(Known::Asked, Known::Initiated);
            orders.push(Order { tenant, key, known });
            let count = orders.len();
            let order = orders.last_mut().expect("just pushed");
            let Known::Initiated(payment) = &order.known else { return orders };
            if count.is_multiple_of(PAID_EACH) {
                let payment = payment.clone();
                let is_paid = self.pay(&payment).await.is_some();
                order.known = if is_paid { Known::Paid(payment) } else { Known::Paying(payment) };
                if !is_paid {
                    return orders;
                }
            }
        }
    }

    async fn settle_all(self, orders: Vec<Order>) -> Vec<Settled> {
        let mut settled = Vec::with_capacity(orders.len());
        for order in orders {
            settled.push(self.settle(order).await);
        }
        settled
    }

    /// Asks again with the same key, and pays again what may have been paid.
    async fn settle(&self, Order { tenant, key, known }: Order) -> Settled {
        let payment = self.initiate(tenant, &key).await.expect("it answers");
        let is_paid = match known {
            Known::Asked => {
                assert_eq!(
                    self.initiate(tenant, &key).await.as_ref(),
                    Some(&payment),
                    "{key} was answered meanwhile"
                );
                false
            }
            Known::Initiated(answered) => {
                assert_eq!(payment, answered, "{key} was answered");
                false
            }
            Known::Paying(answered) => {
                assert_eq!(payment, answered, "{key} was answered");
                if !self.is_valid(tenant, &payment).await {
                    self.pay(&payment).await.expect("it answers");
                }
                true
            }
            Known::Paid(answered) => {
                assert_eq!(payment, answered, "{key} was answered");
                assert!(self.is_valid(tenant, &payment).await, "{payment} was answered to be paid");
                true
            }
        };
        Settled { tenant, key, payment, is_paid }
    }

    /// The same key has the same payment, and it is paid or is not.
    async fn still_holds(&self, order: &Settled) {
        let again = self.initiate(order.tenant, &order.key).await.expect("it answers");
        assert_eq!(again, order.payment, "{} has another payment now", order.key);
        assert_eq!(
            self.is_valid(order.tenant, &order.payment).await,
            order.is_paid,
            "{} of {}",
            order.payment,
            order.key
        );
    }

    /// The payment's id; `None` if no answer came, or one that says that nobody knows.
    async fn initiate(&self, tenant: usize, key: &str) -> Option<String> {
        let mut fields = payment_of(&self.shop);
        fields["custom"] = json!(key);
        let request = self
            .http
            .post(&self.process)
            .bearer_auth(&self.access_keys[tenant])
            .header("idempotency-key", key);
        let answer = answered(request.json(&fields), 200).await?;
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        Some(answer["payment_id"].as_str().expect("an id").to_owned())
    }

    /// Pays as the customer does; `None` if no answer came.
    async fn pay(&self, payment: &str) -> Option<()> {
        let form: Vec<_> = card("4111111111111111").into_iter().chain([("payment_id", payment)]).collect();
        answered(self.http.post(&self.checkout).form(&form), 303).await.map(drop)
    }

    async fn is_valid(&self, tenant: usize, payment: &str) -> bool {
        let asked = self.http.post(&self.validity).bearer_auth(&self.access_keys[tenant]);
        let response = asked.form(&[("payment_id", payment)]).send().await.expect("it answers");
        match response.status().as_u16() {
            200 => true,
            404 => false,
            status => panic!("{payment}: {status}"),
        }
    }
}

/// The body of a whole answer with the status `expected`; `None` for a broken one, and for 503.
async fn answered(request: RequestBuilder, expected: u16) -> Option<String> {
    let response = request.send().await.ok()?;
    let status = response.status().as_u16();
    let text = response.text().await.ok()?;
    if status == 503 {
        return None;
    }
    assert_eq!(status, expected, "{text}");
    Some(text)
}

/// Random moments; SplitMix64. Source of its constants: Steele, Lea and Flood, 2014.
struct Moments(u64);

impl Moments {
    fn seeded() -> Self {
        let given = std::env::var(SEED_VARIABLE).ok().map(|seed| seed.parse().expect("a seed is a number"));
        let now = SystemTime::UNIX_EPOCH.elapsed().expect("it is later than 1970");
        let seed = given.unwrap_or(u64::from(now.subsec_nanos()));
        println!("{SEED_VARIABLE}={seed}");
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn between(&mut self, from_ms: u64, to_ms: u64) -> Duration {
        Duration::from_millis(from_ms + self.next() % (to_ms - from_ms))
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.next().is_multiple_of(count)
    }
}
