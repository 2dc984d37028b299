//! The domain of our labels is nobody else's.

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};

/// The domain of our labels is nobody else's.
pub const RULE: Rule = Rule {
    id: "label-domain",
    severity: Severity::Error,
    page: Page {
        summary: "the label domain belongs to neither Kubernetes nor Argo CD",
        why: "Controllers write and read labels in their own domains; a label of ours there could mean something to \
              them, or be overwritten.",
        wrong: "# fleet.yaml\nspec:\n  labelDomain: fleet.cluster.x-k8s.io\n",
        right: "# fleet.yaml\nspec:\n  labelDomain: fleet.example.com\n",
    },
    check: Check::Specs(check),
};

/// Domains that Kubernetes, its projects and Argo CD keep for themselves, with all beneath them.
const TAKEN: [&str; 4] = ["kubernetes.io", "k8s.io", "x-k8s.io", "argoproj.io"];

fn check(specs: &Specs<'_>, report: &mut Report) {
    let fleet = &specs.catalog.fleet;
    let domain = &fleet.spec.label_domain;
    let lies_beneath = |taken: &&&str| {
        domain.strip_suffix(**taken).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    if let Some(taken) = TAKEN.iter().find(lies_beneath) {
        let message = format!("`{domain}` lies beneath `{taken}`");
        let finding = RULE.finding(place::at(&fleet.document, "/spec/labelDomain"), message);
        report.push(finding.label("expected a domain of your own"));
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn domains_that_only_end_alike_are_free() {
        for (domain, refused) in [
            ("k8s.io", true),
            ("argocd.argoproj.io", true),
            ("myk8s.io", false),
            ("kubernetes.io.example.com", false),
        ] {
            let found = findings(&RULE, &format!("# fleet.yaml\nspec: {{labelDomain: {domain}}}\n"));
            assert_eq!(!found.is_empty(), refused, "{domain}");
        }
    }
}
