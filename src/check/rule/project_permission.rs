//! AppProjects permit what their Applications do.

use std::collections::BTreeMap;

use crate::argocd::Permissions;
use crate::check::judged::{Destination, JudgedApplication};
use crate::check::own_manifest::own_objects;
use crate::check::{Check, EmittedManagement, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::emit::patch::Patches;
use crate::location::Location;
use crate::spec::yaml::Node;

/// AppProjects permit what their Applications do.
pub const RULE: Rule = Rule {
    id: "project-permission",
    severity: Severity::Error,
    page: Page {
        summary: "an AppProject permits sources, destinations and cluster-scoped kinds of its Applications",
        why: "Argo CD does not sync what the AppProject does not permit. A tenant's permits its own clusters and what its \
              spec says; that of its addons permits what these need, unless a patch says otherwise. Looked at are \
              Applications and sets that people write, and all others where a patch is for Applications or AppProjects; \
              cluster-scoped kinds in the addons' own manifests. What charts and other repositories hold is not known.",
        wrong: "# clusters/web.yaml\nspec:\n  objects:\n  - apiVersion: argoproj.io/v1alpha1\n    kind: Application\n    metadata: {name: shop, namespace: argocd}\n    spec:\n      project: blue\n      source: {repoURL: \"https://git.example.com/shop.git\", path: .}\n      destination: {name: in-cluster, namespace: shop}\n",
        right: "# clusters/web.yaml\nspec:\n  objects:\n  - apiVersion: argoproj.io/v1alpha1\n    kind: Application\n    metadata: {name: shop, namespace: argocd}\n    spec:\n      project: blue\n      source: {repoURL: \"https://git.example.com/shop.git\", path: .}\n      destination: {name: blue-web, namespace: shop}\n",
    },
    check: Check::Management(check),
};

/// What a project does not permit: where it is said, who makes the Application, and what it is.
type Refusal<'j> = (Location, Option<&'j str>, Refused<'j>);

/// What a project does not permit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Refused<'j> {
    Source(&'j str),
    Namespace(&'j str),
}

fn check(specs: &Specs<'_>, management: &EmittedManagement<'_, '_>, report: &mut Report) {
    let judged = management.judged(specs);
    let mut refused: BTreeMap<Refusal<'_>, Vec<&JudgedApplication>> = BTreeMap::new();
    let mut sources = Sources::new();
    let mut patches: BTreeMap<(&str, &str), Option<Location>> = BTreeMap::new();
    for application in &judged.applications {
        let Some(project) = judged.projects.get(&application.project) else { continue };
        for what in refusals(project, application, &mut sources) {
            let project = application.project.as_str();
            let said = patches.entry((project, what.field())).or_insert_with(|| patch(specs, project, what));
            let key = match said.filter(|_| !application.is_by_hand) {
                Some(place) => (place, None, what),
                None => (application.place, application.maker.as_deref(), what),
            };
            refused.entry(key).or_default().push(application);
        }
    }
    let found = refused.iter().map(|(refusal, applications)| {
        let hint = hint(specs, refusal, &applications[0].project);
        finding(refusal, applications).hint(hint)
    });
    report.diagnostics.extend(found);
    if !judged.projects.is_empty() {
        check_kinds(specs, management, &judged.projects, report);
    }
}

/// Whether a project permits a source: asked once, for thousands of Applications have it.
type Sources<'j> = BTreeMap<(&'j str, &'j str), bool>;

fn refusals<'j>(
    project: &Permissions,
    application: &'j JudgedApplication,
    sources: &mut Sources<'j>,
) -> Vec<Refused<'j>> {
    let mut refused = Vec::new();
    for url in &application.repositories {
        let key = (application.project.as_str(), url.as_str());
        if !*sources.entry(key).or_insert_with(|| project.permits_source(url)) {
            refused.push(Refused::Source(url));
        }
    }
    if let Ok(Destination { name, server, namespace }) = &application.destination
        && !project.permits_destination(name, server, namespace)
    {
        refused.push(Refused::Namespace(namespace));
    }
    refused
}

impl Refused<'_> {
    /// Returns the field of an AppProject that permits it.
    fn field(self) -> &'static str {
        match self {
            Self::Source(_) => "sourceRepos",
            Self::Namespace(_) => "destinations",
        }
    }
}

