//! The objects of addons' own manifests as they are written that some minor does not serve, and the minors they go to.
//!
//! Plain files are read as YAML, each once. A template is looked through as text: what a condition decides is passed over,
//! for it may well be there to tell minors apart.

mod header;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::clusters::RENDERED_FOR;
use super::folder::content as folder;
use super::kubernetes_apis::KubernetesApis;
use super::words::listed;
use super::{EmittedCluster, Specs, place};
use crate::diagnostic::Diagnostic;
use crate::emit::Object;
use crate::emit::kustomization::{NAMES, references, resolved};
use crate::emit::manifest::FileContent;
use crate::emit::source_kind::is_template;
use crate::expand::Installed;
use crate::location::{FileId, Location};
use crate::spec::Content;
use crate::spec::addon::{Addon, Placement, Source};
use crate::spec::name::Name;
use crate::spec::release::Release;
use crate::spec::version::Minor;
use crate::spec::yaml::{Node, Options, parse};
use crate::tree::RepoPath;

pub use header::{Header, is_cluster_scoped};

/// An object that an addon's own manifests hold.
#[derive(Clone, Debug)]
pub struct OwnManifest<'a> {
    /// The addon.
    pub addon: &'a Addon,
    /// The minors of the workload clusters that it goes to, in order: those that run it, and of trunk's addons all that
    /// the fleet supports and the addon does.
    pub minors: Vec<Minor>,
    /// Its API version and kind.
    pub header: Header,
    /// The cluster that it is rendered for, where only that shows it: its place, and that it is.
    pub whose: Option<(Location, String)>,
}

impl OwnManifest<'_> {
    /// Says where it goes: ```shop` goes to 1.35 and 1.36``; what is rendered says the same for clusters of all minors.
    pub fn goes_to(&self, minors: &[Minor]) -> String {
        match &self.whose {
            Some(_) => format!("`{}` renders it", self.addon.name),
            None => format!("`{}` goes to {}", self.addon.name, listed(minors)),
        }
    }

    /// Adds to a finding who installs it.
    pub fn related(&self, finding: Diagnostic) -> Diagnostic {
        let finding = finding.related(place::addon(self.addon), "the addon that installs it");
        self.whose.iter().fold(finding, |finding, (place, what)| finding.related(*place, what.clone()))
    }
}

/// Where an addon's manifests lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Manifests,
    Kustomization,
}

/// The addons' own objects of which there is something to say.
#[derive(Debug)]
pub struct OwnManifests<'a> {
    /// What Kubernetes serves.
    pub apis: KubernetesApis,
    /// Every object of an API version that some minor does not serve, or warns of, of addons that workload clusters run
    /// or, of trunk, may run.
    pub objects: Vec<OwnManifest<'a>>,
}

impl<'a> OwnManifests<'a> {
    /// Reads the files of all addons.
    pub fn read(specs: &Specs<'a>) -> Self {
        let apis = KubernetesApis::read();
        Self { objects: own_objects(specs, &|api_version| apis.knows(api_version)), apis }
    }
}

