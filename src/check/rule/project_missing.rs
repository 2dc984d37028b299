//! Applications have an AppProject that is there.

use std::collections::BTreeMap;

use crate::check::judged::{JudgedApplication, by};
use crate::check::{Check, EmittedManagement, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity, nearest};
use crate::location::Location;

/// Applications have an AppProject that is there.
pub const RULE: Rule = Rule {
    id: "project-missing",
    severity: Severity::Error,
    page: Page {
        summary: "every Application that people write or patch names an AppProject that is there",
        why: "Argo CD leaves an Application alone whose AppProject does not exist: it is neither synced nor deleted. There \
              are those of the tenants, those among the clusters' `objects`, and `default`.",
        wrong: "# clusters/web.yaml\nspec:\n  objects:\n  - apiVersion: argoproj.io/v1alpha1\n    kind: Application\n    metadata: {name: shop, namespace: argocd}\n    spec:\n      project: bleu\n      source: {repoURL: \"https://git.example.com/shop.git\", path: .}\n      destination: {name: blue-web, namespace: shop}\n",
        right: "# clusters/web.yaml\nspec:\n  objects:\n  - apiVersion: argoproj.io/v1alpha1\n    kind: Application\n    metadata: {name: shop, namespace: argocd}\n    spec:\n      project: blue\n      source: {repoURL: \"https://git.example.com/shop.git\", path: .}\n      destination: {name: blue-web, namespace: shop}\n",
    },
    check: Check::Management(check),
};

fn check(specs: &Specs<'_>, management: &EmittedManagement<'_, '_>, report: &mut Report) {
    let judged = management.judged(specs);
    // A project for the root may be made by whoever installs Argo CD.
    let root = management.management.argocd.root_project.as_str();
    let is_known = |project: &str| project == root || judged.projects.contains_key(project);
    let mut missing: BTreeMap<(Location, &str), Vec<&JudgedApplication>> = BTreeMap::new();
    for application in judged.applications.iter().filter(|application| !is_known(&application.project)) {
        missing.entry((application.place, &application.project)).or_default().push(application);
    }
    for ((place, project), applications) in missing {
        let message = format!("there is no AppProject `{project}` for {}", by(&applications));
        let finding = RULE.finding(place, message);
        report.push(match nearest(project, judged.projects.keys().map(String::as_str)) {
            Some(near) => finding.label(format!("did you mean `{near}`?")),
            None => finding.hint(format!(
                "the AppProjects of `{}`: {}",
                management.management.name,
                judged.projects.keys().take(20).cloned().collect::<Vec<_>>().join(", ")
            )),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn what_a_set_or_a_patch_makes_is_looked_at_too() {
        let set = "# clusters/web.yaml\nspec: {objects: [{apiVersion: argoproj.io/v1alpha1, kind: ApplicationSet, metadata: {name: shop, namespace: argocd}, spec: {generators: [{list: {elements: [{a: x}, {a: z}]}}], template: {metadata: {name: '{{a}}'}, spec: {project: tools, destination: {name: blue-web}}}}}]}\n";
        assert_eq!(
            findings(&RULE, set),
            [
                "clusters/web.yaml `shop`: there is no AppProject `tools` for `x` and 1 more of the ApplicationSet `shop`"
            ]
        );
        let patch = "# addons/cilium/addon.yaml\nspec: {patches: [{target: {kind: Application}, merge: {spec: {project: tools}}}]}\n";
        assert_eq!(
            findings(&RULE, patch),
            [
                "addons/cilium/addon.yaml `cilium`: there is no AppProject `tools` for `cilium-blue-web` of the addon `cilium`"
            ]
        );
    }

    #[test]
    fn what_an_addon_renders_for_the_management_cluster_is_looked_at_and_what_goes_to_others_is_not() {
        let addon = |placement: &str| {
            findings(
                &RULE,
                &format!(
                    "# addons/metrics/addon.yaml\nspec: {{placement: {placement}, enable: {{default: true}}, source: {{helm: null, manifests: {{path: addons/metrics/m}}}}}}\n# addons/metrics/m/a.yaml.j2\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: shop, namespace: argocd}}\nspec: {{project: tools, destination: {{name: blue-web}}}}\n"
                ),
            )
        };
        let found = addon("management");
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("addons/metrics/m/a.yaml.j2 "), "{found:?}");
        assert!(found[0].contains("there is no AppProject `tools` for `shop`"), "{found:?}");
        assert!(addon("workload").is_empty());
    }

    #[test]
    fn a_project_among_the_objects_is_there() {
        let own = "# clusters/web.yaml\nspec: {objects: [{apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: {name: tools, namespace: argocd}, spec: {}}, {apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: shop, namespace: argocd}, spec: {project: tools, destination: {name: blue-web}}}]}\n";
        assert!(findings(&RULE, own).is_empty());
    }
}
