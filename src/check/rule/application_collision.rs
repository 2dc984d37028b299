//! Applications that people write have names of their own.

use std::collections::BTreeMap;

use crate::check::judged::JudgedApplication;
use crate::check::{Check, EmittedManagement, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::emit::look_up::normalized;
use crate::expand::ExpandedCluster;

/// Applications that people write have names of their own.
pub const RULE: Rule = Rule {
    id: "application-collision",
    severity: Severity::Error,
    page: Page {
        summary: "no Application that people write has the name of another Application",
        why: "All Applications of a namespace are told apart by their names. Whatever makes one that is there already takes \
              it over, or fails and then deletes nothing: an ApplicationSet makes neither of two that it gives one name. \
              Names that are taken are `<addon>-<cluster>`, `cluster-<project>-<cluster>`, `root`, `projects` and \
              `applicationsets`.",
        wrong: "# clusters/web.yaml\nspec:\n  objects:\n  - apiVersion: argoproj.io/v1alpha1\n    kind: Application\n    metadata: {name: cilium-blue-web, namespace: argocd}\n    spec:\n      project: blue\n      source: {repoURL: \"https://git.example.com/shop.git\", path: .}\n      destination: {name: blue-web, namespace: shop}\n",
        right: "# clusters/web.yaml\nspec:\n  objects:\n  - apiVersion: argoproj.io/v1alpha1\n    kind: Application\n    metadata: {name: cilium-extra-blue-web, namespace: argocd}\n    spec:\n      project: blue\n      source: {repoURL: \"https://git.example.com/shop.git\", path: .}\n      destination: {name: blue-web, namespace: shop}\n",
    },
    check: Check::Management(check),
};

fn check(specs: &Specs<'_>, management: &EmittedManagement<'_, '_>, report: &mut Report) {
    let judged = management.judged(specs);
    judged.report(&["name-in-two-sets"], &RULE, report);
    let mut twice = Report::default();
    judged.report(&["application-held"], &RULE, &mut twice);
    let is_twice = |message: &str| message.contains("contains applications with duplicate name");
    report.diagnostics.extend(twice.diagnostics.into_iter().filter(|held| is_twice(&held.message)));
    let by_hand = judged.applications.iter().filter(|application| application.is_by_hand);
    let by_hand: Vec<&JudgedApplication> = by_hand.collect();
    if !by_hand.is_empty() {
        check_taken(management, &by_hand, report);
        check_each_other(&by_hand, report);
    }
}

/// Holds Applications against those that yoshino makes.
fn check_taken(management: &EmittedManagement<'_, '_>, by_hand: &[&JudgedApplication], report: &mut Report) {
    let own = management.management.argocd.namespace.as_str();
    let shown = |expanded: &ExpandedCluster<'_>| {
        let cluster = expanded.cluster;
        normalized(&management.management.cluster_name(&cluster.project, &cluster.name))
    };
    let clusters: BTreeMap<String, &ExpandedCluster<'_>> =
        management.clusters.iter().map(|(expanded, _)| (shown(expanded), *expanded)).collect();
    let folders: BTreeMap<String, &ExpandedCluster<'_>> =
        management.clusters.iter().map(|(expanded, _)| (expanded.cluster.secret_name(), *expanded)).collect();
    for application in by_hand.iter().filter(|application| application.namespace == own) {
        let name = application.name.as_str();
        let is_single = |object: &crate::emit::Object| object.name() == name;
        let taken = if management.applications.iter().any(is_single) {
            Some("the Application that reads what is rendered".to_owned())
        } else if let Some(expanded) = folders.get(name) {
            Some(format!("that of the folder of `{}`", expanded.cluster.identity()))
        } else {
            of_addon(name, &clusters)
        };
        if let Some(taken) = taken {
            let finding =
                RULE.finding(application.place, format!("the Application `{name}` has the name of another"));
            report.push(finding.label(taken));
        }
    }
}

/// Says whose Application of an addon has a name; `None` where none has.
fn of_addon(name: &str, clusters: &BTreeMap<String, &ExpandedCluster<'_>>) -> Option<String> {
    let splits = name.match_indices('-').map(|(at, _)| (&name[..at], &name[at + 1..]));
    let mut whose = splits.filter_map(|(addon, shown)| {
        let expanded = clusters.get(shown)?;
        expanded.addon(addon)?;
        Some(format!("that of the addon `{addon}` on `{}`", expanded.cluster.identity()))
    });
    whose.next()
}

/// Holds those that are written one by one against each other, and against those of sets.
fn check_each_other(by_hand: &[&JudgedApplication], report: &mut Report) {
    let mut known: BTreeMap<(&str, &str), Vec<&JudgedApplication>> = BTreeMap::new();
    for application in by_hand {
        known.entry((&application.namespace, &application.name)).or_default().push(application);
    }
    for same in known.into_values().filter(|same| same.len() > 1) {
        // Those of two sets are found with their sets.
        let Some(single) = same.iter().find(|application| application.maker.is_none()) else { continue };
        for other in same.iter().filter(|other| other.place != single.place) {
            let message = format!("the Application `{}` is there twice", single.name);
            let finding = RULE.finding(single.place, message);
            let what = other
                .maker
                .as_ref()
                .map_or("written here, too".to_owned(), |maker| format!("{maker} makes it, too"));
            report.push(finding.related(other.place, what));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    const SET: &str = "{apiVersion: argoproj.io/v1alpha1, kind: ApplicationSet, metadata: {name: NAME, namespace: argocd}, spec: {generators: [{list: {elements: [{a: MADE}]}}], template: {metadata: {name: '{{a}}'}, spec: {project: blue, destination: {name: blue-web}}}}}";
    const SINGLE: &str = "{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: NAME, namespace: argocd}, spec: {project: blue, destination: {name: blue-web}}}";

    fn found(objects: &[String]) -> Vec<String> {
        findings(&RULE, &format!("# clusters/web.yaml\nspec: {{objects: [{}]}}\n", objects.join(", ")))
    }

    fn set(name: &str, made: &str) -> String {
        SET.replace("NAME", name).replace("MADE", made)
    }

    #[test]
    fn two_sets_and_a_set_beside_a_single_one_make_one_name() {
        assert_eq!(
            found(&[set("one", "shop"), set("two", "shop")]),
            [
                "clusters/web.yaml `two`: the ApplicationSet `one` makes `shop`, too; clusters/web.yaml `one`: made here, too"
            ]
        );
        assert_eq!(
            found(&[set("one", "shop"), SINGLE.replace("NAME", "shop")]),
            ["clusters/web.yaml `shop`: the Application `shop` is there twice; \
              clusters/web.yaml `one`: the ApplicationSet `one` makes it, too"]
        );
        assert!(found(&[set("one", "shop"), set("two", "shops"), SINGLE.replace("NAME", "one")]).is_empty());
    }

    #[test]
    fn names_that_yoshino_makes_are_taken() {
        for name in ["root", "cluster-blue-web", "cilium-blue-web"] {
            let taken = found(&[set("one", name)]);
            assert_eq!(
                taken,
                [format!("clusters/web.yaml `one`: the Application `{name}` has the name of another")]
            );
        }
        assert!(found(&[set("one", "metrics-blue-web")]).is_empty());
    }
}
