//! Patterns of names hold their placeholders, and make names that are taken.

use crate::check::git_ref::{is_branch, is_ref};
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::location::Location;
use crate::spec::release::TagPattern;
use crate::spec::schema::{Format, is_dns_label};

/// Patterns of names hold their placeholders, and make names that are taken.
pub const RULE: Rule = Rule {
    id: "name-pattern",
    severity: Severity::Error,
    page: Page {
        summary: "a pattern of names holds its placeholders, no others, and makes valid names",
        why: "`branch` needs `{minor}`, `tag` needs `{minor}` and `{yymmdd}`, or two minors or two days would have one \
              name. A tag is a label value, too. `argocd.clusterName` knows `{project}` and `{name}`, \
              `argocd.addonProject` knows `{project}`, the key of an ExternalSecret `{project}`, `{name}` and `{addon}`.",
        wrong: "# fleet.yaml\nspec:\n  branch: release\n  tag: \"v{minor}-ake.{date}\"\n",
        right: "# fleet.yaml\nspec:\n  branch: \"release/{minor}\"\n  tag: \"v{minor}-ake.{yymmdd}\"\n",
    },
    check: Check::Specs(check),
};

const APART: &str = "each stands once, and no digit or dot that could belong to it beside it";

/// A pattern as it stands in a spec.
struct Pattern<'a> {
    text: &'a str,
    at: Location,
    /// Placeholders it must hold.
    needed: &'static [&'static str],
    /// Others that it may hold.
    possible: &'static [&'static str],
}

fn check(specs: &Specs<'_>, report: &mut Report) {
    let fleet = &specs.catalog.fleet;
    let at = |pointer: &str| match fleet.document.at(pointer) {
        Some(node) => node.location,
        None => place::at(&fleet.document, "/spec/minors"),
    };
    let branch =
        Pattern { text: &fleet.spec.branch, at: at("/spec/branch"), needed: &["{minor}"], possible: &[] };
    let takes_branch = |name: &str| is_branch(name);
    report.extend(branch.check("git takes no branch", takes_branch));
    let needed = &["{minor}", "{yymmdd}"];
    let tag = Pattern { text: &fleet.spec.tag, at: at("/spec/tag"), needed, possible: &[] };
    let found = tag.check("no tag and label can be", |name| is_ref(name) && Format::Release.accepts(name));
    // Names that could be read in two ways come last: what is missing explains them.
    if found.is_empty() && TagPattern::new(&fleet.spec.tag).is_err() {
        let message = format!("minor and day cannot be told apart in names that follow `{}`", fleet.spec.tag);
        report.push(RULE.finding(tag.at, message).label(APART));
    }
    report.extend(found);
    for (index, management) in fleet.spec.management.iter().enumerate() {
        let at = |field: &str| at(&format!("/spec/management/{index}/argocd/{field}"));
        let text = &management.argocd.cluster_name;
        let possible = &["{project}"];
        let cluster = Pattern { text, at: at("clusterName"), needed: &["{name}"], possible };
        report.extend(cluster.check("no cluster can be", is_display_name));
        let text = &management.argocd.addon_project;
        let project = Pattern { text, at: at("addonProject"), needed: &[], possible };
        report.extend(project.check("no AppProject can be", is_dns_label));
    }
    for addon in specs.catalog.trunk.addons.values() {
        for (index, secret) in addon.spec.secrets.iter().enumerate() {
            let at = place::at(&addon.document, &format!("/spec/secrets/{index}/externalSecret/key"));
            let possible = &["{project}", "{name}", "{addon}"];
            let key = Pattern { text: &secret.external_secret.key, at, needed: &[], possible };
            report.extend(key.check("no key can be", |_| true));
        }
    }
}

/// Returns whether a display name means itself where an AppProject names it: there it is a glob, and `!` denies.
fn is_display_name(name: &str) -> bool {
    !name.chars().any(|character| character.is_control() || "*?[]{}!\\".contains(character))
}

