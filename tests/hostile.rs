//! Repositories that were made to do harm: whatever they name, nothing of it is ever run, and no name of theirs reaches a
//! terminal or a ref as it is.
#![allow(clippy::disallowed_methods, reason = "tests make files and start processes")]

mod faults;
mod publishing_fleet;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use faults::{call_in, can_trace, traced};
use publishing_fleet::temp::TempFolder;
use publishing_fleet::{Fleet, Problem, Ran, TestResult};

/// Settings by which git runs a program: `%` is one.
const SETTINGS: &str = r#"
[core]
	fsmonitor = %
	hooksPath = .git/evil-hooks
	sshCommand = %
	gitProxy = %
	askPass = %
	editor = %
	pager = %
	alternateRefsCommand = %
	attributesFile = .git/evil-attributes
	autocrlf = true
	quotePath = false
[pager]
	log = %
	diff = %
[diff]
	external = %
[diff "evil"]
	textconv = %
	command = %
[filter "evil"]
	clean = %
	smudge = %
	process = %
	required = true
[merge]
	renormalize = true
[merge "evil"]
	driver = % %O %A %B
[alias]
	push = !%
	config = !%
	status = !%
	log = !%
[credential]
	helper = !%
[credential "https://git.example.com"]
	helper = %
[gpg]
	program = %
[gpg "ssh"]
	program = %
	defaultKeyCommand = %
	allowedSignersFile = /dev/null
[uploadpack]
	packObjectsHook = %
[sequence]
	editor = %
[trailer "pick"]
	command = %
[interactive]
	diffFilter = %
[submodule "evil"]
	url = ext::%
	update = !%
