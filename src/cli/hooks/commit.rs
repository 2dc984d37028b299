//! What `pre-commit` does: the commit that is about to be made, held against every rule and its own output.

use yoshino::check::{self, World};
use yoshino::error::Failure;
use yoshino::location::Sources;
use yoshino::render::{Scope, findings, render};
use yoshino::spec::pin::from_repository;
use yoshino::spec::{Former, load};
use yoshino::tree::{Change, Comparison, Differences, FileTree, Keep, RepoPath, Selection};

use crate::cli::check::today;
use crate::cli::words::counted;
use crate::cli::{Exit, Session, base, fleet};

/// How many stale files are named.
const MOST_NAMED: usize = 20;

/// Judges what is staged. A commit that holds no fleet, as those of the output's own branch, passes.
///
/// # Errors
/// Reports what is wrong with the specs; says what the environment refused.
pub fn run(session: &Session, sources: &mut Sources) -> Result<Exit, Failure> {
    if !session.directory.is_dir() {
        return Ok(Exit::Fine);
    }
    let staged = fleet::staged(session)?;
    let files = staged.read(Selection::FLEET)?;
    if !holds_fleet(&files) {
        session.terminal.say_more("no fleet is staged here: nothing was checked");
        return Ok(Exit::Fine);
    }
    let former = base::read(session, sources, "HEAD", &files).ok();
    let judged = judge(session, sources, (files, former), &|folder| staged.folder(folder))?;
    Ok(judged.show(session, "what is staged", "then `git add` what it wrote"))
}

/// Returns whether files are a fleet's.
pub fn holds_fleet(files: &FileTree) -> bool {
    files.0.keys().any(|path| path.as_str() == "fleet.yaml")
}

/// What came of holding a fleet against its rules and its output.
pub enum Judged {
    /// The output is what the specs render to, so many files.
    Fresh(usize),
    /// The output is something else.
    Stale(Differences, String),
    /// There is no output to compare with: it has a branch of its own, or the tree is a minor branch's.
    SpecsAlone,
}

/// Holds a fleet against every rule, its versions against earlier ones where there are any, and its rendering against the output
/// beside it, which `output` reads.
///
/// # Errors
/// Reports what is wrong with specs, templates and patches, unless there are warnings alone.
pub fn judge(
    session: &Session,
    sources: &mut Sources,
    (files, former): (FileTree, Option<Former>),
    output: &dyn Fn(&RepoPath) -> Result<FileTree, Failure>,
) -> Result<Judged, Failure> {
    let catalog = load(files, sources, &from_repository(&session.directory))?;
    let report = check::all(&catalog, sources, World { today: today(), former: former.as_ref() }).report;
    if report.has_errors() {
        return Err(report.into());
    }
    let folder = catalog.fleet.output_path().and_then(|path| RepoPath::new(path).ok());
    let current = folder.as_ref().map(output).transpose()?.unwrap_or_default();
    // A minor branch has neither clusters nor their output.
    let (Some(folder), false) = (folder, current.0.is_empty() && catalog.clusters.is_empty()) else {
        findings(&catalog, sources, None).or(())?;
        return Ok(Judged::SpecsAlone);
    };
    let comparison = Comparison::with(current, folder.as_str());
    render(&catalog, sources, Scope::Fleet, &|path, bytes| comparison.compare(path, bytes).map(drop))?;
    let differences = comparison.finish(Keep::Rendered)?;
    Ok(match differences.files.is_empty() {
        true => Judged::Fresh(differences.same),
        false => Judged::Stale(differences, folder.to_string()),
    })
}

impl Judged {
    /// Says what came of `what`, and what to do beside rendering where its output is stale.
    pub fn show(&self, session: &Session, what: &str, then: &str) -> Exit {
        match self {
            Self::Fresh(files) => {
                let files = counted(*files as u64, "file");
                session.terminal.say(&format!("{what} is sound, and its output up to date: {files}"));
                Exit::Fine
            }
            Self::SpecsAlone => {
                session
                    .terminal
                    .say(&format!("{what} is sound; there is no output beside it to compare with"));
                Exit::Fine
            }
            Self::Stale(differences, folder) => {
                let files = &differences.files;
                let mut text = format!(
                    "{what} renders to something else than its output holds: {}\n",
                    counted(files.len() as u64, "file")
                );
                for file in files.iter().take(MOST_NAMED) {
                    let word = match file.change {
                        Change::New => "missing",
                        Change::Changed | Change::Same => "other",
                        Change::Stale => "left over",
                    };
                    text += &format!("  {word:9}  {folder}/{}\n", file.path);
                }
                if files.len() > MOST_NAMED {
                    text += &format!("  and {} more\n", files.len() - MOST_NAMED);
                }
                session.terminal.show_error(&format!("{text}  run `yoshino render`, {then}"));
                Exit::Different
            }
        }
    }
}
