//! What Kubernetes serves from which minor until which.
//!
//! The table is Kubernetes' own: `tests/kubernetes_apis.py` reads it from the Go modules by which the API server decides
//! what it serves and warns of. It knows of no custom resource.

use std::collections::BTreeMap;

use crate::spec::version::Minor;

/// The table: one line for each kind of a version of a group, its fields apart by tabs.
const TABLE: &str = include_str!("kubernetes_apis.tsv");

/// A kind of a version of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KubernetesApi {
    /// The first minor that has it; `None` where all have, up to the last.
    pub introduced: Option<Minor>,
    /// The first minor that warns of it.
    pub deprecated: Option<Minor>,
    /// The first minor that does not have it any longer.
    pub removed: Option<Minor>,
    /// What follows it: `policy/v1 PodDisruptionBudget`.
    pub replacement: Option<&'static str>,
}

/// Every kind that some minor does not serve, or warns of.
#[derive(Debug)]
pub struct KubernetesApis(BTreeMap<&'static str, BTreeMap<&'static str, KubernetesApi>>);

impl KubernetesApis {
    /// Reads the table.
    pub fn read() -> Self {
        let mut apis: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let fields: Vec<&'static str> = line.split('\t').collect();
            let [api_version, kind, introduced, deprecated, removed, replacement, _source] = fields[..]
            else {
                continue;
            };
            let minor = |text: &str| text.parse::<Minor>().ok();
            let api = KubernetesApi {
                introduced: minor(introduced),
                deprecated: minor(deprecated),
                removed: minor(removed),
                replacement: Some(replacement).filter(|text| !text.is_empty()),
            };
            apis.entry(api_version).or_default().insert(kind, api);
        }
        Self(apis)
    }

    /// Returns what is known of a kind; `None` where every minor serves it, or nothing is known.
    pub fn find(&self, api_version: &str, kind: &str) -> Option<KubernetesApi> {
        self.0.get(api_version)?.get(kind).copied()
    }

    /// Returns whether anything is known of a version of a group.
    pub fn knows(&self, api_version: &str) -> bool {
        self.0.contains_key(api_version)
    }

    /// Says what to use instead of a kind on all of `minors`: ``use `policy/v1` PodDisruptionBudget``.
    pub fn advice(&self, api: &KubernetesApi, minors: &[Minor]) -> Option<String> {
        let replacement = api.replacement?;
        let Some((api_version, kind)) = replacement.split_once(' ').filter(|(first, _)| first.contains('/'))
        else {
            return Some(format!("{replacement} follows it"));
        };
        let introduced = self.find(api_version, kind).and_then(|next| next.introduced);
        let late = introduced.filter(|introduced| minors.iter().any(|minor| minor < introduced));
        Some(match late {
            Some(introduced) => format!("use `{api_version}` {kind} from {introduced} on"),
            None => format!("use `{api_version}` {kind}"),
        })
    }
}

impl KubernetesApi {
    /// Returns whether a minor has it.
    pub fn is_served(&self, minor: Minor) -> bool {
        self.introduced.is_none_or(|introduced| introduced <= minor)
            && self.removed.is_none_or(|removed| minor < removed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_deprecation_guide_says_stands_in_the_table() {
        let apis = KubernetesApis::read();
        for (api_version, kind, expected) in [
            ("extensions/v1beta1", "Ingress", ["1.1", "1.14", "1.22"]),
            ("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", ["1.7", "1.16", "1.22"]),
            ("certificates.k8s.io/v1beta1", "CertificateSigningRequest", ["1.12", "1.19", "1.22"]),
            ("policy/v1beta1", "PodSecurityPolicy", ["1.10", "1.21", "1.25"]),
            ("batch/v1beta1", "CronJob", ["1.8", "1.21", "1.25"]),
            ("autoscaling/v2beta2", "HorizontalPodAutoscaler", ["1.12", "1.23", "1.26"]),
            ("storage.k8s.io/v1beta1", "CSIStorageCapacity", ["1.21", "1.24", "1.27"]),
            ("flowcontrol.apiserver.k8s.io/v1beta2", "FlowSchema", ["1.23", "1.26", "1.29"]),
            ("flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema", ["1.26", "1.29", "1.32"]),
            ("admissionregistration.k8s.io/v1beta1", "ValidatingAdmissionPolicy", ["1.28", "1.31", "1.34"]),
            ("resource.k8s.io/v1", "ResourceClaim", ["1.34", "", ""]),
            ("v1", "Endpoints", ["1.0", "1.33", ""]),
        ] {
            let api = apis.find(api_version, kind).unwrap_or_else(|| panic!("{api_version} {kind}"));
            let shown = |minor: Option<Minor>| minor.map(|minor| minor.to_string()).unwrap_or_default();
            let found = [api.introduced, api.deprecated, api.removed].map(shown);
            assert_eq!(found, expected, "{api_version} {kind}");
        }
        assert_eq!(apis.find("apps/v1", "Deployment"), None);
    }

    #[test]
    fn advice_says_from_when_on_what_follows_is_there() {
        let apis = KubernetesApis::read();
        let advice = |api_version: &str, kind: &str, minor: &str| {
            let minor = minor.parse().expect("because it is a minor");
            apis.find(api_version, kind).and_then(|api| apis.advice(&api, &[minor]))
        };
        assert_eq!(
            advice("policy/v1beta1", "PodDisruptionBudget", "1.34").as_deref(),
            Some("use `policy/v1` PodDisruptionBudget")
        );
        assert_eq!(
            advice("policy/v1beta1", "PodSecurityPolicy", "1.34").as_deref(),
            Some("Pod Security Admission follows it")
        );
        let policy = advice("admissionregistration.k8s.io/v1alpha1", "MutatingAdmissionPolicy", "1.35");
        assert_eq!(
            policy.as_deref(),
            Some("use `admissionregistration.k8s.io/v1` MutatingAdmissionPolicy from 1.36 on")
        );
        assert_eq!(advice("settings.k8s.io/v1alpha1", "PodPreset", "1.34"), None);
    }
}