impl OwnManifests<'_> {
    /// Returns the objects of such API versions that are rendered of a cluster's addons, but for those that templates hold
    /// as they are.
    pub fn rendered<'e>(&self, cluster: &EmittedCluster<'e, '_>) -> Vec<OwnManifest<'e>> {
        let minor = cluster.expanded.cluster.minor();
        let own = place::cluster(cluster.expanded.cluster);
        let of_addons = cluster.manifests.iter().enumerate();
        let on_workload = of_addons.filter(|(_, (addon, _))| addon.spec.placement == Placement::Workload);
        let mut found = Vec::new();
        for (number, (addon, files)) in on_workload {
            for (file, manifest) in files.iter().enumerate() {
                let FileContent::Objects(objects) = &manifest.content else { continue };
                for (index, object) in objects.iter().enumerate() {
                    let (Some(api_version), Some(document)) =
                        (object.body.get("apiVersion").and_then(Value::as_str), object.origin.template)
                    else {
                        continue;
                    };
                    if !self.apis.knows(api_version) || self.holds(api_version, document, objects) {
                        continue;
                    }
                    let place = (cluster.locate_manifest)([number, file, index], &["apiVersion".to_owned()]);
                    let location = place.unwrap_or(document);
                    let (api_version, kind) = (api_version.to_owned(), object.kind().to_owned());
                    let header = Header { api_version, kind, location };
                    let whose =
                        Some((own, format!("{RENDERED_FOR}`{}`", cluster.expanded.cluster.identity())));
                    found.push(OwnManifest { addon, minors: vec![minor], header, whose });
                }
            }
        }
        found
    }

    /// Returns whether an object of an API version has been found within a document; `objects` are those of its file.
    fn holds(&self, api_version: &str, document: Location, objects: &[Object]) -> bool {
        let starts = objects.iter().filter_map(|object| Some(object.origin.template?.start));
        let end = starts.filter(|start| *start > document.start).min().unwrap_or(u32::MAX);
        let is_it = |own: &OwnManifest<'_>| {
            let at = own.header.location;
            let is_within = at.file == document.file && (document.start..end).contains(&at.start);
            own.header.api_version == api_version && is_within
        };
        self.objects.iter().any(is_it)
    }
}

/// Returns the objects of API versions of which `is_asked` holds.
pub fn own_objects<'a>(specs: &Specs<'a>, is_asked: &dyn Fn(&str) -> bool) -> Vec<OwnManifest<'a>> {
    let used = minors_in_use(specs);
    let mut found = Vec::new();
    for content in specs.catalog.contents() {
        let reading = Reading { specs, content, is_asked };
        let mut read: BTreeMap<(Form, String), Vec<Header>> = BTreeMap::new();
        for addon in content
            .addons
            .values()
            .filter(|addon| addon.spec.placement == Placement::Workload && may_have_folder(addon))
        {
            let mut minors = used.get(&(content.release(), &addon.name)).cloned().unwrap_or_default();
            if content.release().is_none() {
                let supported = specs.catalog.fleet.spec.minors.iter().copied();
                minors.extend(supported.filter(|minor| addon.runs_on(*minor)));
            }
            for (place, minors) in places(addon, &minors) {
                let headers = read.entry(place.clone()).or_insert_with(|| reading.headers(&place));
                let manifest = |header: &Header| OwnManifest {
                    addon,
                    minors: minors.clone(),
                    header: header.clone(),
                    whose: None,
                };
                found.extend(headers.iter().map(manifest));
            }
        }
    }
    found
}

/// Returns the minors of the clusters that run each addon, of trunk and of each release.
fn minors_in_use<'a>(specs: &Specs<'a>) -> BTreeMap<(Option<&'a Release>, &'a Name), BTreeSet<Minor>> {
    let mut used: BTreeMap<_, BTreeSet<Minor>> = BTreeMap::new();
    let has_folder: BTreeSet<*const Addon> =
        specs.addons().filter(|addon| may_have_folder(addon)).map(std::ptr::from_ref).collect();
    for on in specs.expanded() {
        let with_folder =
            |installed: &&Installed<'_>| has_folder.contains(&std::ptr::from_ref(installed.addon));
        for installed in on.addons.iter().filter(with_folder) {
            used.entry((on.content.release(), &installed.addon.name)).or_default().insert(on.cluster.minor());
        }
    }
    used
}

/// Returns whether an addon is installed from this repository for some minor.
fn may_have_folder(addon: &Addon) -> bool {
    let is_folder = |source: Option<&Node>| {
        source.is_some_and(|source| ["kustomize", "manifests"].iter().any(|kind| source.get(kind).is_some()))
    };
    let per_minor = addon.document.at("/spec/perMinor").and_then(Node::items).unwrap_or_default();
    is_folder(addon.document.at("/spec/source")) || per_minor.iter().any(|item| is_folder(item.get("source")))
}

