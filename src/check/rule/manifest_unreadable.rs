//! Argo CD and kustomize can read what addons' folders hold.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::check::{Check, Page, Rule, Specs, folder};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::emit::kustomization::{NAMES, references, resolved};
use crate::location::Location;
use crate::spec::Content;
use crate::spec::addon::Source;
use crate::spec::yaml::{Kind, Node, Options, parse};
use crate::tree::RepoPath;

/// Argo CD and kustomize can read what addons' folders hold.
pub const RULE: Rule = Rule {
    id: "manifest-unreadable",
    severity: Severity::Error,
    page: Page {
        summary: "every plain manifest and every kustomization of an addon can be read",
        why: "One document that is no YAML, or no Kubernetes object, and Argo CD makes nothing of the addon's whole folder: \
              no cluster gets anything of it any more. As Argo CD does, a file is passed over that holds no object and nowhere \
              `apiVersion:`, `kind:` and `metadata:`; it may well be something else. Templates are read when they are rendered.",
        wrong: "# addons/metrics/addon.yaml\nspec:\n  source: {helm: null, manifests: {path: addons/metrics/manifests}}\n\
                # addons/metrics/manifests/service.yaml\napiVersion: v1\nkind: Service\nmetadata: {name: metrics\n",
        right: "# addons/metrics/addon.yaml\nspec:\n  source: {helm: null, manifests: {path: addons/metrics/manifests}}\n\
                # addons/metrics/manifests/service.yaml\napiVersion: v1\nkind: Service\nmetadata: {name: metrics}\n",
    },
    check: Check::World(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    for content in specs.catalog.contents() {
        let reading = Reading { specs, content };
        let (mut plain, mut kustomizations) = (BTreeSet::new(), BTreeSet::new());
        for addon in content.addons.values() {
            for minor in &specs.catalog.fleet.spec.minors {
                match addon.source(*minor) {
                    Ok(Source::Manifests { path }) => {
                        plain.extend(folder::content(&content.files, &path).plain_manifests().cloned());
                    }
                    Ok(Source::Kustomize { path }) => reading.follow(&path, &mut kustomizations),
                    Ok(Source::Helm(_) | Source::Eks(_) | Source::Access) | Err(_) => {}
                }
            }
        }
        // Bundles of custom resource definitions are long.
        let plain: Vec<_> = plain.par_iter().map(|path| reading.plain(path)).collect();
        plain.into_iter().for_each(|found| report.extend(found));
        kustomizations.iter().for_each(|path| report.extend(reading.kustomization(path)));
    }
}

/// A look into the files of trunk or of a release.
#[derive(Clone, Copy)]
struct Reading<'r, 'a> {
    specs: &'r Specs<'a>,
    content: &'a Content,
}

impl Reading<'_, '_> {
    /// Returns the documents of a file, or what is wrong with its YAML; nothing where there is no such file.
    fn documents(self, path: &RepoPath) -> Option<Result<Vec<Node>, Report>> {
        let file = self.specs.sources.find_named(&self.content.source_name(path))?;
        let documents = parse(file, self.content.files.0.get(path)?, Options::FOREIGN);
        Some(documents.map(|documents| documents.into_iter().map(|document| document.root).collect()))
    }

    fn plain(self, path: &RepoPath) -> Report {
        let (Some(bytes), Some(read)) = (self.content.files.0.get(path), self.documents(path)) else {
            return Report::default();
        };
        let (objects, found) = match read {
            // JSON is not read as YAML by anybody.
            Err(_) if is_json(path, bytes) => return Report::default(),
            Err(findings) => (0, as_found(findings)),
            Ok(documents) => {
                let objects = documents.iter().take_while(|document| fault(document).is_none()).count();
                let wrong =
                    documents.get(objects).and_then(|document| Some((document.location, fault(document)?)));
                let diagnostics = wrong.map(|(at, what)| finding(at, what)).into_iter().collect();
                (objects, Report { diagnostics })
            }
        };
        let text = String::from_utf8_lossy(bytes);
        let is_manifest = ["apiVersion:", "kind:", "metadata:"].iter().all(|word| text.contains(word));
        if objects > 0 || is_manifest || path.as_str().ends_with(".json") { found } else { Report::default() }
    }

    /// Adds the kustomization in a folder, and those that it refers to.
    fn follow(self, folder: &str, found: &mut BTreeSet<RepoPath>) {
        let files = &self.content.files.0;
        let mut waiting: Vec<RepoPath> = RepoPath::new(folder).into_iter().collect();
        while let Some(folder) = waiting.pop() {
            let named = NAMES.iter().filter_map(|name| RepoPath::new(&format!("{folder}/{name}")).ok());
            let Some((file, bytes)) = named.filter_map(|file| files.get_key_value(&file)).next() else {
                continue;
            };
            if found.insert(file.clone()) {
                let references = references(bytes);
                waiting.extend(references.iter().filter_map(|reference| resolved(&folder, reference)));
            }
        }
    }

    fn kustomization(self, path: &RepoPath) -> Report {
        match self.documents(path) {
            Some(Err(findings)) => as_found(findings),
            Some(Ok(_)) | None => Report::default(),
        }
    }
}

/// Returns what is wrong with YAML as this rule finds it; a limit of ours says nothing of Argo CD.
fn as_found(findings: Report) -> Report {
    let of_reader = findings.diagnostics.into_iter().filter(|said| said.rule != "yaml-limit");
    let found = of_reader.map(|said| Diagnostic { rule: RULE.id, severity: RULE.severity, ..said });
    Report { diagnostics: found.collect() }
}

fn is_json(path: &RepoPath, bytes: &[u8]) -> bool {
    path.as_str().ends_with(".json") && serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok()
}

/// Returns what keeps a document from being an object.
fn fault(document: &Node) -> Option<&'static str> {
    let has = |field: &str| document.get(field).and_then(Node::as_str).is_some_and(|text| !text.is_empty());
    match &document.kind {
        Kind::Scalar { .. } if document.to_json().is_null() => None,
        Kind::Scalar { .. } | Kind::List { .. } => Some("is no map"),
        Kind::Map { .. } if !has("kind") => Some("has no `kind`"),
        Kind::Map { .. } if !has("apiVersion") => Some("has no `apiVersion`"),
        Kind::Map { .. } => None,
    }
}

