//! What PHP's `json_encode`, with its default flags, may have made of the fields before they were sent.
//!
//! Not found again: a float whose form value says less than its JSON, because `http_build_query` writes 14
//! digits and `json_encode` 17. That is 0.1 + 0.2, and floats from 10^14 to 10^17.

use crate::http::body::{Encoding, Fields, Value};
use std::fmt::Write;

/// A form has lost its types, so each text that looks like a number is tried as a number and as a string.
/// Beyond this many such texts the rest go with the last of these: a body has 64 encodings at the most.
const NUMERALS_FREE_MAX: usize = 6;

/// Every text `json_encode` may have given for `fields`, all numbers first, all strings last. There is none if
/// a file is among them: a signature over JSON cannot cover its content.
pub(super) fn encodings(fields: &Fields) -> impl Iterator<Item = String> {
    let form = matches!(fields.encoding(), Encoding::Form | Encoding::Multipart);
    let numerals = if form { fields.iter().map(|(_, value)| numerals(value)).sum() } else { 0 };
    let choices = if fields.iter().any(|(_, value)| has_file(value)) {
        0
    } else {
        1 << numerals.min(NUMERALS_FREE_MAX)
    };
    (0..choices).rev().map(|as_numbers| {
        let mut encoder = Encoder { json: String::new(), as_numbers, numerals_met: 0 };
        encoder.object(fields.iter());
        encoder.json
    })
}

fn numerals(value: &Value) -> usize {
    match value {
        Value::Text(text) => usize::from(is_number(text)),
        Value::List(values) => values.iter().map(numerals).sum(),
        Value::Map(entries) => entries.iter().map(|(_, value)| numerals(value)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::File { .. } => 0,
    }
}

fn has_file(value: &Value) -> bool {
    match value {
        Value::File { .. } => true,
        Value::List(values) => values.iter().any(has_file),
        Value::Map(entries) => entries.iter().any(|(_, value)| has_file(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => false,
    }
}

struct Encoder {
    json: String,
    /// Bit *n*: the *n*th text that looks like a number was one.
    as_numbers: u64,
    numerals_met: usize,
}

impl Encoder {
    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.json.push_str("null"),
            Value::Bool(truth) => self.json.push_str(if *truth { "true" } else { "false" }),
            Value::Number(text) => self.number(text),
            Value::Text(text) if is_number(text) => self.numeral(text),
            Value::Text(text) => self.string(text),
            Value::List(values) => self.list(values),
            Value::Map(entries) => self.object(entries.iter().map(|(key, value)| (key.as_str(), value))),
            Value::File { .. } => unreachable!("fields with files have no encodings"),
        }
    }

    fn object<'a>(&mut self, entries: impl ExactSizeIterator<Item = (&'a str, &'a Value)>) {
        if entries.len() == 0 {
            // PHP has one kind of array, and an empty one is a list.
            return self.json.push_str("[]");
        }
        for (index, (key, value)) in entries.enumerate() {
            self.json.push(if index == 0 { '{' } else { ',' });
            self.string(key);
            self.json.push(':');
            self.value(value);
        }
        self.json.push('}');
    }

    fn list(&mut self, values: &[Value]) {
        self.json.push('[');
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                self.json.push(',');
            }
            self.value(value);
        }
        self.json.push(']');
    }

    fn numeral(&mut self, text: &str) {
        let bit = self.numerals_met.min(NUMERALS_FREE_MAX - 1);
        self.numerals_met += 1;
        if self.as_numbers >> bit & 1 == 1 { self.number(text) } else { self.string(text) }
    }

    /// A float in its shortest form (`serialize_precision` -1): `280.00` is `280`, `10.50` is `10.5`. An exponent
    /// is one that PHP gave it in the form, with a capital E.
    fn number(&mut self, text: &str) {
        match text.contains(['e', 'E']) {
            true => self.json.push_str(&text.to_ascii_lowercase()),
            false if text.contains('.') => {
                self.json.push_str(text.trim_end_matches('0').trim_end_matches('.'))
            }
            false => self.json.push_str(text),
        }
    }

    fn string(&mut self, text: &str) {
        self.json.push('"');
        for c in text.chars() {
            match c {
                '"' | '\\' | '/' => self.json.extend(['\\', c]),
                '\u{8}' => self.json.push_str("\\b"),
                '\u{c}' => self.json.push_str("\\f"),
                '\n' => self.json.push_str("\\n"),
                '\r' => self.json.push_str("\\r"),
                '\t' => self.json.push_str("\\t"),
                ' '..='\u{7f}' => self.json.push(c),
                _ => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
                    write!(self.json, "\\u{unit:04x}").expect("a string takes any text");
                }),
            }
        }
        self.json.push('"');
    }
}

