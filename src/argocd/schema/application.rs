//! An Application, and what can be asked to be done to it.
//!
//! Of Argo CD 3.5.1, `pkg/apis/application/v1alpha1`.

use super::Type::{Bool, Integer, List, Map, Pointer, Struct, Text};
use super::metadata::OBJECT_META;
use super::source::{SOURCE, SOURCE_HYDRATOR};
use super::status::APPLICATION_STATUS;
use super::{Field, always, optional};

/// `Application`
pub const APPLICATION: &[Field] = &[
    optional("kind", Text),
    optional("apiVersion", Text),
    always("metadata", Struct(OBJECT_META)),
    always("spec", Struct(APPLICATION_SPEC)),
    optional("status", Struct(APPLICATION_STATUS)),
    optional("operation", Pointer(&Struct(OPERATION))),
];

/// What is read of an Application once it is patched: its status is nobody's business then.
pub const PATCHED: &[Field] = &[
    always("metadata", Struct(OBJECT_META)),
    always("spec", Struct(APPLICATION_SPEC)),
    optional("operation", Pointer(&Struct(OPERATION))),
];

/// `ApplicationSpec`
pub(super) const APPLICATION_SPEC: &[Field] = &[
    optional("source", Pointer(&Struct(SOURCE))),
    always("destination", Struct(DESTINATION)),
    always("project", Text),
    optional("syncPolicy", Pointer(&Struct(SYNC_POLICY))),
    optional("ignoreDifferences", List(&Struct(IGNORED_DIFFERENCES))),
    optional("info", List(&Struct(INFO))),
    optional("revisionHistoryLimit", Pointer(&Integer)),
    optional("sources", List(&Struct(SOURCE))),
    optional("sourceHydrator", Pointer(&Struct(SOURCE_HYDRATOR))),
];

/// `ApplicationDestination`
pub(super) const DESTINATION: &[Field] =
    &[optional("server", Text), optional("namespace", Text), optional("name", Text)];

/// `SyncPolicy`
const SYNC_POLICY: &[Field] = &[
    optional("automated", Pointer(&Struct(AUTOMATED))),
    optional("syncOptions", List(&Text)),
    optional("retry", Pointer(&Struct(RETRY))),
    optional("managedNamespaceMetadata", Pointer(&Struct(MANAGED_NAMESPACE_METADATA))),
];

/// `SyncPolicyAutomated`
const AUTOMATED: &[Field] = &[
    optional("prune", Pointer(&Bool)),
    optional("selfHeal", Pointer(&Bool)),
    optional("allowEmpty", Pointer(&Bool)),
    optional("enabled", Pointer(&Bool)),
];

/// `RetryStrategy`
const RETRY: &[Field] =
    &[optional("limit", Integer), optional("backoff", Pointer(&Struct(BACKOFF))), optional("refresh", Bool)];

/// `Backoff`
const BACKOFF: &[Field] =
    &[optional("duration", Text), optional("factor", Pointer(&Integer)), optional("maxDuration", Text)];

/// `ManagedNamespaceMetadata`
pub(super) const MANAGED_NAMESPACE_METADATA: &[Field] =
    &[optional("labels", Map(&Text)), optional("annotations", Map(&Text))];

/// `ResourceIgnoreDifferences`
pub(super) const IGNORED_DIFFERENCES: &[Field] = &[
    optional("group", Text),
    always("kind", Text),
    optional("name", Text),
    optional("namespace", Text),
    optional("jsonPointers", List(&Text)),
    optional("jqPathExpressions", List(&Text)),
    optional("managedFieldsManagers", List(&Text)),
];

/// `Info`
const INFO: &[Field] = &[always("name", Text), always("value", Text)];

/// `Operation`
pub(super) const OPERATION: &[Field] = &[
    optional("sync", Pointer(&Struct(SYNC_OPERATION))),
    optional("initiatedBy", Struct(OPERATION_INITIATOR)),
    optional("info", List(&Pointer(&Struct(INFO)))),
    optional("retry", Struct(RETRY)),
];

/// `OperationInitiator`
pub(super) const OPERATION_INITIATOR: &[Field] = &[optional("username", Text), optional("automated", Bool)];

/// `SyncOperation`
const SYNC_OPERATION: &[Field] = &[
    optional("revision", Text),
    optional("prune", Bool),
    optional("dryRun", Bool),
    optional("syncStrategy", Pointer(&Struct(SYNC_STRATEGY))),
    optional("resources", List(&Struct(SYNC_OPERATION_RESOURCE))),
    optional("source", Pointer(&Struct(SOURCE))),
    optional("manifests", List(&Text)),
    optional("syncOptions", List(&Text)),
    optional("sources", List(&Struct(SOURCE))),
    optional("revisions", List(&Text)),
    optional("autoHealAttemptsCount", Integer),
];

/// `SyncStrategy`
const SYNC_STRATEGY: &[Field] = &[
    optional("apply", Pointer(&Struct(SYNC_STRATEGY_APPLY))),
    optional("hook", Pointer(&Struct(SYNC_STRATEGY_APPLY))),
];

/// `SyncStrategyApply`
const SYNC_STRATEGY_APPLY: &[Field] = &[optional("force", Bool)];

/// `SyncOperationResource`
const SYNC_OPERATION_RESOURCE: &[Field] =
    &[optional("group", Text), always("kind", Text), always("name", Text), optional("namespace", Text)];
