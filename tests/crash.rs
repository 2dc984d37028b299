//! Runs that are killed, or refused by the operating system, at every call that changes something.
//!
//! `strace` lets the n-th such call of a run be its last, or fail; n goes over all of them. Whatever happens, the
//! output must be the old one or the new one, and the next run must do its work without help and leave nothing else.
#![expect(clippy::disallowed_methods, reason = "tests make files and start processes")]

#[path = "../src/tree/temp.rs"]
mod temp;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use rayon::prelude::*;
use yoshino::error::Failure;
use yoshino::tree::{Keep, Output, OutputPath, RepoPath};

use temp::{TempFolder, TestResult, snapshot};

/// The calls that can change something, whether or not they do.
const CALLS: &str = "openat,openat2,open,creat,write,pwrite64,mkdir,mkdirat,link,linkat,symlink,symlinkat,rename,\
                     renameat,renameat2,unlink,unlinkat,rmdir,chmod,fchmod,fchmodat,chown,fchown,ftruncate,utimensat";

/// A call of a run: its kind, and its number among those. `strace` counts each kind by itself, in each thread.
type Call = (String, usize);

/// What threads can hand to each other.
type Problem = Box<dyn std::error::Error + Send + Sync>;

/// A change of the output: what is rendered before and after, a file's path and text each.
struct Story {
    name: &'static str,
    before: &'static [(&'static str, &'static str)],
    after: &'static [(&'static str, &'static str)],
    /// Files that others put into the output.
    foreign: &'static [(&'static str, &'static str)],
    /// How another run was killed that was to make the same change.
    killed: Option<&'static str>,
}

const STORIES: [Story; 6] = [
    Story {
        name: "a first render",
        before: &[],
        after: &[("m/a", "1"), ("m/b/c", "2"), ("n/d", "3")],
        foreign: &[],
        killed: None,
    },
    Story {
        name: "changes everywhere",
        before: &[("m/a", "1"), ("m/b/c", "2"), ("n/d", "3"), ("n/gone/e", "4")],
        after: &[("m/a", "changed"), ("m/b/c", "2"), ("n/d", "3"), ("n/new/f", "5")],
        foreign: &[("README.md", "mine"), ("n/gone/mine", "mine")],
        killed: None,
    },
    Story {
        name: "a change in one folder",
        before: &[("m/a", "1"), ("m/b/c", "2"), ("m/b/d", "3"), ("n/d", "3")],
        after: &[("m/a", "1"), ("m/b/c", "changed"), ("m/b/d", "3"), ("n/d", "3")],
        foreign: &[("m/b/mine", "mine")],
        killed: None,
    },
    Story {
        name: "a folder that is new",
        before: &[("m/a", "1")],
        after: &[("m/a", "1"), ("m/b/c", "2"), ("m/b/d/e", "3")],
        foreign: &[],
        killed: None,
    },
    Story {
        name: "a change after one that was killed before it",
        before: &[("m/a", "1"), ("n/d", "3")],
        after: &[("m/a", "changed"), ("n/d/e", "4")],
        foreign: &[("README.md", "mine")],
        killed: Some("inject=linkat:signal=KILL:when=1"),
    },
    Story {
        name: "no change after one that was killed behind it",
        before: &[("m/a", "1"), ("n/d", "3")],
        after: &[("m/a", "changed"), ("n/d/e", "4")],
        foreign: &[("README.md", "mine")],
        killed: Some("inject=unlinkat:signal=KILL:when=2"),
    },
];

/// Returns the command that renders these files into `rendered` beneath `root`.
fn render(root: &Path, files: &[(&str, &str)]) -> std::io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--exact", "a_run_in_a_process_of_its_own", "--ignored", "--test-threads=1", "--quiet"]);
    let files: Vec<String> = files.iter().map(|(path, text)| format!("{path}={text}")).collect();
    command.env("CRASH_ROOT", root).env("CRASH_FILES", files.join(" "));
    // Without it the loader makes dozens of calls more.
    command.env_remove("LD_LIBRARY_PATH").stdout(Stdio::null()).stderr(Stdio::null());
    Ok(command)
}

