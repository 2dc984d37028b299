//! Releases: what is proved of a tag before its tree is rendered from, and what that tree holds.
//!
//! A tag that anybody may move, or that lies on no minor branch, says nothing about what was looked at when it was
//! made. Only objects and refs are read. This module must not know which cluster names a tag, nor what files mean.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use git2::{ErrorCode, ObjectType, Oid, Reference, Repository};

use super::revision::{open, read_revision};
use super::{FileTree, Selection};
use crate::error::{Error, Failure};

/// Makes a shallow clone whole; what every message about one says.
pub const DEEPEN: &str = "git fetch --unshallow --tags";

/// The tags and branches of the repository that a folder lies in.
pub struct ReleaseTags {
    repository: Repository,
    root: PathBuf,
    trunk: String,
    remote: String,
    chains: RefCell<BTreeMap<String, Rc<Chain>>>,
}

/// The first-parent chain of a branch.
struct Chain {
    /// The branch, as people write it.
    name: String,
    /// The commits after the branch point.
    commits: BTreeSet<Oid>,
    /// Where it left trunk: once for the local trunk, once for the one that was last fetched.
    points: BTreeSet<Oid>,
}

/// A tag that is what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenTag {
    /// The id of the tag object.
    pub tag_id: String,
    /// The id of the commit it points at.
    pub commit_id: String,
}

/// Why a tag is no release of its branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unproven {
    /// There is no such tag.
    Absent,
    /// It points at a commit, or whatever it is, by itself: nobody said when and why it was made.
    NotAnnotated,
    /// The tag object says that it is called something else.
    OtherName(String),
    /// It is a tag of something that is no commit.
    NoCommit,
    /// A branch is called like it.
    BranchOfSameName(String),
    /// Its branch is not there.
    NoBranch,
    /// Its branch is not the one that was last fetched: the local one, and the remote-tracking one.
    BranchesDiffer(String, String),
    /// Its commit is not on the first-parent chain of its branch.
    NotOnBranch(String),
    /// Its commit is on trunk, too: it lies at or before the point where its branch was cut.
    NotAfterBranchPoint(String),
}

impl ReleaseTags {
    /// Opens the repository that `root` lies in; the branch `trunk` and the remote are the fleet's.
    ///
    /// # Errors
    /// [`Error::Git`] where there is none, or it belongs to another user.
    pub fn open(root: &Path, trunk: &str, remote: &str) -> Result<Self, Error> {
        let (repository, root) = open(root)?;
        Ok(Self {
            repository,
            root,
            trunk: trunk.to_owned(),
            remote: remote.to_owned(),
            chains: RefCell::default(),
        })
    }

    /// Returns the names of all tags, sorted; those that are no UTF-8 are left out.
    ///
    /// # Errors
    /// [`Error::Git`] where the refs cannot be read.
    pub fn names(&self) -> Result<Vec<String>, Error> {
        let names = self.repository.tag_names(None).map_err(|source| refused("list the tags", source))?;
        let mut names: Vec<String> =
            names.iter().filter_map(|name| name.ok().flatten().map(str::to_owned)).collect();
        names.sort();
        Ok(names)
    }

    /// Returns the id of the commit that a tag points at, of whatever kind it is; `None` where it is not there, or of no
    /// commit.
    ///
    /// # Errors
    /// [`Error::Git`] where its objects cannot be read.
    pub fn commit_id(&self, tag: &str) -> Result<Option<String>, Error> {
        let failed = |source| refused(&format!("read the tag `{tag}`"), source);
        match self.repository.find_reference(&format!("refs/tags/{tag}")) {
            Ok(reference) => {
                let object = reference.peel(ObjectType::Any).map_err(failed)?;
                Ok(object.as_commit().map(|commit| commit.id().to_string()))
            }
            Err(source) if source.code() == ErrorCode::NotFound => Ok(None),
            Err(source) => Err(failed(source)),
        }
    }

    /// Proves that `tag` is a release of `branch`: there, annotated, called by its own name, and on the branch's
    /// first-parent chain after the point where it left trunk. The local branch counts, else the remote-tracking one.
    ///
    /// # Errors
    /// [`Error::Git`] where a shallow clone lacks what the proof needs, with the command that fetches it; where
    /// objects cannot be read.
    pub fn prove(&self, tag: &str, branch: &str) -> Result<Result<ProvenTag, Unproven>, Error> {
        let unproven = match self.look(tag, branch) {
            Ok(proven) => return Ok(Ok(proven)),
            Err(Unfit::Unproven(unproven)) => unproven,
            Err(Unfit::Refused(source)) if self.repository.is_shallow() => {
                return Err(self.cannot_verify(tag, source.message()));
            }
            Err(Unfit::Refused(source)) => {
                return Err(refused(&format!("verify the release `{tag}`"), source));
            }
        };
        let lacks = match &unproven {
            Unproven::Absent => "the tag is not in this shallow clone",
            Unproven::NoBranch => "its branch is not in this shallow clone",
            Unproven::NotOnBranch(_) | Unproven::NotAfterBranchPoint(_) => {
                "its branch is not whole in this shallow clone"
            }
            Unproven::NotAnnotated
            | Unproven::OtherName(_)
            | Unproven::NoCommit
            | Unproven::BranchOfSameName(_)
            | Unproven::BranchesDiffer(..) => return Ok(Err(unproven)),
        };
        if self.repository.is_shallow() {
            return Err(self.cannot_verify(tag, lacks));
        }
        Ok(Err(unproven))
    }

