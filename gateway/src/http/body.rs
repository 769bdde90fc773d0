//! Reads JSON bodies. Every refusal names the field and the rule, and never repeats the value: it
//! may be a password.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, header::CONTENT_TYPE},
};
use bursar_kernel::{DomainError, Result, codes::INVALID_FIELD};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use super::{codes, failure::Failure};
use crate::state::AppState;

/// A JSON body that is needed.
#[derive(Clone, Copy, Debug)]
pub struct Body<T>(pub T);

/// A JSON body that may be left out, with or without its content type.
#[derive(Clone, Copy, Debug)]
pub struct OptionalBody<T>(pub T);

/// A body as it came, up to the limit of every route.
#[derive(Clone, Debug)]
pub struct RawBody(pub Bytes);

/// A body as it came, up to the limit of event batches.
#[derive(Clone, Debug)]
pub struct EventsBody(pub Bytes);

impl<T: DeserializeOwned> FromRequest<AppState> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Failure> {
        let (headers, bytes) = whole(request, state.config.http.max_body_bytes).await?;
        if bytes.is_empty() {
            return Err((&codes::BODY_REQUIRED).into());
        }
        check_type(&headers)?;
        Ok(Self(parse(&bytes)?))
    }
}

impl<T: DeserializeOwned + Default> FromRequest<AppState> for OptionalBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Failure> {
        let (headers, bytes) = whole(request, state.config.http.max_body_bytes).await?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        check_type(&headers)?;
        Ok(Self(parse(&bytes)?))
    }
}

impl FromRequest<AppState> for RawBody {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Failure> {
        Ok(Self(whole(request, state.config.http.max_body_bytes).await?.1))
    }
}

impl FromRequest<AppState> for EventsBody {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Failure> {
        Ok(Self(whole(request, state.config.http.max_events_body_bytes).await?.1))
    }
}

async fn whole(request: Request, limit: usize) -> Result<(HeaderMap, Bytes)> {
    let (parts, body) = request.into_parts();
    let too_large = || {
        DomainError::from(&codes::BODY_TOO_LARGE)
            .saying(format!("The request body is larger than {limit} bytes"))
            .param("limit_bytes", limit)
    };
    match Limited::new(body, limit).collect().await {
        Ok(body) => Ok((parts.headers, body.to_bytes())),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(error) => Err(DomainError::from(&codes::BODY_INCOMPLETE).because(error)),
    }
}

fn check_type(headers: &HeaderMap) -> Result<()> {
    let stated = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = stated.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json = media_type == "application/json"
        || (media_type.starts_with("application/") && media_type.ends_with("+json"));
    if is_json { Ok(()) } else { Err(DomainError::from(&codes::MEDIA_TYPE_UNSUPPORTED)) }
}

/// The value of a JSON text that is an object.
///
/// # Errors
/// `json_malformed` with the line and column; `invalid_field` with the path and the rule.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    if bytes.trim_ascii_start().starts_with(b"[") {
        // serde would take a list as an object's fields in their order.
        return Err(field("body", "must be an object"));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        refuse(&path, &error.into_inner())
    })?;
    json.end().map_err(|error| refuse(".", &error))?;
    if holds_nul(bytes) {
        // PostgreSQL cannot keep it in a text.
        return Err(field("body", "must not contain the character U+0000"));
    }
    Ok(value)
}

fn refuse(path: &str, error: &serde_json::Error) -> DomainError {
    if !error.is_data() {
        let sentence =
            format!("The body must be valid JSON: line {}, column {}", error.line(), error.column());
        return DomainError::from(&codes::JSON_MALFORMED).saying(sentence);
    }
    let said = error.to_string();
    let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said);
    describe(path, said)
}

/// From serde's words to ours: where, and the rule.
pub(super) fn describe(path: &str, said: &str) -> DomainError {
    let parent = if path == "." { "" } else { path };
    let child = |name: &str| if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") };
    if let Some(name) = said.strip_prefix("missing field ") {
        return field(&child(name.trim_matches('`')), "is required");
    }
    if let Some(name) = said.strip_prefix("duplicate field ") {
        return field(&child(name.trim_matches('`')), "must be given once");
    }
    let here = if parent.is_empty() { "body" } else { parent };
    if let Some((name, _)) = said.strip_prefix("unknown field ").and_then(|rest| rest.split_once(", ")) {
        // serde's path already ends in the unknown name.
        let name = name.trim_matches('`');
        let at =
            if here == name || here.ends_with(&format!(".{name}")) { here.to_owned() } else { child(name) };
        return field(&at, "is not known here");
    }
    match said.rsplit_once("expected ") {
        Some((_, expected)) => field(here, &format!("must be {}", in_words(expected))),
        None => field(here, said),
    }
}

