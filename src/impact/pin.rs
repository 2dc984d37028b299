//! Clusters that are pinned to another release: which addons and templates differ between the two.
//!
//! What that comes to on the cluster is told where it happens; this says what else came along.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::field::differences;
use super::object::text;
use super::pair::Pair;
use super::side::Side;
use super::single::{Reason, Single};
use super::{Class, ClusterId};
use crate::spec::Content;
use crate::spec::addon::Addon;
use crate::spec::cluster::Cluster;
use crate::spec::version::Minor;
use crate::tree::RepoPath;

/// How many names are told.
const MOST: usize = 12;

/// Returns the first reason of a cluster Secret's change that says to which release the cluster is pinned now.
pub fn pinned_instead(head: &str, base: &str) -> String {
    format!("it is pinned to {head} instead of {base}")
}

/// Returns that a cluster is pinned to another release, or to one at all; `secret` is its cluster Secret.
pub fn change(
    (management, id): (&str, &ClusterId),
    secret: Pair<Option<&Value>>,
    sides: Pair<&Side>,
) -> Option<Single> {
    let (base, head) = (secret.base?, secret.head?);
    let pointer = |side: &Side| format!("/metadata/labels/{}~1version", side.catalog.fleet.spec.label_domain);
    let revisions = Pair::new(text(base, &pointer(sides.base)), text(head, &pointer(sides.head)));
    if revisions.is_same() || revisions.base.is_empty() || revisions.head.is_empty() {
        return None;
    }
    let is_trunk = |side: &Side, revision: &str| side.catalog.fleet.spec.repository.trunk == revision;
    let what = match (is_trunk(sides.base, revisions.base), is_trunk(sides.head, revisions.head)) {
        // Trunk is called something else.
        (true, true) => return None,
        (false, false) => pinned_instead(revisions.head, revisions.base),
        (true, false) => format!("it is pinned to {}, and no longer follows trunk", revisions.head),
        (false, true) => format!("it follows trunk, and is no longer pinned to {}", revisions.base),
    };
    let name = text(head, "/metadata/name");
    let mut single = Single::new(Class::Upgrades, "Secret", management, name);
    single.namespace = Some(text(head, "/metadata/namespace").to_owned());
    single.cluster = Some(id.clone());
    single.reasons.push(Reason::new(what));
    let field = differences(base, head).into_iter().find(|field| field.path == pointer(sides.head));
    single.fields.extend(field);
    let declared = Pair::new(declared(sides.base, id), declared(sides.head, id));
    let (Some(before), Some(after)) = (declared.base, declared.head) else { return Some(single) };
    let clusters = Pair::new(before, after);
    let contents = Pair::new(sides.base.catalog.content(before), sides.head.catalog.content(after));
    let on = Pair::new(enabled(base, sides.base), enabled(head, sides.head));
    let addons = addons(contents, &on, clusters);
    let templates = templates(contents, clusters);
    if addons.is_empty() && templates.is_empty() {
        single.class = Class::Cosmetic;
        single.reasons.push(Reason::new("neither its addons nor its templates differ between the two"));
    }
    for (what, names) in [("addons", addons), ("templates", templates)] {
        if !names.is_empty() {
            single.reasons.push(Reason::new(format!("{what} that differ: {}", listed(&names))));
        }
    }
    Some(single)
}

/// Returns a cluster as a side declares it.
pub fn declared<'s>(side: &'s Side, id: &ClusterId) -> Option<&'s Cluster> {
    let clusters = &side.catalog.clusters;
    let order = |cluster: &Cluster| {
        (cluster.project.as_str(), cluster.name.as_str()).cmp(&(id.project.as_str(), id.name.as_str()))
    };
    clusters.binary_search_by(order).ok().map(|index| &clusters[index])
}

/// Returns the addons that are on by a Secret's labels.
fn enabled(secret: &Value, side: &Side) -> BTreeSet<String> {
    let prefix = format!("addons.{}/", side.catalog.fleet.spec.label_domain);
    let labels = secret.pointer("/metadata/labels").and_then(Value::as_object).into_iter().flatten();
    let on = labels.filter(|(_, value)| matches!(value.as_str(), Some("true" | "eks")));
    on.filter_map(|(key, _)| key.strip_prefix(prefix.as_str()).map(str::to_owned)).collect()
}

/// Returns the addons of the cluster whose files differ, each with its versions where these do.
fn addons(contents: Pair<&Content>, on: &Pair<BTreeSet<String>>, clusters: Pair<&Cluster>) -> Vec<String> {
    let mut names = Vec::new();
    for name in on.base.union(&on.head) {
        let addon = contents.map(|content| content.addons.get(name.as_str()));
        let folder = format!("addons/{name}");
        let is_same = || contents.base.files.beneath(&folder).eq(contents.head.files.beneath(&folder));
        match (addon.base, addon.head) {
            (Some(_), Some(_)) if is_same() => {}
            (Some(base), Some(head)) => {
                let versions = (version(base, clusters.base.minor()), version(head, clusters.head.minor()));
                names.push(match versions {
                    (Some(from), Some(to)) if from != to => format!("{name} {from} → {to}"),
                    (_, _) => name.clone(),
                });
            }
            (None, _) => names.push(format!("{name} (new)")),
            (_, None) => names.push(format!("{name} (gone)")),
        }
    }
    names
}

/// Returns the templates of the cluster's provider that differ, its schema and impact table among them.
fn templates(contents: Pair<&Content>, clusters: Pair<&Cluster>) -> Vec<String> {
    let folders = clusters.map(|cluster| format!("templates/{}", cluster.provider));
    let base: BTreeMap<_, _> = contents.base.files.beneath(&folders.base).collect();
    let head: BTreeMap<_, _> = contents.head.files.beneath(&folders.head).collect();
    let paths: BTreeSet<&RepoPath> = base.keys().chain(head.keys()).copied().collect();
    let differing = paths.into_iter().filter(|path| base.get(*path) != head.get(*path));
    differing.map(|path| path.as_str().trim_start_matches("templates/").to_owned()).collect()
}

fn version(addon: &Addon, minor: Minor) -> Option<String> {
    addon.source(minor).ok()?.version().map(str::to_owned)
}

fn listed(names: &[String]) -> String {
    let told = names.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST) {
        0 => told,
        more => format!("{told} and {more} more"),
    }
}
