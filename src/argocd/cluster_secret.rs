//! A cluster Secret as the cluster generator sees it.
//!
//! Follows `generators/cluster.go` of Argo CD 3.5.1. Nothing but labels, annotations and three fields of the data is
//! ever shown to a template.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value};

use super::Refused;
use super::go::value;
use crate::base64::decode;
use crate::emit::cluster_secret::{self, Texts};
use crate::emit::look_up::normalized;

/// The label that makes a Secret a cluster.
pub const SECRET_TYPE: &str = "argocd.argoproj.io/secret-type";

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
    name: Arc<str>,
    normalized_name: Arc<str>,
    server: Arc<str>,
    project: Arc<str>,
    labels: Metadata<'s>,
    annotations: Metadata<'s>,
}

/// Labels or annotations.
#[derive(Clone, Debug, Default)]
struct Metadata<'s> {
    entries: Entries<'s>,
    /// As Go templates see them: made once for every set that asks.
    texts: OnceLock<Arc<value::Texts>>,
}

/// Labels or annotations as they came.
#[derive(Clone, Debug, Default)]
enum Entries<'s> {
    #[default]
    None,
    Map(Cow<'s, Map<String, Value>>),
    /// Sorted by key.
    Sorted(Vec<(&'s str, &'s str)>),
}

impl<'s> Metadata<'s> {
    fn new(entries: Entries<'s>) -> Self {
        Self { entries, texts: OnceLock::new() }
    }

    fn of_object(secret: &'s Value, field: &str) -> Self {
        let map = secret.get("metadata").and_then(|metadata| metadata.get(field)).and_then(Value::as_object);
        Self::new(map.map_or(Entries::None, |map| Entries::Map(Cow::Borrowed(map))))
    }

    fn of_texts(texts: &'s Texts<'_>) -> Self {
        let mut sorted: Vec<(&str, &str)> = texts.iter().map(|(key, value)| (*key, value.as_ref())).collect();
        sorted.sort_by_key(|(key, _)| *key);
        Self::new(Entries::Sorted(sorted))
    }

    fn into_owned(self) -> Metadata<'static> {
        Metadata::new(match self.entries {
            Entries::None => Entries::None,
            Entries::Map(map) => Entries::Map(Cow::Owned(map.into_owned())),
            Entries::Sorted(sorted) => {
                let sorted = sorted.into_iter().map(|(key, value)| (key.to_owned(), value.into()));
                Entries::Map(Cow::Owned(sorted.collect()))
            }
        })
    }

    fn get(&self, key: &str) -> Option<&str> {
        match &self.entries {
            Entries::None => None,
            Entries::Map(map) => map.get(key).and_then(Value::as_str),
            Entries::Sorted(sorted) => {
                let position = sorted.binary_search_by_key(&key, |(known, _)| known).ok()?;
                Some(sorted[position].1)
            }
        }
    }

    fn len(&self) -> usize {
        match &self.entries {
            Entries::None => 0,
            Entries::Map(map) => map.len(),
            Entries::Sorted(sorted) => sorted.len(),
        }
    }

    fn texts(&self) -> &Arc<value::Texts> {
        self.texts.get_or_init(|| {
            let text = |(key, value): (&String, &Value)| {
                (key.as_str().into(), value.as_str().unwrap_or_default().into())
            };
            Arc::new(match &self.entries {
                Entries::None => value::Texts::new(),
                Entries::Map(map) => map.iter().map(text).collect(),
                Entries::Sorted(sorted) => {
                    sorted.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect()
                }
            })
        })
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
            normalized_name: normalized(&name).into(),
            name: name.into(),
            server: field(secret, "server")?.into(),
            project: field(secret, "project")?.into(),
            labels,
            annotations: Metadata::of_object(secret, "annotations"),
        }))
    }

    /// Takes a Secret as it is emitted.
    pub fn emitted(secret: &'s cluster_secret::ClusterSecret<'_>) -> Self {
        let text = |wanted: &str| {
            let found = secret.data.iter().find(|(field, _)| *field == wanted);
            found.map(|(_, text)| text.as_str()).unwrap_or_default()
        };
        let name = text("name");
        Self {
            normalized_name: normalized(name).into(),
            name: name.into(),
            server: text("server").into(),
            project: "".into(),
            labels: Metadata::of_texts(&secret.labels),
            annotations: Metadata::of_texts(&secret.annotations),
        }
    }

    /// Returns the Secret with copies of what it refers to.
    pub fn into_owned(self) -> ClusterSecret<'static> {
        let Self { name, normalized_name, server, project, labels, annotations } = self;
        let (labels, annotations) = (labels.into_owned(), annotations.into_owned());
        ClusterSecret { name, normalized_name, server, project, labels, annotations }
    }

    /// Returns the display name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the address of the API server, as written.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Returns a label's value.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.labels.get(key)
    }

    /// Returns the keys of its labels.
    pub fn label_keys(&self) -> Vec<&str> {
        match &self.labels.entries {
            Entries::None => Vec::new(),
            Entries::Map(map) => map.keys().map(String::as_str).collect(),
            Entries::Sorted(sorted) => sorted.iter().map(|(key, _)| *key).collect(),
        }
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

    /// Returns the parameter under a flat name; `None` where there is none.
    pub fn tag(&self, tag: &str) -> Option<&str> {
        match tag {
            "name" => Some(&self.name),
            "nameNormalized" => Some(&self.normalized_name),
            "server" => Some(&self.server),
            "project" => Some(&self.project),
            _ => match tag.strip_prefix("metadata.")?.split_once('.')? {
                ("labels", key) => self.labels.get(key),
                ("annotations", key) => self.annotations.get(key),
                _ => None,
            },
        }
    }

    /// Returns the parameters as Go templates see them: labels and annotations keep their type, and are left out
    /// where there are none.
    pub fn data(&self) -> value::Map {
        let named = [("annotations", &self.annotations), ("labels", &self.labels)];
        let metadata = named.into_iter().map(|(name, metadata)| (name, metadata.texts()));
        let metadata = metadata.filter(|(_, texts)| !texts.is_empty());
        let metadata = metadata.map(|(name, texts)| (name.into(), value::Value::Texts(texts.clone())));
        let data = self.own();
        data.set("metadata", value::Value::map(metadata));
        data
    }

    /// Returns the parameters by their flat names.
    pub fn flat(&self) -> value::Map {
        let flat = self.own();
        for (name, metadata) in [("annotations", &self.annotations), ("labels", &self.labels)] {
            for (key, value) in metadata.texts().iter() {
                flat.set(format!("metadata.{name}.{key}"), value::Value::Text(value.clone()));
            }
        }
        flat
    }

    /// Returns how many parameters there are at most.
    pub fn most(&self) -> usize {
        4 + self.labels.len() + self.annotations.len()
    }

    fn own(&self) -> value::Map {
        let named = [
            ("name", &self.name),
            ("nameNormalized", &self.normalized_name),
            ("server", &self.server),
            ("project", &self.project),
        ];
        value::Map::new(named.map(|(name, text)| (name.into(), value::Value::Text(text.clone()))))
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
