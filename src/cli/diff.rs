//! `diff`: what a change does to every cluster.

mod html;
mod markdown;
mod shown;
mod sides;
mod text;

use clap::ValueEnum;
use yoshino::error::Failure;
use yoshino::impact::{Allowance, Difference, Pair, Repository, Request, Which, compare};
use yoshino::location::Sources;
use yoshino::tree::History;

use super::{Exit, Format, Session};
pub(super) use sides::Revisions;

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
    /// Compare what was committed of the output instead of rendering
    #[arg(long)]
    rendered: bool,
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

impl Diff {
    /// Compares base and head.
    ///
    /// # Errors
    /// Reports everything that is wrong with either; says what the environment refused.
    pub fn run(&self, session: &Session, sources: &mut Sources) -> Result<Exit, Failure> {
        let history = History::open(&session.directory)?;
        let named = (self.base.as_deref(), self.head.as_deref());
        let revisions = Revisions::new(&session.directory, named, &history)?;
        let sides = match self.rendered {
            true => revisions.committed(sources)?,
            false => revisions.rendered(sources)?,
        };
        let reader = |which: Which, revision: Option<&str>, top: &str| revisions.beyond(which, revision, top);
        let mut allowances = self.allow.clone();
        allowances.extend(trailers(session, &history, &revisions)?);
        let [base, head] = &sides;
        let repository = Repository::new(&reader);
        let matrix = self.format == DiffFormat::Html;
        let request = Request { repository: &repository, allowances: &allowances, matrix };
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

/// Returns what commits between base and head acknowledge.
pub(super) fn trailers(
    session: &Session,
    history: &History,
    revisions: &Revisions<'_>,
) -> Result<Vec<Allowance>, Failure> {
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
pub(super) fn show_limits(session: &Session, difference: &Difference) {
    for (name, limit) in difference.limits.iter().filter(|(_, limit)| limit.found > limit.allowed) {
        let (found, allowed) = (limit.found, limit.allowed);
        session.terminal.show_error(&format!(
            "{found} {}, and {allowed} are let through (`limits.{name}`)\n  to let exactly these through, end a commit message with the line `Allow: {name}={found}`, or give `--allow {name}={found}`",
            text::limited(name, found)
        ));
    }
}
