//! Management clusters have names of their own.

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::yaml::Node;

/// Management clusters have names of their own.
pub const RULE: Rule = Rule {
    id: "management-twice",
    severity: Severity::Error,
    page: Page {
        summary: "every management cluster has a name of its own",
        why: "The name is the management cluster's folder in the output, and what clusters name in `management`.",
        wrong: "# fleet.yaml\nspec:\n  management: [{name: management}, {name: management}]\n",
        right: "# fleet.yaml\nspec:\n  management: [{name: management}, {name: edge}]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    let spec = specs.catalog.fleet.document.get("spec").unwrap_or(&specs.catalog.fleet.document);
    let names = place::items(spec, "management").iter().filter_map(|management| management.get("name"));
    let names: Vec<&Node> = names.collect();
    for (index, name) in names.iter().enumerate() {
        let Some(first) = names[..index].iter().find(|other| other.as_str() == name.as_str()) else {
            continue;
        };
        let message = format!("two management clusters are called `{}`", name.as_str().unwrap_or_default());
        let finding = RULE.finding(name.location, message).label("the second");
        report.push(finding.related(first.location, "the first"));
    }
}
