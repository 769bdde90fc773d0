//! What clients take, as data: a field that they learn is a line here.

use Kind::{Bool, List, Number, Object, OneOf, Text, TextMap};

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// A string.
    Text,
    /// True or false.
    Bool,
    /// A number.
    Number,
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// An object of strings under any names.
    TextMap,
    /// A list of objects that have these fields.
    List(&'static [Field]),
    /// An object that has these fields.
    Object(&'static [Field]),
}

/// A field of an object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
}

const fn required(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: true }
}

const fn optional(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false }
}

/// The whole document.
pub(super) const DOCUMENT: &[Field] = &[
    required("version", Text),
    optional("providerSettings", Object(PROVIDER_SETTINGS)),
    optional("telemetryEnabled", Bool),
    optional("kanbanEnabled", Bool),
    optional("mcpMarketplaceEnabled", Bool),
    optional("blockPersonalRemoteMCPServers", Bool),
    optional("yoloModeAllowed", Bool),
    optional("allowedMCPServers", List(NAMED_BY_ID)),
    optional("remoteMCPServers", List(REMOTE_SERVER)),
    optional("openTelemetryEnabled", Bool),
    optional("openTelemetryMetricsExporter", Text),
    optional("openTelemetryLogsExporter", Text),
    optional("openTelemetryOtlpProtocol", Text),
    optional("openTelemetryOtlpEndpoint", Text),
    optional("openTelemetryOtlpHeaders", TextMap),
    optional("openTelemetryOtlpInsecure", Bool),
    optional("openTelemetryOtlpMetricsProtocol", Text),
    optional("openTelemetryOtlpMetricsEndpoint", Text),
    optional("openTelemetryOtlpMetricsHeaders", TextMap),
    optional("openTelemetryOtlpLogsProtocol", Text),
    optional("openTelemetryOtlpLogsEndpoint", Text),
    optional("openTelemetryOtlpLogsHeaders", TextMap),
    optional("openTelemetryMetricExportInterval", Number),
    optional("openTelemetryLogBatchSize", Number),
    optional("openTelemetryLogBatchTimeout", Number),
    optional("openTelemetryLogMaxQueueSize", Number),
    optional("enterpriseTelemetry", Object(ENTERPRISE_TELEMETRY)),
    optional("globalRules", List(INSTRUCTION)),
    optional("globalWorkflows", List(INSTRUCTION)),
    optional("globalSkills", List(INSTRUCTION)),
];

const PROVIDER_SETTINGS: &[Field] = &[
    optional("OpenAiCompatible", Object(OPEN_AI_COMPATIBLE)),
    optional("AwsBedrock", Object(AWS_BEDROCK)),
    optional("Cline", Object(CLINE)),
    optional("Vertex", Object(VERTEX)),
    optional("LiteLLM", Object(LITE_LLM)),
    optional("Anthropic", Object(ANTHROPIC)),
];

const OPEN_AI_COMPATIBLE: &[Field] = &[
    optional("models", List(OPEN_AI_MODEL)),
    optional("openAiBaseUrl", Text),
    optional("openAiHeaders", TextMap),
    optional("azureApiVersion", Text),
    optional("azureIdentity", Bool),
];

const OPEN_AI_MODEL: &[Field] = &[
    required("id", Text),
    optional("temperature", Number),
    optional("maxTokens", Number),
    optional("contextWindow", Number),
    optional("inputPrice", Number),
    optional("outputPrice", Number),
    optional("supportsImages", Bool),
];

const AWS_BEDROCK: &[Field] = &[
    optional("models", List(THINKING_MODEL)),
    optional("customModels", List(CUSTOM_MODEL)),
    optional("awsRegion", Text),
    optional("awsBedrockEndpoint", Text),
    optional("awsUseCrossRegionInference", Bool),
    optional("awsUseGlobalInference", Bool),
    optional("awsBedrockUsePromptCache", Bool),
];

const CUSTOM_MODEL: &[Field] =
    &[required("name", Text), required("baseModelId", Text), optional("thinkingBudgetTokens", Number)];

const CLINE: &[Field] = &[optional("models", List(NAMED_BY_ID))];

const VERTEX: &[Field] = &[
    optional("models", List(THINKING_MODEL)),
    optional("vertexProjectId", Text),
    optional("vertexRegion", Text),
];

const LITE_LLM: &[Field] = &[optional("models", List(LITE_LLM_MODEL)), optional("baseUrl", Text)];

const LITE_LLM_MODEL: &[Field] =
    &[required("id", Text), optional("thinkingBudgetTokens", Number), optional("promptCachingEnabled", Bool)];

const ANTHROPIC: &[Field] = &[optional("models", List(THINKING_MODEL)), optional("baseUrl", Text)];

const THINKING_MODEL: &[Field] = &[required("id", Text), optional("thinkingBudgetTokens", Number)];

const NAMED_BY_ID: &[Field] = &[required("id", Text)];

const REMOTE_SERVER: &[Field] = &[
    required("name", Text),
    required("url", Text),
    optional("alwaysEnabled", Bool),
    optional("headers", TextMap),
];

const ENTERPRISE_TELEMETRY: &[Field] = &[optional("promptUploading", Object(PROMPT_UPLOADING))];

const PROMPT_UPLOADING: &[Field] = &[
    optional("enabled", Bool),
    optional("type", OneOf(&["s3_access_keys", "r2_access_keys", "azure_access_keys"])),
    optional("s3AccessSettings", Object(ACCESS_SETTINGS)),
    optional("r2AccessSettings", Object(ACCESS_SETTINGS)),
    optional("azureAccessSettings", Object(ACCESS_SETTINGS)),
];

const ACCESS_SETTINGS: &[Field] = &[
    required("bucket", Text),
    required("accessKeyId", Text),
    required("secretAccessKey", Text),
    optional("region", Text),
    optional("endpoint", Text),
    optional("accountId", Text),
    optional("intervalMs", Number),
    optional("maxRetries", Number),
    optional("batchSize", Number),
    optional("maxQueueSize", Number),
    optional("maxFailedAgeMs", Number),
    optional("backfillEnabled", Bool),
];

const INSTRUCTION: &[Field] =
    &[required("alwaysEnabled", Bool), required("name", Text), required("contents", Text)];
