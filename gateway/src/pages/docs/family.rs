//! An OpenAPI document as a page shows it.

use askama::Template;
use serde_json::{Map, Value, json};

/// Deeper than any schema of ours; one that holds itself ends here.
const MAX_DEPTH: usize = 8;
/// In the order in which they are tried on a path.
const METHODS: &[&str] = &["get", "post", "put", "patch", "delete"];

/// An API family.
pub(super) struct Family {
    pub(super) title: String,
    pub(super) description: String,
    pub(super) groups: Vec<Group>,
}

/// The operations of one tag.
pub(super) struct Group {
    pub(super) tag: String,
    pub(super) operations: Vec<Operation>,
}

/// An operation.
pub(super) struct Operation {
    pub(super) id: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) summary: String,
    pub(super) description: Prose,
    pub(super) is_open: bool,
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Option<Body>,
    pub(super) answers: Vec<Answer>,
}

/// Paragraphs of a text, with what stands between backticks set apart.
#[derive(Template)]
#[template(
    ext = "html",
    source = "{% for paragraph in paragraphs %}<p>{% for part in paragraph.iter() %}{% if part.is_code %}<code>{{ part.text }}</code>{% else %}{{ part.text }}{% endif %}{% endfor %}</p>{% endfor %}"
)]
pub(super) struct Prose {
    paragraphs: Vec<Vec<Part>>,
}

/// Words, or a word of code.
struct Part {
    text: String,
    is_code: bool,
}

/// A parameter.
pub(super) struct Parameter {
    pub(super) name: String,
    /// `path`, `query` or `header`.
    pub(super) place: String,
    pub(super) kind: String,
    pub(super) is_required: bool,
    pub(super) description: Prose,
}

/// What a request carries.
pub(super) struct Body {
    pub(super) content_type: String,
    pub(super) fields: Vec<Field>,
    pub(super) example: String,
}

/// A field of a body.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) is_required: bool,
    pub(super) description: Prose,
}

/// What comes back.
pub(super) struct Answer {
    pub(super) status: String,
    pub(super) description: Prose,
    pub(super) example: Option<String>,
}

impl Family {
    /// From its document.
    pub(super) fn read(document: &Value) -> Self {
        let document = Document(document);
        let mut groups: Vec<Group> = Vec::new();
        for (path, item) in entries(&document.0["paths"]) {
            for method in METHODS {
                let Some(operation) = item.get(method) else { continue };
                let tag = text(&operation["tags"][0]);
                let operation = document.operation(method, path, operation);
                match groups.iter_mut().find(|group| group.tag == tag) {
                    Some(group) => group.operations.push(operation),
                    None => groups.push(Group { tag, operations: vec![operation] }),
                }
            }
        }
        let info = &document.0["info"];
        Self { title: text(&info["title"]), description: text(&info["description"]), groups }
    }
}

struct Document<'a>(&'a Value);

impl<'a> Document<'a> {
    fn operation(&self, method: &str, path: &str, operation: &'a Value) -> Operation {
        let security = operation.get("security").unwrap_or(&self.0["security"]);
        let responses = entries(&operation["responses"]);
        Operation {
            id: text(&operation["operationId"]),
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: text(&operation["summary"]),
            description: prose(&operation["description"]),
            is_open: security.as_array().is_none_or(Vec::is_empty),
            parameters: list(&operation["parameters"]).iter().map(|it| self.parameter(it)).collect(),
            body: operation.get("requestBody").and_then(|body| self.body(body)),
            answers: responses.map(|(status, answer)| self.answer(status, answer)).collect(),
        }
    }

    fn parameter(&self, parameter: &'a Value) -> Parameter {
        Parameter {
            name: text(&parameter["name"]),
            place: text(&parameter["in"]),
            kind: self.kind(&parameter["schema"]),
            is_required: parameter["required"] == true,
            description: prose(&parameter["description"]),
        }
    }

    /// The body in its plainest type.
    fn body(&self, body: &'a Value) -> Option<Body> {
        let content = body["content"].as_object()?;
        let (content_type, told) =
            content.get_key_value("application/json").or_else(|| content.iter().next())?;
        let example = self.example_of(told);
        Some(Body {
            content_type: content_type.clone(),
            fields: self.fields(&told["schema"]),
            example: if example.is_null() { String::new() } else { format!("{example:#}") },
        })
    }

    fn answer(&self, status: &str, answer: &'a Value) -> Answer {
        let content = answer["content"].as_object().and_then(|content| content.values().next());
        let example = content.map(|told| self.example_of(told)).filter(|example| !example.is_null());
        Answer {
            status: status.to_owned(),
            description: prose(&answer["description"]),
            example: example.map(|example| format!("{example:#}")),
        }
    }

    fn example_of(&self, told: &'a Value) -> Value {
        told.get("example").cloned().unwrap_or_else(|| self.example(&told["schema"], MAX_DEPTH))
    }

    fn fields(&self, schema: &'a Value) -> Vec<Field> {
        let schema = self.resolve(schema);
        let required = list(&schema["required"]);
        let field = |(name, schema): (&'a str, &'a Value)| Field {
            name: name.to_owned(),
            kind: self.kind(schema),
            is_required: required.iter().any(|required| required == name),
            description: prose(&schema["description"]),
        };
        entries(&schema["properties"]).map(field).collect()
    }

