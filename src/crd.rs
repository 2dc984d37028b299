//! What Kubernetes kinds may hold: the schemas that the binary brings, and those that a fleet imported.
//!
//! The binary's are made by `tests/crdcheck` of the CRDs of pinned releases, one schema for each group, version and kind.
//! They know of the world, so nothing but `check` may ask here: a new binary must never change what is rendered.

mod compact;
mod imported;
mod schema;
mod validate;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

pub use compact::compact;
pub use imported::{FOLDER, Imported, file_of, read_files};
pub use schema::Schema;
pub use validate::{Fault, faults};

/// The binary's schemas: minified, one line for each kind and each part that several share.
const BUNDLE: &str = include_str!("crd/bundle.json");

/// The schemas of every kind that is known.
#[derive(Debug)]
pub struct Definitions {
    kinds: BTreeMap<Kind, Definition>,
    shared: Shared,
    metadata: Arc<Schema>,
}

/// A group, a kind and a version.
type Kind = (String, String, String);

/// One kind in one version.
#[derive(Debug)]
pub struct Definition {
    /// Whose definition it is: `Cluster API v1.14.0`.
    pub source: Arc<str>,
    /// Whether its objects lie in namespaces.
    pub is_namespaced: bool,
    /// Whether Kubernetes itself has the kind.
    pub is_builtin: bool,
    raw: Value,
    schema: OnceLock<Arc<Schema>>,
}

/// Parts that several schemas of the bundle name.
#[derive(Debug, Default)]
struct Shared(BTreeMap<String, (Value, OnceLock<Arc<Schema>>)>);

/// What is known of the kind of an object.
#[derive(Debug)]
pub enum Known<'d> {
    /// The kind is served in this version.
    Served(&'d Definition),
    /// The kind is known, and not in this version; it is in these.
    Unserved(Vec<&'d str>, &'d str),
    /// Nothing is.
    Unknown,
}

impl Definitions {
    /// Reads the binary's schemas, and lays those that a fleet imported over them.
    ///
    /// # Panics
    /// Panics where the binary's own are broken, which a test would have shown.
    pub fn new(imported: Vec<Imported>) -> Self {
        let bundle: Value = serde_json::from_str(BUNDLE).expect("because the bundle is JSON");
        let shared = bundle["shared"].as_object().into_iter().flatten();
        let shared = shared.map(|(name, raw)| (name.clone(), (raw.clone(), OnceLock::new()))).collect();
        let sources: Vec<Arc<str>> =
            items(&bundle["sources"]).filter_map(Value::as_str).map(Arc::from).collect();
        let mut kinds = BTreeMap::new();
        for kind in items(&bundle["kinds"]) {
            let text = |field: &str| kind[field].as_str().unwrap_or_default().to_owned();
            let index = kind["source"].as_u64().and_then(|index| usize::try_from(index).ok());
            let source = index.and_then(|index| sources.get(index)).cloned().unwrap_or_else(|| "".into());
            let is_builtin = source.starts_with("Kubernetes ");
            let (is_namespaced, raw) = (kind["namespaced"] == true, kind["schema"].clone());
            let definition = Definition { source, is_namespaced, is_builtin, raw, schema: OnceLock::new() };
            kinds.insert((text("group"), text("kind"), text("version")), definition);
        }
        for Imported { group, kind, version, is_namespaced, source, schema } in imported {
            let (is_builtin, schema) = (false, (schema, OnceLock::new()));
            let (raw, schema) = schema;
            let definition = Definition { source, is_namespaced, is_builtin, raw, schema };
            kinds.insert((group, kind, version), definition);
        }
        let shared = Shared(shared);
        let metadata = shared.compile(&bundle["metadata"]);
        Self { kinds, shared, metadata }
    }

