//! Patches on emitted objects: RFC 6902 and RFC 7386, in the order Fleet, Cluster, Addon.
//!
//! A patch that matches nothing in all that its owner covers is an error, so every match is counted, across
//! threads. Patches see base names: they run before names get their hash.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use super::Object;
use crate::diagnostic::{Diagnostic, Report};
use crate::expand::{ExpandedCluster, Expansion};
use crate::location::Location;
use crate::spec::Content;
use crate::spec::addon::Addon;
use crate::spec::name::Name;
use crate::spec::patch::Patch;
use crate::spec::release::Release;
use crate::spec::yaml::Node;

/// The patches of every owner, to be applied in the order of the fields.
#[derive(Debug)]
pub struct AllPatches<'a> {
    /// The fleet's, for everything.
    pub fleet: Patches,
    /// Each cluster's, in the order of the expansion's clusters: for what is made of that cluster.
    pub clusters: Vec<Patches>,
    /// Each addon's, by the release that it belongs to, `None` for trunk: for its ApplicationSet, its Applications and
    /// its manifests.
    addons: BTreeMap<(Option<&'a Release>, &'a Name), Patches>,
    /// The addons of trunk that some cluster has.
    covered: BTreeSet<&'a Name>,
}

impl<'a> AllPatches<'a> {
    /// Takes the patches of the fleet, its clusters and its addons.
    pub fn new(expansion: &Expansion<'a>) -> Self {
        let catalog = expansion.catalog;
        let of_document = |document: &Node| Patches::of_spec(document.get("spec"));
        let of_cluster = |one: &ExpandedCluster<'_>| Patches::of_spec(Some(&one.cluster.spec));
        let of_content = |content: &'a Content| {
            let of_addon =
                |(name, addon): (&'a Name, &Addon)| ((content.release(), name), of_document(&addon.document));
            content.addons.iter().map(of_addon).collect::<Vec<_>>()
        };
        let unpinned = expansion.clusters.iter().filter(|one| one.cluster.release.is_none());
        let covered = unpinned.flat_map(|one| one.addons.iter().map(|on| &on.addon.name)).collect();
        Self {
            covered,
            fleet: of_document(&catalog.fleet.document),
            clusters: expansion.clusters.iter().map(of_cluster).collect(),
            addons: catalog.contents().flat_map(of_content).collect(),
        }
    }

    /// Returns the patches on what is made of a cluster alone; `index` is its place among the expansion's clusters.
    pub fn on_cluster(&self, index: usize) -> [&Patches; 2] {
        [&self.fleet, &self.clusters[index]]
    }

    /// Returns the patches of an addon of trunk or of a release.
    pub fn of_addon<'s>(&'s self, content: &'s Content, addon: &'s Name) -> Option<&'s Patches> {
        self.addons.get(&(content.release(), addon))
    }

    /// Returns the patches on what is made of an addon alone.
    pub fn on_addon<'s>(&'s self, content: &'s Content, addon: &'s Name) -> Vec<&'s Patches> {
        std::iter::once(&self.fleet).chain(self.of_addon(content, addon)).collect()
    }

    /// Returns whether an addon's own patch, of whatever release, is for objects of `kind`.
    pub fn addons_touch(&self, kind: &str) -> bool {
        self.addons.values().any(|own| own.touch(kind))
    }

    /// Reports the patches of any owner that have matched nothing. One that several clusters take from the same
    /// defaults need match for one of them only. Those of a release are as they were tagged, and those of an addon of
    /// trunk that no cluster has, or pinned clusters alone, meet nothing yet.
    pub fn unmatched(&self) -> Report {
        let mut report = self.fleet.unmatched();
        let matched: BTreeSet<Location> = self.clusters.iter().flat_map(Patches::matched_places).collect();
        for diagnostic in self.clusters.iter().flat_map(|patches| patches.unmatched().diagnostics) {
            let place = diagnostic.location;
            if !place.is_some_and(|place| matched.contains(&place))
                && !report.diagnostics.contains(&diagnostic)
            {
                report.push(diagnostic);
            }
        }
        let of_trunk = self
            .addons
            .iter()
            .filter(|((release, name), _)| release.is_none() && self.covered.contains(name));
        for (_, patches) in of_trunk {
            report.extend(patches.unmatched());
        }
        report
    }
}

