//! Storage classes that are to be a cluster's default, wherever addons say so.
//!
//! Manifests are read as they lie in the repository, of templates what no statement decides; of charts the values that
//! those of the usual drivers know. What a chart does by itself is not known here.

use std::collections::BTreeMap;

use super::folder::content as folder;
use super::{Specs, place};
use crate::emit::source_kind::is_template;
use crate::expand::Installed;
use crate::location::Location;
use crate::spec::Content;
use crate::spec::addon::{Addon, Source};
use crate::spec::version::Minor;
use crate::spec::yaml::{Kind, Node, Options, parse};
use crate::tree::RepoPath;

/// What Kubernetes knows a default by, and knew it by.
const ANNOTATIONS: [&str; 2] =
    ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];

/// What an addon that brings the default provides.
const CAPABILITIES: [&str; 2] = ["default-storage-class", "default-storageclass"];

/// Values by which charts make a class the default: those of AWS' drivers, of OpenStack's, and of others.
const VALUES: [&str; 6] = [
    "/defaultStorageClass/enabled",
    "/storageClass/delete/isDefault",
    "/storageClass/retain/isDefault",
    "/storageClass/defaultClass",
    "/storageClass/isDefaultClass",
    "/persistence/defaultClass",
];

/// A class that is to be the default.
#[derive(Clone, Debug)]
pub struct DefaultClass<'a> {
    /// The addon that says so.
    pub addon: &'a Addon,
    /// Its name, where that is known.
    pub name: Option<String>,
    /// Where it is said.
    pub location: Location,
}

/// What was read of addons that say the same on many clusters.
pub struct DefaultClasses<'s, 'a> {
    specs: &'s Specs<'a>,
    read: BTreeMap<(*const Addon, Minor), Vec<DefaultClass<'a>>>,
}

impl<'s, 'a> DefaultClasses<'s, 'a> {
    /// Has read nothing yet.
    pub fn new(specs: &'s Specs<'a>) -> Self {
        Self { specs, read: BTreeMap::new() }
    }

    /// Returns the classes that an addon makes the default on a cluster of `minor`.
    pub fn of(&mut self, content: &'a Content, on: &Installed<'a>, minor: Minor) -> Vec<DefaultClass<'a>> {
        if on.setting.values.is_some() {
            return self.read(content, on, minor);
        }
        let key = (std::ptr::from_ref(on.addon), minor);
        if let Some(known) = self.read.get(&key) {
            return known.clone();
        }
        let read = self.read(content, on, minor);
        self.read.insert(key, read.clone());
        read
    }

    fn read(&self, content: &'a Content, on: &Installed<'a>, minor: Minor) -> Vec<DefaultClass<'a>> {
        let addon = on.addon;
        let Ok(source) = addon.source(minor) else { return Vec::new() };
        let mut found = match &source {
            Source::Manifests { path } | Source::Kustomize { path } => self.in_folder(content, addon, path),
            Source::Helm(_) | Source::Eks(_) => {
                on.values(&source).map(|values| in_values(addon, &values)).unwrap_or_default()
            }
            Source::Access => Vec::new(),
        };
        let is_default = |name: &&str| CAPABILITIES.contains(name);
        let said = addon.spec.provides.iter().position(|name| is_default(&name.as_str()));
        if let (true, Some(index)) = (found.is_empty(), said) {
            let location = place::at(&addon.document, &format!("/spec/provides/{index}"));
            found.push(DefaultClass { addon, name: None, location });
        }
        found
    }

    fn in_folder(&self, content: &'a Content, addon: &'a Addon, path: &str) -> Vec<DefaultClass<'a>> {
        let mut found: Vec<DefaultClass<'a>> = Vec::new();
        for file in folder(&content.files, path).manifests() {
            for class in self.in_file(content, addon, file) {
                // A patch of a kustomization names the class that another file holds.
                if class.name.is_none() || found.iter().all(|known| known.name != class.name) {
                    found.push(class);
                }
            }
        }
        found
    }

    fn in_file(&self, content: &'a Content, addon: &'a Addon, path: &RepoPath) -> Vec<DefaultClass<'a>> {
        let Some(bytes) = content.files.0.get(path) else { return Vec::new() };
        let text = String::from_utf8_lossy(bytes);
        if !text.contains("is-default-class") {
            return Vec::new();
        }
        let Some(file) = self.specs.sources.find_named(&content.source_name(path)) else {
            return Vec::new();
        };
        let class = |name: Option<String>, location| DefaultClass { addon, name, location };
        if is_template(path) {
            let found = in_template(&text).into_iter();
            return found.map(|(name, start, end)| class(name, Location::new(file, start, end))).collect();
        }
        let documents = parse(file, bytes, Options::FOREIGN).unwrap_or_default();
        let found = documents.iter().filter_map(|document| {
            let root = &document.root;
            let is_class = root.get("kind").and_then(Node::as_str) == Some("StorageClass");
            let annotation = default_annotation(root.at("/metadata/annotations")?)?;
            let name = root.at("/metadata/name").and_then(Node::as_str).map(str::to_owned);
            is_class.then(|| class(name, annotation))
        });
        found.collect()
    }
}

