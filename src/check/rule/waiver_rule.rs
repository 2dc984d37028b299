//! A waiver names a rule that can be waived.

use crate::check::waiver::{is_waivable, written};
use crate::check::{Check, Page, Rule, Specs, explanation, explanations, place};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::spec::yaml::Node;

/// A waiver names a rule that can be waived.
pub const RULE: Rule = Rule {
    id: "waiver-rule",
    severity: Severity::Error,
    page: Page {
        summary: "every entry of `waivers` names a rule whose findings may be let stand",
        why: "A waiver for a rule that is not there lets nothing stand, and whoever wrote it thinks it does. What \
              cannot be rendered, or would be broken as rendered, must be mended: names that collide, sources that \
              are not whole. Credentials have waivers of their own, `allowSecrets`.",
        wrong: "# clusters/web.yaml\nspec:\n  waivers: [{rule: pool-minors, owner: team-web, reason: an upgrade, until: \"2026-12-31\"}]\n",
        right: "# clusters/web.yaml\nspec:\n  waivers: [{rule: pool-minor, owner: team-web, reason: an upgrade, until: \"2026-12-31\"}]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    report.diagnostics.extend(written(specs.catalog).filter_map(finding));
}

fn finding(waiver: &Node) -> Option<Diagnostic> {
    let id = waiver.get("rule").and_then(Node::as_str)?;
    if is_waivable(id) {
        return None;
    }
    let at = place::at(waiver, "/rule");
    if explanation(id).is_none() {
        let known = explanations().map(|rule| rule.id).filter(|id| is_waivable(id));
        let finding = RULE.finding(at, format!("no rule is called `{id}`"));
        return Some(finding.hint_nearest(id, known, "`yoshino check --explain` lists them"));
    }
    let finding = RULE.finding(at, format!("what `{id}` finds cannot be waived"));
    Some(finding.hint(match id {
        "credential" => "name the place under `allowSecrets`",
        "waiver-stale" | "waiver-rule" => "take away the waiver that it finds",
        _ => "mend what it finds: what is rendered would be broken",
    }))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    fn waiver(path: &str, rule: &str) -> String {
        format!(
            "# {path}\nspec: {{waivers: [{{rule: {rule}, owner: a, reason: b, until: \"2026-12-31\"}}]}}\n"
        )
    }

    #[test]
    fn every_kind_of_document_has_waivers() {
        let paths = [
            "fleet.yaml",
            "clusters/web.yaml",
            "clusters/_defaults.yaml",
            "tenants/blue.yaml",
            "addons/cilium/addon.yaml",
        ];
        for path in paths {
            let found = findings(&RULE, &waiver(path, "wave-ordr"));
            assert_eq!(found, [format!("{path} `wave-ordr`: no rule is called `wave-ordr`")]);
            assert!(findings(&RULE, &waiver(path, "wave-order")).is_empty(), "{path}");
        }
    }

    #[test]
    fn what_would_be_broken_and_what_has_waivers_of_its_own_cannot_be_waived() {
        for rule in ["pool-twice", "credential", "waiver-stale", "unknown-field"] {
            let found = findings(&RULE, &waiver("clusters/web.yaml", rule));
            assert_eq!(found, [format!("clusters/web.yaml `{rule}`: what `{rule}` finds cannot be waived")]);
        }
    }
}