/// Whether a JSON number reads exactly like this.
fn is_number(text: &str) -> bool {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(fraction) && digits(exponent) && (whole == "0" || !whole.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::body::{parse, parse_query};
    use proptest::prelude::*;

    fn of_form(form: &str) -> Vec<String> {
        encodings(&parse_query(form).expect("the test's form is well formed")).collect()
    }

    fn check(form: &str, expected: &[&str]) {
        assert_eq!(of_form(form), expected, "{form}");
    }

    fn check_json(body: &str, expected: &str) {
        let fields =
            parse(Some("application/json"), body.as_bytes()).expect("the test's JSON is well formed");
        assert_eq!(encodings(&fields).collect::<Vec<_>>(), [expected], "{body}");
    }

    #[test]
    fn numbers_are_shortest_and_strings_exact() {
        for (text, number) in [
            ("280.00", "280"),
            ("10.50", "10.5"),
            ("0.10", "0.1"),
            ("1000", "1000"),
            ("0", "0"),
            ("0.0", "0"),
            ("100.0", "100"),
            ("-1.50", "-1.5"),
            ("0.0001", "0.0001"),
            ("1.0E-5", "1.0e-5"),
            ("1.0E+25", "1.0e+25"),
            ("12345678901234567890", "12345678901234567890"),
        ] {
            let form = text.replace('+', "%2B");
            check(&format!("a={form}"), &[&format!(r#"{{"a":{number}}}"#), &format!(r#"{{"a":"{text}"}}"#)]);
        }
    }

    #[test]
    fn what_json_would_not_call_a_number_is_only_a_string() {
        for text in
            ["", "-", "007", "00", ".5", "5.", "1.2.3", "1e", "1ee1", "0x1A", "1,000", "--1", "1 ", "NaN"]
        {
            check(&format!("a={text}"), &[&format!(r#"{{"a":"{text}"}}"#)]);
        }
        check("a=１", &[r#"{"a":"\uff11"}"#]);
    }

    #[test]
    fn strings_are_escaped_as_php_does() {
        check("a=%2F%5C%22%08%0C%0A%0D%09", &[r#"{"a":"\/\\\"\b\f\n\r\t"}"#]);
        check("a=%01%1F%7F'<%26>", &["{\"a\":\"\\u0001\\u001f\u{7f}'<&>\"}"]);
        check("日=é😀", &[r#"{"\u65e5":"\u00e9\ud83d\ude00"}"#]);
        check("a=\u{2028}", &[r#"{"a":"\u2028"}"#]);
    }

    #[test]
    fn nested_fields_keep_their_shape_and_order() {
        check("b[y]=p&b[x]=q&a[]=r&a[]=s", &[r#"{"b":{"y":"p","x":"q"},"a":["r","s"]}"#]);
        check_json(
            r#"{"b": {"y": 1.0, "x": [true, null, {}]}, "a": "1"}"#,
            r#"{"b":{"y":1,"x":[true,null,[]]},"a":"1"}"#,
        );
    }

    #[test]
    fn no_fields_are_an_empty_list() {
        check("", &["[]"]);
    }

    #[test]
    fn numerals_beyond_the_sixth_go_with_the_sixth() {
        let form = |numerals: usize| vec!["a[]=1"; numerals].join("&");
        for (numerals, count) in [(0, 1), (1, 2), (5, 32), (6, 64), (7, 64), (200, 64)] {
            assert_eq!(of_form(&form(numerals)).len(), count, "{numerals} numerals");
        }
        let of_eight = of_form(&form(8));
        assert_eq!(of_eight.first().unwrap(), r#"{"a":[1,1,1,1,1,1,1,1]}"#);
        assert_eq!(of_eight[1], r#"{"a":["1",1,1,1,1,1,1,1]}"#);
        assert_eq!(of_eight[32], r#"{"a":[1,1,1,1,1,"1","1","1"]}"#);
        assert_eq!(of_eight.last().unwrap(), r#"{"a":["1","1","1","1","1","1","1","1"]}"#);
    }

    #[test]
    fn a_file_has_no_json() {
        let body = "--b\r\nContent-Disposition: form-data; name=\"a[b][]\"; filename=f\r\n\r\nx\r\n--b--\r\n";
        let fields = parse(Some("multipart/form-data; boundary=b"), body.as_bytes()).unwrap();
        assert_eq!(fields.iter().len(), 1);
        assert_eq!(encodings(&fields).next(), None);
    }

    proptest! {
        #[test]
        fn every_string_reads_back_and_is_ascii(text in any::<String>()) {
            let mut encoder = Encoder { json: String::new(), as_numbers: 0, numerals_met: 0 };
            encoder.string(&text);
            prop_assert!(encoder.json.is_ascii());
            prop_assert_eq!(serde_json::from_str::<String>(&encoder.json).unwrap(), text);
        }
    }
}
