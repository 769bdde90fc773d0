//! Bodies are plain objects in `camelCase`; batches of events are read as they came.

pub use axum::Json;

pub use crate::http::{
    body::{Body, EventsBody, OptionalBody},
    ids::Ids,
    query::Query,
};
