//! The hosted page in Debian's Chromium, as a customer meets it. Screenshots go to a folder that is printed.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::LazyLock,
};

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::harness::{
    Answer, Merchant, Receiver, Server, client, eventually, payment_of, tell, wait_for_end,
};

/// Where the screenshots are: in the target folder, so that each run replaces those of the last.
static SCREENSHOTS: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
    std::fs::create_dir_all(&folder).expect("the target folder can be written to");
    println!("screenshots are in {}", folder.display());
    folder
});

const THANKS: &str = "<!doctype html><title>Thank you</title><h1>The shop thanks you</h1>";

/// What it is looked at on.
#[derive(Clone, Copy)]
pub enum Screen {
    Phone,
    Desktop,
}

/// A browser with an empty profile; it ends with this, driver and all.
pub struct Browser {
    window: WebDriver,
    // In this order: the window is closed by the driver, and the profile goes last.
    _driver: Driver,
    _profile: tempfile::TempDir,
}

struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        // Asked rather than killed, so that it takes its browser along.
        tell(&self.0, "TERM");
        wait_for_end(&mut self.0);
    }
}

impl Browser {
    pub async fn open(screen: Screen, language: &str) -> Self {
        let (driver, url) = start_driver();
        let profile = tempfile::tempdir().expect("a temporary folder");
        let mut wanted = DesiredCapabilities::chrome();
        let profile_arg = format!("--user-data-dir={}", profile.path().display());
        let language_arg = format!("--accept-lang={language}");
        let quiet = [
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-crash-reporter",
            "--disable-quic",
        ];
        let plain = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--no-proxy-server"];
        let own = [profile_arg.as_str(), &language_arg, "--window-size=1280,900", "--hide-scrollbars"];
        for arg in quiet.iter().chain(&plain).chain(&own) {
            wanted.add_arg(arg).expect("an argument");
        }
        if let Screen::Phone = screen {
            let metrics =
                json!({ "width": 390, "height": 844, "pixelRatio": 2.0, "mobile": true, "touch": true });
            wanted
                .add_experimental_option("mobileEmulation", json!({ "deviceMetrics": metrics }))
                .expect("an option");
        }
        let window = WebDriver::builder(url, wanted).client(client()).await.expect("chromium starts");
        Self { window, _driver: driver, _profile: profile }
    }

    /// Closes the window; dropped with it open, as after a panic, it closes too but takes longer.
    pub async fn close(self) {
        self.window.quit().await.expect("chromium ends");
    }

    pub async fn go(&self, url: &str) {
        self.window.goto(url).await.expect("the page opens");
    }

    pub async fn type_into(&self, id: &str, text: &str) {
        let field = self.window.find(By::Id(id)).await.expect(id);
        field.clear().await.expect("it can be emptied");
        field.send_keys(text).await.expect("it takes text");
    }

    pub async fn press(&self, css: &str) {
        let button = self.window.find(By::Css(css)).await.unwrap_or_else(|_| panic!("{css} is not there"));
        button.scroll_into_view().await.expect("it can be brought into view");
        button.click().await.expect("it can be pressed");
    }

    async fn text_of(&self, css: &str) -> String {
        let element = self.window.find(By::Css(css)).await.unwrap_or_else(|_| panic!("{css} is not there"));
        element.text().await.expect("its text")
    }

    /// Waits until the page with this title is there, as people do after they pressed a button.
    pub async fn must_come_to(&self, title: &str) {
        eventually(title, async || self.window.title().await.is_ok_and(|shown| shown == title).then_some(()))
            .await;
    }

    /// Waits until such an element is there.
    pub async fn must_see(&self, css: &str) {
        eventually(css, async || self.window.find(By::Css(css)).await.ok().map(drop)).await;
    }

    pub async fn url(&self) -> String {
        self.window.current_url().await.expect("an address").to_string()
    }

    async fn ask(&self, script: &str) -> Value {
        self.window.execute(script, vec![]).await.expect("the script runs").json().clone()
    }

    pub async fn photograph(&self, name: &str) {
        self.window.screenshot(&SCREENSHOTS.join(format!("{name}.png"))).await.expect("a screenshot");
    }