impl Pattern<'_> {
    /// Reports placeholders that are missing or unknown, and a pattern that makes no valid names; `refusal` is what
    /// is said before such a name.
    fn check(&self, refusal: &str, accepts: impl Fn(&str) -> bool) -> Report {
        let mut report = Report::default();
        let known = || self.needed.iter().chain(self.possible).copied();
        for needed in self.needed.iter().filter(|needed| !self.text.contains(**needed)) {
            report.push(RULE.finding(self.at, format!("`{}` lacks `{needed}`", self.text)));
        }
        for found in placeholders(self.text).filter(|found| !known().any(|known| known == *found)) {
            report.push(self.unknown(found, known()));
        }
        let filled = known().fold(self.text.to_owned(), |text, known| text.replace(known, sample(known)));
        if report.is_empty() && !accepts(&filled) {
            report.push(
                RULE.finding(self.at, format!("{refusal} called `{filled}`")).label("filled in, for example"),
            );
        }
        report
    }

    fn unknown<'a>(&self, found: &str, known: impl Iterator<Item = &'a str>) -> Diagnostic {
        let known: Vec<String> = known.map(|known| format!("`{known}`")).collect();
        RULE.finding(self.at, format!("`{found}` is no placeholder here"))
            .label(format!("known: {}", known.join(", ")))
    }
}

/// Returns every `{word}` of a pattern.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('{').filter_map(|(start, _)| {
        let end = text[start..].find('}')?;
        Some(&text[start..=start + end])
    })
}

/// Returns what a placeholder may be filled with.
fn sample(placeholder: &str) -> &'static str {
    match placeholder {
        "{minor}" => "1.35",
        "{yymmdd}" => "261121",
        _ => "x",
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    fn messages(changes: &str) -> Vec<String> {
        let found = findings(&RULE, changes);
        found.iter().map(|finding| finding.split("`: ").nth(1).unwrap_or_default().to_owned()).collect()
    }

    #[test]
    fn what_is_missing_and_what_is_unknown_is_named() {
        let found = messages("# fleet.yaml\nspec: {branch: r, tag: \"{minor}.{day}\"}\n");
        assert_eq!(
            found,
            ["`r` lacks `{minor}`", "`{day}` is no placeholder here", "`{minor}.{day}` lacks `{yymmdd}`"]
        );
    }

    #[test]
    fn a_tag_must_be_a_label_value_and_a_branch_one_of_git() {
        let found = messages("# fleet.yaml\nspec: {branch: \"r {minor}\", tag: \"v/{minor}.{yymmdd}\"}\n");
        assert_eq!(
            found,
            ["git takes no branch called `r 1.35`", "no tag and label can be called `v/1.35.261121`"]
        );
    }

    #[test]
    fn a_tag_that_could_be_read_in_two_ways_is_found() {
        for tag in ["v{minor}.{yymmdd}", "v{minor}{yymmdd}", "v{minor}-2{yymmdd}", "{minor}-{yymmdd}-{minor}"]
        {
            let found = messages(&format!("# fleet.yaml\nspec: {{tag: \"{tag}\"}}\n"));
            assert_eq!(found, [format!("minor and day cannot be told apart in names that follow `{tag}`")]);
        }
        assert!(messages("# fleet.yaml\nspec: {tag: \"{minor}-{yymmdd}\"}\n").is_empty());
    }

    #[test]
    fn braces_of_other_kinds_are_looked_at_too() {
        let cluster =
            "# fleet.yaml\nspec: {management: [{name: management, argocd: {clusterName: \"{cluster}\"}}]}\n";
        assert_eq!(messages(cluster), ["`{cluster}` is no placeholder here", "`{cluster}` lacks `{name}`"]);
        let glob =
            "# fleet.yaml\nspec: {management: [{name: management, argocd: {clusterName: \"{name}*\"}}]}\n";
        assert_eq!(messages(glob), ["no cluster can be called `x*`"]);
        let key = "# addons/cilium/addon.yaml\nspec: {secrets: [{name: a, externalSecret: {store: s, key: \"x/{project}/{y}\"}}]}\n";
        assert_eq!(messages(key), ["`{y}` is no placeholder here"]);
    }
}
