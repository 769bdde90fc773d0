use serde_json::{Value, json};

use super::{
    RemoteConfig,
    schema::{DOCUMENT, Field, Kind},
};

/// Every field of the contract, written by hand: what the table is compared with.
const CONTRACT: &str = r#"{
  "version": "v1",
  "providerSettings": {
    "OpenAiCompatible": {
      "models": [{"id": "m", "temperature": 0.5, "maxTokens": 1, "contextWindow": 1, "inputPrice": 1.5,
                  "outputPrice": 1e2, "supportsImages": true}],
      "openAiBaseUrl": "u", "openAiHeaders": {"X-Any": "h"}, "azureApiVersion": "v", "azureIdentity": false
    },
    "AwsBedrock": {
      "models": [{"id": "m", "thinkingBudgetTokens": 1}],
      "customModels": [{"name": "n", "baseModelId": "b", "thinkingBudgetTokens": 1}],
      "awsRegion": "r", "awsBedrockEndpoint": "e", "awsUseCrossRegionInference": true,
      "awsUseGlobalInference": true, "awsBedrockUsePromptCache": true
    },
    "Cline": {"models": [{"id": "m"}]},
    "Vertex": {"models": [{"id": "m", "thinkingBudgetTokens": 1}], "vertexProjectId": "p", "vertexRegion": "r"},
    "LiteLLM": {"models": [{"id": "m", "thinkingBudgetTokens": 1, "promptCachingEnabled": true}], "baseUrl": "u"},
    "Anthropic": {"models": [{"id": "m", "thinkingBudgetTokens": 1}], "baseUrl": "u"}
  },
  "telemetryEnabled": true, "kanbanEnabled": true, "mcpMarketplaceEnabled": true,
  "blockPersonalRemoteMCPServers": true, "yoloModeAllowed": true, "openTelemetryEnabled": true,
  "openTelemetryOtlpInsecure": true,
  "allowedMCPServers": [{"id": "s"}],
  "remoteMCPServers": [{"name": "n", "url": "u", "alwaysEnabled": true, "headers": {"Authorization": "h"}}],
  "openTelemetryMetricsExporter": "e", "openTelemetryLogsExporter": "e", "openTelemetryOtlpProtocol": "p",
  "openTelemetryOtlpEndpoint": "e", "openTelemetryOtlpMetricsProtocol": "p",
  "openTelemetryOtlpMetricsEndpoint": "e", "openTelemetryOtlpLogsProtocol": "p",
  "openTelemetryOtlpLogsEndpoint": "e",
  "openTelemetryOtlpHeaders": {"a": "b"}, "openTelemetryOtlpMetricsHeaders": {"a": "b"},
  "openTelemetryOtlpLogsHeaders": {"a": "b"},
  "openTelemetryMetricExportInterval": 1, "openTelemetryLogBatchSize": 1, "openTelemetryLogBatchTimeout": 1,
  "openTelemetryLogMaxQueueSize": 1,
  "enterpriseTelemetry": {"promptUploading": {
    "enabled": true, "type": "azure_access_keys",
    "s3AccessSettings": {"bucket": "b", "accessKeyId": "k", "secretAccessKey": "s", "region": "r",
      "endpoint": "e", "accountId": "a", "intervalMs": 1, "maxRetries": 1, "batchSize": 1, "maxQueueSize": 1,
      "maxFailedAgeMs": 1, "backfillEnabled": true},
    "r2AccessSettings": {"bucket": "b", "accessKeyId": "k", "secretAccessKey": "s", "region": "r",
      "endpoint": "e", "accountId": "a", "intervalMs": 1, "maxRetries": 1, "batchSize": 1, "maxQueueSize": 1,
      "maxFailedAgeMs": 1, "backfillEnabled": true},
    "azureAccessSettings": {"bucket": "b", "accessKeyId": "k", "secretAccessKey": "s", "region": "r",
      "endpoint": "e", "accountId": "a", "intervalMs": 1, "maxRetries": 1, "batchSize": 1, "maxQueueSize": 1,
      "maxFailedAgeMs": 1, "backfillEnabled": true}
  }},
  "globalRules": [{"alwaysEnabled": true, "name": "n", "contents": "c"}],
  "globalWorkflows": [{"alwaysEnabled": true, "name": "n", "contents": "c"}],
  "globalSkills": [{"alwaysEnabled": true, "name": "n", "contents": "c"}]
}"#;

/// A field of the table, and where it stands in [`CONTRACT`].
struct Spot {
    field: Field,
    /// Where its object is, as a JSON pointer.
    parent: String,
    /// Its path as a refusal names it.
    path: String,
}

