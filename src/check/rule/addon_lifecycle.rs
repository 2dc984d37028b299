//! Addons that somebody uses are maintained.

use crate::check::place;
use crate::check::{Check, Day, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::addon::{Addon, LifecycleStatus};

/// Addons that somebody uses are maintained.
pub const RULE: Rule = Rule {
    id: "addon-lifecycle",
    severity: Severity::Warning,
    page: Page {
        summary: "no cluster uses an addon that is deprecated, retired or past its end of life",
        why: "Nobody mends what is found in an addon that has come to its end. Only `check` says so: the day of \
              rendering must not change what is rendered.",
        wrong: "# addons/cilium/addon.yaml\nspec:\n  lifecycle: {status: retired, successor: calico}\n",
        right: "# addons/cilium/addon.yaml\nspec:\n  lifecycle: {status: active, endOfLife: \"2099-12-31\"}\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    for addon in specs.addons() {
        let Some((field, what)) = end_of(addon, specs.today) else { continue };
        let at = place::at(&addon.document, &format!("/spec/lifecycle/{field}"));
        for on in specs.waivers.apart(RULE.id, specs.clusters_with(addon)) {
            let Some(first) = on.first() else { continue };
            let finding = RULE.finding(at, format!("`{}` {what}", addon.name));
            let users = match on.len() {
                1 => format!("`{}` uses it", first.identity()),
                more => format!("`{}` and {} more use it", first.identity(), more - 1),
            };
            let finding = finding.related(place::cluster(first), users);
            report.push(match &addon.spec.lifecycle.successor {
                Some(successor) => finding.hint(format!("its successor: {successor}")),
                None => finding,
            });
        }
    }
}

/// Returns the field that says that the addon has come to its end, and what it says.
fn end_of(addon: &Addon, today: Option<Day>) -> Option<(&'static str, String)> {
    let lifecycle = &addon.spec.lifecycle;
    match lifecycle.status {
        LifecycleStatus::Retired => return Some(("status", "is retired: nobody maintains it".to_owned())),
        LifecycleStatus::Deprecated => return Some(("status", "is deprecated".to_owned())),
        LifecycleStatus::Active => {}
    }
    let end: Day = lifecycle.end_of_life.as_deref()?.parse().ok()?;
    (end < today?).then(|| ("endOfLife", format!("came to its end on {end}")))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn an_end_of_life_that_has_passed_is_found_and_one_to_come_is_not() {
        let addon = |day: &str| {
            format!("# addons/cilium/addon.yaml\nspec: {{lifecycle: {{endOfLife: \"{day}\"}}}}\n")
        };
        assert_eq!(
            findings(&RULE, &addon("2026-11-20")),
            ["addons/cilium/addon.yaml `2026-11-20`: `cilium` came to its end on 2026-11-20; \
              clusters/web.yaml `web`: `blue/web` uses it"]
        );
        assert!(findings(&RULE, &addon("2026-11-21")).is_empty());
    }

    #[test]
    fn an_addon_that_is_on_nowhere_may_be_retired() {
        assert!(
            findings(&RULE, "# addons/metrics/addon.yaml\nspec: {lifecycle: {status: retired}}\n").is_empty()
        );
    }
}
