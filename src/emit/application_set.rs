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
use crate::spec::addon::{Addon, Source};
use crate::spec::fleet::{Fleet, Management};

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
    for addon in catalog.addons.values().filter(|addon| has_application(addon, &catalog.fleet)) {
        let variants = fold.variants(&management.name, &addon.name);
        let body = application_set(&catalog.fleet, management, addon, &variants);
        let origin = Origin { spec: addon.document.location, template: None };
        let mut set = Object { body, origin };
        for owner in patches.on_addon(&addon.name) {
            if let Err(findings) = owner.apply(&mut set) {
                report.extend(findings);
            }
        }
        sets.push(set);
    }
    report.or(sets)
}

/// Returns whether there can be an Application of the addon: not where AWS manages it on every minor.
pub fn has_application(addon: &Addon, fleet: &Fleet) -> bool {
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
