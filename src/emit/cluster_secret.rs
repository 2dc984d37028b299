//! The cluster Secret: how Argo CD knows a workload cluster, and what ApplicationSets look up.
//!
//! Never a credential: `data.config` is left to the controller that has it, or holds nothing but how to log in.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::base64::encode;
use super::fold::{Fold, Folded};
use super::look_up::{AddonKeys, AddonLookUps, ClusterLookUps};
use super::{Object, Origin};
use crate::expand::ExpandedCluster;
use crate::spec::addon::Source;
use crate::spec::cluster::Cluster;
use crate::spec::name::Name;
use crate::spec::yaml::Node;

/// A cluster Secret, and what its encoded data says.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterSecret {
    /// The Secret.
    pub object: Object,
    /// The texts behind encoded values, each with the JSON pointer of its value.
    pub comments: Vec<(&'static str, String)>,
}

/// Makes cluster Secrets; holds what they share.
#[derive(Debug)]
pub struct ClusterSecrets<'a> {
    fold: &'a Fold<'a>,
    keys: BTreeMap<&'a Name, AddonKeys>,
    rollout_keys: Vec<&'a str>,
}

impl<'a> ClusterSecrets<'a> {
    /// Prepares the Secrets of a fleet.
    pub fn new(fold: &'a Fold<'a>) -> Self {
        let catalog = fold.expansion.catalog;
        let domain = &catalog.fleet.spec.label_domain;
        let keys = catalog.addons.keys().map(|addon| (addon, AddonKeys::new(domain, addon)));
        Self { fold, keys: keys.collect(), rollout_keys: catalog.fleet.rollout_keys() }
    }

    /// Returns the Secret of the cluster at `index` among the expansion's, before patches.
    pub fn of_cluster(&self, index: usize) -> ClusterSecret {
        let expansion = self.fold.expansion;
        let cluster = &expansion.clusters[index];
        let look_ups = ClusterLookUps::new(&expansion.catalog.fleet, cluster);
        let (data, comments) = data(cluster, look_ups.name());
        let (labels, annotations) = self.metadata(index, &look_ups);
        let body = json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": cluster.cluster.secret_name(),
                "namespace": cluster.management.argocd.namespace.as_str(),
                "labels": labels,
                "annotations": annotations,
            },
            "type": "Opaque",
            "data": data,
        });
        let origin = Origin { spec: cluster.cluster.document.location, template: None };
        ClusterSecret { object: Object { body, origin }, comments }
    }

    fn metadata(
        &self,
        index: usize,
        look_ups: &ClusterLookUps<'_>,
    ) -> (Map<String, Value>, Map<String, Value>) {
        let expansion = self.fold.expansion;
        let cluster = &expansion.clusters[index];
        let domain = &expansion.catalog.fleet.spec.label_domain;
        let mut labels = Map::new();
        let mut annotations = Map::new();
        labels.insert("argocd.argoproj.io/secret-type".into(), "cluster".into());
        for (name, value) in look_ups.domain_labels() {
            labels.insert(format!("{domain}/{name}"), value.into());
        }
        annotations.insert("argocd.argoproj.io/sync-wave".into(), "-1".into());
        annotations.insert("argocd.argoproj.io/sync-options".into(), "Prune=confirm,Delete=confirm".into());
        if cluster.cluster.paused {
            annotations.insert("argocd.argoproj.io/skip-reconcile".into(), "true".into());
        }
        annotations.insert(format!("{domain}/namespace"), cluster.tenant.name.as_str().into());
        let mut on = self.fold.addons(index).peekable();
        for (name, keys) in &self.keys {
            let folded = on.next_if(|folded| folded.installed.addon.name == **name);
            labels.insert(keys.enabled.clone(), switch(folded).into());
            let Some((folded, variant)) = folded.and_then(|folded| Some((folded, folded.variant?))) else {
                continue;
            };
            labels.insert(keys.source.clone(), variant.name.as_str().into());
            annotate(&mut annotations, keys, self.fold.look_ups(cluster, folded));
        }
        for (key, value) in &cluster.cluster.labels {
            labels.insert(key.clone(), value.as_str().into());
        }
        for key in &self.rollout_keys {
            labels.entry(*key).or_insert_with(|| "".into());
        }
        (labels, annotations)
    }
}

/// Returns whether an addon is on, as its label says it.
fn switch(folded: Option<Folded<'_, '_>>) -> &'static str {
    match folded.map(|folded| folded.source) {
        None => "false",
        Some(Source::Eks(_)) => "eks",
        Some(Source::Helm(_) | Source::Kustomize { .. } | Source::Manifests { .. }) => "true",
    }
}

