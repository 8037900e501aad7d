//! Form fields, their names read as PHP reads them: `a[b][c]=d`, `a[]=e`.

use super::{BodyError, FIELDS_MAX, NESTING_MAX, Value, text};
use percent_encoding::percent_decode_str;

pub(super) fn parse(body: &str) -> Result<Vec<(String, Value)>, BodyError> {
    let mut tree = Tree::default();
    for pair in body.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        tree.insert(&decode(name)?, Value::Text(decode(value)?))?;
    }
    Ok(tree.into_fields())
}

fn decode(part: &str) -> Result<String, BodyError> {
    let bytes: Vec<u8> = percent_decode_str(&part.replace('+', " ")).collect();
    text(&bytes).map(str::to_owned)
}

/// Fields as they come in, one leaf at a time. As in PHP, lists are maps with counted keys until the end.
#[derive(Default)]
pub(super) struct Tree {
    fields: Vec<(String, Value)>,
    leaves: usize,
}

impl Tree {
    /// Puts `leaf` where `name` says; it replaces what was there, which keeps its place in the order.
    pub(super) fn insert(&mut self, name: &str, leaf: Value) -> Result<(), BodyError> {
        self.leaves += 1;
        if self.leaves > FIELDS_MAX {
            return Err(BodyError::TooManyFields);
        }
        let (name, keys) = path(name);
        if keys.len() >= NESTING_MAX {
            return Err(BodyError::TooDeep);
        }
        let mut slot = slot_named(&mut self.fields, name);
        for key in keys {
            let entries = entries_of(slot);
            slot = match key {
                "" => slot_named(entries, &key_next(entries)),
                key => slot_named(entries, key),
            };
        }
        *slot = leaf;
        Ok(())
    }

    pub(super) fn into_fields(self) -> Vec<(String, Value)> {
        self.fields.into_iter().map(|(name, value)| (name, settled(value))).collect()
    }
}

/// Splits `a[b][]` into `a` and its keys, `b` and the empty one. A name not of that form is plain.
fn path(name: &str) -> (&str, Vec<&str>) {
    let split = || {
        let (base, rest) = name.split_once('[')?;
        let keys: Vec<&str> = rest.strip_suffix(']')?.split("][").collect();
        let well_formed = !base.is_empty() && keys.iter().all(|key| !key.contains(['[', ']']));
        well_formed.then_some((base, keys))
    };
    split().unwrap_or((name, Vec::new()))
}

fn slot_named<'a>(entries: &'a mut Vec<(String, Value)>, key: &str) -> &'a mut Value {
    let index = entries.iter().position(|(known, _)| known == key).unwrap_or_else(|| {
        entries.push((key.to_owned(), Value::Null));
        entries.len() - 1
    });
    &mut entries[index].1
}

/// The entries of the map in `slot`, which becomes one if it was a leaf.
fn entries_of(slot: &mut Value) -> &mut Vec<(String, Value)> {
    if !matches!(slot, Value::Map(_)) {
        *slot = Value::Map(Vec::new());
    }
    match slot {
        Value::Map(entries) => entries,
        _ => unreachable!("the slot was made a map just now"),
    }
}

/// The key `[]` stands for: one more than the greatest counted key so far.
fn key_next(entries: &[(String, Value)]) -> String {
    let counted = |key: &str| key.parse::<u32>().ok().filter(|number| number.to_string() == key);
    let next = entries.iter().filter_map(|(key, _)| counted(key)).max().map_or(0, |last| u64::from(last) + 1);
    next.to_string()
}

/// A map whose keys count from 0 is a list, as `json_encode` in PHP has it.
fn settled(value: Value) -> Value {
    let Value::Map(entries) = value else {
        return value;
    };
    let entries: Vec<(String, Value)> =
        entries.into_iter().map(|(key, value)| (key, settled(value))).collect();
    if entries.iter().enumerate().all(|(index, (key, _))| *key == index.to_string()) {
        return Value::List(entries.into_iter().map(|(_, value)| value).collect());
    }
    Value::Map(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::body::shown;
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    fn check(body: &str, expected: &str) {
        assert_eq!(shown(parse(body)), expected, "{body}");
    }

    #[test]
    fn values_are_decoded() {
        check(
            "details=Digital+Product&u=https%3A%2f%2Fa.jp%2Fx",
            r#"details:"Digital Product" u:"https://a.jp/x""#,
        );
        check("a=%E6%97%A5&b=日&c=1%2B1", r#"a:"日" b:"日" c:"1+1""#);
        check("a=100%&b=%zz", r#"a:"100%" b:"%zz""#);
        check("a=%93%FA", "error: the body is not valid UTF-8");
    }

    #[test]
    fn odd_pairs_are_still_pairs() {
        check("scope=&a&&=b&c=d=e&", r#"scope:"" a:"" :"b" c:"d=e""#);
    }

    #[test]
    fn the_last_of_a_repeated_field_wins_in_the_first_place() {
        check("a=1&b=2&a=3", r#"a:"3" b:"2""#);
        check("a=1&a[b]=2", r#"a:{b:"2"}"#);
        check("a[b]=2&a=1", r#"a:"1""#);
    }

    #[test]
    fn brackets_make_maps_and_lists() {
        check("a[b]=1&a[c][d]=2&a%5Bb%5D=3", r#"a:{b:"3" c:{d:"2"}}"#);
        check("a[]=1&a[]=2", r#"a:["1" "2"]"#);
        check("a[0]=1&a[1]=2&a[]=3", r#"a:["1" "2" "3"]"#);
        check("a[][n]=1&a[][n]=2", r#"a:[{n:"1"} {n:"2"}]"#);
    }

    #[test]
    fn keys_that_do_not_count_from_0_in_order_make_a_map() {
        check("a[1]=x", r#"a:{1:"x"}"#);
        check("a[1]=x&a[0]=y", r#"a:{1:"x" 0:"y"}"#);
        check("a[00]=x&a[]=y", r#"a:{00:"x" 0:"y"}"#);
        check("a[5]=x&a[]=y&a[k]=z", r#"a:{5:"x" 6:"y" k:"z"}"#);
        check("a[4294967295]=x&a[]=y", r#"a:{4294967295:"x" 4294967296:"y"}"#);
    }

    #[test]
    fn names_with_stray_brackets_are_plain() {
        for name in ["[a]", "a[", "a]", "a[b", "a[b]c", "a[[b]]", "a[b][", "a[b]]"] {
            check(&format!("{name}=1"), &format!(r#"{name}:"1""#));
        }
    }

    #[test]
    fn nesting_and_fields_are_limited() {
        let nested = |keys: usize| format!("a{}=1", "[b]".repeat(keys));
        assert!(parse(&nested(NESTING_MAX - 1)).is_ok());
        assert_eq!(parse(&nested(NESTING_MAX)), Err(BodyError::TooDeep));

        assert!(parse(&"a[]=1&".repeat(FIELDS_MAX)).is_ok());
        assert_eq!(parse(&"a[]=1&".repeat(FIELDS_MAX + 1)), Err(BodyError::TooManyFields));
    }

    proptest! {
        #[test]
        fn any_text_survives(value in any::<String>()) {
            let body = format!("a={}", utf8_percent_encode(&value, NON_ALPHANUMERIC));
            prop_assert_eq!(parse(&body), Ok(vec![("a".to_owned(), Value::Text(value))]));
        }
    }
}
