//! `hooks`: git hooks that check what is committed and pushed.
//!
//! A hook is a few lines of shell that call what was there before and then `hooks run`, which decides; so a new yoshino
//! brings new checks without a new installation.

mod commit;
mod install;
mod message;
mod push;
mod script;

use std::path::PathBuf;

use clap::Subcommand;
use yoshino::error::Failure;
use yoshino::location::Sources;

use super::{Exit, Session};

/// Installs git hooks that check what is committed and pushed
#[derive(Debug, clap::Args)]
#[command(after_help = "\
pre-commit  refuses a commit whose specs are wrong or whose output is not what they render to; what is staged
            counts, not the work tree; likewise pre-merge-commit, which git runs for merges
commit-msg  refuses trailers that say nothing: of picks (Pick-To, No-Pick-To, Pick-Requires, Pick-Kind) and Allow
pre-push    refuses to push trunk or a minor branch in such a state, and tags that are called like a release and
            are none

`git commit --no-verify` and `git push --no-verify` pass them by. Nothing but yoshino is run.")]
pub struct Hooks {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Install(Install),
    Uninstall(Uninstall),
    /// Do what a hook does; for tools that have hooks of their own, such as husky and lefthook
    #[command(subcommand)]
    Run(Run),
}

/// Install the hooks of the fleet's repository; hooks that are there are kept, and called first
#[derive(Debug, clap::Args)]
struct Install {
    /// Install also into a folder that other repositories use, as `core.hooksPath` may say
    #[arg(long)]
    shared: bool,
}

/// Remove the hooks, and put those back that were there before
#[derive(Debug, clap::Args)]
struct Uninstall {}

/// Which hook's work to do.
#[derive(Debug, Subcommand)]
enum Run {
    /// Check what is staged, and compare its rendering with the output that is staged
    PreCommit {},
    /// Check the refs that git names on standard input, or the pre-commit framework in its variables
    PrePush {
        /// What git says of the remote; not looked at
        #[arg(value_name = "REMOTE", num_args = 0..=2, hide = true)]
        remote: Vec<PathBuf>,
    },
    /// Check the trailers of a commit's message
    CommitMsg {
        /// The file that holds the message
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

impl Hooks {
    /// Does what the verb says.
    ///
    /// # Errors
    /// Reports hooks that cannot be installed, and what keeps a commit from being made or pushed; says what the
    /// environment refused.
    pub fn run(&self, session: &Session, sources: &mut Sources) -> Result<Exit, Failure> {
        match &self.verb {
            Verb::Install(verb) => install::install(session, verb.shared),
            Verb::Uninstall(Uninstall {}) => install::uninstall(session),
            Verb::Run(Run::PreCommit {}) => commit::run(session, sources),
            Verb::Run(Run::PrePush { .. }) => push::run(session, sources),
            Verb::Run(Run::CommitMsg { file }) => message::run(session, file, sources),
        }
    }
}