/// The patches of one owner, in order, with how often each has matched.
#[derive(Debug, Default)]
pub struct Patches {
    patches: Vec<Patch>,
    places: Vec<Location>,
    matches: Vec<AtomicUsize>,
}

impl Patches {
    /// Reads the patches of a `spec` that its schema has let through.
    ///
    /// They are read as they are written: the defaults that other fields get would give a patch of operations an
    /// empty merge as well, and would take the nulls out of a merge.
    pub fn of_spec(spec: Option<&Node>) -> Self {
        let node = spec.and_then(|spec| spec.get("patches")).filter(|node| !node.is_null());
        let items = node.and_then(Node::items).unwrap_or_default();
        let patch = |item: &Node| {
            serde_json::from_value(item.to_json()).expect("because the schema describes patches")
        };
        Self {
            patches: items.iter().map(patch).collect(),
            places: items.iter().map(|node| node.location).collect(),
            matches: items.iter().map(|_| AtomicUsize::new(0)).collect(),
        }
    }

    /// Returns the places of the patches that have matched something.
    fn matched_places(&self) -> impl Iterator<Item = Location> {
        let counted = self.matches.iter().zip(&self.places);
        counted.filter(|(matches, _)| matches.load(Ordering::Relaxed) > 0).map(|(_, place)| *place)
    }

    /// Returns whether any of the patches is for objects of `kind`.
    pub fn touch(&self, kind: &str) -> bool {
        self.patches.iter().any(|patch| patch.target.kind == kind)
    }

    /// Returns the indices of the patches for an object of this kind, group and base name.
    pub fn matching(&self, kind: &str, group: &str, name: &str) -> Vec<usize> {
        let matching =
            self.patches.iter().enumerate().filter(|(_, patch)| targets(patch, (kind, group, name)));
        matching.map(|(index, _)| index).collect()
    }

    /// Returns where the patches with these indices stand.
    pub fn places(&self, indices: &[usize]) -> Vec<Location> {
        indices.iter().map(|index| self.places[*index]).collect()
    }

    /// Applies every patch whose target `object` is.
    ///
    /// # Errors
    /// Reports a patch that cannot be applied, at its place.
    pub fn apply(&self, object: &mut Object) -> Result<(), Report> {
        let matching = self.matching(object.kind(), object.group(), object.name());
        self.apply_these(&matching, object)
    }

    /// Applies the patches with these indices.
    ///
    /// # Errors
    /// Reports a patch that cannot be applied, at its place.
    pub fn apply_these(&self, indices: &[usize], object: &mut Object) -> Result<(), Report> {
        for index in indices.iter().copied() {
            let patch = &self.patches[index];
            self.matches[index].fetch_add(1, Ordering::Relaxed);
            let before = Identity::of(object);
            if let Err(refusal) = change(patch, &mut object.body).and_then(|()| before.check(&object.body)) {
                let place = self.places.get(index).copied().unwrap_or(object.origin.spec);
                let (kind, name) = (before.kind, before.name);
                let message = format!("the patch cannot be applied to {kind} `{name}`: {refusal}");
                let diagnostic = Diagnostic::error("patch-refused", place, message);
                return Err(diagnostic.related(object.origin.spec, "the object is made for this").into());
            }
        }
        Ok(())
    }

    /// Reports the patches that have matched nothing.
    pub fn unmatched(&self) -> Report {
        let mut report = Report::default();
        let counted = self.patches.iter().zip(&self.matches).zip(&self.places);
        for ((patch, matches), place) in counted {
            if matches.load(Ordering::Relaxed) == 0 {
                let name = patch.target.name.as_deref().unwrap_or("*");
                let message = format!("the patch matches no {} `{name}`", patch.target.kind);
                report.push(
                    Diagnostic::error("patch-unmatched", *place, message)
                        .hint("`name` is the base name, without the hash of templates; a glob is fine"),
                );
            }
        }
        report
    }
}

