//! What Argo CD finds in its cluster beside the ApplicationSets: cluster Secrets, projects, settings, repositories.
//!
//! A world is what the API server has stored: `stringData` has become `data`, what no field is for is gone. It must
//! not know where anything was written; `intake` does.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::checkout::Checkout;
use crate::base64::decode;

/// What the controller can see.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// The namespace that Argo CD runs in.
    pub namespace: String,
    /// The Secrets of that namespace that are clusters, as stored, in the order in which they were read.
    pub secrets: Vec<Value>,
    /// The names of the AppProjects of that namespace; `None` where no input had any: then every named one exists.
    pub projects: Option<BTreeSet<String>>,
    /// Whether Argo CD may deploy to the cluster that it runs in: `cluster.inClusterEnabled` of `argocd-cm` is not
    /// `"false"`.
    pub in_cluster_enabled: bool,
    /// The repositories that git generators read, by their URLs as they are written there; which revision is asked for
    /// does not matter.
    pub repositories: BTreeMap<String, Checkout>,
}

/// The clusters that a destination may name.
///
/// Follows the informer of Argo CD 3.5.1 (`util/settings/cluster_informer.go`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clusters {
    /// The servers of each display name, without slashes at their end; several are sorted.
    pub servers: BTreeMap<String, Vec<String>>,
    /// The display name of each server; where several Secrets have a server, the first in the order of names.
    pub names: BTreeMap<String, String>,
}

impl World {
    /// Makes a world that has nothing in it: every named project exists, and the local cluster alone.
    pub fn new(namespace: impl Into<String>) -> Self {
        Self { namespace: namespace.into(), in_cluster_enabled: true, ..Self::default() }
    }

    /// Returns whether there is an AppProject of this name in the namespace of Argo CD.
    ///
    /// Where no input has any project, none is missing, but one without a name, or whose name is a template still:
    /// the git generator asks for the project of a template before it is filled.
    pub fn has_project(&self, name: &str) -> bool {
        match &self.projects {
            Some(projects) => projects.contains(name),
            None => !name.is_empty() && !name.contains("{{"),
        }
    }

    /// Returns the clusters that a destination may name: those of Secrets whose configuration can be read.
    pub fn clusters(&self) -> Clusters {
        let mut clusters = Clusters::default();
        for secret in self.secrets.iter().filter(|secret| has_sound_config(secret)) {
            let (name, server) = (text(secret, "name"), text(secret, "server"));
            let server = server.trim_end_matches('/').to_owned();
            if !name.is_empty() {
                clusters.servers.entry(name.clone()).or_default().push(server.clone());
            }
            let known = clusters.names.entry(server).or_insert_with(|| name.clone());
            if name < *known {
                *known = name;
            }
        }
        clusters.servers.values_mut().for_each(|servers| servers.sort_unstable());
        clusters
    }
}

/// Returns a field of a Secret's data as text; empty where there is none.
fn text(secret: &Value, field: &str) -> String {
    bytes(secret, field).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

fn bytes(secret: &Value, field: &str) -> Option<Vec<u8>> {
    decode(secret.get("data")?.get(field)?.as_str()?)
}

/// Returns whether the informer can make a cluster of a Secret; it passes over one whose `config` it cannot read.
pub(super) fn has_sound_config(secret: &Value) -> bool {
    let Some(config) = bytes(secret, "config").filter(|config| !config.is_empty()) else { return true };
    serde_json::from_slice::<Value>(&config).is_ok_and(|config| fits(&config, CONFIG))
}

/// A type of Go, as far as JSON can miss it.
enum Type {
    Text,
    Bool,
    /// Text that is Base64.
    Bytes,
    Texts,
    TextMap,
    Any,
    Fields(&'static [(&'static str, Type)]),
}

