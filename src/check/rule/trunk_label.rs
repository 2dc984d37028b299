//! Trunk's name fits into a label.

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::schema::is_label_value;

/// Trunk's name fits into a label.
pub const RULE: Rule = Rule {
    id: "trunk-label",
    severity: Severity::Error,
    page: Page {
        summary: "trunk's name is a label value where a cluster has no pin",
        why: "The cluster Secret of a cluster without a pin names trunk in the label `<domain>/version`: that is the \
              revision at which Argo CD reads what its addons contain.",
        wrong: "# fleet.yaml\nspec:\n  repository: {trunk: platform/main}\n",
        right: "# fleet.yaml\nspec:\n  repository: {trunk: platform-main}\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    let fleet = &specs.catalog.fleet;
    let trunk = &fleet.spec.repository.trunk;
    if !trunk.is_empty() && is_label_value(trunk) {
        return;
    }
    let mut clusters = specs.catalog.clusters.iter();
    let Some(unpinned) = clusters.find(|cluster| place::written(&cluster.spec, "release").is_none()) else {
        return;
    };
    let message = format!("`{trunk}` cannot be the value of the label `{}/version`", fleet.spec.label_domain);
    let finding = RULE.finding(place::at(&fleet.document, "/spec/repository/trunk"), message);
    report.push(
        finding
            .label("expected at most 63 letters, digits, `-`, `_` and `.`")
            .related(place::cluster(unpinned), format!("`{}` has no pin", unpinned.identity())),
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn a_fleet_whose_clusters_all_have_pins_may_call_trunk_what_it_likes() {
        let trunk = "# fleet.yaml\nspec: {repository: {trunk: platform/main}}\n";
        let pinned = "# clusters/web.yaml\nspec: {release: v1.35-ake.261121}\n";
        assert!(findings(&RULE, &format!("{trunk}{pinned}")).is_empty());
    }
}