/// Returns where the fleet's last patch for an AppProject says what would permit something.
fn patch(specs: &Specs<'_>, project: &str, what: Refused<'_>) -> Option<Location> {
    let spec = specs.catalog.fleet.document.get("spec")?;
    let matching = Patches::of_spec(Some(spec)).matching("AppProject", "argoproj.io", project);
    let patches = spec.get("patches").and_then(Node::items)?;
    let said = matching.iter().rev().filter_map(|index| {
        let merged = patches.get(*index)?.get("merge").and_then(|merge| merge.get("spec")?.get(what.field()));
        let operations = patches.get(*index)?.get("json").and_then(Node::items).unwrap_or_default();
        let path = format!("/spec/{}", what.field());
        let mut paths = operations.iter().filter_map(|operation| operation.get("path"));
        merged.or_else(|| paths.find(|node| node.as_str().is_some_and(|text| text.starts_with(&path))))
    });
    said.map(|node| node.location).next()
}

/// Says what to do.
fn hint(specs: &Specs<'_>, (place, _, what): &Refusal<'_>, project: &str) -> String {
    let is_patch = patch(specs, project, *what).is_some_and(|patch| patch == *place);
    let of_tenant = specs.catalog.tenants.keys().any(|tenant| tenant.as_str() == project);
    match (is_patch, of_tenant, what) {
        (true, _, _) => "permit it in this patch, or take the patch away".to_owned(),
        (false, true, Refused::Source(_)) => {
            format!("add it to `sourceRepositories` of the tenant `{project}`, or take another source")
        }
        (false, true, Refused::Namespace(_)) => {
            format!("add it to `destinations` of the tenant `{project}`, or take another destination")
        }
        (false, false, what) => format!("permit it in `spec.{}` of this AppProject", what.field()),
    }
}

fn finding((place, maker, what): &Refusal<'_>, applications: &[&JudgedApplication]) -> Diagnostic {
    let first = applications[0];
    let cluster = first.destination.as_ref().map(|destination| destination.name.as_str()).unwrap_or_default();
    let what = match what {
        Refused::Source(url) => format!("the source `{url}`"),
        Refused::Namespace(namespace) => format!("the namespace `{namespace}` of the cluster `{cluster}`"),
    };
    let message = format!("the AppProject `{}` does not permit {what} of `{}`", first.project, first.name);
    let finding = RULE.finding(*place, message);
    match (applications.len() - 1, maker) {
        (0, None) => finding,
        (0, Some(maker)) => finding.label(format!("made by {maker}")),
        (more, Some(maker)) => finding.label(format!("so it is for {more} more of {maker}")),
        (1, None) => finding.label("so it is for another Application"),
        (more, None) => finding.label(format!("so it is for {more} more Applications")),
    }
}

