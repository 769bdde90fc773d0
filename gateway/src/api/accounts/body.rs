//! The envelope of every answer with a payload: `{"data": …, "success": true}`.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

pub use crate::http::{
    body::{Body, OptionalBody},
    ids::Ids,
    query::Query,
};

/// An answer with a payload.
#[derive(Debug, Serialize, ToSchema)]
pub struct Data<T> {
    /// The payload.
    pub data: T,
    /// Always true.
    #[schema(example = true)]
    pub success: bool,
}

impl<T> Data<T> {
    /// Wraps a payload.
    pub const fn new(data: T) -> Self {
        Self { data, success: true }
    }
}

impl<T: Serialize> IntoResponse for Data<T> {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

/// 201 with a payload.
#[derive(Debug)]
pub struct Created<T>(pub T);

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, Json(Data::new(self.0))).into_response()
    }
}
