//! What an addon requires or conflicts with is known.

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity, nearest};
use crate::spec::name::Name;

/// What an addon requires or conflicts with is known.
pub const RULE: Rule = Rule {
    id: "requires-unknown",
    severity: Severity::Error,
    page: Page {
        summary: "`requires` and `conflicts` name addons, or what addons provide",
        why: "What nothing provides can never be met. A conflict may name an addon that the fleet does not have, but \
              not one whose name is nearly that of one it has: that conflict would never be found.",
        wrong: "# addons/metrics/addon.yaml\nspec:\n  requires: [cnj]\n",
        right: "# addons/metrics/addon.yaml\nspec:\n  requires: [cni]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    let addons = &specs.catalog.trunk.addons;
    let provided = addons.values().flat_map(|addon| &addon.spec.provides);
    let known: Vec<&str> = addons.keys().chain(provided).map(Name::as_str).collect();
    for addon in addons.values() {
        let lists = [("requires", &addon.spec.requires), ("conflicts", &addon.spec.conflicts)];
        for (field, names) in lists {
            for (index, name) in names.iter().enumerate().filter(|(_, name)| !known.contains(&name.as_str()))
            {
                let at = place::at(&addon.document, &format!("/spec/{field}/{index}"));
                let finding = RULE.finding(at, format!("no addon is called `{name}` or provides it"));
                match nearest(name.as_str(), known.iter().copied()) {
                    Some(near) => report.push(finding.label(format!("did you mean `{near}`?"))),
                    None if field == "requires" => {
                        report.push(finding.hint("add such an addon, or take the name away"));
                    }
                    // An addon that another fleet has, too, may name what only that one has.
                    None => {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn an_addon_and_what_it_provides_are_both_known() {
        let addon =
            "# addons/metrics/addon.yaml\nspec: {requires: [cilium, calico], conflicts: [cni, calico]}\n";
        assert_eq!(
            findings(&RULE, addon),
            ["addons/metrics/addon.yaml `calico`: no addon is called `calico` or provides it"]
        );
    }

    #[test]
    fn a_conflict_that_is_nearly_an_addon_is_a_slip() {
        let addon = "# addons/metrics/addon.yaml\nspec: {conflicts: [cillium]}\n";
        assert_eq!(findings(&RULE, addon).len(), 1);
    }
}