[remote "origin"]
	url = ext::%
	fetch = +refs/heads/*:refs/remotes/origin/*
	uploadpack = %
	receivepack = %
	vcs = evil
[url "ext::%"]
	insteadOf = https://
[protocol "ext"]
	allow = always
[web]
	browser = evil
[browser "evil"]
	cmd = %
"#;

const HOOKS: [&str; 12] = [
    "pre-commit",
    "commit-msg",
    "prepare-commit-msg",
    "post-commit",
    "pre-push",
    "reference-transaction",
    "post-checkout",
    "post-index-change",
    "post-rewrite",
    "pre-rebase",
    "pre-auto-gc",
    "update",
];

const ATTRIBUTES: &str =
    "* filter=evil diff=evil merge=evil text eol=crlf ident working-tree-encoding=UTF-16\n";

const PICKS: &str = "apiVersion: yoshino.dev/v1alpha1\nkind: PickPolicy\nspec:\n  source: {branch: main}\n  targets:\n    branch: \
                     release/{minor}\n    minors: \">=1.34\"\n  select: [{id: addons, when: {paths: {any: [\"addons/**\"]}}, to: all}]\n";

/// A fleet whose repository names a program wherever git would run one, and folders full of programs before git's own.
struct Trap {
    fleet: Fleet,
    programs: TempFolder,
}

impl Trap {
    fn new(output: &str) -> Result<Self, Problem> {
        let fleet = Fleet::new(output)?;
        let text = std::fs::read_to_string(fleet.path().join("fleet.yaml"))?;
        fleet.folder.write("fleet.yaml", &text.replace("[\"1.35\"]", "[\"1.34\", \"1.35\"]"))?;
        fleet.folder.write("picks.yaml", PICKS)?;
        fleet.folder.write(".gitattributes", "* filter=evil diff=evil merge=evil text\n")?;
        fleet.folder.write(".gitmodules", "[submodule \"evil\"]\n\tpath = evil\n\turl = ext::evil\n")?;
        fleet.commit("two minors")?;
        for minor in ["1.34", "1.35"] {
            let ran = fleet.run(&["branch", "cut", minor])?;
            assert_eq!(ran.exit, Some(0), "{ran:?}");
        }
        let addon = std::fs::read_to_string(fleet.path().join("addons/dns/addon.yaml"))?;
        fleet.folder.write("addons/dns/addon.yaml", &addon.replace("1.0.0", "1.0.1"))?;
        fleet.commit("dns: 1.0.1 \u{1b}[31mred\u{202e}der")?;
        fleet.run(&["render"])?;

        let trap = Self { fleet, programs: TempFolder::in_memory()? };
        let evil = trap.program("evil")?;
        for name in
            ["git", "sh", "bash", "ssh", "gpg", "gpgsm", "ssh-keygen", "kubectl", "helm", "env", "less"]
        {
            trap.program(name)?;
        }
        let git = trap.fleet.path().join(".git");
        for folder in ["hooks", "evil-hooks"] {
            std::fs::create_dir_all(git.join(folder))?;
            for hook in HOOKS {
                std::fs::copy(&evil, git.join(folder).join(hook))?;
            }
        }
        std::fs::create_dir_all(git.join("info"))?;
        std::fs::write(git.join("info/attributes"), ATTRIBUTES)?;
        std::fs::write(git.join("evil-attributes"), ATTRIBUTES)?;
        let config = std::fs::read_to_string(git.join("config"))?;
        let settings = SETTINGS.replace('%', &evil.display().to_string());
        std::fs::write(git.join("evil-config"), settings)?;
        std::fs::write(git.join("config"), format!("{config}[include]\n\tpath = evil-config\n"))?;
        Ok(trap)
    }

    /// Writes a program that leaves a trace.
    fn program(&self, name: &str) -> Result<PathBuf, Problem> {
        let path = self.programs.join(name);
        // Nothing is looked up in PATH, which holds these programs alone.
        std::fs::write(
            &path,
            format!("#!/bin/sh\n/bin/echo {name} >>'{}'\nexit 0\n", self.trace().display()),
        )?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
        Ok(path)
    }

    fn trace(&self) -> PathBuf {
        self.programs.join("trace")
    }

    /// Returns the programs that were run.
    fn ran(&self) -> String {
        std::fs::read_to_string(self.trace()).unwrap_or_default()
    }

    fn run(&self, arguments: &[&str]) -> Result<Ran, Problem> {
        let mut command = self.fleet.command(arguments);
        command
            .env("PATH", self.programs.path())
            .env("EDITOR", "evil")
            .env("PAGER", "evil")
            .env("GIT_SSH", "evil");
        Ok(command.output()?.into())
    }
}

/// Everything that a pull request's or a trunk's pipeline runs, and how it ends. What writes comes last.
const COMMANDS: &[(&[&str], i32)] = &[
    (&["render"], 0),
    (&["render", "--check"], 0),
    (&["render", "--check", "--rev", "main"], 0),
    (&["check"], 0),
    (&["check", "--rev", "main"], 0),
    (&["test"], 0),
    (&["diff", "main~", "main"], 0),
    (&["diff", "main~"], 0),
    (&["list", "clusters"], 0),
    (&["list", "releases"], 0),
    (&["list", "pins"], 0),
    (&["preview"], 0),
    (&["explain", "web"], 0),
    (&["pick", "plan"], 0),
    (&["pick", "status"], 0),
    (&["release", "plan"], 0),
    (&["release", "verify"], 0),
    (&["publish", "--dry-run"], 0),
    (&["publish"], 0),
    (&["pick", "apply", "--dry-run"], 0),
    (&["pick", "apply"], 0),
    (&["pick", "apply", "--onto", "direct"], 0),
    (&["pick", "verify", "release/1.35~..release/1.35"], 0),
    (&["release", "cut"], 0),
    (&["branch", "cut", "1.35"], 2),
];

#[test]
fn nothing_that_a_repository_names_is_run() -> TestResult {
    let trap = Trap::new("{branch: rendered}")?;

    for (arguments, exit) in COMMANDS {
        let ran = trap.run(arguments)?;
        assert_eq!(ran.exit, Some(*exit), "{arguments:?}: {ran:#?}");
        assert_eq!(trap.ran(), "", "{arguments:?}");
    }
    Ok(())
}

#[test]
fn hooks_are_put_in_and_taken_out_without_running_one() -> TestResult {
    let trap = Trap::new("{branch: rendered}")?;

    for arguments in [["hooks", "install"], ["hooks", "uninstall"]] {
        let ran = trap.run(&arguments)?;
        assert!(matches!(ran.exit, Some(0 | 2)), "{arguments:?}: {ran:#?}");
        assert_eq!(trap.ran(), "", "{arguments:?}");
    }
    Ok(())
}

#[test]
fn nothing_but_the_binary_is_executed_and_no_socket_is_opened() -> TestResult {
    if !can_trace() {
        return Ok(());
    }
    let trap = Trap::new("{branch: rendered}")?;
    let log = trap.programs.join("log");
    for (arguments, _) in COMMANDS {
        let log_path = log.to_str().ok_or("UTF-8")?;
        let kinds = "trace=execve,execveat,socket,fork,vfork";
        traced(&trap.fleet.command(arguments), &["-e", kinds, "-o", log_path]).status()?;
        let text = std::fs::read_to_string(&log)?;
        let calls: Vec<&str> = text.lines().filter(|line| call_in(line).is_some()).collect();
        assert_eq!(calls.len(), 1, "{arguments:?}: {calls:#?}");
    }
    Ok(())
}

#[test]
fn a_push_is_refused_before_anything_is_asked_of_the_remote() -> TestResult {
    let trap = Trap::new("{branch: rendered}")?;
    let mut command = trap.fleet.command(&["publish", "--push"]);
    command.env("EDITOR", "evil");

    let ran: Ran = command.output()?.into();

    assert_eq!(ran.exit, Some(4), "{ran:#?}");
    assert!(
        ran.stderr.contains("cannot push to `origin`: the repository's own configuration sets `"),
        "{}",
        ran.stderr
    );
    assert_eq!(trap.ran(), "");
    assert!(trap.fleet.id("rendered").is_err());
    Ok(())
}

#[test]
fn a_signature_is_not_made_by_a_program_of_the_repositorys() -> TestResult {
    let trap = Trap::new("{branch: rendered}")?;
    let config = trap.fleet.path().join(".git/config");
    let text = std::fs::read_to_string(&config)?;
    std::fs::write(&config, format!("{text}[commit]\n\tgpgSign = true\n[user]\n\tsigningKey = x\n"))?;

    let publish = trap.run(&["publish"])?;
    let cut = trap.run(&["release", "cut", "--sign"])?;

    for ran in [publish, cut] {
        assert_eq!(ran.exit, Some(4), "{ran:#?}");
        assert!(
            ran.stderr.contains("cannot take `gpg.program` from the repository's own configuration"),
            "{ran:#?}"
        );
    }
    assert_eq!(trap.ran(), "");
    Ok(())
}

#[test]
fn names_that_a_shell_would_run_are_refused_for_what_is_written() -> TestResult {
    let outputs = ["a$(id)", "a`id`", "a;id", "a|id", "../x", "a\u{202e}b", "-x", "a.lock"];
    for name in outputs {
        let fleet = Fleet::new(&format!("{{branch: {name:?}}}"))?;
        let ran = fleet.run(&["publish"])?;
        assert_eq!(ran.exit, Some(2), "{name}: {ran:#?}");
        assert!(!ran.stderr.contains('\u{202e}'), "{name}: {ran:#?}");
        assert_eq!(fleet.git(&["for-each-ref", "--format=%(refname)"])?, "refs/heads/main\n", "{name}");
    }
    for pattern in ["r$(id)/{minor}", "r;id/{minor}", "r\u{202e}/{minor}"] {
        let fleet = Fleet::new("{branch: rendered}")?;
        let text = std::fs::read_to_string(fleet.path().join("fleet.yaml"))?;
        fleet.folder.write("fleet.yaml", &format!("{text}  branch: {pattern:?}\n"))?;
        fleet.commit("another pattern")?;
        let ran = fleet.run(&["branch", "cut", "1.35"])?;
        assert_eq!(ran.exit, Some(2), "{pattern}: {ran:#?}");
        assert!(!ran.stderr.contains('\u{202e}'), "{pattern}: {ran:#?}");
        assert_eq!(fleet.git(&["for-each-ref", "--format=%(refname)"])?, "refs/heads/main\n", "{pattern}");
    }
    Ok(())
}

#[test]
fn names_and_subjects_of_others_are_shown_without_what_turns_a_terminal_around() -> TestResult {
    let trap = Trap::new("{branch: rendered}")?;
    let head = trap.fleet.path().join(".git/refs");
    let id = std::fs::read_to_string(head.join("heads/main"))?;
    for name in [
        "heads/a$(id)",
        "heads/release/1.34\u{202e}",
        "tags/v1.35-ake.261121\u{202e}",
        "tags/v1.35-ake.$(id)",
    ] {
        std::fs::write(head.join(name), &id)?;
    }

    let commands: [&[&str]; 8] = [
        &["pick", "plan"],
        &["pick", "status"],
        &["list", "releases"],
        &["list", "pins"],
        &["release", "plan"],
        &["release", "verify"],
        &["diff", "main\u{202e}"],
        &["publish", "--rev", "\u{1b}[31mx"],
    ];
    for arguments in commands {
        let ran = trap.run(arguments)?;
        for text in [&ran.stdout, &ran.stderr] {
            assert!(!text.contains('\u{202e}') && !text.contains('\u{1b}'), "{arguments:?}: {text}");
        }
        assert_ne!(ran.exit, None);
    }
    assert_eq!(trap.ran(), "");
    Ok(())
}

#[test]
fn a_folder_of_ours_that_is_a_link_leads_nowhere() -> TestResult {
    let fleet = Fleet::new("{branch: rendered}")?;
    let outside = TempFolder::in_memory()?;
    outside.write("mine", "mine")?;
    std::os::unix::fs::symlink(outside.path(), fleet.path().join(".git/yoshino"))?;

    let link = fleet.run(&["publish"])?;
    std::fs::remove_file(fleet.path().join(".git/yoshino"))?;
    std::os::unix::fs::symlink(outside.path(), fleet.path().join(".git/refs/heads/deep"))?;
    let text = std::fs::read_to_string(fleet.path().join("fleet.yaml"))?;
    fleet.folder.write("fleet.yaml", &text.replace("{branch: rendered}", "{branch: deep/rendered}"))?;
    fleet.commit("deep")?;
    let reference = fleet.run(&["publish"])?;

    assert_eq!((link.exit, reference.exit), (Some(4), Some(4)), "{link:?} {reference:?}");
    let left: Vec<_> = std::fs::read_dir(outside.path())?.collect::<Result<_, _>>()?;
    assert_eq!(left.iter().map(|entry| entry.file_name()).collect::<Vec<_>>(), ["mine"]);
    assert!(Path::new(&outside.join("mine")).is_file());
    Ok(())
}
