//! Commits, tags and refs that are being written when the run is killed, refused a call, or not alone.
//!
//! `strace` lets the n-th call that changes something be a run's last, or fail; n goes over all of them. Whatever happens,
//! every ref is the old one or the new one, git finds nothing wrong, and the next run does the work without help and leaves
//! nothing else. Dates and names are fixed, so that the same work makes the same ids.
#![allow(clippy::disallowed_methods, reason = "tests make files and start processes")]

mod faults;
mod publishing_fleet;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};

use git2::Repository;
use rayon::prelude::*;

use faults::{CALLS, Call, Opened, calls_in, can_trace, traced};
use publishing_fleet::temp::TempFolder;
use publishing_fleet::{Fleet, Problem, TestResult, fix_environment, git_in};

const PICKS: &str = "apiVersion: yoshino.dev/v1alpha1\nkind: PickPolicy\nspec:\n  source: {branch: main}\n  targets:\n    branch: \
                     release/{minor}\n    minors: \">=1.34\"\n  select: [{id: addons, when: {paths: {any: [\"addons/**\"]}}, to: all}]\n";

/// Refs by name, and what they are at.
type Refs = BTreeMap<String, String>;

/// A command that moves refs, and a repository that it is run on.
struct Story {
    name: &'static str,
    fleet: Fleet,
    arguments: Vec<&'static str>,
    /// How an earlier run was killed that was to do the same.
    killed: Option<String>,
    /// How a run ends when nothing goes wrong.
    exit: i32,
}

impl Story {
    fn publish(name: &'static str) -> Result<Self, Problem> {
        let fleet = Fleet::new("{branch: rendered}")?;
        Ok(Self { name, fleet, arguments: vec!["publish"], killed: None, exit: 0 })
    }

    /// A second commit on a branch whose ref is packed.
    fn publish_again(name: &'static str) -> Result<Self, Problem> {
        let story = Self::publish(name)?;
        story.run_once()?;
        story.fleet.cluster("web", "v1.35.2")?;
        story.fleet.cluster("shop", "v1.35.2")?;
        story.fleet.commit("more")?;
        story.fleet.git(&["pack-refs", "--all"])?;
        Ok(story)
    }

    /// A commit on the trunk, which is not checked out.
    fn publish_to_folder(name: &'static str) -> Result<Self, Problem> {
        let fleet = Fleet::new("{path: rendered}")?;
        fleet.git(&["checkout", "-q", "--detach"])?;
        Ok(Self { name, fleet, arguments: vec!["publish"], killed: None, exit: 0 })
    }

    /// A commit where an earlier run was killed with a lock in its hands.
    fn publish_after_a_kill(name: &'static str) -> Result<Self, Problem> {
        let mut story = Self::publish(name)?;
        for (kind, number) in story.calls(&every_kind())? {
            let fault = format!("inject={kind}:signal=KILL:when={number}");
            let copy = story.begin()?;
            traced(&copy.command(&story.arguments), &["-e", &fault]).status()?;
            if !locks(copy.path())?.is_empty() {
                story.killed = Some(fault);
                return Ok(story);
            }
        }
        Err("no kill left a lock".into())
    }

    /// Tags on the branches of two minors.
    fn release(name: &'static str) -> Result<Self, Problem> {
        let fleet = Fleet::new("{branch: rendered}")?;
        let text = std::fs::read_to_string(fleet.path().join("fleet.yaml"))?;
        fleet.folder.write("fleet.yaml", &text.replace("[\"1.35\"]", "[\"1.34\", \"1.35\"]"))?;
        fleet.commit("two minors")?;
        for minor in ["1.34", "1.35"] {
            let ran = fleet.run(&["branch", "cut", minor])?;
            assert_eq!(ran.exit, Some(0), "{ran:?}");
        }
        Ok(Self { name, fleet, arguments: vec!["release", "cut"], killed: None, exit: 0 })
    }

    /// Picks to two minors, one of which has changed the same lines.
    fn picks(name: &'static str, onto: &'static str) -> Result<Self, Problem> {
        let story = Self::release(name)?;
        story.fleet.folder.write("picks.yaml", PICKS)?;
        story.fleet.commit("a policy")?;
        let addon = "addons/dns/addon.yaml";
        let text = std::fs::read_to_string(story.fleet.path().join(addon))?;
        story.fleet.git(&["switch", "-q", "release/1.34"])?;
        story.fleet.folder.write(addon, &text.replace("1.0.0", "0.9.9"))?;
        story.fleet.commit("dns: another version")?;
        story.fleet.git(&["switch", "-q", "main"])?;
        story.fleet.folder.write(addon, &text.replace("1.0.0", "1.0.1"))?;
        story.fleet.commit("dns: 1.0.1")?;
        story.fleet.folder.write("addons/dns/notes.txt", "words\n")?;
        story.fleet.commit("dns: notes")?;
        story.fleet.git(&["pack-refs", "--all"])?;
        Ok(Self { arguments: vec!["pick", "apply", "--onto", onto], exit: 3, ..story })
    }

