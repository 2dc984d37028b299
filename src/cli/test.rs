//! `test`: the fleet's golden cases.
#![expect(clippy::disallowed_methods, reason = "`--accept` writes what the cases gave")]

use std::path::Path;

use rayon::prelude::*;
use serde_json::json;
use similar::TextDiff;
use yoshino::error::{Error, Failure};
use yoshino::golden::{Case, Outcome, cases};
use yoshino::tree::{RepoPath, Selection, read_worktree};

use super::{Exit, Format, Session, fleet};

/// Runs the fleet's golden cases
#[derive(Debug, clap::Args)]
#[command(after_help = "Exits with 1 where a case gives something else than is expected.")]
pub struct Test {
    /// Run only the cases whose names hold this text
    #[arg(value_name = "TEXT")]
    filter: Option<String>,
    /// Make what the cases give what is expected from now on
    #[arg(long)]
    accept: bool,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Test {
    /// Runs the cases and prints what differs.
    ///
    /// # Errors
    /// Says which file could not be read or written.
    pub fn run(&self, session: &Session) -> Result<Exit, Failure> {
        let files = read_worktree(&session.directory, Selection::FLEET_AND_GOLDEN)?;
        let has_clusters = fleet::has_clusters(&files);
        let wanted = |case: &Case| self.filter.as_ref().is_none_or(|text| case.name.contains(text.as_str()));
        let cases: Vec<Case> = cases(&files).into_iter().filter(wanted).collect();
        let outcomes: Vec<Outcome> = cases.par_iter().map(Case::run).collect();
        let results: Vec<(&Case, &Outcome)> = cases.iter().zip(&outcomes).collect();
        let failed: Vec<&(&Case, &Outcome)> =
            results.iter().filter(|(_, outcome)| !outcome.differing.is_empty()).collect();
        if self.accept {
            for (case, outcome) in &failed {
                accept(&session.path(Path::new("golden")).join(&case.name), outcome)?;
            }
        }
        match self.format {
            Format::Json => session.terminal.print_json(&json!({
                "cases": results.iter().map(|(case, outcome)| json!({
                    "name": case.name,
                    "differing": outcome.differing.iter().map(RepoPath::as_str).collect::<Vec<_>>(),
                })).collect::<Vec<_>>(),
            }))?,
            Format::Text if !self.accept => {
                for (case, outcome) in &failed {
                    session.terminal.print(&difference(case, outcome))?;
                }
            }
            Format::Text => {}
        }
        let changed = if self.accept { "accepted" } else { "failed" };
        let noun = if cases.len() == 1 { "case" } else { "cases" };
        session.terminal.say(&format!("{} golden {noun}, {} {changed}", cases.len(), failed.len()));
        fleet::say_without_clusters(session, has_clusters);
        Ok(if failed.is_empty() || self.accept { Exit::Fine } else { Exit::Different })
    }

    /// Returns how the result is printed.
    pub fn format(&self) -> Format {
        self.format
    }
}

/// Returns what differs as a unified diff.
fn difference(case: &Case, outcome: &Outcome) -> String {
    let text = |bytes: Option<&std::sync::Arc<[u8]>>| {
        bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default()
    };
    let one = |path: &RepoPath| {
        let (old, new) = (text(case.expected.0.get(path)), text(outcome.actual.0.get(path)));
        let shown = format!("golden/{}/{path}", case.name);
        TextDiff::from_lines(&old, &new)
            .unified_diff()
            .header(&format!("a/{shown}"), &format!("b/{shown}"))
            .to_string()
    };
    outcome.differing.iter().map(one).collect()
}

/// Writes what a case gave, and removes what it no longer gives.
fn accept(folder: &Path, outcome: &Outcome) -> Result<(), Error> {
    for path in &outcome.differing {
        let file = folder.join(path.as_str());
        match outcome.actual.0.get(path) {
            Some(bytes) => {
                let parent = file.parent().unwrap_or(folder);
                std::fs::create_dir_all(parent).map_err(|source| Error::io("create", parent, source))?;
                std::fs::write(&file, bytes).map_err(|source| Error::io("write", &file, source))?;
            }
            None => std::fs::remove_file(&file).map_err(|source| Error::io("remove", &file, source))?,
        }
    }
    Ok(())
}