/// What [`render`] starts. Exits as the binary does: 0, 2 or 4.
#[test]
#[ignore = "the other tests start it"]
fn a_run_in_a_process_of_its_own() -> TestResult {
    let root = std::path::PathBuf::from(std::env::var("CRASH_ROOT")?);
    let files = std::env::var("CRASH_FILES")?;
    // One thread makes every call, so that the n-th call is the same in every run.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build()?;
    let rendered = pool.install(|| -> Result<(), Failure> {
        let output = Output::open(&OutputPath::given(&root.join("fleet"), &root.join("rendered"))?)?;
        for (path, text) in files.split(' ').filter_map(|file| file.split_once('=')) {
            let path = RepoPath::new(path).expect("because the tests' paths are confined");
            output.compare(&path, generated(text).as_bytes())?;
        }
        output.finish(Keep::Rendered).map(drop)
    });
    std::process::exit(match rendered {
        Ok(()) => 0,
        Err(Failure::Report(_)) => 2,
        Err(Failure::Error(_)) => 4,
    })
}

fn generated(text: &str) -> String {
    format!("# yoshino: generated from clusters/a.yaml\n{text}\n")
}

impl Story {
    /// Makes a fleet whose output is as it was before.
    fn begin(&self) -> Result<TempFolder, Problem> {
        let root = TempFolder::with(&[("fleet/fleet.yaml", "")])?;
        if !self.before.is_empty() && !render(root.path(), self.before)?.status()?.success() {
            return Err("the first run did not succeed".into());
        }
        for (path, text) in self.foreign {
            root.write(&format!("rendered/{path}"), text)?;
        }
        if let Some(killed) = self.killed {
            traced(&render(root.path(), self.after)?, &["-e", killed]).status()?;
            if !root.join(".rendered.yoshino").is_dir() {
                return Err("the run that was to be killed left nothing".into());
            }
        }
        Ok(root)
    }

    /// Returns what lies in the fleet's folder when the output is this.
    fn expected(&self, rendered: &[(&str, &str)]) -> BTreeMap<String, String> {
        let generated = rendered.iter().map(|(path, text)| (format!("rendered/{path}"), generated(text)));
        let foreign =
            self.foreign.iter().map(|(path, text)| (format!("rendered/{path}"), (*text).to_owned()));
        generated.chain(foreign).chain([("fleet/fleet.yaml".to_owned(), String::new())]).collect()
    }

    /// Runs under `strace` with one call killed or refused, beside others that never work, and checks what is left.
    /// Returns the exit code, if the run came to its end.
    fn run_with(&self, (kind, number): &Call, fault: &str, never: &[&str]) -> Result<Option<i32>, Problem> {
        let root = self.begin()?;
        let output = |files: BTreeMap<String, String>| -> BTreeMap<String, String> {
            files.into_iter().filter(|(path, _)| path.starts_with("rendered/")).collect()
        };
        let old = output(snapshot(root.path())?);
        let fault = format!("inject={kind}:{fault}:when={number}");
        let mut arguments = vec!["-e", fault.as_str()];
        arguments.extend(never.iter().flat_map(|never| ["-e", never]));
        let status = traced(&render(root.path(), self.after)?, &arguments).status()?;

        let left = output(snapshot(root.path())?);
        let new = output(self.expected(self.after));
        let is_right = match status.code() {
            Some(0) => left == new,
            // Refused by the operating system; 127 is the loader's, and 101 the test harness's, which prints.
            Some(4 | 127) => left == old,
            Some(101) => left == old && kind == "write",
            Some(_) => false,
            None => left == old || left == new || !never.is_empty(),
        };
        if !is_right {
            return Err(format!("{}, {fault}: {status}, and in the output lies {left:#?}", self.name).into());
        }
        let again = render(root.path(), self.after)?.status()?;
        let after = snapshot(root.path())?;
        if !again.success() || after != self.expected(self.after) {
            return Err(
                format!("{}, {fault}, the next run: {again}, and there lies {after:#?}", self.name).into()
            );
        }
        Ok(status.code())
    }