fn spots(fields: &'static [Field], parent: &str, path: &str, spots_so_far: &mut Vec<Spot>) {
    for &field in fields {
        let dot = if path.is_empty() { "" } else { "." };
        let (pointer, path) = (format!("{parent}/{}", field.name), format!("{path}{dot}{}", field.name));
        match field.kind {
            Kind::Object(fields) => spots(fields, &pointer, &path, spots_so_far),
            Kind::List(fields) => spots(fields, &format!("{pointer}/0"), &format!("{path}[0]"), spots_so_far),
            _ => {}
        }
        spots_so_far.push(Spot { field, parent: parent.to_owned(), path });
    }
}

fn all_spots() -> Vec<Spot> {
    let mut all = Vec::new();
    spots(DOCUMENT, "", "", &mut all);
    all
}

/// Values of every type that a field of this kind does not take, with where the fault is below the
/// field and which rule it breaks.
fn wrong_values(kind: Kind) -> Vec<(Value, &'static str, String)> {
    let rule = match kind {
        Kind::Text => "must be a string".to_owned(),
        Kind::Bool => "must be true or false".to_owned(),
        Kind::Number => "must be a number".to_owned(),
        Kind::OneOf(words) => format!("must be one of {}", words.join(", ")),
        Kind::TextMap | Kind::Object(_) => "must be an object".to_owned(),
        Kind::List(_) => "must be a list".to_owned(),
    };
    let right = |value: &Value| match kind {
        Kind::Text => value.is_string(),
        Kind::Bool => value.is_boolean(),
        Kind::Number => value.is_number(),
        Kind::OneOf(_) => false,
        Kind::TextMap | Kind::Object(_) => value.is_object(),
        Kind::List(_) => value.is_array(),
    };
    let of_each_type = [json!(null), json!(true), json!(7), json!(-0.5), json!("x"), json!([]), json!({})];
    let mut wrong: Vec<_> = of_each_type
        .into_iter()
        .filter(|value| !right(value))
        .map(|value| (value, "", rule.clone()))
        .collect();
    match kind {
        Kind::TextMap => wrong.push((json!({"a": "b", "c": 7}), ".c", "must be a string".to_owned())),
        Kind::List(_) => wrong.push((json!([7]), "[0]", "must be an object".to_owned())),
        _ => {}
    }
    wrong
}

fn parent<'a>(document: &'a mut Value, spot: &Spot) -> &'a mut serde_json::Map<String, Value> {
    document.pointer_mut(&spot.parent).unwrap().as_object_mut().unwrap()
}

fn refusal(document: &str) -> String {
    let refused = RemoteConfig::check(document.to_owned()).unwrap_err();
    assert_eq!((refused.code(), refused.get("field")), ("invalid_field", Some("defaultRemoteConfig")));
    refused.to_string()
}

#[test]
fn a_document_with_every_field_passes_and_comes_back_byte_for_byte() {
    let checked = RemoteConfig::check(CONTRACT.to_owned()).unwrap();
    assert_eq!(checked.config.as_str(), CONTRACT);
    assert_eq!(checked.unknown_keys, [] as [&str; 0]);
}

#[test]
fn the_table_has_no_field_that_the_contract_has_not() {
    let mut document: Value = serde_json::from_str(CONTRACT).unwrap();
    for spot in all_spots() {
        assert!(parent(&mut document, &spot).contains_key(spot.field.name), "{}", spot.path);
    }
}

#[test]
fn every_field_of_a_wrong_type_is_refused_by_its_path() {
    let document: Value = serde_json::from_str(CONTRACT).unwrap();
    for spot in all_spots() {
        for (value, below, rule) in wrong_values(spot.field.kind) {
            let mut document = document.clone();
            parent(&mut document, &spot).insert(spot.field.name.to_owned(), value.clone());
            let expected = format!("defaultRemoteConfig: {}{below} {rule}", spot.path);
            assert_eq!(refusal(&document.to_string()), expected, "{value}");
        }
    }
}

#[test]
fn a_field_that_is_missing_is_refused_by_its_path_exactly_when_it_is_required() {
    let document: Value = serde_json::from_str(CONTRACT).unwrap();
    for spot in all_spots() {
        let mut document = document.clone();
        parent(&mut document, &spot).remove(spot.field.name);
        if spot.field.required {
            let expected = format!("defaultRemoteConfig: {} is required", spot.path);
            assert_eq!(refusal(&document.to_string()), expected);
        } else {
            RemoteConfig::check(document.to_string()).unwrap();
        }
    }
}

