//! What is rendered of an addon for one cluster: its templates of manifests, and its Secrets; of the addon `access`, what
//! tenants say.
//!
//! It all lies in one folder, which one source of the addon's Application reads.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::access::access_objects;
use super::application::SourceKind;
use super::external_secret::external_secrets;
use super::fold::Fold;
use super::patch::Patches;
use super::source_kind::{files_in, is_template};
use super::template::{Filled, Shapes, Template, Value};
use super::variables::{place_of, with_addon};
use super::wave::add_wave;
use super::{Object, Origin};
use crate::diagnostic::{Diagnostic, Report};
use crate::expand::ExpandedCluster;
use crate::location::{FileId, Location, SourceName, Sources};
use crate::spec::addon::{Addon, Source};
use crate::spec::release::Release;
use crate::spec::tenant::Tenant;
use crate::spec::{Catalog, Content};
use crate::tree::{FileTree, RepoPath};

/// The file that holds an addon's Secrets, in its folder.
const SECRETS: &str = "secrets.yaml";

/// The templates of the manifests of every addon, compiled.
#[derive(Debug)]
pub struct Manifests<'a> {
    /// By the release that they belong to, `None` for trunk, and their path.
    templates: BTreeMap<(Option<&'a Release>, &'a RepoPath), Template>,
    shapes: Shapes,
}

/// A file of an addon's manifests for a cluster.
#[derive(Clone, Debug)]
pub struct ManifestFile<'a> {
    /// Its path below `manifests/<addon>/<project>/<cluster>/`.
    pub path: String,
    /// What it was made from.
    pub source: SourceName,
    /// What is in it.
    pub content: FileContent<'a>,
}

/// What is in a file of manifests.
#[derive(Clone, Debug)]
pub enum FileContent<'a> {
    /// Objects that were made.
    Objects(Vec<Object>),
    /// YAML text that is taken over as it is, without byte order mark.
    Text(Cow<'a, str>),
}

impl<'a> Manifests<'a> {
    /// Compiles the templates.
    ///
    /// # Errors
    /// Reports every statement line and every expression that cannot be read.
    pub fn new(catalog: &'a Catalog, sources: &Sources) -> Result<Self, Report> {
        let mut report = Report::default();
        let mut templates = BTreeMap::new();
        for content in catalog.contents() {
            for (path, file) in &content.manifest_templates {
                match Template::compile(*file, &String::from_utf8_lossy(&sources.get(*file).bytes)) {
                    Ok(template) => {
                        templates.insert((content.release(), path), template);
                    }
                    Err(findings) => report.extend(findings),
                }
            }
        }
        report.or(Self { templates, shapes: Shapes::default() })
    }

    /// Returns where the template `file` has a field of the object that is number `wanted` of what it makes, or what
    /// holds it: see [`Template::locate`].
    pub fn locate(
        &self,
        file: FileId,
        variables: &Value,
        wanted: usize,
        steps: &[String],
    ) -> Option<Location> {
        let template = self.templates.values().find(|template| template.file() == file)?;
        template.locate(variables, wanted, steps)
    }

