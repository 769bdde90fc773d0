//! Bursar over HTTP: the only crate that knows HTTP and JSON.
//!
//! What it owns: the public API families with their shapes (`api/`), the frame around every
//! request (`http/`), the pages for people, the configuration and the binary `bursar`.
//!
//! What it refuses to know: rules. A handler reads a request, calls one operation of
//! `bursar-operations` and words its outcome.
//!
//! Tests build [`state::Parts`], call [`routes::router`] and send requests to it in-process.

pub mod api;
pub mod cli;
pub mod compose;
pub mod config;
mod demo;
pub mod error_table;
pub mod http;
mod imported_keys;
mod listen;
mod lock;
pub mod openapi;
pub mod pages;
pub mod routes;
mod serve;
mod site;
pub mod state;
pub mod telemetry;
pub mod worker;
