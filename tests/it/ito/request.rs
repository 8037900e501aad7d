//! The document's request with single fields changed, in every encoding a client may choose.

use reqwest::{RequestBuilder, multipart};

/// The fields of `POST /payment/process` in the document's order; each value is JSON text.
#[derive(Clone)]
pub struct Draft(Vec<(String, String)>);

/// How a draft is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Json,
    Form,
    Multipart,
}

impl Encoding {
    pub const ALL: [Self; 3] = [Self::Json, Self::Form, Self::Multipart];
}

impl Draft {
    /// The document's sample.
    pub fn sample() -> Self {
        let sample = [
            ("custom", r#""DFU80XZIKS""#),
            ("currency_code", r#""USD""#),
            ("amount", "280.00"),
            ("details", r#""Digital Product""#),
            ("web_hook", r#""https://yoursite.com/web_hook.php""#),
            ("cancel_url", r#""https://yoursite.com/cancel_url.php""#),
            ("success_url", r#""https://yoursite.com/success_url.php""#),
            ("customer_email", r#""buyer@example.com""#),
        ];
        Self(sample.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    /// The sample with these fields in place of its own; no text at all leaves the field out.
    pub fn with(changes: &[(&str, &str)]) -> Self {
        let mut draft = Self::sample();
        for (name, value) in changes {
            match draft.0.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) => *known = (*value).to_owned(),
                None => draft.0.push(((*name).to_owned(), (*value).to_owned())),
            }
        }
        draft.0.retain(|(_, value)| !value.is_empty());
        draft
    }

    /// As JSON, laid out as PHP does.
    pub fn json(&self) -> String {
        let members: Vec<String> = self.0.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", members.join(","))
    }

    /// As the fields of a form: what is no JSON string goes as its own text.
    pub fn fields(&self) -> Vec<(String, String)> {
        let text = |value: &String| serde_json::from_str::<String>(value).unwrap_or_else(|_| value.clone());
        self.0.iter().map(|(name, value)| (name.clone(), text(value))).collect()
    }

    /// Puts it into `request`.
    pub fn send_in(&self, request: RequestBuilder, encoding: Encoding) -> RequestBuilder {
        match encoding {
            Encoding::Json => request.header("content-type", "application/json").body(self.json()),
            Encoding::Form => request.form(&self.fields()),
            Encoding::Multipart => request.multipart(multipart_of(self.fields())),
        }
    }
}

/// A JSON string.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

pub fn multipart_of(fields: impl IntoIterator<Item = (String, String)>) -> multipart::Form {
    fields.into_iter().fold(multipart::Form::new(), |form, (name, value)| form.text(name, value))
}