/// Returns where annotations say that a class is the default.
fn default_annotation(annotations: &Node) -> Option<Location> {
    ANNOTATIONS
        .iter()
        .filter_map(|key| annotations.get(key))
        .find(|value| is_true(value))
        .map(|value| value.location)
}

/// Returns whether a value is true, or the text that says so.
fn is_true(node: &Node) -> bool {
    matches!(&node.kind, Kind::Scalar { text, .. } if &**text == "true")
}

fn in_values<'a>(addon: &'a Addon, values: &Node) -> Vec<DefaultClass<'a>> {
    let class = |name: Option<&Node>, location| DefaultClass {
        addon,
        name: name.and_then(Node::as_str).map(str::to_owned),
        location,
    };
    let one = VALUES.iter().filter_map(|pointer| values.at(pointer)).filter(|value| is_true(value));
    // A driver that is told to make no classes makes no default either.
    let makes_none = |pointer: &str| {
        values
            .at(pointer)
            .is_some_and(|value| matches!(&value.kind, Kind::Scalar { text, .. } if &**text == "false"))
    };
    let one = one.filter(|_| !makes_none("/storageClass/enabled") && !makes_none("/storageClass/create"));
    let listed = place::items(values, "storageClasses").iter().filter_map(|listed| {
        Some(class(listed.get("name"), default_annotation(listed.get("annotations")?)?))
    });
    one.map(|value| class(None, value.location)).chain(listed).collect()
}

/// Returns the defaults of a template's documents that no statement decides: name, and where it is said.
fn in_template(text: &str) -> Vec<(Option<String>, usize, usize)> {
    let mut found = Vec::new();
    let mut start = 0;
    for document in text.split("\n---") {
        let is_class = document.lines().any(|line| line.trim_end() == "kind: StorageClass");
        let is_decided = document.lines().any(|line| line.trim_start().starts_with("#% "));
        let mut at = start;
        for line in document.split_inclusive('\n').filter(|_| is_class && !is_decided) {
            let key = line.trim().split_once(": ").filter(|(key, value)| {
                let plain = |text: &str| text.trim().trim_matches(['"', '\'']).to_owned();
                ANNOTATIONS.contains(&&*plain(key)) && plain(value) == "true"
            });
            if key.is_some() {
                let indent = line.len() - line.trim_start().len();
                found.push((name(document), at + indent, at + line.trim_end().len()));
            }
            at += line.len();
        }
        start += document.len() + "\n---".len();
    }
    found
}

fn name(document: &str) -> Option<String> {
    let name = document.lines().find_map(|line| line.trim().strip_prefix("name: "))?.trim();
    (!name.contains("${{")).then(|| name.trim_matches(['"', '\'']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_template_only_what_no_statement_decides_is_known() {
        let class = |name: &str, more: &str| {
            format!(
                "kind: StorageClass\nmetadata:\n  name: {name}\n  annotations:\n{more}    storageclass.kubernetes.io/is-default-class: \"true\"\n"
            )
        };
        let text =
            format!("{}---\n{}---\n{}", class("a", ""), class("b", "#% if x\n"), class("${{ x }}", ""));
        let found = in_template(&text);
        let names: Vec<_> = found.iter().map(|(name, ..)| name.as_deref()).collect();
        assert_eq!(names, [Some("a"), None]);
        let (_, start, end) = found[1];
        assert_eq!(&text[start..end], "storageclass.kubernetes.io/is-default-class: \"true\"");
    }
}
