//! Bodies are plain objects in `snake_case`.

pub use axum::Json;

pub use crate::http::{
    body::{Body, OptionalBody},
    query::Query,
};
