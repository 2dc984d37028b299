//! The cluster Secret: how Argo CD knows a workload cluster, and what ApplicationSets look up.
//!
//! Never a credential: `data.config` is left to the controller that has it, or holds nothing but how to log in.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::fold::{Fold, Folded};
use super::look_up::{AddonKeys, AddonLookUps, ClusterLookUps, DOMAIN_LABELS};
use super::yaml::{write_document_with_comments, write_indent, write_key, write_text};
use super::{Object, Origin};
use crate::base64::{decode, encode};
use crate::expand::ExpandedCluster;
use crate::spec::addon::{ACCESS, Source};
use crate::spec::cluster::Cluster;
use crate::spec::name::Name;
use crate::spec::yaml::Node;

/// Texts by key, in the order in which they are written; no key stands twice.
pub type Texts<'s> = Vec<(&'s str, Cow<'s, str>)>;

/// The Secret of one cluster, in pieces: a thousand clusters with 45 addons have a quarter of a million labels and
/// annotations, so they become an object only where a patch asks for one.
#[derive(Clone, Debug)]
pub struct ClusterSecret<'s> {
    cluster: &'s ExpandedCluster<'s>,
    /// Its labels.
    pub labels: Texts<'s>,
    /// Its annotations.
    pub annotations: Texts<'s>,
    /// The texts behind its data.
    pub data: Vec<(&'static str, String)>,
}

/// Makes cluster Secrets; holds what they share.
#[derive(Debug)]
pub struct ClusterSecrets<'a> {
    fold: &'a Fold<'a>,
    keys: BTreeMap<&'a Name, AddonKeys>,
    domain_keys: Vec<String>,
    namespace_key: String,
    commit_key: String,
    rollout_keys: Vec<&'a str>,
}

impl<'a> ClusterSecrets<'a> {
    /// Prepares the Secrets of a fleet.
    pub fn new(fold: &'a Fold<'a>) -> Self {
        let catalog = fold.expansion.catalog;
        let domain = &catalog.fleet.spec.label_domain;
        let addons = catalog.emitted_addons().into_values().map(|(_, addon)| &addon.name);
        let keys = addons.map(|addon| (addon, AddonKeys::new(domain, addon)));
        Self {
            fold,
            keys: keys.collect(),
            domain_keys: DOMAIN_LABELS.iter().map(|name| format!("{domain}/{name}")).collect(),
            namespace_key: format!("{domain}/namespace"),
            commit_key: format!("{domain}/commit"),
            rollout_keys: catalog.fleet.rollout_keys(),
        }
    }

    /// Returns the Secret of the cluster at `index` among the expansion's, before patches.
    pub fn of_cluster(&'a self, index: usize) -> ClusterSecret<'a> {
        let expansion = self.fold.expansion;
        let cluster = &expansion.clusters[index];
        let look_ups = ClusterLookUps::new(&expansion.catalog.fleet, cluster);
        let mut secret = ClusterSecret {
            cluster,
            labels: Vec::with_capacity(16 + 2 * self.keys.len()),
            annotations: Vec::with_capacity(8 + 2 * self.keys.len()),
            data: data(cluster, look_ups.name()),
        };
        secret.labels.push(("argocd.argoproj.io/secret-type", "cluster".into()));
        for (key, value) in self.domain_keys.iter().zip(look_ups.domain_labels()) {
            secret.labels.push((key, value.to_owned().into()));
        }
        secret.annotations.push(("argocd.argoproj.io/sync-wave", "-1".into()));
        secret.annotations.push(("argocd.argoproj.io/sync-options", "Prune=confirm,Delete=confirm".into()));
        if cluster.cluster.paused {
            secret.annotations.push(("argocd.argoproj.io/skip-reconcile", "true".into()));
        }
        secret.annotations.push((&self.namespace_key, cluster.tenant.name.as_str().into()));
        if let Some(tag) = &cluster.content.tag {
            secret.annotations.push((&self.commit_key, tag.commit_id.as_str().into()));
        }
        self.add_addons(&mut secret, index);
        for (key, value) in &cluster.cluster.labels {
            put(&mut secret.labels, key, value);
        }
        for key in &self.rollout_keys {
            if !secret.labels.iter().any(|(known, _)| known == key) {
                secret.labels.push((key, "".into()));
            }
        }
        secret
    }

    fn add_addons(&'a self, secret: &mut ClusterSecret<'a>, index: usize) {
        let mut on = self.fold.addons(index).peekable();
        for (name, keys) in &self.keys {
            let folded = on.next_if(|folded| folded.installed.addon.name == **name);
            // The first tenant that says something under `access` changes no other tenant's Secrets.
            if folded.is_none() && name.as_str() == ACCESS {
                continue;
            }
            secret.labels.push((&keys.enabled, switch(folded).into()));
            let Some((folded, variant)) = folded.and_then(|folded| Some((folded, folded.variant?))) else {
                continue;
            };
            secret.labels.push((&keys.source, variant.name.as_str().into()));
            let AddonLookUps { version, path, values } = self.fold.look_ups(secret.cluster, folded);
            for (key, value) in [(&keys.version, version.into()), (&keys.path, path), (&keys.values, values)]
            {
                if !value.is_empty() {
                    secret.annotations.push((key, value));
                }
            }
        }
    }
}

impl ClusterSecret<'_> {
    /// Returns the Secret as an object.
    pub fn object(&self) -> Object {
        let map = |texts: &Texts<'_>| -> Map<String, Value> {
            texts.iter().map(|(key, value)| ((*key).to_owned(), value.as_ref().into())).collect()
        };
        let body = json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": self.cluster.cluster.secret_name(),
                "namespace": self.cluster.management.argocd.namespace.as_str(),
                "labels": map(&self.labels),
                "annotations": map(&self.annotations),
            },
            "type": "Opaque",
            "data": self.encoded(),
        });
        Object { body, origin: Origin { spec: self.cluster.cluster.document.location, template: None } }
    }

    /// Writes the Secret as YAML, as the object would be, with the texts behind its data as comments.
    pub fn write(&self, out: &mut String) {
        let namespace = self.cluster.management.argocd.namespace.as_str();
        out.push_str("apiVersion: v1\nkind: Secret\nmetadata:\n");
        write_entry(out, 2, "name", &self.cluster.cluster.secret_name());
        write_entry(out, 2, "namespace", namespace);
        for (field, texts) in [("  labels:\n", &self.labels), ("  annotations:\n", &self.annotations)] {
            out.push_str(field);
            for (key, value) in texts {
                write_entry(out, 4, key, value);
            }
        }
        let comments =
            self.data.iter().map(|(field, text)| (format!("/data/{field}"), text.clone())).collect();
        write_document_with_comments(out, &json!({"type": "Opaque", "data": self.encoded()}), &comments);
    }

    fn encoded(&self) -> Map<String, Value> {
        let encoded = |(field, text): &(&str, String)| ((*field).to_owned(), encode(text.as_bytes()).into());
        self.data.iter().map(encoded).collect()
    }
}