/// Rust's names of types in the words of JSON.
fn in_words(expected: &str) -> String {
    match expected {
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => "a whole number in range".to_owned(),
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" => "a whole number in range, not negative".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a string" | "a borrowed string" | "string" => "a text".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "an object".to_owned(),
        other if other.starts_with("struct ") => "an object".to_owned(),
        other => other.to_owned(),
    }
}

fn field(path: &str, rule: &str) -> DomainError {
    DomainError::from(&INVALID_FIELD).saying(format!("{path} {rule}")).param("field", path)
}

/// Whether a text in valid JSON holds `\u0000`, an escape whose backslash is not itself escaped.
fn holds_nul(json: &[u8]) -> bool {
    let mut rest = json;
    while let Some(at) = rest.iter().position(|&byte| byte == b'\\') {
        if rest[at + 1..].starts_with(b"u0000") {
            return true;
        }
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    #[expect(dead_code, reason = "only whether it parses matters")]
    struct Purchase {
        amount_cents: u32,
        label: Option<String>,
        #[serde(default)]
        lines: Vec<Line>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether it parses matters")]
    struct Line {
        name: String,
    }

    fn refused(json: &str) -> (&'static str, String) {
        let error = parse::<Purchase>(json.as_bytes()).unwrap_err();
        (error.code(), error.to_string())
    }

    #[test]
    fn a_refusal_names_the_field_and_the_rule() {
        for (json, sentence) in [
            ("{}", "amountCents is required"),
            (r#"{"amountCents":"x"}"#, "amountCents must be a whole number in range, not negative"),
            (r#"{"amountCents":-1}"#, "amountCents must be a whole number in range, not negative"),
            (r#"{"amountCents":1.5}"#, "amountCents must be a whole number in range, not negative"),
            (r#"{"amountCents":99999999999}"#, "amountCents must be a whole number in range, not negative"),
            (r#"{"amountCents":1,"label":{}}"#, "label must be a text"),
            (r#"{"amountCents":1,"amountCents":2}"#, "amountCents must be given once"),
            (r#"{"amountCents":1,"lines":{}}"#, "lines must be a list"),
            (r#"{"amountCents":1,"lines":[{"name":"a"},{}]}"#, "lines[1].name is required"),
            (r#"{"amountCents":1,"lines":[{"name":"a","x":1}]}"#, "lines[0].x is not known here"),
            (r#""text""#, "body must be an object"),
            ("null", "body must be an object"),
            ("[1]", "body must be an object"),
            (r#"{"amountCents":1,"label":"\u0000"}"#, "body must not contain the character U+0000"),
        ] {
            assert_eq!(refused(json), ("invalid_field", sentence.to_owned()), "{json}");
        }
    }

    #[test]
    fn what_is_no_json_is_told_where() {
        for json in ["{", "{]", "{\"amountCents\":1}x", "\u{feff}{}", "{\"amountCents\":01}", "'a'"] {
            assert_eq!(refused(json).0, "json_malformed", "{json}");
        }
        assert!(refused("{\n]").1.ends_with("line 2, column 1"));
        let deep = "{\"a\":".repeat(100_000);
        assert_eq!(parse::<serde_json::Value>(deep.as_bytes()).unwrap_err().code(), "json_malformed");
    }

    #[test]
    fn a_value_is_never_repeated() {
        let (_, sentence) = refused(r#"{"amountCents":"my password"}"#);
        assert!(!sentence.contains("my password"));
    }

    #[test]
    fn an_escaped_backslash_before_u0000_is_a_text_like_any_other() {
        assert!(parse::<Purchase>(br#"{"amountCents":1,"label":"\\u0000"}"#).is_ok());
        assert!(parse::<Purchase>(br#"{"amountCents":1,"label":"\\\u0000"}"#).is_err());
    }
}
