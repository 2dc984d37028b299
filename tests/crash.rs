//! Renders that are killed, or refused by the operating system, at every call that changes something.
//!
//! `strace` lets the n-th such call of a run be its last, or fail; n goes over all of them. Whatever happens, the
//! output must be the old one or the new one, and the next run must do its work without help and leave nothing else.
#![expect(clippy::disallowed_methods, reason = "tests make files and start processes")]
#![allow(clippy::print_stderr, reason = "a test that cannot run says so")]

mod faults;
#[path = "../src/tree/temp.rs"]
mod temp;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use rayon::prelude::*;

use faults::{CALLS, Call, Opened, calls_in, can_trace, traced};
use temp::{TempFolder, snapshot};

/// What threads can hand to each other.
type Problem = Box<dyn std::error::Error + Send + Sync>;

/// What every fleet here has.
const FLEET: [(&str, &str); 5] = [
    (
        "fleet.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: Fleet\nmetadata: {name: ake}\nspec:\n  labelDomain: \
         ake.example.com\n  repository: {url: https://git.example.com/fleet.git}\n  minors: [\"1.35\"]\n  \
         management: [{name: management}]\n",
    ),
    ("tenants/blue.yaml", "apiVersion: yoshino.dev/v1alpha1\nkind: Tenant\nmetadata: {name: blue}\n"),
    (
        "templates/mine/a.yaml.j2",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {}\n---\napiVersion: v1\nkind: \
         ConfigMap\nmetadata:\n  name: two\ndata:\n  version: ${{ cluster.kubernetes }}\n",
    ),
    ("templates/mine/schema.json", "{}"),
    ("templates/mine/impact.yaml", "kind: Impact\nspec: {kubeadm: true, rules: []}\n"),
];

/// A change of a fleet: the clusters before and after, a name and a version each.
struct Story {
    name: &'static str,
    /// No output is there yet where this is nothing.
    before: Option<&'static [(&'static str, &'static str)]>,
    after: &'static [(&'static str, &'static str)],
    /// Files that others put into the output, each with its text.
    foreign: &'static [(&'static str, &'static str)],
    /// How another run was killed that was to make the same change.
    killed: Option<&'static str>,
}

const STORIES: [Story; 5] = [
    Story { name: "a first render", before: None, after: &[("web", "v1.35.1")], foreign: &[], killed: None },
    Story {
        name: "changes everywhere",
        before: Some(&[("web", "v1.35.1"), ("gone", "v1.35.1")]),
        after: &[("web", "v1.35.2"), ("new", "v1.35.1")],
        foreign: &[("README.md", "mine"), ("management/clusters/blue/gone/mine", "mine")],
        killed: None,
    },
    Story {
        name: "a change in one folder",
        before: Some(&[("web", "v1.35.1"), ("shop", "v1.35.1")]),
        after: &[("web", "v1.35.2"), ("shop", "v1.35.1")],
        foreign: &[("management/clusters/blue/web/mine", "mine")],
        killed: None,
    },
    Story {
        name: "a change after one that was killed before it",
        before: Some(&[("web", "v1.35.1")]),
        after: &[("web", "v1.35.2"), ("new", "v1.35.1")],
        foreign: &[("README.md", "mine")],
        killed: Some("inject=linkat:signal=KILL:when=1"),
    },
    Story {
        name: "no change after one that was killed behind it",
        before: Some(&[("web", "v1.35.1")]),
        after: &[("web", "v1.35.2"), ("new", "v1.35.1")],
        foreign: &[("README.md", "mine")],
        killed: Some("inject=unlinkat:signal=KILL:when=2"),
    },
];

