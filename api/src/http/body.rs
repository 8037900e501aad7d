//! The fields of a request body, whichever way they were encoded.

mod form;
mod json;
mod multipart;

use std::fmt;

/// Lists and maps inside one another, the body itself included.
pub const NESTING_MAX: usize = 16;
/// Fields in one body, counting every entry of every nested list and map.
pub const FIELDS_MAX: usize = 256;

/// What one field holds. Forms know only text, lists, maps and files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// JSON's `null`.
    Null,
    /// JSON's `true` or `false`.
    Bool(bool),
    /// A JSON number, its text exactly as sent: it may be money, so it never becomes a float.
    Number(String),
    /// A JSON string or a form's value.
    Text(String),
    /// A JSON array, or a form's `a[]=x&a[]=y`.
    List(Vec<Value>),
    /// A JSON object, or a form's `a[b]=x`, in the order received.
    Map(Vec<(String, Value)>),
    /// A multipart upload.
    File {
        /// The file name the client gave; not to be trusted as a path.
        name: String,
        /// The media type the client claimed.
        content_type: Option<String>,
        /// The content.
        bytes: Vec<u8>,
    },
}

/// How a body was encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// `application/json`.
    Json,
    /// `application/x-www-form-urlencoded`, or a query string.
    Form,
    /// `multipart/form-data`.
    Multipart,
    /// There was nothing to decode.
    #[default]
    Empty,
}

/// The fields of one request, in the order received, each name once.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Fields {
    encoding: Encoding,
    fields: Vec<(String, Value)>,
}

impl Fields {
    /// How the fields were encoded.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The field of this name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Every field, in the order received.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value))
    }
}

/// Names only: the values are people's data and must not reach a log.
impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().map(|(name, _)| name).collect();
        write!(f, "{:?} fields {names:?}", self.encoding)
    }
}

/// Where in a JSON body something is wrong, both counted from 1, columns in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The byte in that line; 0 where the line has just begun.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Why a body could not be read. No message repeats any of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Neither JSON nor one of the two form encodings.
    #[error(
        "unsupported content type; send application/json, application/x-www-form-urlencoded or multipart/form-data"
    )]
    UnsupportedContentType,
    /// A name or value is in some other character encoding.
    #[error("the body is not valid UTF-8")]
    NotUtf8,
    /// Not JSON, or a string in it that is not Unicode.
    #[error("malformed JSON at {0}")]
    MalformedJson(Place),
    /// JSON, but a list or a bare value.
    #[error("the JSON body must be an object")]
    NotAnObject,
    /// Two members of one JSON object share a name, so it is unclear which one is meant.
    #[error("a key is repeated in one JSON object, its second value at {0}")]
    RepeatedKey(Place),
    /// See [`NESTING_MAX`].
    #[error("the body is nested more than {NESTING_MAX} levels deep")]
    TooDeep,
    /// See [`FIELDS_MAX`].
    #[error("the body has more than {FIELDS_MAX} fields")]
    TooManyFields,
    /// No boundary, a part cut short or without a name.
    #[error("malformed multipart body")]
    MalformedMultipart,
}

/// Reads the fields of `body`.
///
/// A body without a `Content-Type` is taken for JSON if it opens with `{`, else for a form. A form field sent
/// twice keeps its first place and its last value, as in PHP. An empty body has no fields, whatever its type.
///
/// # Errors
/// [`BodyError`], one variant per reason.
pub fn parse(content_type: Option<&str>, body: &[u8]) -> Result<Fields, BodyError> {
    if body.is_empty() {
        return Ok(Fields::default());
    }
    let content_type = content_type.unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (encoding, fields) = match media_type.as_str() {
        "" if body.trim_ascii_start().starts_with(b"{") => (Encoding::Json, json::parse(text(body)?)?),
        "" | "application/x-www-form-urlencoded" => (Encoding::Form, form::parse(text(body)?)?),
        "multipart/form-data" => (Encoding::Multipart, multipart::parse(content_type, body)?),
        json if json == "application/json" || json.ends_with("+json") => {
            (Encoding::Json, json::parse(text(body)?)?)
        }
        _ => return Err(BodyError::UnsupportedContentType),
    };
    Ok(Fields { encoding, fields })
}

/// Reads the fields of a query string, given without its `?`, by the rules of a form.
///
/// # Errors
/// [`BodyError`], of the kinds a form can have.
pub fn parse_query(query: &str) -> Result<Fields, BodyError> {
    if query.is_empty() {
        return Ok(Fields::default());
    }
    Ok(Fields { encoding: Encoding::Form, fields: form::parse(query)? })
}

fn text(body: &[u8]) -> Result<&str, BodyError> {
    std::str::from_utf8(body).map_err(|_| BodyError::NotUtf8)
}

