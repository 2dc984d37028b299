//! Clusters run minors that the fleet supports.

use crate::check::clusters;
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::version::Minor;

/// Clusters run minors that the fleet supports.
pub const RULE: Rule = Rule {
    id: "minor-unsupported",
    severity: Severity::Error,
    page: Page {
        summary: "every cluster runs a minor that the fleet lists",
        why: "`minors` of the fleet are what addons are held against, and have a branch each. A cluster of another one \
              would get what nobody has looked at.",
        wrong: "# clusters/web.yaml\nspec:\n  kubernetes: v1.33.4\n",
        right: "# clusters/web.yaml\nspec:\n  kubernetes: v1.34.4\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    let fleet = &specs.catalog.fleet;
    clusters::each(specs, report, |cluster| {
        if fleet.spec.minors.contains(&cluster.minor()) {
            return Vec::new();
        }
        let supported: Vec<String> = fleet.spec.minors.iter().map(Minor::to_string).collect();
        let message = format!("the fleet does not support Kubernetes {}", cluster.minor());
        let finding = RULE.finding(place::at(&cluster.spec, "/kubernetes"), message);
        let minors = place::at(&fleet.document, "/spec/minors");
        vec![
            finding
                .label(format!("supported: {}", supported.join(", ")))
                .related(minors, "the minors it supports")
                .hint("bring the cluster to one of them, or add its minor to `minors`"),
        ]
    });
}
