//! Companion objects belong to one cluster.

use crate::check::collision::collisions;
use crate::check::companion::Companion;
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::cluster::Cluster;

/// Companion objects belong to one cluster.
pub const RULE: Rule = Rule {
    id: "companion-twice",
    severity: Severity::Error,
    page: Page {
        summary: "no two clusters of a management cluster have one companion object",
        why: "Every cluster's folder is read by an Application of its own, and an object that two Applications hold is \
              changed back and forth, and deleted with either. The clusters of a tenant share a namespace, so that an \
              object in the defaults of a folder is the same for all of them.",
        wrong: "# clusters/_defaults.yaml\nspec:\n  objects: [{apiVersion: v1, kind: ConfigMap, metadata: {name: motd}}]\n\
                # clusters/db.yaml\nspec:\n  paused: false\n",
        right: "# clusters/web.yaml\nspec:\n  objects: [{apiVersion: v1, kind: ConfigMap, metadata: {name: motd-web}}]\n\
                # clusters/db.yaml\nspec:\n  objects: [{apiVersion: v1, kind: ConfigMap, metadata: {name: motd-db}}]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    let of_cluster = |cluster| Companion::of(cluster).map(move |object| (cluster, object));
    let all = specs.catalog.clusters.iter().flat_map(of_cluster);
    let keyed = all.map(|(cluster, object): (&Cluster, Companion<'_>)| {
        ((&cluster.management, object.group, object.kind, object.namespace, object.name), (cluster, object))
    });
    for ((cluster, object), (other, same)) in collisions(keyed.collect()) {
        let message = match std::ptr::eq(cluster, other) {
            true => format!("`{}` has the {} `{}` twice", other.identity(), object.kind, object.name),
            false => format!(
                "`{}` and `{}` both have the {} `{}`",
                cluster.identity(),
                other.identity(),
                object.kind,
                object.name
            ),
        };
        let at = place::at(same.node, "/metadata/name");
        let finding = RULE.finding(at, message);
        let first = place::at(object.node, "/metadata/name");
        // An object of defaults stands in one place; then the clusters are what differs.
        let related = if first == at { place::cluster(cluster) } else { first };
        report.push(
            finding
                .related(related, format!("that of `{}`", cluster.identity()))
                .related(place::cluster(other), "the other cluster"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn tenants_have_namespaces_of_their_own_but_share_what_lies_in_none() {
        let clusters = |kind: &str| {
            format!(
                "# clusters/_defaults.yaml\nspec: {{objects: [{{apiVersion: v1, kind: {kind}, metadata: {{name: a}}}}]}}\n# clusters/db.yaml\nspec: {{project: green}}\n"
            )
        };
        assert!(findings(&RULE, &clusters("ConfigMap")).is_empty());
        assert_eq!(findings(&RULE, &clusters("ClusterRole")).len(), 1);
    }
}
