//! The form a tenant's users are asked to fill in, as data.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Sections of a form.
const SECTIONS_MAX: usize = 20;
/// Fields of a form, over all sections.
pub(super) const FIELDS_MAX: usize = 100;
/// Choices of a field.
const CHOICES_MAX: usize = 300;
/// Characters of a key.
const KEY_CHARS_MAX: usize = 64;
/// Characters of a label.
const LABEL_CHARS_MAX: usize = 200;
/// The longest answer that can be asked for, in characters.
const ANSWER_CHARS_MAX: u16 = 2_000;

/// What a tenant asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// In the order they are asked.
    pub sections: Vec<Section>,
}

/// Fields that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// What programs call it.
    pub key: String,
    /// What people call it.
    pub label: Label,
    /// In the order they are asked.
    pub fields: Vec<Field>,
}

/// One thing that is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// What programs call it: no two of a form are alike.
    pub key: String,
    /// What people call it.
    pub label: Label,
    /// What can be answered.
    pub kind: Kind,
    /// Whether the form is incomplete without it.
    pub required: bool,
}

/// What can be answered. Variants are stored by position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Text.
    Text {
        /// At most so many characters.
        chars_max: u16,
    },
    /// A day: `2026-05-31`.
    Date,
    /// A whole number.
    Number,
    /// Yes or no.
    Boolean,
    /// One of several.
    Choice(Vec<Choice>),
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A country, by its two letters in ISO 3166.
    Country,
    /// A picture or PDF.
    Document,
}

impl Kind {
    /// What answers call it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::Date => "date",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Choice(_) => "choice",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Country => "country",
            Self::Document => "document",
        }
    }
}

/// One of several answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What programs call it.
    pub value: String,
    /// What people call it.
    pub label: Label,
}

/// What people call something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
}

/// Why a form cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// There is nothing to answer, or too much.
    #[error("a form has 1 to {SECTIONS_MAX} sections with 1 to {FIELDS_MAX} fields in all")]
    Size,
    /// Not what programs can use.
    #[error("`{0}` is no key; that is 1 to {KEY_CHARS_MAX} of a-z, 0-9 and _, and begins with a letter")]
    Key(String),
    /// Two are alike.
    #[error("`{0}` is there twice")]
    Twice(String),
    /// Nobody could read it.
    #[error("the label of `{0}` must have 1 to {LABEL_CHARS_MAX} characters in both languages")]
    Label(String),
    /// A choice of none.
    #[error("`{0}` must have 1 to {CHOICES_MAX} choices")]
    Choices(String),
    /// Nothing could be answered.
    #[error("`{0}` must take 1 to {ANSWER_CHARS_MAX} characters")]
    Length(String),
}

impl Form {
    /// Every field.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.sections.iter().flat_map(|section| &section.fields)
    }

    /// The field of this key.
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields().find(|field| field.key == key)
    }

    /// Whether it can be asked.
    ///
    /// # Errors
    /// [`FormError`], the first that is found.
    pub fn check(&self) -> Result<(), FormError> {
        let has_fields = self.sections.iter().all(|section| !section.fields.is_empty());
        let sizes = (1..=SECTIONS_MAX, 1..=FIELDS_MAX);
        if !has_fields || !sizes.0.contains(&self.sections.len()) || !sizes.1.contains(&self.fields().count())
        {
            return Err(FormError::Size);
        }
        let mut keys = BTreeSet::new();
        for section in &self.sections {
            check_key(&section.key)?;
            section.label.check(&section.key)?;
        }
        for Field { key, label, kind, .. } in self.fields() {
            check_key(key)?;
            label.check(key)?;
            if !keys.insert(key) {
                return Err(FormError::Twice(key.clone()));
            }
            match kind {
                Kind::Text { chars_max } if !(1..=ANSWER_CHARS_MAX).contains(chars_max) => {
                    return Err(FormError::Length(key.clone()));
                }
                Kind::Choice(choices) => check_choices(key, choices)?,
                Kind::Text { .. }
                | Kind::Date
                | Kind::Number
                | Kind::Boolean
                | Kind::Email
                | Kind::Phone
                | Kind::Country
                | Kind::Document => {}
            }
        }
        Ok(())
    }
}

