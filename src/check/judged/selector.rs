//! Generators of sets by hand that select no cluster.

use serde_json::Value;

use crate::argocd::intake::SetDocument;
use crate::argocd::{ClusterSecret, place};
use crate::check::emitted::EmittedManagement;
use crate::diagnostic::nearest;
use crate::location::Location;
use crate::spec::selector::Selector;

/// A generator that selects no cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmatched {
    /// The set.
    pub set: String,
    /// Where the generator is: `spec.generators[0].clusters`.
    pub path: String,
    /// Where that stands.
    pub place: Location,
    /// What there is instead of what was asked for.
    pub hint: Option<String>,
}

/// Returns the cluster generators that select none of the clusters; those whose selector is filled by another generator
/// are passed over.
pub fn unmatched(sets: &[SetDocument], management: &EmittedManagement<'_, '_>) -> Vec<Unmatched> {
    if sets.is_empty() {
        return Vec::new();
    }
    let secrets: Vec<ClusterSecret<'_>> =
        management.clusters.iter().filter_map(|(_, secret)| secret.seen()).collect();
    let mut unmatched = Vec::new();
    for set in sets {
        let mut selectors = Vec::new();
        add_selectors(set.body.get("spec").unwrap_or(&Value::Null), "spec", &mut selectors);
        for (path, selector) in selectors {
            if secrets.iter().any(|secret| selector.holds(|key| secret.label(key))) {
                continue;
            }
            let place = place::of_path(&set.root, &path).unwrap_or_else(|| set.location());
            let hint = hint(&selector, &secrets);
            unmatched.push(Unmatched { set: set.name.clone(), path, place, hint });
        }
    }
    unmatched
}

/// Adds the selectors of cluster generators beneath a value that holds `generators`.
fn add_selectors(value: &Value, path: &str, selectors: &mut Vec<(String, Selector)>) {
    let entries = value.get("generators").and_then(Value::as_array);
    for (index, entry) in entries.into_iter().flatten().enumerate() {
        let path = format!("{path}.generators[{index}]");
        if let Some(selector) = entry.get("clusters").and_then(|generator| read(generator.get("selector")?)) {
            selectors.push((format!("{path}.clusters"), selector));
        }
        for outer in ["matrix", "merge"] {
            if let Some(inner) = entry.get(outer) {
                add_selectors(inner, &format!("{path}.{outer}"), selectors);
            }
        }
    }
}

/// Reads a selector; `None` where it selects everything, is malformed, or is filled in by another generator.
fn read(selector: &Value) -> Option<Selector> {
    if selector.to_string().contains("{{") {
        return None;
    }
    let selector: Selector = serde_json::from_value(selector.clone()).ok()?;
    let is_empty = selector.match_labels.is_empty() && selector.match_expressions.is_empty();
    (!is_empty).then_some(selector)
}

/// Says what is near to a label that no cluster has.
fn hint(selector: &Selector, secrets: &[ClusterSecret<'_>]) -> Option<String> {
    let keys = || secrets.iter().flat_map(ClusterSecret::label_keys);
    selector.match_labels.iter().find_map(|(key, value)| {
        let values = || secrets.iter().filter_map(|secret| secret.label(key));
        if values().any(|other| other == value) {
            return None;
        }
        if values().next().is_none() {
            let near = nearest(key, keys());
            let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return Some(format!("no cluster Secret has the label `{key}`{near}"));
        }
        let mut known: Vec<&str> = values().collect();
        known.sort_unstable();
        known.dedup();
        let shown: Vec<String> = known.iter().take(5).map(|value| format!("`{value}`")).collect();
        let more = known.len().saturating_sub(shown.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        Some(format!("`{key}` is {}{more} on the cluster Secrets, never `{value}`", shown.join(", ")))
    })
}
