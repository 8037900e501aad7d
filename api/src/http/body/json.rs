//! A JSON object as fields, every number as its exact text.

use super::{BodyError, FIELDS_MAX, NESTING_MAX, Place, Value};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

pub(super) fn parse(body: &str) -> Result<Vec<(String, Value)>, BodyError> {
    let mut reader = Reader { body, fields_read: 0 };
    let whole: &RawValue = reader.read(body)?;
    if !whole.get().starts_with('{') {
        return Err(BodyError::NotAnObject);
    }
    reader.object(whole.get(), 1)
}

/// Reads level by level: a value is split into the raw text of its children, so that no number is ever
/// anything but text. The depth is limited, so a byte is looked at no more than [`NESTING_MAX`] times or so.
struct Reader<'a> {
    body: &'a str,
    fields_read: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, raw: &'a RawValue, depth: usize) -> Result<Value, BodyError> {
        let text = raw.get();
        Ok(match text.as_bytes() {
            [b'{', ..] => Value::Map(self.object(text, depth + 1)?),
            [b'[', ..] => Value::List(self.list(text, depth + 1)?),
            [b'"', ..] => Value::Text(self.read(text)?),
            b"null" => Value::Null,
            b"true" => Value::Bool(true),
            b"false" => Value::Bool(false),
            _ => Value::Number(text.to_owned()),
        })
    }

    fn object(&mut self, text: &'a str, depth: usize) -> Result<Vec<(String, Value)>, BodyError> {
        let Members(members) = self.read(text)?;
        self.count(members.len(), depth)?;
        let mut entries: Vec<(String, Value)> = Vec::with_capacity(members.len());
        for (name, raw) in members {
            if entries.iter().any(|(known, _)| *known == name) {
                return Err(BodyError::RepeatedKey(self.place(raw.get(), 1, 1)));
            }
            entries.push((name, self.value(raw, depth)?));
        }
        Ok(entries)
    }

    fn list(&mut self, text: &'a str, depth: usize) -> Result<Vec<Value>, BodyError> {
        let elements: Vec<&'a RawValue> = self.read(text)?;
        self.count(elements.len(), depth)?;
        elements.into_iter().map(|raw| self.value(raw, depth)).collect()
    }

    fn count(&mut self, fields: usize, depth: usize) -> Result<(), BodyError> {
        self.fields_read += fields;
        if depth > NESTING_MAX {
            return Err(BodyError::TooDeep);
        }
        if self.fields_read > FIELDS_MAX {
            return Err(BodyError::TooManyFields);
        }
        Ok(())
    }

    fn read<T: Deserialize<'a>>(&self, part: &'a str) -> Result<T, BodyError> {
        // Only the place is kept of serde's error: its message may quote the body.
        serde_json::from_str(part)
            .map_err(|error| BodyError::MalformedJson(self.place(part, error.line(), error.column())))
    }

    /// Where in the body a line and column of `part`, itself a slice of the body, are.
    fn place(&self, part: &str, line: usize, column: usize) -> Place {
        let start = part.as_ptr().addr() - self.body.as_ptr().addr();
        let before = &self.body[..start];
        let line_before = before.rsplit('\n').next().unwrap_or_default();
        Place {
            line: before.matches('\n').count() + line,
            column: if line == 1 { line_before.len() + column } else { column },
        }
    }
}

/// An object's members in order, repeated keys and all; a map type would hide them.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::body::shown;
    use proptest::prelude::*;

    fn check(body: &str, expected: &str) {
        assert_eq!(shown(parse(body)), expected, "{body}");
    }

    #[test]
    fn numbers_keep_their_exact_text() {
        for number in ["280.00", "0.1", "-0", "1E400", "12345678901234567890.10", "9007199254740993"] {
            check(&format!(r#"{{"a":[{number}]}}"#), &format!("a:[{number}]"));
        }
    }

    #[test]
    fn every_kind_of_value_is_read_in_order() {
        check(
            r#"{"z":null,"y":[true,false,"\u00e9\n"],"a":{"c":1,"b":{}}}"#,
            r#"z:null y:[true false "é\n"] a:{c:1 b:{}}"#,
        );
        check(" {\n} ", "");
        check(r#"{"":""}"#, r#":"""#);
    }

    #[test]
    fn only_an_object_has_fields() {
        for body in ["[1]", "null", "12", r#""{}""#] {
            check(body, "error: the JSON body must be an object");
        }
    }

    #[test]
    fn malformed_json_is_placed_and_never_quoted() {
        check("{\"a\": 1,\n \"b\": secret}", "error: malformed JSON at line 2, column 7");
        check(r#"{"a": 1} secret"#, "error: malformed JSON at line 1, column 10");
        check(r#"{"a": 01}"#, "error: malformed JSON at line 1, column 8");
        check(r#"{"a": NaN}"#, "error: malformed JSON at line 1, column 7");
        check("{\"a\":", "error: malformed JSON at line 1, column 5");
        check("", "error: malformed JSON at line 1, column 0");
    }

    #[test]
    fn half_a_surrogate_pair_is_placed_in_the_whole_body() {
        check("{\"a\":\n  [1, \"\\ud800\"]}", "error: malformed JSON at line 2, column 14");
    }

    #[test]
    fn a_repeated_key_is_refused_at_every_depth() {
        check(
            r#"{"a":1,"a":2}"#,
            "error: a key is repeated in one JSON object, its second value at line 1, column 12",
        );
        check(
            "{\"b\":[\n{\"a\":1,\"\\u0061\":1}]}",
            "error: a key is repeated in one JSON object, its second value at line 2, column 17",
        );
        check(r#"{"a":{"a":1}}"#, "a:{a:1}");
    }

    #[test]
    fn nesting_is_limited() {
        let nested = |lists: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(lists), "]".repeat(lists));
        assert!(parse(&nested(NESTING_MAX - 1)).is_ok());
        assert_eq!(parse(&nested(NESTING_MAX)), Err(BodyError::TooDeep));
        assert_eq!(parse(&nested(200_000)), Err(BodyError::TooDeep));
    }

    #[test]
    fn fields_are_counted_at_every_depth() {
        let body = |elements: usize| format!(r#"{{"a":[{}]}}"#, vec!["0"; elements].join(","));
        assert!(parse(&body(FIELDS_MAX - 1)).is_ok());
        assert_eq!(parse(&body(FIELDS_MAX)), Err(BodyError::TooManyFields));
    }

    proptest! {
        #[test]
        fn any_text_survives(name in any::<String>(), text in any::<String>()) {
            let body = serde_json::json!({ name.clone(): [text.clone()] }).to_string();
            prop_assert_eq!(parse(&body), Ok(vec![(name, Value::List(vec![Value::Text(text)]))]));
        }
    }
}