#[test]
fn a_fault_names_its_place_in_a_list() {
    let document = r#"{"version":"v1","providerSettings":{"OpenAiCompatible":{"models":[{"id":7}]}}}"#;
    assert_eq!(
        refusal(document),
        "defaultRemoteConfig: providerSettings.OpenAiCompatible.models[0].id must be a string"
    );
    let document = r#"{"version":"v1","globalRules":[{"alwaysEnabled":true,"name":"n","contents":"c"},{}]}"#;
    assert_eq!(refusal(document), "defaultRemoteConfig: globalRules[1].alwaysEnabled is required");
}

#[test]
fn what_is_not_json_is_refused_with_its_line_and_column() {
    for (text, place) in [
        ("", "line 1 column 0"),
        ("{\n  \"version\": v1\n}", "line 2 column 14"),
        ("{\"version\":\"v1\"} x", "line 1 column 18"),
        ("{\"version\":\"a\0b\"}", "line 1 column 14"),
        (r#"{"version":"\ud800"}"#, "line 1 column 19"),
        (r#"{"version":NaN}"#, "line 1 column 12"),
    ] {
        let refused = refusal(text);
        assert!(refused.starts_with("defaultRemoteConfig must be JSON: "), "{refused}");
        assert!(refused.ends_with(place), "{text:?}: {refused}");
    }
    assert_eq!(refusal("[]"), "defaultRemoteConfig must be an object");
}

#[test]
fn a_document_that_nests_without_end_or_is_too_long_is_refused() {
    let deep = format!(r#"{{"version":"v1","x":{}}}"#, "[".repeat(100_000));
    assert!(refusal(&deep).contains("recursion limit"));
    let at_most = |length: usize| {
        let (head, tail) = (r#"{"version":""#, r#""}"#);
        format!("{head}{}{tail}", "x".repeat(length - head.len() - tail.len()))
    };
    RemoteConfig::check(at_most(RemoteConfig::MAX_BYTES)).unwrap();
    assert_eq!(
        refusal(&at_most(RemoteConfig::MAX_BYTES + 1)),
        "defaultRemoteConfig must not be longer than 262144 bytes"
    );
}

#[test]
fn unknown_keys_are_kept_and_told_by_their_paths() {
    let text = r#"{"version":"v1","x":{"y":1},"providerSettings":{"Cline":{"models":[{"id":"m","né":[]}]},"New":0}}"#;
    let checked = RemoteConfig::check(text.to_owned()).unwrap();
    assert_eq!(checked.unknown_keys, ["x", "providerSettings.Cline.models[0].n?", "providerSettings.New"]);
    assert_eq!(checked.config.as_str(), text);

    let many: Vec<_> = (0..1000).map(|n| format!(r#""k{n}":0"#)).collect();
    let checked = RemoteConfig::check(format!(r#"{{"version":"v1",{}}}"#, many.join(","))).unwrap();
    assert_eq!(checked.unknown_keys.len(), 20);
}

#[test]
fn a_name_that_is_there_twice_is_refused_wherever_it_is() {
    for (text, path) in [
        (r#"{"version":"v1","version":"v1"}"#, "version"),
        (r#"{"version":"v1","globalRules":[],"globalRul\u0065s":[]}"#, "globalRules"),
        (r#"{"version":"v1","openTelemetryOtlpHeaders":{"a":"b","a":"b"}}"#, "openTelemetryOtlpHeaders.a"),
        (r#"{"version":"v1","x":[0,{"y":{"z":1,"z":2}}]}"#, "x[1].y.z"),
    ] {
        assert_eq!(refusal(text), format!("defaultRemoteConfig: {path} must not be there twice"));
    }
}

#[test]
fn an_escaped_null_character_is_refused_wherever_it_is() {
    for (text, fault) in [
        (r#"{"version":"v\u0000"}"#, "version must not hold U+0000"),
        (r#"{"version":"v1","x":["\u0000"]}"#, "x[0] must not hold U+0000"),
        (r#"{"version":"v1","x":{"a\u0000":1}}"#, "x.a? must not have U+0000 in its name"),
    ] {
        assert_eq!(refusal(text), format!("defaultRemoteConfig: {fault}"));
    }
}

#[test]
fn a_document_does_not_print_and_a_refusal_tells_no_value() {
    let checked = RemoteConfig::check(r#"{"version":"hush"}"#.to_owned()).unwrap();
    assert!(!format!("{checked:?}").contains("hush"));
    let refused = refusal(r#"{"version":"hush","enterpriseTelemetry":{"promptUploading":{"type":"hush"}}}"#);
    assert!(!refused.contains("hush"), "{refused}");
}
