//! The ApplicationSet of one addon on one management cluster: a generator for each variant, and the hold.
//!
//! It says which Secrets have which template. Plain look-ups only: with Go templates one missing key would stop the
//! whole set, and a change of any Secret would cost forty times as much.

use serde_json::{Map, Value, json};

use super::fold::{Fold, Variant};
use super::look_up::AddonKeys;
use super::patch::AllPatches;
use super::{Object, Origin, rollout};
use crate::diagnostic::Report;
use crate::spec::Catalog;
use crate::spec::addon::{Addon, Source};
use crate::spec::fleet::{Fleet, Management};
use crate::spec::name::Name;

/// The AppProject that never exists.
///
/// Argo CD 3.5 neither creates, updates nor deletes an Application whose project is not there, and goes on with all
/// others: it stays as it is until Secret and set agree.
pub const HOLD: &str = "yoshino-hold";

/// Returns the ApplicationSets of a management cluster, in the order of the addons' names.
///
/// # Errors
/// Reports patches that cannot be applied.
pub fn application_sets(
    fold: &Fold<'_>,
    management: &Management,
    patches: &AllPatches<'_>,
) -> Result<Vec<Object>, Report> {
    let catalog = fold.expansion.catalog;
    let mut report = Report::default();
    let mut sets = Vec::new();
    for (content, addon) in catalog.emitted_addons().into_values() {
        if !has_set(catalog, &addon.name) {
            continue;
        }
        let variants = fold.variants(&management.name, &addon.name);
        let body = application_set(&catalog.fleet, management, addon, &variants);
        let origin = Origin { spec: addon.document.location, template: None };
        let mut set = Object { body, origin };
        for owner in patches.on_addon(content, &addon.name) {
            if let Err(findings) = owner.apply(&mut set) {
                report.extend(findings);
            }
        }
        sets.push(set);
    }
    report.or(sets)
}

/// Returns whether there can be an Application of an addon, as trunk or any release in use has it.
pub fn has_set(catalog: &Catalog, addon: &Name) -> bool {
    let addons = catalog.contents().filter_map(|content| content.addons.get(addon));
    let addons = addons.chain(catalog.access.as_ref().filter(|access| access.name == *addon));
    addons.into_iter().any(|addon| has_application(addon, &catalog.fleet))
}

/// Returns whether there can be an Application of the addon: not where AWS manages it on every minor.
fn has_application(addon: &Addon, fleet: &Fleet) -> bool {
    let minors = fleet.spec.minors.iter().filter(|minor| addon.runs_on(**minor));
    let mut sources = minors.map(|minor| addon.source(*minor));
    let is_managed = |source: &Result<Source, Report>| matches!(source, Ok(Source::Eks(_)));
    let base = addon.document.at("/spec/source/eks").is_none();
    // An addon that runs on none of the minors is judged by its own source.
    match sources.next() {
        None => base,
        Some(first) => !is_managed(&first) || !sources.all(|source| is_managed(&source)),
    }
}

fn application_set(
    fleet: &Fleet,
    management: &Management,
    addon: &Addon,
    variants: &[&Variant<'_>],
) -> Value {
    let keys = AddonKeys::new(&fleet.spec.label_domain, &addon.name);
    let mut spec = Map::new();
    spec.insert(
        "syncPolicy".into(),
        json!({
            "applicationsSync": "sync",
            "preserveResourcesOnDeletion": addon.spec.sync.preserve_resources_on_deletion,
        }),
    );
    let steps = fleet.rollout_steps();
    if !steps.is_empty() {
        spec.insert(
            "strategy".into(),
            json!({"type": "RollingSync", "rollingSync": {"steps": rollout::steps(steps)}}),
        );
    }
    spec.insert("generators".into(), generators(addon, &keys, variants).into());
    // Argo CD fills what a generator's template leaves empty from this one, so it must say no more than the hold.
    spec.insert("template".into(), held(addon));
    json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": {
            "name": addon.name.as_str(),
            "namespace": management.argocd.namespace.as_str(),
            "annotations": {"argocd.argoproj.io/sync-options": "Prune=confirm"},
        },
        "spec": spec,
    })
}

/// Returns a set's generators: one for each variant, the hold last.
pub fn generators(addon: &Addon, keys: &AddonKeys, variants: &[&Variant<'_>]) -> Vec<Value> {
    let of_variant = |variant: &&Variant<'_>| {
        let labels = Map::from_iter([
            (keys.enabled.clone(), "true".into()),
            (keys.source.clone(), variant.name.as_str().into()),
        ]);
        json!({"clusters": {"selector": {"matchLabels": labels}, "template": variant.template}})
    };
    let mut generators: Vec<Value> = variants.iter().map(of_variant).collect();
    generators.push(hold(keys, addon, variants));
    generators
}

