//! What Applications read from this repository, compared: values field by field, plain manifests object by object,
//! kustomizations and charts file by file.
//!
//! It is a part of an Application's identity: nothing in the Application itself changes where a file behind it does.

mod files;
mod grants;
mod kustomization;
mod manifests;
mod namespace;
mod reading;

pub use files::{Reader, Repository};
pub use namespace::GoneNamespace;
pub use reading::{Place, Reading, is_own, readings, sources};

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::FieldChange;
use super::document::objects_in;
use super::field::differences;
use super::pair::Pair;
use super::side::{Side, Which};
use crate::error::Failure;
use crate::tree::{FileTree, RepoPath};

use files::{Contained, Files, Form};

/// How what is read differs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Content {
    /// What differs and has an effect.
    pub fields: Vec<FieldChange>,
    /// Files that differ in comments, order and layout alone, as they are called at the head.
    pub cosmetic: Vec<String>,
    /// What could not be looked at, each a sentence.
    pub unseen: Vec<String>,
    /// The namespaces that are there no more; they are among the fields, too.
    pub gone: Vec<GoneNamespace>,
    /// Who gains and who loses a role by what differs, each a sentence.
    pub grants: Vec<String>,
}

impl Content {
    /// Returns whether nothing differs at all.
    pub fn is_same(&self) -> bool {
        self.fields.is_empty() && self.cosmetic.is_empty() && self.unseen.is_empty()
    }

    /// Adds what another reading differs in.
    pub fn extend(&mut self, other: &Self) {
        self.fields.extend(other.fields.iter().cloned());
        self.cosmetic.extend(other.cosmetic.iter().cloned());
        self.gone.extend(other.gone.iter().cloned());
        self.grants.extend(other.grants.iter().cloned());
        for sentence in &other.unseen {
            if !self.unseen.contains(sentence) {
                self.unseen.push(sentence.clone());
            }
        }
    }
}

/// What the Applications of one management cluster read, each compared once.
pub struct Contents<'s> {
    files: Pair<Files<'s>>,
    known: Mutex<BTreeMap<Pair<Option<Reading>>, Arc<Content>>>,
}

impl<'s> Contents<'s> {
    /// Looks at what lies behind the Applications of `management`.
    pub fn new(sides: Pair<&'s Side>, management: &'s str, repository: &'s Repository<'s>) -> Self {
        let files = |side, which| Files { side, which, management, repository };
        Self {
            files: Pair::new(files(sides.base, Which::Base), files(sides.head, Which::Head)),
            known: Mutex::default(),
        }
    }

    /// Returns how what is read on one side differs from what is read on the other.
    ///
    /// # Errors
    /// Reports files that cannot be read.
    pub fn compare(&self, pair: Pair<Option<Reading>>) -> Result<Arc<Content>, Failure> {
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(&pair) {
            return Ok(known.clone());
        }
        let content = Arc::new(self.compared(pair.each().map(Option::as_ref))?);
        lock().insert(pair, content.clone());
        Ok(content)
    }

    fn compared(&self, pair: Pair<Option<&Reading>>) -> Result<Content, Failure> {
        let is_fixed = |reading: &Reading| matches!(reading.place(), Place::Revision(_));
        // The same tag holds the same.
        if pair.is_same() && pair.head.is_some_and(is_fixed) {
            return Ok(Content::default());
        }
        let values = |reading: Option<&Reading>| matches!(reading, None | Some(Reading::Values { .. }));
        let found = Pair::new(self.files.base.find(pair.base)?, self.files.head.find(pair.head)?);
        let found = match (found.base, found.head) {
            (Ok(base), Ok(head)) => Pair::new(base, head),
            (Err(unseen), _) | (_, Err(unseen)) => {
                return Ok(Content { unseen: vec![unseen], ..Content::default() });
            }
        };
        if values(pair.base) && values(pair.head) {
            return compare_values(&found);
        }
        match (found.base.form, found.head.form) {
            (Form::Manifests, Form::Manifests) => Ok(manifests::compare(&found)),
            (_, _) => compare_files(&found),
        }
    }
}

