//! What goes over the wire about apps that users let in, and about what users are asked.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An app to be registered: a public OAuth client.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClient {
    /// Whose users may let it in.
    pub merchant_id: u32,
    /// What they are told it is called.
    #[schema(example = "Sample App", min_length = 1, max_length = 100)]
    pub name: String,
    /// Where they may be sent back to, each compared letter by letter: https, http on loopback, or a scheme of the
    /// app's own with a dot in it.
    #[schema(example = json!(["https://app.example.com/callback"]))]
    pub redirect_uris: Vec<String>,
}

/// An app that was registered. It keeps no secret.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ClientMade {
    /// Its OAuth client id.
    pub client_id: String,
    /// Whose users may let it in.
    pub merchant_id: u32,
    /// What they are told it is called.
    pub name: String,
    /// Where they may be sent back to.
    pub redirect_uris: Vec<String>,
}

/// A form for a merchant's users.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewForm {
    /// In the order they are asked: 1 to 20.
    pub sections: Vec<NewSection>,
}

/// Fields that belong together.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSection {
    /// What programs call it: of a-z, 0-9 and _.
    #[schema(example = "person")]
    pub key: String,
    /// What people call it.
    pub label: LabelText,
    /// In the order they are asked: 1 to 100 in all sections.
    pub fields: Vec<NewField>,
}

/// One thing to be asked.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewField {
    /// What programs call it: no two of a form are alike.
    #[schema(example = "family_name")]
    pub key: String,
    /// What people call it.
    pub label: LabelText,
    /// `text`, `date`, `number`, `boolean`, `choice`, `email`, `phone`, `country` or `document`.
    #[serde(rename = "type")]
    #[schema(example = "text")]
    pub kind: String,
    /// Whether the form is incomplete without it.
    #[serde(default)]
    pub required: bool,
    /// Of text: at most so many characters; 255 unless given.
    #[serde(default)]
    pub max_length: Option<u16>,
    /// Of a choice: 1 to 300.
    #[serde(default)]
    pub choices: Option<Vec<NewChoice>>,
}

/// One of several answers.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewChoice {
    /// What is sent: of a-z, 0-9 and _.
    pub value: String,
    /// What people call it.
    pub label: LabelText,
}

/// What people call something.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelText {
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
}

/// A form that was set.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct FormSet {
    /// Whose.
    pub merchant_id: u32,
    /// Rises with every change.
    pub version: u32,
}

/// What a user answered.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct KycSeen {
    /// Whose.
    pub user_id: u32,
    /// `unanswered`, `draft`, `submitted`, `approved` or `rejected`.
    pub status: String,
    /// The version of the form that was answered.
    pub form_version: u32,
    /// Required fields without an answer.
    pub missing: Vec<String>,
    /// Why the answers were sent back last, if they were.
    pub rejection_reason: Option<String>,
    /// The answers, by the keys of fields; of a document, its id, what it is, and how long.
    #[schema(value_type = Object)]
    pub values: serde_json::Value,
}

/// What the operator makes of a user's answers.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideKyc {
    /// Whether they are accepted.
    pub decision: Decision,
    /// With `reject`: why, in words for the user; 1 to 1,000 characters.
    #[serde(default)]
    pub reason: Option<String>,
}

/// What can be made of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// They are accepted.
    Approve,
    /// They are sent back, to be mended.
    Reject,
}

/// What was decided.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct KycDecided {
    /// About whose answers.
    pub user_id: u32,
    /// `approved` or `rejected`.
    pub status: String,
}
