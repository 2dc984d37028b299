//! An ApplicationSet, its template, and the generators that need nothing but the cluster and a repository.
//!
//! Of Argo CD 3.5.1, `pkg/apis/application/v1alpha1`.

use super::Type::{Bool, Integer, IntegerOrText, List, Map, Pointer, Raw, Struct, Text};
use super::application::APPLICATION_SPEC;
use super::forge::{PULL_REQUEST_GENERATOR, SCM_PROVIDER_GENERATOR};
use super::metadata::{LABEL_SELECTOR, OBJECT_META};
use super::status::SET_STATUS;
use super::{Field, always, optional};

/// `ApplicationSet`
pub const APPLICATION_SET: &[Field] = &[
    optional("kind", Text),
    optional("apiVersion", Text),
    always("metadata", Struct(OBJECT_META)),
    always("spec", Struct(SET_SPEC)),
    optional("status", Struct(SET_STATUS)),
];

/// `ApplicationSetSpec`
const SET_SPEC: &[Field] = &[
    optional("goTemplate", Bool),
    always("generators", List(&Struct(GENERATOR))),
    always("template", Struct(TEMPLATE)),
    optional("syncPolicy", Pointer(&Struct(SET_SYNC_POLICY))),
    optional("strategy", Pointer(&Struct(STRATEGY))),
    optional("preservedFields", Pointer(&Struct(PRESERVED_FIELDS))),
    optional("goTemplateOptions", List(&Text)),
    optional("applyNestedSelectors", Bool),
    optional("ignoreApplicationDifferences", List(&Struct(SET_IGNORED_DIFFERENCES))),
    optional("templatePatch", Pointer(&Text)),
];

/// `ApplicationSetTemplate`
pub const TEMPLATE: &[Field] =
    &[always("metadata", Struct(TEMPLATE_METADATA)), always("spec", Struct(APPLICATION_SPEC))];

/// `ApplicationSetTemplateMeta`
pub(super) const TEMPLATE_METADATA: &[Field] = &[
    optional("name", Text),
    optional("namespace", Text),
    optional("labels", Map(&Text)),
    optional("annotations", Map(&Text)),
    optional("finalizers", List(&Text)),
];

/// `ApplicationSetGenerator`
pub const GENERATOR: &[Field] = &[
    optional("list", Pointer(&Struct(LIST_GENERATOR))),
    optional("clusters", Pointer(&Struct(CLUSTER_GENERATOR))),
    optional("git", Pointer(&Struct(GIT_GENERATOR))),
    optional("scmProvider", Pointer(&Struct(SCM_PROVIDER_GENERATOR))),
    optional("clusterDecisionResource", Pointer(&Struct(DUCK_TYPE_GENERATOR))),
    optional("pullRequest", Pointer(&Struct(PULL_REQUEST_GENERATOR))),
    optional("matrix", Pointer(&Struct(MATRIX_GENERATOR))),
    optional("merge", Pointer(&Struct(MERGE_GENERATOR))),
    optional("selector", Pointer(&Struct(LABEL_SELECTOR))),
    optional("plugin", Pointer(&Struct(PLUGIN_GENERATOR))),
];

/// `ApplicationSetNestedGenerator`
pub const NESTED_GENERATOR: &[Field] = &[
    optional("list", Pointer(&Struct(LIST_GENERATOR))),
    optional("clusters", Pointer(&Struct(CLUSTER_GENERATOR))),
    optional("git", Pointer(&Struct(GIT_GENERATOR))),
    optional("scmProvider", Pointer(&Struct(SCM_PROVIDER_GENERATOR))),
    optional("clusterDecisionResource", Pointer(&Struct(DUCK_TYPE_GENERATOR))),
    optional("pullRequest", Pointer(&Struct(PULL_REQUEST_GENERATOR))),
    optional("matrix", Pointer(&Raw)),
    optional("merge", Pointer(&Raw)),
    optional("selector", Pointer(&Struct(LABEL_SELECTOR))),
    optional("plugin", Pointer(&Struct(PLUGIN_GENERATOR))),
];

/// `NestedMatrixGenerator`
pub const NESTED_MATRIX_GENERATOR: &[Field] = &[always("generators", List(&Struct(TERMINAL_GENERATOR)))];

/// `NestedMergeGenerator`
pub const NESTED_MERGE_GENERATOR: &[Field] =
    &[always("generators", List(&Struct(TERMINAL_GENERATOR))), always("mergeKeys", List(&Text))];