    fn run_once(&self) -> TestResult {
        let ran = self.fleet.run(&self.arguments)?;
        if ran.exit != Some(0) {
            return Err(format!("{}: {}{}", self.name, ran.stdout, ran.stderr).into());
        }
        Ok(())
    }

    /// Makes a copy of the repository, as it is before the run.
    fn begin(&self) -> Result<Fleet, Problem> {
        let folder = TempFolder::in_memory()?;
        let copied =
            Command::new("cp").arg("-a").arg(self.fleet.path().join(".")).arg(folder.path()).status()?;
        if !copied.success() {
            return Err("the repository was not copied".into());
        }
        let copy = Fleet { folder };
        if let Some(killed) = &self.killed {
            traced(&copy.command(&self.arguments), &["-e", killed]).status()?;
        }
        Ok(copy)
    }

    /// Returns the refs when nothing went wrong.
    fn expected(&self) -> Result<Refs, Problem> {
        let fleet = self.begin()?;
        let ran = fleet.run(&self.arguments)?;
        match ran.exit == Some(self.exit) {
            true => refs(fleet.path()),
            false => Err(format!("{}: without a fault: {}", self.name, ran.stderr).into()),
        }
    }

    /// Returns every call of one of these kinds that a run makes.
    fn calls(&self, kinds: &str) -> Result<Vec<Call>, Problem> {
        let fleet = self.begin()?;
        let log = TempFolder::in_memory()?;
        let log = log.join("log");
        let (path, trace) = (log.display().to_string(), format!("trace={kinds}"));
        traced(&fleet.command(&self.arguments), &["-o", &path, "-e", &trace]).status()?;
        Ok(calls_in(&std::fs::read_to_string(&log)?, Opened::New))
    }

    /// Runs with one call killed or refused, and checks what is left; returns whether the run came to its end.
    fn run_with(&self, (kind, number): &Call, fault: &str, expected: &Refs) -> Result<bool, Problem> {
        let fleet = self.begin()?;
        let old = refs(fleet.path())?;
        let inject = format!("inject={kind}:{fault}:when={number}");
        let status = traced(&fleet.command(&self.arguments), &["-e", &inject]).status()?;

        let told = |what: &str| Problem::from(format!("{}, {inject}: {status}: {what}", self.name));
        let found = refs(fleet.path())?;
        let is_right = match status.code() {
            Some(code) if code == self.exit => found == *expected,
            // Refused by the operating system, which may be that what was done cannot be printed; 127 is the loader's.
            Some(4 | 127) => is_between(&old, &found, expected),
            Some(_) => false,
            None => is_between(&old, &found, expected),
        };
        if !is_right {
            return Err(told(&format!("refs are at {found:#?}")));
        }
        if let Some(code) = status.code().filter(|code| *code != 127) {
            let left = locks(fleet.path())?;
            if !left.is_empty() && kind != "unlink" {
                return Err(told(&format!("exit {code} left {left:?}")));
            }
        }
        fsck(fleet.path()).map_err(|wrong| told(&wrong.to_string()))?;
        let again = fleet.run(&self.arguments)?;
        if again.exit != Some(self.exit) || refs(fleet.path())? != *expected {
            return Err(told(&format!("then: {again:#?}")));
        }
        fsck(fleet.path()).map_err(|wrong| told(&wrong.to_string()))?;
        let mut litter = [locks(fleet.path())?, unfinished(fleet.path())?].concat();
        if found == *expected {
            // Where nothing was left to do, nothing was written, and what was in the making stays for the next that writes.
            litter.retain(|name| !name.starts_with("yoshino/"));
        }
        if !litter.is_empty() {
            return Err(told(&format!("then there is still {litter:?}")));
        }
        match git_in(fleet.path(), &["status", "--porcelain"])?.as_str() {
            "" => Ok(status.code().is_some()),
            changed => Err(told(&format!("the work tree has changed: {changed}"))),
        }
    }
}

/// Returns the calls that can change something, or make it durable.
fn every_kind() -> String {
    format!("{CALLS},fsync,fdatasync")
}

fn refs(repository: &Path) -> Result<Refs, Problem> {
    let repository = Repository::open(repository)?;
    let mut refs = Refs::new();
    for reference in repository.references()? {
        let reference = reference?;
        let target = reference.target().map(|id| id.to_string());
        refs.insert(reference.name()?.to_owned(), target.unwrap_or_default());
    }
    Ok(refs)
}