/// Returns the texts behind the data of a Secret, each with the JSON pointer of its value.
pub fn comments(secret: &Object) -> BTreeMap<String, String> {
    let data = secret.body.get("data").and_then(Value::as_object).into_iter().flatten();
    let text = |(field, value): (&String, &Value)| {
        let text = String::from_utf8(decode(value.as_str()?)?).ok()?;
        Some((format!("/data/{field}"), text))
    };
    data.filter_map(text).collect()
}

fn write_entry(out: &mut String, column: usize, key: &str, value: &str) {
    write_indent(out, column);
    write_key(out, key, column);
    out.push(' ');
    write_text(out, value, column);
    out.push('\n');
}

/// Adds a text, in the place of the one with its key where there is one.
fn put<'s>(texts: &mut Texts<'s>, key: &'s str, value: &'s str) {
    match texts.iter_mut().find(|(known, _)| *known == key) {
        Some((_, known)) => *known = value.into(),
        None => texts.push((key, value.into())),
    }
}

/// Returns whether an addon is on, as its label says it.
fn switch(folded: Option<Folded<'_, '_>>) -> &'static str {
    match folded.map(|folded| folded.source) {
        None => "false",
        Some(Source::Eks(_)) => "eks",
        Some(Source::Helm(_) | Source::Kustomize { .. } | Source::Manifests { .. } | Source::Access) => {
            "true"
        }
    }
}

/// Returns the texts behind `data`.
fn data(cluster: &ExpandedCluster<'_>, name: &str) -> Vec<(&'static str, String)> {
    let server = cluster.cluster.server().unwrap_or_else(|| placeholder_server(cluster.cluster));
    let mut data = vec![("name", name.to_owned()), ("server", server)];
    data.extend(config(&cluster.cluster.spec).map(|config| ("config", config)));
    data
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

    /// Returns the Secret of `blue/web`: as an object, with the texts behind its data, and as it is written.
    fn secret(changes: &[(&str, &str)]) -> Result<(Value, BTreeMap<String, String>, String), Report> {
        let (catalog, _) = catalog(changes);
        let expansion = expand(&catalog)?;
        let (patches, values) = (AllPatches::new(&expansion), AddonValues::new(&expansion)?);
        let fold = Fold::new(&expansion, &patches, &values)?;
        let secrets = ClusterSecrets::new(&fold);
        let secret = secrets.of_cluster(0);
        let object = secret.object();
        let mut text = String::new();
        secret.write(&mut text);
        let texts = comments(&object);
        Ok((object.body, texts, text))
    }

    fn cluster(spec: &str) -> String {
        format!(
            "{{apiVersion: yoshino.dev/v1alpha1, kind: Cluster, metadata: {{name: web, labels: {{tier: canary}}}}, spec: {{project: blue, provider: metal, kubernetes: v1.35.2, {spec}}}}}"
        )
    }

    #[test]
    fn a_secret_says_what_the_contract_says() -> Result<(), Report> {
        let (secret, texts, written) = secret(&[("clusters/web.yaml", &cluster("addons: {plain: false}"))])?;
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
        assert_eq!(secret, expected);
        assert_eq!(
            texts,
            BTreeMap::from([
                ("/data/name".to_owned(), "blue-web".to_owned()),
                ("/data/server".to_owned(), "https://web.blue.endpoint.invalid".to_owned()),
            ])
        );
        let mut of_object = String::new();
        write_document_with_comments(&mut of_object, &secret, &texts);
        assert_eq!(written, of_object);
        Ok(())
    }

    #[test]
    fn how_to_log_in_is_whole_or_not_there_at_all() -> Result<(), Report> {
        let config = |endpoint: &str| -> Result<Option<String>, Report> {
            let (_, mut texts, _) =
                secret(&[("clusters/web.yaml", &cluster(&format!("endpoint: {endpoint}")))])?;
            Ok(texts.remove("/data/config"))
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
