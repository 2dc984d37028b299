//! Whether the addons of one cluster go together.

use std::collections::BTreeMap;

use super::{ExpandedCluster, Installed};
use crate::diagnostic::{Diagnostic, Report};
use crate::location::Location;
use crate::spec::addon::{Addon, Placement};
use crate::spec::name::Name;
use crate::spec::release::Release;

/// A disagreement, and the clusters that have it: the first one, and how many there are.
type Found<'a> =
    BTreeMap<(Option<&'a Release>, &'a Name, String), (Diagnostic, &'a ExpandedCluster<'a>, usize)>;

/// The most addons that a hint names.
const SHOWN: usize = 5;

/// Reports singletons provided twice, requirements that are not met, conflicts, and namespaces whose labels two
/// addons set differently. A disagreement that many clusters have is reported once.
pub(super) fn check(clusters: &[ExpandedCluster<'_>], report: &mut Report) {
    let mut found: Found<'_> = BTreeMap::new();
    for cluster in clusters {
        let own = cluster.addons.iter().flat_map(|installed| {
            let disagreements = disagreements(cluster, installed).into_iter();
            disagreements.map(|diagnostic| (&installed.addon.name, diagnostic))
        });
        for (addon, diagnostic) in unmet(cluster).into_iter().chain(own) {
            let key = (cluster.cluster.release.as_ref(), addon, diagnostic.message.clone());
            found.entry(key).and_modify(|(.., count)| *count += 1).or_insert((diagnostic, cluster, 1));
        }
    }
    for (diagnostic, cluster, count) in found.into_values() {
        let others = match count {
            1 => format!("on `{}`", cluster.cluster.identity()),
            _ => format!("on `{}` and {} more", cluster.cluster.identity(), count - 1),
        };
        let place =
            cluster.cluster.document.at("/metadata/name").unwrap_or(&cluster.cluster.document).location;
        report.push(diagnostic.related(place, others));
    }
}

fn disagreements(cluster: &ExpandedCluster<'_>, installed: &Installed<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let addon = installed.addon;
    for (index, unwanted) in addon.spec.conflicts.iter().enumerate() {
        let others = cluster.addons.iter().filter(|other| other.addon.name != addon.name);
        for other in others.filter(|other| offers(other.addon, unwanted)) {
            let message = format!("`{}` conflicts with `{}`, which is on", addon.name, other.addon.name);
            let finding = Diagnostic::error("addon-conflict", item(addon, "conflicts", index), message);
            found.push(
                finding.related(name_of(other.addon), "the other addon").hint(one_off(addon, other.addon)),
            );
        }
    }
    let before = cluster.addons.iter().take_while(|other| other.addon.name != addon.name);
    for other in before {
        found.extend(provided_twice(addon, other.addon));
        found.extend(labels_differ(addon, other.addon));
    }
    found
}

/// Returns whether an addon is `wanted`, or provides it.
fn offers(addon: &Addon, wanted: &Name) -> bool {
    addon.name == *wanted || addon.spec.provides.contains(wanted)
}

/// Returns each requirement of a cluster's addons that is not met, once, with the first addon that has it: a cluster without
/// a network lacks one thing, whatever needs it.
fn unmet<'a>(cluster: &ExpandedCluster<'a>) -> Vec<(&'a Name, Diagnostic)> {
    let mut unmet: BTreeMap<&Name, Vec<(&'a Addon, usize)>> = BTreeMap::new();
    for addon in cluster.addons.iter().map(|installed| installed.addon) {
        for (index, wanted) in addon.spec.requires.iter().enumerate() {
            if !cluster.addons.iter().any(|other| offers(other.addon, wanted)) {
                unmet.entry(wanted).or_default().push((addon, index));
            }
        }
    }
    let finding = |(wanted, by): (&Name, Vec<(&'a Addon, usize)>)| {
        let &(first, index) = by.first()?;
        let message = match by.len() {
            1 => format!("`{}` requires `{wanted}`, which is not on", first.name),
            more => format!("`{}` and {} more require `{wanted}`, which is not on", first.name, more - 1),
        };
        let finding = Diagnostic::error("requires-unmet", item(first, "requires", index), message);
        let names: Vec<&Name> = by.iter().map(|(addon, _)| &addon.name).collect();
        Some((&first.name, finding.hint(how_to_meet(cluster, &names, wanted))))
    };
    unmet.into_iter().filter_map(finding).collect()
}

/// Says what would meet a requirement that addons have on a cluster.
fn how_to_meet(cluster: &ExpandedCluster<'_>, addons: &[&Name], wanted: &Name) -> String {
    let on = cluster.cluster;
    let fits = |other: &&Addon| other.runs_on(on.minor()) && other.runs_with(&on.provider);
    let offering = cluster.content.addons.values().filter(|other| offers(other, wanted)).filter(fits);
    let quoted = |name: &Name| format!("`{name}`");
    let offering: Vec<String> = offering.map(|other| quoted(&other.name)).collect();
    let mut addons: Vec<String> = addons.iter().map(|name| quoted(name)).collect();
    let all = addons.len();
    if all > SHOWN {
        addons.truncate(SHOWN - 1);
        addons.push(format!("{} more", all - addons.len()));
    }
    let addons = addons.join(", ");
    match offering.is_empty() {
        true => format!("nothing that runs there offers `{wanted}`: switch off what requires it: {addons}"),
        false => {
            format!("switch {} on there, or switch off what requires it: {addons}", offering.join(" or "))
        }
    }
}

/// Says how two addons that are on together are parted.
fn one_off(addon: &Addon, other: &Addon) -> String {
    format!(
        "switch one off there: `addons: {{{}: false}}` or `addons: {{{}: false}}`",
        other.name, addon.name
    )
}

/// Returns where an addon says its name.
fn name_of(addon: &Addon) -> Location {
    addon.document.at("/metadata/name").unwrap_or(&addon.document).location
}

fn provided_twice(addon: &Addon, other: &Addon) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (index, singleton) in addon.spec.provides.iter().enumerate() {
        if let Some(position) = other.spec.provides.iter().position(|provided| provided == singleton) {
            let message = format!("`{}` and `{}` both provide `{singleton}`", other.name, addon.name);
            let diagnostic = Diagnostic::error("provided-twice", item(addon, "provides", index), message);
            let diagnostic = diagnostic.related(item(other, "provides", position), "here too");
            found.push(diagnostic.hint(one_off(addon, other)));
        }
    }
    found
}

/// Two Applications that make one namespace would change its labels back and forth.
fn labels_differ(addon: &Addon, other: &Addon) -> Option<Diagnostic> {
    let makes_namespace = |addon: &Addon| {
        addon.spec.placement == Placement::Workload
            && addon.spec.sync.create_namespace
            && !addon.spec.sync.namespace_labels.is_empty()
    };
    let same_namespace = addon.spec.namespace == other.spec.namespace;
    let both_make_it = makes_namespace(addon) && makes_namespace(other);
    if !same_namespace
        || !both_make_it
        || addon.spec.sync.namespace_labels == other.spec.sync.namespace_labels
    {
        return None;
    }
    let place = |addon: &Addon| {
        addon.document.at("/spec/sync/namespaceLabels").map_or(addon.document.location, |node| node.location)
    };
    let message = format!(
        "`{}` and `{}` label the namespace `{}` differently",
        other.name, addon.name, addon.spec.namespace
    );
    Some(
        Diagnostic::error("namespace-labels", place(addon), message)
            .related(place(other), "the other labels"),
    )
}

fn item(addon: &Addon, field: &str, index: usize) -> Location {
    let node = addon.document.at(&format!("/spec/{field}/{index}"));
    node.map_or(addon.document.location, |node| node.location)
}
