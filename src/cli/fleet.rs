//! Opening the fleet that a command works on.

use yoshino::error::Failure;
use yoshino::location::Sources;
use yoshino::spec::{Catalog, load};
use yoshino::tree::{FileTree, Selection, read_worktree};

use super::Session;

/// Reads everything the fleet declares; its files are added to `sources`.
///
/// # Errors
/// Reports everything that is wrong with the specs by themselves, and a folder that holds no fleet; says which
/// file could not be read.
pub fn open(session: &Session, sources: &mut Sources) -> Result<Catalog, Failure> {
    Ok(load(read(session)?, sources)?)
}

/// Reads the fleet's files.
///
/// # Errors
/// Those of [`read_worktree`].
pub fn read(session: &Session) -> Result<FileTree, Failure> {
    let files = read_worktree(&session.directory, Selection::FLEET)?;
    session.terminal.say_more(&format!("read {} files of the fleet", files.0.len()));
    Ok(files)
}