fn annotate(annotations: &mut Map<String, Value>, keys: &AddonKeys, look_ups: AddonLookUps<'_>) {
    let AddonLookUps { version, path, values } = look_ups;
    for (key, value) in [(&keys.version, version.into()), (&keys.path, path), (&keys.values, values)] {
        if !value.is_empty() {
            annotations.insert(key.clone(), value.into_owned().into());
        }
    }
}

/// Returns `data`, and the texts behind it.
fn data(cluster: &ExpandedCluster<'_>, name: &str) -> (Map<String, Value>, Vec<(&'static str, String)>) {
    let server = cluster.cluster.server().unwrap_or_else(|| placeholder_server(cluster.cluster));
    let mut texts = vec![("/data/name", name.to_owned()), ("/data/server", server)];
    texts.extend(config(&cluster.cluster.spec).map(|config| ("/data/config", config)));
    let entry = |(pointer, text): &(&str, String)| {
        (pointer.trim_start_matches("/data/").to_owned(), encode(text.as_bytes()).into())
    };
    (texts.iter().map(entry).collect(), texts)
}

/// Returns the address that stands for an API server until its own is known.
pub fn placeholder_server(cluster: &Cluster) -> String {
    format!("https://{}.{}.endpoint.invalid", cluster.name, cluster.project)
}

/// Returns whether the Secret holds how Argo CD logs in, whole.
pub fn has_config(cluster: &Cluster) -> bool {
    config(&cluster.spec).is_some()
}