/// Holds the cluster-scoped kinds of the addons' own manifests against the projects of their Applications.
fn check_kinds(
    specs: &Specs<'_>,
    management: &EmittedManagement<'_, '_>,
    projects: &BTreeMap<String, Permissions>,
    report: &mut Report,
) {
    let mut of_tenants = BTreeMap::new();
    for (expanded, _) in management.clusters {
        let project = management.management.addon_project(&expanded.tenant.name);
        of_tenants.entry(project).or_insert_with(Vec::new).push(*expanded);
    }
    let restricted = of_tenants.iter().filter_map(|(project, clusters)| {
        let permissions = projects.get(project).filter(|project| !project.permit_all_kinds())?;
        Some((project, permissions, clusters))
    });
    let restricted: Vec<_> = restricted.collect();
    if restricted.is_empty() {
        return;
    }
    let own = own_objects(specs, &|_| true);
    for own in own.iter().filter(|own| own.header.is_cluster_scoped()) {
        let kind = own.header.kind.as_str();
        let group = own.header.group();
        for (project, permissions, clusters) in &restricted {
            let has_it = |installed: &crate::expand::Installed<'_>| std::ptr::eq(installed.addon, own.addon);
            let on = clusters.iter().find(|expanded| expanded.addons.iter().any(has_it));
            let Some(on) = on.filter(|_| !permissions.permits_kind(group, kind)) else { continue };
            let message = format!(
                "the AppProject `{project}` does not permit the cluster-scoped kind {kind} of `{}`",
                own.addon.name
            );
            let finding = RULE.finding(own.header.location, message);
            let finding = finding
                .label(format!("its group is `{group}`"))
                .hint("permit it in `spec.clusterResourceWhitelist` of this AppProject");
            report.push(
                finding.related(crate::check::place::cluster(on.cluster), "the addon is on for this cluster"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::{findings, shown};

    fn single(spec: &str) -> String {
        format!(
            "# clusters/web.yaml\nspec: {{objects: [{{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {{name: shop, namespace: argocd}}, spec: {{project: blue, {spec}}}}}]}}\n"
        )
    }

    #[test]
    fn what_the_tenant_says_of_sources_and_destinations_holds() {
        let tenant = "# tenants/blue.yaml\nspec: {sourceRepositories: ['https://git.example.com/blue/*'], destinations: [{cluster: web, namespace: 'shop-*'}]}\n";
        let found = |spec: &str| findings(&RULE, &format!("{tenant}{}", single(spec)));
        assert!(found("source: {repoURL: 'https://git.example.com/blue/shop.git'}, destination: {name: blue-web, namespace: shop-a}").is_empty());
        assert_eq!(
            found(
                "source: {repoURL: 'https://git.example.com/shop.git'}, destination: {name: blue-web, namespace: kube-system}"
            ),
            [
                "clusters/web.yaml `shop`: the AppProject `blue` does not permit the namespace `kube-system` of the cluster `blue-web` of `shop`",
                "clusters/web.yaml `shop`: the AppProject `blue` does not permit the source `https://git.example.com/shop.git` of `shop`",
            ]
        );
    }

    #[test]
    fn a_patch_on_applications_or_projects_has_all_of_them_looked_at() {
        let source = "# addons/cilium/addon.yaml\nspec: {patches: [{target: {kind: Application}, json: [{op: replace, path: /spec/sources/0/repoURL, value: 'https://mirror.example.com'}]}]}\n";
        assert_eq!(
            findings(&RULE, source),
            [
                "addons/cilium/addon.yaml `cilium`: the AppProject `blue-platform` does not permit the source `https://mirror.example.com` of `cilium-blue-web`"
            ]
        );
        let projects = |merge: &str| {
            findings(
                &RULE,
                &format!(
                    "# fleet.yaml\nspec: {{patches: [{{target: {{kind: AppProject, name: '*-platform'}}, merge: {{spec: {{{merge}}}}}}}]}}\n"
                ),
            )
        };
        assert_eq!(
            projects("destinations: [{name: blue-web, namespace: shop}]"),
            [
                "fleet.yaml `[{\"name\":\"blue-web\",\"namespace\":\"shop\"}]`: the AppProject `blue-platform` does not permit the namespace `kube-system` of the cluster `blue-web` of `cilium-blue-web`"
            ]
        );
        assert!(projects("description: x").is_empty());
    }

    #[test]
    fn what_is_to_be_done_is_said_for_who_wrote_it() {
        let hints = |changes: &str| -> Vec<String> {
            let lines = shown(&RULE, changes).0;
            lines.lines().filter_map(|line| Some(line.split_once("= hint: ")?.1.to_owned())).collect()
        };
        let tenant = "# tenants/blue.yaml\nspec: {sourceRepositories: ['https://git.example.com/blue/*']}\n";
        let own = single(
            "source: {repoURL: 'https://git.example.com/shop.git'}, destination: {name: blue-web, namespace: shop}",
        );
        assert_eq!(
            hints(&format!("{tenant}{own}")),
            ["add it to `sourceRepositories` of the tenant `blue`, or take another source"]
        );
        let patch = "# fleet.yaml\nspec: {patches: [{target: {kind: AppProject, name: blue-platform}, merge: {spec: {destinations: []}}}]}\n";
        assert_eq!(hints(patch), ["permit it in this patch, or take the patch away"]);
    }

    #[test]
    fn cluster_scoped_kinds_of_own_manifests_must_be_permitted() {
        let found = |kind: &str| {
            findings(
                &RULE,
                &format!(
                    "# fleet.yaml\nspec: {{patches: [{{target: {{kind: AppProject, name: '*-platform'}}, merge: {{spec: {{clusterResourceWhitelist: [{{group: '', kind: Namespace}}]}}}}}}]}}\n# addons/metrics/addon.yaml\nspec: {{enable: {{default: true}}, source: {{helm: null, manifests: {{path: addons/metrics/m}}}}}}\n# addons/metrics/m/a.yaml\n{{apiVersion: {kind}}}\n"
                ),
            )
        };
        assert_eq!(
            found("rbac.authorization.k8s.io/v1, kind: ClusterRole"),
            [
                "addons/metrics/m/a.yaml `rbac.authorization.k8s.io/v1`: the AppProject `blue-platform` does not permit the cluster-scoped kind ClusterRole of `metrics`; \
              clusters/web.yaml `web`: the addon is on for this cluster"
            ]
        );
        assert!(found("v1, kind: Namespace").is_empty());
        assert!(found("rbac.authorization.k8s.io/v1, kind: Role").is_empty());
    }
}
