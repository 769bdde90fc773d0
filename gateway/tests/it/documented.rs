//! The operations that the OpenAPI documents describe: what every sweep runs over.

use axum::http::Method;
use bursar_gateway::routes::documents;
use serde_json::Value;

/// An operation as its document describes it.
#[derive(Clone, Debug)]
pub(crate) struct Documented {
    pub(crate) family: &'static str,
    pub(crate) id: String,
    pub(crate) method: Method,
    /// With its parameters in braces.
    pub(crate) path: String,
    /// Whether it needs a credential.
    pub(crate) is_secured: bool,
    /// The statuses of success.
    pub(crate) successes: Vec<u16>,
}

/// All of them, family by family.
pub(crate) fn operations() -> Vec<Documented> {
    let documents = documents().unwrap();
    let mut operations = Vec::new();
    for family in documents.names() {
        let document: Value = serde_json::from_str(&documents.get(family).unwrap()).unwrap();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let successes = operation["responses"].as_object().unwrap().keys();
                operations.push(Documented {
                    family,
                    id: operation["operationId"].as_str().unwrap().to_owned(),
                    method: method.to_uppercase().parse().unwrap(),
                    path: path.clone(),
                    is_secured: is_secured(operation.get("security").unwrap_or(&document["security"])),
                    successes: successes
                        .filter_map(|status| status.parse().ok())
                        .filter(|status| (200..400).contains(status))
                        .collect(),
                });
            }
        }
    }
    operations
}

/// Whether one of the alternatives is a credential and none of them is to show nothing.
fn is_secured(security: &Value) -> bool {
    let alternatives = security.as_array().map(Vec::as_slice).unwrap_or_default();
    !alternatives.is_empty() && alternatives.iter().all(|needs| !needs.as_object().unwrap().is_empty())
}
