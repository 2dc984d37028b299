//! Where an Application's manifests come from.
//!
//! Of Argo CD 3.5.1, `pkg/apis/application/v1alpha1`.

use super::Type::{Bool, IntegerOrText, List, Map, Pointer, Raw, Struct, Text};
use super::{Field, always, embedded, nonzero, optional};

/// `ApplicationSource`
pub(super) const SOURCE: &[Field] = &[
    always("repoURL", Text),
    optional("path", Text),
    optional("targetRevision", Text),
    optional("helm", Pointer(&Struct(HELM))),
    optional("kustomize", Pointer(&Struct(KUSTOMIZE))),
    optional("directory", Pointer(&Struct(DIRECTORY))),
    optional("plugin", Pointer(&Struct(PLUGIN))),
    optional("chart", Text),
    optional("ref", Text),
    optional("name", Text),
    optional("tagPrefix", Text),
];

/// `ApplicationSourceHelm`
const HELM: &[Field] = &[
    optional("valueFiles", List(&Text)),
    optional("parameters", List(&Struct(HELM_PARAMETER))),
    optional("releaseName", Text),
    optional("values", Text).replaced(),
    optional("fileParameters", List(&Struct(FILE_PARAMETER))),
    optional("version", Text),
    optional("passCredentials", Bool),
    optional("ignoreMissingValueFiles", Bool),
    optional("skipCrds", Bool),
    optional("valuesObject", Pointer(&Raw)),
    optional("namespace", Text),
    optional("kubeVersion", Text),
    optional("apiVersions", List(&Text)),
    optional("skipTests", Bool),
    optional("skipSchemaValidation", Bool),
];

/// `HelmParameter`
const HELM_PARAMETER: &[Field] =
    &[optional("name", Text), optional("value", Text), optional("forceString", Bool)];

/// `HelmFileParameter`
const FILE_PARAMETER: &[Field] = &[optional("name", Text), optional("path", Text)];

/// `ApplicationSourceKustomize`
const KUSTOMIZE: &[Field] = &[
    optional("namePrefix", Text),
    optional("nameSuffix", Text),
    optional("images", List(&Text)),
    optional("commonLabels", Map(&Text)),
    optional("version", Text),
    optional("commonAnnotations", Map(&Text)),
    optional("forceCommonLabels", Bool),
    optional("forceCommonAnnotations", Bool),
    optional("namespace", Text),
    optional("commonAnnotationsEnvsubst", Bool),
    optional("replicas", List(&Struct(REPLICA))),
    optional("patches", List(&Struct(PATCH))),
    optional("components", List(&Text)),
    optional("ignoreMissingComponents", Bool),
    optional("labelWithoutSelector", Bool),
    optional("kubeVersion", Text),
    optional("apiVersions", List(&Text)),
    optional("labelIncludeTemplates", Bool),
];

/// `KustomizeReplica`
const REPLICA: &[Field] = &[always("name", Text), always("count", IntegerOrText)];

/// `KustomizePatch`
const PATCH: &[Field] = &[
    optional("path", Text),
    optional("patch", Text),
    optional("target", Pointer(&Struct(PATCH_TARGET))),
    optional("options", Map(&Bool)),
];

/// `KustomizeSelector`
const PATCH_TARGET: &[Field] = &[
    optional("group", Text),
    optional("version", Text),
    optional("kind", Text),
    optional("name", Text),
    optional("namespace", Text),
    optional("annotationSelector", Text),
    optional("labelSelector", Text),
];

/// `ApplicationSourceDirectory`
const DIRECTORY: &[Field] = &[
    optional("recurse", Bool),
    nonzero("jsonnet", Struct(JSONNET)),
    optional("exclude", Text),
    optional("include", Text),
];

/// `ApplicationSourceJsonnet`
const JSONNET: &[Field] = &[
    optional("extVars", List(&Struct(JSONNET_VAR))),
    optional("tlas", List(&Struct(JSONNET_VAR))),
    optional("libs", List(&Text)),
];

/// `JsonnetVar`
const JSONNET_VAR: &[Field] = &[always("name", Text), always("value", Text), optional("code", Bool)];

/// `ApplicationSourcePlugin`
const PLUGIN: &[Field] = &[
    optional("name", Text),
    optional("env", List(&Pointer(&Struct(ENV_ENTRY)))),
    optional("parameters", List(&Struct(PLUGIN_PARAMETER))),
];

/// `EnvEntry`
const ENV_ENTRY: &[Field] = &[always("name", Text), always("value", Text)];

/// `ApplicationSourcePluginParameter`, which writes itself, its keys sorted: its name always, of the others what it was given.
const PLUGIN_PARAMETER: &[Field] = &[
    embedded("array", Pointer(&List(&Text))),
    embedded("map", Pointer(&Map(&Text))),
    always("name", Text),
    optional("string", Pointer(&Text)),
];

/// `SourceHydrator`
pub(super) const SOURCE_HYDRATOR: &[Field] = &[
    always("drySource", Struct(DRY_SOURCE)),
    always("syncSource", Struct(SYNC_SOURCE)),
    optional("hydrateTo", Pointer(&Struct(HYDRATE_TO))),
];

/// `DrySource`
const DRY_SOURCE: &[Field] = &[
    always("repoURL", Text),
    always("targetRevision", Text),
    always("path", Text),
    optional("helm", Pointer(&Struct(HELM))),
    optional("kustomize", Pointer(&Struct(KUSTOMIZE))),
    optional("directory", Pointer(&Struct(DIRECTORY))),
    optional("plugin", Pointer(&Struct(PLUGIN))),
];

/// `SyncSource`
const SYNC_SOURCE: &[Field] =
    &[always("targetBranch", Text), always("path", Text), optional("repoURL", Text)];

/// `HydrateTo`
const HYDRATE_TO: &[Field] = &[always("targetBranch", Text)];
