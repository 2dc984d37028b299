//! `render`: writes the output, or says what would be written.

use std::path::PathBuf;

use serde_json::{Value, json};
use similar::TextDiff;
use yoshino::error::Failure;
use yoshino::location::Sources;
use yoshino::render::{Scope, load_fleet, render};
use yoshino::spec::pin::{dependencies, from_repository};
use yoshino::spec::{Catalog, Unchecked};
use yoshino::tree::{
    Change, Comparison, Difference, Differences, FileTree, Fresh, Inputs, Keep, Output, OutputPath, RepoPath,
    Selection, Stamp, Summary,
};

use super::{Exit, Format, Session, fleet};

/// Writes the output
#[derive(Debug, clap::Args)]
#[command(after_help = "With --check, exits with 1 where the output is stale.")]
pub struct Render {
    /// Write nothing; print what would change
    #[arg(long)]
    check: bool,
    /// Write to this folder instead of the fleet's own output
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write only the files of clusters whose name or `project/name` matches, and remove nothing
    #[arg(long, value_name = "GLOB")]
    cluster: Option<String>,
    /// Render this git revision instead of the work tree
    #[arg(long, value_name = "REV")]
    rev: Option<String>,
    /// Render what is staged for the next commit, and compare it with the output that is staged
    #[arg(long, requires = "check", conflicts_with_all = ["rev", "out"])]
    staged: bool,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Render {
    /// Renders the fleet.
    ///
    /// # Errors
    /// Reports everything that is wrong with the fleet; says what the environment refused. Nothing is written then.
    pub fn run(&self, session: &Session, sources: &mut Sources) -> Result<Exit, Failure> {
        if self.staged {
            return self.compare_staged(session, sources);
        }
        let files = fleet::read(session, self.rev.as_deref())?;
        let has_clusters = fleet::has_clusters(&files);
        let exit = self.run_on(session, files, sources)?;
        fleet::say_without_clusters(session, has_clusters);
        Ok(exit)
    }

    fn run_on(&self, session: &Session, files: FileTree, sources: &mut Sources) -> Result<Exit, Failure> {
        let place = self.place(session, &Unchecked::of(&files).output_path());
        let stamp = self.stamp(session, place.as_ref().ok(), &files);
        if let Some(fresh) =
            place.as_ref().ok().zip(stamp.as_ref()).and_then(|(place, stamp)| stamp.fresh(place))
        {
            self.show_fresh(session, &fresh)?;
            return Ok(Exit::Fine);
        }
        let catalog = load_fleet(files, sources, &from_repository(&session.directory))?;
        // What is wrong with the fleet is said before what is wrong with its output.
        let place = place?;
        match self.check {
            true => self.compare(session, &catalog, sources, &place),
            false => {
                let summary = self.write(&catalog, sources, &place)?;
                if let Some(stamp) = stamp {
                    stamp.record(&place, &summary);
                }
                self.show_summary(session, &catalog, &summary)?;
                Ok(Exit::Fine)
            }
        }
    }

    fn write(&self, catalog: &Catalog, sources: &Sources, place: &OutputPath) -> Result<Summary, Failure> {
        let output = Output::open(place)?;
        render(catalog, sources, self.scope(), &|path, bytes| output.compare(path, bytes).map(drop))?;
        output.finish(self.keep())
    }

    fn compare(
        &self,
        session: &Session,
        catalog: &Catalog,
        sources: &Sources,
        place: &OutputPath,
    ) -> Result<Exit, Failure> {
        let comparison = Comparison::open(place)?;
        render(catalog, sources, self.scope(), &|path, bytes| comparison.compare(path, bytes).map(drop))?;
        self.show_differences(session, &comparison.finish(self.keep())?)
    }

    fn compare_staged(&self, session: &Session, sources: &mut Sources) -> Result<Exit, Failure> {
        let staged = fleet::staged(session)?;
        let files = staged.read(Selection::FLEET)?;
        let folder = Unchecked::of(&files).output_path();
        let catalog = load_fleet(files, sources, &from_repository(&session.directory))?;
        let comparison = Comparison::with(staged.folder(&folder)?, folder.as_str());
        render(&catalog, sources, self.scope(), &|path, bytes| comparison.compare(path, bytes).map(drop))?;
        self.show_differences(session, &comparison.finish(self.keep())?)
    }

    fn scope(&self) -> Scope<'_> {
        self.cluster.as_deref().map_or(Scope::Fleet, Scope::Clusters)
    }

    fn keep(&self) -> Keep {
        if self.cluster.is_some() { Keep::Others } else { Keep::Rendered }
    }

    /// Returns how the result is printed.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Returns the record of an output; there is none of a part, and none outside of git repositories.
    fn stamp(&self, session: &Session, place: Option<&OutputPath>, files: &FileTree) -> Option<Stamp> {
        let place = place.filter(|_| self.cluster.is_none())?;
        let releases = dependencies(&session.directory, files);
        let inputs = Inputs { program: env!("CARGO_PKG_VERSION"), arguments: &releases, files };
        Stamp::find(&session.directory, place, inputs)
    }

