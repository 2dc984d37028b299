//! A cluster's pools have names of their own.

use std::collections::BTreeMap;

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::yaml::Node;

/// A cluster's pools have names of their own.
pub const RULE: Rule = Rule {
    id: "pool-twice",
    severity: Severity::Error,
    page: Page {
        summary: "every pool of a cluster has a name of its own",
        why: "The name of a pool is part of the names of its machines, and what the pools of defaults merge by: of two \
              with one name, one would be lost.",
        wrong: "# clusters/web.yaml\nspec:\n  nodePools: [{name: default, replicas: 3}, {name: default, replicas: 5}]\n",
        right: "# clusters/web.yaml\nspec:\n  nodePools: [{name: default, replicas: 3}, {name: large, replicas: 5}]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    for cluster in &specs.catalog.clusters {
        // Merging keeps one of two pools that one file names alike, so that the file itself has to be looked at.
        let written =
            cluster.document.get("spec").map(|spec| place::items(spec, "nodePools")).unwrap_or_default();
        let merged = place::items(&cluster.spec, "nodePools");
        for pools in [written, merged] {
            let mut first: BTreeMap<&str, &Node> = BTreeMap::new();
            for name in pools.iter().filter_map(|pool| pool.get("name")) {
                let Some(text) = name.as_str() else { continue };
                if let Some(first) = first.insert(text, name) {
                    let message = format!("two pools are called `{text}`");
                    let finding = RULE.finding(name.location, message).label("the second");
                    report.push(finding.related(first.location, "the first"));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn pools_that_merging_would_make_one_are_found_in_the_file() {
        let defaults = "# clusters/_defaults.yaml\nspec: {nodePools: [{name: default}]}\n";
        let found = findings(
            &RULE,
            &format!(
                "{defaults}# clusters/web.yaml\nspec: {{nodePools: [{{name: default}}, {{name: default}}]}}\n"
            ),
        );
        assert_eq!(
            found,
            [
                "clusters/web.yaml `default`: two pools are called `default`; clusters/web.yaml `default`: the first"
            ]
        );
        assert!(findings(&RULE, defaults).is_empty());
    }
}
