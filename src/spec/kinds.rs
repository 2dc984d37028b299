//! The schemas of every kind, composed with those of the providers in `templates/`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::name::Name;
use super::schema::Schema;

/// A kind that people write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SpecKind {
    /// `fleet.yaml`
    Fleet,
    /// `clusters/**/<name>.yaml`
    Cluster,
    /// `clusters/**/_defaults.yaml`
    ClusterDefaults,
    /// `tenants/<name>.yaml`
    Tenant,
    /// `addons/<name>/addon.yaml`
    Addon,
    /// `picks.yaml`
    PickPolicy,
}

impl SpecKind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Self; 6] =
        [Self::Fleet, Self::Cluster, Self::ClusterDefaults, Self::Tenant, Self::Addon, Self::PickPolicy];

    /// Returns the kind's name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fleet => "Fleet",
            Self::Cluster => "Cluster",
            Self::ClusterDefaults => "ClusterDefaults",
            Self::Tenant => "Tenant",
            Self::Addon => "Addon",
            Self::PickPolicy => "PickPolicy",
        }
    }

    fn document(self) -> Value {
        let text = match self {
            Self::Fleet => include_str!("kinds/fleet.json"),
            Self::Cluster | Self::ClusterDefaults => include_str!("kinds/cluster.json"),
            Self::Tenant => include_str!("kinds/tenant.json"),
            Self::Addon => include_str!("kinds/addon.json"),
            Self::PickPolicy => include_str!("kinds/pick_policy.json"),
        };
        let mut document: Value = serde_json::from_str(text).expect("because the kinds' schemas are JSON");
        let common: Map<String, Value> = serde_json::from_str(include_str!("kinds/common.json"))
            .expect("because the common definitions are JSON");
        let definitions = document["$defs"].as_object_mut().expect("because every kind's schema has `$defs`");
        for (name, definition) in common {
            definitions.entry(name).or_insert(definition);
        }
        document
    }
}

/// The schema document of a provider's folder: `properties.cluster` types its cluster block, `properties.machine`
/// its machines, and `required` says which of `cluster`, `machine` (of pools) and `controlPlane` (with its machine) its
/// clusters must write.
pub type ProviderDocuments = BTreeMap<Name, Value>;

/// Returns the JSON Schema document of `kind`, with the cluster blocks of `providers`; machines are held to the
/// schema of `machine_of` where it is given.
pub fn schema_document(kind: SpecKind, providers: &ProviderDocuments, machine_of: Option<&Name>) -> Value {
    let mut document = kind.document();
    match kind {
        SpecKind::Fleet | SpecKind::Tenant | SpecKind::Addon | SpecKind::PickPolicy => return document,
        SpecKind::Cluster => {}
        SpecKind::ClusterDefaults => make_defaults(&mut document),
    }
    for (name, provider) in providers {
        for (definition, body) in provider.get("$defs").and_then(Value::as_object).into_iter().flatten() {
            document["$defs"][format!("{name}.{definition}")] = prefixed(body, name);
        }
        if let Some(block) = provider.pointer("/properties/cluster") {
            document["properties"]["spec"]["properties"][name.as_str()] = prefixed(block, name);
        }
        if machine_of == Some(name) {
            if let Some(machine) = provider.pointer("/properties/machine") {
                document["$defs"]["machine"] = prefixed(machine, name);
            }
            let required = provider.get("required").and_then(Value::as_array).into_iter().flatten();
            required.filter_map(Value::as_str).for_each(|part| require(&mut document, name, part));
        }
    }
    document
}

/// Makes the clusters of a provider say what its schema requires of them: the `cluster` block, the `machine` of every
/// pool, a `controlPlane` with its machine.
fn require(document: &mut Value, provider: &Name, part: &str) {
    let spec = &mut document["properties"]["spec"];
    let mut add = |pointer: &str, field: &str| {
        let required =
            spec.pointer_mut(pointer).and_then(Value::as_object_mut).map(|schema| schema.entry("required"));
        let required = required.map(|entry| entry.or_insert_with(|| json!([])));
        if let Some(Value::Array(fields)) = required {
            fields.push(json!(field));
        }
    };
    match part {
        "cluster" => add("", provider.as_str()),
        "machine" => add("/properties/nodePools/items", "machine"),
        "controlPlane" => {
            add("", "controlPlane");
            add("/properties/controlPlane", "machine");
        }
        _ => {}
    }
}

/// Returns the schema of a kind.
///
/// # Errors
/// Says what in a provider's schema is not understood; our own always are.
pub fn schema(
    kind: SpecKind,
    providers: &ProviderDocuments,
    machine_of: Option<&Name>,
) -> Result<Arc<Schema>, String> {
    Schema::read(&schema_document(kind, providers, machine_of))
}

/// Turns the document of Cluster into that of ClusterDefaults: the same `spec`, nothing required.
fn make_defaults(document: &mut Value) {
    document["title"] = json!("ClusterDefaults");
    document["description"] =
        json!("Defaults for every Cluster beneath a folder: the same `spec`, all of it optional.");
    document["properties"]["kind"] = json!({"const": "ClusterDefaults"});
    document["properties"]["metadata"] = json!({"$ref": "#/$defs/metadata"});
    document["required"] = json!(["apiVersion", "kind", "spec"]);
    document["properties"]["spec"]["required"] = json!([]);
}

/// Makes a provider's references point at its own definitions within the composed document.
fn prefixed(value: &Value, provider: &Name) -> Value {
    match value {
        Value::Object(map) => {
            let entry = |(key, value): (&String, &Value)| match (key.as_str(), value.as_str()) {
                ("$ref", Some(reference)) => {
                    let name = reference.trim_start_matches("#/$defs/");
                    (key.clone(), json!(format!("#/$defs/{provider}.{name}")))
                }
                _ => (key.clone(), prefixed(value, provider)),
            };
            Value::Object(map.iter().map(entry).collect())
        }
        Value::Array(items) => items.iter().map(|item| prefixed(item, provider)).collect(),
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_schema_that_is_understood() {
        for kind in SpecKind::ALL {
            let schema = schema(kind, &ProviderDocuments::new(), None);
            assert!(schema.is_ok(), "{}: {:?}", kind.word(), schema.err());
        }
    }

    #[test]
    fn a_provider_types_its_block_and_the_machines_of_its_own_clusters() {
        let provider = json!({
            "properties": {"cluster": {"$ref": "#/$defs/block"}, "machine": {"type": "object", "additionalProperties": false}},
            "$defs": {"block": {"type": "object", "properties": {"region": {"type": "string"}}}},
        });
        let name = Name::new("mine").expect("because it is a DNS label");
        let providers = ProviderDocuments::from([(name.clone(), provider)]);

        let typed = schema_document(SpecKind::Cluster, &providers, Some(&name));
        let untyped = schema_document(SpecKind::Cluster, &providers, None);

        assert_eq!(typed["properties"]["spec"]["properties"]["mine"], json!({"$ref": "#/$defs/mine.block"}));
        assert_eq!(typed["$defs"]["machine"]["additionalProperties"], json!(false));
        assert_eq!(untyped["$defs"]["machine"], json!({"type": "object"}));
        assert!(Schema::read(&typed).is_ok());
    }
}
