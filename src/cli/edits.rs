//! What `pin` and `upgrade` have in common: which clusters are meant, how many of them at once, and how it is shown.

use serde_json::{Value, json};
use similar::TextDiff;
use yoshino::diagnostic::{Diagnostic, Report};
use yoshino::error::{Error, Failure};
use yoshino::location::Sources;
use yoshino::spec::edit::choice::{Most, NotANumber, choose};
use yoshino::spec::edit::pin::{Downgrade, place};
use yoshino::spec::edit::plan::{Planned, carry_out, stage};
use yoshino::spec::release::TagPattern;
use yoshino::spec::selector::{NotASelector, Selector};
use yoshino::spec::{Catalog, pin as pins};
use yoshino::tree::{FileTree, ReleaseTags};

use super::files::{Replacement, replace_all};
use super::table::aligned;
use super::words::counted;
use super::{Exit, Format, Session};

/// Which clusters are edited, and how.
#[derive(Debug, clap::Args)]
pub struct Edits {
    /// The clusters: `name`, or `project/name`
    #[arg(value_name = "CLUSTER", required_unless_present = "selector")]
    clusters: Vec<String>,
    /// The clusters with these labels: `tier=canary`, `zone in (a,b),!paused`; with names, those of them
    #[arg(long, value_name = "SELECTOR", value_parser = read_selector)]
    selector: Option<Selector>,
    /// Change at most so many of them, `3` or `10%`, in the order of project and name; the next run takes the next
    #[arg(long, value_name = "NUMBER", value_parser = read_most)]
    max: Option<Most>,
    /// Let clusters go back to what is older
    #[arg(long)]
    allow_downgrade: bool,
    /// Write nothing; print what would change
    #[arg(long)]
    dry_run: bool,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

fn read_selector(text: &str) -> Result<Selector, String> {
    text.parse().map_err(|NotASelector| "expected a label selector such as `tier=canary,!paused`".to_owned())
}

fn read_most(text: &str) -> Result<Most, String> {
    text.parse()
        .map_err(|NotANumber| "expected a number such as `3`, or a percentage such as `10%`".to_owned())
}

impl Edits {
    /// Returns the clusters that are meant.
    ///
    /// # Errors
    /// Those of [`choose`].
    pub fn chosen(&self, catalog: &Catalog) -> Result<Vec<usize>, Report> {
        choose(catalog, &self.clusters, self.selector.as_ref())
    }

    /// Returns whether clusters may go back.
    pub fn downgrade(&self) -> Downgrade {
        if self.allow_downgrade { Downgrade::Allow } else { Downgrade::Refuse }
    }

    /// Returns how the result is printed.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Writes what is planned, and shows it.
    ///
    /// # Errors
    /// Reports releases that cannot be pinned to, and places that cannot be edited; says what could not be written.
    pub fn finish(
        &self,
        session: &Session,
        (catalog, sources): (&Catalog, &Sources),
        tags: Option<&ReleaseTags>,
        mut planned: Vec<Planned>,
    ) -> Result<Exit, Failure> {
        stage(&mut planned, self.max);
        if let Some(tags) = tags {
            prove(catalog, tags, &planned)?;
        }
        let edited = carry_out(catalog, sources, &planned)?;
        if !self.dry_run {
            let replacements: Vec<Replacement<'_>> = replacements(catalog, &edited);
            replace_all(&session.directory, &replacements)?;
        }
        match self.format {
            Format::Json => session.terminal.print_json(&self.to_json(catalog, &planned, &edited))?,
            Format::Text if self.dry_run => session.terminal.print(&difference(catalog, &edited))?,
            Format::Text => session.terminal.print(&to_text(catalog, &planned))?,
        }
        session.terminal.say(&self.summary(&planned, &edited));
        Ok(Exit::Fine)
    }

    fn to_json(&self, catalog: &Catalog, planned: &[Planned], edited: &FileTree) -> Value {
        let cluster = |one: &Planned| {
            let cluster = &catalog.clusters[one.wanted.cluster];
            let change = |change: &yoshino::spec::edit::plan::Change| json!({"field": change.field, "from": change.from, "to": change.to});
            json!({
                "project": cluster.project.as_str(),
                "name": cluster.name.as_str(),
                "file": cluster.path.as_str(),
                "state": state(one),
                "changes": one.changes.iter().map(change).collect::<Vec<_>>(),
            })
        };
        json!({
            "dryRun": self.dry_run,
            "clusters": planned.iter().map(cluster).collect::<Vec<_>>(),
            "files": edited.0.keys().map(|path| path.as_str()).collect::<Vec<_>>(),
        })
    }