/// What a patch must leave as it is.
struct Identity {
    kind: String,
    name: String,
    namespace: Option<Value>,
    /// Whether a template made the object. What is made without one is known to others by its name: Argo CD's
    /// objects, cluster Secrets, namespaces.
    templated: bool,
}

impl Identity {
    fn of(object: &Object) -> Self {
        Self {
            kind: object.kind().to_owned(),
            name: object.name().to_owned(),
            namespace: object.body.pointer("/metadata/namespace").cloned(),
            templated: object.origin.template.is_some(),
        }
    }

    /// Says what of a patched object the API server would not take, or others would not find again.
    fn check(&self, body: &Value) -> Result<(), String> {
        let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
        for pointer in ["/apiVersion", "/kind", "/metadata/name"] {
            if text(pointer).is_none_or(str::is_empty) {
                let field = pointer.trim_start_matches('/').replace('/', ".");
                return Err(format!("what it leaves is no object, it has no `{field}`"));
            }
        }
        for pointer in ["/metadata/labels", "/metadata/annotations"] {
            let is_texts =
                |value: &Value| value.as_object().is_some_and(|map| map.values().all(Value::is_string));
            if body.pointer(pointer).is_some_and(|value| !value.is_null() && !is_texts(value)) {
                let field = pointer.trim_start_matches('/').replace('/', ".");
                return Err(format!("it makes `{field}` something else than a map of texts"));
            }
        }
        let namespace = body.pointer("/metadata/namespace");
        if namespace.is_some_and(|namespace| !namespace.is_string()) {
            return Err("it makes `metadata.namespace` something else than text".to_owned());
        }
        let renamed = text("/metadata/name") != Some(&self.name) || namespace != self.namespace.as_ref();
        match text("/kind") != Some(&self.kind) {
            true => Err("it makes another kind of it".to_owned()),
            false if renamed && !self.templated => Err("it renames what others know by its name".to_owned()),
            false => Ok(()),
        }
    }
}

fn targets(patch: &Patch, (kind, group, name): (&str, &str, &str)) -> bool {
    let target = &patch.target;
    target.kind == kind
        && target.group.as_deref().is_none_or(|wanted| wanted == group)
        && target.name.as_deref().is_none_or(|pattern| glob_matches(pattern, name))
}

fn change(patch: &Patch, body: &mut Value) -> Result<(), String> {
    if let Some(merge) = &patch.merge {
        json_patch::merge(body, merge);
        return Ok(());
    }
    let operations: json_patch::Patch =
        serde_json::from_value(Value::Array(patch.json.clone())).map_err(|refusal| refusal.to_string())?;
    json_patch::patch(body, &operations).map_err(|refusal| refusal.to_string())
}