    /// Returns where the output goes; `path` is what the fleet says.
    fn place(&self, session: &Session, path: &RepoPath) -> Result<OutputPath, Failure> {
        if let Some(folder) = &self.out {
            return OutputPath::given(&session.directory, &session.path(folder));
        }
        OutputPath::configured(&session.directory, path)
    }

    fn show_fresh(&self, session: &Session, fresh: &Fresh) -> Result<(), Failure> {
        let foreign: Vec<String> = fresh.foreign.iter().map(|path| path.display().to_string()).collect();
        match (self.format, self.check) {
            (Format::Json, true) => {
                session.terminal.print_json(
                    &json!({"stale": false, "files": [], "unchanged": fresh.files, "foreign": foreign}),
                )?;
            }
            (Format::Json, false) => session.terminal.print_json(&json!({
                "files": [],
                "summary": {"new": 0, "changed": 0, "removed": 0, "unchanged": fresh.files},
                "foreign": foreign,
            }))?,
            (Format::Text, true) => session.terminal.say(&up_to_date(fresh.files)),
            (Format::Text, false) => {
                session.terminal.print(&format!("nothing has changed: {} files\n", fresh.files))?
            }
        }
        show_foreign(session, &foreign);
        Ok(())
    }

    fn show_summary(&self, session: &Session, catalog: &Catalog, summary: &Summary) -> Result<(), Failure> {
        let foreign: Vec<String> = summary.foreign.iter().map(|path| path.display().to_string()).collect();
        let counts =
            [Change::New, Change::Changed, Change::Stale, Change::Same].map(|change| summary.count(change));
        let [new, changed, removed, same] = counts;
        match self.format {
            Format::Json => session.terminal.print_json(&json!({
                "files": listed(summary.files.iter().filter(|(_, change)| **change != Change::Same).map(|(path, change)| (path, *change))),
                "summary": {"new": new, "changed": changed, "removed": removed, "unchanged": same},
                "foreign": foreign,
            }))?,
            Format::Text => {
                let clusters = catalog.clusters.len();
                let (addons, tenants) = (catalog.trunk.addons.len(), catalog.tenants.len());
                let parts = [counted(clusters, "cluster"), counted(addons, "addon"), counted(tenants, "tenant")];
                let head = format!("rendered {}", parts.join(", "));
                let counts = format!("{new} files new, {changed} changed, {removed} removed, {same} unchanged");
                session.terminal.print(&format!("{head}\n{counts}\n"))?;
            }
        }
        show_foreign(session, &foreign);
        if let Some(error) = &summary.left_behind {
            session.terminal.say(&format!("the output is written, but {error}; the next run clears it away"));
        }
        Ok(())
    }

    fn show_differences(&self, session: &Session, differences: &Differences) -> Result<Exit, Failure> {
        let stale = !differences.files.is_empty();
        match self.format {
            Format::Json => {
                let files = differences.files.iter().map(|difference| (&difference.path, difference.change));
                let foreign: Vec<String> =
                    differences.foreign.iter().map(|path| path.display().to_string()).collect();
                session.terminal.print_json(&json!({"stale": stale, "files": listed(files), "unchanged": differences.same, "foreign": foreign}))?;
            }
            Format::Text => {
                for difference in &differences.files {
                    session.terminal.print(&unified(differences, difference)?)?;
                }
            }
        }
        match differences.files.len() {
            0 => session.terminal.say(&up_to_date(differences.same)),
            count => {
                let then = if self.staged { ", then `git add` what it wrote" } else { "" };
                let stale = format!("the output is stale: {count} files differ; run `yoshino render`{then}");
                session.terminal.say(&stale);
            }
        }
        Ok(if stale { Exit::Different } else { Exit::Fine })
    }
}

fn show_foreign(session: &Session, foreign: &[String]) {
    for path in foreign {
        session.terminal.say(&format!("left alone: {path} was not generated by yoshino"));
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn up_to_date(files: usize) -> String {
    format!("the output is up to date: {files} files")
}

fn listed<'a>(files: impl Iterator<Item = (&'a RepoPath, Change)>) -> Vec<Value> {
    let word = |change| match change {
        Change::Same => "unchanged",
        Change::New => "new",
        Change::Changed => "changed",
        Change::Stale => "removed",
    };
    files.map(|(path, change)| json!({"path": path.as_str(), "change": word(change)})).collect()
}

/// Returns how one file differs, as `git diff` shows it.
fn unified(differences: &Differences, difference: &Difference) -> Result<String, Failure> {
    let old = differences.old(difference)?;
    let (old, new) = (String::from_utf8_lossy(&old), String::from_utf8_lossy(&difference.new));
    let (before, after) = (format!("a/{}", difference.path), format!("b/{}", difference.path));
    let (before, after) = match difference.change {
        Change::New => ("/dev/null", after.as_str()),
        Change::Stale => (before.as_str(), "/dev/null"),
        Change::Changed | Change::Same => (before.as_str(), after.as_str()),
    };
    Ok(TextDiff::from_lines(&*old, &*new).unified_diff().header(before, after).to_string())
}
