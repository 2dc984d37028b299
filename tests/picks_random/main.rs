//! Random changes go onto random trees as git itself brings them there.
//!
//! Every case is three trees: what a commit started from, what it made of that, and what a branch has meanwhile. Git
//! merges them in one process (`git merge-tree --stdin`), and some of them once more with `git cherry-pick` in a work
//! tree; it is run without any configuration, and must be one of 2.39 to 2.43. `YOSHINO_RANDOM_CASES` says how many
//! cases, `YOSHINO_RANDOM_SEED` which.
#![expect(clippy::disallowed_methods, reason = "a test asks git")]

mod case;
#[path = "../random/chance.rs"]
mod chance;
mod file;
mod git;
mod shrink;
#[path = "../../src/tree/temp.rs"]
mod temp;

use std::env;

use yoshino::branch::merge::{Directories, Labels, MergeOptions, Picked, TreeChange, pick};

use case::Case;
use chance::Chance;
use git::{Committed, Git};
use temp::TestResult;

/// How many differences are made small and shown.
const SHOWN: usize = 10;

/// One case in this many is picked in a work tree, too.
const IN_WORK_TREE: usize = 25;

fn number(name: &str, default: u64) -> Result<u64, String> {
    env::var(name).ok().map_or(Ok(default), |text| text.parse().map_err(|_| format!("{name}: {text}")))
}

/// What came of a case: the tree, and the paths in conflict where a human must decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The tree, markers in it where there are conflicts.
    pub tree: git2::Oid,
    /// What is in conflict.
    pub conflicts: Vec<String>,
}

/// Picks what a case's commit changed onto its branch.
fn picked(
    git: &Git,
    committed: &Committed,
    directories: Directories,
) -> Result<Outcome, Box<dyn std::error::Error>> {
    let change = TreeChange { before: committed.base_tree, after: committed.theirs_tree };
    let labels = Labels {
        ours: committed.ours.to_string(),
        base: committed.base.map(|base| base.to_string()[..7].to_owned()).unwrap_or_default(),
        theirs: committed.theirs.to_string(),
    };
    let options = MergeOptions { kept: &|_| false, directories, labels };
    Ok(match pick(&git.repository, change, committed.ours_tree, &options)? {
        Picked::Clean { tree } => Outcome { tree, conflicts: Vec::new() },
        Picked::Conflict { conflicts, marked } => {
            let mut paths: Vec<String> = conflicts
                .into_iter()
                .map(|conflict| format!("{} {}", conflict.path, conflict.kind.word()))
                .collect();
            paths.sort();
            Outcome { tree: marked, conflicts: paths }
        }
    })
}

/// Says how two outcomes differ; `None` where they are the same for whoever picks.
fn difference(ours: &Outcome, theirs: &Outcome) -> Option<String> {
    match (ours.conflicts.is_empty(), theirs.conflicts.is_empty()) {
        (true, true) if ours.tree != theirs.tree => Some("the trees differ".to_owned()),
        (true, false) => Some(format!("git finds conflicts: {:?}", theirs.conflicts)),
        (false, true) => Some(format!("git finds none of these conflicts: {:?}", ours.conflicts)),
        _ => None,
    }
}

fn is_different(case: &Case) -> Result<bool, Box<dyn std::error::Error>> {
    let git = Git::new()?;
    let committed = git.commit(case)?;
    let ours = picked(&git, &committed, Directories::Ask)?;
    let theirs = git.merged(std::slice::from_ref(&committed), &[])?.remove(0);
    Ok(difference(&ours, &theirs).is_some())
}

/// Makes a case small and says what came of it.
fn shown(case: &Case, what: &str) -> Result<String, Box<dyn std::error::Error>> {
    let small = shrink::shrink(case, &|case| is_different(case).unwrap_or(false));
    let git = Git::new()?;
    let committed = git.commit(&small)?;
    let ours = picked(&git, &committed, Directories::Ask)?;
    let theirs = git.merged(std::slice::from_ref(&committed), &[])?.remove(0);
    Ok(format!(
        "--- {what}\n{small}\nours: {:?}\n{}git: {:?}\n{}",
        ours.conflicts,
        git.listed(ours.tree)?,
        theirs.conflicts,
        git.listed(theirs.tree)?
    ))
}

