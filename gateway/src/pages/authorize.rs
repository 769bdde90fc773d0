//! A person lets a client in: the click behind a code.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header::CONTENT_SECURITY_POLICY},
    response::{IntoResponse as _, Redirect, Response},
};
use bursar_kernel::{DomainError, Result};
use bursar_operations::{Actor, GrantCode, Profile, grant_code, read_profile};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    callback::Callback,
    failure, page, return_to,
    visitor::{OurForm, Visitor},
};
use crate::{
    http::{query::Query, security_headers},
    state::AppState,
};

const PATH: &str = "/authorize";
/// Whose codes they are, for clients that know several.
const PROVIDER: &str = "bursar";
/// The base64url of a SHA-256 digest (RFC 7636).
const CHALLENGE_LENGTH: usize = 43;
const STATE_MAX_LENGTH: usize = 1024;

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(show, submit))
}

/// What a client asks for.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// Where the code goes: `http://` on a loopback address, or a scheme that the operator allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    callback_url: Option<String>,
    /// The same address by its other name. When both are given they are equal.
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect_uri: Option<String>,
    /// Comes back with the code, so that a client knows its own question.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    /// What only the client can answer (RFC 7636): the code is then good with `codeVerifier` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    code_challenge: Option<String>,
    /// `S256`.
    #[serde(skip_serializing_if = "Option::is_none")]
    code_challenge_method: Option<String>,
}

/// A question that can be put to a person.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    callback: Callback,
    state: Option<String>,
    code_challenge: Option<String>,
}

impl Asked {
    /// Checks what is asked, before anybody is bothered with it.
    ///
    /// # Errors
    /// `invalid_field`.
    pub(crate) fn check(self, schemes: &[String]) -> Result<Question> {
        let (field, address) = match (self.callback_url, self.redirect_uri) {
            (Some(callback), Some(redirect)) if callback != redirect => {
                return Err(DomainError::invalid("redirect_uri", "must be the same as callback_url"));
            }
            (Some(callback), _) => ("callback_url", callback),
            (None, Some(redirect)) => ("redirect_uri", redirect),
            (None, None) => return Err(DomainError::invalid("callback_url", "is required")),
        };
        let callback = Callback::parse(field, &address, schemes)?;
        if self.state.as_ref().is_some_and(|state| state.len() > STATE_MAX_LENGTH) {
            return Err(DomainError::invalid("state", "must be at most 1024 bytes"));
        }
        let is_digest = |text: &String| {
            text.len() == CHALLENGE_LENGTH
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        if self.code_challenge.as_ref().is_some_and(|challenge| !is_digest(challenge)) {
            return Err(DomainError::invalid("code_challenge", "must be the base64url of a SHA-256 digest"));
        }
        // "plain", which is meant where no method is named, proves nothing to who reads the query.
        let method = self.code_challenge_method.as_deref();
        if (self.code_challenge.is_some() || method.is_some()) && method != Some("S256") {
            return Err(DomainError::invalid("code_challenge_method", "must be S256"));
        }
        if method.is_some() && self.code_challenge.is_none() {
            return Err(DomainError::invalid("code_challenge", "is required with code_challenge_method"));
        }
        Ok(Question { callback, state: self.state, code_challenge: self.code_challenge })
    }
}

impl Question {
    /// The path of the page that puts it to a person.
    pub(crate) fn path(&self) -> Result<String> {
        let asked = Asked {
            callback_url: Some(self.callback.as_str().to_owned()),
            redirect_uri: None,
            state: self.state.clone(),
            code_challenge: self.code_challenge.clone(),
            code_challenge_method: self.code_challenge.as_ref().map(|_| "S256".to_owned()),
        };
        let query = serde_urlencoded::to_string(&asked).map_err(DomainError::internal)?;
        Ok(format!("{PATH}?{query}"))
    }

    /// Where the answer goes.
    fn answered(&self, told: [(&str, Option<&str>); 2]) -> String {
        let [first, second] = told;
        self.callback.with(&[first, second, ("state", self.state.as_deref())])
    }
}

#[derive(Template)]
#[template(path = "authorize.html")]
struct AuthorizePage<'a> {
    product_name: &'a str,
    place: String,
    is_on_this_machine: bool,
    profile: &'a Profile,
    question: &'a Question,
}

/// Asks the person whether a client may act for it.
#[utoipa::path(get, path = "/authorize", responses((status = 200), (status = 303)), security(()))]
async fn show(
    State(state): State<AppState>,
    Visitor(visitor): Visitor,
    Query(asked): Query<Asked>,
) -> Response {
    match put(&state, visitor, asked).await {
        Ok(answer) => answer,
        Err(error) => failure(&state, error),
    }
}

