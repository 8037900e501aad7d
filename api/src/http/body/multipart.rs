//! Multipart forms: fields as in [`super::form`], and files.

use super::form::Tree;
use super::{BodyError, Value, text};
use bytes::Bytes;
use futures::{FutureExt, future, stream};
use multer::{Field, Multipart};
use std::convert::Infallible;

pub(super) fn parse(content_type: &str, body: &[u8]) -> Result<Vec<(String, Value)>, BodyError> {
    // All bytes are here, so the parser has nothing to wait for; should it wait, the body made no sense to it.
    collect(content_type, body).now_or_never().unwrap_or(Err(BodyError::MalformedMultipart))
}

async fn collect(content_type: &str, body: &[u8]) -> Result<Vec<(String, Value)>, BodyError> {
    let malformed = |_| BodyError::MalformedMultipart;
    let boundary = multer::parse_boundary(content_type).map_err(malformed)?;
    let bytes = future::ready(Ok::<_, Infallible>(Bytes::copy_from_slice(body)));
    let mut parts = Multipart::new(stream::once(bytes), boundary);
    let mut tree = Tree::default();
    while let Some(part) = parts.next_field().await.map_err(malformed)? {
        let name = part.name().ok_or(BodyError::MalformedMultipart)?.to_owned();
        if let Some(value) = value(part).await? {
            tree.insert(&name, value)?;
        }
    }
    Ok(tree.into_fields())
}

/// None for a file input the user left empty: browsers send it with an empty file name.
async fn value(part: Field<'_>) -> Result<Option<Value>, BodyError> {
    let file_name = part.file_name().map(str::to_owned);
    let content_type = part.content_type().map(ToString::to_string);
    let bytes = part.bytes().await.map_err(|_| BodyError::MalformedMultipart)?;
    match file_name {
        None => Ok(Some(Value::Text(text(&bytes)?.to_owned()))),
        Some(name) if name.is_empty() => Ok(None),
        Some(name) => Ok(Some(Value::File { name, content_type, bytes: bytes.into() })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::body::{FIELDS_MAX, shown};
    use proptest::prelude::*;

    const CONTENT_TYPE: &str = "multipart/form-data; boundary=----b";

    /// Parts given as headers and content, between the boundaries of [`CONTENT_TYPE`].
    fn body(parts: &[(&str, &str)]) -> String {
        let part = |(header, content): &(&str, &str)| {
            format!("------b\r\nContent-Disposition: form-data; {header}\r\n\r\n{content}\r\n")
        };
        parts.iter().map(part).collect::<String>() + "------b--\r\n"
    }

    fn check(parts: &[(&str, &str)], expected: &str) {
        assert_eq!(shown(parse(CONTENT_TYPE, body(parts).as_bytes())), expected);
    }

    #[test]
    fn fields_are_read_as_in_any_form() {
        check(
            &[("name=\"payment_id\"", "AIYmQIOAz0GlmsjfhgiOeu304")],
            r#"payment_id:"AIYmQIOAz0GlmsjfhgiOeu304""#,
        );
        check(&[("name=\"a[]\"", "1"), ("name=\"a[]\"", "日\r\n本")], r#"a:["1" "日\r\n本"]"#);
        check(&[], "");
    }

    #[test]
    fn files_keep_their_bytes() {
        check(
            &[("name=\"doc\"; filename=\"id.png\"\r\nContent-Type: image/png", "\u{1}\0")],
            r#"doc:file "id.png" image/png [1, 0]"#,
        );
        check(&[("name=\"doc\"; filename=\"id\"", "x")], r#"doc:file "id" untyped [120]"#);
    }

    #[test]
    fn a_file_input_left_empty_is_no_field() {
        check(&[("name=\"doc\"; filename=\"\"\r\nContent-Type: application/octet-stream", "")], "");
    }

    #[test]
    fn what_is_cut_short_or_nameless_is_malformed() {
        let whole = body(&[("name=\"a\"", "1")]);
        for length in 0..whole.len() - "--\r\n".len() {
            assert_eq!(
                parse(CONTENT_TYPE, &whole.as_bytes()[..length]),
                Err(BodyError::MalformedMultipart),
                "{length}"
            );
        }
        check(&[("filename=\"a\"", "1")], "error: malformed multipart body");
        for content_type in
            ["multipart/form-data", "multipart/form-data; boundary", "multipart/form-data; boundary=c"]
        {
            assert_eq!(
                parse(content_type, whole.as_bytes()),
                Err(BodyError::MalformedMultipart),
                "{content_type}"
            );
        }
    }

    #[test]
    fn text_must_be_utf_8_and_fields_are_limited() {
        let shift_jis =
            [b"------b\r\nContent-Disposition: form-data; name=a\r\n\r\n\x93\xFA\r\n------b--".as_slice()]
                .concat();
        assert_eq!(parse(CONTENT_TYPE, &shift_jis), Err(BodyError::NotUtf8));
        assert_eq!(
            parse(CONTENT_TYPE, body(&vec![("name=\"a[]\"", ""); FIELDS_MAX + 1]).as_bytes()),
            Err(BodyError::TooManyFields)
        );
    }

    proptest! {
        #[test]
        fn any_text_survives(value in any::<String>()) {
            let body = body(&[("name=\"a\"", &value)]);
            prop_assert_eq!(parse(CONTENT_TYPE, body.as_bytes()), Ok(vec![("a".to_owned(), Value::Text(value))]));
        }
    }
}
