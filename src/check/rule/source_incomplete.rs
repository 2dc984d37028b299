//! An addon has a whole source for every minor that it runs on.

use std::collections::BTreeMap;

use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::location::Location;
use crate::spec::addon::Addon;
use crate::spec::version::Minor;

/// An addon has a whole source for every minor that it runs on.
pub const RULE: Rule = Rule {
    id: "source-incomplete",
    severity: Severity::Error,
    page: Page {
        summary: "an addon's source is whole for every minor of the fleet that it runs on",
        why: "A field may come from `source` or, for some minors, from `perMinor`; where neither says it, there is \
              nothing to install. This is found before the first cluster of that minor is.",
        wrong: "# addons/metrics/addon.yaml\nspec:\n  source: {helm: {repository: https://charts.example.com, chart: metrics, version: null}}\n  \
                perMinor:\n  - {kubernetes: \">=1.35\", source: {helm: {version: 1.1.0}}}\n",
        right: "# addons/metrics/addon.yaml\nspec:\n  source: {helm: {repository: https://charts.example.com, chart: metrics, version: 1.0.0}}\n  \
                perMinor:\n  - {kubernetes: \">=1.35\", source: {helm: {version: 1.1.0}}}\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    for addon in specs.catalog.trunk.addons.values() {
        check_addon(addon, &specs.catalog.fleet.spec.minors, report);
    }
}

/// Reports each missing field once, with every minor that lacks it.
fn check_addon(addon: &Addon, minors: &[Minor], report: &mut Report) {
    let mut lacking: BTreeMap<(Option<Location>, String), (Diagnostic, Vec<String>)> = BTreeMap::new();
    for minor in minors.iter().filter(|minor| addon.runs_on(**minor)) {
        let Err(findings) = addon.source(*minor) else { continue };
        for finding in findings.diagnostics {
            let of_minor = format!(" for Kubernetes {minor}");
            let message = finding.message.strip_suffix(&of_minor).unwrap_or(&finding.message).to_owned();
            let entry = lacking.entry((finding.location, message)).or_insert((finding, Vec::new()));
            entry.1.push(minor.to_string());
        }
    }
    for ((_, message), (finding, minors)) in lacking {
        let message = format!("{message} for Kubernetes {}", minors.join(", "));
        report.push(Diagnostic { rule: RULE.id, message, ..finding });
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn a_field_that_two_minors_lack_is_reported_once() {
        let found = findings(
            &RULE,
            "# addons/metrics/addon.yaml\nspec: {source: {helm: {version: null}}, perMinor: [{kubernetes: \"1.35\", source: {helm: {version: v}}}]}\n",
        );
        assert_eq!(found.len(), 1);
        assert!(found[0].ends_with("`helm` has no `version` for Kubernetes 1.34, 1.36"), "{found:?}");
    }

    #[test]
    fn minors_that_the_addon_does_not_run_on_need_no_source() {
        let addon = "# addons/metrics/addon.yaml\nspec: {kubernetes: \">=1.36\", source: {helm: {version: null}}, perMinor: [{kubernetes: \"1.36\", source: {helm: {version: v}}}]}\n";
        assert!(findings(&RULE, addon).is_empty());
    }
}
