//! What an object says of its own type. It knows nothing of where objects come from.

use crate::location::Location;

/// What an object says of its own type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its API version: `policy/v1`.
    pub api_version: String,
    /// Its kind.
    pub kind: String,
    /// Where the API version stands.
    pub location: Location,
}

/// Kubernetes' own kinds that lie in no namespace.
const CLUSTER_SCOPED: [&str; 31] = [
    "APIService",
    "CSIDriver",
    "CSINode",
    "CertificateSigningRequest",
    "ClusterRole",
    "ClusterRoleBinding",
    "ClusterTrustBundle",
    "CustomResourceDefinition",
    "DeviceClass",
    "DeviceTaintRule",
    "FlowSchema",
    "IPAddress",
    "IngressClass",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PodSecurityPolicy",
    "PriorityClass",
    "PriorityLevelConfiguration",
    "ResourceSlice",
    "RuntimeClass",
    "ServiceCIDR",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
    "VolumeAttributesClass",
];

/// Returns whether a kind is one of Kubernetes' own that lie in no namespace.
pub fn is_cluster_scoped(kind: &str) -> bool {
    CLUSTER_SCOPED.contains(&kind)
}

impl Header {
    /// Returns whether its kind is one of Kubernetes' own that lie in no namespace.
    pub fn is_cluster_scoped(&self) -> bool {
        is_cluster_scoped(&self.kind)
    }

    /// Returns its API group; `""` for the core group.
    pub fn group(&self) -> &str {
        self.api_version.rsplit_once('/').map_or("", |(group, _)| group)
    }
}
