//! Giving a key another text.

use std::time::Duration;

use axum::{
    extract::{Path, State},
    response::Response,
};
use bursar_kernel::{DomainError, Result};
use bursar_operations::{Actor, rotate_api_key};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    answered,
    change::{self, Shown},
    done, found, path_of,
    shown_once::{Before, shown_once},
    told::Told,
};
use crate::{
    pages::visitor::{OurForm, Person},
    state::AppState,
};

const ROTATE: &str = "rotate";

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(rotate))
}

/// How long the text before stays good.
pub(super) struct Overlap {
    pub(super) word: &'static str,
    pub(super) label: &'static str,
    length: Duration,
}

/// What the page offers.
pub(super) static OVERLAPS: &[Overlap] = &[
    Overlap { word: "none", label: "stops at once", length: Duration::ZERO },
    Overlap { word: "hour", label: "works for 1 hour", length: Duration::from_hours(1) },
    Overlap { word: "day", label: "works for 1 day", length: Duration::from_hours(24) },
    Overlap { word: "week", label: "works for 7 days", length: Duration::from_hours(7 * 24) },
];

/// What stands in the form.
#[derive(Deserialize)]
struct Typed {
    overlap: String,
    /// What the key ended in when the form was shown. Once it is rotated it ends in something else: a
    /// form that is sent again, because its answer was loaded again, would end the overlap.
    seen: String,
}

/// Gives the key another text and shows it.
#[utoipa::path(post, path = "/keys/{keyId}/rotate", params(("keyId" = String, Path)),
    responses((status = 200), (status = 303)), security(()))]
async fn rotate(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<String>,
    OurForm(typed): OurForm<Typed>,
) -> Response {
    let outcome = rotated(&state, &person.actor, &id, &typed).await;
    answered(&state, &person, &path_of(&id), None, outcome)
}

async fn rotated(state: &AppState, actor: &Actor, id: &str, typed: &Typed) -> Result<Response> {
    let (profile, key) = found(state, actor, id).await?;
    if key.last_four != typed.seen {
        return Ok(done(&path_of(id), "rotated"));
    }
    let overlap = OVERLAPS.iter().find(|overlap| overlap.word == typed.overlap);
    let overlap = overlap.ok_or_else(|| DomainError::invalid("overlapSeconds", "must be one of the choices"));
    let outcome = match overlap {
        Ok(overlap) => {
            let rotated = rotate_api_key(&state.core, actor, key.id, overlap.length).await;
            rotated.map(|rotated| (rotated, overlap.length))
        }
        Err(error) => Err(error),
    };
    match outcome {
        Ok((rotated, Duration::ZERO)) => Ok(shown_once(state, &profile, &rotated, Before::Refused)),
        Ok((rotated, length)) => {
            let until = state.db.reader().now().after(length);
            Ok(shown_once(state, &profile, &rotated, Before::Until(until.into())))
        }
        Err(error) => {
            let said = Told::refused(ROTATE, error)?;
            change::shown(state, actor, &profile, &key, Shown::as_it_is(&key, &said)).await
        }
    }
}
