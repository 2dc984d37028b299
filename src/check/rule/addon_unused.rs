//! Every addon is on somewhere.

use std::collections::BTreeSet;

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::addon::LifecycleStatus;
use crate::spec::name::Name;

/// Every addon is on somewhere.
pub const RULE: Rule = Rule {
    id: "addon-unused",
    severity: Severity::Warning,
    page: Page {
        summary: "some cluster uses every addon that is neither deprecated nor retired",
        why: "What runs nowhere is tried nowhere, and is raised and reviewed all the same. Often a selector was meant to \
              match, or a cluster was meant to switch it on. A fleet that keeps addons for others to start from says so \
              with a waiver in `fleet.yaml`. Nothing is said of a tree without clusters.",
        wrong: "# addons/metrics/addon.yaml\nspec:\n  enable: {default: true, when: {matchLabels: {tier: produktion}}}\n",
        right: "# addons/metrics/addon.yaml\nspec:\n  enable: {default: true}\n",
    },
    check: Check::World(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    let clusters = specs.catalog.clusters.len();
    let installed = specs.expanded().flat_map(|on| &on.addons);
    let used: BTreeSet<&Name> = installed.map(|installed| &installed.addon.name).collect();
    // Where the addons of some cluster do not go together nothing is known.
    if specs.expanded().next().is_none() {
        return;
    }
    let fleet = place::name_of(&specs.catalog.fleet.document);
    for addon in specs.catalog.trunk.addons.values() {
        if used.contains(&addon.name) || addon.spec.lifecycle.status != LifecycleStatus::Active {
            continue;
        }
        let finding = RULE.finding(place::addon(addon), format!("no cluster uses `{}`", addon.name));
        let fleet_has = match clusters {
            1 => "the fleet has 1 cluster".to_owned(),
            count => format!("the fleet has {count} clusters"),
        };
        let name = &addon.name;
        report.push(finding.related(fleet, fleet_has).hint(match addon.spec.enable.default {
            true => {
                "see whether `enable.when`, `kubernetes` and `providers` are as they are meant".to_owned()
            }
            false => format!(
                "switch it on, by `enable` or a cluster's `addons: {{{name}: true}}`, or take it away"
            ),
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn a_cluster_that_switches_it_on_is_enough_and_one_that_has_gone_needs_none() {
        assert_eq!(
            findings(&RULE, ""),
            [
                "addons/metrics/addon.yaml `metrics`: no cluster uses `metrics`; fleet.yaml `ake`: the fleet has 1 cluster"
            ]
        );
        assert!(findings(&RULE, "# clusters/web.yaml\nspec: {addons: {metrics: true}}\n").is_empty());
        for status in ["deprecated", "retired"] {
            let addon = format!("# addons/metrics/addon.yaml\nspec: {{lifecycle: {{status: {status}}}}}\n");
            assert!(findings(&RULE, &addon).is_empty(), "{status}");
        }
    }
}
