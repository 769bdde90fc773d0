use serde_json::Value;

use super::{claims::Claims, token::Refusal};

/// The longest identifier of an organization, and of a role.
const MAX_LENGTH: usize = 255;

/// The organization that a token says was chosen at the issuer. What its person may do there, our own
/// membership says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalOrganizationClaim {
    /// What the issuer calls it.
    pub id: String,
    /// The person's role there, without the `org:` that Clerk may put before it.
    pub role: Option<String>,
    /// Its name, fit to be shown.
    pub name: Option<String>,
}

/// Reads it in every shape: `org_id` with `org_role` (Clerk's first) or `role` (`WorkOS`), and `o` with
/// `id` and `rol` (Clerk's second). A token in two shapes that disagree is none.
pub(crate) fn organization(claims: &Claims) -> Result<Option<ExternalOrganizationClaim>, Refusal> {
    let nested = claims.0.get("o").and_then(Value::as_object);
    let part = |name: &str| match nested.and_then(|nested| nested.get(name)) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err("a claim about the organization is no text"),
    };
    let (flat_id, nested_id) = (claims.text("org_id")?, part("id")?);
    let Some(id) = agreed(flat_id, nested_id)? else { return Ok(None) };
    let flat_role = match claims.text("org_role")? {
        Some(role) => Some(role),
        // A word of so general a name counts where no other says it.
        None if nested_id.is_none() => claims.text("role")?,
        None => None,
    };
    let role = agreed(flat_role.map(bare), part("rol")?.map(bare))?;
    let is_good = |text: &str| (1..=MAX_LENGTH).contains(&text.len()) && !text.chars().any(char::is_control);
    if !is_good(id) || !role.is_none_or(is_good) {
        return Err("a claim about the organization is empty or too long");
    }
    Ok(Some(ExternalOrganizationClaim {
        id: id.to_owned(),
        role: role.map(str::to_owned),
        name: claims.shown("org_name"),
    }))
}

fn agreed<'a>(one: Option<&'a str>, other: Option<&'a str>) -> Result<Option<&'a str>, Refusal> {
    match (one, other) {
        (Some(one), Some(other)) if one != other => Err("two claims about the organization disagree"),
        _ => Ok(one.or(other)),
    }
}

fn bare(role: &str) -> &str {
    role.strip_prefix("org:").unwrap_or(role)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(claims: Value) -> Result<Option<ExternalOrganizationClaim>, Refusal> {
        let Value::Object(claims) = claims else { panic!("claims are an object") };
        organization(&Claims(claims))
    }

    #[test]
    fn every_shape_says_the_same() {
        let acme =
            ExternalOrganizationClaim { id: "org_1".to_owned(), role: Some("admin".to_owned()), name: None };
        for claims in [
            json!({"org_id": "org_1", "org_role": "org:admin", "org_slug": "acme"}),
            json!({"org_id": "org_1", "org_role": "admin"}),
            json!({"v": 2, "o": {"id": "org_1", "rol": "admin", "slg": "acme"}}),
            json!({"org_id": "org_1", "role": "admin", "permissions": ["posts:read"]}),
            json!({"v": 2, "o": {"id": "org_1", "rol": "admin"}, "org_id": "org_1", "org_role": "org:admin"}),
            json!({"v": 2, "o": {"id": "org_1", "rol": "admin"}, "role": "superuser"}),
            json!({"org_id": "org_1", "org_role": "org:admin", "role": "superuser"}),
        ] {
            assert_eq!(read(claims.clone()), Ok(Some(acme.clone())), "{claims}");
        }
        let named = read(json!({"org_id": "org_1", "org_name": " Acme\n"})).unwrap().unwrap();
        assert_eq!((named.role, named.name.as_deref()), (None, Some("Acme")));
    }

    #[test]
    fn a_role_without_an_organization_is_none() {
        for claims in [json!({}), json!({"role": "admin"}), json!({"o": 7}), json!({"org_id": null})] {
            assert_eq!(read(claims.clone()), Ok(None), "{claims}");
        }
    }

    #[test]
    fn shapes_that_disagree_and_identifiers_that_are_none_are_refused() {
        for claims in [
            json!({"v": 2, "o": {"id": "org_1"}, "org_id": "org_2"}),
            json!({"v": 2, "o": {"id": "org_1", "rol": "member"}, "org_id": "org_1", "org_role": "org:admin"}),
            json!({"org_id": ""}),
            json!({"org_id": 7}),
            json!({"org_id": "a\u{0}b"}),
            json!({"org_id": "org_1", "org_role": ["admin"]}),
            json!({"v": 2, "o": {"id": ["org_1"]}}),
            json!({"org_id": "a".repeat(256)}),
        ] {
            assert!(read(claims.clone()).is_err(), "{claims}");
        }
    }
}
