//! `check`: every rule, in the form that people, editors or a forge want.

mod github;
mod sarif;
mod waived;

use std::path::{Component, Path};
use std::time::UNIX_EPOCH;

use clap::ValueEnum;
use serde_json::{Value, json};
use yoshino::branch::release::as_release::check_as_release;
use yoshino::check::{
    Day, Explanation, Judgement, RULES, World, explanation, explanations, moved_pins, secrets_of_pinned,
};
use yoshino::diagnostic::{Diagnostic, Report, Severity};
use yoshino::error::Failure;
use yoshino::location::Sources;
use yoshino::render;
use yoshino::spec::pin::from_repository;
use yoshino::spec::{Former, load};
use yoshino::tree::{FileTree, RepoPath, Selection, read_revision, read_worktree};

use super::terminal::count;
use super::words::counted;
use super::{Exit, Session, base, fleet};

/// Holds every spec against every rule
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exits with 2 where there is an error, with 0 where there are warnings alone.

A document in which a finding stands lets it stand until a day:
  spec:
    waivers: [{rule: addon-retired, owner: platform, reason: why, until: 2027-06-30}]")]
pub struct Check {
    /// How to print the findings
    #[arg(long, value_enum, default_value_t)]
    format: FindingFormat,
    /// Print what a rule is for, with an example; without RULE, list all rules
    #[arg(long, value_name = "RULE", num_args = 0..=1, default_missing_value = "")]
    explain: Option<String>,
    /// Check this git revision instead of the work tree
    #[arg(long, value_name = "REV")]
    rev: Option<String>,
    /// Check what is staged for the next commit instead of the work tree
    #[arg(long, conflicts_with = "rev")]
    staged: bool,
    /// Compare the versions of clusters with those of this git revision; by default with where the tree left the trunk
    #[arg(long, value_name = "REV", conflicts_with = "as_release")]
    base: Option<String>,
    /// Check what a release of the tree would hold: addons, templates, and the golden cases too
    #[arg(long)]
    as_release: bool,
    /// The day by which lifecycles and waivers are judged; today in UTC by default
    #[arg(long, value_name = "DATE", alias = "now")]
    today: Option<Day>,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum FindingFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// For GitHub Actions: beside the lines of a pull request
    Github,
}

impl Check {
    /// Prints every finding.
    ///
    /// # Errors
    /// Says what the environment refused; what is wrong with the fleet is the result, and printed as such.
    pub fn run(&self, session: &Session, sources: &mut Sources) -> Result<Exit, Failure> {
        if let Some(id) = &self.explain {
            return self.explain(id, session);
        }
        let today = self.today.unwrap_or_else(today);
        let files = self.read(session);
        // What cannot be read at all lacks no clusters; a release has none.
        let has_clusters = self.as_release || files.as_ref().map_or(true, fleet::has_clusters);
        let found = files.and_then(|files| match self.as_release {
            true => check_as_release(files, sources, today),
            false => self.all(session, files, sources, today),
        });
        let judgement = match found {
            Ok(judgement) => judgement.sorted(sources),
            Err(Failure::Report(report)) => Judgement { report, ..Judgement::default() }.sorted(sources),
            Err(Failure::Error(error)) => return Err(error.into()),
        };
        self.print(&judgement, session, sources)?;
        session.terminal.say(&summary(&judgement));
        for ((api_version, kind), count) in &judgement.unchecked {
            let objects = counted(*count as u64, "object");
            session.terminal.say_more(&format!("no schema: {objects} of {kind} {api_version} not checked"));
        }
        fleet::say_without_clusters(session, has_clusters);
        Ok(if judgement.report.has_errors() { Exit::Wrong } else { Exit::Fine })
    }

    /// Reads what is checked.
    fn read(&self, session: &Session) -> Result<FileTree, Failure> {
        let is_release = self.as_release;
        self.select(session, if is_release { Selection::FLEET_AND_GOLDEN } else { Selection::FLEET })
    }

    fn select(&self, session: &Session, selection: Selection<'_>) -> Result<FileTree, Failure> {
        match (self.staged, &self.rev) {
            (true, _) => fleet::staged(session)?.read(selection),
            (false, Some(revision)) => read_revision(&session.directory, revision, selection),
            (false, None) => read_worktree(&session.directory, selection),
        }
    }

    /// Holds a fleet against every rule, what it renders to, and the commits that its output was rendered from.
    fn all(
        &self,
        session: &Session,
        files: FileTree,
        sources: &mut Sources,
        today: Day,
    ) -> Result<Judgement, Failure> {
        let former = self.former(session, &files, sources)?;
        let catalog = load(files, sources, &from_repository(&session.directory))?;
        let world = World { today, former: former.as_ref() };
        let mut judgement = render::check(&catalog, sources, world);
        let secrets = secrets_of_pinned(&catalog);
        if !secrets.is_empty() {
            let paths: Vec<&str> = secrets.iter().map(RepoPath::as_str).collect();
            let output = self.select(session, Selection { folders: &[], files: &paths })?;
            judgement.report.extend(moved_pins(&catalog, &output));
        }
        Ok(judgement)
    }

