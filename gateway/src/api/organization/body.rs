//! Bodies are plain objects in `snake_case`.

pub use axum::Json;
