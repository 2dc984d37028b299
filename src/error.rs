//! What the world refused: files, git, locks.
//!
//! An [`Error`] says what we were doing to which path and keeps its source. What is wrong with the repository
//! itself is a [`Report`], never an `Error`; exit codes follow from the difference (4 and 2).

use std::fmt;
use std::path::PathBuf;

use crate::diagnostic::Report;

/// A refusal of the environment: exit code 4.
#[derive(Debug)]
pub enum Error {
    /// A file or directory could not be read, written or moved.
    Io {
        /// What we were doing, as a verb: `read`, `write`, `replace`.
        doing: &'static str,
        /// To which path.
        path: PathBuf,
        /// Why the operating system refused.
        source: std::io::Error,
    },
    /// Another yoshino is at work on the same output.
    Locked {
        /// The output's path.
        path: PathBuf,
    },
    /// The git repository could not be opened or read.
    Git {
        /// What we were doing: `open the repository`, `read revision v1`.
        doing: String,
        /// Why libgit2 refused.
        source: git2::Error,
    },
    /// What we were about to do is not done as things stand.
    Refused {
        /// What we were doing: `move release/1.36`.
        doing: String,
        /// What stands against it, and what to do.
        why: String,
    },
}

impl Error {
    /// Wraps what the operating system refused to `doing` at `path`.
    pub fn io(doing: &'static str, path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        Self::Io { doing, path: path.into(), source }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { doing, path, source } => {
                write!(formatter, "cannot {doing} {}: {source}", path.display())
            }
            Self::Locked { path } => {
                write!(
                    formatter,
                    "another yoshino is at work on {}; try again when it is done",
                    path.display()
                )
            }
            Self::Git { doing, source } => write!(formatter, "cannot {doing}: {}", source.message()),
            Self::Refused { doing, why } => write!(formatter, "cannot {doing}: {why}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Git { source, .. } => Some(source),
            Self::Locked { .. } | Self::Refused { .. } => None,
        }
    }
}

/// Either of the two ways in which a command can fail, never mixed.
#[derive(Debug)]
pub enum Failure {
    /// The repository is wrong: every finding of the stage, exit code 2.
    Report(Report),
    /// The world refused: exit code 4.
    Error(Error),
}

impl From<Report> for Failure {
    fn from(report: Report) -> Self {
        Self::Report(report)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}
