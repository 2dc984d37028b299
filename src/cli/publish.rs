//! `publish`: the rendering of the trunk as a commit.

use serde_json::{Map, Value, json};
use yoshino::branch::history::short;
use yoshino::branch::publish::{Place, Publication, head_on_trunk, refuse_going_back};
use yoshino::branch::sign::Signing;
use yoshino::branch::store::{Oid, RefName, Store};
use yoshino::diagnostic::Diagnostic;
use yoshino::error::Failure;
use yoshino::impact::{
    Allowance, Class, Difference, Pair, Repository, Request, Which, committed_side, compare,
};
use yoshino::location::Sources;
use yoshino::render::{Scope, load_fleet, render};
use yoshino::spec::pin::from_repository;
use yoshino::spec::{Catalog, Unchecked, load_fleet_alone};
use yoshino::tree::{
    Change, Comparison, Differences, FileTree, History, Keep, RepoPath, Selection, folder_in_repository,
    read_folder, read_revision, read_whole,
};

use super::diff::{Revisions, show_limits, trailers};
use super::{Exit, Format, Session, words};

/// Renders the trunk and commits the output, without touching work tree or index
#[derive(Debug, clap::Args)]
#[command(after_help = "\
What is published is a commit of the trunk, `HEAD` by default, and never what is not committed yet. It goes to the\n\
branch that `output.branch` names, or to the folder of the trunk that `output.path` names. Exits with 3 where it does\n\
more than the fleet's `limits` let through, as `diff` does, and with 4 where a branch has moved meanwhile.\n\
\n\
A trunk that is checked out is not moved: its work tree would seem to undo the commit. --push then brings the commit\n\
to the remote alone, where `git pull` finds it.")]
pub struct Publish {
    /// Bring the commit to the remote, with your own git
    #[arg(long)]
    push: bool,
    /// Publish this git revision instead of `HEAD`, be it on the trunk or not
    #[arg(long, value_name = "REV")]
    rev: Option<String>,
    /// Say what would be published, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Let through exactly so many: applications, clusters, pools, controlPlanes, nodes or refuses
    #[arg(long, value_name = "NAME=N", value_parser = Allowance::read)]
    allow: Vec<Allowance>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What is published, and where.
struct Source {
    id: Oid,
    files: FileTree,
    place: Place,
    /// The folder of the output as the fleet names it.
    folder: Option<RepoPath>,
    remote: String,
}

/// What came of it.
struct Outcome<'a> {
    source: &'a Source,
    differences: &'a Differences,
    difference: &'a Difference,
    commit: Option<Oid>,
    is_pushed: bool,
}

impl Publish {
    /// Publishes the trunk.
    ///
    /// # Errors
    /// Reports everything that is wrong with the fleet; says what the environment refused. Nothing is published then.
    pub fn run(&self, session: &Session, sources: &mut Sources) -> Result<Exit, Failure> {
        let signing = if self.dry_run { Signing::Nothing } else { Signing::AsConfigured };
        let store = Store::open(&session.directory)?.signing(signing)?;
        let source = self.find_source(session, &store, sources)?;
        let published = source.place.source(store.repository());
        if let (Some(published), None) = (published, &self.rev) {
            refuse_going_back(store.repository(), published, source.id)?;
        }
        session.terminal.say_more(&format!("rendering {}; what is not committed is left out", source.id));
        let catalog = load_fleet(source.files.clone(), sources, &from_repository(&session.directory))?;
        let old = self.published_files(session, &source)?;
        let is_first = old.0.is_empty();
        let shown =
            source.folder.as_ref().map_or_else(|| source.place.branch.to_string(), RepoPath::to_string);
        let comparison = Comparison::with(old.clone(), shown);
        render(&catalog, sources, Scope::Fleet, &|path, bytes| comparison.compare(path, bytes).map(drop))?;
        let differences = comparison.finish(Keep::Rendered)?;
        let difference = match is_first || differences.files.is_empty() {
            true => Difference::default(),
            false => self.difference(session, (&source, published), (old, &differences), sources)?,
        };
        let outcome = Outcome {
            source: &source,
            differences: &differences,
            difference: &difference,
            commit: None,
            is_pushed: false,
        };
        if difference.is_beyond_limits() {
            self.show(session, &outcome)?;
            show_limits(session, &difference);
            return Ok(Exit::Undecided);
        }
        let outcome = self.carry_out(session, &store, outcome, &catalog)?;
        self.show(session, &outcome)?;
        Ok(Exit::Fine)
    }

