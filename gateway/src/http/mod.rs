//! What every request passes, whatever its family: [`frame`] is the list, in order.

pub mod body;
pub mod client_ip;
pub mod codes;
pub mod cookie;
pub mod credential;
pub mod decimal;
pub mod failure;
pub mod family;
pub mod frame;
pub mod idempotency_key;
pub mod ids;
pub mod metrics;
pub mod nullable;
pub mod origin;
pub mod page;
pub mod query;
pub mod rate_limits;
pub mod request_id;
pub mod security_headers;
pub mod status;
