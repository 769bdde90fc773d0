//! One OpenAPI 3.1 document for each family, from the very routes that are served.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use anyhow::Context as _;
use serde_json::{Value, json};
use utoipa::openapi::{
    ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder,
    security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
};

use crate::http::{cookie, family::Family};

/// The document of a family, still without paths.
#[must_use]
pub fn document(family: Family) -> OpenApi {
    let (title, description) = match family {
        Family::Accounts => ("Bursar accounts", "Users, organizations, API keys, credits and usage."),
        Family::Organization => ("Bursar organization", "An organization with its own key."),
        Family::Auth => ("Bursar sign-in", "Registration, sign-in, sessions and public keys."),
        Family::Platform => ("Bursar platform", "What a host product calls: usage in, meters out, keys."),
        Family::Webhooks => ("Bursar webhooks", "What payment providers call."),
        Family::Site => ("Bursar", "Pages, health and documents."),
    };
    let info = InfoBuilder::new()
        .title(title)
        .description(Some(description))
        .version(env!("CARGO_PKG_VERSION"))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
        .build();
    let builder = OpenApiBuilder::new().info(info);
    if !matches!(family, Family::Auth | Family::Accounts | Family::Organization | Family::Platform) {
        return builder.build();
    }
    let schemes = [
        ("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer))),
        ("apiKey", SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("X-API-Key")))),
        ("session", SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(cookie::NAME)))),
    ];
    let components = schemes.into_iter().fold(ComponentsBuilder::new(), |components, (name, scheme)| {
        components.security_scheme(name, scheme)
    });
    // What an operation does not say otherwise with `security(())`: any one of them.
    let any =
        ["bearer", "apiKey", "session"].map(|name| SecurityRequirement::new::<_, [&str; 0], &str>(name, []));
    builder.components(Some(components.build())).security(Some(any)).build()
}

/// Writes `security: []` where `security(())` was said: utoipa writes one empty requirement, which
/// some readers take for "optional".
fn state_open_operations(document: &mut Value) {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let operations = paths.into_iter().flat_map(|paths| paths.values_mut()).filter_map(Value::as_object_mut);
    for security in operations.flat_map(|item| item.values_mut()).filter_map(|it| it.get_mut("security")) {
        if *security == json!([{}]) {
            *security = json!([]);
        }
    }
}

/// The documents as they are served and committed.
#[derive(Clone, Debug)]
pub struct Documents(BTreeMap<&'static str, Arc<str>>);

impl Documents {
    /// Renders them: pretty, keys in a stable order, a newline at the end.
    ///
    /// # Errors
    /// When one cannot be written as JSON.
    pub fn new<'a>(documents: impl IntoIterator<Item = (Family, &'a OpenApi)>) -> serde_json::Result<Self> {
        documents
            .into_iter()
            .filter(|(family, _)| Family::PUBLISHED.contains(family))
            .map(|(family, document)| {
                // Through a value, whose objects are sorted by key.
                let mut value = serde_json::to_value(document)?;
                state_open_operations(&mut value);
                Ok((family.as_str(), format!("{value:#}\n").into()))
            })
            .collect::<serde_json::Result<_>>()
            .map(Self)
    }

    /// The document of a family by its name.
    #[must_use]
    pub fn get(&self, family: &str) -> Option<Arc<str>> {
        self.0.get(family).cloned()
    }

    /// The families that have one.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }

    /// Writes each as `<family>.json`.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn write_to(&self, folder: &Path) -> anyhow::Result<()> {
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        for (family, text) in &self.0 {
            let path = folder.join(format!("{family}.json"));
            std::fs::write(&path, text.as_bytes()).with_context(|| path.display().to_string())?;
        }
        Ok(())
    }
}
