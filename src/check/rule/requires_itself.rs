//! An addon does not contradict itself.

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};

/// An addon does not contradict itself.
pub const RULE: Rule = Rule {
    id: "requires-itself",
    severity: Severity::Error,
    page: Page {
        summary: "an addon neither requires nor conflicts with itself, and requires nothing it conflicts with",
        why: "An addon that conflicts with what it requires can be on nowhere, and one that names itself says nothing. \
              To conflict with what one provides is fine: it means all others that provide it.",
        wrong: "# addons/metrics/addon.yaml\nspec:\n  requires: [cni]\n  conflicts: [cni]\n",
        right: "# addons/cilium/addon.yaml\nspec:\n  provides: [cni]\n  conflicts: [cni]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    for addon in specs.catalog.trunk.addons.values() {
        let at = |field: &str, index: usize| place::at(&addon.document, &format!("/spec/{field}/{index}"));
        for (index, required) in addon.spec.requires.iter().enumerate() {
            if *required == addon.name || addon.spec.provides.contains(required) {
                let message = format!("`{}` requires itself", addon.name);
                report.push(RULE.finding(at("requires", index), message));
            }
            if let Some(other) = addon.spec.conflicts.iter().position(|conflict| conflict == required) {
                let message = format!("`{}` requires `{required}` and conflicts with it", addon.name);
                let finding = RULE.finding(at("requires", index), message);
                report.push(finding.related(at("conflicts", other), "the conflict"));
            }
        }
        for (index, _) in
            addon.spec.conflicts.iter().enumerate().filter(|(_, conflict)| **conflict == addon.name)
        {
            report.push(
                RULE.finding(at("conflicts", index), format!("`{}` conflicts with itself", addon.name)),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn its_own_name_and_what_it_provides_itself_say_nothing() {
        let found = findings(
            &RULE,
            "# addons/cilium/addon.yaml\nspec: {requires: [cilium, cni], conflicts: [cilium]}\n",
        );
        let expected = [
            "addons/cilium/addon.yaml `cilium`: `cilium` requires itself",
            "addons/cilium/addon.yaml `cilium`: `cilium` requires `cilium` and conflicts with it; \
             addons/cilium/addon.yaml `cilium`: the conflict",
            "addons/cilium/addon.yaml `cni`: `cilium` requires itself",
            "addons/cilium/addon.yaml `cilium`: `cilium` conflicts with itself",
        ];
        let mut found: Vec<&str> = found.iter().map(String::as_str).collect();
        let mut expected = expected.to_vec();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected);
    }
}
