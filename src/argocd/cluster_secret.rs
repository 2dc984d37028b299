//! A cluster Secret as the cluster generator sees it.
//!
//! Follows `generators/cluster.go` of Argo CD 3.5.1. Nothing but labels, annotations and three fields of the data is
//! ever shown to a template.

use serde_json::{Map, Value};

use super::Refused;
use crate::emit::base64::decode;
use crate::emit::cluster_secret::{self, Texts};
use crate::emit::look_up::normalized;

/// The label that makes a Secret a cluster.
const SECRET_TYPE: &str = "argocd.argoproj.io/secret-type";

/// A parameter of the cluster generator.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Parameter {
    /// `name`: the display name.
    Name,
    /// `nameNormalized`: the display name as a part of object names.
    NormalizedName,
    /// `server`
    Server,
    /// `project`: of `data.project`, empty where that is absent.
    Project,
    /// `metadata.labels.<key>`
    Label(String),
    /// `metadata.annotations.<key>`
    Annotation(String),
}

/// A Secret that is a cluster.
#[derive(Clone, Debug)]
pub struct ClusterSecret<'s> {
    name: String,
    normalized_name: String,
    server: String,
    project: String,
    labels: Metadata<'s>,
    annotations: Metadata<'s>,
}

/// Labels or annotations.
#[derive(Clone, Debug)]
enum Metadata<'s> {
    None,
    Map(&'s Map<String, Value>),
    /// Sorted by key.
    Sorted(Vec<(&'s str, &'s str)>),
}

impl<'s> Metadata<'s> {
    fn of_object(secret: &'s Value, field: &str) -> Self {
        let map = secret.get("metadata").and_then(|metadata| metadata.get(field)).and_then(Value::as_object);
        map.map_or(Self::None, Self::Map)
    }

    fn of_texts(texts: &'s Texts<'_>) -> Self {
        let mut sorted: Vec<(&str, &str)> = texts.iter().map(|(key, value)| (*key, value.as_ref())).collect();
        sorted.sort_by_key(|(key, _)| *key);
        Self::Sorted(sorted)
    }

    fn get(&self, key: &str) -> Option<&str> {
        match self {
            Self::None => None,
            Self::Map(map) => map.get(key).and_then(Value::as_str),
            Self::Sorted(sorted) => {
                let position = sorted.binary_search_by_key(&key, |(known, _)| known).ok()?;
                Some(sorted[position].1)
            }
        }
    }
}

impl Parameter {
    /// Returns the parameter that a tag names; `None` where the generator has no such.
    pub fn named(tag: &str) -> Option<Self> {
        match tag {
            "name" => Some(Self::Name),
            "nameNormalized" => Some(Self::NormalizedName),
            "server" => Some(Self::Server),
            "project" => Some(Self::Project),
            _ => {
                let label = tag.strip_prefix("metadata.labels.").map(|key| Self::Label(key.to_owned()));
                label.or_else(|| {
                    tag.strip_prefix("metadata.annotations.").map(|key| Self::Annotation(key.to_owned()))
                })
            }
        }
    }
}

impl<'s> ClusterSecret<'s> {
    /// Reads a Secret; `None` where it is no cluster.
    ///
    /// # Errors
    /// Refuses data that is no Base64 or no text.
    pub fn read(secret: &'s Value) -> Result<Option<Self>, Refused> {
        let labels = Metadata::of_object(secret, "labels");
        if labels.get(SECRET_TYPE) != Some("cluster") {
            return Ok(None);
        }
        let name = field(secret, "name")?;
        Ok(Some(Self {
            normalized_name: normalized(&name),
            name,
            server: field(secret, "server")?,
            project: field(secret, "project")?,
            labels,
            annotations: Metadata::of_object(secret, "annotations"),
        }))
    }

    /// Takes a Secret as it is emitted.
    pub fn emitted(secret: &'s cluster_secret::ClusterSecret<'_>) -> Self {
        let text = |wanted: &str| {
            let found = secret.data.iter().find(|(field, _)| *field == wanted);
            found.map(|(_, text)| text.clone()).unwrap_or_default()
        };
        let name = text("name");
        Self {
            normalized_name: normalized(&name),
            name,
            server: text("server"),
            project: String::new(),
            labels: Metadata::of_texts(&secret.labels),
            annotations: Metadata::of_texts(&secret.annotations),
        }
    }

    /// Returns the display name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns a label's value.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.labels.get(key)
    }

    /// Returns a parameter's value; `None` where the Secret has no such label or annotation.
    pub fn parameter(&self, parameter: &Parameter) -> Option<&str> {
        match parameter {
            Parameter::Name => Some(&self.name),
            Parameter::NormalizedName => Some(&self.normalized_name),
            Parameter::Server => Some(&self.server),
            Parameter::Project => Some(&self.project),
            Parameter::Label(key) => self.label(key),
            Parameter::Annotation(key) => self.annotations.get(key),
        }
    }
}

/// Returns a field of the data; `stringData` wins, as in the API server.
fn field(secret: &Value, name: &str) -> Result<String, Refused> {
    let text = |part: &str| secret.get(part).and_then(|data| data.get(name)).and_then(Value::as_str);
    if let Some(plain) = text("stringData") {
        return Ok(plain.to_owned());
    }
    let Some(encoded) = text("data") else { return Ok(String::new()) };
    let decoded = decode(encoded).and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.ok_or_else(|| Refused(format!("`data.{name}` of a cluster Secret is no text in Base64")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_secret_shows_its_name_server_labels_and_annotations() -> Result<(), Refused> {
        let secret = json!({
            "metadata": {
                "labels": {"argocd.argoproj.io/secret-type": "cluster", "tier": "canary"},
                "annotations": {"example.com/path": "a/b"},
            },
            "data": {"name": "U2hvcF9XZWI=", "server": "aHR0cHM6Ly8xMC4wLjAuMQ=="},
        });
        let secret = ClusterSecret::read(&secret)?.ok_or_else(|| Refused("no cluster".into()))?;
        let value = |tag: &str| {
            Parameter::named(tag).and_then(|parameter| secret.parameter(&parameter).map(str::to_owned))
        };
        for (tag, expected) in [
            ("name", Some("Shop_Web")),
            ("nameNormalized", Some("shop-web")),
            ("server", Some("https://10.0.0.1")),
            ("project", Some("")),
            ("metadata.labels.tier", Some("canary")),
            ("metadata.labels.nope", None),
            ("metadata.annotations.example.com/path", Some("a/b")),
            ("values.x", None),
        ] {
            assert_eq!(value(tag).as_deref(), expected, "{tag}");
        }
        Ok(())
    }

    #[test]
    fn another_secret_is_no_cluster_and_bad_data_is_refused() {
        let repository = json!({"metadata": {"labels": {"argocd.argoproj.io/secret-type": "repository"}}});
        assert!(matches!(ClusterSecret::read(&repository), Ok(None)));
        let broken = json!({"metadata": {"labels": {"argocd.argoproj.io/secret-type": "cluster"}}, "data": {"name": "?"}});
        assert!(ClusterSecret::read(&broken).is_err());
    }
}
