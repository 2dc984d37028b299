//! Companion objects hold no secrets.

use crate::check::clusters;
use crate::check::companion::Companion;
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::cluster::Cluster;
use crate::spec::yaml::Node;

/// Companion objects hold no secrets.
pub const RULE: Rule = Rule {
    id: "companion-secret",
    severity: Severity::Error,
    page: Page {
        summary: "no companion object is a Secret with data",
        why: "What stands in the repository is read by everybody who reads the repository, for ever. Let an \
              ExternalSecret make the Secret, or make it beside git.",
        wrong: "# clusters/web.yaml\nspec:\n  objects: [{apiVersion: v1, kind: Secret, metadata: {name: cloud}, stringData: {a: b}}]\n",
        right: "# clusters/web.yaml\nspec:\n  objects: [{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: cloud}}]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    clusters::each(specs, report, |cluster: &Cluster| {
        let mut found = Vec::new();
        for companion in Companion::of(cluster).filter(|one| one.kind == "Secret" && one.group.is_empty()) {
            for field in ["data", "stringData"] {
                let is_empty = |data: &Node| data.entries().is_some_and(<[_]>::is_empty);
                if place::written(companion.node, field).is_some_and(|data| !is_empty(data)) {
                    let message = format!("the Secret `{}` stands here with its data", companion.name);
                    found.push(
                        RULE.finding(place::key(companion.node, field), message)
                            .label("this is in git for ever"),
                    );
                }
            }
        }
        found
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn a_secret_without_data_and_a_kind_of_the_same_name_are_fine() {
        let object = |object: &str| format!("# clusters/web.yaml\nspec: {{objects: [{object}]}}\n");
        assert!(
            findings(&RULE, &object("{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {}}"))
                .is_empty()
        );
        assert!(
            findings(
                &RULE,
                &object("{apiVersion: x.io/v1, kind: Secret, metadata: {name: a}, data: {b: c}}")
            )
            .is_empty()
        );
        assert_eq!(
            findings(&RULE, &object("{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {b: Yw==}}"))
                .len(),
            1
        );
    }
}
