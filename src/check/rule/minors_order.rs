//! The fleet's minors are in order, each once.

use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::version::Minor;
use crate::spec::yaml::Node;

/// The fleet's minors are in order, each once.
pub const RULE: Rule = Rule {
    id: "minors-order",
    severity: Severity::Error,
    page: Page {
        summary: "the fleet's minors stand in ascending order, each once",
        why: "The order of `minors` is the order of minor branches: picks go and releases are compared from the oldest \
              to the newest.",
        wrong: "# fleet.yaml\nspec:\n  minors: [\"1.35\", \"1.34\", \"1.36\"]\n",
        right: "# fleet.yaml\nspec:\n  minors: [\"1.34\", \"1.35\", \"1.36\"]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    let minors = specs.catalog.fleet.document.at("/spec/minors").and_then(Node::items).unwrap_or_default();
    let of = |node: &Node| node.as_str().and_then(|text| text.parse::<Minor>().ok());
    for pair in minors.windows(2) {
        let [Some(before), Some(after)] = [of(&pair[0]), of(&pair[1])] else { continue };
        if before >= after {
            let message = if before == after {
                format!("the minor `{after}` stands twice")
            } else {
                format!("the minor `{after}` stands after `{before}`")
            };
            let finding =
                RULE.finding(pair[1].location, message).label("expected the oldest first, each once");
            report.push(finding.related(pair[0].location, format!("`{before}` stands here")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn a_minor_that_stands_twice_is_named_at_both_places() {
        let found = findings(&RULE, "# fleet.yaml\nspec: {minors: [\"1.34\", \"1.34\", \"1.35\"]}\n");
        assert_eq!(
            found,
            ["fleet.yaml `1.34`: the minor `1.34` stands twice; fleet.yaml `1.34`: `1.34` stands here"]
        );
    }

    #[test]
    fn minors_are_numbers_and_not_texts() {
        assert!(
            findings(
                &RULE,
                "# fleet.yaml\nspec: {minors: [\"1.9\", \"1.34\", \"1.35\", \"1.36\", \"1.100\"]}\n"
            )
            .is_empty()
        );
    }
}