/// Returns whether every ref is the old one or the new one.
fn is_between(old: &Refs, found: &Refs, new: &Refs) -> bool {
    let names: BTreeSet<&String> = old.keys().chain(found.keys()).chain(new.keys()).collect();
    names.iter().all(|name| [old.get(*name), new.get(*name)].contains(&found.get(*name)))
}

/// Returns git's lock files.
fn locks(repository: &Path) -> Result<Vec<String>, Problem> {
    let files = snapshot_names(&repository.join(".git"))?;
    Ok(files.into_iter().filter(|name| name.ends_with(".lock")).collect())
}

/// Returns what no run that came to its end leaves: parts of packs, packs without an index, values of refs.
fn unfinished(repository: &Path) -> Result<Vec<String>, Problem> {
    let files = snapshot_names(&repository.join(".git"))?;
    let is_unfinished = |name: &&String| {
        let pair = match name.strip_suffix(".pack") {
            Some(stem) => Some(format!("{stem}.idx")),
            None => name.strip_suffix(".idx").map(|stem| format!("{stem}.pack")),
        };
        let is_in_packs = name.starts_with("objects/pack/");
        name.starts_with("yoshino/") && name.as_str() != "yoshino/"
            || is_in_packs && !pair.is_some_and(|pair| files.contains(&pair))
    };
    Ok(files.iter().filter(is_unfinished).cloned().collect())
}

fn snapshot_names(folder: &Path) -> Result<BTreeSet<String>, Problem> {
    let mut names = BTreeSet::new();
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry?;
        if entry.file_type().is_file() {
            names.insert(entry.path().strip_prefix(folder)?.display().to_string());
        }
    }
    Ok(names)
}

fn fsck(repository: &Path) -> TestResult {
    match git_in(repository, &["fsck", "--strict", "--no-dangling", "--no-progress"])?.as_str() {
        "" => Ok(()),
        wrong => Err(format!("git finds {wrong}").into()),
    }
}

/// Kills a run of a story at every call that can change something.
fn kill_at_every_call(story: &Story) -> TestResult {
    let expected = story.expected()?;
    let calls = story.calls(&every_kind())?;
    let kill = |call: &Call| Ok((call.clone(), story.run_with(call, "signal=KILL", &expected)?));
    let ends: Result<Vec<_>, Problem> = calls.par_iter().map(kill).collect();
    let survived: Vec<_> = ends?.into_iter().filter(|(_, ended)| *ended).map(|(call, _)| call).collect();
    assert!(survived.is_empty(), "{}: {survived:?}", story.name);
    assert!(calls.iter().any(|(kind, _)| kind.starts_with("link")), "{}: {calls:?}", story.name);
    Ok(())
}

#[test]
fn killed_at_any_call_publish_leaves_the_old_branch_or_the_new_one() -> TestResult {
    if !can_trace() {
        return Ok(());
    }
    kill_at_every_call(&Story::publish("a first commit")?)?;
    kill_at_every_call(&Story::publish_again("a second commit")?)?;
    kill_at_every_call(&Story::publish_to_folder("a commit on the trunk")?)
}

#[test]
fn killed_at_any_call_a_release_is_finished_by_the_next_run() -> TestResult {
    if !can_trace() {
        return Ok(());
    }
    kill_at_every_call(&Story::release("two releases")?)
}

#[test]
fn killed_at_any_call_picks_are_there_or_not_and_the_next_run_brings_the_rest() -> TestResult {
    if !can_trace() {
        return Ok(());
    }
    kill_at_every_call(&Story::picks("picks for pull requests, and a draft", "branch")?)?;
    kill_at_every_call(&Story::picks("picks onto minor branches", "direct")?)
}

#[test]
fn refused_any_call_publish_leaves_no_lock() -> TestResult {
    if !can_trace() {
        return Ok(());
    }
    let story = Story::publish_again("a second commit")?;
    let expected = story.expected()?;
    let faults = [
        ("openat", "ENOSPC"),
        ("write", "ENOSPC"),
        ("pwrite64", "ENOSPC"),
        ("mkdir", "EROFS"),
        ("link", "EIO"),
        ("linkat", "EIO"),
        ("rename", "EACCES"),
        ("unlink", "EIO"),
        ("fsync", "EIO"),
        ("flock", "ENOLCK"),
    ];
    for (kind, error) in faults {
        let calls = story.calls(kind)?;
        let refuse = |call: &Call| story.run_with(call, &format!("error={error}"), &expected).map(drop);
        calls.par_iter().try_for_each(refuse)?;
    }
    Ok(())
}

/// How the runs of a race ended.
type Ends = Vec<Option<i32>>;