    /// Returns the files of every addon of the cluster at `index` among the expansion's; empty for addons that have
    /// neither templates nor Secrets.
    ///
    /// # Errors
    /// Reports templates that cannot be filled, what is no object, files of one name, and patches that cannot be
    /// applied.
    pub fn of_cluster(
        &self,
        fold: &Fold<'a>,
        index: usize,
        variables: &Value,
    ) -> Result<Vec<(&'a Addon, Vec<ManifestFile<'a>>)>, Report> {
        let mut report = Report::default();
        let mut of_addons = Vec::new();
        let cluster = &fold.expansion.clusters[index];
        for folded in fold.addons(index) {
            let addon = folded.installed.addon;
            let mut files = Vec::new();
            if let Source::Access = folded.source {
                files = cluster.access.iter().map(|tenant| access_file(fold, cluster, tenant)).collect();
            }
            if let (Some(SourceKind::Rendered), Source::Manifests { path }) = (folded.kind, folded.source) {
                let variables = with_addon(variables, addon, folded.installed.version(folded.source));
                let (content, place) = (cluster.content, place_of(cluster));
                let rendering = Rendering { manifests: self, content, place, variables };
                match rendering.folder(path) {
                    Ok(rendered) => files = rendered,
                    Err(findings) => report.extend(findings),
                }
                waves(&mut files, addon.spec.wave);
            }
            if folded.kind.is_some() && !addon.spec.secrets.is_empty() {
                let content = FileContent::Objects(external_secrets(addon, cluster));
                let source = cluster.content.source_name(&addon.path);
                files.push(ManifestFile { path: SECRETS.into(), source, content });
            }
            report.extend(same_paths(addon, &files));
            for owner in fold
                .patches
                .on_cluster(index)
                .into_iter()
                .chain(fold.patches.of_addon(cluster.content, &addon.name))
            {
                report.extend(patched(&mut files, owner));
            }
            if !files.is_empty() {
                of_addons.push((addon, files));
            }
        }
        report.or(of_addons)
    }
}

/// Returns the file of what a tenant says under `access`.
fn access_file<'a>(fold: &Fold<'_>, on: &ExpandedCluster<'_>, tenant: &Tenant) -> ManifestFile<'a> {
    let objects = access_objects(tenant, on.cluster, &fold.expansion.catalog.fleet);
    ManifestFile {
        path: format!("{}.yaml", tenant.name),
        source: tenant.path.clone().into(),
        content: FileContent::Objects(objects),
    }
}

/// One addon's manifests, rendered for one cluster.
struct Rendering<'r, 'a> {
    manifests: &'r Manifests<'a>,
    content: &'a Content,
    place: Location,
    variables: Value,
}

impl<'a> Rendering<'_, 'a> {
    /// Renders everything in a folder that Argo CD would apply, or that is a template of such.
    fn folder(&self, folder: &'a str) -> Result<Vec<ManifestFile<'a>>, Report> {
        let files = &self.content.files;
        let mut report = Report::default();
        let mut rendered = Vec::new();
        for source in files_in(files, folder) {
            let path = source.as_str()[folder.len()..].trim_start_matches('/');
            let content = if is_template(source) {
                self.template(source)
            } else if is_manifest(path) {
                Ok(FileContent::Text(plain(files, source)))
            } else {
                continue;
            };
            match content {
                Ok(content) => {
                    let source = self.content.source_name(source);
                    rendered.push(ManifestFile { path: rendered_path(path), source, content });
                }
                Err(findings) => report.extend(findings),
            }
        }
        report.or(rendered)
    }

    fn template(&self, source: &'a RepoPath) -> Result<FileContent<'a>, Report> {
        let Some(template) = self.manifests.templates.get(&(self.content.release(), source)) else {
            return Ok(FileContent::Objects(Vec::new()));
        };
        let filled = template.fill(&self.variables, self.place, &self.manifests.shapes)?;
        let object = |filled: Filled| {
            let origin = Origin { spec: self.place, template: Some(filled.origin) };
            Object { body: filled.body, origin }
        };
        let objects: Vec<Object> = filled.into_iter().map(object).collect();
        check_objects(&objects).or(FileContent::Objects(objects))
    }
}

/// Returns the text of a file, without byte order mark: the line that every written file begins with comes before it.
fn plain<'a>(files: &'a FileTree, source: &RepoPath) -> Cow<'a, str> {
    let bytes = files.0.get(source).map(AsRef::as_ref).unwrap_or_default();
    match String::from_utf8_lossy(bytes) {
        Cow::Borrowed(text) => text.trim_start_matches('\u{feff}').into(),
        Cow::Owned(text) => text.trim_start_matches('\u{feff}').to_owned().into(),
    }
}

