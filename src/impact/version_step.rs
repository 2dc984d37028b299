//! Steps of Kubernetes versions that Cluster API or Kubernetes do not take.
//!
//! Sources: KubeadmControlPlane's webhook and the preflight checks of MachineSets (Cluster API 1.14), and Kubernetes'
//! version skew policy. Going back is accepted by some webhooks and works nowhere.

use serde_json::Value;

use super::object::{Key, Objects, is_control_plane, is_pool, text};
use super::pair::Pair;

/// How many minors a kubelet may be older than the API server.
const SKEW: u64 = 3;

/// A version as far as it is known: major, minor, patch.
type Version = (u64, u64, Option<u64>);

/// Says what is wrong with the versions that an object goes through; empty where nothing is.
pub fn refusals(key: &Key, pair: Pair<&Value>, objects: Pair<&Objects>) -> Vec<String> {
    if is_control_plane(key) {
        control_plane(key, pair)
    } else if is_pool(key) {
        pool(pair, objects)
    } else {
        Vec::new()
    }
}

/// Returns the version of a control plane or a pool as it is written.
pub fn version_of<'o>(key: &Key, object: &'o Value) -> &'o str {
    text(object, if is_control_plane(key) { "/spec/version" } else { "/spec/template/spec/version" })
}

fn control_plane(key: &Key, pair: Pair<&Value>) -> Vec<String> {
    let texts = pair.map(|object| version_of(key, object));
    let Some((base, head)) = read(texts.base).zip(read(texts.head)) else { return Vec::new() };
    let is_back = is_before(head, base);
    // EKS itself goes through the minors one by one, and CAPA asks for each.
    let skips = head.0 == base.0 && head.1 > base.1 + 1 && key.kind != "AWSManagedControlPlane";
    let (from, to) = (texts.base, texts.head);
    match (is_back, skips) {
        (true, _) => vec![format!("a control plane cannot go back from {from} to {to}")],
        (_, true) => {
            let next = format!("v{}.{}", base.0, base.1 + 1);
            vec![format!(
                "a control plane goes up one minor at a time: from {from} to {to} leaves out {next}"
            )]
        }
        (false, false) => Vec::new(),
    }
}

fn pool(pair: Pair<&Value>, objects: Pair<&Objects>) -> Vec<String> {
    let texts = pair.map(|object| text(object, "/spec/template/spec/version"));
    let mut found = Vec::new();
    let versions = texts.map(read);
    if let (Some(base), Some(head)) = (versions.base, versions.head)
        && is_before(head, base)
    {
        found.push(format!("a pool cannot go back from {} to {}", texts.base, texts.head));
    }
    found.extend(skew(texts.head, objects));
    found
}

/// Says how a pool's version does not go with its control plane's: the one that it has in the end.
pub fn skew(pool: &str, objects: Pair<&Objects>) -> Option<String> {
    let (key, head) = objects.head.iter().find(|(key, _)| is_control_plane(key))?;
    let base = objects.base.get(key);
    // A step that is refused leaves the control plane where it is.
    let stays = base.filter(|base| !control_plane(key, Pair::new(base, head)).is_empty());
    let plane = version_of(key, stays.unwrap_or(head));
    let (own, above) = read(pool).zip(read(plane))?;
    if (own.0, own.1) > (above.0, above.1) {
        Some(format!("a pool of {pool} is newer than its control plane of {plane}, and gets no machines"))
    } else if own.0 == above.0 && own.1 + SKEW < above.1 {
        Some(format!("a pool of {pool} is more than {SKEW} minors behind its control plane of {plane}"))
    } else {
        None
    }
}

/// Reads `v1.35.2`, `1.35.2` or `1.35`.
fn read(text: &str) -> Option<Version> {
    let mut parts = text.trim_start_matches('v').splitn(3, '.');
    let number = |part: &str| part.parse::<u64>().ok();
    let (major, minor) = (number(parts.next()?)?, number(parts.next()?)?);
    let patch = parts.next().and_then(|rest| number(rest.split(['-', '+']).next()?));
    Some((major, minor, patch))
}

fn is_before(one: Version, other: Version) -> bool {
    match (one.2, other.2) {
        (Some(_), Some(_)) => one < other,
        _ => (one.0, one.1) < (other.0, other.1),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::impact::object::by_key;

    fn plane(kind: &str, version: &str) -> Value {
        json!({"apiVersion": "controlplane.cluster.x-k8s.io/v1beta2", "kind": kind, "metadata": {"name": "web"}, "spec": {"version": version}})
    }

    fn worker(version: &str) -> Value {
        json!({"apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "MachineDeployment", "metadata": {"name": "web"}, "spec": {"template": {"spec": {"version": version}}}})
    }

    #[test]
    fn a_control_plane_goes_up_one_minor_at_a_time() {
        for (kind, base, head, refused) in [
            ("KubeadmControlPlane", "v1.34.2", "v1.34.5", ""),
            ("KubeadmControlPlane", "v1.34.2", "v1.35.0", ""),
            ("KubeadmControlPlane", "v1.34.2", "v1.36.0", "leaves out v1.35"),
            ("KubeadmControlPlane", "v1.34.2", "v1.34.1", "cannot go back"),
            ("AWSManagedControlPlane", "1.34", "1.36", ""),
            ("AWSManagedControlPlane", "1.34", "1.33", "cannot go back"),
        ] {
            let (base, head) = (plane(kind, base), plane(kind, head));
            let objects = by_key(vec![head.clone()]);
            let key = objects.keys().next().expect("because there is one");
            let found = refusals(key, Pair::new(&base, &head), Pair::new(&objects, &objects));
            assert_eq!(found.iter().any(|one| one.contains(refused)), !refused.is_empty(), "{found:?}");
        }
    }

    #[test]
    fn a_pool_stays_within_reach_of_its_control_plane() {
        for (control_plane, base, head, refused) in [
            ("v1.35.0", "v1.34.2", "v1.35.0", ""),
            ("v1.35.0", "v1.35.2", "v1.35.1", "cannot go back"),
            ("v1.35.0", "v1.35.2", "v1.36.0", "newer than"),
            ("v1.35.0", "v1.31.0", "v1.31.2", "3 minors behind"),
            ("v1.35.0", "v1.31.0", "v1.32.2", ""),
        ] {
            let (base, head) = (worker(base), worker(head));
            let objects = by_key(vec![head.clone(), plane("KubeadmControlPlane", control_plane)]);
            let key = objects.keys().find(|key| is_pool(key)).expect("because there is one");
            let found = refusals(key, Pair::new(&base, &head), Pair::new(&objects, &objects));
            assert_eq!(found.iter().any(|one| one.contains(refused)), !refused.is_empty(), "{found:?}");
        }
    }
}
