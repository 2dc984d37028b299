//! What an ApplicationSet looks up on a cluster Secret: the keys it lies under, how a template asks for it, and what
//! it is for one cluster.
//!
//! The keys are a contract with Argo CD's users as much as with our own sets. Which addon looks up what is not decided
//! here.

use std::borrow::Cow;

use crate::expand::ExpandedCluster;
use crate::spec::fleet::Fleet;
use crate::spec::name::Name;

/// One value that differs from cluster to cluster without making another variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LookUp<'a> {
    /// The cluster's display name.
    Name,
    /// The display name as a part of object names.
    NormalizedName,
    /// The tenant.
    Project,
    /// The cluster's own name.
    Cluster,
    /// The revision at which the cluster's release is read.
    Revision,
    /// The tenant's namespace on the management cluster.
    Namespace,
    /// The chart's version.
    Version,
    /// A path in the repository.
    Path,
    /// The values file, below `values/<addon>/`.
    Values,
    /// A label that rollout steps select on.
    Label(&'a str),
}

/// The labels of the fleet's own domain on every cluster Secret: the part of the key behind the `/`.
pub const DOMAIN_LABELS: [&str; 6] = ["cluster", "management", "minor", "project", "provider", "version"];

/// The keys on a cluster Secret that belong to one addon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddonKeys {
    /// Label: whether the addon is on.
    pub enabled: String,
    /// Label: the variant.
    pub source: String,
    /// Annotation: the chart's version.
    pub version: String,
    /// Annotation: a path in the repository.
    pub path: String,
    /// Annotation: the values file.
    pub values: String,
}

impl AddonKeys {
    /// Returns the keys of `addon` in a label domain.
    pub fn new(domain: &str, addon: &Name) -> Self {
        let key = |end: &str| format!("addons.{domain}/{addon}{end}");
        Self {
            enabled: key(""),
            source: key(".source"),
            version: key(".version"),
            path: key(".path"),
            values: key(".values"),
        }
    }
}

impl LookUp<'_> {
    /// Returns the parameter of Argo CD's cluster generator that holds the value (Argo CD 3.5, "Cluster Generator").
    pub fn parameter(self, domain: &str, addon: &AddonKeys) -> String {
        match self {
            Self::Name => "name".to_owned(),
            Self::NormalizedName => "nameNormalized".to_owned(),
            Self::Project => format!("metadata.labels.{domain}/project"),
            Self::Cluster => format!("metadata.labels.{domain}/cluster"),
            Self::Revision => format!("metadata.labels.{domain}/version"),
            Self::Namespace => format!("metadata.annotations.{domain}/namespace"),
            Self::Version => format!("metadata.annotations.{}", addon.version),
            Self::Path => format!("metadata.annotations.{}", addon.path),
            Self::Values => format!("metadata.annotations.{}", addon.values),
            Self::Label(key) => format!("metadata.labels.{key}"),
        }
    }
}

/// What is looked up for one cluster, whatever the addon.
#[derive(Clone, Debug)]
pub struct ClusterLookUps<'a> {
    cluster: &'a ExpandedCluster<'a>,
    domain: &'a str,
    name: String,
    normalized_name: String,
    minor: String,
    revision: &'a str,
}

/// What is looked up for one addon of one cluster; empty where the kind of source has no such thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddonLookUps<'a> {
    /// The chart's version.
    pub version: &'a str,
    /// A path in the repository.
    pub path: Cow<'a, str>,
    /// The values file.
    pub values: Cow<'a, str>,
}

impl<'a> ClusterLookUps<'a> {
    /// Returns what is looked up for `cluster`.
    pub fn new(fleet: &'a Fleet, cluster: &'a ExpandedCluster<'a>) -> Self {
        let name = cluster.management.cluster_name(&cluster.cluster.project, &cluster.cluster.name);
        let normalized_name = normalized(&name);
        let minor = cluster.cluster.minor().to_string();
        let domain = fleet.spec.label_domain.as_str();
        let revision = cluster.revision(fleet);
        Self { cluster, domain, name, normalized_name, minor, revision }
    }