/// Fields and errors as one line, for the tests of every encoding.
#[cfg(test)]
fn shown(parsed: Result<Vec<(String, Value)>, BodyError>) -> String {
    fn show(value: &Value) -> String {
        match value {
            Value::Null => "null".into(),
            Value::Bool(truth) => truth.to_string(),
            Value::Number(text) => text.clone(),
            Value::Text(text) => format!("{text:?}"),
            Value::List(values) => format!("[{}]", values.iter().map(show).collect::<Vec<_>>().join(" ")),
            Value::Map(entries) => format!("{{{}}}", show_entries(entries)),
            Value::File { name, content_type, bytes } => {
                format!("file {name:?} {} {bytes:?}", content_type.as_deref().unwrap_or("untyped"))
            }
        }
    }
    fn show_entries(entries: &[(String, Value)]) -> String {
        entries.iter().map(|(name, value)| format!("{name}:{}", show(value))).collect::<Vec<_>>().join(" ")
    }
    parsed.map_or_else(|error| format!("error: {error}"), |entries| show_entries(&entries))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FORM: &str = "application/x-www-form-urlencoded";

    fn check(content_type: Option<&str>, body: &str, expected: Result<Encoding, BodyError>) {
        let parsed = parse(content_type, body.as_bytes());
        assert_eq!(parsed.map(|fields| fields.encoding()), expected, "{content_type:?} {body:?}");
    }

    #[test]
    fn the_content_type_chooses_the_encoding() {
        for json in ["application/json", "Application/JSON; charset=utf-8", "application/vnd.api+json"] {
            check(Some(json), r#"{"a":1}"#, Ok(Encoding::Json));
        }
        check(Some(FORM), "a=1", Ok(Encoding::Form));
        check(Some("application/x-www-form-urlencoded; charset=UTF-8"), "a=1", Ok(Encoding::Form));
        check(Some("multipart/form-data; boundary=b"), "--b--\r\n", Ok(Encoding::Multipart));
        for other in ["text/plain", "application/xml", "json", "multipart/mixed; boundary=b"] {
            check(Some(other), "a=1", Err(BodyError::UnsupportedContentType));
        }
    }

    #[test]
    fn without_a_content_type_an_opening_brace_means_json() {
        check(None, " \r\n\t{\"a\":1}", Ok(Encoding::Json));
        check(Some(" "), "{}", Ok(Encoding::Json));
        check(None, "a={", Ok(Encoding::Form));
        check(None, "[1]", Ok(Encoding::Form));
    }

    #[test]
    fn an_empty_body_has_no_fields_whatever_its_type() {
        for content_type in [None, Some("application/json"), Some("multipart/form-data"), Some("text/plain")]
        {
            check(content_type, "", Ok(Encoding::Empty));
        }
        assert_eq!(parse_query(""), Ok(Fields::default()));
    }

    #[test]
    fn text_in_another_character_encoding_is_refused() {
        // 0x93 0xFA is 日 in Shift_JIS.
        for content_type in [None, Some("application/json"), Some(FORM)] {
            assert_eq!(parse(content_type, b"a=\x93\xFA"), Err(BodyError::NotUtf8));
        }
    }

    #[test]
    fn fields_are_found_by_name_and_kept_in_order() {
        let fields = parse_query("b=1&a=2&b=3").unwrap();
        assert_eq!(fields.get("b"), Some(&Value::Text("3".into())));
        assert_eq!(fields.get("c"), None);
        assert_eq!(fields.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["b", "a"]);
    }

    #[test]
    fn values_stay_out_of_logs() {
        let fields = parse_query("customer_email=buyer%40example.com").unwrap();
        assert_eq!(format!("{fields:?}"), r#"Form fields ["customer_email"]"#);
    }

    /// Bytes that are likely to matter to some encoding, and any others.
    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let telling = prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            "\"",
            ":",
            ",",
            "\\",
            "\\u",
            "d800",
            "0",
            "-",
            "1e9",
            ".",
            "true",
            "null",
            "&",
            "=",
            "%",
            "+",
            "a",
            "[]",
            "é",
            "--b",
            "--",
            "\r\n",
            "Content-Disposition: form-data; name=",
            "filename=",
            ";",
        ]);
        let piece = prop_oneof![4 => telling.prop_map(|s| s.as_bytes().to_vec()), 1 => any::<Vec<u8>>()];
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(content_type in prop_oneof![
            Just(None),
            prop::sample::select(vec!["application/json", FORM, "multipart/form-data; boundary=b", "multipart/form-data"])
                .prop_map(|known| Some(known.to_owned())),
            any::<String>().prop_map(Some),
            any::<String>().prop_map(|boundary| Some(format!("multipart/form-data; boundary={boundary}"))),
        ], body in bytes()) {
            if let Ok(fields) = parse(content_type.as_deref(), &body) {
                prop_assert!(fields.iter().len() <= FIELDS_MAX);
            }
        }
    }
}