    /// The style was let through by the page's own policy, and nothing sticks out sideways.
    pub async fn must_be_laid_out(&self) {
        let rules = self.ask("return document.styleSheets[0].cssRules.length").await;
        assert!(rules.as_u64() > Some(20), "{rules} rules apply");
        let sideways = self.ask("return document.documentElement.scrollWidth - innerWidth").await;
        assert!(sideways.as_i64() <= Some(0), "{sideways} pixels too wide");
    }

    async fn pay_by_card(&self, number: &str) {
        for (id, text) in [("number", number), ("month", "12"), ("year", "39"), ("verification_value", "123")]
        {
            self.type_into(id, text).await;
        }
        self.type_into("name", "A CUSTOMER").await;
        self.press("details[open] button.primary").await;
    }
}

/// Chromedriver on a free port, and where it listens.
fn start_driver() -> (Driver, String) {
    let mut driver = Command::new("chromedriver");
    driver.arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).stdin(Stdio::null());
    let mut process = driver.spawn().expect("chromedriver is installed; `make test` sees to it");
    let mut said = BufReader::new(process.stdout.take().expect("it is piped")).lines().map_while(Result::ok);
    let driver = Driver(process);
    let port = said.find_map(|line| {
        let (_, after) = line.split_once("successfully on port ")?;
        Some(after.trim_end_matches('.').to_owned())
    });
    // Read on, so that it is never stopped by a full pipe.
    std::thread::spawn(move || said.count());
    (driver, format!("http://127.0.0.1:{}", port.expect("chromedriver says where it listens")))
}

