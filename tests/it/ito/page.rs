//! The hosted page as a customer without a browser meets it: headers, text, and posted forms.

use reqwest::header::HeaderMap;

use crate::harness::Server;

/// A customer's visit to the page of one payment, in English unless said otherwise.
pub struct Visit<'a> {
    server: &'a Server,
    payment: String,
    language: &'static str,
}

/// A page, or the way back to the shop.
pub struct Page {
    pub status: u16,
    pub headers: HeaderMap,
    pub html: String,
}

impl<'a> Visit<'a> {
    pub fn to(server: &'a Server, payment: &str) -> Self {
        Self { server, payment: payment.to_owned(), language: "en" }
    }

    /// As a browser that prefers this language.
    pub fn in_language(mut self, accept_language: &'static str) -> Self {
        self.language = accept_language;
        self
    }

    pub async fn get(&self) -> Page {
        self.get_with("").await
    }

    /// With more of a query.
    pub async fn get_with(&self, query: &str) -> Page {
        let request = self.server.get(&format!("/process-checkout?payment_id={}{query}", self.payment));
        Page::of(request.header("accept-language", self.language)).await
    }

    /// Posts a form about this payment as it stands.
    pub async fn post(&self, fields: &[(&str, &str)]) -> Page {
        Page::of(self.request(fields)).await
    }

    /// Posts a form as a browser does that has `page` open.
    pub async fn post_from(&self, page: &Page, fields: &[(&str, &str)]) -> Page {
        Page::of(self.request(&[fields, &[("revision", page.revision())]].concat())).await
    }

    /// A form about this payment, to be sent.
    pub fn request(&self, fields: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let mut form = vec![("payment_id", self.payment.as_str())];
        form.extend(fields);
        self.server.post("/process-checkout").header("accept-language", self.language).form(&form)
    }
}

impl Page {
    pub async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.expect("the server answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, html: response.text().await.expect("a whole page") }
    }

    /// The title; empty for a redirect.
    pub fn title(&self) -> &str {
        let after = self.html.split_once("<title>").map_or("", |(_, after)| after);
        after.split_once("</title>").map_or("", |(title, _)| title)
    }

    /// A header's text; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// The page without its style: what there is to read, and the forms.
    pub fn content(&self) -> String {
        let (before, after) = self.html.split_once("<style>").unwrap_or((&self.html, ""));
        format!("{before}{}", after.split_once("</style>").map_or("", |(_, after)| after))
    }

    #[track_caller]
    pub fn must_say(&self, texts: &[&str]) {
        for text in texts {
            assert!(self.html.contains(text), "{} says nothing of {text:?}: {}", self.status, self.content());
        }
    }

    #[track_caller]
    pub fn must_not_say(&self, texts: &[&str]) {
        for text in texts {
            assert!(!self.html.contains(text), "{} says {text:?}: {}", self.status, self.content());
        }
    }

    /// The revision that every form on the page sends.
    pub fn revision(&self) -> &str {
        let mut sent = self.html.split(r#"name="revision" value=""#).skip(1);
        sent.next().and_then(|rest| rest.split('"').next()).expect("a form")
    }

    /// The methods whose forms are on the page.
    pub fn methods(&self) -> Vec<&str> {
        let fields = self.html.split(r#"name="method" value=""#).skip(1);
        fields.filter_map(|rest| rest.split('"').next()).collect()
    }
}

/// The form of a card that is good in everything but perhaps its number.
pub fn card(number: &str) -> [(&str, &str); 7] {
    [
        ("action", "pay"),
        ("method", "credit_card"),
        ("number", number),
        ("month", "12"),
        ("year", "39"),
        ("verification_value", "123"),
        ("name", "A CUSTOMER"),
    ]
}

/// The form of a prepaid number.
pub fn prepaid<'a>(method: &'a str, number: &'a str) -> [(&'a str, &'a str); 3] {
    [("action", "pay"), ("method", method), ("prepaid_number", number)]
}
