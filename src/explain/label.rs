//! A label or annotation of a cluster Secret: what ApplicationSets select on and look up.

use serde_json::Value;

use super::addon::{absent, cluster_label, enabled, known, pin_steps, source_steps};
use super::{Asked, Explanation, Origin, Step, setting};
use crate::diagnostic::{Diagnostic, Report};
use crate::emit::cluster_secret::ClusterSecrets;
use crate::emit::fold::Fold;
use crate::emit::look_up::AddonKeys;
use crate::emit::patch::AllPatches;
use crate::emit::values::AddonValues;
use crate::spec::Catalog;

/// Returns the key of a cluster Secret that a path names: `<domain>/version`, `addons.<domain>/cilium`, or a label of the
/// cluster's own behind `secret.`.
pub(super) fn key_of_secret<'p>(catalog: &Catalog, path: &'p str) -> Option<&'p str> {
    let prefixes = ["secret.metadata.labels.", "secret.metadata.annotations.", "secret."];
    if let Some(key) = prefixes.iter().find_map(|prefix| path.strip_prefix(prefix)) {
        return Some(key);
    }
    let domain = &catalog.fleet.spec.label_domain;
    let in_domain = |rest: &str| rest.strip_prefix(domain.as_str()).is_some_and(|rest| rest.starts_with('/'));
    (in_domain(path) || path.strip_prefix("addons.").is_some_and(in_domain)).then_some(path)
}

/// Explains a label or annotation of the cluster Secret.
pub(super) fn explain(asked: &Asked<'_>, key: &str) -> Result<Explanation, Report> {
    let patches = AllPatches::new(asked.expansion);
    let value = value_of(asked, &patches, key)?;
    let domain = &asked.catalog.fleet.spec.label_domain;
    let mut steps = match key.strip_prefix(domain.as_str()).and_then(|rest| rest.strip_prefix('/')) {
        Some(name) => of_domain(asked, name)?,
        None => of_addon(asked, key)?,
    };
    steps.extend(applied(asked, &patches));
    let Some(value) = value else {
        let place = asked.cluster().document.location;
        let message = format!("the cluster Secret of {} has no `{key}`", asked.cluster().identity());
        return Err(Diagnostic::error("unknown-path", place, message).into());
    };
    Ok(Explanation {
        subject: format!("{key} on the cluster Secret of {}", asked.cluster().identity()),
        value: Some(Value::String(value)),
        steps,
    })
}

/// Returns what the Secret has, once it is patched.
fn value_of(asked: &Asked<'_>, patches: &AllPatches<'_>, key: &str) -> Result<Option<String>, Report> {
    let values = AddonValues::new(asked.expansion)?;
    let fold = Fold::new(asked.expansion, patches, &values)?;
    let mut secret = ClusterSecrets::new(&fold).of_cluster(asked.index).object();
    for owner in patches.on_cluster(asked.index) {
        owner.apply(&mut secret)?;
    }
    let metadata = &secret.body["metadata"];
    let value = metadata["labels"].get(key).or_else(|| metadata["annotations"].get(key));
    Ok(value.and_then(Value::as_str).map(str::to_owned))
}

fn of_domain(asked: &Asked<'_>, name: &str) -> Result<Vec<Step>, Report> {
    let cluster = asked.cluster();
    let derived = |path: &str, what: &str| {
        let mut steps = setting::explain(asked, path)?.steps;
        steps.push(Step::new(Origin::Derived, None, what));
        Ok(steps)
    };
    match name {
        "version" if cluster.release.is_some() => Ok(pin_steps(asked)),
        "commit" => {
            let mut steps = pin_steps(asked);
            let what = "is the commit that the tag pointed at when this was rendered";
            steps.extend(asked.content().tag.as_ref().map(|_| Step::new(Origin::Derived, None, what)));
            Ok(steps)
        }
        "version" => {
            let trunk = asked.catalog.fleet.document.at("/spec/repository/trunk").map(|node| node.location);
            let origin = if trunk.is_some() { Origin::Fleet } else { Origin::Default };
            let value = asked.catalog.fleet.spec.repository.trunk.as_str();
            Ok(vec![Step::new(origin, trunk, "is the trunk: the cluster has no pin").giving(value.into())])
        }
        "minor" => derived("kubernetes", "is the minor of the version"),
        "project" => derived("project", "is the tenant"),
        "namespace" => derived("project", "is the tenant's namespace on the management cluster"),
        "provider" => derived("provider", "is the provider"),
        "management" => derived("management", "is the management cluster"),
        "cluster" => {
            let place = cluster.document.at("/metadata/name").map(|node| node.location);
            Ok(vec![Step::new(Origin::Cluster, place, "names it").giving(cluster.name.as_str().into())])
        }
        _ => Ok(Vec::new()),
    }
}

/// Explains the keys that belong to an addon, else a label of the cluster's own.
fn of_addon(asked: &Asked<'_>, key: &str) -> Result<Vec<Step>, Report> {
    let domain = &asked.catalog.fleet.spec.label_domain;
    for (name, (_, addon)) in asked.catalog.emitted_addons() {
        let keys = AddonKeys::new(domain, &addon.name);
        let Some(addon) = known(asked, name) else {
            if key == keys.enabled {
                return Ok(absent(asked, name).steps);
            }
            continue;
        };
        if key == keys.enabled {
            return Ok(enabled(asked, addon).steps);
        }
        let derived = |of: &[&str], what: &str| {
            let mut steps: Vec<Step> =
                of.iter().flat_map(|field| source_steps(asked, addon, field)).collect();
            steps.push(Step::new(Origin::Derived, None, what));
            steps
        };
        if key == keys.version {
            return Ok(derived(&["version"], "is the chart's version"));
        }
        if key == keys.path {
            return Ok(derived(&["path"], "is the path that the Application reads"));
        }
        if key == keys.values {
            return Ok(derived(
                &["values"],
                "is the values file, shared where nothing in it depends on the cluster",
            ));
        }
        if key == keys.source {
            let what = "is the variant: the kind of source, and a hash of what Applications differ in but for look-ups";
            return Ok(derived(&["repository", "chart", "path"], what));
        }
    }
    Ok(cluster_label(asked.cluster(), key).into_iter().collect())
}

/// Returns the patches that the Secret goes through.
fn applied(asked: &Asked<'_>, patches: &AllPatches<'_>) -> Vec<Step> {
    let name = asked.cluster().secret_name();
    let owners = patches.on_cluster(asked.index).into_iter();
    let places = owners.flat_map(|owner| owner.places(&owner.matching("Secret", "", &name)));
    places.map(|place| Step::new(Origin::Patch, Some(place), "is applied to the Secret")).collect()
}
