//! In which release of a minor a commit came first.

use std::collections::BTreeMap;

use git2::{Oid, Repository, Sort};

use super::inputs::{Inputs, fleet_files};
use crate::error::Error;
use crate::spec::release::{Release, TagPattern};
use crate::spec::tag_pattern;
use crate::spec::version::Minor;

/// The first release of each minor that has a commit; nothing where no fleet says how releases are called.
#[derive(Debug, Default)]
pub struct Releases {
    first: BTreeMap<(Minor, Oid), String>,
}

impl Releases {
    /// Reads the tags of the minors in `inputs`.
    ///
    /// # Errors
    /// [`Error::Git`] where their history cannot be read.
    pub fn of(repository: &Repository, inputs: &Inputs) -> Result<Self, Error> {
        let mut releases = Self::default();
        let pattern = tag_pattern(&fleet_files(repository, inputs.source.id));
        let Some(pattern) = pattern.and_then(|pattern| TagPattern::new(&pattern).ok()) else {
            return Ok(releases);
        };
        let refused = |source| Error::Git { doing: "read the releases".to_owned(), source };
        let names = repository.tag_names(None).map_err(refused)?;
        let names = names.iter().flatten().flatten();
        let mut tags: Vec<Release> = names.filter_map(|name| pattern.parse(name)).collect();
        tags.sort();
        for tag in tags.iter().filter(|tag| inputs.targets.contains_key(&tag.minor)) {
            releases.add(repository, tag, inputs.source.id).map_err(refused)?;
        }
        Ok(releases)
    }

    /// Returns the first release with a commit of the minor's branch.
    pub fn first_with(&self, minor: Minor, commit: Option<Oid>) -> Option<&str> {
        commit.and_then(|commit| self.first.get(&(minor, commit))).map(String::as_str)
    }

    fn add(&mut self, repository: &Repository, tag: &Release, trunk: Oid) -> Result<(), git2::Error> {
        let commit = repository.find_reference(&format!("refs/tags/{tag}"))?.peel_to_commit()?;
        let mut walk = repository.revwalk()?;
        walk.set_sorting(Sort::NONE)?;
        walk.push(commit.id())?;
        walk.hide(trunk)?;
        for id in walk {
            self.first.entry((tag.minor, id?)).or_insert_with(|| tag.to_string());
        }
        Ok(())
    }
}