/// Returns whether `text` matches a glob of `*` (any characters) and `?` (one character).
pub fn glob_matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut position) = (0, 0);
    // Where the last `*` stood, and what it has swallowed so far: the only place to go back to.
    let mut star: Option<(usize, usize)> = None;
    while position < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, position));
                at += 1;
            }
            Some(character) if *character == '?' || *character == text[position] => {
                at += 1;
                position += 1;
            }
            _ => {
                let Some((star_at, swallowed)) = star else { return false };
                star = Some((star_at, swallowed + 1));
                at = star_at + 1;
                position = swallowed + 1;
            }
        }
    }
    pattern[at..].iter().all(|character| *character == '*')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::emit::Origin;
    use crate::location::FileId;
    use crate::spec::yaml::{Options, parse};

    fn object() -> Object {
        let spec = Location::start_of(FileId(0));
        let body = json!({"apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "Cluster", "metadata": {"name": "web"}, "spec": {"a": 1}});
        Object { body, origin: Origin { spec, template: None } }
    }

    fn patches(text: &str) -> Patches {
        let text = format!("patches: [{text}]");
        let documents =
            parse(FileId(0), text.as_bytes(), Options::SPEC).expect("because the patch is well formed");
        Patches::of_spec(Some(&documents[0].root))
    }

    #[test]
    fn a_patch_changes_the_objects_it_targets_and_no_others() -> Result<(), Report> {
        let own = patches(
            "{target: {kind: Cluster, name: 'w*'}, json: [{op: replace, path: /spec/a, value: 2}]}, {target: {kind: Cluster}, merge: {metadata: {x: null}, spec: {b: 3}}}",
        );
        let mut changed = object();
        changed.body["metadata"]["x"] = json!(1);
        own.apply(&mut changed)?;
        assert_eq!(changed.body["spec"], json!({"a": 2, "b": 3}));
        assert_eq!(changed.body["metadata"], json!({"name": "web"}));
        assert!(own.unmatched().is_empty());

        let others = patches("{target: {kind: Cluster, group: x}, merge: {spec: {a: null}}}");
        others.apply(&mut changed)?;
        assert_eq!(changed.body["spec"]["a"], json!(2));
        assert_eq!(others.unmatched().diagnostics[0].rule, "patch-unmatched");
        Ok(())
    }

    #[test]
    fn patches_are_read_as_they_are_written() -> Result<(), Report> {
        let spec = "patches:\n- {target: {kind: Cluster}, json: [{op: add, path: /spec/b, value: null}]}\n\
                    - {target: {kind: Cluster}, merge: {spec: {a: null}}}\n";
        let documents = parse(FileId(0), spec.as_bytes(), Options::SPEC)?;
        let patches = Patches::of_spec(documents.first().map(|document| &document.root));
        let mut changed = object();

        patches.apply(&mut changed)?;

        assert_eq!(changed.body["spec"], json!({"b": null}));
        Ok(())
    }

    #[test]
    fn a_patch_that_cannot_be_applied_is_reported() {
        let own = patches("{target: {kind: Cluster}, json: [{op: remove, path: /spec/nope}]}");
        let refusal = own.apply(&mut object()).expect_err("because the path is not there");
        assert_eq!(refusal.diagnostics[0].rule, "patch-refused");
    }

    #[test]
    fn defaults_need_to_match_for_one_of_their_clusters_only() {
        let of = |name: &str| patches(&format!("{{target: {{kind: Cluster, name: {name}}}, merge: {{}}}}"));
        let all = AllPatches {
            fleet: Patches::default(),
            clusters: vec![of("web"), of("web")],
            addons: BTreeMap::new(),
            covered: BTreeSet::new(),
        };
        assert_eq!(all.unmatched().diagnostics.len(), 1);
        assert!(all.clusters[0].apply(&mut object()).is_ok());
        assert!(all.unmatched().is_empty());
    }

    #[test]
    fn what_a_patch_leaves_is_still_the_object() {
        let refusal = |change: &str, templated: bool| {
            let mut object = object();
            object.origin.template = templated.then_some(object.origin.spec);
            let report =
                patches(&format!("{{target: {{kind: Cluster}}, {change}}}")).apply(&mut object).err()?;
            report.diagnostics[0].message.split(": ").nth(1).map(str::to_owned)
        };
        for (change, templated, expected) in [
            ("merge: {metadata: x}", true, "what it leaves is no object, it has no `metadata.name`"),
            ("merge: {metadata: {name: ''}}", true, "what it leaves is no object, it has no `metadata.name`"),
            (
                "json: [{op: replace, path: '', value: x}]",
                true,
                "what it leaves is no object, it has no `apiVersion`",
            ),
            ("merge: {kind: Other}", true, "it makes another kind of it"),
            (
                "merge: {metadata: {labels: {a: 1}}}",
                true,
                "it makes `metadata.labels` something else than a map of texts",
            ),
            ("merge: {metadata: {name: other}}", false, "it renames what others know by its name"),
            ("merge: {metadata: {namespace: other}}", false, "it renames what others know by its name"),
        ] {
            assert_eq!(refusal(change, templated).as_deref(), Some(expected), "{change}");
        }
        assert_eq!(refusal("merge: {metadata: {name: other}}", true), None);
    }

    #[test]
    fn globs_match_as_people_expect() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("web", "web", true),
            ("web", "webs", false),
            ("w*b", "wab-b", true),
            ("*-md-?", "web-md-0", true),
            ("*-md-?", "web-md-10", false),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
        ] {
            assert_eq!(glob_matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
