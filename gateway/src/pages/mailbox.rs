//! The mail that would have been sent, in development: a page, and the same as JSON for scripts.

use askama::Template;
use axum::{
    Json,
    extract::{FromRequestParts, Path, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use bursar_kernel::Result;
use bursar_notifications::{Mail, MailId, SandboxMailbox};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{failure, page, when::When};
use crate::{
    http::{codes::ROUTE_NOT_FOUND, failure::Failure, origin},
    state::AppState,
};

/// What a page shows: the newest.
const SHOWN: u64 = 50;

/// Its routes. They are put in only where the configuration keeps mail.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(list)).routes(routes!(list_json)).routes(routes!(show))
}

/// The mailbox, for a request that came under a name of ours.
struct Here(SandboxMailbox);

impl FromRequestParts<AppState> for Here {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        origin::check_host(&parts.headers, &state.config.public_url)?;
        state.mailbox.clone().map(Self).ok_or_else(|| (&ROUTE_NOT_FOUND).into())
    }
}

/// A mail that would have been sent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct KeptMail {
    /// `mail_…`
    id: String,
    to: String,
    subject: String,
    text: String,
    html: String,
    /// The addresses in its text.
    links: Vec<String>,
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<&Mail> for KeptMail {
    fn from(mail: &Mail) -> Self {
        let text = mail.text.expose();
        let links = text.split_whitespace().filter(|word| is_link(word)).map(str::to_owned).collect();
        Self {
            id: mail.id.to_string(),
            to: mail.to.clone(),
            subject: mail.subject.clone(),
            text: text.clone(),
            html: mail.html.expose().clone(),
            links,
            created_at: mail.created_at.rfc3339(),
        }
    }
}

fn is_link(word: &str) -> bool {
    word.starts_with("http://") || word.starts_with("https://")
}

/// Mails, newest first.
#[derive(Serialize, ToSchema)]
struct KeptMails {
    items: Vec<KeptMail>,
}

/// The mails, for scripts.
#[utoipa::path(get, path = "/sandbox/mail.json", responses((status = 200, body = KeptMails)), security(()))]
async fn list_json(State(state): State<AppState>, Here(mailbox): Here) -> Result<Json<KeptMails>, Failure> {
    let mails = mailbox.list(state.db.reader(), SHOWN).await?;
    Ok(Json(KeptMails { items: mails.iter().map(KeptMail::from).collect() }))
}

#[derive(Template)]
#[template(path = "mailbox.html")]
struct MailboxPage<'a> {
    product_name: &'a str,
    mails: Vec<(KeptMail, When)>,
}

/// The mails, for people.
#[utoipa::path(get, path = "/sandbox/mail", responses((status = 200)), security(()))]
async fn list(State(state): State<AppState>, Here(mailbox): Here) -> Response {
    match mailbox.list(state.db.reader(), SHOWN).await {
        Ok(mails) => {
            let product_name = &state.config.product_name;
            let mails = mails.iter().map(|mail| (KeptMail::from(mail), mail.created_at.into())).collect();
            page(StatusCode::OK, &MailboxPage { product_name, mails })
        }
        Err(error) => failure(&state, error),
    }
}

#[derive(Template)]
#[template(path = "mail.html")]
struct MailPage<'a> {
    product_name: &'a str,
    mail: KeptMail,
    /// Its text, line by line, and whether a line is a link.
    lines: Vec<(String, bool)>,
}

/// One mail.
#[utoipa::path(get, path = "/sandbox/mail/{id}", params(("id" = String, Path)), responses((status = 200), (status = 404)),
    security(()))]
async fn show(State(state): State<AppState>, Here(mailbox): Here, Path(id): Path<String>) -> Response {
    let found = match id.parse::<MailId>() {
        Ok(id) => mailbox.by_id(state.db.reader(), id).await,
        Err(_) => Ok(None),
    };
    match found {
        Ok(Some(mail)) => {
            let mail = KeptMail::from(&mail);
            let lines = mail.text.lines().map(|line| (line.to_owned(), is_link(line))).collect();
            let product_name = &state.config.product_name;
            page(StatusCode::OK, &MailPage { product_name, mail, lines })
        }
        Ok(None) => failure(&state, (&ROUTE_NOT_FOUND).into()),
        Err(error) => failure(&state, error),
    }
}
