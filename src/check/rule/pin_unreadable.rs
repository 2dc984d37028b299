//! Pins come with a later version.

use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};

/// Pins come with a later version.
pub const RULE: Rule = Rule {
    id: "pin-unreadable",
    severity: Severity::Error,
    page: Page {
        summary: "a cluster has no pin yet",
        why: "A pinned cluster takes its addons and templates from the tree of the release it names. This version of \
              yoshino does not read releases yet, and rendering such a cluster from the work tree would install \
              something else than what the pin says.",
        wrong: "# clusters/web.yaml\nspec:\n  release: v1.35-ake.261121\n",
        right: "# clusters/web.yaml\nspec:\n  kubernetes: v1.35.2\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    for cluster in &specs.catalog.clusters {
        let release = cluster.spec.get("release").filter(|release| !release.is_null());
        if let Some((release, tag)) = release.and_then(|release| Some((release, release.as_str()?))) {
            let message = format!("the pin `{tag}` of `{}` cannot be read", cluster.identity());
            let finding = RULE.finding(release.location, message).label("this version reads no releases yet");
            report
                .push(finding.hint(
                    "leave `release` out: the cluster then takes this tree's own addons and templates",
                ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn a_release_that_is_null_is_no_pin() {
        assert!(findings(&RULE, "# clusters/web.yaml\nspec: {release: null}\n").is_empty());
    }
}
