//! Kubernetes' own part of an object: its metadata, and label selectors (apimachinery 0.36.1).

use super::Type::{Bool, Integer, List, Map, Pointer, Raw, Struct, Text, Time};
use super::{Field, always, nonzero, optional};

/// `ObjectMeta`
pub(super) const OBJECT_META: &[Field] = &[
    optional("name", Text),
    optional("generateName", Text),
    optional("namespace", Text),
    optional("selfLink", Text),
    optional("uid", Text),
    optional("resourceVersion", Text),
    optional("generation", Integer),
    nonzero("creationTimestamp", Time),
    optional("deletionTimestamp", Pointer(&Time)),
    optional("deletionGracePeriodSeconds", Pointer(&Integer)),
    optional("labels", Map(&Text)),
    optional("annotations", Map(&Text)),
    optional("ownerReferences", List(&Struct(OWNER_REFERENCE))).merged("uid"),
    optional("finalizers", List(&Text)).merged(""),
    optional("managedFields", List(&Struct(MANAGED_FIELDS))),
];

/// `OwnerReference`
const OWNER_REFERENCE: &[Field] = &[
    always("apiVersion", Text),
    always("kind", Text),
    always("name", Text),
    always("uid", Text),
    optional("controller", Pointer(&Bool)),
    optional("blockOwnerDeletion", Pointer(&Bool)),
];

/// `ManagedFieldsEntry`
const MANAGED_FIELDS: &[Field] = &[
    optional("manager", Text),
    optional("operation", Text),
    optional("apiVersion", Text),
    optional("time", Pointer(&Time)),
    optional("fieldsType", Text),
    optional("fieldsV1", Pointer(&Raw)),
    optional("subresource", Text),
];

/// `LabelSelector`
pub(super) const LABEL_SELECTOR: &[Field] =
    &[optional("matchLabels", Map(&Text)), optional("matchExpressions", List(&Struct(REQUIREMENT)))];

/// `LabelSelectorRequirement`
const REQUIREMENT: &[Field] =
    &[always("key", Text), always("operator", Text), optional("values", List(&Text))];
