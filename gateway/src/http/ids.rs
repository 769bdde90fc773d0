//! Reads the identifiers in a path, in their order.

use std::str::FromStr;

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use bursar_kernel::{DomainError, Result};

use super::{codes, failure::Failure};

/// The path's parameters: `Ids((organization, member)): Ids<(OrganizationId, MemberId)>`.
/// Anything of another shape is `path_invalid`.
#[derive(Clone, Copy, Debug)]
pub struct Ids<T>(pub T);

/// Reads a tuple from the texts of a path.
pub trait FromSegments: Sized {
    /// `None` when a text has not the right shape or the number is another.
    fn from_segments(segments: &[&str]) -> Option<Self>;
}

impl<A: FromStr> FromSegments for (A,) {
    fn from_segments(segments: &[&str]) -> Option<Self> {
        let [a] = segments else { return None };
        Some((a.parse().ok()?,))
    }
}

impl<A: FromStr, B: FromStr> FromSegments for (A, B) {
    fn from_segments(segments: &[&str]) -> Option<Self> {
        let [a, b] = segments else { return None };
        Some((a.parse().ok()?, b.parse().ok()?))
    }
}

impl<T: FromSegments, S: Send + Sync> FromRequestParts<S> for Ids<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let params = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|error| DomainError::from(&codes::PATH_INVALID).because(error))?;
        let segments: Vec<&str> = params.iter().map(|(_, value)| value).collect();
        T::from_segments(&segments).map(Self).ok_or_else(|| (&codes::PATH_INVALID).into())
    }
}