    fn summary(&self, planned: &[Planned], edited: &FileTree) -> String {
        let count = |wanted: &str| planned.iter().filter(|one| state(one) == wanted).count();
        let would = if self.dry_run { "would change" } else { "changed" };
        let files = counted(edited.0.len() as u64, "file");
        let mut words = vec![format!("{} {would} in {files}", counted(count("changed") as u64, "cluster"))];
        for (wanted, what) in [("already", "there already"), ("waiting", "left for the next runs")] {
            let count = count(wanted);
            words.extend((count > 0).then(|| format!("{count} {what}")));
        }
        words.join(", ")
    }
}

/// Returns the word for what becomes of a cluster.
fn state(planned: &Planned) -> &'static str {
    match (planned.changes.is_empty(), planned.waits) {
        (true, _) => "already",
        (false, true) => "waiting",
        (false, false) => "changed",
    }
}

/// Makes sure that every release that is written is one.
fn prove(catalog: &Catalog, tags: &ReleaseTags, planned: &[Planned]) -> Result<(), Failure> {
    let Some(pattern) = pattern(catalog) else { return Ok(()) };
    let known = pins::known(tags, &pattern)?;
    let mut report = Report::default();
    for one in planned.iter().filter(|one| !one.waits) {
        let Some(release) = one.wanted.release.as_ref().and_then(|name| pattern.parse(name)) else {
            continue;
        };
        if let Err(unproven) = pins::prove(tags, &catalog.fleet, &release)? {
            let place = place(&catalog.clusters[one.wanted.cluster]);
            report.push(pins::finding(place, &release, &unproven, &known));
        }
    }
    Ok(report.or(())?)
}

/// Returns the pattern of the fleet's tags, which its schema has checked.
pub fn pattern(catalog: &Catalog) -> Option<TagPattern> {
    TagPattern::new(&catalog.fleet.spec.tag).ok()
}

/// Opens the tags of the fleet's repository, where anything has to be known of them.
///
/// # Errors
/// Reports a `tag` of the fleet that releases cannot follow.
pub fn open(session: &Session, catalog: &Catalog) -> Result<(TagPattern, ReleaseTags), Failure> {
    let Some(pattern) = pattern(catalog) else {
        let place = catalog.fleet.document.at("/spec/tag").unwrap_or(&catalog.fleet.document).location;
        let message = format!("`{}` is no pattern that releases could follow", catalog.fleet.spec.tag);
        let finding = Diagnostic::error("pin-step", place, message);
        return Err(
            Report::from(finding.hint("`{minor}` and `{yymmdd}` stand in it once each, apart")).into()
        );
    };
    let tags: Result<ReleaseTags, Error> = pins::open(&session.directory, &catalog.fleet);
    Ok((pattern, tags?))
}

fn replacements<'a>(catalog: &'a Catalog, edited: &'a FileTree) -> Vec<Replacement<'a>> {
    let one = |(path, new): (&'a yoshino::tree::RepoPath, &'a std::sync::Arc<[u8]>)| {
        let old = catalog.trunk.files.0.get(path)?;
        Some(Replacement { path: path.as_str(), old, new })
    };
    edited.0.iter().filter_map(one).collect()
}

fn difference(catalog: &Catalog, edited: &FileTree) -> String {
    let mut text = String::new();
    for Replacement { path, old, new } in replacements(catalog, edited) {
        let (old, new) = (String::from_utf8_lossy(old), String::from_utf8_lossy(new));
        let lines = TextDiff::from_lines(&*old, &*new);
        text.push_str(&lines.unified_diff().header(&format!("a/{path}"), &format!("b/{path}")).to_string());
    }
    text
}

fn to_text(catalog: &Catalog, planned: &[Planned]) -> String {
    let mut rows = Vec::new();
    for one in planned.iter().filter(|one| state(one) == "changed") {
        let cluster = &catalog.clusters[one.wanted.cluster];
        for change in &one.changes {
            let from = change.from.as_deref().unwrap_or("unset");
            rows.push(vec![
                cluster.identity(),
                change.field.clone(),
                format!("{from} → {}", change.to),
                cluster.path.to_string(),
            ]);
        }
    }
    aligned(&rows, "")
}