    /// Returns how the result is printed.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Finds the commit and the branch. An output that lies on the trunk is that of the trunk's own tip.
    fn find_source(
        &self,
        session: &Session,
        store: &Store,
        sources: &mut Sources,
    ) -> Result<Source, Failure> {
        let directory = &session.directory;
        let named = self.rev.as_deref().unwrap_or("HEAD");
        let id = id_of(&History::open(directory)?.commit_id(named)?)?;
        let files = read_revision(directory, &id.to_string(), Selection::FLEET)?;
        let fleet = load_fleet_alone(&files, sources)?;
        let remote = fleet.spec.repository.remote;
        let trunk = RefName::branch(&fleet.spec.repository.trunk)?;
        if let Some(branch) = fleet.spec.output.and_then(|output| output.branch) {
            let id = if self.rev.is_some() { id } else { head_on_trunk(store, &trunk, &remote)? };
            let place = Place::find(store, RefName::branch(&branch)?, None, &remote)?;
            return Ok(Source { id, files, place, folder: None, remote });
        }
        let folder = Unchecked::of(&files).output_path();
        let within = folder_in_repository(directory)?.join(folder.as_str());
        let within = RepoPath::new(&within.to_string_lossy());
        let within =
            within.map_err(|_| wrong_source("the fleet lies in a folder that cannot be named".to_owned()))?;
        let place = Place::find(store, trunk, Some(within), &remote)?;
        let tip = place.tip.unwrap_or(id);
        match self.rev {
            Some(_) if id != tip => {
                let message =
                    format!("`{named}` is not the tip of `{}`, which holds the output", place.branch);
                return Err(wrong_source(message));
            }
            None => _ = head_on_trunk(store, &place.branch, &remote)?,
            Some(_) => {}
        }
        let files =
            if tip == id { files } else { read_revision(directory, &tip.to_string(), Selection::FLEET)? };
        Ok(Source { id: tip, files, place, folder: Some(folder), remote })
    }

    fn published_files(&self, session: &Session, source: &Source) -> Result<FileTree, Failure> {
        let Some(tip) = source.place.tip.map(|tip| tip.to_string()) else { return Ok(FileTree::default()) };
        match &source.folder {
            Some(folder) => read_folder(&session.directory, &tip, folder),
            None => read_whole(&session.directory, &tip),
        }
    }

    /// Says what the new output does to clusters that follow the old one, and what may be done without a word.
    fn difference(
        &self,
        session: &Session,
        (source, published): (&Source, Option<Oid>),
        (old, differences): (FileTree, &Differences),
        sources: &mut Sources,
    ) -> Result<Difference, Failure> {
        let head = source.id.to_string();
        let base = published.map_or_else(|| head.clone(), |published| published.to_string());
        let history = History::open(&session.directory)?;
        let revisions = Revisions::new(&session.directory, (Some(&base), Some(&head)), &history)?;
        let new = with_differences(&old, differences);
        let specs = revisions.tree(Which::Base, Selection::FLEET)?;
        let before = committed_side(specs, old, Which::Base, sources)?;
        let after = committed_side(source.files.clone(), new, Which::Head, sources)?;
        let reader = |which: Which, revision: Option<&str>, top: &str| revisions.beyond(which, revision, top);
        let mut allowances = self.allow.clone();
        allowances.extend(trailers(session, &history, &revisions)?);
        let repository = Repository::new(&reader);
        let request = Request { repository: &repository, allowances: &allowances, matrix: false };
        Ok(Difference { base, head, ..compare(Pair::new(&before, &after), request)? })
    }

