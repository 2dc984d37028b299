//! The output does not lie where specs do.

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};

/// The output does not lie where specs do.
pub const RULE: Rule = Rule {
    id: "output-path",
    severity: Severity::Error,
    page: Page {
        summary: "the output's folder is not one that holds specs",
        why: "Rendering replaces the output's folder as a whole, and everything in the folders of specs is read as a \
              spec. Upper and lower case do not tell two folders apart on every machine.",
        wrong: "# fleet.yaml\nspec:\n  output: {path: clusters/rendered}\n",
        right: "# fleet.yaml\nspec:\n  output: {path: rendered/clusters}\n",
    },
    check: Check::Specs(check),
};

/// What the first part of the path cannot be.
const TAKEN: [&str; 7] = ["clusters", "tenants", "addons", "templates", "golden", "fleet.yaml", "picks.yaml"];

fn check(specs: &Specs<'_>, report: &mut Report) {
    let fleet = &specs.catalog.fleet;
    let Some(path) = fleet.output_path() else { return };
    let first = path.split('/').next().unwrap_or_default();
    let taken = TAKEN.iter().find(|taken| first.eq_ignore_ascii_case(taken));
    let what = match taken {
        Some(taken) => format!("`{taken}` holds what people write"),
        None if first.starts_with('.') => "hidden folders are not the output's".to_owned(),
        None => return,
    };
    let message = format!("the output cannot lie in `{first}`");
    report.push(RULE.finding(place::at(&fleet.document, "/spec/output/path"), message).label(what));
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn folders_of_specs_and_hidden_ones_are_refused_in_any_case() {
        for (path, refused) in [
            ("clusters", true),
            ("Golden/x", true),
            (".git/x", true),
            ("fleet.yaml", true),
            ("clusters-rendered", false),
            ("out/addons", false),
        ] {
            let found = findings(&RULE, &format!("# fleet.yaml\nspec: {{output: {{path: {path}}}}}\n"));
            assert_eq!(!found.is_empty(), refused, "{path}");
        }
    }
}
