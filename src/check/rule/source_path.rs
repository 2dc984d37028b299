//! What an addon is installed from in this repository is there.

use crate::check::folder::{Content, content};
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::location::Location;
use crate::spec::Catalog;
use crate::spec::addon::Source;
use crate::spec::yaml::Node;
use crate::tree::RepoPath;

/// What an addon is installed from in this repository is there.
pub const RULE: Rule = Rule {
    id: "source-path",
    severity: Severity::Error,
    page: Page {
        summary: "the folder of a kustomization or of manifests is there, beneath `addons/`",
        why: "Argo CD reads the folder at the cluster's release, and what a release contains are `addons/` and \
              `templates/`. A folder of manifests is applied as a whole, so that no `addon.yaml` may lie in it.",
        wrong: "# addons/metrics/addon.yaml\nspec:\n  source: {helm: null, manifests: {path: addons/metrics/manifest}}\n\
                # addons/metrics/manifests/service.yaml\nkind: Service\n",
        right: "# addons/metrics/addon.yaml\nspec:\n  source: {helm: null, manifests: {path: addons/metrics/manifests}}\n\
                # addons/metrics/manifests/service.yaml\nkind: Service\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    for addon in specs.catalog.trunk.addons.values() {
        for minor in specs.catalog.fleet.spec.minors.iter().filter(|minor| addon.runs_on(**minor)) {
            let node = addon.source_node(*minor);
            let at = |pointer: &str| node.at(pointer).map_or(node.location, |node: &Node| node.location);
            let finding = match addon.source(*minor) {
                Ok(Source::Kustomize { path }) => {
                    check_kustomization(specs.catalog, &path, at("/kustomize/path"))
                }
                Ok(Source::Manifests { path }) => {
                    check_manifests(specs.catalog, &path, at("/manifests/path"))
                }
                Ok(Source::Helm(_) | Source::Eks(_) | Source::Access) | Err(_) => None,
            };
            // Minors that share a source share its finding, which the sorted report holds once.
            report.diagnostics.extend(finding);
        }
    }
}

fn check_kustomization(catalog: &Catalog, path: &str, at: Location) -> Option<Diagnostic> {
    let content = content(&catalog.trunk.files, path);
    let names = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
    let is_one = |file: &&RepoPath| file.folder() == path && names.contains(&file.file_name());
    check_folder(&content, path, at).or_else(|| {
        let finding = RULE.finding(at, format!("`{path}` holds no kustomization"));
        (!content.files.iter().any(is_one)).then(|| finding.label("expected a `kustomization.yaml` in it"))
    })
}

fn check_manifests(catalog: &Catalog, path: &str, at: Location) -> Option<Diagnostic> {
    let content = content(&catalog.trunk.files, path);
    check_folder(&content, path, at).or_else(|| {
        if content.manifests().next().is_none() {
            let finding = RULE.finding(at, format!("`{path}` holds no manifest"));
            return Some(finding.label("expected a `*.yaml` or `*.yaml.j2` file in it"));
        }
        let spec = content.files.iter().find(|file| file.file_name() == "addon.yaml")?;
        let finding =
            RULE.finding(at, format!("`{path}` holds `{spec}`, which would be applied as a manifest"));
        Some(finding.hint("put the manifests into a folder of their own"))
    })
}

/// Reports that a folder is not there, or lies where no release holds it.
fn check_folder(content: &Content<'_>, path: &str, at: Location) -> Option<Diagnostic> {
    if !path.starts_with("addons/") {
        let finding = RULE.finding(at, format!("`{path}` does not lie beneath `addons/`"));
        return Some(finding.label("a release holds what lies there"));
    }
    let finding = || RULE.finding(at, format!("there is no folder `{path}`")).label("nothing lies there");
    content.files.is_empty().then(finding)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    fn messages(source: &str, files: &str) -> Vec<String> {
        let addon =
            format!("# addons/metrics/addon.yaml\nspec: {{source: {{helm: null, {source}}}}}\n{files}");
        let found = findings(&RULE, &addon);
        found.iter().map(|finding| finding.split("`: ").nth(1).unwrap_or_default().to_owned()).collect()
    }

    #[test]
    fn a_kustomization_stands_in_the_folder_itself() {
        let source = "kustomize: {path: addons/metrics/release}";
        let beneath = "# addons/metrics/release/base/kustomization.yaml\n{}\n";
        assert_eq!(messages(source, beneath), ["`addons/metrics/release` holds no kustomization"]);
        assert!(messages(source, "# addons/metrics/release/kustomization.yaml\n{}\n").is_empty());
    }

    #[test]
    fn a_folder_that_only_begins_alike_is_another_one() {
        let source = "manifests: {path: addons/metrics/manifests}";
        let other = "# addons/metrics/manifests-old/a.yaml\n{}\n";
        assert_eq!(messages(source, other), ["there is no folder `addons/metrics/manifests`"]);
    }

    #[test]
    fn manifests_lie_beneath_addons_and_not_beside_the_addon() {
        assert_eq!(
            messages("manifests: {path: manifests}", ""),
            ["`manifests` does not lie beneath `addons/`"]
        );
        let beside = messages("manifests: {path: addons/metrics}", "# addons/metrics/a.yaml\n{}\n");
        assert_eq!(
            beside,
            ["`addons/metrics` holds `addons/metrics/addon.yaml`, which would be applied as a manifest"]
        );
        let templates = messages("manifests: {path: addons/metrics/m}", "# addons/metrics/m/a.yaml.j2\n{}\n");
        assert!(templates.is_empty(), "{templates:?}");
        let other = messages("manifests: {path: addons/metrics/m}", "# addons/metrics/m/README.md\nx\n");
        assert_eq!(other, ["`addons/metrics/m` holds no manifest"]);
    }
}
