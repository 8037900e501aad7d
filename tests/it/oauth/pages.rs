//! The pages that users see when an app asks to be let in, in Debian's Chromium.

use serde_json::json;

use super::app::{CALLBACK, PASSWORD, Shop, exchange, wish};
use crate::{
    browser::{Browser, Screen},
    harness::{Answer, Answered, Receiver, Server},
};

const EMAIL: &str = "hanako@example.com";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_sets_a_password_logs_in_and_lets_an_app_in() {
    let server = Server::start();
    let shop = Shop::open(&server).await;
    let token = shop.token(&server).await;
    let landing = "<!doctype html><title>Back in the app</title><h1>Back</h1>";
    let mut back = Receiver::scripted([(); 4].map(|()| Answer::Page(landing))).await;
    let callback = format!("{}/callback", back.url());
    let body = json!({ "merchant_id": shop.merchant_id, "name": "お茶アプリ", "redirect_uris": [callback] });
    let (_, made) = server.operator_post("/operator/oauth/clients", &body).answer().await;
    let app = made["client_id"].as_str().expect("an id");
    let fields = json!({ "name": "山田 花子", "email": EMAIL });
    let asked = server.post("/api/oauth/merchant/users").bearer_auth(&token).json(&fields);
    let (_, user) = asked.answer().await;
    let link = user["data"]["set_password_url"].as_str().expect("a link").to_owned();

    let mut number = 10;
    for (screen, language, titles) in [
        (Screen::Phone, "ja", ["パスワードの設定", "ログイン", "アクセスの許可"]),
        (Screen::Desktop, "en", ["Set your password", "Log in", "Allow access"]),
    ] {
        let browser = Browser::open(screen, language).await;
        if number == 10 {
            browser.go(&link).await;
            browser.must_come_to(titles[0]).await;
            browser.must_be_laid_out().await;
            browser.photograph("10-phone-password").await;
            browser.type_into("password", PASSWORD).await;
            browser.press("button.primary").await;
            browser.must_come_to("パスワードを設定しました").await;
        }
        let query: Vec<_> = wish(app)
            .into_iter()
            .map(|(name, value)| (name, if value == CALLBACK { callback.clone() } else { value }))
            .collect();
        let url = reqwest::Url::parse_with_params(&server.url("/oauth/authorize"), &query).expect("a URL");
        browser.go(url.as_str()).await;
        browser.must_come_to(titles[1]).await;
        browser.must_be_laid_out().await;
        browser.photograph(&format!("{}-login-{language}", number + 1)).await;
        browser.type_into("email", EMAIL).await;
        browser.type_into("password", "wrong-horse").await;
        browser.press("button.primary").await;
        browser.must_see("[role=alert]").await;
        browser.must_be_laid_out().await;
        browser.type_into("password", PASSWORD).await;
        browser.press("button.primary").await;
        // The second browser is another session, of a user who has agreed: nobody is asked twice.
        if number == 10 {
            browser.must_come_to(titles[2]).await;
            browser.must_be_laid_out().await;
            browser.photograph(&format!("{}-consent-{language}", number + 2)).await;
            browser.press("button[value=approve]").await;
        }
        browser.must_come_to("Back in the app").await;
        let landed = reqwest::Url::parse(&browser.url().await).expect("a URL");
        let told = |name: &str| {
            landed.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
        };
        assert_eq!(told("state").as_deref(), Some("xyz"));
        // Browsers ask for the landing page's icon too, when they like.
        let visit = loop {
            let visit = back.next_with("GET").await;
            if visit.target.starts_with("/callback") {
                break visit;
            }
        };
        assert_eq!(visit.header("referer"), "", "where a user comes from is theirs");
        let code = told("code").expect("a code");
        let fields: Vec<_> = exchange(app, &code)
            .into_iter()
            .map(|(name, value)| (name, if value == CALLBACK { callback.clone() } else { value }))
            .collect();
        let (status, tokens) = server.post("/oauth/token").form(&fields).answer().await;
        assert_eq!(status, 200, "{tokens}");
        let me =
            server.get("/api/oauth/user/me").bearer_auth(tokens["access_token"].as_str().expect("a token"));
        assert_eq!(me.answer().await.1["data"]["email"], EMAIL);
        browser.close().await;
        number += 10;
    }
    server.audit_full();
}