/// `ApplicationSetTerminalGenerator`
const TERMINAL_GENERATOR: &[Field] = &[
    optional("list", Pointer(&Struct(LIST_GENERATOR))),
    optional("clusters", Pointer(&Struct(CLUSTER_GENERATOR))),
    optional("git", Pointer(&Struct(GIT_GENERATOR))),
    optional("scmProvider", Pointer(&Struct(SCM_PROVIDER_GENERATOR))),
    optional("clusterDecisionResource", Pointer(&Struct(DUCK_TYPE_GENERATOR))),
    optional("pullRequest", Pointer(&Struct(PULL_REQUEST_GENERATOR))),
    optional("plugin", Pointer(&Struct(PLUGIN_GENERATOR))),
    optional("selector", Pointer(&Struct(LABEL_SELECTOR))),
];

/// `ListGenerator`
pub(super) const LIST_GENERATOR: &[Field] =
    &[always("elements", List(&Raw)), optional("template", Struct(TEMPLATE)), optional("elementsYaml", Text)];

/// `ClusterGenerator`
pub(super) const CLUSTER_GENERATOR: &[Field] = &[
    optional("selector", Struct(LABEL_SELECTOR)),
    optional("template", Struct(TEMPLATE)),
    optional("values", Map(&Text)),
    optional("flatList", Bool),
];

/// `GitGenerator`
pub(super) const GIT_GENERATOR: &[Field] = &[
    always("repoURL", Text),
    optional("directories", List(&Struct(GIT_ITEM))),
    optional("files", List(&Struct(GIT_ITEM))),
    always("revision", Text),
    optional("requeueAfterSeconds", Pointer(&Integer)),
    optional("template", Struct(TEMPLATE)),
    optional("pathParamPrefix", Text),
    optional("values", Map(&Text)),
];

/// `GitDirectoryGeneratorItem`
const GIT_ITEM: &[Field] = &[always("path", Text), optional("exclude", Bool)];

/// `MatrixGenerator`
const MATRIX_GENERATOR: &[Field] =
    &[always("generators", List(&Struct(NESTED_GENERATOR))), optional("template", Struct(TEMPLATE))];

/// `MergeGenerator`
const MERGE_GENERATOR: &[Field] = &[
    always("generators", List(&Struct(NESTED_GENERATOR))),
    always("mergeKeys", List(&Text)),
    optional("template", Struct(TEMPLATE)),
];

/// `DuckTypeGenerator`
const DUCK_TYPE_GENERATOR: &[Field] = &[
    always("configMapRef", Text),
    optional("name", Text),
    optional("requeueAfterSeconds", Pointer(&Integer)),
    optional("labelSelector", Struct(LABEL_SELECTOR)),
    optional("template", Struct(TEMPLATE)),
    optional("values", Map(&Text)),
];

/// `PluginGenerator`
const PLUGIN_GENERATOR: &[Field] = &[
    always("configMapRef", Struct(CONFIG_MAP_NAME)),
    optional("input", Struct(PLUGIN_INPUT)),
    optional("requeueAfterSeconds", Pointer(&Integer)),
    optional("template", Struct(TEMPLATE)),
    optional("values", Map(&Text)),
];

/// `PluginConfigMapRef`
const CONFIG_MAP_NAME: &[Field] = &[always("name", Text)];

/// `PluginInput`
const PLUGIN_INPUT: &[Field] = &[optional("parameters", Map(&Raw))];

/// `ApplicationSetSyncPolicy`
const SET_SYNC_POLICY: &[Field] =
    &[optional("preserveResourcesOnDeletion", Bool), optional("applicationsSync", Pointer(&Text))];

/// `ApplicationSetStrategy`
const STRATEGY: &[Field] = &[
    optional("type", Text),
    optional("rollingSync", Pointer(&Struct(ROLLOUT))),
    optional("deletionOrder", Text),
];

/// `ApplicationSetRolloutStrategy`
const ROLLOUT: &[Field] = &[optional("steps", List(&Struct(ROLLOUT_STEP)))];

/// `ApplicationSetRolloutStep`
const ROLLOUT_STEP: &[Field] = &[
    optional("matchExpressions", List(&Struct(MATCH_EXPRESSION))),
    optional("maxUpdate", Pointer(&IntegerOrText)),
];

/// `ApplicationMatchExpression`
const MATCH_EXPRESSION: &[Field] =
    &[optional("key", Text), optional("operator", Text), optional("values", List(&Text))];

/// `ApplicationPreservedFields`
const PRESERVED_FIELDS: &[Field] = &[optional("annotations", List(&Text)), optional("labels", List(&Text))];

/// `ApplicationSetResourceIgnoreDifferences`
const SET_IGNORED_DIFFERENCES: &[Field] = &[
    optional("name", Text),
    optional("jsonPointers", List(&Text)),
    optional("jqPathExpressions", List(&Text)),
];