/// Returns whether what Applications read of the trees that people write may differ: it does beside the specs, or a
/// kustomization leads to where a rendering does not look.
pub fn trees_may_differ(trees: Pair<&FileTree>) -> bool {
    fn contents(tree: &FileTree) -> impl Iterator<Item = (&RepoPath, &Arc<[u8]>)> {
        let is_content = |path: &RepoPath| path.lies_beneath("addons") && path.file_name() != "addon.yaml";
        tree.0.iter().filter(move |(path, _)| is_content(path))
    }
    !contents(trees.base).eq(contents(trees.head)) || kustomization::lead_elsewhere(trees.head)
}

/// Compares two values files; one that is not there holds nothing.
fn compare_values(found: &Pair<Contained>) -> Result<Content, Failure> {
    let only = |contained: &Contained| contained.files.values().next().cloned();
    let files = found.each().map(only);
    if files.base.as_ref().map(|file| &file.bytes) == files.head.as_ref().map(|file| &file.bytes) {
        return Ok(Content::default());
    }
    let read = |which: Which, file: Option<&files::File>| {
        let objects = file.map(|file| objects_in(&file.label, which, &file.bytes)).transpose()?;
        let first = objects.and_then(|objects| objects.into_iter().next());
        Ok::<_, Failure>(first.unwrap_or_else(|| Value::Object(Default::default())))
    };
    let base = read(Which::Base, files.base.as_ref())?;
    let head = read(Which::Head, files.head.as_ref())?;
    let label = files.head.or(files.base).map(|file| file.label).unwrap_or_default();
    let fields = differences(&base, &head);
    let cosmetic = if fields.is_empty() { vec![label.clone()] } else { Vec::new() };
    let fields =
        fields.into_iter().map(|field| FieldChange { path: format!("{label}#{}", field.path), ..field });
    Ok(Content { fields: fields.collect(), cosmetic, ..Content::default() })
}

/// Compares two sets of files by file.
fn compare_files(found: &Pair<Contained>) -> Result<Content, Failure> {
    let mut content = Content::default();
    let (base, head) = (&found.base.files, &found.head.files);
    let gone = base.iter().filter(|(path, _)| !head.contains_key(*path));
    let all = head.iter().map(|(path, file)| (base.get(path), Some(file)));
    for (before, after) in all.chain(gone.map(|(_, file)| (Some(file), None))) {
        let Some(file) = after.or(before) else { continue };
        if before.map(|file| &file.bytes) == after.map(|file| &file.bytes) {
            continue;
        }
        let mean_the_same = before.zip(after).is_some_and(|(before, after)| means_the_same(before, after));
        // A file that nothing refers to lies there for people.
        if mean_the_same || !before.into_iter().chain(after).any(|file| file.is_read) {
            content.cosmetic.push(file.label.clone());
            continue;
        }
        let hash = |file: &files::File| Value::from(files::hash(&file.bytes));
        content.fields.push(FieldChange {
            path: file.label.clone(),
            from: before.map(hash),
            to: after.map(hash),
        });
    }
    Ok(content)
}

/// Returns whether two files differ in comments and layout alone.
fn means_the_same(before: &files::File, after: &files::File) -> bool {
    let is_yaml = |file: &files::File| {
        [".yaml", ".yml", ".json", "kustomization"].iter().any(|end| file.label.to_lowercase().ends_with(end))
    };
    let read = |which: Which, file: &files::File| objects_in(&file.label, which, &file.bytes).ok();
    is_yaml(before)
        && is_yaml(after)
        && read(Which::Base, before)
            .is_some_and(|base| read(Which::Head, after).is_some_and(|head| base == head))
}

/// Returns the folder that a path begins with, or the file that lies at the root.
fn top(path: &RepoPath) -> &str {
    path.as_str().split('/').next().unwrap_or_default()
}