async fn put(state: &AppState, visitor: Option<Actor>, asked: Asked) -> Result<Response> {
    let question = asked.check(&state.config.sign_in.callback_schemes)?;
    let Some(actor) = visitor else { return sign_in_first(&question) };
    let profile = read_profile(&state.core, &actor).await?;
    let place = question.callback.place();
    let mut answer = page(
        StatusCode::OK,
        &AuthorizePage {
            product_name: &state.config.product_name,
            is_on_this_machine: place.starts_with("http://"),
            place,
            profile: &profile,
            question: &question,
        },
    );
    // Browsers ask the page's policy also about where a form's answer leads.
    let policy = security_headers::page_leading_to(&question.callback.form_action());
    let policy = HeaderValue::try_from(policy).map_err(DomainError::internal)?;
    answer.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    Ok(answer)
}

fn sign_in_first(question: &Question) -> Result<Response> {
    Ok(Redirect::to(&return_to::sign_in(&question.path()?)).into_response())
}

/// The question again, and the person's answer.
#[derive(Deserialize)]
struct Decided {
    callback_url: Option<String>,
    state: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
    decision: Decision,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Decision {
    Approve,
    Deny,
}

/// Takes the answer to the client: a code, or that there is none.
#[utoipa::path(post, path = "/authorize", responses((status = 303)), security(()))]
async fn submit(
    State(state): State<AppState>,
    Visitor(visitor): Visitor,
    OurForm(decided): OurForm<Decided>,
) -> Response {
    match decide(&state, visitor, decided).await {
        Ok(answer) => answer,
        Err(error) => failure(&state, error),
    }
}

async fn decide(state: &AppState, visitor: Option<Actor>, decided: Decided) -> Result<Response> {
    let asked = Asked {
        callback_url: decided.callback_url,
        redirect_uri: None,
        state: decided.state,
        code_challenge: decided.code_challenge,
        code_challenge_method: decided.code_challenge_method,
    };
    // What a form says is not believed because a page of ours wrote it.
    let question = asked.check(&state.config.sign_in.callback_schemes)?;
    let Some(actor) = visitor else { return sign_in_first(&question) };
    let to = match decided.decision {
        Decision::Approve => {
            let command = GrantCode {
                redirect_uri: question.callback.as_str().to_owned(),
                code_challenge: question.code_challenge.clone(),
            };
            let code = grant_code(&state.core, &actor, command).await?;
            question.answered([("code", Some(code.expose())), ("provider", Some(PROVIDER))])
        }
        Decision::Deny => question.answered([("error", Some("access_denied")), ("provider", Some(PROVIDER))]),
    };
    Ok(Redirect::to(&to).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn asked(query: &str) -> Result<Question> {
        crate::http::query::parse::<Asked>(query)?.check(&[])
    }

    #[test]
    fn a_question_is_put_as_it_was_asked() {
        let here = "callback_url=http%3A%2F%2F127.0.0.1%3A9%2Fcb";
        for (query, path) in [
            (here.to_owned(), format!("/authorize?{here}")),
            ("client_type=cli&redirect_uri=http://127.0.0.1:9/cb".to_owned(), format!("/authorize?{here}")),
            (format!("{here}&redirect_uri=http://127.0.0.1:9/cb"), format!("/authorize?{here}")),
            (
                format!("{here}&state=a+b&code_challenge={CHALLENGE}&code_challenge_method=S256"),
                format!("/authorize?{here}&state=a+b&code_challenge={CHALLENGE}&code_challenge_method=S256"),
            ),
        ] {
            assert_eq!(asked(&query).unwrap().path().unwrap(), path);
        }
    }

    #[test]
    fn a_question_that_cannot_be_put_names_the_field() {
        let here = "callback_url=http://127.0.0.1:9/cb";
        for (query, field) in [
            (String::new(), "callback_url"),
            ("redirect_uri=https://evil.example".to_owned(), "redirect_uri"),
            (format!("{here}&redirect_uri=http://127.0.0.1:8/cb"), "redirect_uri"),
            (format!("{here}&code_challenge={CHALLENGE}"), "code_challenge_method"),
            (
                format!("{here}&code_challenge={CHALLENGE}&code_challenge_method=plain"),
                "code_challenge_method",
            ),
            (format!("{here}&code_challenge=short&code_challenge_method=S256"), "code_challenge"),
            (format!("{here}&code_challenge_method=S256"), "code_challenge"),
            (format!("{here}&state={}", "s".repeat(1025)), "state"),
        ] {
            assert_eq!(asked(&query).unwrap_err().get("field"), Some(field), "{query}");
        }
    }

    #[test]
    fn the_state_comes_back_with_any_answer() {
        let question = asked("callback_url=http://127.0.0.1:9/cb&state=s%261").unwrap();
        let told = question.answered([("code", Some("c")), ("provider", Some(PROVIDER))]);
        assert_eq!(told, "http://127.0.0.1:9/cb?code=c&provider=bursar&state=s%261");
    }
}