#[test]
fn random_changes_are_picked_as_git_picks_them() -> TestResult {
    let (seed, count) = (number("YOSHINO_RANDOM_SEED", 1)?, number("YOSHINO_RANDOM_CASES", 2000)?);
    let first = seed.wrapping_mul(1_000_003);
    let cases: Vec<Case> =
        (0..count).map(|number| Case::random(&mut Chance::new(first.wrapping_add(number)))).collect();
    let git = Git::new()?;
    if !git.has_the_rules()? {
        println!("not run: this git merges by other rules than 2.39 to 2.43");
        return Ok(());
    }
    let committed: Vec<Committed> = cases.iter().map(|case| git.commit(case)).collect::<Result<_, _>>()?;

    let expected = git.merged(&committed, &[])?;
    let marked = git.merged(&committed, &["-c", "merge.conflictStyle=diff3"])?;
    let followed = git.merged(&committed, &["-c", "merge.directoryRenames=true"])?;
    let unmoved = git.merged(&committed, &["-c", "merge.directoryRenames=false"])?;

    let mut differing = Vec::new();
    let (mut clean, mut changed, mut same_marks) = (0, 0, 0);
    for (place, case) in committed.iter().enumerate() {
        let ours = picked(&git, case, Directories::Ask)?;
        if let Some(what) = difference(&ours, &expected[place]) {
            differing.push((place, what));
            continue;
        }
        for (directories, expected) in [(Directories::Follow, &followed), (Directories::Ignore, &unmoved)] {
            if let Some(what) = difference(&picked(&git, case, directories)?, &expected[place]) {
                differing.push((place, format!("{directories:?}: {what}")));
            }
        }
        clean += usize::from(ours.conflicts.is_empty());
        changed += usize::from(
            ours.conflicts.is_empty() && ours.tree != case.ours_tree && ours.tree != case.theirs_tree,
        );
        same_marks += usize::from(!ours.conflicts.is_empty() && ours.tree == marked[place].tree);
    }
    let conflicts = committed.len() - clean - differing.len();
    println!(
        "{count} cases from {first}: {clean} clean, {changed} of them merged; {conflicts} conflicts, {same_marks} marked alike"
    );
    for (place, what) in differing.iter().take(SHOWN) {
        println!(
            "{}",
            shown(&cases[*place], &format!("case {}: {what}", first.wrapping_add(*place as u64)))?
        );
    }
    assert_eq!(differing.len(), 0, "differences");
    Ok(())
}

#[test]
fn random_changes_are_picked_as_in_a_work_tree() -> TestResult {
    let (seed, count) = (number("YOSHINO_RANDOM_SEED", 1)?, number("YOSHINO_RANDOM_CASES", 2000)?);
    let first = seed.wrapping_mul(2_000_003);
    let count = count / IN_WORK_TREE as u64;
    let git = Git::new()?;
    if !git.has_the_rules()? {
        println!("not run: this git merges by other rules than 2.39 to 2.43");
        return Ok(());
    }
    let mut wrong = Vec::new();
    for number in first..first.wrapping_add(count) {
        let mut case = Case::random(&mut Chance::new(number));
        case.without_submodules();
        if number % 10 == 0 {
            // A first commit, which starts from nothing.
            case.base.clear();
        }
        let committed = git.commit(&case)?;

        let ours = picked(&git, &committed, Directories::Ask)?;
        let Some(theirs) = git.cherry_picked(&committed)? else { continue };

        if let Some(what) = difference(&ours, &theirs) {
            wrong.push(format!("case {number}: {what}\n{case}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// Returns the first-parent chain of the project's own history, the newest first.
fn own_history() -> Result<Option<(git2::Repository, Vec<git2::Oid>)>, git2::Error> {
    let Ok(repository) = git2::Repository::open(env!("CARGO_MANIFEST_DIR")) else { return Ok(None) };
    let mut chain = Vec::new();
    let mut next = repository.head()?.target();
    while let Some(id) = next {
        // Where a clone ends, a commit stands for all that was before it.
        next = repository.find_commit(id)?.parent_id(0).ok();
        chain.extend(next.map(|_| id));
    }
    Ok((chain.len() > 20).then_some((repository, chain)))
}

#[test]
fn commits_of_this_project_go_onto_older_ones_as_git_picks_them() -> TestResult {
    let Some((source, chain)) = own_history()? else {
        println!("not run: there is no history here");
        return Ok(());
    };
    let (seed, count) = (number("YOSHINO_RANDOM_SEED", 1)?, number("YOSHINO_RANDOM_CASES", 2000)?);
    let git = Git::new()?;
    if !git.has_the_rules()? {
        println!("not run: this git merges by other rules than 2.39 to 2.43");
        return Ok(());
    }
    git.borrow_from(&source)?;
    let mut chance = Chance::new(seed.wrapping_mul(3_000_003));
    let mut committed = Vec::new();
    for _ in 0..count / IN_WORK_TREE as u64 {
        let picked = chance.below(chain.len());
        let farther = 1 + chance.below(60);
        committed.push(git.commit_onto(chain[picked], chain[(picked + farther).min(chain.len() - 1)])?);
    }

    let expected = git.merged(&committed, &[])?;

    let mut clean = 0;
    for (case, expected) in committed.iter().zip(&expected) {
        let ours = picked(&git, case, Directories::Ask)?;
        clean += usize::from(ours.conflicts.is_empty());
        if let Some(what) = difference(&ours, expected) {
            return Err(format!("{case:?}: {what}").into());
        }
    }
    println!("{} commits of this project, {clean} clean", committed.len());
    Ok(())
}
