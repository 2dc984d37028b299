//! A source fits where the addon runs.

use crate::check::folder::content;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::location::Location;
use crate::spec::Catalog;
use crate::spec::addon::{Addon, Placement, Source};
use crate::spec::version::Minor;
use crate::spec::yaml::Node;

/// A source fits where the addon runs.
pub const RULE: Rule = Rule {
    id: "source-placement",
    severity: Severity::Error,
    page: Page {
        summary: "what a management addon is installed from differs for every cluster",
        why: "An addon on the management cluster is installed there once per workload cluster: N Applications must not \
              own one object. The name of a chart's release ends in that of the cluster, a kustomization gets a name \
              suffix, `*.yaml.j2` manifests are rendered per cluster; plain manifests are the same for all. What EKS \
              manages lives in the workload cluster itself.",
        wrong: "# addons/metrics/addon.yaml\nspec:\n  placement: management\n  source: {helm: null, manifests: {path: addons/metrics/manifests}}\n\
                # addons/metrics/manifests/service.yaml\nkind: Service\n",
        right: "# addons/metrics/addon.yaml\nspec:\n  placement: management\n  source: {helm: null, manifests: {path: addons/metrics/manifests}}\n\
                # addons/metrics/manifests/service.yaml.j2\nkind: Service\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    let management = |addon: &&Addon| addon.spec.placement == Placement::Management;
    for addon in specs.catalog.trunk.addons.values().filter(management) {
        for minor in specs.catalog.fleet.spec.minors.iter().filter(|minor| addon.runs_on(**minor)) {
            report.diagnostics.extend(check_source(specs.catalog, addon, *minor));
        }
    }
}

fn check_source(catalog: &Catalog, addon: &Addon, minor: Minor) -> Option<Diagnostic> {
    let node = addon.source_node(minor);
    let at =
        |pointer: &str| -> Location { node.at(pointer).map_or(node.location, |node: &Node| node.location) };
    match addon.source(minor).ok()? {
        Source::Helm(_) | Source::Kustomize { .. } | Source::Access => None,
        Source::Manifests { path } => {
            let content = content(&catalog.trunk.files, &path);
            let plain = content.plain_manifests().next()?;
            let message = format!("`{plain}` would be the same object for every cluster");
            let finding = RULE
                .finding(at("/manifests/path"), message)
                .label("a management addon's manifests are templates");
            Some(finding.hint(format!(
                "rename it to `{}.j2` and let what it makes be called after `cluster.name`",
                plain.file_name()
            )))
        }
        Source::Eks(_) => {
            let message =
                format!("`{}` is placed on the management cluster, where EKS manages nothing", addon.name);
            Some(RULE.finding(at("/eks"), message).hint("an addon of EKS has `placement: workload`"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn eks_manages_nothing_on_the_management_cluster() {
        let addon = "# addons/metrics/addon.yaml\nspec: {placement: management, source: {helm: null, eks: {addon: m1, version: v1}}}\n";
        assert_eq!(findings(&RULE, addon).len(), 1);
    }
}
