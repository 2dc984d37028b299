//! Cluster API goes up by at most three minors, and never back.

use crate::check::management;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::version::Minor;

/// Cluster API goes up by at most three minors, and never back.
pub const RULE: Rule = Rule {
    id: "cluster-api-step",
    severity: Severity::Error,
    page: Page {
        summary: "Cluster API goes up by at most three minors at a time, and never back",
        why: "Cluster API is tested to be upgraded from the three minors before it, and not to go back: what is stored in \
              a newer API version cannot be read by the older one. `check` compares with the trunk, or with `--base REV`.",
        wrong: "# fleet.yaml\nspec:\n  management: [{name: management, clusterApi: {version: \"1.13\"}}]\n",
        right: "# fleet.yaml\nspec:\n  management: [{name: management, clusterApi: {version: \"1.15\"}}]\n",
    },
    check: Check::World(check),
};

/// How many minors at a time Cluster API is upgraded by (its book, "Cluster API upgrade").
const MOST: u16 = 3;

fn check(specs: &Specs<'_>, report: &mut Report) {
    let Some(former) = specs.former else { return };
    for one in &specs.catalog.fleet.spec.management {
        let Some(before) = former.cluster_api(one.name.as_str()) else { continue };
        let (from, to) = (before.version, one.cluster_api.version);
        let (what, hint) = if to < from {
            ("go back", format!("stay at {from}"))
        } else if to.minor > from.minor.saturating_add(MOST) {
            let next = Minor { minor: from.minor.saturating_add(MOST), ..from };
            ("go up by more than three minors", format!("go to {next} first"))
        } else {
            continue;
        };
        let message = format!("the Cluster API of `{}` would {what}, from {from} to {to}", one.name);
        let finding = RULE.finding(management::cluster_api(specs, &one.name, "version"), message);
        report.push(
            finding.label(format!("was {from}")).related(before.place, "the version before").hint(hint),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn three_minors_at_once_are_the_most() {
        for (version, wrong) in [("1.13", true), ("1.14", false), ("1.17", false), ("1.18", true)] {
            let fleet = format!(
                "# fleet.yaml\nspec: {{management: [{{name: management, clusterApi: {{version: \"{version}\"}}}}]}}\n"
            );
            assert_eq!(!findings(&RULE, &fleet).is_empty(), wrong, "{version}");
        }
    }
}
