//! The output's branch is its own.

use crate::check::git_ref::is_branch;
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};

/// The output's branch is its own.
pub const RULE: Rule = Rule {
    id: "output-branch",
    severity: Severity::Error,
    page: Page {
        summary: "the output's branch is neither trunk nor the branch of a minor",
        why: "Publishing replaces everything on the output's branch. On trunk or on a minor's branch that would be the \
              specs themselves.",
        wrong: "# fleet.yaml\nspec:\n  output: {branch: main}\n",
        right: "# fleet.yaml\nspec:\n  output: {branch: rendered}\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    let fleet = &specs.catalog.fleet;
    let Some(branch) = fleet.spec.output.as_ref().and_then(|output| output.branch.as_deref()) else { return };
    let at = place::at(&fleet.document, "/spec/output/branch");
    let is_of_a_minor = fleet.spec.minors.iter().any(|minor| fleet.minor_branch(*minor) == branch);
    let whose = |what: &str, pointer: &str| {
        let finding = RULE.finding(at, format!("`{branch}` is {what}")).label("expected a branch of its own");
        match fleet.document.at(pointer) {
            Some(other) => finding.related(other.location, "said here"),
            None => finding,
        }
    };
    if branch == fleet.spec.repository.trunk {
        report.push(whose("trunk", "/spec/repository/trunk"));
    } else if is_of_a_minor {
        report.push(whose("the branch of a minor", "/spec/branch"));
    } else if !is_branch(branch) {
        report.push(RULE.finding(at, format!("git takes no branch called `{branch}`")));
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn the_branch_of_a_minor_and_what_is_no_branch_are_refused() {
        for (branch, refused) in
            [("release/1.35", true), ("a..b", true), ("release/1.99", false), ("rendered/main", false)]
        {
            let found = findings(&RULE, &format!("# fleet.yaml\nspec: {{output: {{branch: {branch}}}}}\n"));
            assert_eq!(!found.is_empty(), refused, "{branch}");
        }
    }
}