    /// The schema that one stands for.
    fn resolve(&self, schema: &'a Value) -> &'a Value {
        let mut schema = schema;
        for _ in 0..MAX_DEPTH {
            let alternatives = ["oneOf", "anyOf", "allOf"].iter().find_map(|key| schema[key].as_array());
            let next = match (schema["$ref"].as_str(), alternatives) {
                (Some(reference), _) => self.0.pointer(reference.trim_start_matches('#')),
                (None, Some(alternatives)) => alternatives.iter().find(|it| it["type"] != "null"),
                (None, None) => None,
            };
            let Some(next) = next else { break };
            schema = next;
        }
        schema
    }

    /// A type in words: `text`, `whole number`, `list of text`, `text or null`.
    fn kind(&self, schema: &'a Value) -> String {
        let schema = self.resolve(schema);
        let types: Vec<&str> = match &schema["type"] {
            Value::String(one) => vec![one],
            Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
            _ => return "any".to_owned(),
        };
        let word = |kind: &str| match kind {
            "string" if schema["format"] == "date-time" => "instant".to_owned(),
            "string" => "text".to_owned(),
            "integer" => "whole number".to_owned(),
            "boolean" => "true or false".to_owned(),
            "array" => format!("list of {}", self.kind(&schema["items"])),
            other => other.to_owned(),
        };
        let words: Vec<String> = types.into_iter().filter(|kind| *kind != "null").map(word).collect();
        words.join(" or ")
    }

    /// A value of a schema's shape.
    fn example(&self, schema: &'a Value, depth: usize) -> Value {
        let schema = self.resolve(schema);
        if let Some(example) = ["example", "default"].iter().find_map(|key| schema.get(key)) {
            return example.clone();
        }
        if let Some(first) = schema["enum"].get(0) {
            return first.clone();
        }
        let Some(deeper) = depth.checked_sub(1) else { return Value::Null };
        let kind = match &schema["type"] {
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
            kind => kind.as_str(),
        };
        match kind {
            Some("object") => {
                let fields = entries(&schema["properties"]);
                fields
                    .map(|(name, schema)| (name.to_owned(), self.example(schema, deeper)))
                    .collect::<Map<_, _>>()
                    .into()
            }
            Some("array") => json!([self.example(&schema["items"], deeper)]),
            Some("string") if schema["format"] == "date-time" => json!("2026-10-01T00:00:00Z"),
            Some("string") => json!("text"),
            Some("integer" | "number") => json!(0),
            Some("boolean") => json!(false),
            _ => Value::Null,
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

fn prose(value: &Value) -> Prose {
    let parts = |paragraph: &str| {
        let pieces = paragraph.split('`').enumerate();
        pieces
            .map(|(nth, text)| Part { text: text.to_owned(), is_code: nth % 2 == 1 })
            .filter(|part| !part.text.is_empty())
            .collect()
    };
    let text = value.as_str().unwrap_or_default();
    let paragraphs = text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty());
    Prose { paragraphs: paragraphs.map(parts).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_shown_by_tag_with_an_example_of_every_shape() {
        let document = json!({
            "info": { "title": "T", "description": "D" },
            "security": [{ "bearer": [] }],
            "paths": { "/things/{id}": {
                "post": {
                    "operationId": "make", "summary": "Make", "tags": ["things"],
                    "description": "One `word`.\n\nMore.",
                    "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }],
                    "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } } },
                    "responses": { "204": {} },
                },
                "get": { "operationId": "see", "tags": ["things"], "security": [], "responses": {} },
            } },
            "components": { "schemas": { "Thing": {
                "type": "object", "required": ["name"],
                "properties": {
                    "name": { "type": ["string", "null"], "description": "Its name" },
                    "parts": { "type": "array", "items": { "$ref": "#/components/schemas/Thing" } },
                    "made": { "oneOf": [{ "type": "null" }, { "type": "string", "format": "date-time" }] },
                    "size": { "type": "integer", "example": 7 },
                },
            } } },
        });
        let family = Family::read(&document);
        let [group] = family.groups.as_slice() else { panic!("one tag") };
        let [see, make] = group.operations.as_slice() else { panic!("two operations") };
        assert_eq!((see.id.as_str(), see.is_open, make.is_open), ("see", true, false));
        assert_eq!(make.description.to_string(), "<p>One <code>word</code>.</p><p>More.</p>");
        let body = make.body.as_ref().unwrap();
        let fields: Vec<_> =
            body.fields.iter().map(|it| (it.name.as_str(), it.kind.as_str(), it.is_required)).collect();
        assert_eq!(
            fields,
            [
                ("made", "instant", false),
                ("name", "text", true),
                ("parts", "list of object", false),
                ("size", "whole number", false),
            ]
        );
        let example: Value = serde_json::from_str(&body.example).unwrap();
        assert_eq!((&example["size"], &example["name"]), (&json!(7), &json!("text")));
        assert_eq!(example["parts"][0]["parts"][0]["size"], 7, "and it ends");
    }
}