fn finding(at: Location, what: &str) -> Diagnostic {
    RULE.finding(at, format!("this document {what}, so it is no Kubernetes object"))
        .hint("Argo CD makes nothing of the whole folder; what is no manifest goes into another one")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    const OBJECT: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

    fn of_file(name: &str, text: &str) -> Vec<String> {
        let addon = "# addons/metrics/addon.yaml\nspec: {source: {helm: null, manifests: {path: addons/metrics/m}}}\n";
        findings(&RULE, &format!("{addon}# addons/metrics/m/{name}\n{text}"))
    }

    #[test]
    fn a_document_that_is_no_object_is_found_where_it_begins() {
        let second = |text: &str| of_file("a.yaml", &format!("{OBJECT}---\n{text}"));
        assert_eq!(
            second("kind: ConfigMap\n"),
            [
                "addons/metrics/m/a.yaml `kind: ConfigMap`: this document has no `apiVersion`, so it is no Kubernetes object"
            ]
        );
        assert_eq!(
            second("- a\n"),
            ["addons/metrics/m/a.yaml `- a`: this document is no map, so it is no Kubernetes object"]
        );
        assert!(second("# nothing but a remark\n").is_empty());
        assert!(second("null\n---\n").is_empty());
        assert!(second(OBJECT).is_empty());
    }

    #[test]
    fn what_is_no_yaml_is_found_in_manifests_and_in_kustomizations() {
        let found = of_file("a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: name: a\n");
        assert_eq!(found.len(), 1, "{found:?}");
        let kustomization = |text: &str| {
            findings(
                &RULE,
                &format!(
                    "# addons/metrics/addon.yaml\nspec: {{source: {{helm: null, kustomize: {{path: addons/metrics/over}}}}}}\n# addons/metrics/over/kustomization.yaml\nresources: [../base]\n# addons/metrics/base/kustomization.yaml\n{text}"
                ),
            )
        };
        assert!(kustomization("resources: [a.yaml]\n").is_empty());
        let found = kustomization("resources: [a.yaml\n");
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("addons/metrics/base/kustomization.yaml "), "{found:?}");
    }

    #[test]
    fn a_file_that_argo_cd_takes_for_no_manifest_is_passed_over() {
        assert!(of_file("values.yaml", "a: 1\nb: [2]\n").is_empty());
        assert!(of_file("chart.yaml", "a: {{ .Values.a }}\n").is_empty());
        assert!(
            of_file(
                "a.json",
                "{\"apiVersion\": \"v1\",\n\t\"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"a\"}}\n"
            )
            .is_empty()
        );
        assert_eq!(of_file("b.json", "{\"a\": 1}\n").len(), 1);
    }
}
