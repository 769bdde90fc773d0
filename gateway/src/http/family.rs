//! Which family a request belongs to: the matched route says it, and where none matched, the
//! longest prefix of whole path segments.

use std::{collections::HashMap, sync::Arc};

use axum::http::Method;
use utoipa::openapi::{OpenApi, path::PathItem, security::SecurityRequirement};

/// A public API, with its own shapes. `Site` is the rest: pages, health, documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Sign-in.
    Auth,
    /// Users, organizations, keys, credits.
    Accounts,
    /// An organization with its own key.
    Organization,
    /// What a host product calls.
    Platform,
    /// What payment providers call.
    Webhooks,
    /// Pages, health, documents.
    Site,
}

impl Family {
    /// The ones that publish a document.
    pub const PUBLISHED: [Self; 5] =
        [Self::Accounts, Self::Auth, Self::Organization, Self::Platform, Self::Webhooks];

    /// Its name in documents, logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Accounts => "accounts",
            Self::Organization => "organization",
            Self::Platform => "platform",
            Self::Webhooks => "webhooks",
            Self::Site => "site",
        }
    }
}

/// Where each family's paths begin. A prefix covers whole segments: `/api/v1/eventually` is not
/// under `/api/v1/events`.
const PREFIXES: &[(&str, Family)] = &[
    ("/auth", Family::Auth),
    ("/.well-known", Family::Auth),
    ("/api/v1", Family::Accounts),
    ("/api/v1/events", Family::Platform),
    ("/api/v1/meters", Family::Platform),
    ("/api/v1/api-keys/verify", Family::Platform),
    ("/api/organization", Family::Organization),
    ("/webhooks", Family::Webhooks),
];

/// The family of a path that no route matched.
#[must_use]
pub fn by_prefix(path: &str) -> Family {
    let covers =
        |prefix: &str| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    PREFIXES
        .iter()
        .filter(|(prefix, _)| covers(prefix))
        .max_by_key(|(prefix, _)| prefix.len())
        .map_or(Family::Site, |(_, family)| *family)
}

/// What a request turned out to be.
#[derive(Clone, Debug)]
pub struct Route {
    /// Its family.
    pub family: Family,
    /// The documented operation, or `unmatched`.
    pub operation: Arc<str>,
    /// Whether it recognizes who calls: what is open to everybody does not, nor does what is not there.
    pub recognizes_callers: bool,
}

/// The operations that are served, from the documents that describe them: one list.
#[derive(Debug)]
pub struct Routes {
    /// By pattern: a path has few methods.
    operations: HashMap<String, Vec<(Method, Route)>>,
    first_declared: HashMap<String, Family>,
    unmatched: Arc<str>,
}

impl Routes {
    /// From the documents, in the order of declaration.
    #[must_use]
    pub fn new<'a>(documents: impl IntoIterator<Item = (Family, &'a OpenApi)>) -> Self {
        let mut operations = HashMap::<String, Vec<_>>::new();
        let mut first_declared = HashMap::new();
        for (family, document) in documents {
            for (path, item) in &document.paths.paths {
                first_declared.entry(path.clone()).or_insert(family);
                for (method, operation) in operations_of(item) {
                    let recognizes_callers = !is_open(operation);
                    let operation = operation.operation_id.as_deref().unwrap_or(path).into();
                    let route = Route { family, operation, recognizes_callers };
                    operations.entry(path.clone()).or_default().push((method, route));
                }
            }
        }
        Self { operations, first_declared, unmatched: "unmatched".into() }
    }

    /// The route of a request: `matched` is the pattern that the router found, if any. A method
    /// that the path does not have belongs to the family that declared the path first.
    #[must_use]
    pub fn find(&self, method: &Method, matched: Option<&str>, path: &str) -> Route {
        // A HEAD request is served by the GET of its path.
        let method = if method == Method::HEAD { &Method::GET } else { method };
        let Some(pattern) = matched else {
            return self.unmatched(by_prefix(path));
        };
        let methods = self.operations.get(pattern).map(Vec::as_slice).unwrap_or_default();
        let found = methods.iter().find(|(served, _)| served == method);
        let otherwise =
            || self.unmatched(self.first_declared.get(pattern).copied().unwrap_or_else(|| by_prefix(path)));
        found.map_or_else(otherwise, |(_, route)| route.clone())
    }

    fn unmatched(&self, family: Family) -> Route {
        Route { family, operation: self.unmatched.clone(), recognizes_callers: false }
    }
}

/// Whether it says `security(())`: one requirement that requires nothing.
fn is_open(operation: &utoipa::openapi::path::Operation) -> bool {
    operation.security.as_ref().is_some_and(|requirements| {
        requirements.iter().all(|requirement| *requirement == SecurityRequirement::default())
    })
}

/// The operations of a path, by method.
fn operations_of(item: &PathItem) -> impl Iterator<Item = (Method, &utoipa::openapi::path::Operation)> {
    [
        (Method::GET, &item.get),
        (Method::PUT, &item.put),
        (Method::POST, &item.post),
        (Method::DELETE, &item.delete),
        (Method::PATCH, &item.patch),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.as_ref().map(|operation| (method, operation)))
}

#[cfg(test)]
mod tests {
    use utoipa::openapi::{HttpMethod, OpenApiBuilder, PathsBuilder, path::OperationBuilder};

    use super::*;

    fn document(operations: &[(&str, HttpMethod, &str)]) -> OpenApi {
        let mut paths = PathsBuilder::new().build();
        for (path, method, id) in operations {
            let operation = OperationBuilder::new().operation_id(Some(*id)).build();
            paths.add_path_operation(*path, vec![method.clone()], operation);
        }
        OpenApiBuilder::new().paths(paths).build()
    }

    #[test]
    fn a_prefix_covers_whole_segments_and_the_longest_one_decides() {
        for (path, family) in [
            ("/auth/register", Family::Auth),
            ("/authority", Family::Site),
            ("/.well-known/jwks.json", Family::Auth),
            ("/api/v1", Family::Accounts),
            ("/api/v1/organizations/org_1", Family::Accounts),
            ("/api/v1/events", Family::Platform),
            ("/api/v1/events/", Family::Platform),
            ("/api/v1/eventually", Family::Accounts),
            ("/api/v1/api-keys/key_1", Family::Accounts),
            ("/api/v1/api-keys/verify", Family::Platform),
            ("/api/v10/events", Family::Site),
            ("/webhooks/stripe", Family::Webhooks),
            ("/api/organization/regenerate-key", Family::Organization),
            ("/api/organizations", Family::Site),
            ("/", Family::Site),
            ("", Family::Site),
        ] {
            assert_eq!(by_prefix(path), family, "{path}");
        }
    }

    #[test]
    fn a_matched_route_carries_its_family_and_another_method_the_first_declared() {
        let accounts = document(&[("/api/v1/api-keys/{id}", HttpMethod::Delete, "delete_api_key")]);
        let platform = document(&[("/api/v1/api-keys/{id}", HttpMethod::Patch, "edit_api_key")]);
        let routes = Routes::new([(Family::Accounts, &accounts), (Family::Platform, &platform)]);
        let pattern = Some("/api/v1/api-keys/{id}");
        let found = |method: &Method| routes.find(method, pattern, "/api/v1/api-keys/key_1");
        assert_eq!(&*found(&Method::PATCH).operation, "edit_api_key");
        assert_eq!(found(&Method::PATCH).family, Family::Platform);
        assert_eq!(found(&Method::PUT).family, Family::Accounts);
        assert_eq!(routes.find(&Method::GET, None, "/webhooks/x").family, Family::Webhooks);
    }
}
