//! Reads query strings. Unknown parameters are ignored; a refusal names the parameter.

use axum::{extract::FromRequestParts, http::request::Parts};
use bursar_kernel::{DomainError, codes::INVALID_FIELD};
use serde::de::DeserializeOwned;

use super::{body::describe, failure::Failure};

/// The query string, as a plain type.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Ok(Self(parse(parts.uri.query().unwrap_or_default())?))
    }
}

/// The value of a text of pairs: a query, or a form.
///
/// # Errors
/// `invalid_field` with the name and the rule.
pub(crate) fn parse<T: DeserializeOwned>(query: &str) -> Result<T, DomainError> {
    if query.contains("%00") {
        return Err(DomainError::from(&INVALID_FIELD)
            .saying("query must not contain the character U+0000")
            .param("field", "query"));
    }
    let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
    serde_path_to_error::deserialize(pairs).map_err(|error| {
        let path = error.path().to_string();
        match error.into_inner().to_string() {
            // What `FromStr` of a number says.
            said if said.contains("digit") || said.contains("number too") => {
                describe(&path, "expected a whole number, not negative")
            }
            // What that of a boolean says.
            said if said.contains("`true` or `false`") => describe(&path, "expected a boolean"),
            said => describe(&path, &said),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Wanted {
        limit: Option<u64>,
        size: String,
        #[serde(default)]
        whole: bool,
    }

    #[test]
    fn a_refusal_names_the_parameter_and_unknown_ones_are_ignored() {
        let wanted: Wanted = parse("size=a+b%20c&other=1&limit=7&whole=true").unwrap();
        assert_eq!((wanted.limit, wanted.size.as_str(), wanted.whole), (Some(7), "a b c", true));
        for (query, sentence) in [
            ("", "size is required"),
            ("size=a&limit=x", "limit must be a whole number, not negative"),
            ("size=a&limit=-1", "limit must be a whole number, not negative"),
            ("size=a&whole=perhaps", "whole must be true or false"),
            ("size=a&size=b", "size must be given once"),
            ("size=%00", "query must not contain the character U+0000"),
        ] {
            assert_eq!(parse::<Wanted>(query).unwrap_err().to_string(), sentence, "{query}");
        }
    }
}
