//! Everything written for some minor holds for one.

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::addon::Addon;
use crate::spec::version::{Minor, MinorRange};
use crate::spec::yaml::Node;

/// Everything written for some minor holds for one.
pub const RULE: Rule = Rule {
    id: "minor-shadowed",
    severity: Severity::Error,
    page: Page {
        summary: "every entry of `perMinor` holds for some minor",
        why: "The first entry that matches a minor holds. An entry all of whose minors match an earlier one, or which \
              the addon does not run on, installs nothing: whoever wrote it meant something else.",
        wrong: "# addons/metrics/addon.yaml\nspec:\n  perMinor:\n  - {kubernetes: \">=1.34\", source: {helm: {version: 1.1.0}}}\n  \
                - {kubernetes: \"1.35\", source: {helm: {version: 1.2.0}}}\n",
        right: "# addons/metrics/addon.yaml\nspec:\n  perMinor:\n  - {kubernetes: \"1.35\", source: {helm: {version: 1.2.0}}}\n  \
                - {kubernetes: \">=1.34\", source: {helm: {version: 1.1.0}}}\n",
    },
    check: Check::Specs(check),
};

/// Every minor that a range could be about; not the fleet's alone, because the same file lies on the branch of each.
fn minors() -> impl Iterator<Item = Minor> {
    (0..3).flat_map(|major| (0..200).map(move |minor| Minor { major, minor }))
}

fn check(specs: &Specs<'_>, report: &mut Report) {
    for addon in specs.catalog.trunk.addons.values() {
        check_addon(addon, report);
    }
}

fn check_addon(addon: &Addon, report: &mut Report) {
    let entries = addon.document.at("/spec/perMinor").and_then(Node::items).unwrap_or_default();
    let ranges = entries.iter().filter_map(|entry| entry.get("kubernetes"));
    let ranges = ranges.filter_map(|node| Some((node, node.as_str()?.parse::<MinorRange>().ok()?)));
    let ranges: Vec<(&Node, MinorRange)> = ranges.collect();
    for (index, (node, range)) in ranges.iter().enumerate() {
        let own: Vec<Minor> = minors().filter(|minor| range.contains(*minor)).collect();
        let possible: Vec<&Minor> = own.iter().filter(|minor| addon.runs_on(**minor)).collect();
        let text = node.as_str().unwrap_or_default();
        if possible.is_empty() {
            let finding =
                RULE.finding(node.location, format!("`{text}` holds for no minor that the addon runs on"));
            report.push(match addon.document.at("/spec/kubernetes") {
                Some(all) => finding
                    .related(all.location, "the minors it runs on")
                    .hint("take the entry away, or widen `kubernetes` of the addon"),
                None => finding.label("no minor is in this range"),
            });
            continue;
        }
        let earlier = &ranges[..index];
        let taken = |minor: &&Minor| earlier.iter().any(|(_, range)| range.contains(**minor));
        if possible.iter().copied().all(|minor| taken(&minor)) {
            let finding = RULE.finding(
                node.location,
                format!("`{text}` never holds: earlier entries match all of its minors"),
            );
            let first =
                earlier.iter().find(|(_, range)| possible.iter().any(|minor| range.contains(**minor)));
            let first = first.map_or(place::addon(addon), |(node, _)| node.location);
            let hint = "move the entry before the others, or take it away";
            report.push(finding.related(first, "matches first").hint(hint));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    fn found(spec: &str) -> Vec<String> {
        findings(&RULE, &format!("# addons/metrics/addon.yaml\nspec: {spec}\n"))
    }

    #[test]
    fn two_entries_together_can_hide_a_third() {
        let entry = |range: &str| format!("{{kubernetes: \"{range}\", source: {{helm: {{version: a}}}}}}");
        let all = [entry("1.34"), entry(">=1.35"), entry(">=1.34")].join(", ");
        assert_eq!(found(&format!("{{perMinor: [{all}]}}")).len(), 1);
        let overlapping = [entry(">=1.35"), entry(">=1.34")].join(", ");
        assert!(found(&format!("{{perMinor: [{overlapping}]}}")).is_empty());
    }

    #[test]
    fn a_minor_that_the_fleet_does_not_have_may_be_written_for() {
        assert!(found("{perMinor: [{kubernetes: \"1.29\", source: {helm: {version: a}}}]}").is_empty());
        let outside = found(
            "{kubernetes: \">=1.30\", perMinor: [{kubernetes: \"1.29\", source: {helm: {version: a}}}]}",
        );
        assert_eq!(outside.len(), 1);
        assert_eq!(
            found("{perMinor: [{kubernetes: \">1.30 <1.31\", source: {helm: {version: a}}}]}").len(),
            1
        );
    }
}
