//! A cluster is in one rollout step.

use std::collections::BTreeMap;

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};

/// A cluster is in one rollout step.
pub const RULE: Rule = Rule {
    id: "rollout-overlap",
    severity: Severity::Error,
    page: Page {
        summary: "no cluster can be in two steps of the rollout",
        why: "Argo CD lists an Application that two steps select in both, syncs it with the first, and warns in its log \
              alone. Two steps overlap where one set of labels can satisfy both: unless they ask different values of \
              one key.",
        wrong: "# fleet.yaml\nspec:\n  rollout: [{matchLabels: {tier: canary}}, {matchLabels: {region: eu}}]\n",
        right: "# fleet.yaml\nspec:\n  rollout: [{matchLabels: {tier: canary}}, {matchLabels: {tier: production, region: eu}}]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    let fleet = &specs.catalog.fleet;
    let rollout = fleet.document.at("/spec/rollout").unwrap_or(&fleet.document);
    let steps = rollout.items().unwrap_or_else(|| place::items(rollout, "steps"));
    let labels = fleet.rollout_steps().iter().map(|step| &step.match_labels);
    let steps: Vec<_> = steps.iter().zip(labels).collect();
    for (index, (step, labels)) in steps.iter().enumerate() {
        for (number, (earlier, others)) in steps[..index].iter().enumerate() {
            if !compatible(labels, others) {
                continue;
            }
            let message = format!("step {} and step {} can hold the same cluster", number + 1, index + 1);
            let finding = RULE.finding(step.location, message).label("no key is asked another value here");
            report.push(finding.related(earlier.location, format!("step {}", number + 1)));
        }
    }
}

/// Returns whether one set of labels can have all of both.
fn compatible(labels: &BTreeMap<String, String>, others: &BTreeMap<String, String>) -> bool {
    labels.iter().all(|(key, value)| others.get(key).is_none_or(|other| other == value))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn a_step_within_another_overlaps_it_in_the_long_form_too() {
        let found = findings(
            &RULE,
            "# fleet.yaml\nspec: {rollout: {steps: [{matchLabels: {a: x}}, {matchLabels: {a: w}}, {matchLabels: {a: x, b: z}}]}}\n",
        );
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("step 1 and step 3 can hold the same cluster"), "{found:?}");
    }

    #[test]
    fn steps_that_differ_in_one_of_several_keys_do_not_overlap() {
        let rollout = "[{matchLabels: {a: x, b: z}}, {matchLabels: {a: w, b: z}}]";
        assert!(findings(&RULE, &format!("# fleet.yaml\nspec: {{rollout: {rollout}}}\n")).is_empty());
    }
}
