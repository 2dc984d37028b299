//! In which release of a minor a commit came first.

use std::collections::BTreeMap;

use git2::{Oid, Repository, Sort};

use super::inputs::{Inputs, fleet_files};
use crate::branch::history::where_trunk_ends;
use crate::error::Error;
use crate::spec::Unchecked;
use crate::spec::release::{Release, TagPattern};
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
        let files = fleet_files(repository, inputs.source.id);
        let pattern = TagPattern::new(Unchecked::of(&files).tag());
        let Some(pattern) = pattern.ok().filter(|_| !files.0.is_empty()) else { return Ok(releases) };
        let refused = |source| Error::Git { doing: "read the releases".to_owned(), source };
        let names = repository.tag_names(None).map_err(refused)?;
        let names = names.iter().flatten().flatten();
        let mut tags: Vec<Release> = names.filter_map(|name| pattern.parse(name)).collect();
        tags.sort();
        for (minor, tip) in &inputs.targets {
            // What an earlier release has, and what was there when the branch was cut, is in none of the later ones first.
            let mut known = vec![where_trunk_ends(repository, tip.id, inputs.source.id)?];
            for tag in tags.iter().filter(|tag| tag.minor == *minor) {
                let commit = releases.add(repository, tag, &known).map_err(refused)?;
                known.push(commit);
            }
        }
        Ok(releases)
    }

    /// Returns the first release with a commit of the minor's branch.
    pub fn first_with(&self, minor: Minor, commit: Option<Oid>) -> Option<&str> {
        commit.and_then(|commit| self.first.get(&(minor, commit))).map(String::as_str)
    }

    /// Adds what a release has and none of the commits in `known`; returns the release's own commit.
    fn add(&mut self, repository: &Repository, tag: &Release, known: &[Oid]) -> Result<Oid, git2::Error> {
        let commit = repository.find_reference(&format!("refs/tags/{tag}"))?.peel_to_commit()?.id();
        let mut walk = repository.revwalk()?;
        walk.set_sorting(Sort::NONE)?;
        walk.push(commit)?;
        known.iter().try_for_each(|known| walk.hide(*known))?;
        for id in walk {
            self.first.insert((tag.minor, id?), tag.to_string());
        }
        Ok(commit)
    }
}