    /// Reads the addons and templates that a release's commit holds beneath the fleet's folder, as
    /// [`read_revision`] reads them.
    ///
    /// # Errors
    /// Those of [`read_revision`]; in a shallow clone [`Error::Git`] with the command that fetches what is missing.
    pub fn read(&self, tag: &str, commit_id: &str) -> Result<FileTree, Failure> {
        read_revision(&self.root, commit_id, Selection::RELEASE).map_err(|failure| match failure {
            Failure::Error(Error::Git { source, .. }) if self.repository.is_shallow() => {
                self.cannot_verify(tag, source.message()).into()
            }
            other => other,
        })
    }

    fn look(&self, name: &str, branch: &str) -> Result<ProvenTag, Unfit> {
        let reference = self.find(&format!("refs/tags/{name}"))?.ok_or(Unproven::Absent)?;
        let tag_id = reference.target().ok_or(Unproven::NotAnnotated)?;
        let object = self.repository.find_object(tag_id, None)?;
        let tag = object.as_tag().ok_or(Unproven::NotAnnotated)?;
        if tag.name_bytes() != name.as_bytes() {
            return Err(Unproven::OtherName(String::from_utf8_lossy(tag.name_bytes()).into_owned()).into());
        }
        if tag.target_type() != Some(ObjectType::Commit) {
            return Err(Unproven::NoCommit.into());
        }
        let remote = &self.remote;
        for other in [format!("refs/heads/{name}"), format!("refs/remotes/{remote}/{name}")] {
            if self.find(&other)?.is_some() {
                let short = other.trim_start_matches("refs/heads/").trim_start_matches("refs/remotes/");
                return Err(Unproven::BranchOfSameName(short.to_owned()).into());
            }
        }
        let commit_id = tag.target_id();
        let chain = self.chain(branch)?;
        if !chain.commits.contains(&commit_id) {
            let is_before = |point: &Oid| {
                Ok(*point == commit_id || self.repository.graph_descendant_of(*point, commit_id)?)
            };
            let before: Vec<bool> = chain.points.iter().map(is_before).collect::<Result<_, git2::Error>>()?;
            let name = chain.name.clone();
            return Err(match before.contains(&true) {
                true => Unproven::NotAfterBranchPoint(name).into(),
                false => Unproven::NotOnBranch(name).into(),
            });
        }
        Ok(ProvenTag { tag_id: tag_id.to_string(), commit_id: commit_id.to_string() })
    }

    /// Returns the commits of a branch, walked once however many releases lie on it.
    fn chain(&self, branch: &str) -> Result<Rc<Chain>, Unfit> {
        if let Some(known) = self.chains.borrow().get(branch) {
            return Ok(known.clone());
        }
        let chain = Rc::new(self.walk(branch)?);
        self.chains.borrow_mut().insert(branch.to_owned(), chain.clone());
        Ok(chain)
    }

    fn walk(&self, branch: &str) -> Result<Chain, Unfit> {
        let (name, tip) = match self.tips(branch)? {
            [Some(one), Some(other)] if one != other => {
                let fetched = format!("{}/{branch}", self.remote);
                return Err(Unproven::BranchesDiffer(branch.to_owned(), fetched).into());
            }
            [Some(tip), _] => (branch.to_owned(), tip),
            [None, Some(tip)] => (format!("{}/{branch}", self.remote), tip),
            [None, None] => return Err(Unproven::NoBranch.into()),
        };
        let points = self.points(tip)?;
        let mut commits = BTreeSet::new();
        let mut next = Some(tip);
        while let Some(id) = next.filter(|id| !points.contains(id)) {
            commits.insert(id);
            next = first_parent(&self.repository, id)?;
        }
        Ok(Chain { name, commits, points })
    }