    /// Returns the cluster's display name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the display name as a part of object names.
    pub fn normalized_name(&self) -> &str {
        &self.normalized_name
    }

    /// Returns the labels of the fleet's own domain, in the order of [`DOMAIN_LABELS`].
    pub fn domain_labels(&self) -> [&str; 6] {
        let cluster = self.cluster.cluster;
        [
            cluster.name.as_str(),
            self.cluster.management.name.as_str(),
            &self.minor,
            cluster.project.as_str(),
            cluster.provider.as_str(),
            self.revision,
        ]
    }

    /// Returns a label of the cluster: one of the fleet's domain, or one of its own; empty where it has none.
    pub fn label(&self, key: &str) -> &str {
        let in_domain = key.strip_prefix(self.domain).and_then(|rest| rest.strip_prefix('/'));
        let known = in_domain.and_then(|name| DOMAIN_LABELS.iter().position(|known| *known == name));
        match known {
            Some(position) => self.domain_labels()[position],
            None => self.cluster.cluster.labels.get(key).map_or("", String::as_str),
        }
    }

    /// Returns one value; those of the addon are in `addon`.
    pub fn get<'b>(&'b self, look_up: LookUp<'_>, addon: &'b AddonLookUps<'_>) -> &'b str {
        match look_up {
            LookUp::Name => &self.name,
            LookUp::NormalizedName => &self.normalized_name,
            LookUp::Project => self.cluster.cluster.project.as_str(),
            LookUp::Cluster => self.cluster.cluster.name.as_str(),
            LookUp::Revision => self.revision,
            LookUp::Namespace => self.cluster.tenant.name.as_str(),
            LookUp::Version => addon.version,
            LookUp::Path => &addon.path,
            LookUp::Values => &addon.values,
            LookUp::Label(key) => self.label(key),
        }
    }
}

/// Returns a display name as Argo CD makes it a part of object names: its `nameNormalized`.
///
/// Follows `SanitizeName` of Argo CD 3.5.1 (`applicationset/utils/template_functions.go`): lower case, `-` for every
/// character that a DNS name cannot hold, at most 253, no `-` or `.` at either end.
pub fn normalized(name: &str) -> String {
    let allowed = |character: char| matches!(character, '-' | '.' | 'a'..='z' | '0'..='9');
    // Go lowers each character to one; `İ` is the only one that Rust lowers to two.
    let lower = |character: char| character.to_lowercase().next().unwrap_or(character);
    let letter = |character: char| if allowed(character) { character } else { '-' };
    let mut text: String = name.chars().map(lower).map(letter).collect();
    text.truncate(253);
    text.trim_matches(['-', '.']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_display_name_is_normalised_as_argo_cd_does_it() {
        for (name, expected) in [
            ("production_01/west", "production-01-west"),
            ("Prod.カタカナ-", "prod"),
            ("--a..", "a"),
            ("blue-web", "blue-web"),
            ("ÄÖ1", "1"),
            ("aİb", "aib"),
        ] {
            assert_eq!(normalized(name), expected, "{name}");
        }
        assert_eq!(normalized(&"a".repeat(300)).len(), 253);
    }

    #[test]
    fn keys_and_parameters_are_those_of_the_contract() {
        let name = Name::new("cilium").expect("because it is a DNS label");
        let keys = AddonKeys::new("ake.example.com", &name);
        let parameter = |look_up: LookUp<'_>| look_up.parameter("ake.example.com", &keys);
        assert_eq!(keys.source, "addons.ake.example.com/cilium.source");
        assert_eq!(parameter(LookUp::Revision), "metadata.labels.ake.example.com/version");
        assert_eq!(parameter(LookUp::Namespace), "metadata.annotations.ake.example.com/namespace");
        assert_eq!(parameter(LookUp::Version), "metadata.annotations.addons.ake.example.com/cilium.version");
        assert_eq!(parameter(LookUp::Label("tier")), "metadata.labels.tier");
    }
}
