//! The states that controllers write; a patch of a template may hold one, to no effect.
//!
//! Of Argo CD 3.5.1, `pkg/apis/application/v1alpha1`.

use super::Type::{Bool, Integer, List, Pointer, Struct, Text, Time};
use super::application::{
    DESTINATION, IGNORED_DIFFERENCES, MANAGED_NAMESPACE_METADATA, OPERATION, OPERATION_INITIATOR,
};
use super::source::{SOURCE, SOURCE_HYDRATOR};
use super::{Field, always, optional};

/// `ApplicationStatus`
pub const APPLICATION_STATUS: &[Field] = &[
    optional("resources", List(&Struct(RESOURCE_STATUS))),
    optional("sync", Struct(SYNC_STATUS)),
    optional("health", Struct(HEALTH_STATUS)),
    optional("history", List(&Struct(REVISION_HISTORY))),
    optional("conditions", List(&Struct(APPLICATION_CONDITION))),
    optional("reconciledAt", Pointer(&Time)),
    optional("operationState", Pointer(&Struct(OPERATION_STATE))),
    optional("observedAt", Pointer(&Time)),
    optional("sourceType", Text),
    optional("summary", Struct(APPLICATION_SUMMARY)),
    optional("resourceHealthSource", Text),
    optional("sourceTypes", List(&Text)),
    optional("controllerNamespace", Text),
    optional("sourceHydrator", Struct(SOURCE_HYDRATOR_STATUS)),
];

/// `SyncStatus`
const SYNC_STATUS: &[Field] = &[
    always("status", Text),
    optional("comparedTo", Struct(COMPARED_TO)),
    optional("revision", Text),
    optional("revisions", List(&Text)),
];

/// `ComparedTo`
const COMPARED_TO: &[Field] = &[
    optional("source", Struct(SOURCE)),
    always("destination", Struct(DESTINATION)),
    optional("sources", List(&Struct(SOURCE))),
    optional("ignoreDifferences", List(&Struct(IGNORED_DIFFERENCES))),
];

/// `HealthStatus`
const HEALTH_STATUS: &[Field] =
    &[optional("status", Text), optional("message", Text), optional("lastTransitionTime", Pointer(&Time))];

/// `RevisionHistory`
const REVISION_HISTORY: &[Field] = &[
    optional("revision", Text),
    always("deployedAt", Time),
    always("id", Integer),
    optional("source", Struct(SOURCE)),
    optional("deployStartedAt", Pointer(&Time)),
    optional("sources", List(&Struct(SOURCE))),
    optional("revisions", List(&Text)),
    optional("initiatedBy", Struct(OPERATION_INITIATOR)),
];

/// `ApplicationCondition`
const APPLICATION_CONDITION: &[Field] =
    &[always("type", Text), always("message", Text), optional("lastTransitionTime", Pointer(&Time))];

/// `OperationState`
const OPERATION_STATE: &[Field] = &[
    always("operation", Struct(OPERATION)),
    always("phase", Text),
    optional("message", Text),
    optional("syncResult", Pointer(&Struct(SYNC_OPERATION_RESULT))),
    always("startedAt", Time),
    optional("finishedAt", Pointer(&Time)),
    optional("retryCount", Integer),
];

/// `SyncOperationResult`
const SYNC_OPERATION_RESULT: &[Field] = &[
    optional("resources", List(&Pointer(&Struct(RESOURCE_RESULT)))),
    always("revision", Text),
    optional("source", Struct(SOURCE)),
    optional("sources", List(&Struct(SOURCE))),
    optional("revisions", List(&Text)),
    optional("managedNamespaceMetadata", Pointer(&Struct(MANAGED_NAMESPACE_METADATA))),
];

/// `ResourceResult`
const RESOURCE_RESULT: &[Field] = &[
    always("group", Text),
    always("version", Text),
    always("kind", Text),
    always("namespace", Text),
    always("name", Text),
    optional("status", Text),
    optional("message", Text),
    optional("hookType", Text),
    optional("hookPhase", Text),
    optional("syncPhase", Text),
    optional("images", List(&Text)),
];

/// `ResourceStatus`
const RESOURCE_STATUS: &[Field] = &[
    optional("group", Text),
    optional("version", Text),
    optional("kind", Text),
    optional("namespace", Text),
    optional("name", Text),
    optional("status", Text),
    optional("health", Pointer(&Struct(HEALTH_STATUS))),
    optional("hook", Bool),
    optional("requiresPruning", Bool),
    optional("syncWave", Integer),
    optional("requiresDeletionConfirmation", Bool),
];

/// `ApplicationSummary`
const APPLICATION_SUMMARY: &[Field] =
    &[optional("externalURLs", List(&Text)), optional("images", List(&Text)), optional("isAppOfApps", Bool)];

/// `SourceHydratorStatus`
const SOURCE_HYDRATOR_STATUS: &[Field] = &[
    optional("lastSuccessfulOperation", Pointer(&Struct(HYDRATED))),
    optional("currentOperation", Pointer(&Struct(HYDRATE_OPERATION))),
    optional("lastComparedDryRevision", Text),
];

/// `SuccessfulHydrateOperation`
const HYDRATED: &[Field] = &[
    optional("drySHA", Text),
    optional("hydratedSHA", Text),
    optional("sourceHydrator", Struct(SOURCE_HYDRATOR)),
];

/// `HydrateOperation`
const HYDRATE_OPERATION: &[Field] = &[
    optional("startedAt", Time),
    optional("finishedAt", Pointer(&Time)),
    always("phase", Text),
    always("message", Text),
    optional("drySHA", Text),
    optional("hydratedSHA", Text),
    optional("sourceHydrator", Struct(SOURCE_HYDRATOR)),
];

/// `ApplicationSetStatus`
pub(super) const SET_STATUS: &[Field] = &[
    optional("conditions", List(&Struct(SET_CONDITION))),
    optional("applicationStatus", List(&Struct(STEP_STATUS))),
    optional("resources", List(&Struct(RESOURCE_STATUS))),
    optional("resourcesCount", Integer),
    optional("health", Struct(HEALTH_STATUS)),
];

/// `ApplicationSetCondition`
const SET_CONDITION: &[Field] = &[
    always("type", Text),
    always("message", Text),
    optional("lastTransitionTime", Pointer(&Time)),
    always("status", Text),
    always("reason", Text),
];

/// `ApplicationSetApplicationStatus`
const STEP_STATUS: &[Field] = &[
    always("application", Text),
    optional("lastTransitionTime", Pointer(&Time)),
    always("message", Text),
    always("status", Text),
    always("step", Text),
    always("targetRevisions", List(&Text)),
];