/// Runs a story six times at once, on five copies; returns each copy and how the runs ended.
fn race(story: &Story) -> Result<Vec<(Fleet, Ends)>, Problem> {
    let round = |_| {
        let fleet = story.begin()?;
        let command = |number: usize| {
            let mut command = fleet.command(&story.arguments);
            // No two of them make the same commit.
            command.env("GIT_COMMITTER_DATE", format!("@{} +0000", 1_763_700_000 + number));
            command.stdout(Stdio::null()).stderr(Stdio::null());
            command
        };
        let runs: Vec<_> = (0..6).map(|number| command(number).spawn()).collect::<Result<_, _>>()?;
        let ends: Vec<_> = runs.into_iter().map(|mut run| run.wait()).collect::<Result<_, _>>()?;
        let codes: Ends = ends.iter().map(|end| end.code()).collect();
        // Who comes after the one that won, and not beside it, finds nothing to do.
        assert!(codes.iter().all(|code| [Some(story.exit), Some(4)].contains(code)), "{codes:?}");
        assert!(codes.contains(&Some(story.exit)), "{codes:?}");
        fsck(fleet.path())?;
        assert_eq!([locks(fleet.path())?, unfinished(fleet.path())?].concat(), Vec::<String>::new());
        Ok((fleet, codes))
    };
    (0..5).map(round).collect()
}

fn count(fleet: &Fleet, range: &str) -> Result<String, Problem> {
    Ok(fleet.git(&["rev-list", "--count", range])?.trim_end().to_owned())
}

#[test]
fn of_runs_at_the_same_time_one_publishes_and_the_others_say_that_it_has() -> TestResult {
    let story = Story::publish_again("a second commit")?;
    let before = &refs(story.fleet.path())?["refs/heads/rendered"];

    for (fleet, codes) in race(&story)? {
        assert_eq!(count(&fleet, &format!("{before}..rendered"))?, "1", "{codes:?}");
    }
    Ok(())
}

#[test]
fn of_runs_at_the_same_time_each_commit_is_picked_once() -> TestResult {
    let story = Story::picks("picks onto minor branches", "direct")?;
    let before = refs(story.fleet.path())?;

    for (fleet, codes) in race(&story)? {
        // On 1.34 one of the two is in conflict.
        for (minor, commits) in [("1.34", "1"), ("1.35", "2")] {
            let old = &before[&format!("refs/heads/release/{minor}")];
            assert_eq!(count(&fleet, &format!("{old}..release/{minor}"))?, commits, "{codes:?}");
        }
    }
    Ok(())
}

#[test]
fn file_systems_without_links_give_the_same_refs() -> TestResult {
    if !can_trace() {
        return Ok(());
    }
    let story = Story::publish_again("a second commit")?;
    let fleet = story.begin()?;

    let status = traced(&fleet.command(&story.arguments), &["-e", "inject=linkat:error=EPERM"]).status()?;

    assert_eq!(status.code(), Some(0));
    assert_eq!(refs(fleet.path())?, story.expected()?);
    assert_eq!([locks(fleet.path())?, unfinished(fleet.path())?].concat(), Vec::<String>::new());
    Ok(())
}

#[test]
fn a_disk_that_is_full_leaves_the_old_branch() -> TestResult {
    let folder = TempFolder::in_memory()?;
    let disk = folder.join("disk");
    std::fs::create_dir_all(&disk)?;
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=300k", "tmpfs"])
        .arg(&disk)
        .stderr(Stdio::null())
        .status();
    if !mounted.is_ok_and(|status| status.success()) {
        eprintln!("not run: this user may not mount");
        return Ok(());
    }
    let result = publish_on_a_full_disk(&disk);
    _ = Command::new("umount").arg("-l").arg(&disk).status();
    result
}

fn publish_on_a_full_disk(disk: &Path) -> TestResult {
    let story = Story::publish_again("a second commit")?;
    let copied = Command::new("cp").arg("-a").arg(story.fleet.path().join(".")).arg(disk).status()?;
    assert!(copied.success(), "the repository does not fit");
    let before = refs(disk)?;
    // What is left of the disk goes to a file, but for a page.
    let filler = disk.join(".git/filler");
    _ = std::fs::write(&filler, vec![0; 300 << 10]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_yoshino"));
    command.arg("-C").arg(disk).args(["publish", "--jobs", "1"]).env_remove("LD_LIBRARY_PATH");
    fix_environment(&mut command);

    let full = command.output()?;
    std::fs::remove_file(&filler)?;

    assert_eq!(full.status.code(), Some(4), "{}", String::from_utf8_lossy(&full.stderr));
    assert_eq!(refs(disk)?, before);
    fsck(disk)?;
    assert_eq!(locks(disk)?, Vec::<String>::new());
    assert!(command.status()?.success());
    Ok(())
}

#[test]
fn a_lock_that_a_killed_run_left_is_no_obstacle_even_where_the_next_is_killed_too() -> TestResult {
    if !can_trace() {
        return Ok(());
    }
    kill_at_every_call(&Story::publish_after_a_kill("after a kill")?)
}
