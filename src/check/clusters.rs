//! Findings that many clusters inherit from one place are reported once.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use rayon::prelude::*;

use super::{Specs, place};
use crate::diagnostic::{Diagnostic, Report};
use crate::location::Location;
use crate::spec::cluster::Cluster;

/// What makes findings of several clusters one: place, message, and the waiver that the cluster has.
type Key = (Option<Location>, String, Option<Location>);

/// How the last related place of a finding about a cluster's objects begins.
pub const RENDERED_FOR: &str = "rendered for ";

/// Tells findings about the objects of many clusters once, where they are the same but for the cluster: what is wrong in a
/// template is wrong for all that are made from it. Only what no waiver lets stand may come here.
pub fn folded(report: Report) -> Report {
    let mut kept: Vec<(Diagnostic, usize)> = Vec::new();
    let mut known: BTreeMap<_, usize> = BTreeMap::new();
    for finding in report.diagnostics {
        let is_rendered = finding.related.last().is_some_and(|(_, what)| what.starts_with(RENDERED_FOR));
        if !is_rendered {
            kept.push((finding, 0));
            continue;
        }
        let key = (finding.rule, finding.location, finding.message.clone(), finding.label.clone());
        match known.entry(key) {
            Entry::Occupied(first) => kept[*first.get()].1 += 1,
            Entry::Vacant(new) => {
                new.insert(kept.len());
                kept.push((finding, 0));
            }
        }
    }
    let told = kept.into_iter().map(|(mut finding, more)| {
        if let Some((_, what)) = finding.related.last_mut().filter(|_| more > 0) {
            what.push_str(&format!(" and {more} more"));
        }
        finding
    });
    Report { diagnostics: told.collect() }
}

/// Looks at every cluster with `check`, whose messages do not name the cluster. A finding that stands in the
/// cluster's own file is reported as it is; one that stands in defaults is reported once, with the first of the
/// clusters that have it and their number; clusters that let it stand are told apart from those that do not.
pub fn each(
    specs: &Specs<'_>,
    report: &mut Report,
    check: impl Fn(&Cluster) -> Vec<Diagnostic> + Send + Sync,
) {
    let clusters = &specs.catalog.clusters;
    let found: Vec<Vec<Diagnostic>> = clusters.par_iter().map(check).collect();
    let mut inherited: BTreeMap<Key, (Diagnostic, &Cluster, usize)> = BTreeMap::new();
    for (cluster, findings) in clusters.iter().zip(found) {
        for finding in findings {
            if finding.location.is_some_and(|at| at.file == cluster.document.location.file) {
                report.push(finding);
                continue;
            }
            let waiver = specs.waivers.of(finding.rule, cluster);
            match inherited.entry((finding.location, finding.message.clone(), waiver)) {
                Entry::Occupied(mut known) => known.get_mut().2 += 1,
                Entry::Vacant(new) => _ = new.insert((finding, cluster, 1)),
            }
        }
    }
    for (finding, cluster, count) in inherited.into_values() {
        let whose = match count {
            1 => format!("inherited by `{}`", cluster.identity()),
            _ => format!("inherited by `{}` and {} more", cluster.identity(), count - 1),
        };
        report.push(finding.related(place::cluster(cluster), whose));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::location::FileId;

    #[test]
    fn what_is_the_same_for_many_clusters_is_told_once() {
        let of = |message: &str, cluster: &str| {
            let at = Location::start_of(FileId(0));
            Diagnostic::error("a", at, message)
                .related(at, "more")
                .related(at, format!("rendered for `{cluster}`"))
        };
        let alone = Diagnostic::error("a", Location::start_of(FileId(0)), "same");
        let diagnostics =
            vec![of("same", "a"), of("other", "a"), of("same", "b"), alone.clone(), alone, of("same", "c")];
        let told: Vec<String> = folded(Report { diagnostics })
            .diagnostics
            .iter()
            .map(|one| format!("{}: {}", one.message, one.related.last().map_or("", |(_, what)| what)))
            .collect();
        assert_eq!(
            told,
            ["same: rendered for `a` and 2 more", "other: rendered for `a`", "same: ", "same: "]
        );
    }
}