async fn yen(server: &Server, merchant: &Merchant, shop: &Receiver, details: &str) -> String {
    let mut fields = payment_of(&shop.url());
    fields["currency_code"] = json!("JPY");
    fields["amount"] = json!(12_800);
    fields["details"] = json!(details);
    server.initiate(merchant, &fields).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_pays_by_card_and_lands_at_the_shop() {
    let server = Server::start();
    let merchant = server.merchant().await;
    let mut shop = Receiver::scripted([Answer::Page(THANKS)]).await;
    let payment = server.initiate(&merchant, &payment_of(&shop.url())).await;
    let browser = Browser::open(Screen::Desktop, "en").await;

    browser.go(&server.url(&format!("/process-checkout?payment_id={payment}"))).await;
    browser.must_come_to("Checkout | Sample Shop").await;
    browser.must_be_laid_out().await;
    browser.photograph("1-desktop-pay").await;
    browser.pay_by_card("4111111111111111").await;

    let landed = format!("/success_url.php?payment_id={payment}&custom=DFU80XZIKS");
    browser.must_come_to("Thank you").await;
    assert_eq!(browser.url().await, format!("{}{landed}", shop.url()));
    let visit = shop.next_with("GET").await;
    assert_eq!(
        (visit.target.as_str(), visit.header("referer")),
        (landed.as_str(), ""),
        "the link stays ours"
    );

    browser.go(&server.url(&format!("/process-checkout?payment_id={payment}"))).await;
    browser.must_come_to("Payment complete").await;
    browser.photograph("2-desktop-complete").await;
    browser.close().await;
    server.audit_full();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_declined_customer_sees_why_and_pays_with_another_card() {
    let server = Server::start();
    let merchant = server.merchant_as(&json!({ "name": "茶舗 さくら" })).await;
    let mut shop = Receiver::scripted([Answer::Page(THANKS)]).await;
    let payment = yen(&server, &merchant, &shop, "玉露 100g・急須セット").await;
    let browser = Browser::open(Screen::Phone, "ja").await;

    browser.go(&server.url(&format!("/process-checkout?payment_id={payment}"))).await;
    browser.must_come_to("お支払い | 茶舗 さくら").await;
    assert_eq!(browser.ask("return [innerWidth, innerHeight]").await, json!([390, 844]));
    browser.must_be_laid_out().await;
    browser.photograph("3-phone-pay").await;

    browser.pay_by_card("4123111111111000").await;
    browser.must_come_to("エラー：お支払い | 茶舗 さくら").await;
    let alert = browser.text_of("[role=alert]").await;
    assert!(alert.contains("残高またはご利用可能額が不足しています"), "{alert}");
    assert!(alert.contains("あと4回お試しいただけます"), "{alert}");
    browser.must_be_laid_out().await;
    browser.photograph("4-phone-declined").await;
    let kept = browser
        .ask("return ['number', 'verification_value', 'name'].map(id => document.getElementById(id).value)");
    assert_eq!(kept.await, json!(["", "", "A CUSTOMER"]), "only what is no secret is kept");

    browser.pay_by_card("5555555555554444").await;
    browser.must_come_to("Thank you").await;
    shop.next_with("POST").await;
    browser.close().await;
    server.audit_full();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_takes_a_konbini_number_and_pays_later() {
    let server = Server::start();
    let merchant = server.merchant_as(&json!({ "name": "茶舗 さくら" })).await;
    let shop = Receiver::scripted([Answer::Page(THANKS)]).await;
    let payment = yen(&server, &merchant, &shop, "玉露 100g・急須セット").await;
    let browser = Browser::open(Screen::Phone, "ja").await;

    browser.go(&server.url(&format!("/process-checkout?payment_id={payment}"))).await;
    browser.press("details:nth-of-type(2) > summary").await;
    // Opening one once closed the one above, and what was chosen moved off the top of the screen.
    let top = "return document.querySelector('details:nth-of-type(2) > summary').getBoundingClientRect().top";
    assert!(browser.ask(top).await.as_f64().is_some_and(|top| top >= 0.0), "what was chosen is in sight");
    browser.photograph("5-phone-konbini").await;
    browser.press("label.store:has(input[value=lawson])").await;
    browser.press("details:nth-of-type(2) button.primary").await;
    browser.must_come_to("ローソンでお支払いください | 茶舗 さくら").await;
    browser.must_be_laid_out().await;
    browser.photograph("6-phone-awaiting").await;
    browser.press("form.trial button").await;
    browser.must_come_to("Thank you").await;
    browser.close().await;
}

/// Reloading the answer to a form sends the form again: that once took 2,000 yen more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_who_reloads_does_not_pay_again() {
    let server = Server::start();
    let merchant = server.merchant().await;
    let shop = Receiver::scripted([Answer::Page(THANKS)]).await;
    let payment = yen(&server, &merchant, &shop, "Gyokuro 100 g").await;
    let browser = Browser::open(Screen::Phone, "en").await;

    browser.go(&server.url(&format!("/process-checkout?payment_id={payment}"))).await;
    browser.press("details:nth-of-type(5) > summary").await;
    browser.type_into("web_money", "1111111111111111").await;
    browser.press("details:nth-of-type(5) button.primary").await;
    browser.must_come_to("Pay the rest | Sample Shop").await;
    browser.window.refresh().await.expect("it can be reloaded");
    browser.must_come_to("Error: Pay the rest | Sample Shop").await;
    let alert = browser.text_of("[role=alert]").await;
    assert!(alert.contains("This payment has changed"), "{alert}");
    browser.must_be_laid_out().await;
    browser.photograph("8-phone-reloaded").await;
    assert_eq!(server.events_of("payment.part_received").len(), 1);

    browser.type_into("web_money", "1111111111111111").await;
    browser.press("button.primary").await;
    browser.must_come_to("Pay the rest | Sample Shop").await;
    assert_eq!(server.events_of("payment.part_received").len(), 2);
    browser.close().await;
    server.audit_full();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_documentation_works_without_the_internet() {
    let server = Server::start();
    let browser = Browser::open(Screen::Desktop, "en").await;
    for (url, operations) in [(server.url(""), 3), (server.operator_url(""), 7)] {
        browser.go(&format!("{url}/docs/")).await;
        let blocks = browser.window.query(By::Css(".opblock")).all_from_selector_required().await;
        assert!(blocks.expect("operations are shown").len() >= operations);
        let loaded =
            browser.ask("return performance.getEntriesByType('resource').map(entry => entry.name)").await;
        let loaded = loaded.as_array().expect("a list");
        let inside = |name: &Value| {
            name.as_str().is_some_and(|name| name.starts_with(&url) || name.starts_with("data:"))
        };
        assert!(!loaded.is_empty() && loaded.iter().all(inside), "{loaded:?}");
    }
    browser.photograph("7-desktop-docs").await;
    browser.close().await;
}
