//! Pools of one tenant have names of their own.

use std::collections::BTreeSet;

use crate::check::collision::collisions;
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::cluster::Cluster;
use crate::spec::name::Name;

/// Pools of one tenant have names of their own.
pub const RULE: Rule = Rule {
    id: "pool-name-collision",
    severity: Severity::Error,
    page: Page {
        summary: "no two pools of a tenant's clusters make one `<cluster>-<pool>`",
        why: "The clusters of a tenant share a namespace on the management cluster. Pool `a-b` of a cluster `web` and \
              pool `b` of a cluster `web-a` would be one MachineDeployment, which two Applications change back and \
              forth. `<cluster>-control-plane` is the control plane's.",
        wrong: "# clusters/web.yaml\nspec:\n  nodePools: [{name: a-b}]\n# clusters/web-a.yaml\nspec:\n  nodePools: [{name: b}]\n",
        right: "# clusters/web.yaml\nspec:\n  nodePools: [{name: a-b}]\n# clusters/web-a.yaml\nspec:\n  nodePools: [{name: c}]\n",
    },
    check: Check::Specs(check),
};

/// A pool or the control plane of a cluster, by the places they have among all.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Part<'a> {
    cluster: usize,
    /// The pool and its name; `None` for the control plane.
    pool: Option<(usize, &'a str)>,
}

/// A name in one namespace of one management cluster.
type Derived<'a> = (&'a Name, &'a Name, String);

fn check(specs: &Specs<'_>, report: &mut Report) {
    let clusters = &specs.catalog.clusters;
    let mut deployments = Vec::new();
    let mut once = Vec::new();
    for (index, cluster) in clusters.iter().enumerate() {
        let derived = |name: String| -> Derived<'_> { (&cluster.management, &cluster.project, name) };
        once.push((derived(format!("{}-control-plane", cluster.name)), Part { cluster: index, pool: None }));
        for (number, (name, pool)) in place::pools(cluster).enumerate() {
            let part = Part { cluster: index, pool: Some((number, name)) };
            // Its templates and its MachineHealthCheck are there once, its MachineDeployment once per zone.
            once.push((derived(format!("{}-{name}", cluster.name)), part));
            let names = specs.machine_names(cluster, pool).into_iter();
            deployments.extend(names.map(|name| (derived(name), part)));
        }
    }
    let found: BTreeSet<_> = collisions(once).into_iter().chain(collisions(deployments)).collect();
    for (first, later) in found.into_iter().filter(|(first, later)| !is_pool_twice(first, later)) {
        let message = match first == later {
            true => format!("two zones of {} make one name", describe(clusters, later)),
            false => {
                format!("{} has the same name as {}", describe(clusters, later), describe(clusters, first))
            }
        };
        let finding = RULE.finding(place::cluster(&clusters[later.cluster]), message);
        report.push(match first.cluster == later.cluster {
            true => finding,
            false => finding.related(place::cluster(&clusters[first.cluster]), "the other cluster"),
        });
    }
}

/// Returns whether one cluster calls two pools alike, which is a finding of another rule.
fn is_pool_twice(first: &Part<'_>, later: &Part<'_>) -> bool {
    let name = |part: &Part<'_>| part.pool.map(|(_, name)| name.to_owned());
    first != later && first.cluster == later.cluster && name(first) == name(later)
}

fn describe(clusters: &[Cluster], part: Part<'_>) -> String {
    let cluster = &clusters[part.cluster].name;
    match part.pool {
        Some((_, pool)) => format!("the pool `{pool}` of `{cluster}`"),
        None => format!("the control plane of `{cluster}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    fn pools(files: &[(&str, &str)]) -> Vec<String> {
        let file = |(name, pools): &(&str, &str)| {
            format!("# clusters/{name}.yaml\nspec: {{nodePools: [{pools}]}}\n")
        };
        findings(&RULE, &files.iter().map(file).collect::<String>())
    }

    #[test]
    fn both_clusters_are_named_once() {
        assert_eq!(
            pools(&[("web", "{name: a-b}"), ("web-a", "{name: b}")]),
            [
                "clusters/web-a.yaml `web-a`: the pool `b` of `web-a` has the same name as the pool `a-b` of `web`; \
              clusters/web.yaml `web`: the other cluster"
            ]
        );
    }

    #[test]
    fn a_zone_can_make_a_name_that_another_pool_has() {
        assert_eq!(pools(&[("web", "{name: a, zones: [b, c]}, {name: a-c}")]).len(), 1);
        assert_eq!(pools(&[("web", "{name: a, zones: [z.1, z-1]}")]).len(), 1);
        assert!(pools(&[("web", "{name: a, zones: [b]}, {name: a-b}")]).is_empty());
    }

    #[test]
    fn the_control_plane_has_a_name_like_a_pools() {
        assert_eq!(pools(&[("web", "{name: control-plane}")]).len(), 1);
        assert_eq!(pools(&[("web", "{name: a-control-plane}"), ("web-a", "{name: b}")]).len(), 1);
    }

    #[test]
    fn tenants_have_namespaces_of_their_own_and_two_pools_of_one_name_are_another_matter() {
        let green = "# clusters/web-a.yaml\nspec: {project: green, nodePools: [{name: b}]}\n";
        let blue = "# clusters/web.yaml\nspec: {nodePools: [{name: a-b}]}\n";
        assert!(findings(&RULE, &format!("{green}{blue}")).is_empty());
        assert!(pools(&[("web", "{name: a}, {name: a}")]).is_empty());
    }
}
