//! Opening the fleet that a command works on.

use std::path::PathBuf;

use yoshino::error::{Error, Failure};
use yoshino::location::Sources;
use yoshino::spec::{Catalog, load_specs};
use yoshino::tree::{FileTree, Selection, Staged, read_revision, read_worktree};

use super::Session;

/// Reads everything the fleet declares but the releases that clusters are pinned to; its files are added to `sources`.
///
/// # Errors
/// Reports everything that is wrong with the specs by themselves, and a folder that holds no fleet; says which file could
/// not be read.
pub fn open_specs(session: &Session, sources: &mut Sources) -> Result<Catalog, Failure> {
    Ok(load_specs(read(session, None)?, sources)?)
}

/// Reads the fleet's files: those of the work tree, or of a git revision.
///
/// # Errors
/// Those of [`read_worktree`] and [`read_revision`].
pub fn read(session: &Session, revision: Option<&str>) -> Result<FileTree, Failure> {
    let files = match revision {
        Some(revision) => read_revision(&session.directory, revision, Selection::FLEET)?,
        None => read_worktree(&session.directory, Selection::FLEET)?,
    };
    session.terminal.say_more(&format!("read {} files of the fleet", files.0.len()));
    Ok(files)
}

/// Says that a tree declares no cluster, as that of a minor branch: what a command found of it is about the rest.
pub fn say_without_clusters(session: &Session, has_clusters: bool) {
    if !has_clusters {
        session.terminal.say("there are no clusters in this tree");
    }
}

/// Returns whether files declare a cluster, by their names alone.
pub fn has_clusters(files: &FileTree) -> bool {
    let is_spec = |name: &str| name.ends_with(".yaml") && name != "_defaults.yaml";
    files.0.keys().any(|path| path.lies_beneath("clusters") && is_spec(path.file_name()))
}

/// Opens git's index: its own, or the one that it made for a commit and names to the hooks that it runs.
///
/// # Errors
/// Those of [`Staged::open`].
pub fn staged(session: &Session) -> Result<Staged, Error> {
    let named = std::env::var_os("GIT_INDEX_FILE").filter(|name| !name.is_empty()).map(PathBuf::from);
    Staged::open(&session.directory, named.as_deref())
}