/// Returns the command that renders the fleet at `root`. One thread makes every call, so that the n-th call is the
/// same in every run.
fn render(root: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yoshino"));
    command.arg("-C").arg(root).args(["--jobs", "1", "render"]);
    // Without it the loader makes dozens of calls more.
    command.env_remove("LD_LIBRARY_PATH").stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Writes a fleet of these clusters, in a git repository.
fn write_fleet(root: &TempFolder, clusters: &[(&str, &str)]) -> Result<(), Problem> {
    for (path, text) in FLEET {
        root.write(path, text)?;
    }
    if root.join("clusters").is_dir() {
        std::fs::remove_dir_all(root.join("clusters"))?;
    }
    for (name, version) in clusters {
        let spec = format!("spec: {{project: blue, provider: mine, kubernetes: {version}}}\n");
        let head = "apiVersion: yoshino.dev/v1alpha1\nkind: Cluster\n";
        root.write(&format!("clusters/{name}.yaml"), &format!("{head}metadata: {{name: {name}}}\n{spec}"))?;
    }
    Ok(())
}

/// Returns everything in a fleet's folder but its input and what is git's.
fn left(root: &TempFolder) -> std::io::Result<BTreeMap<String, String>> {
    let is_input = |path: &str| {
        ["clusters/", "tenants/", "templates/", "fleet.yaml", ".git/"]
            .map(|start| path.starts_with(start))
            .contains(&true)
    };
    Ok(snapshot(root.path())?.into_iter().filter(|(path, _)| !is_input(path)).collect())
}

fn output(left: BTreeMap<String, String>) -> BTreeMap<String, String> {
    left.into_iter().filter(|(path, _)| path.starts_with("rendered/")).collect()
}

impl Story {
    /// Makes a fleet that has changed since it was rendered.
    fn begin(&self) -> Result<TempFolder, Problem> {
        let root = TempFolder::in_memory()?;
        git2::Repository::init(root.path())?;
        if let Some(before) = self.before {
            write_fleet(&root, before)?;
            if !render(root.path()).status()?.success() {
                return Err("the first run did not succeed".into());
            }
        }
        for (path, text) in self.foreign {
            root.write(&format!("rendered/{path}"), text)?;
        }
        write_fleet(&root, self.after)?;
        if let Some(killed) = self.killed {
            traced(&render(root.path()), &["-e", killed]).status()?;
            if !root.join(".rendered.yoshino").is_dir() {
                return Err("the run that was to be killed left nothing".into());
            }
        }
        Ok(root)
    }

    /// Returns what lies in the fleet's folder when nothing went wrong.
    fn expected(&self) -> Result<BTreeMap<String, String>, Problem> {
        let root = TempFolder::in_memory()?;
        write_fleet(&root, self.after)?;
        for (path, text) in self.foreign {
            root.write(&format!("rendered/{path}"), text)?;
        }
        match render(root.path()).status()?.success() {
            true => Ok(left(&root)?),
            false => Err("the run without a fault did not succeed".into()),
        }
    }

    /// Returns every call of one of these kinds that a run makes, while others never work.
    fn calls(&self, kinds: &str, never: &[&str]) -> Result<Vec<Call>, Problem> {
        let root = self.begin()?;
        let log = root.join(".git/log").display().to_string();
        let trace = format!("trace={kinds}");
        let mut arguments = vec!["-o", log.as_str(), "-e", trace.as_str()];
        arguments.extend(never.iter().flat_map(|never| ["-e", never]));
        traced(&render(root.path()), &arguments).status()?;
        let log = std::fs::read_to_string(log)?;
        Ok(calls_in(&log, if kinds == CALLS { Opened::New } else { Opened::All }))
    }

    /// Runs with one call killed or refused, beside others that never work, and checks what is left. Returns the
    /// exit code, if the run came to its end.
    fn run_with(
        &self,
        (kind, number): &Call,
        fault: &str,
        never: &[&str],
        expected: &BTreeMap<String, String>,
    ) -> Result<Option<i32>, Problem> {
        let root = self.begin()?;
        let old = output(left(&root)?);
        let fault = format!("inject={kind}:{fault}:when={number}");
        let mut arguments = vec!["-e", fault.as_str()];
        arguments.extend(never.iter().flat_map(|never| ["-e", never]));
        let status = traced(&render(root.path()), &arguments).status()?;

        let new = output(expected.clone());
        let found = output(left(&root)?);
        let is_right = match status.code() {
            Some(0) => found == new,
            // Refused by the operating system, which may be that the summary cannot be printed; 127 is the loader's.
            Some(4 | 127) => found == old || kind == "write" && found == new,
            Some(_) => false,
            None => found == old || found == new || !never.is_empty(),
        };
        let told = |what: &str, found: &BTreeMap<String, String>| {
            format!("{}, {fault}: {status}; {what} {:#?}", self.name, found.keys())
        };
        if !is_right {
            return Err(told("in the output lies", &found).into());
        }
        if shows_staging(&root)? {
            return Err(told("git shows what lies beside the output,", &left(&root)?).into());
        }
        let again = render(root.path()).status()?;
        let found = left(&root)?;
        match again.success() && found == *expected {
            true => Ok(status.code()),
            false => Err(told(&format!("then {again}, and there lies"), &found).into()),
        }
    }
}

/// Returns whether git would show a file of the staging folder. In the one instant between making its `.gitignore`
/// and writing it, it does.
fn shows_staging(root: &TempFolder) -> Result<bool, Problem> {
    let ignore = root.join(".rendered.yoshino/.gitignore");
    if std::fs::metadata(ignore).is_ok_and(|found| found.len() == 0) {
        return Ok(false);
    }
    let repository = git2::Repository::open(root.path())?;
    let mut options = git2::StatusOptions::new();
    options.include_untracked(true).recurse_untracked_dirs(true);
    let statuses = repository.statuses(Some(&mut options))?;
    Ok(statuses.iter().any(|entry| entry.path().is_ok_and(|path| path.starts_with(".rendered.yoshino"))))
}

/// Kills a run of each story at every call that can change something.
fn kill_at_every_call(stories: &[Story], never: &[&str]) -> Result<(), Problem> {
    for story in stories {
        let expected = story.expected()?;
        let mut calls = story.calls(CALLS, never)?;
        calls.retain(|(kind, _)| !never.iter().any(|never| never.starts_with(&format!("inject={kind}:"))));
        let kill = |call: &Call| Ok((call.clone(), story.run_with(call, "signal=KILL", never, &expected)?));
        let ends: Result<Vec<_>, Problem> = calls.par_iter().map(kill).collect();

        let survived: Vec<_> = ends?.into_iter().filter(|(_, end)| end.is_some()).collect();
        assert!(survived.is_empty(), "{}: {survived:?}", story.name);
        assert!(calls.iter().any(|(kind, _)| kind == "unlinkat"), "{}: {calls:?}", story.name);
    }
    Ok(())
}

#[test]
fn of_a_log_only_the_lines_that_begin_a_call_count() {
    let log = "12 openat(AT_FDCWD, \"a\", O_RDONLY|O_CLOEXEC) = 3\n\
               12 openat(AT_FDCWD, \"b\", O_WRONLY|O_CREAT|O_CLOEXEC, 0666 <unfinished ...>\n\
               13 unlinkat(4, \"c\", 0)        = 0\n\
               12 <... openat resumed>)       = -1 EEXIST (File exists)\n\
               13 ???( <unfinished ...>\n\
               12 +++ exited with 0 +++\n";

    let made = calls_in(log, Opened::New);
    let all = calls_in(log, Opened::All);

    let call = |kind: &str, number| (kind.to_owned(), number);
    assert_eq!(made, [call("openat", 2), call("unlinkat", 1)]);
    assert_eq!(all, [call("openat", 1), call("openat", 2), call("unlinkat", 1)]);
}

#[test]
fn killed_at_any_call_a_run_leaves_the_old_output_or_the_new_one() -> Result<(), Problem> {
    if !can_trace() {
        return Ok(());
    }
    kill_at_every_call(&STORIES, &[])
}

#[test]
fn killed_where_trees_cannot_be_exchanged_a_run_is_finished_by_the_next() -> Result<(), Problem> {
    if !can_trace() {
        return Ok(());
    }
    kill_at_every_call(&STORIES[1..2], &["inject=renameat2:error=EINVAL"])
}

#[test]
fn refused_any_call_a_run_says_so_and_leaves_the_old_output() -> Result<(), Problem> {
    if !can_trace() {
        return Ok(());
    }
    let faults = [
        ("openat", "ENOSPC"),
        ("openat2", "EACCES"),
        ("write", "ENOSPC"),
        ("mkdirat", "EROFS"),
        ("linkat", "EIO"),
        ("renameat2", "EACCES"),
        ("renameat", "EIO"),
        ("unlinkat", "EIO"),
        ("getdents64", "EIO"),
        ("flock", "ENOLCK"),
    ];
    // Between them, these two make every kind of call in every place.
    for story in [&STORIES[1], &STORIES[3]] {
        let expected = story.expected()?;
        for (kind, error) in faults {
            let calls = story.calls(kind, &[])?;
            let refuse =
                |call: &Call| story.run_with(call, &format!("error={error}"), &[], &expected).map(drop);
            calls.par_iter().try_for_each(refuse)?;
        }
    }
    Ok(())
}

#[test]
fn old_kernels_and_file_systems_without_links_give_the_same_output() -> Result<(), Problem> {
    if !can_trace() {
        return Ok(());
    }
    for lacks in ["inject=openat2:error=ENOSYS", "inject=renameat2:error=EINVAL", "inject=linkat:error=EPERM"]
    {
        for story in STORIES {
            let root = story.begin()?;
            let date =
                || std::fs::metadata(root.join("rendered/README.md")).and_then(|found| found.modified());
            let before = date().ok();

            let status = traced(&render(root.path()), &["-e", lacks]).status()?;

            assert!(status.success(), "{}, {lacks}", story.name);
            assert_eq!(left(&root)?, story.expected()?, "{}, {lacks}", story.name);
            assert_eq!(date().ok(), before, "{}, {lacks}", story.name);
        }
    }
    Ok(())
}

#[test]
fn permissions_do_not_depend_on_the_umask() -> Result<(), Problem> {
    use std::os::unix::fs::MetadataExt as _;

    let root = TempFolder::in_memory()?;
    write_fleet(&root, &[("web", "v1.35.1")])?;
    let plain = render(root.path());
    let mut strict = Command::new("sh");
    strict.args(["-c", "umask 077; exec \"$0\" \"$@\""]).arg(plain.get_program()).args(plain.get_args());

    assert!(strict.stdout(Stdio::null()).status()?.success());

    let mode = |path: &str| std::fs::metadata(root.join(path)).map(|found| found.mode() & 0o7777);
    let folders = ["rendered", "rendered/management", "rendered/management/clusters/blue/web"];
    for folder in folders {
        assert_eq!(mode(folder)?, 0o755, "{folder}");
    }
    assert_eq!(mode("rendered/management/root.yaml")?, 0o644);
    Ok(())
}

#[test]
fn of_runs_at_the_same_time_each_is_whole_or_told_that_another_is_at_work() -> Result<(), Problem> {
    let story = &STORIES[1];
    let expected = story.expected()?;
    for round in 0..10 {
        let root = story.begin()?;

        let runs: Vec<_> = (0..6).map(|_| render(root.path()).spawn()).collect::<Result<_, _>>()?;
        let ends: Vec<_> = runs.into_iter().map(|mut run| run.wait()).collect::<Result<_, _>>()?;

        let codes: Vec<_> = ends.iter().map(|end| end.code()).collect();
        assert!(codes.iter().all(|code| matches!(code, Some(0 | 4))), "round {round}: {codes:?}");
        assert!(codes.contains(&Some(0)), "round {round}: {codes:?}");
        assert_eq!(left(&root)?, expected, "round {round}");
    }
    Ok(())
}

/// A mounted file system, gone when the test is over.
struct Mount(std::path::PathBuf);

impl Mount {
    /// Mounts with these arguments, if this user may; says so if not.
    fn new(arguments: &[&str], path: std::path::PathBuf) -> std::io::Result<Option<Self>> {
        std::fs::create_dir_all(&path)?;
        let mounted = Command::new("mount").args(arguments).arg(&path).stderr(Stdio::null()).status();
        if mounted.is_ok_and(|status| status.success()) {
            return Ok(Some(Self(path)));
        }
        eprintln!("not run: this user may not mount {}", arguments.join(" "));
        Ok(None)
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn an_output_in_a_lower_layer_of_overlayfs_is_replaced_too() -> Result<(), Problem> {
    for kill in [None, Some("inject=unlinkat:signal=KILL:when=1"), Some("inject=renameat:signal=KILL:when=2")]
    {
        if kill.is_some() && !can_trace() {
            return Ok(());
        }
        let story = &STORIES[1];
        let lower = story.begin()?;
        let layers = TempFolder::in_memory()?;
        std::fs::create_dir_all(layers.join("work"))?;
        std::fs::create_dir_all(layers.join("upper"))?;
        let options = format!(
            "lowerdir={},upperdir={},workdir={}",
            lower.path().display(),
            layers.join("upper").display(),
            layers.join("work").display()
        );
        let merged = layers.join("merged");
        let Some(_mount) = Mount::new(&["-t", "overlay", "overlay", "-o", &options], merged.clone())? else {
            return Ok(());
        };

        if let Some(kill) = kill {
            traced(&render(&merged), &["-e", kill]).status()?;
        }
        let status = render(&merged).status()?;

        assert!(status.success(), "{kill:?}");
        assert_eq!(output(snapshot(&merged)?), output(story.expected()?), "{kill:?}");
        assert!(!merged.join(".rendered.yoshino").exists(), "{kill:?}");
    }
    Ok(())
}

#[test]
fn an_output_that_is_a_mount_point_and_a_mount_within_are_refused() -> Result<(), Problem> {
    for place in ["rendered", "rendered/management/clusters"] {
        let story = &STORIES[1];
        let root = story.begin()?;
        let Some(_mount) = Mount::new(&["-t", "tmpfs", "tmpfs"], root.join(place))? else { return Ok(()) };
        root.write(&format!("{place}/mine"), "mine")?;
        let before = left(&root)?;

        let status = render(root.path()).status()?;

        assert_eq!(status.code(), Some(4), "{place}");
        assert_eq!(left(&root)?, before, "{place}");
    }
    Ok(())
}

#[test]
fn a_disk_that_is_full_leaves_the_old_output() -> Result<(), Problem> {
    let folder = TempFolder::in_memory()?;
    let Some(_mount) = Mount::new(&["-t", "tmpfs", "-o", "size=256k", "tmpfs"], folder.join("disk"))? else {
        return Ok(());
    };
    let root = folder.join("disk");
    for (path, text) in FLEET {
        folder.write(&format!("disk/{path}"), text)?;
    }
    let cluster = |name: &str| {
        let head = "apiVersion: yoshino.dev/v1alpha1\nkind: Cluster\n";
        format!(
            "{head}metadata: {{name: {name}}}\nspec: {{project: blue, provider: mine, kubernetes: v1.35.1}}\n"
        )
    };
    folder.write("disk/clusters/web.yaml", &cluster("web"))?;
    assert!(render(&root).status()?.success());
    let before = output(snapshot(&root)?);
    let names: Vec<String> = (0..20).map(|number| format!("more-{number}")).collect();
    folder.write(
        "disk/clusters/more.yaml",
        &names.iter().map(|name| cluster(name)).collect::<Vec<_>>().join("---\n"),
    )?;

    let status = render(&root).status()?;

    assert_eq!(status.code(), Some(4));
    assert_eq!(output(snapshot(&root)?), before);
    assert!(!root.join(".rendered.yoshino").exists());
    Ok(())
}