    /// Returns every call of one of these kinds that a run makes, while others never work.
    fn calls(&self, kinds: &str, never: &[&str]) -> Result<Vec<Call>, Problem> {
        let root = self.begin()?;
        let log = TempFolder::new()?;
        let path = log.join("log").display().to_string();
        let trace = format!("trace={kinds}");
        let mut arguments = vec!["-o", path.as_str(), "-e", trace.as_str()];
        arguments.extend(never.iter().flat_map(|never| ["-e", never]));
        traced(&render(root.path(), self.after)?, &arguments).status()?;
        let log = std::fs::read_to_string(path)?;
        let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        let mut calls = std::collections::BTreeSet::new();
        for line in log.lines() {
            let Some((thread, call)) = line.split_once('(').and_then(|(start, _)| start.split_once(' '))
            else {
                continue;
            };
            let count = counts.entry((thread, call.trim())).or_default();
            *count += 1;
            calls.insert((call.trim().to_owned(), *count));
        }
        Ok(calls.into_iter().collect())
    }
}

/// Returns the command, run under `strace` with these arguments.
fn traced(command: &Command, arguments: &[&str]) -> Command {
    let mut traced = Command::new("strace");
    traced.args(["-f", "-qq", "--seccomp-bpf", "--signal=none"]).args(arguments);
    traced.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => traced.env(name, value),
            None => traced.env_remove(name),
        };
    }
    traced.stdout(Stdio::null()).stderr(Stdio::null());
    traced
}

/// Returns whether faults can be made here; says so if not.
fn can_trace() -> bool {
    let tried =
        Command::new("strace").args(["-f", "true"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    match tried {
        Ok(status) if status.success() => true,
        Ok(_) => {
            eprintln!("not run: strace may not trace on this machine");
            false
        }
        Err(_) => {
            eprintln!("not run: strace is not on this machine");
            false
        }
    }
}

/// Kills a run of every story at every call that can change something.
fn kill_at_every_call(never: &[&str]) -> Result<(), Problem> {
    for story in STORIES {
        let mut calls = story.calls(CALLS, never)?;
        calls.retain(|(kind, _)| !never.iter().any(|never| never.starts_with(&format!("inject={kind}:"))));
        let kill = |call: &Call| story.run_with(call, "signal=KILL", never).map(|end| (call.clone(), end));
        let ends: Result<Vec<_>, _> = calls.par_iter().map(kill).collect();

        let ends = ends?;
        let survived: Vec<_> = ends.iter().filter(|(_, end)| end.is_some()).collect();
        assert!(survived.is_empty(), "{}: {survived:?}", story.name);
        assert!(calls.iter().any(|(kind, _)| kind == "unlinkat"), "{}: {calls:?}", story.name);
    }
    Ok(())
}

#[test]
fn killed_at_any_call_a_run_leaves_the_old_output_or_the_new_one() -> Result<(), Problem> {
    if !can_trace() {
        return Ok(());
    }
    kill_at_every_call(&[])
}

#[test]
fn killed_where_trees_cannot_be_exchanged_a_run_is_finished_by_the_next() -> Result<(), Problem> {
    if !can_trace() {
        return Ok(());
    }
    kill_at_every_call(&["inject=renameat2:error=EINVAL"])
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
    for story in STORIES {
        for (kind, error) in faults {
            let calls = story.calls(kind, &[])?;
            let refuse = |call: &Call| story.run_with(call, &format!("error={error}"), &[]).map(drop);
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
                |path: &str| std::fs::metadata(root.join(path)).and_then(|found| found.modified()).ok();
            let before = date("rendered/n/gone/mine");

            let status = traced(&render(root.path(), story.after)?, &["-e", lacks]).status()?;

            assert!(status.success(), "{}, {lacks}", story.name);
            assert_eq!(snapshot(root.path())?, story.expected(story.after), "{}, {lacks}", story.name);
            assert_eq!(date("rendered/n/gone/mine"), before, "{}, {lacks}", story.name);
        }
    }
    Ok(())
}

#[test]
fn permissions_do_not_depend_on_the_umask() -> Result<(), Problem> {
    use std::os::unix::fs::MetadataExt as _;

    let root = TempFolder::with(&[("fleet/fleet.yaml", "")])?;
    let plain = render(root.path(), &[("m/a", "1")])?;
    let mut strict = Command::new("sh");
    strict.args(["-c", "umask 077; exec \"$0\" \"$@\""]).arg(plain.get_program()).args(plain.get_args());
    strict.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?)))).stdout(Stdio::null());

    assert!(strict.status()?.success());

    let mode = |path: &str| std::fs::metadata(root.join(path)).map(|found| found.mode() & 0o7777);
    assert_eq!([mode("rendered")?, mode("rendered/m")?, mode("rendered/m/a")?], [0o755, 0o755, 0o644]);
    Ok(())
}