/// `ClusterConfig` of Argo CD 3.5.1, whose fields `encoding/json` finds without regard to case.
const CONFIG: &[(&str, Type)] = &[
    ("username", Type::Text),
    ("password", Type::Text),
    ("bearerToken", Type::Text),
    (
        "tlsClientConfig",
        Type::Fields(&[
            ("insecure", Type::Bool),
            ("serverName", Type::Text),
            ("certData", Type::Bytes),
            ("keyData", Type::Bytes),
            ("caData", Type::Bytes),
        ]),
    ),
    (
        "awsAuthConfig",
        Type::Fields(&[("clusterName", Type::Text), ("roleARN", Type::Text), ("profile", Type::Text)]),
    ),
    (
        "execProviderConfig",
        Type::Fields(&[
            ("command", Type::Text),
            ("args", Type::Texts),
            ("env", Type::TextMap),
            ("apiVersion", Type::Text),
            ("installHint", Type::Text),
            ("provideClusterInfo", Type::Bool),
            ("config", Type::Any),
        ]),
    ),
    ("disableCompression", Type::Bool),
    ("proxyUrl", Type::Text),
];

/// Returns whether JSON decodes to a struct with these fields; null fits everything.
fn fits(value: &Value, fields: &[(&str, Type)]) -> bool {
    let Value::Object(map) = value else { return value.is_null() };
    map.iter().all(|(key, value)| {
        let known = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        known.is_none_or(|(_, expected)| fits_type(value, expected))
    })
}

fn fits_type(value: &Value, expected: &Type) -> bool {
    let is_text = |value: &Value| value.is_string() || value.is_null();
    match expected {
        _ if value.is_null() => true,
        Type::Text => value.is_string(),
        Type::Bool => value.is_boolean(),
        Type::Bytes => value.as_str().is_some_and(|text| decode(text).is_some()),
        Type::Texts => value.as_array().is_some_and(|items| items.iter().all(is_text)),
        Type::TextMap => value.as_object().is_some_and(|map| map.values().all(is_text)),
        Type::Any => true,
        Type::Fields(fields) => fits(value, fields),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base64::encode;

    fn secret(fields: &[(&str, &str)]) -> Value {
        let data: serde_json::Map<String, Value> =
            fields.iter().map(|(key, text)| ((*key).to_owned(), encode(text.as_bytes()).into())).collect();
        json!({"metadata": {}, "data": data})
    }

    #[test]
    fn a_destination_finds_clusters_by_name_and_by_server_without_slash() {
        let mut world = World::new("argocd");
        world.secrets = vec![
            secret(&[("name", "b"), ("server", "https://1/")]),
            secret(&[("name", "a"), ("server", "https://1")]),
            secret(&[("name", "a"), ("server", "https://0")]),
            secret(&[("server", "https://2")]),
            secret(&[("name", "broken"), ("server", "https://3"), ("config", "{'tlsClientConfig': {}}")]),
        ];

        let clusters = world.clusters();

        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let servers = BTreeMap::from([
            ("a".to_owned(), texts(&["https://0", "https://1"])),
            ("b".to_owned(), texts(&["https://1"])),
        ]);
        let names = [("https://0", "a"), ("https://1", "a"), ("https://2", "")];
        let names = names.map(|(server, name)| (server.to_owned(), name.to_owned()));
        assert_eq!(clusters, Clusters { servers, names: BTreeMap::from(names) });
    }

    #[test]
    fn a_configuration_is_sound_where_go_can_decode_it() {
        for (config, sound) in [
            ("", true),
            ("{}", true),
            ("null", true),
            (r#"{"tlsClientConfig": {"insecure": false}, "other": 1}"#, true),
            (r#"{"TLSClientConfig": {"insecure": "false"}}"#, false),
            (r#"{"tlsClientConfig": {"caData": "?"}}"#, false),
            (r#"{"execProviderConfig": {"args": "gcp"}}"#, false),
            (r#"{"execProviderConfig": {"env": []}}"#, false),
            ("{'a': 1}", false),
            (r#"{"a": 1,}"#, false),
            ("[]", false),
        ] {
            assert_eq!(has_sound_config(&secret(&[("config", config)])), sound, "{config}");
        }
    }

    #[test]
    fn without_any_project_every_named_one_exists() {
        let mut world = World::new("argocd");
        assert!(world.has_project("a"));
        assert!(!world.has_project(""));
        assert!(!world.has_project("{{name}}"));
        world.projects = Some(BTreeSet::from(["b".to_owned()]));
        assert!(!world.has_project("a"));
        assert!(world.has_project("b"));
    }
}
