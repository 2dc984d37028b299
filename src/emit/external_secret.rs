//! The Secrets of an addon, as ExternalSecrets: what is in them stays in the store.
//!
//! Follows `external-secrets.io/v1`. Values that its API fills in within lists are written out, or Argo CD would show
//! a difference for ever.

use serde_json::{Map, Value, json};

use super::wave::add_wave;
use super::{Object, Origin};
use crate::expand::ExpandedCluster;
use crate::location::Location;
use crate::spec::addon::{Addon, AddonSecret, Placement};

/// Returns the ExternalSecrets of an addon on a cluster, in the order of the spec.
pub fn external_secrets(addon: &Addon, cluster: &ExpandedCluster<'_>) -> Vec<Object> {
    let secrets = addon.spec.secrets.iter().enumerate();
    let object = |(index, secret): (usize, &AddonSecret)| {
        let spec = place(addon, index);
        Object { body: external_secret(addon, secret, cluster), origin: Origin { spec, template: None } }
    };
    secrets.map(object).collect()
}

fn external_secret(addon: &Addon, secret: &AddonSecret, cluster: &ExpandedCluster<'_>) -> Value {
    let (name, namespace) = match addon.spec.placement {
        Placement::Workload => {
            (secret.name.clone(), secret.namespace.as_ref().unwrap_or(&addon.spec.namespace))
        }
        // Side by side in the tenant's namespace, each cluster's has the cluster's name.
        Placement::Management => {
            let namespace = secret.namespace.as_ref().unwrap_or(&cluster.tenant.name);
            (format!("{}-{}", secret.name, cluster.cluster.name), namespace)
        }
    };
    let external = &secret.external_secret;
    let key = external.key.replace("{project}", cluster.cluster.project.as_str());
    let key = key.replace("{name}", cluster.cluster.name.as_str()).replace("{addon}", addon.name.as_str());
    let mut spec = Map::new();
    if let Some(interval) = &external.refresh_interval {
        spec.insert("refreshInterval".into(), interval.as_str().into());
    }
    spec.insert("secretStoreRef".into(), json!({"kind": "ClusterSecretStore", "name": external.store}));
    spec.insert(
        "target".into(),
        json!({"name": name, "creationPolicy": "Owner", "deletionPolicy": "Retain"}),
    );
    let extract = json!({
        "key": key,
        "conversionStrategy": "Default",
        "decodingStrategy": "None",
        "metadataPolicy": "None",
    });
    spec.insert("dataFrom".into(), json!([{"extract": extract}]));
    let mut metadata = json!({"name": name, "namespace": namespace.as_str()});
    // Never behind what waits for the Secret: Argo CD begins a wave only when the one before is healthy.
    add_wave(&mut metadata, addon.spec.wave.min(0));
    json!({
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": metadata,
        "spec": spec,
    })
}

fn place(addon: &Addon, index: usize) -> Location {
    let node = addon.document.at(&format!("/spec/secrets/{index}"));
    node.map_or(addon.document.location, |node| node.location)
}
