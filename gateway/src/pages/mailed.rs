//! What the pages around mailed links share: the form that asks for one, and the token in it.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use super::said::Said;
use crate::state::AppState;

/// The token in a mailed link. A link that lost it on its way is answered like one that is over.
#[derive(Deserialize)]
pub(super) struct Link {
    #[serde(default)]
    pub(super) token: String,
}

/// Whose mailbox is to get a link.
#[derive(Deserialize)]
pub(super) struct Mailbox {
    pub(super) email: String,
}

/// Whether a link has been asked for.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    sent: Option<String>,
}

/// The form that asks for a link, and the same page afterwards: it never tells whether somebody has
/// the address.
#[derive(Template)]
#[template(path = "ask.html")]
pub(super) struct AskPage<'a> {
    product_name: &'a str,
    heading: &'static str,
    explanation: &'static str,
    button: &'static str,
    path: &'static str,
    email: &'a str,
    is_sent: bool,
    said: &'a Said,
}

impl AskPage<'_> {
    pub(super) const FORM: &'static str = "ask";

    /// For a link that signs in.
    pub(super) fn magic_link(state: &AppState, asked: &Asked, said: &Said) -> Response {
        said.on(&AskPage {
            product_name: &state.config.product_name,
            heading: "Sign in by mail",
            explanation: "We send you a link that signs you in, without your password.",
            button: "Send me a link",
            path: "/sign-in/mail",
            email: said.typed(Self::FORM, "email", ""),
            is_sent: asked.sent.is_some(),
            said,
        })
    }

    /// For a link to choose a new password by.
    pub(super) fn new_password(state: &AppState, asked: &Asked, said: &Said) -> Response {
        said.on(&AskPage {
            product_name: &state.config.product_name,
            heading: "Forgot your password?",
            explanation: "We send you a link by which you choose a new one.",
            button: "Send me a link",
            path: "/password/forgot",
            email: said.typed(Self::FORM, "email", ""),
            is_sent: asked.sent.is_some(),
            said,
        })
    }
}