/// Returns how Argo CD logs in (Argo CD 3.5, `ClusterConfig`): the CA, and a program that gets a token; `None` where
/// that is not known.
fn config(spec: &Node) -> Option<String> {
    let endpoint = spec.get("endpoint")?;
    let ca = endpoint.get("ca")?.as_str()?;
    let part = |field: &str| endpoint.get(field).filter(|node| !node.is_null()).map(Node::to_json);
    let mut config = Map::new();
    config.insert("tlsClientConfig".into(), json!({"insecure": false, "caData": encode(ca.as_bytes())}));
    match (part("aws"), part("exec")) {
        (Some(aws), _) => config.insert("awsAuthConfig".into(), aws),
        (None, Some(exec)) => config.insert("execProviderConfig".into(), exec),
        (None, None) => return None,
    };
    Some(Value::Object(config).to_string())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{catalog, emit};
    use super::super::patch::AllPatches;
    use super::super::values::AddonValues;
    use super::*;
    use crate::diagnostic::Report;
    use crate::expand::expand;

    const FLEET: &str = "{apiVersion: yoshino.dev/v1alpha1, kind: Fleet, metadata: {name: ake}, spec: {labelDomain: ake.example.com, repository: {url: https://git.example.com/fleet.git}, minors: ['1.34', '1.35'], management: [{name: east, argocd: {progressiveSyncs: true, clusterName: '{name}.{project}'}}], rollout: {acceptNoSelfHeal: true, steps: [{matchLabels: {zone: a}}, {matchLabels: {ake.example.com/minor: '1.34'}}]}}}";

    fn secret(changes: &[(&str, &str)]) -> Result<ClusterSecret, Report> {
        let (catalog, _) = catalog(changes);
        let expansion = expand(&catalog)?;
        let (patches, values) = (AllPatches::new(&expansion), AddonValues::new(&expansion)?);
        let fold = Fold::new(&expansion, &patches, &values)?;
        Ok(ClusterSecrets::new(&fold).of_cluster(0))
    }

    fn cluster(spec: &str) -> String {
        format!(
            "{{apiVersion: yoshino.dev/v1alpha1, kind: Cluster, metadata: {{name: web, labels: {{tier: canary}}}}, spec: {{project: blue, provider: metal, kubernetes: v1.35.2, {spec}}}}}"
        )
    }

    #[test]
    fn a_secret_says_what_the_contract_says() -> Result<(), Report> {
        let secret = secret(&[("clusters/web.yaml", &cluster("addons: {plain: false}"))])?;
        let expected = json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": "cluster-blue-web",
                "namespace": "argocd",
                "labels": {
                    "argocd.argoproj.io/secret-type": "cluster",
                    "ake.example.com/cluster": "web",
                    "ake.example.com/management": "east",
                    "ake.example.com/minor": "1.35",
                    "ake.example.com/project": "blue",
                    "ake.example.com/provider": "metal",
                    "ake.example.com/version": "main",
                    "addons.ake.example.com/charts": "true",
                    "addons.ake.example.com/charts.source": "helm-b34c3019",
                    "addons.ake.example.com/filled": "true",
                    "addons.ake.example.com/filled.source": "rendered-5261f967",
                    "addons.ake.example.com/managed": "eks",
                    "addons.ake.example.com/overlay": "true",
                    "addons.ake.example.com/overlay.source": "kustomize-e0505bfc",
                    "addons.ake.example.com/plain": "false",
                    "addons.ake.example.com/registry": "true",
                    "addons.ake.example.com/registry.source": "oci-ccdfb14a",
                    "tier": "canary",
                },
                "annotations": {
                    "argocd.argoproj.io/sync-wave": "-1",
                    "argocd.argoproj.io/sync-options": "Prune=confirm,Delete=confirm",
                    "ake.example.com/namespace": "blue",
                    "addons.ake.example.com/charts.version": "1.0.0",
                    "addons.ake.example.com/charts.values": "main/1.35.yaml",
                    "addons.ake.example.com/filled.path": "rendered/east/manifests/filled/blue/web",
                    "addons.ake.example.com/overlay.path": "addons/overlay/base",
                    "addons.ake.example.com/registry.version": "2.0.0",
                    "addons.ake.example.com/registry.values": "clusters/blue/web.yaml",
                },
            },
            "type": "Opaque",
            "data": {
                "name": "Ymx1ZS13ZWI=",
                "server": "aHR0cHM6Ly93ZWIuYmx1ZS5lbmRwb2ludC5pbnZhbGlk",
            },
        });
        assert_eq!(secret.object.body, expected);
        assert_eq!(
            secret.comments,
            [
                ("/data/name", "blue-web".to_owned()),
                ("/data/server", "https://web.blue.endpoint.invalid".to_owned())
            ]
        );
        Ok(())
    }

    #[test]
    fn how_to_log_in_is_whole_or_not_there_at_all() -> Result<(), Report> {
        let config = |endpoint: &str| -> Result<Option<String>, Report> {
            let secret = secret(&[("clusters/web.yaml", &cluster(&format!("endpoint: {endpoint}")))])?;
            let texts = secret.comments.into_iter();
            Ok(texts.filter(|(pointer, _)| *pointer == "/data/config").map(|(_, text)| text).next())
        };
        assert_eq!(config("{host: 10.0.0.1, ca: CA}")?, None);
        assert_eq!(config("{host: 10.0.0.1, aws: {clusterName: web}}")?, None);
        assert_eq!(
            config("{host: 10.0.0.1, ca: CA, aws: {clusterName: web, roleARN: arn}}")?.as_deref(),
            Some(
                r#"{"tlsClientConfig":{"insecure":false,"caData":"Q0E="},"awsAuthConfig":{"clusterName":"web","roleARN":"arn"}}"#
            )
        );
        assert_eq!(
            config("{host: 10.0.0.1, ca: CA, exec: {command: login, args: [a], env: {B: c}, apiVersion: client.authentication.k8s.io/v1}}")?
                .as_deref(),
            Some(
                r#"{"tlsClientConfig":{"insecure":false,"caData":"Q0E="},"execProviderConfig":{"command":"login","args":["a"],"env":{"B":"c"},"apiVersion":"client.authentication.k8s.io/v1"}}"#
            )
        );
        Ok(())
    }

    #[test]
    fn a_paused_cluster_rests_and_keys_of_rollout_steps_are_on_every_secret() -> Result<(), Report> {
        let paused = cluster("paused: true, endpoint: {host: '2001:db8::1', port: 443}");
        let (catalog, _) = catalog(&[("clusters/web.yaml", &paused), ("fleet.yaml", FLEET)]);
        let emitted = emit(&catalog)?;
        let secret = &emitted.secrets["blue/web"];
        assert_eq!(secret["metadata"]["annotations"]["argocd.argoproj.io/skip-reconcile"], json!("true"));
        assert_eq!(secret["metadata"]["labels"]["zone"], json!(""));
        assert_eq!(secret["data"]["name"], json!(encode(b"web.blue")));
        assert_eq!(secret["data"]["server"], json!(encode(b"https://[2001:db8::1]:443")));
        let labels = &emitted.applications["east/charts-web.blue"]["metadata"]["labels"];
        assert_eq!((&labels["zone"], &labels["ake.example.com/minor"]), (&json!(""), &json!("1.35")));
        Ok(())
    }
}
