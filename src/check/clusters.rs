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
