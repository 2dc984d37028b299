//! Argo CD can tell clusters apart by their names.

use crate::check::collision::collisions;
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::emit::look_up::normalized;
use crate::spec::cluster::Cluster;

/// Argo CD can tell clusters apart by their names.
pub const RULE: Rule = Rule {
    id: "display-name-collision",
    severity: Severity::Error,
    page: Page {
        summary: "Argo CD shows every cluster by a name of its own",
        why: "Applications go to a cluster by the name that Argo CD shows, and are called `<addon>-<name>`: in lower \
              case, with `-` for what a name cannot hold. Of two clusters with one name Argo CD syncs neither. \
              `in-cluster` is the management cluster itself.",
        wrong: "# fleet.yaml\nspec:\n  management: [{name: management, argocd: {clusterName: \"{name}\"}}]\n\
                # clusters/green/web.yaml\nspec:\n  project: green\n",
        right: "# fleet.yaml\nspec:\n  management: [{name: management, argocd: {clusterName: \"{project}-{name}\"}}]\n\
                # clusters/green/web.yaml\nspec:\n  project: green\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    let shown = |cluster: &Cluster| {
        let management = specs.catalog.fleet.management(cluster.management.as_str());
        management.map(|management| normalized(&management.cluster_name(&cluster.project, &cluster.name)))
    };
    let named = specs
        .catalog
        .clusters
        .iter()
        .filter_map(|cluster| Some(((&cluster.management, shown(cluster)?), cluster)));
    let named: Vec<_> = named.collect();
    for ((management, name), cluster) in &named {
        if name == "in-cluster" || name.is_empty() {
            let message = format!("Argo CD would show `{}` as `{name}`", cluster.identity());
            let finding = RULE.finding(place::cluster(cluster), message);
            report.push(finding.label(format!("that is the management cluster `{management}` itself")));
        }
    }
    for (first, later) in collisions(named) {
        if first.identity() == later.identity() {
            continue;
        }
        let name = shown(later).unwrap_or_default();
        let message =
            format!("Argo CD would show `{}` and `{}` as `{name}`", first.identity(), later.identity());
        let finding =
            RULE.finding(place::cluster(later), message).related(place::cluster(first), "the other cluster");
        report
            .push(finding.hint("`argocd.clusterName` of the management cluster says how clusters are shown"));
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn names_that_differ_in_what_is_normalised_are_the_same() {
        let fleet = |pattern: &str| {
            format!(
                "# fleet.yaml\nspec: {{management: [{{name: management, argocd: {{clusterName: \"{pattern}\"}}}}]}}\n"
            )
        };
        let clusters = "# clusters/green/web.yaml\nspec: {project: green}\n# tenants/green-web.yaml\n{}\n# clusters/x.yaml\nspec: {project: green-web}\n# clusters/web-x.yaml\nspec: {project: green}\n";
        assert_eq!(findings(&RULE, &format!("{}{clusters}", fleet("{project}_{name}"))).len(), 1);
        assert!(findings(&RULE, &format!("{}{clusters}", fleet("{project}.{name}"))).is_empty());
    }

    #[test]
    fn no_cluster_is_the_management_cluster_itself() {
        let fleet =
            "# fleet.yaml\nspec: {management: [{name: management, argocd: {clusterName: \"{name}\"}}]}\n";
        assert_eq!(findings(&RULE, &format!("{fleet}# clusters/in-cluster.yaml\n{{}}\n")).len(), 1);
    }
}