    /// Reads the versions that those of the fleet are compared with; none where it has no clusters.
    fn former(
        &self,
        session: &Session,
        files: &FileTree,
        sources: &mut Sources,
    ) -> Result<Option<Former>, Failure> {
        if !fleet::has_clusters(files) {
            return Ok(None);
        }
        let head = match (self.staged, &self.rev) {
            (true, _) => base::Head::Staged,
            (false, Some(revision)) => base::Head::Revision(revision),
            (false, None) => base::Head::WorkTree,
        };
        match &self.base {
            Some(base) => base::read(session, sources, base, files).map(Some),
            None => Ok(base::read_default(session, sources, head, files)),
        }
    }

    fn print(&self, judgement: &Judgement, session: &Session, sources: &Sources) -> Result<(), Failure> {
        let (terminal, directory) = (&session.terminal, &session.directory);
        let Judgement { report, waived, unchecked, .. } = judgement;
        let unchecked = unchecked.iter().map(
            |((api_version, kind), count)| json!({"apiVersion": api_version, "kind": kind, "objects": count}),
        );
        match self.format {
            FindingFormat::Text => terminal.print(&report.to_text(sources, terminal.data_color()))?,
            FindingFormat::Json => terminal.print_json(&json!({
                "diagnostics": report.to_json(sources),
                "waived": waived::to_json(waived, sources),
                "unchecked": unchecked.collect::<Vec<_>>(),
            }))?,
            FindingFormat::Sarif => {
                let mut all = listed(report, sources, directory);
                all.extend(named_from(waived::to_json_in_tree(waived, sources), directory));
                terminal.print_json(&sarif::log(&all))?;
            }
            FindingFormat::Github => {
                terminal.print(&github::commands(&listed(report, sources, directory)))?;
            }
        }
        Ok(())
    }

    /// Returns how a failure is printed.
    pub fn failure_format(&self) -> super::Format {
        match self.format {
            FindingFormat::Text | FindingFormat::Github | FindingFormat::Sarif => super::Format::Text,
            FindingFormat::Json => super::Format::Json,
        }
    }

    fn explain(&self, id: &str, session: &Session) -> Result<Exit, Failure> {
        if id.is_empty() {
            let width = explanations().map(|rule| rule.id.len()).max().unwrap_or(0);
            let line = |rule: Explanation| {
                format!("{:width$}  {:7}  {}\n", rule.id, word(rule.severity), rule.summary)
            };
            session.terminal.print(&explanations().map(line).collect::<String>())?;
            return Ok(Exit::Fine);
        }
        let Some(found) = explanation(id) else {
            let unknown = Diagnostic::error_nowhere("unknown-rule", format!("no rule is called `{id}`"));
            let known = explanations().map(|rule| rule.id);
            let unknown = unknown.hint_nearest(id, known, "`yoshino check --explain` lists them");
            return Err(Report::from(unknown).into());
        };
        session.terminal.print(&found.to_text())?;
        Ok(Exit::Fine)
    }
}

/// Says in a line what came of it.
fn summary(judgement: &Judgement) -> String {
    let found = match judgement.report.is_empty() {
        true => format!("{} rules, nothing found", RULES.len()),
        false => count(&judgement.report),
    };
    match judgement.waived.len() {
        0 => found,
        waived => format!("{found}; {} waived", counted(waived as u64, "finding")),
    }
}

/// Returns the findings as the report's JSON has them, files named from where the command was called.
fn listed(report: &Report, sources: &Sources, directory: &Path) -> Vec<Value> {
    let report = report.clone().in_tree(sources);
    named_from(report.to_json(sources).as_array().cloned().unwrap_or_default(), directory)
}

/// Names the files of findings from where the command was called: there a forge looks for them.
fn named_from(mut findings: Vec<Value>, directory: &Path) -> Vec<Value> {
    let Some(prefix) = prefix(directory) else { return findings };
    let rename = |place: &mut Value| {
        if let Some(file) = place.get("file").and_then(Value::as_str) {
            place["file"] = format!("{prefix}/{file}").into();
        }
    };
    for finding in &mut findings {
        rename(finding);
        finding["related"].as_array_mut().into_iter().flatten().for_each(rename);
        finding.get_mut("waiver").into_iter().for_each(rename);
    }
    findings
}

/// Returns the folder of `-C` as a path from where the command was called; `None` where it is that place itself, or
/// lies elsewhere.
fn prefix(directory: &Path) -> Option<String> {
    let parts = directory.components().filter(|part| *part != Component::CurDir);
    let plain = |part: Component<'_>| match part {
        Component::Normal(name) => name.to_str().map(str::to_owned),
        _ => None,
    };
    let parts: Vec<String> = parts.map(plain).collect::<Option<_>>()?;
    (!parts.is_empty()).then(|| parts.join("/"))
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// Returns the day it is in UTC.
#[expect(clippy::disallowed_methods, reason = "the command line hands the day to the library")]
pub fn today() -> Day {
    let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH);
    Day::from_seconds(since.map_or(0, |duration| duration.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_from_where_the_command_was_called() {
        let of = |directory: &str| prefix(Path::new(directory));
        assert_eq!(of("fleet/a").as_deref(), Some("fleet/a"));
        assert_eq!(of("./fleet/").as_deref(), Some("fleet"));
        for directory in [".", "./", "/elsewhere", "../fleet"] {
            assert_eq!(of(directory), None, "{directory}");
        }
    }
}