/// Returns whether Argo CD would apply a file.
fn is_manifest(path: &str) -> bool {
    [".yaml", ".yml", ".json"].iter().any(|end| path.ends_with(end))
}

/// Returns the path of what a source becomes. JSON is YAML, and the line that every written file begins with is a
/// comment of YAML alone.
fn rendered_path(path: &str) -> String {
    let path = path.strip_suffix(".j2").unwrap_or(path);
    path.strip_suffix(".json").map_or_else(|| path.to_owned(), |stem| format!("{stem}.yaml"))
}

fn waves(files: &mut [ManifestFile<'_>], wave: i64) {
    for object in objects(files) {
        add_wave(&mut object.body["metadata"], wave);
    }
}

fn objects<'f>(files: &'f mut [ManifestFile<'_>]) -> impl Iterator<Item = &'f mut Object> {
    files.iter_mut().flat_map(|file| match &mut file.content {
        FileContent::Objects(objects) => objects.as_mut_slice(),
        FileContent::Text(_) => &mut [],
    })
}

fn patched(files: &mut [ManifestFile<'_>], owner: &Patches) -> Report {
    let mut report = Report::default();
    for object in objects(files) {
        if let Err(findings) = owner.apply(object) {
            report.extend(findings);
        }
    }
    report
}

/// Reports what the API server could not even address.
fn check_objects(objects: &[Object]) -> Report {
    let mut report = Report::default();
    for object in objects {
        let place = object.origin.template.unwrap_or(object.origin.spec);
        for pointer in ["/apiVersion", "/kind", "/metadata/name"] {
            if object.body.pointer(pointer).and_then(Json::as_str).is_none_or(str::is_empty) {
                let field = pointer.trim_start_matches('/').replace('/', ".");
                let message = format!("the template makes something that is no object: it has no `{field}`");
                let diagnostic = Diagnostic::error("template-object", place, message);
                report.push(diagnostic.related(object.origin.spec, "rendered for this"));
            }
        }
    }
    report
}

/// Reports two files of one addon that would be written to one path.
fn same_paths(addon: &Addon, files: &[ManifestFile<'_>]) -> Report {
    let mut report = Report::default();
    let mut seen: BTreeMap<&str, &SourceName> = BTreeMap::new();
    for file in files {
        if let Some(first) = seen.insert(&file.path, &file.source) {
            let place =
                addon.document.at("/spec/source").map_or(addon.document.location, |node| node.location);
            let message = format!("`{first}` and `{}` would both become `{}`", file.source, file.path);
            report.push(
                Diagnostic::error("manifest-path", place, message).hint("give one of them another name"),
            );
        }
    }
    report
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::catalog;
    use super::super::patch::AllPatches;
    use super::super::values::AddonValues;
    use super::super::variables::Variables;
    use super::*;
    use crate::expand::expand;

    const FILLED: &str = "{apiVersion: yoshino.dev/v1alpha1, kind: Addon, metadata: {name: filled}, spec: {namespace: shop, wave: 2, enable: {default: true}, source: {manifests: {path: addons/filled/manifests}}, secrets: [{name: login, externalSecret: {store: vault, key: 'x/{project}/{name}/{addon}', refreshInterval: 1h}}], patches: [{target: {kind: ConfigMap}, merge: {data: {a: b}}}]}}";
    const TEMPLATE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${{ cluster.name }}\n---\n#% if false\napiVersion: v1\n#% endif\n";
    const MANAGEMENT: &str = "{apiVersion: yoshino.dev/v1alpha1, kind: Addon, metadata: {name: charts}, spec: {placement: management, namespace: shop, wave: -3, enable: {default: true}, source: {helm: {repository: https://charts.example.com, chart: web, version: 1.0.0}}, secrets: [{name: login, externalSecret: {store: vault, key: x}}]}}";

    /// Returns the files of cluster `blue/web`: their path below `manifests/`, and the objects or the text.
    fn emitted(changes: &[(&str, &str)]) -> Result<BTreeMap<String, Json>, Report> {
        let (catalog, sources) = catalog(changes);
        let expansion = expand(&catalog)?;
        let (patches, values) = (AllPatches::new(&expansion), AddonValues::new(&expansion)?);
        let fold = Fold::new(&expansion, &patches, &values)?;
        let manifests = Manifests::new(&catalog, &sources)?;
        let variables = Variables::new(&expansion);
        let variables = variables.of_cluster(&expansion, &expansion.clusters[0], &|_, _, _| Ok(None))?;
        let mut found = BTreeMap::new();
        for (addon, files) in manifests.of_cluster(&fold, 0, &variables)? {
            for file in files {
                let content = match file.content {
                    FileContent::Objects(objects) => objects.into_iter().map(|object| object.body).collect(),
                    FileContent::Text(text) => Json::from(text.as_ref()),
                };
                found.insert(format!("{}/{}", addon.name, file.path), content);
            }
        }
        Ok(found)
    }

    #[test]
    fn templates_plain_files_and_secrets_lie_in_one_folder() -> Result<(), Report> {
        let found = emitted(&[
            ("addons/filled/addon.yaml", FILLED),
            ("addons/filled/manifests/a.yaml.j2", TEMPLATE),
            ("addons/filled/manifests/sub/b.yaml", "\u{feff}kind: List\n"),
            ("addons/filled/manifests/c.json", "{}"),
            ("addons/filled/manifests/README.md", "# not a manifest"),
        ])?;
        let external_secret = json!({
            "apiVersion": "external-secrets.io/v1",
            "kind": "ExternalSecret",
            "metadata": {"name": "login", "namespace": "shop"},
            "spec": {
                "refreshInterval": "1h",
                "secretStoreRef": {"kind": "ClusterSecretStore", "name": "vault"},
                "target": {"name": "login", "creationPolicy": "Owner", "deletionPolicy": "Retain"},
                "dataFrom": [{"extract": {
                    "key": "x/blue/web/filled",
                    "conversionStrategy": "Default",
                    "decodingStrategy": "None",
                    "metadataPolicy": "None",
                }}],
            },
        });
        let config = json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "web", "annotations": {"argocd.argoproj.io/sync-wave": "2"}},
            "data": {"a": "b"},
        });
        let expected = BTreeMap::from([
            ("filled/a.yaml".to_owned(), json!([config])),
            ("filled/c.yaml".to_owned(), json!("{}")),
            ("filled/secrets.yaml".to_owned(), json!([external_secret])),
            ("filled/sub/b.yaml".to_owned(), json!("kind: List\n")),
        ]);
        assert_eq!(found, expected);
        Ok(())
    }

    #[test]
    fn a_management_addons_secrets_have_the_clusters_name_in_the_tenants_namespace() -> Result<(), Report> {
        let found = emitted(&[("addons/charts/addon.yaml", MANAGEMENT)])?;
        let secret = &found["charts/secrets.yaml"][0];
        assert_eq!(
            secret["metadata"],
            json!({"name": "login-web", "namespace": "blue", "annotations": {"argocd.argoproj.io/sync-wave": "-3"}})
        );
        assert_eq!(secret["spec"]["target"]["name"], json!("login-web"));
        Ok(())
    }

    #[test]
    fn two_files_that_become_one_and_what_is_no_object_are_reported() {
        for (path, text, rule) in [
            ("addons/filled/manifests/secrets.yaml", "kind: List\n", "manifest-path"),
            ("addons/filled/manifests/a.json", "{}", "manifest-path"),
            ("addons/filled/manifests/b.yaml.j2", "kind: X\n", "template-object"),
        ] {
            let report = emitted(&[("addons/filled/addon.yaml", FILLED), (path, text)])
                .expect_err("because a file is wrong");
            assert_eq!(report.diagnostics[0].rule, rule, "{path}");
        }
    }
}