/// Returns the folders that an addon is installed from, each with the minors for which it is.
fn places(addon: &Addon, minors: &BTreeSet<Minor>) -> BTreeMap<(Form, String), Vec<Minor>> {
    let mut places: BTreeMap<_, Vec<Minor>> = BTreeMap::new();
    for minor in minors {
        let place = match addon.source(*minor) {
            Ok(Source::Manifests { path }) => (Form::Manifests, path),
            Ok(Source::Kustomize { path }) => (Form::Kustomization, path),
            Ok(Source::Helm(_) | Source::Eks(_) | Source::Access) | Err(_) => continue,
        };
        places.entry(place).or_default().push(*minor);
    }
    places
}

/// A look into the files of trunk or of a release.
struct Reading<'r, 'a> {
    specs: &'r Specs<'a>,
    content: &'a Content,
    is_asked: &'r dyn Fn(&str) -> bool,
}

impl<'a> Reading<'_, 'a> {
    fn headers(&self, (form, path): &(Form, String)) -> Vec<Header> {
        let files: Vec<&RepoPath> = match form {
            Form::Manifests => folder(&self.content.files, path).manifests().collect(),
            Form::Kustomization => self.of_kustomization(path),
        };
        files.into_iter().flat_map(|file| self.of_file(file)).collect()
    }

    /// Returns the files that a kustomization is made of, as far as they lie in the tree.
    fn of_kustomization(&self, path: &str) -> Vec<&'a RepoPath> {
        let mut found = BTreeSet::new();
        let mut seen: BTreeSet<RepoPath> = RepoPath::new(path).into_iter().collect();
        let mut waiting: Vec<RepoPath> = seen.iter().cloned().collect();
        while let Some(path) = waiting.pop() {
            let files = &self.content.files;
            let kustomization = NAMES.iter().find_map(|name| {
                let file = RepoPath::new(&format!("{path}/{name}")).ok()?;
                files.0.get(&file)
            });
            let Some(bytes) = kustomization else {
                found.extend(files.0.get_key_value(&path).map(|(file, _)| file));
                continue;
            };
            let targets = references(bytes).into_iter().filter_map(|text| resolved(&path, &text));
            waiting.extend(targets.filter(|target| seen.insert(target.clone())).collect::<Vec<_>>());
        }
        found.into_iter().collect()
    }

    fn of_file(&self, path: &RepoPath) -> Vec<Header> {
        let Some(bytes) = self.content.files.0.get(path) else { return Vec::new() };
        let text = String::from_utf8_lossy(bytes);
        // Nearly no file holds anything that is asked for, and bundles of custom resource definitions are long.
        if !api_versions(&text).any(|api_version| (self.is_asked)(api_version)) {
            return Vec::new();
        }
        let Some(file) = self.specs.sources.find_named(&self.content.source_name(path)) else {
            return Vec::new();
        };
        let mut headers = Vec::new();
        if is_template(path) {
            headers = in_template(file, &text);
        } else {
            for document in parse(file, bytes, Options::FOREIGN).unwrap_or_default() {
                add_headers(&document.root, &mut headers);
            }
        }
        headers.retain(|header| (self.is_asked)(&header.api_version));
        headers
    }
}

/// Returns every text that stands behind a key `apiVersion`, wherever that is.
fn api_versions(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("apiVersion").filter_map(|(at, key)| {
        let rest = text[at + key.len()..].trim_start_matches(['"', '\'']).trim_start().strip_prefix(':')?;
        let rest = rest.trim_start_matches([' ', '\t', '"', '\'']);
        Some(&rest[..rest.find([' ', '\t', '"', '\'', ',', '}', '\n', '\r']).unwrap_or(rest.len())])
    })
}

/// Adds what an object says of itself, or what those of a list do.
fn add_headers(object: &Node, headers: &mut Vec<Header>) {
    let Some(api_version) = object.get("apiVersion") else { return };
    let (Some(text), Some(kind)) = (api_version.as_str(), object.get("kind").and_then(Node::as_str)) else {
        return;
    };
    if kind == "List" {
        let items = object.get("items").and_then(Node::items).unwrap_or_default();
        items.iter().for_each(|item| add_headers(item, headers));
        return;
    }
    headers.push(Header {
        api_version: text.to_owned(),
        kind: kind.to_owned(),
        location: api_version.location,
    });
}