    /// Returns what is known of a kind; `api_version` is as objects have it.
    ///
    /// A version that Kubernetes itself does not have is unknown: whether a minor serves it is another question.
    pub fn find(&self, api_version: &str, kind: &str) -> Known<'_> {
        let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
        let first = (group.to_owned(), kind.to_owned(), String::new());
        let mut versions = Vec::new();
        let mut source = "";
        let of_kind =
            self.kinds.range(first..).take_while(|((other, of, _), _)| other == group && of == kind);
        for ((_, _, served), definition) in of_kind {
            if served == version {
                return Known::Served(definition);
            }
            versions.push(served.as_str());
            source = &definition.source;
            if definition.is_builtin {
                return self.builtin(group, version, kind);
            }
        }
        if versions.is_empty() { Known::Unknown } else { Known::Unserved(versions, source) }
    }

    /// Returns the kinds that Kubernetes itself has of an API version; none where it has no such version.
    pub fn builtin_kinds(&self, api_version: &str) -> Vec<&str> {
        let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
        let first = (group.to_owned(), String::new(), String::new());
        let of_group = self.kinds.range(first..).take_while(|((other, _, _), _)| other == group);
        of_group
            .filter(|((_, _, of), definition)| definition.is_builtin && of == version)
            .map(|((_, kind, _), _)| kind.as_str())
            .collect()
    }

    /// Returns every API version in which Kubernetes itself has a kind.
    pub fn builtin_versions(&self, kind: &str) -> Vec<String> {
        let of_kind =
            self.kinds.iter().filter(|((_, of, _), definition)| definition.is_builtin && of == kind);
        of_kind
            .map(|((group, _, version), _)| match group.as_str() {
                "" => version.clone(),
                group => format!("{group}/{version}"),
            })
            .collect()
    }

    fn builtin(&self, group: &str, version: &str, kind: &str) -> Known<'_> {
        let found = self.kinds.get(&(group.to_owned(), kind.to_owned(), version.to_owned()));
        found.map_or(Known::Unknown, Known::Served)
    }

    /// Returns the schema of a definition, compiled when it is first asked for.
    pub fn schema<'d>(&self, definition: &'d Definition) -> &'d Arc<Schema> {
        definition.schema.get_or_init(|| self.shared.compile(&definition.raw))
    }

    /// Returns the schema of the metadata that every object has.
    pub fn metadata(&self) -> &Arc<Schema> {
        &self.metadata
    }
}

impl Shared {
    /// Compiles a schema; a part that it shares with others is compiled once.
    fn compile(&self, raw: &Value) -> Arc<Schema> {
        Schema::compile(raw, &|name| self.part(name))
    }

    fn part(&self, name: &str) -> Option<Arc<Schema>> {
        let (raw, schema) = self.0.get(name)?;
        Some(schema.get_or_init(|| self.compile(raw)).clone())
    }
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_of_the_bundle_can_be_compiled_and_says_whose_it_is() {
        let definitions = Definitions::new(Vec::new());
        assert!(definitions.kinds.len() > 100);
        for ((group, kind, version), definition) in &definitions.kinds {
            let schema = definitions.schema(definition);
            assert!(!definition.source.is_empty(), "{group}/{version} {kind}");
            assert!(!schema.properties.is_empty(), "{group}/{version} {kind}");
        }
        let named = BUNDLE.split("{\"$ref\":\"").skip(1).filter_map(|rest| rest.split('"').next());
        for name in named {
            assert!(definitions.shared.part(name).is_some(), "{name}");
        }
    }

    #[test]
    fn a_version_that_is_not_served_is_told_from_a_kind_that_nobody_knows() {
        let definitions = Definitions::new(Vec::new());
        let versions = |api_version: &str, kind: &str| match definitions.find(api_version, kind) {
            Known::Served(definition) => definition.source.to_string(),
            Known::Unserved(versions, source) => format!("{} of {source}", versions.join(", ")),
            Known::Unknown => "?".to_owned(),
        };
        assert_eq!(versions("cluster.x-k8s.io/v1beta2", "Cluster"), "Cluster API v1.14.0");
        assert_eq!(versions("cluster.x-k8s.io/v1", "Cluster"), "v1beta1, v1beta2 of Cluster API v1.14.0");
        assert_eq!(
            versions("infrastructure.cluster.x-k8s.io/v1beta1", "OpenStackCluster"),
            "OpenStack provider v0.14.7"
        );
        assert_eq!(
            versions("infrastructure.cluster.x-k8s.io/v1beta2", "OpenStackCluster"),
            "OpenStack provider v0.15"
        );
        assert_eq!(versions("v1", "Secret"), "Kubernetes v1.36.3");
        assert_eq!(versions("apps/v1beta1", "Deployment"), "?");
        assert_eq!(versions("example.com/v1", "Lake"), "?");
    }
}
