//! What clusters are installed from: the addons and templates of trunk, or those of a release.

use std::collections::BTreeMap;

use super::schemas::Schemas;
use super::{by_name, read_addon};
use crate::diagnostic::Report;
use crate::location::{FileId, SourceName, Sources};
use crate::spec::addon::Addon;
use crate::spec::documents::{SpecDocument, read_documents};
use crate::spec::kinds::SpecKind;
use crate::spec::name::Name;
use crate::spec::pin::ReleaseTree;
use crate::spec::provider::{Provider, read_providers};
use crate::spec::release::Release;
use crate::spec::schema::respell;
use crate::tree::{FileTree, RepoPath};

/// The addons and templates of one tree.
#[derive(Clone, Debug, Default)]
pub struct Content {
    /// The release it belongs to; `None` for trunk's.
    pub tag: Option<Tag>,
    /// Addons by name.
    pub addons: BTreeMap<Name, Addon>,
    /// Providers by name.
    pub providers: BTreeMap<Name, Provider>,
    /// The templates of addons' manifests by path, in the table of sources.
    pub manifest_templates: BTreeMap<RepoPath, FileId>,
    /// The files: of trunk all that were read, of a release its addons and templates.
    pub files: FileTree,
}

/// A release in use.
#[derive(Clone, Debug)]
pub struct Tag {
    /// Its name.
    pub release: Release,
    /// The id of the commit that it points at.
    pub commit_id: String,
}

impl Content {
    /// Returns the release it belongs to; `None` for trunk's.
    pub fn release(&self) -> Option<&Release> {
        self.tag.as_ref().map(|tag| &tag.release)
    }

    /// Returns how a file of it is called: `v1.35-ake.261121:addons/cilium/addon.yaml` in a release.
    pub fn source_name(&self, path: &RepoPath) -> SourceName {
        SourceName::at(self.release().map(Release::as_str), path)
    }

    /// Reads the templates of a tree, those of its addons' manifests too.
    pub(super) fn with_templates(
        tag: Option<Tag>,
        files: FileTree,
        sources: &mut Sources,
        report: &mut Report,
    ) -> Self {
        let revision = tag.as_ref().map(|tag| tag.release.as_str());
        let manifest_templates = add_beside_addons(&files, revision, sources);
        let providers = read_providers(&files, revision, sources, report);
        let providers = providers.into_iter().map(|provider| (provider.name.clone(), provider)).collect();
        Self { providers, manifest_templates, addons: BTreeMap::new(), tag, files }
    }

    /// Reads the addons.
    pub(super) fn read_addons(&mut self, documents: &[SpecDocument], schemas: &Schemas, report: &mut Report) {
        let addons = documents
            .iter()
            .filter(|document| document.kind == SpecKind::Addon)
            .filter_map(|document| read_addon(document, schemas, report));
        self.addons = by_name(addons.collect(), |addon| (&addon.name, &addon.document), "addon", report);
    }

    /// Reads what a release holds.
    pub(super) fn of_release(
        release: &Release,
        tree: ReleaseTree,
        sources: &mut Sources,
        report: &mut Report,
    ) -> (Self, Schemas) {
        let tag = Tag { release: release.clone(), commit_id: tree.commit_id };
        let mut documents = read_documents(&tree.files, Some(release.as_str()), sources, report);
        let mut content = Self::with_templates(Some(tag), tree.files, sources, report);
        let schemas = Schemas::new(&content.providers, report);
        respell_all(&mut documents, &schemas, sources);
        content.read_addons(&documents, &schemas, report);
        (content, schemas)
    }
}

/// Spells keys that YAML takes for booleans as the fields that the schemas have.
pub(super) fn respell_all(documents: &mut [SpecDocument], schemas: &Schemas, sources: &Sources) {
    for document in documents {
        let text = |at| sources.text(at);
        if let Some(root) = respell(&document.root, schemas.of(document.kind), &text) {
            document.root = root;
        }
    }
}

/// Adds what lies beside the addons to the sources, their manifests and kustomizations; returns the templates among it.
fn add_beside_addons(
    files: &FileTree,
    revision: Option<&str>,
    sources: &mut Sources,
) -> BTreeMap<RepoPath, FileId> {
    let is_spec = |path: &RepoPath| {
        path.file_name() == "addon.yaml"
            && path.folder().trim_start_matches("addons/").split('/').count() == 1
    };
    let mut templates = BTreeMap::new();
    for (path, bytes) in files.0.iter().filter(|(path, _)| path.lies_beneath("addons") && !is_spec(path)) {
        let file = sources.add(SourceName::at(revision, path), bytes.clone());
        if path.file_name().ends_with(".yaml.j2") {
            templates.insert(path.clone(), file);
        }
    }
    templates
}