    fn carry_out<'a>(
        &self,
        session: &Session,
        store: &Store,
        outcome: Outcome<'a>,
        catalog: &Catalog,
    ) -> Result<Outcome<'a>, Failure> {
        let Outcome { source, differences, difference, .. } = outcome;
        let remote = self.push.then_some(source.remote.as_str());
        // A branch of its own shows what it was rendered from even where nothing is rendered yet.
        let is_needed = !differences.files.is_empty();
        if self.dry_run || !is_needed && (remote.is_none() || source.place.folder.is_some()) {
            return Ok(outcome);
        }
        let summary = summary(difference, catalog);
        let to = match (is_needed, source.place.tip) {
            (false, Some(tip)) => tip,
            _ => {
                let version = env!("CARGO_PKG_VERSION");
                let publication = Publication { source: source.id, differences, summary: &summary, version };
                source.place.commit(store, publication)?
            }
        };
        let is_here = source.place.deliver(store, to, remote)?;
        if !is_here {
            let (branch, remote) = (&source.place.branch, &source.remote);
            session.terminal.say(&format!(
                "`{branch}` is checked out and stays; `git pull {remote} {branch}` brings it up"
            ));
        }
        Ok(Outcome { commit: is_needed.then_some(to), is_pushed: remote.is_some(), ..outcome })
    }

    fn show(&self, session: &Session, outcome: &Outcome<'_>) -> Result<(), Failure> {
        let Outcome { source, differences, commit, is_pushed, .. } = outcome;
        let count = |change| differences.files.iter().filter(|file| file.change == change).count();
        let [new, changed, removed] = [Change::New, Change::Changed, Change::Stale].map(count);
        let foreign: Vec<String> =
            differences.foreign.iter().map(|path| path.display().to_string()).collect();
        if self.format == Format::Json {
            session.terminal.print_json(&json!({
                "source": source.id.to_string(),
                "branch": source.place.branch.as_str(),
                "path": source.folder.as_ref().map(RepoPath::as_str),
                "commit": commit.map(|commit| commit.to_string()),
                "pushed": is_pushed,
                "dryRun": self.dry_run,
                "files": {"new": new, "changed": changed, "removed": removed, "unchanged": differences.same},
                "foreign": foreign,
                "summary": classes(outcome.difference),
                "limits": outcome.difference.to_json()["limits"],
            }))?;
            return Ok(());
        }
        let (from, branch) = (short(source.id), &source.place.branch);
        let head = match (commit, differences.files.is_empty()) {
            (_, true) => format!("nothing has changed: `{branch}` holds {from}"),
            (Some(commit), _) => format!("published {from} to `{branch}` as {}", short(*commit)),
            (None, _) => format!("{from} would change `{branch}`"),
        };
        let counts =
            format!("{new} files new, {changed} changed, {removed} removed, {} unchanged", differences.same);
        session.terminal.print(&format!("{head}\n{counts}\n"))?;
        if !foreign.is_empty() {
            let (count, first) = (foreign.len() as u64, &foreign[0]);
            session.terminal.say(&format!(
                "kept {} that yoshino did not generate: {first}",
                words::counted(count, "file")
            ));
        }
        Ok(())
    }
}

/// Returns what changes, a line for each class, and the clusters that the output is for.
fn summary(difference: &Difference, catalog: &Catalog) -> Vec<String> {
    let counts = difference.summary().into_iter().filter(|(_, count)| *count > 0);
    let classes = counts.map(|(class, count)| format!("{}: {count}", class.word()));
    let clusters = words::counted(catalog.clusters.len() as u64, "cluster");
    classes.chain([format!("rendered for {clusters}")]).collect()
}

fn classes(difference: &Difference) -> Value {
    let summary = difference.summary();
    let count = |class: &Class| (class.word().to_owned(), summary.get(class).copied().unwrap_or(0).into());
    Value::Object(Class::ALL.iter().map(count).collect::<Map<_, _>>())
}

/// Returns the output as it will be.
fn with_differences(old: &FileTree, differences: &Differences) -> FileTree {
    let mut new = old.clone();
    for file in &differences.files {
        match file.change {
            Change::Stale => _ = new.0.remove(&file.path),
            Change::Same | Change::New | Change::Changed => {
                new.0.insert(file.path.clone(), file.new.as_slice().into());
            }
        }
    }
    new
}

fn id_of(text: &str) -> Result<Oid, Failure> {
    Oid::from_str(text).map_err(|_| wrong_source(format!("`{text}` is no commit")))
}

fn wrong_source(message: String) -> Failure {
    Failure::Report(Diagnostic::error_nowhere("publish-source", message).into())
}
