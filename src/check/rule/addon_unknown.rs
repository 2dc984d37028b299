//! Clusters switch addons that there are.

use crate::check::clusters;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity, nearest};
use crate::spec::cluster::Cluster;
use crate::spec::name::Name;
use crate::spec::yaml::Node;

/// Clusters switch addons that there are.
pub const RULE: Rule = Rule {
    id: "addon-unknown",
    severity: Severity::Error,
    page: Page {
        summary: "every addon that a cluster names is declared",
        why: "An addon that is not declared can be neither on nor off; a name that is written wrongly would leave the \
              addon that was meant as it is.",
        wrong: "# clusters/web.yaml\nspec:\n  addons: {metric: true}\n",
        right: "# clusters/web.yaml\nspec:\n  addons: {metrics: true}\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    let addons = &specs.catalog.addons;
    clusters::each(specs, report, |cluster: &Cluster| {
        let named = cluster.spec.get("addons").and_then(Node::entries).unwrap_or_default().iter();
        let unknown = named.filter(|entry| !entry.value.is_null() && !addons.contains_key(&*entry.key));
        let finding = |entry: &crate::spec::yaml::Entry| {
            let finding = RULE.finding(entry.key_location, format!("no addon is called `{}`", entry.key));
            match nearest(&entry.key, addons.keys().map(Name::as_str)) {
                Some(near) => finding.label(format!("did you mean `{near}`?")),
                None => finding.hint("addons stand in `addons/<name>/addon.yaml`"),
            }
        };
        unknown.map(finding).collect()
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn defaults_of_two_clusters_are_reported_once() {
        let defaults = "# clusters/_defaults.yaml\nspec: {addons: {cillium: true}}\n# clusters/db.yaml\n{}\n";
        assert_eq!(
            findings(&RULE, defaults),
            ["clusters/_defaults.yaml `cillium`: no addon is called `cillium`; \
              clusters/db.yaml `db`: inherited by `blue/db` and 1 more"]
        );
    }
}