    /// Returns where the branch with this tip left trunk: the local one, and the one that was last fetched; a local trunk
    /// may lag behind, and whatever is on either of them is trunk's.
    ///
    /// # Errors
    /// [`Error::Git`] where commits cannot be read, or a shallow clone does not reach back that far.
    pub fn branch_points(&self, tip: Oid) -> Result<BTreeSet<Oid>, Error> {
        let doing = "find where the branch left trunk";
        self.points(tip).map_err(|unfit| match unfit {
            Unfit::Refused(source) => refused(doing, source),
            Unfit::Unproven(_) => refused(doing, git2::Error::from_str("trunk is not there")),
        })
    }

    fn points(&self, tip: Oid) -> Result<BTreeSet<Oid>, Unfit> {
        let mut trunks: BTreeSet<Oid> = self.tips(&self.trunk)?.into_iter().flatten().collect();
        if trunks.is_empty() {
            trunks.insert(self.repository.head()?.peel_to_commit()?.id());
        }
        let mut points = BTreeSet::new();
        for trunk in trunks {
            points.extend(self.branch_point(trunk, tip)?);
        }
        Ok(points)
    }

    fn branch_point(&self, trunk: Oid, tip: Oid) -> Result<Option<Oid>, Unfit> {
        match branch_point(&self.repository, trunk, tip)? {
            None if self.repository.is_shallow() => {
                Err(git2::Error::from_str("its branch and trunk have no commit in common here").into())
            }
            point => Ok(point),
        }
    }

    /// Returns the tips of a branch: of the local one, and of the one that was last fetched.
    fn tips(&self, branch: &str) -> Result<[Option<Oid>; 2], Unfit> {
        let tip = |name: String| match self.find(&name)? {
            Some(reference) => Ok::<_, Unfit>(Some(reference.peel_to_commit()?.id())),
            None => Ok(None),
        };
        Ok([tip(format!("refs/heads/{branch}"))?, tip(format!("refs/remotes/{}/{branch}", self.remote))?])
    }

    fn find(&self, name: &str) -> Result<Option<Reference<'_>>, Unfit> {
        match self.repository.find_reference(name) {
            Ok(reference) => Ok(Some(reference)),
            Err(source) if matches!(source.code(), ErrorCode::NotFound | ErrorCode::InvalidSpec) => Ok(None),
            Err(source) => Err(source.into()),
        }
    }

    fn cannot_verify(&self, tag: &str, why: &str) -> Error {
        let message = format!("{why}; fetch the rest with `{DEEPEN} {}`", self.remote);
        refused(&format!("verify the release `{tag}`"), git2::Error::from_str(&message))
    }
}

/// Returns the commit at which a branch left trunk: the first that their first-parent chains share. Which of the two was
/// merged into the other since has no say, as it has in their merge base.
///
/// # Errors
/// Passes on what keeps a commit from being read.
pub fn branch_point(repository: &Repository, trunk: Oid, tip: Oid) -> Result<Option<Oid>, git2::Error> {
    let mut walked = [BTreeSet::new(), BTreeSet::new()];
    let mut ends = [Some(trunk), Some(tip)];
    while ends != [None, None] {
        for side in [0, 1] {
            let Some(id) = ends[side] else { continue };
            if walked[1 - side].contains(&id) {
                return Ok(Some(id));
            }
            walked[side].insert(id);
            ends[side] = first_parent(repository, id)?;
        }
    }
    Ok(None)
}

fn first_parent(repository: &Repository, id: Oid) -> Result<Option<Oid>, git2::Error> {
    Ok(repository.find_commit(id)?.parent_ids().next())
}

/// Returns the tags and branches whose names `matters` holds for, and what each points at, as `<ref> <id>`; nothing
/// outside of repositories.
pub fn refs_at(root: &Path, remote: &str, matters: &dyn Fn(&str) -> bool) -> BTreeSet<String> {
    let Ok((repository, _)) = open(root) else { return BTreeSet::new() };
    let folders = ["refs/tags/".to_owned(), "refs/heads/".to_owned(), format!("refs/remotes/{remote}/")];
    let mut found = BTreeSet::new();
    for folder in folders {
        let Ok(references) = repository.references_glob(&format!("{folder}*")) else { continue };
        for reference in references.flatten() {
            let Some((name, id)) = reference.name().ok().zip(reference.target()) else { continue };
            if matters(&name[folder.len()..]) {
                found.insert(format!("{name} {id}"));
            }
        }
    }
    found
}

/// Why a proof failed.
enum Unfit {
    Unproven(Unproven),
    Refused(git2::Error),
}

impl From<Unproven> for Unfit {
    fn from(unproven: Unproven) -> Self {
        Self::Unproven(unproven)
    }
}

impl From<git2::Error> for Unfit {
    fn from(source: git2::Error) -> Self {
        Self::Refused(source)
    }
}

fn refused(doing: &str, source: git2::Error) -> Error {
    Error::Git { doing: doing.to_owned(), source }
}