/// Returns what the objects of a template say of themselves where no condition decides it.
fn in_template(file: FileId, text: &str) -> Vec<Header> {
    let mut headers = Vec::new();
    let (mut at, mut depth) = (0, 0_usize);
    let mut document = Written::default();
    for line in text.split_inclusive('\n') {
        match statement(line) {
            Some("if" | "for" | "macro" | "call") => depth += 1,
            Some("endif" | "endfor" | "endmacro" | "endcall") => depth = depth.saturating_sub(1),
            Some(_) => {}
            None if line.starts_with("---") => headers.extend(std::mem::take(&mut document).header(file)),
            None => document.read(line, at, depth),
        }
        at += line.len();
    }
    headers.extend(document.header(file));
    headers
}

/// Returns the first word of a statement line.
fn statement(line: &str) -> Option<&str> {
    let words = line.trim_start().strip_prefix("#%")?;
    words.starts_with([' ', '\t']).then(|| words.split_whitespace().next().unwrap_or_default())
}

/// What a document of a template says of its type: the text, where it begins, and whether a condition decides.
#[derive(Clone, Copy, Default)]
struct Written<'t> {
    api_version: Option<(&'t str, usize)>,
    kind: Option<&'t str>,
    is_conditional: bool,
}

impl<'t> Written<'t> {
    fn read(&mut self, line: &'t str, at: usize, depth: usize) {
        let Some((key, value)) = line.split_once(':') else { return };
        let text = value.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']);
        let start = at + line.find(text).filter(|_| !text.is_empty()).unwrap_or_default();
        match key {
            "apiVersion" => self.api_version = Some((text, start)),
            "kind" => self.kind = Some(text),
            _ => return,
        }
        self.is_conditional |= depth > 0 || text.contains("${{");
    }

    fn header(self, file: FileId) -> Option<Header> {
        let ((api_version, start), kind) = (self.api_version?, self.kind?);
        let location = Location::new(file, start, start + api_version.len());
        let header = Header { api_version: api_version.to_owned(), kind: kind.to_owned(), location };
        (!self.is_conditional).then_some(header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_short(headers: &[Header], text: &str) -> Vec<String> {
        let short = |header: &Header| {
            let at = &text[header.location.start as usize..header.location.end as usize];
            format!("{} {} at {at}", header.api_version, header.kind)
        };
        headers.iter().map(short).collect()
    }

    #[test]
    fn objects_and_those_of_lists_say_what_they_are() {
        let text = "apiVersion: v1\nkind: List\nitems: [{apiVersion: a/v1, kind: A}]\n---\nkind: B\n---\nkind: C\napiVersion: 'b/v1'\nspec: {apiVersion: c/v1}\n";
        let mut headers = Vec::new();
        for document in parse(FileId(0), text.as_bytes(), Options::FOREIGN).unwrap_or_default() {
            add_headers(&document.root, &mut headers);
        }
        assert_eq!(in_short(&headers, text), ["a/v1 A at a/v1", "b/v1 C at 'b/v1'"]);
        assert_eq!(api_versions(text).collect::<Vec<_>>(), ["v1", "a/v1", "b/v1", "c/v1"]);
        assert_eq!(api_versions("{\"apiVersion\" : \"a/v1\"}").collect::<Vec<_>>(), ["a/v1"]);
    }

    #[test]
    fn what_a_condition_decides_in_a_template_is_passed_over() {
        let text = "#% set x = 1\napiVersion: \"a/v1\" # old\nkind: A\nmetadata:\n  name: ${{ x }}\n---\n#% if y\napiVersion: b/v1\n#% else\napiVersion: b/v2\n#% endif\nkind: B\n---\nkind: C\napiVersion: c/${{ x }}\n---\n#%% if\nkind: D\napiVersion: d/v1\n";
        assert_eq!(in_short(&in_template(FileId(0), text), text), ["a/v1 A at a/v1", "d/v1 D at d/v1"]);
    }
}
