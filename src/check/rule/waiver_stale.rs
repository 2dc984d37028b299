//! Every waiver lets something stand.

use crate::check::waiver::Waiver;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};

/// Every waiver lets something stand.
pub const RULE: Rule = Rule {
    id: "waiver-stale",
    severity: Severity::Warning,
    page: Page {
        summary: "every entry of `allowSecrets` and `waivers` lets something stand",
        why: "A waiver for a value that is gone, or for what no rule finds any more, would let stand whatever somebody \
              writes there later. Waivers of rules are judged where there are clusters: without them many rules find \
              nothing.",
        wrong: "# addons/metrics/addon.yaml\nspec:\n  allowSecrets: [{path: /source/helm/values/token, reason: a public one}]\n",
        right: "# addons/metrics/addon.yaml\nspec:\n  allowSecrets: [{path: /source/helm/values/token, reason: a public one}]\n  \
                source: {helm: {values: {token: public}}}\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    for (location, pointer) in &specs.exposures().stale {
        let message = format!("nothing that looks like a credential stands at `{pointer}`");
        report.push(RULE.finding(*location, message).hint("take the waiver away, or correct its path"));
    }
}

/// Makes the finding of an entry of `waivers` for which there is nothing.
pub fn finding(waiver: &Waiver) -> Diagnostic {
    let message = format!("`{}` finds nothing here that could be let stand", waiver.rule);
    RULE.finding(waiver.location, message).hint("take the waiver away")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn a_waiver_in_defaults_may_be_for_what_a_cluster_writes() {
        let defaults =
            "# clusters/_defaults.yaml\nspec: {allowSecrets: [{path: /annotations/token, reason: a test}]}\n";
        let cluster = |name: &str, annotations: &str| {
            format!("# clusters/{name}.yaml\nspec: {{annotations: {annotations}}}\n")
        };
        assert_eq!(findings(&RULE, &format!("{defaults}{}", cluster("web", "{a: b}"))).len(), 1);
        let one = format!("{defaults}{}{}", cluster("web", "{token: x}"), cluster("db", "{a: b}"));
        assert!(findings(&RULE, &one).is_empty());
    }
}