impl Default for Form {
    /// What is asked until a tenant asks for something else: what a card issuer in Japan has to know.
    fn default() -> Self {
        let text = |key, ja, en, chars_max, required| {
            field(key, Label::of(ja, en), Kind::Text { chars_max }, required)
        };
        let picture = |key, ja, en, required| field(key, Label::of(ja, en), Kind::Document, required);
        Self {
            sections: vec![
                section(
                    "person",
                    Label::of("ご本人", "About you"),
                    vec![
                        text("family_name", "姓", "Family name", 100, true),
                        text("given_name", "名", "Given name", 100, true),
                        text("family_name_kana", "姓（カナ）", "Family name in katakana", 100, false),
                        text("given_name_kana", "名（カナ）", "Given name in katakana", 100, false),
                        field("birth_date", Label::of("生年月日", "Date of birth"), Kind::Date, true),
                        field("nationality", Label::of("国籍", "Nationality"), Kind::Country, true),
                        field("phone", Label::of("電話番号", "Telephone"), Kind::Phone, true),
                    ],
                ),
                section(
                    "address",
                    Label::of("ご住所", "Your address"),
                    vec![
                        field("country", Label::of("国", "Country"), Kind::Country, true),
                        text("postal_code", "郵便番号", "Postal code", 16, true),
                        text("prefecture", "都道府県", "Prefecture or state", 100, true),
                        text("city", "市区町村", "City", 100, true),
                        text("street", "番地", "Street and number", 200, true),
                        text("building", "建物名・部屋番号", "Building and room", 200, false),
                    ],
                ),
                section(
                    "circumstances",
                    Label::of("ご職業と利用目的", "Occupation and purpose"),
                    vec![
                        choice(
                            "occupation",
                            Label::of("職業", "Occupation"),
                            &[
                                ("employed", "会社員・公務員", "Employed"),
                                ("self_employed", "自営業", "Self-employed"),
                                ("student", "学生", "Student"),
                                ("homemaker", "主婦・主夫", "Homemaker"),
                                ("retired", "無職・年金受給者", "Retired or not working"),
                                ("other", "その他", "Other"),
                            ],
                        ),
                        choice(
                            "purpose",
                            Label::of("利用目的", "What the account is for"),
                            &[
                                ("shopping", "買い物", "Shopping"),
                                ("travel", "旅行", "Travel"),
                                ("business", "事業", "Business"),
                                ("other", "その他", "Other"),
                            ],
                        ),
                    ],
                ),
                section(
                    "documents",
                    Label::of("本人確認書類", "Proof of identity"),
                    vec![
                        choice(
                            "document_type",
                            Label::of("書類の種類", "Kind of document"),
                            &[
                                ("drivers_license", "運転免許証", "Driver's licence"),
                                ("passport", "パスポート", "Passport"),
                                ("my_number_card", "マイナンバーカード", "My Number card"),
                                ("residence_card", "在留カード", "Residence card"),
                            ],
                        ),
                        picture("document_front", "書類（表面）", "Front of the document", true),
                        picture("document_back", "書類（裏面）", "Back of the document", false),
                        picture("selfie", "ご本人の写真", "Picture of yourself", false),
                    ],
                ),
            ],
        }
    }
}

impl Label {
    fn of(ja: &str, en: &str) -> Self {
        Self { ja: ja.to_owned(), en: en.to_owned() }
    }

    fn check(&self, key: &str) -> Result<(), FormError> {
        let is_readable = |text: &String| {
            (1..=LABEL_CHARS_MAX).contains(&text.trim().chars().count())
                && !text.chars().any(char::is_control)
        };
        match is_readable(&self.ja) && is_readable(&self.en) {
            true => Ok(()),
            false => Err(FormError::Label(key.to_owned())),
        }
    }
}

fn section(key: &str, label: Label, fields: Vec<Field>) -> Section {
    Section { key: key.to_owned(), label, fields }
}

fn field(key: &str, label: Label, kind: Kind, required: bool) -> Field {
    Field { key: key.to_owned(), label, kind, required }
}

fn choice(key: &str, label: Label, choices: &[(&str, &str, &str)]) -> Field {
    let choices =
        choices.iter().map(|(value, ja, en)| Choice { value: (*value).to_owned(), label: Label::of(ja, en) });
    field(key, label, Kind::Choice(choices.collect()), true)
}

fn check_key(key: &str) -> Result<(), FormError> {
    let is_plain = key.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    let is_one =
        is_plain && key.len() <= KEY_CHARS_MAX && key.starts_with(|first: char| first.is_ascii_lowercase());
    if is_one { Ok(()) } else { Err(FormError::Key(key.to_owned())) }
}

fn check_choices(key: &str, choices: &[Choice]) -> Result<(), FormError> {
    if !(1..=CHOICES_MAX).contains(&choices.len()) {
        return Err(FormError::Choices(key.to_owned()));
    }
    let mut values = BTreeSet::new();
    for Choice { value, label } in choices {
        check_key(value)?;
        label.check(value)?;
        if !values.insert(value) {
            return Err(FormError::Twice(value.clone()));
        }
    }
    Ok(())
}
