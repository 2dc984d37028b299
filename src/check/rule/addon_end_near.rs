//! Addons that somebody uses do not come to their end soon.

use crate::check::lifecycle;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::addon::LifecycleStatus;

/// How many days beforehand it is said.
const DAYS: u32 = 90;

/// Addons that somebody uses do not come to their end soon.
pub const RULE: Rule = Rule {
    id: "addon-end-near",
    severity: Severity::Warning,
    page: Page {
        summary: "no cluster uses an addon that comes to its end within 90 days",
        why: "To bring a successor to every cluster takes a release or two for each minor. It is said in time, and never \
              decides whether anything may be merged.",
        wrong: "# addons/cilium/addon.yaml\nspec:\n  lifecycle: {endOfLife: \"2027-01-31\", successor: calico}\n",
        right: "# addons/cilium/addon.yaml\nspec:\n  lifecycle: {endOfLife: \"2027-12-31\", successor: calico}\n",
    },
    check: Check::World(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    let Some(today) = specs.today else { return };
    for addon in specs.addons().filter(|addon| addon.spec.lifecycle.status == LifecycleStatus::Active) {
        let near = |left: &u32| (0..=DAYS).contains(left);
        let Some(end) = lifecycle::end(addon).filter(|end| *end >= today) else { continue };
        let Some(left) = Some(today.days_until(end)).filter(near) else { continue };
        let message = format!("`{}` comes to its end on {end}, in {left} days", addon.name);
        lifecycle::used(specs, (&RULE, addon), ("endOfLife", &message), report);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn ninety_days_are_near_and_ninety_one_are_not() {
        let addon = |day: &str| {
            format!("# addons/cilium/addon.yaml\nspec: {{lifecycle: {{endOfLife: \"{day}\"}}}}\n")
        };
        assert_eq!(
            findings(&RULE, &addon("2027-02-19")),
            ["addons/cilium/addon.yaml `2027-02-19`: `cilium` comes to its end on 2027-02-19, in 90 days; \
              clusters/web.yaml `web`: `blue/web` uses it"]
        );
        assert_eq!(findings(&RULE, &addon("2026-11-21")).len(), 1);
        for day in ["2027-02-20", "2026-11-20"] {
            assert!(findings(&RULE, &addon(day)).is_empty(), "{day}");
        }
    }
}
