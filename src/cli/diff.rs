//! `diff`: what a change does to every cluster.

mod html;
mod markdown;
mod text;
mod words;

use std::path::Path;

use clap::ValueEnum;
use yoshino::error::Failure;
use yoshino::impact::{Allowance, Difference, Pair, Repository, Request, Which, compare, render_sides};
use yoshino::location::Sources;
use yoshino::spec::repository;
use yoshino::tree::{FileTree, History, Selection, read_revision, read_worktree};

use super::{Exit, Format, Session, fleet};

/// Says what a change does to every cluster, before it is merged
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exits with 3 where the change does more than the base's `limits` let through. What lets it through is\n\
--allow, or a line such as `Allow: applications=3` at the end of the message of a commit of the change.")]
pub struct Diff {
    /// What to compare with: a git revision; where the work tree's commit left the trunk, by default
    base: Option<String>,
    /// What to compare: a git revision; the work tree by default
    head: Option<String>,
    /// Let through exactly so many: applications, clusters, pools, controlPlanes, nodes or refuses
    #[arg(long, value_name = "NAME=N", value_parser = Allowance::read)]
    allow: Vec<Allowance>,
    /// Exit with 1 where there is any change
    #[arg(long)]
    exit_code: bool,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    format: DiffFormat,
}

/// How a difference is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum DiffFormat {
    /// For people
    #[default]
    Text,
    /// For programs; `yoshino schema Diff` says what it looks like
    Json,
    /// For a comment on a pull request, at most 60,000 bytes
    Markdown,
    /// A page that needs nothing else
    Html,
}

/// The revisions of a comparison: the base as git and as people know it, the head's if it is one.
struct Revisions {
    base: String,
    head: Option<String>,
}

impl Diff {
    /// Compares base and head.
    ///
    /// # Errors
    /// Reports everything that is wrong with either; says what the environment refused.
    pub fn run(&self, session: &Session, sources: &mut Sources) -> Result<Exit, Failure> {
        let directory = &session.directory;
        let history = History::open(directory)?;
        let revisions = self.revisions(session, &history)?;
        let (base, head) = rayon::join(
            || read_revision(directory, &revisions.base, Selection::FLEET),
            || fleet::read(session, revisions.head.as_deref()),
        );
        let sides = render_sides(base?, head?, sources)?;
        let reader = |which: Which, revision: Option<&str>, top: &str| {
            read(directory, &revisions, (which, revision), top)
        };
        let mut allowances = self.allow.clone();
        allowances.extend(trailers(session, &history, &revisions)?);
        let [base, head] = &sides;
        let repository = Repository::new(&reader);
        let request = Request { repository: &repository, allowances: &allowances, matrix: false };
        let difference = compare(Pair::new(base, head), request)?;
        let difference = Difference {
            base: revisions.base.clone(),
            head: revisions.head.clone().unwrap_or_else(|| "the work tree".into()),
            ..difference
        };
        self.print(session, &difference)?;
        show_limits(session, &difference);
        Ok(if difference.is_beyond_limits() {
            Exit::Undecided
        } else if self.exit_code && !difference.changes.is_empty() {
            Exit::Different
        } else {
            Exit::Fine
        })
    }

    /// Returns how the result is printed.
    pub fn format(&self) -> Format {
        match self.format {
            DiffFormat::Text | DiffFormat::Markdown | DiffFormat::Html => Format::Text,
            DiffFormat::Json => Format::Json,
        }
    }

    /// Returns what is compared: as it was named, or where the work tree's commit left the trunk.
    fn revisions(&self, session: &Session, history: &History) -> Result<Revisions, Failure> {
        let base = match &self.base {
            Some(base) => base.clone(),
            None => {
                let (trunk, remote) = repository(&fleet::read(session, None)?);
                history.merge_base(&trunk, &remote)?
            }
        };
        Ok(Revisions { base, head: self.head.clone() })
    }

    fn print(&self, session: &Session, difference: &Difference) -> Result<(), Failure> {
        match self.format {
            DiffFormat::Text => {
                let color = session.terminal.data_color();
                session.terminal.print(&text::text(difference, color))?;
            }
            DiffFormat::Json => session.terminal.print_json(&difference.to_json())?,
            DiffFormat::Markdown => session.terminal.print(&markdown::markdown(difference))?,
            DiffFormat::Html => session.terminal.print(&html::html(difference))?,
        }
        Ok(())
    }
}

/// Reads what Applications read beyond what a rendering does; nothing where the repository lacks the revision.
fn read(
    directory: &Path,
    revisions: &Revisions,
    (which, revision): (Which, Option<&str>),
    top: &str,
) -> Result<Option<FileTree>, Failure> {
    let names = [top];
    let own = match which {
        Which::Base => Some(revisions.base.as_str()),
        Which::Head => revisions.head.as_deref(),
    };
    let read = |selection| match revision.or(own) {
        Some(revision) => read_revision(directory, revision, selection),
        None => read_worktree(directory, selection),
    };
    let is_unknown = |failure: &Failure| match failure {
        Failure::Report(report) => report.diagnostics.iter().any(|one| one.rule == "unknown-revision"),
        Failure::Error(_) => false,
    };
    match read(Selection { folders: &names, files: &[] }) {
        // A file at the root of the repository.
        Err(Failure::Report(report)) if report.diagnostics.iter().all(|one| one.rule == "file-kind") => {
            read(Selection { folders: &[], files: &names }).map(Some)
        }
        Err(failure) if revision.is_some() && is_unknown(&failure) => Ok(None),
        read => read.map(Some),
    }
}

/// Returns what commits between base and head acknowledge.
fn trailers(session: &Session, history: &History, revisions: &Revisions) -> Result<Vec<Allowance>, Failure> {
    let head = revisions.head.as_deref().unwrap_or("HEAD");
    let mut allowances = Vec::new();
    for trailer in history.trailers(&revisions.base, head, "Allow")? {
        match Allowance::read_all(&trailer.value) {
            Ok(read) => allowances.extend(read),
            Err(why) => {
                let commit = trailer.commit.get(..12).unwrap_or(&trailer.commit);
                session
                    .terminal
                    .say(&format!("`Allow: {}` of {commit} lets nothing through: {why}", trailer.value));
            }
        }
    }
    Ok(allowances)
}

/// Says what is beyond its limit, and which line acknowledges it.
fn show_limits(session: &Session, difference: &Difference) {
    for (name, limit) in difference.limits.iter().filter(|(_, limit)| limit.found > limit.allowed) {
        let (found, allowed) = (limit.found, limit.allowed);
        session.terminal.show_error(&format!(
            "{found} {}, and {allowed} are let through (`limits.{name}`)\n  to let exactly these through, end a commit message with the line `Allow: {name}={found}`, or give `--allow {name}={found}`",
            text::limited(name, found)
        ));
    }
}
