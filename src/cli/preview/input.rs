//! What is previewed: the fleet, rendered in memory, or files that the user names.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use yoshino::argocd::checkout::Checkout;
use yoshino::argocd::intake::{self, Intake};
use yoshino::diagnostic::Diagnostic;
use yoshino::error::Failure;
use yoshino::location::{FileId, SourceName, Sources};
use yoshino::render::{Scope, load_fleet, render};
use yoshino::spec::Unchecked;
use yoshino::spec::fleet::Management;
use yoshino::spec::pin::from_repository;
use yoshino::tree::{LocalRepository, RepoPath, read_given};

use super::super::{Session, fleet};
use super::Preview;

/// What one Argo CD reads.
pub struct Estate {
    /// The management cluster that it runs on; `None` where files are given.
    pub management: Option<String>,
    /// What was read.
    pub intake: Intake,
}

/// A repository, and the folder that a copy of it lies in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    url: String,
    folder: PathBuf,
}

impl Copy {
    /// Reads `URL=DIR`; the URL may hold `=` itself.
    ///
    /// # Errors
    /// Says what is expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.rsplit_once('=') {
            Some((url, folder)) if !url.is_empty() && !folder.is_empty() => {
                Ok(Self { url: url.to_owned(), folder: folder.into() })
            }
            _ => Err("expected URL=DIR: https://git.example.com/apps.git=../apps".to_owned()),
        }
    }

    fn open(&self, session: &Session) -> Result<(String, Checkout), Failure> {
        let repository = LocalRepository::open(&session.path(&self.folder))?;
        let files = repository.files().to_vec();
        Ok((self.url.clone(), Checkout::new(files, move |path| repository.read(path))))
    }
}

/// Reads the files that the user names.
///
/// # Errors
/// Reports what is no YAML, and what the API server would refuse; says which file could not be read.
pub fn of_paths(session: &Session, verb: &Preview, sources: &mut Sources) -> Result<Estate, Failure> {
    let mut files = Vec::new();
    for given in read_given(&session.directory, &verb.paths)? {
        files.push(intake::add_source(sources, SourceName::of_user(&given.name), given.bytes));
    }
    session.terminal.say_more(&format!("read {} files", files.len()));
    let namespace = verb.namespace.as_deref().unwrap_or("argocd");
    let mut intake = intake::read(&files, sources, namespace)?;
    intake.world.repositories = copies(session, verb)?;
    Ok(Estate { management: None, intake })
}

/// Renders the fleet, and reads what its Argo CDs read.
///
/// # Errors
/// Reports everything that is wrong with the fleet.
pub fn of_fleet(session: &Session, verb: &Preview, sources: &mut Sources) -> Result<Vec<Estate>, Failure> {
    let files = fleet::read(session, verb.rev.as_deref())?;
    let output = Unchecked::of(&files).output_path();
    let catalog = load_fleet(files, sources, &from_repository(&session.directory))?;
    let rendered: Mutex<BTreeMap<RepoPath, Arc<[u8]>>> = Mutex::default();
    render(&catalog, sources, Scope::Fleet, &|path, bytes| {
        if is_read_by_sets(path.as_str()) {
            rendered.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone(), Arc::from(bytes));
        }
        Ok(())
    })?;
    let rendered = rendered.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut estates = Vec::new();
    for management in wanted(verb, &catalog.fleet.spec.management)? {
        let name = management.name.as_str();
        let own = rendered.iter().filter(|(path, _)| path.lies_beneath(name));
        let add = |(path, bytes): (&RepoPath, &Arc<[u8]>)| {
            let shown = SourceName::of_user(&format!("{output}/{path}"));
            intake::add_source(sources, shown, bytes.clone())
        };
        let files: Vec<FileId> = own.map(add).collect();
        let namespace = verb.namespace.as_deref().unwrap_or(management.argocd.namespace.as_str());
        let mut intake = intake::read(&files, sources, namespace)?;
        intake.world.repositories = copies(session, verb)?;
        estates.push(Estate { management: Some(name.to_owned()), intake });
    }
    Ok(estates)
}

fn copies(session: &Session, verb: &Preview) -> Result<BTreeMap<String, Checkout>, Failure> {
    verb.repo.iter().map(|copy| copy.open(session)).collect()
}

/// Returns whether a file of the output holds what ApplicationSets are, or are expanded with.
fn is_read_by_sets(path: &str) -> bool {
    let beneath = path.split_once('/').map_or("", |(_, beneath)| beneath);
    beneath.starts_with("applicationsets/")
        || beneath.starts_with("projects/")
        || beneath.starts_with("clusters/") && beneath.ends_with("/argocd-cluster.yaml")
}

fn wanted<'m>(verb: &Preview, all: &'m [Management]) -> Result<Vec<&'m Management>, Failure> {
    let Some(wanted) = verb.management.as_deref() else { return Ok(all.iter().collect()) };
    let found: Vec<&Management> = all.iter().filter(|one| one.name.as_str() == wanted).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let unknown = Diagnostic::error_nowhere(
        "unknown-reference",
        format!("the fleet has no management cluster `{wanted}`"),
    );
    Err(Failure::Report(unknown.hint_nearest(wanted, all.iter().map(|one| one.name.as_str()), "").into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_named_by_its_url_behind_the_last_equals_sign_stands_the_folder() {
        let copy = |url: &str, folder: &str| Copy { url: url.to_owned(), folder: folder.into() };
        assert_eq!(Copy::parse("https://x/a?b=c=../d"), Ok(copy("https://x/a?b=c", "../d")));
        for wrong in ["https://x", "=d", "https://x="] {
            assert!(Copy::parse(wrong).is_err(), "{wrong}");
        }
    }
}