/// Returns the generator of the Secrets that name a variant the set does not have.
fn hold(keys: &AddonKeys, addon: &Addon, variants: &[&Variant<'_>]) -> Value {
    let mut selector = json!({"matchLabels": {keys.enabled.as_str(): "true"}});
    // `NotIn` must not be empty.
    if !variants.is_empty() {
        let names: Vec<&str> = variants.iter().map(|variant| variant.name.as_str()).collect();
        selector["matchExpressions"] = json!([{"key": keys.source, "operator": "NotIn", "values": names}]);
    }
    json!({"clusters": {"selector": selector, "template": held(addon)}})
}

fn held(addon: &Addon) -> Value {
    json!({
        "metadata": {"name": format!("{}-{{{{nameNormalized}}}}", addon.name)},
        "spec": {"project": HOLD, "destination": {}},
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{catalog, emit};
    use super::*;

    fn addon(spec: &str) -> String {
        format!("{{apiVersion: yoshino.dev/v1alpha1, kind: Addon, metadata: {{name: charts}}, spec: {spec}}}")
    }

    fn set(spec: &str) -> Result<Value, Report> {
        let text = addon(spec);
        let (catalog, _) = catalog(&[("addons/charts/addon.yaml", &text)]);
        Ok(emit(&catalog)?.sets.remove("east/charts").unwrap_or_default())
    }

    const CHART: &str =
        "source: {helm: {repository: https://charts.example.com, chart: web, version: 1.0.0}}";

    #[test]
    fn a_set_has_a_generator_for_each_variant_and_the_hold_last() -> Result<(), Report> {
        let set = set(&format!("{{namespace: charts, enable: {{default: true}}, {CHART}}}"))?;
        let held = json!({
            "metadata": {"name": "charts-{{nameNormalized}}"},
            "spec": {"project": "yoshino-hold", "destination": {}},
        });
        let template = json!({
            "metadata": {
                "name": "charts-{{nameNormalized}}",
                "labels": {
                    "ake.example.com/addon": "charts",
                    "ake.example.com/cluster": "{{metadata.labels.ake.example.com/cluster}}",
                    "ake.example.com/wave": "0",
                },
                "finalizers": ["resources-finalizer.argocd.argoproj.io"],
            },
            "spec": {
                "project": "{{metadata.labels.ake.example.com/project}}-platform",
                "sources": [
                    {
                        "repoURL": "https://charts.example.com",
                        "chart": "web",
                        "targetRevision": "{{metadata.annotations.addons.ake.example.com/charts.version}}",
                        "helm": {
                            "releaseName": "charts",
                            "valueFiles": ["$values/rendered/east/values/charts/{{metadata.annotations.addons.ake.example.com/charts.values}}"],
                        },
                    },
                    {"repoURL": "https://git.example.com/fleet.git", "targetRevision": "main", "ref": "values"},
                ],
                "destination": {"name": "{{name}}", "namespace": "charts"},
                "syncPolicy": {
                    "automated": {"prune": true, "selfHeal": true},
                    "syncOptions": ["CreateNamespace=true", "ServerSideApply=true"],
                    "retry": {"limit": -1, "backoff": {"duration": "10s", "factor": 2, "maxDuration": "5m"}},
                },
            },
        });
        let expected = json!({
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "ApplicationSet",
            "metadata": {
                "name": "charts",
                "namespace": "argocd",
                "annotations": {"argocd.argoproj.io/sync-options": "Prune=confirm"},
            },
            "spec": {
                "syncPolicy": {"applicationsSync": "sync", "preserveResourcesOnDeletion": false},
                "generators": [
                    {"clusters": {
                        "selector": {"matchLabels": {
                            "addons.ake.example.com/charts": "true",
                            "addons.ake.example.com/charts.source": "helm-b34c3019",
                        }},
                        "template": template,
                    }},
                    {"clusters": {
                        "selector": {
                            "matchLabels": {"addons.ake.example.com/charts": "true"},
                            "matchExpressions": [{
                                "key": "addons.ake.example.com/charts.source",
                                "operator": "NotIn",
                                "values": ["helm-b34c3019"],
                            }],
                        },
                        "template": held,
                    }},
                ],
                "template": held,
            },
        });
        assert_eq!(set, expected);
        Ok(())
    }

    #[test]
    fn a_set_that_no_cluster_has_is_the_hold_alone() -> Result<(), Report> {
        let set = set(&format!("{{namespace: charts, {CHART}}}"))?;
        let selector = json!({"matchLabels": {"addons.ake.example.com/charts": "true"}});
        assert_eq!(set["spec"]["generators"].as_array().map(Vec::len), Some(1));
        assert_eq!(set["spec"]["generators"][0]["clusters"]["selector"], selector);
        Ok(())
    }

    #[test]
    fn an_addon_that_aws_manages_everywhere_has_no_set() -> Result<(), Report> {
        let managed = "source: {eks: {addon: x-y, version: v1}}";
        assert_eq!(
            set(&format!("{{namespace: charts, enable: {{default: true}}, {managed}}}"))?,
            Value::Null
        );
        assert_eq!(set(&format!("{{namespace: charts, kubernetes: '1.99', {managed}}}"))?, Value::Null);
        let on_one = "perMinor: [{kubernetes: '1.34', source: {helm: {repository: https://charts.example.com, chart: web, version: 1.0.0}}}]";
        let set = set(&format!("{{namespace: charts, {managed}, {on_one}}}"))?;
        assert_eq!(set["kind"], json!("ApplicationSet"));
        Ok(())
    }

    #[test]
    fn what_an_addon_says_of_syncing_is_in_the_template() -> Result<(), Report> {
        let sync = "sync: {automated: true, prune: false, selfHeal: false, createNamespace: true, namespaceLabels: {a: b}, options: [ServerSideApply=false, Replace=true], retry: {limit: 3}, preserveResourcesOnDeletion: true}";
        let secrets = "secrets: [{name: login, externalSecret: {store: vault, key: 'x/{project}'}}]";
        let set = set(&format!(
            "{{namespace: charts, enable: {{default: true}}, {sync}, {secrets}, wave: -1, {CHART}}}"
        ))?;
        let template = &set["spec"]["generators"][0]["clusters"]["template"];
        assert_eq!(template["metadata"].get("finalizers"), None);
        assert_eq!(template["metadata"]["labels"]["ake.example.com/wave"], json!("minus-1"));
        assert_eq!(set["spec"]["syncPolicy"]["preserveResourcesOnDeletion"], json!(true));
        assert_eq!(
            template["spec"]["syncPolicy"],
            json!({
                "automated": {},
                "syncOptions": ["CreateNamespace=true", "ServerSideApply=false", "Replace=true"],
                "managedNamespaceMetadata": {"labels": {"a": "b"}},
                "retry": {"limit": 3, "backoff": {"duration": "10s", "factor": 2, "maxDuration": "5m"}},
            })
        );
        assert_eq!(
            template["spec"]["sources"][2],
            json!({
                "repoURL": "https://git.example.com/fleet.git",
                "targetRevision": "main",
                "path": "rendered/east/manifests/charts/{{metadata.labels.ake.example.com/project}}/{{metadata.labels.ake.example.com/cluster}}",
            })
        );
        Ok(())
    }

    #[test]
    fn a_management_addon_goes_to_the_tenants_namespace_under_the_clusters_name() -> Result<(), Report> {
        let chart = set(&format!(
            "{{placement: management, namespace: charts, enable: {{default: true}}, {CHART}}}"
        ))?;
        let spec = &chart["spec"]["generators"][0]["clusters"]["template"]["spec"];
        let destination = json!({
            "server": "https://kubernetes.default.svc",
            "namespace": "{{metadata.annotations.ake.example.com/namespace}}",
        });
        assert_eq!(spec["destination"], destination);
        assert_eq!(
            spec["sources"][0]["helm"]["releaseName"],
            json!("charts-{{metadata.labels.ake.example.com/cluster}}")
        );
        assert_eq!(spec["syncPolicy"]["syncOptions"], json!(["ServerSideApply=true"]));

        let overlay = set(
            "{placement: management, namespace: charts, enable: {default: true}, source: {kustomize: {path: addons/overlay/base}}}",
        )?;
        assert_eq!(
            overlay["spec"]["generators"][0]["clusters"]["template"]["spec"]["source"],
            json!({
                "repoURL": "https://git.example.com/fleet.git",
                "targetRevision": "{{metadata.labels.ake.example.com/version}}",
                "path": "{{metadata.annotations.addons.ake.example.com/charts.path}}",
                "kustomize": {"nameSuffix": "-{{metadata.labels.ake.example.com/project}}-{{metadata.labels.ake.example.com/cluster}}"},
            })
        );
        Ok(())
    }
}
