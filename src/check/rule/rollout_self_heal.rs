//! Who rolls out in steps knows that nothing heals itself.

use std::collections::BTreeMap;

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::addon::{Addon, Source};
use crate::spec::fleet::{Fleet, Rollout};
use crate::spec::name::Name;

/// Who rolls out in steps knows that nothing heals itself.
pub const RULE: Rule = Rule {
    id: "rollout-self-heal",
    severity: Severity::Error,
    page: Page {
        summary: "no addon asks for self-heal beside a rollout, unless the fleet accepts that it is off",
        why: "RollingSync switches automated sync and self-heal off for every Application of a set: what somebody \
              changes on a cluster then stays changed. `selfHeal` is true where an addon does not say otherwise. Pins \
              roll out in steps and keep self-heal.",
        wrong: "# fleet.yaml\nspec:\n  rollout: [{matchLabels: {tier: canary}}]\n",
        right: "# fleet.yaml\nspec:\n  rollout: {steps: [{matchLabels: {tier: canary}}], acceptNoSelfHeal: true}\n",
    },
    check: Check::Specs(check),
};

/// How many addons a finding names.
const NAMED: usize = 5;

fn check(specs: &Specs<'_>, report: &mut Report) {
    let fleet = &specs.catalog.fleet;
    let accepted =
        matches!(&fleet.spec.rollout, Some(Rollout::Options(options)) if options.accept_no_self_heal);
    if accepted || fleet.rollout_steps().is_empty() {
        return;
    }
    // An addon counts once, however many releases have it.
    let healing = specs.addons().filter(|addon| heals(addon, fleet));
    let healing: BTreeMap<&Name, &Addon> = healing.map(|addon| (&addon.name, addon)).collect();
    if healing.is_empty() {
        return;
    }
    let count = match healing.len() {
        1 => "1 addon asks".to_owned(),
        more => format!("{more} addons ask"),
    };
    let message = format!("{count} for self-heal, which a rollout switches off");
    let mut finding = RULE.finding(place::at(&fleet.document, "/spec/rollout"), message);
    for addon in healing.values().take(NAMED) {
        let (pointer, what) = match addon.document.at("/spec/sync/selfHeal") {
            Some(_) => ("/spec/sync/selfHeal", "asks for it"),
            None => ("/metadata/name", "asks for it by default"),
        };
        finding = finding.related(place::at(&addon.document, pointer), format!("`{}` {what}", addon.name));
    }
    report.push(finding.hint(
        "write `rollout: {steps: […], acceptNoSelfHeal: true}` to accept it, or `sync: {selfHeal: false}` in the addons",
    ));
}

/// Returns whether an addon has Applications that would heal themselves.
fn heals(addon: &Addon, fleet: &Fleet) -> bool {
    let minors = fleet.spec.minors.iter().filter(|minor| addon.runs_on(**minor));
    let has_applications = minors.clone().any(|minor| !matches!(addon.source(*minor), Ok(Source::Eks(_))))
        || minors.count() == 0;
    addon.spec.sync.automated && addon.spec.sync.self_heal && has_applications
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    const ROLLOUT: &str = "# fleet.yaml\nspec: {rollout: [{matchLabels: {tier: canary}}]}\n";

    #[test]
    fn one_finding_names_every_addon_that_asks() {
        let found = findings(&RULE, ROLLOUT);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("2 addons ask for self-heal"), "{found:?}");
        assert!(
            found[0].contains("addons/cilium/addon.yaml `cilium`: `cilium` asks for it by default"),
            "{found:?}"
        );
    }

    #[test]
    fn addons_that_are_not_automated_or_have_no_application_have_nothing_to_lose() {
        let manual = "# addons/cilium/addon.yaml\nspec: {sync: {automated: false}}\n";
        let eks =
            "# addons/metrics/addon.yaml\nspec: {source: {helm: null, eks: {addon: metrics, version: v1}}}\n";
        assert!(findings(&RULE, &format!("{ROLLOUT}{manual}{eks}")).is_empty());
    }
}
