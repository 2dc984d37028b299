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
        why: "A requirement that nothing meets can never be met, and a conflict with something that is not there is \
              never found.",
        wrong: "# addons/metrics/addon.yaml\nspec:\n  requires: [cnj]\n",
        right: "# addons/metrics/addon.yaml\nspec:\n  requires: [cni]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    let addons = &specs.catalog.addons;
    let provided = addons.values().flat_map(|addon| &addon.spec.provides);
    let known: Vec<&str> = addons.keys().chain(provided).map(Name::as_str).collect();
    for addon in addons.values() {
        let lists = [("requires", &addon.spec.requires), ("conflicts", &addon.spec.conflicts)];
        for (field, names) in lists {
            for (index, name) in names.iter().enumerate().filter(|(_, name)| !known.contains(&name.as_str()))
            {
                let at = place::at(&addon.document, &format!("/spec/{field}/{index}"));
                let finding = RULE.finding(at, format!("no addon is called `{name}` or provides it"));
                report.push(match nearest(name.as_str(), known.iter().copied()) {
                    Some(near) => finding.label(format!("did you mean `{near}`?")),
                    None => finding,
                });
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
        let addon = "# addons/metrics/addon.yaml\nspec: {requires: [cilium], conflicts: [cni, calico]}\n";
        assert_eq!(
            findings(&RULE, addon),
            ["addons/metrics/addon.yaml `calico`: no addon is called `calico` or provides it"]
        );
    }
}
