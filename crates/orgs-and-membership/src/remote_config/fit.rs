use std::collections::HashSet;

use super::{
    json::Json,
    path::Path,
    schema::{Field, Kind},
};

/// The most unknown keys that are told.
const MAX_UNKNOWN: usize = 20;

/// A rule that is broken somewhere: `path` breaks `rule`.
pub(super) struct Fault {
    pub(super) path: String,
    pub(super) rule: String,
}

fn fault<T>(path: &Path, rule: impl Into<String>) -> Result<T, Fault> {
    Err(Fault { path: path.as_str().to_owned(), rule: rule.into() })
}

/// What must hold of every value, known or not: no object has a name twice, since clients disagree
/// about which one counts, and no text holds U+0000, which PostgreSQL and some clients cut at.
pub(super) fn sound(json: &Json) -> Result<(), Fault> {
    is_sound(json, &mut Path::default())
}

fn is_sound(json: &Json, path: &mut Path) -> Result<(), Fault> {
    match json {
        Json::Text(text) if text.contains('\0') => fault(path, "must not hold U+0000"),
        Json::Null | Json::Bool | Json::Number | Json::Text(_) => Ok(()),
        Json::List(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(place, item)| path.at_item(place, |path| is_sound(item, path))),
        Json::Object(members) => {
            let mut names = HashSet::with_capacity(members.len());
            members.iter().try_for_each(|(name, value)| {
                path.at_member(name, |path| {
                    if name.contains('\0') {
                        return fault(path, "must not have U+0000 in its name");
                    }
                    if !names.insert(name.as_str()) {
                        return fault(path, "must not be there twice");
                    }
                    is_sound(value, path)
                })
            })
        }
    }
}

/// Fits a document to its fields; answers the paths of the keys that it has besides.
pub(super) fn document(json: &Json, fields: &[Field]) -> Result<Vec<String>, Fault> {
    let mut unknown = Vec::new();
    object(json, fields, &mut Path::default(), &mut unknown)?;
    Ok(unknown)
}

fn fits(json: &Json, kind: Kind, path: &mut Path, unknown: &mut Vec<String>) -> Result<(), Fault> {
    match (kind, json) {
        (Kind::Text, Json::Text(_)) | (Kind::Bool, Json::Bool) | (Kind::Number, Json::Number) => Ok(()),
        (Kind::Text, _) => fault(path, "must be a string"),
        (Kind::Bool, _) => fault(path, "must be true or false"),
        (Kind::Number, _) => fault(path, "must be a number"),
        (Kind::OneOf(words), Json::Text(text)) if words.contains(&text.as_str()) => Ok(()),
        (Kind::OneOf(words), _) => fault(path, format!("must be one of {}", words.join(", "))),
        (Kind::TextMap, Json::Object(members)) => members.iter().try_for_each(|(name, value)| {
            path.at_member(name, |path| fits(value, Kind::Text, path, unknown))
        }),
        (Kind::TextMap, _) => fault(path, "must be an object"),
        (Kind::List(fields), Json::List(items)) => items
            .iter()
            .enumerate()
            .try_for_each(|(place, item)| path.at_item(place, |path| object(item, fields, path, unknown))),
        (Kind::List(_), _) => fault(path, "must be a list"),
        (Kind::Object(fields), _) => object(json, fields, path, unknown),
    }
}

fn object(json: &Json, fields: &[Field], path: &mut Path, unknown: &mut Vec<String>) -> Result<(), Fault> {
    let Json::Object(members) = json else { return fault(path, "must be an object") };
    for (name, value) in members {
        path.at_member(name, |path| {
            if let Some(field) = fields.iter().find(|field| field.name == name) {
                return fits(value, field.kind, path, unknown);
            }
            if unknown.len() < MAX_UNKNOWN {
                unknown.push(path.as_str().to_owned());
            }
            Ok(())
        })?;
    }
    for field in fields.iter().filter(|field| field.required) {
        if !members.iter().any(|(name, _)| name == field.name) {
            return path.at_member(field.name, |path| fault(path, "is required"));
        }
    }
    Ok(())
}
