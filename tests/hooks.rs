//! Hooks as git runs them: what they refuse, and that whatever was there before goes on working.
#![expect(clippy::disallowed_methods, reason = "tests make files and run git")]

mod git;
#[path = "../src/tree/temp.rs"]
mod temp;

use std::error::Error;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Output;

use git::{git, isolated, said, try_git};
use temp::{TempFolder, TestResult, snapshot};

const YOSHINO: &str = env!("CARGO_BIN_EXE_yoshino");

/// Makes a repository whose first commit is a starter fleet with its output, in the folder `within` of the work tree.
fn fleet(within: &str) -> Result<TempFolder, Box<dyn Error>> {
    let folder = TempFolder::new()?;
    git(folder.path(), &["init", "--quiet", "--initial-branch", "main"])?;
    std::fs::create_dir_all(folder.join(within))?;
    for arguments in [["init", within].as_slice(), &["-C", within, "render"]] {
        let output = yoshino(folder.path(), arguments)?;
        assert!(output.status.success(), "{}", said(&output));
    }
    git(folder.path(), &["add", "--all"])?;
    git(folder.path(), &["commit", "--quiet", "--message", "starter"])?;
    Ok(folder)
}

fn yoshino(folder: &Path, arguments: &[&str]) -> std::io::Result<Output> {
    isolated(YOSHINO, folder).args(arguments).output()
}

/// Runs yoshino, which must succeed, and returns all it said.
fn done(folder: &Path, arguments: &[&str]) -> Result<String, Box<dyn Error>> {
    let output = yoshino(folder, arguments)?;
    match output.status.success() {
        true => Ok(said(&output)),
        false => Err(format!("{arguments:?}: {}", said(&output)).into()),
    }
}

/// Runs yoshino, which must find something wrong, and returns all it said.
fn refused(folder: &Path, arguments: &[&str]) -> Result<String, Box<dyn Error>> {
    let output = yoshino(folder, arguments)?;
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    Ok(said(&output))
}

/// Commits with these arguments; returns why a hook refused.
fn commit(folder: &Path, arguments: &[&str]) -> Result<Option<String>, Box<dyn Error>> {
    let output = try_git(folder, &[&["commit", "--quiet", "--message", "a commit"], arguments].concat())?;
    Ok((!output.status.success()).then(|| said(&output)))
}

/// Writes a program.
fn program(folder: &TempFolder, path: &str, text: &str) -> std::io::Result<()> {
    folder.write(path, text)?;
    std::fs::set_permissions(folder.join(path), std::fs::Permissions::from_mode(0o755))
}

/// Copies yoshino. By another process: what this one has open for writing, a process that another test is about to start
/// has open, too, and the copy could not be run.
fn copy_program(to: &Path) -> TestResult {
    let copied = std::process::Command::new("cp").arg(YOSHINO).arg(to).status()?;
    assert!(copied.success());
    Ok(())
}

/// Makes an empty repository, and the remote `origin` of it.
fn add_remote(folder: &TempFolder) -> TestResult {
    git(folder.path(), &["init", "--quiet", "--bare", ".git/remote"])?;
    git(folder.path(), &["remote", "add", "origin", ".git/remote"])?;
    Ok(())
}

/// Gives the starter's cluster another version.
fn upgrade(folder: &TempFolder, within: &str) -> TestResult {
    let path = folder.join(within).join("clusters/platform/first.yaml");
    let text = std::fs::read_to_string(&path)?;
    std::fs::write(&path, text.replace("v1.36.1", "v1.36.2"))?;
    Ok(())
}

#[test]
fn a_commit_is_refused_until_its_output_is_staged_too() -> TestResult {
    for within in [".", "deploy/it's $(a) fleet"] {
        let folder = fleet(within)?;
        done(folder.path(), &["-C", within, "hooks", "install"])?;
        upgrade(&folder, within)?;

        let why = commit(folder.path(), &["--all"])?.ok_or("a stale output was committed")?;
        assert!(why.contains("renders to something else"), "{why}");
        assert!(why.contains("rendered/management/clusters/platform/first/cluster.yaml"), "{why}");
        done(folder.path(), &["-C", within, "render"])?;
        git(folder.path(), &["add", &format!("{within}/clusters/platform/first.yaml")])?;
        assert!(commit(folder.path(), &[])?.is_some(), "the output is not staged");
        // Git makes such a commit from an index beside its own.
        assert_eq!(commit(folder.path(), &["--all"])?, None);
    }
    Ok(())
}

#[test]
fn a_merge_that_is_clean_and_wrong_is_refused() -> TestResult {
    let folder = fleet(".")?;
    done(folder.path(), &["hooks", "install"])?;
    git(folder.path(), &["switch", "--quiet", "--create", "second"])?;
    let first = std::fs::read_to_string(folder.join("clusters/platform/first.yaml"))?;
    folder.write("clusters/platform/second.yaml", &first.replace("name: first", "name: second"))?;
    done(folder.path(), &["render"])?;
    git(folder.path(), &["add", "--all"])?;
    assert_eq!(commit(folder.path(), &[])?, None);
    git(folder.path(), &["switch", "--quiet", "main"])?;
    // What is on every cluster, and so on the one that this branch does not know of.
    let addon = std::fs::read_to_string(folder.join("addons/metrics-server/addon.yaml"))?;
    let addon = addon.replace("namespace: kube-system", "namespace: metrics");
    folder.write("addons/metrics-server/addon.yaml", &addon)?;
    done(folder.path(), &["render"])?;
    git(folder.path(), &["add", "--all"])?;
    assert_eq!(commit(folder.path(), &[])?, None);

    let merged = try_git(folder.path(), &["merge", "--quiet", "--no-edit", "second"])?;

    assert!(!merged.status.success());
    assert!(said(&merged).contains("renders to something else"), "{}", said(&merged));
    done(folder.path(), &["render"])?;
    git(folder.path(), &["add", "--all"])?;
    assert_eq!(commit(folder.path(), &[])?, None);
    Ok(())
}

#[test]
fn a_commit_of_some_paths_is_judged_by_those_alone() -> TestResult {
    let folder = fleet(".")?;
    done(folder.path(), &["hooks", "install"])?;
    upgrade(&folder, ".")?;
    folder.write("clusters/broken.yaml", "nonsense")?;
    folder.write("README.md", "read me")?;
    git(folder.path(), &["add", "--all"])?;

    assert_eq!(commit(folder.path(), &["--", "README.md"])?, None);
    let why = commit(folder.path(), &["--", "clusters/broken.yaml"])?.ok_or("a wrong spec was committed")?;
    assert!(why.contains("clusters/broken.yaml:1"), "{why}");
    assert_eq!(commit(folder.path(), &["--no-verify"])?, None);
    Ok(())
}

#[test]
fn branches_without_a_fleet_and_linked_work_trees_are_no_exception() -> TestResult {
    let folder = fleet("deploy")?;
    git(folder.path(), &["worktree", "add", "--quiet", "-b", "other", "linked"])?;
    let linked = folder.join("linked");
    // From the linked one; both have the same hooks.
    done(&linked, &["-C", "deploy", "hooks", "install"])?;
    assert!(folder.join(".git/hooks/pre-commit").is_file());

    std::fs::write(linked.join("deploy/clusters/platform/first.yaml"), "nonsense")?;
    let why = commit(&linked, &["--all"])?.ok_or("a wrong spec was committed")?;
    assert!(why.contains("clusters/platform/first.yaml:1"), "{why}");
    assert_eq!(commit(folder.path(), &["--allow-empty"])?, None);
    git(folder.path(), &["switch", "--quiet", "--orphan", "empty"])?;
    folder.write("x", "x")?;
    git(folder.path(), &["add", "x"])?;
    assert_eq!(commit(folder.path(), &[])?, None);
    Ok(())
}

#[test]
fn several_fleets_of_a_repository_share_its_hooks() -> TestResult {
    let folder = fleet("one")?;
    done(folder.path(), &["init", "two"])?;
    done(folder.path(), &["-C", "two", "render"])?;
    git(folder.path(), &["add", "--all"])?;
    git(folder.path(), &["commit", "--quiet", "--message", "another"])?;
    done(folder.path(), &["-C", "one", "hooks", "install"])?;
    let alone = snapshot(&folder.join(".git/hooks"))?;
    let is_refused = |within: &str| -> Result<bool, Box<dyn Error>> {
        upgrade(&folder, within)?;
        let refused = commit(folder.path(), &["--all"])?.is_some();
        git(folder.path(), &["reset", "--quiet", "--hard", "HEAD"])?;
        Ok(refused)
    };

    done(folder.path(), &["-C", "two", "hooks", "install"])?;
    assert!(is_refused("one")? && is_refused("two")?);
    let why = try_git(folder.path(), &["commit", "--allow-empty", "--message", "fix\n\nPick-To: soon"])?;
    assert_eq!(said(&why).matches("error[commit-message]").count(), 1, "{}", said(&why));

    done(folder.path(), &["-C", "two", "hooks", "uninstall"])?;
    assert_eq!(snapshot(&folder.join(".git/hooks"))?, alone);
    assert!(is_refused("one")? && !is_refused("two")?);
    Ok(())
}

#[test]
fn hooks_that_are_there_are_called_first_and_put_back() -> TestResult {
    let folder = fleet(".")?;
    std::fs::remove_dir_all(folder.join(".git/hooks"))?;
    program(&folder, ".git/hooks/pre-commit", "#!/bin/sh\necho former >>ran\n[ ! -e forbidden ]\n")?;
    program(&folder, "scripts/push", "#!/bin/sh\ncat >pushed\necho \"$1\" >>pushed\n")?;
    folder.link(".git/hooks/pre-push", "../../scripts/push")?;
    folder.write(".git/hooks/post-commit", "not executable")?;
    let before = snapshot(&folder.join(".git/hooks"))?;

    let talk = done(folder.path(), &["hooks", "install"])?;
    assert!(talk.contains("the pre-commit hook that was there is now pre-commit.before-yoshino"), "{talk}");
    let installed = snapshot(&folder.join(".git/hooks"))?;
    done(folder.path(), &["hooks", "install"])?;
    assert_eq!(snapshot(&folder.join(".git/hooks"))?, installed, "a second installation changes nothing");

    folder.write(".gitignore", "ran\npushed\nforbidden\n")?;
    git(folder.path(), &["add", ".gitignore"])?;
    assert_eq!(commit(folder.path(), &[])?, None);
    folder.write("forbidden", "")?;
    assert_eq!(commit(folder.path(), &["--allow-empty"])?.as_deref(), Some(""));
    assert_eq!(std::fs::read_to_string(folder.join("ran"))?, "former\nformer\n");
    add_remote(&folder)?;
    git(folder.path(), &["push", "--quiet", "origin", "main"])?;
    let tip = git(folder.path(), &["rev-parse", "main"])?;
    let zeros = "0".repeat(40);
    let pushed = format!("refs/heads/main {tip} refs/heads/main {zeros}\norigin\n");
    assert_eq!(std::fs::read_to_string(folder.join("pushed"))?, pushed);

    done(folder.path(), &["hooks", "uninstall"])?;
    assert_eq!(snapshot(&folder.join(".git/hooks"))?, before);
    done(folder.path(), &["hooks", "uninstall"])?;
    assert_eq!(snapshot(&folder.join(".git/hooks"))?, before);
    Ok(())
}

#[test]
fn an_installation_that_was_killed_is_finished_by_the_next() -> TestResult {
    let folder = fleet(".")?;
    let former = "#!/bin/sh\nexit 0\n";
    program(&folder, ".git/hooks/pre-commit", former)?;
    std::fs::hard_link(
        folder.join(".git/hooks/pre-commit"),
        folder.join(".git/hooks/pre-commit.before-yoshino"),
    )?;
    folder.write(".git/hooks/pre-commit.new-yoshino", "half")?;

    done(folder.path(), &["hooks", "install"])?;

    let read = |name: &str| std::fs::read_to_string(folder.join(".git/hooks").join(name));
    assert_eq!(read("pre-commit.before-yoshino")?, former);
    assert!(read("pre-commit")?.contains("hooks run pre-commit"));
    assert!(!folder.join(".git/hooks/pre-commit.new-yoshino").exists());
    Ok(())
}

#[test]
fn a_hook_that_cannot_be_kept_is_left_alone_with_all_others() -> TestResult {
    let folder = fleet(".")?;
    let table = [
        ("pre-push", "#!/bin/sh\nexec run \"$(basename \"$0\")\"\n", "acts by its own name"),
        ("pre-commit.before-yoshino", "#!/bin/sh\n", "another one was put aside"),
    ];
    for (name, text, expected) in table {
        std::fs::remove_dir_all(folder.join(".git/hooks"))?;
        program(&folder, ".git/hooks/pre-commit", "#!/bin/sh\nexit 0\n")?;
        program(&folder, &format!(".git/hooks/{name}"), text)?;
        let before = snapshot(&folder.join(".git/hooks"))?;
        let why = refused(folder.path(), &["hooks", "install"])?;
        assert!(why.contains("error[hook-in-use]") && why.contains(expected), "{why}");
        assert_eq!(snapshot(&folder.join(".git/hooks"))?, before);
    }
    std::fs::remove_dir_all(folder.join(".git/hooks"))?;
    done(folder.path(), &["hooks", "install"])?;
    let text = std::fs::read_to_string(folder.join(".git/hooks/pre-commit"))?;
    program(&folder, ".git/hooks/pre-commit", &format!("{text}echo more\n"))?;
    let before = snapshot(&folder.join(".git/hooks"))?;
    for verb in ["install", "uninstall"] {
        let why = refused(folder.path(), &["hooks", verb])?;
        assert!(why.contains("was changed by hand"), "{why}");
        assert_eq!(snapshot(&folder.join(".git/hooks"))?, before);
    }
    Ok(())
}

#[test]
fn where_pre_commit_put_our_hook_aside_it_is_found_again() -> TestResult {
    let folder = fleet(".")?;
    done(folder.path(), &["hooks", "install"])?;
    let hooks = folder.join(".git/hooks");
    std::fs::rename(hooks.join("pre-commit"), hooks.join("pre-commit.legacy"))?;
    program(&folder, ".git/hooks/pre-commit", "#!/bin/sh\n\"${0%/*}/pre-commit.legacy\" \"$@\"\n")?;
    let before = snapshot(&hooks)?;

    done(folder.path(), &["hooks", "install"])?;
    assert_eq!(snapshot(&hooks)?, before);
    folder.write("clusters/platform/first.yaml", "nonsense")?;
    assert!(commit(folder.path(), &["--all"])?.is_some());
    done(folder.path(), &["hooks", "uninstall"])?;
    assert!(hooks.join("pre-commit").exists() && !hooks.join("pre-commit.legacy").exists());
    Ok(())
}

#[test]
fn git_says_where_hooks_lie_and_others_folders_take_a_word_more() -> TestResult {
    let folder = fleet("deploy")?;
    let outside = TempFolder::new()?;
    let install =
        |extra: &[&str]| yoshino(folder.path(), &[&["-C", "deploy", "hooks", "install"], extra].concat());
    let set = |path: &str| git(folder.path(), &["config", "core.hooksPath", path]);

    set(".githooks")?;
    let talk = said(&install(&[])?);
    assert!(folder.join(".githooks/pre-commit").is_file(), "relative to the root of the work tree");
    assert!(talk.contains("lies in the work tree"), "{talk}");

    let elsewhere = outside.join("hooks");
    let elsewhere = elsewhere.to_str().ok_or("UTF-8")?;
    set(elsewhere)?;
    let output = install(&[])?;
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("other repositories may use them, too"), "{}", said(&output));
    assert!(!outside.join("hooks").exists());
    assert!(install(&["--shared"])?.status.success());
    assert!(outside.join("hooks/pre-commit").is_file());
    folder.write("deploy/clusters/platform/first.yaml", "nonsense")?;
    assert!(commit(folder.path(), &["--all"])?.is_some());
    // In a repository without the fleet the same hook lets everything pass.
    let other = TempFolder::with(&[("x", "x")])?;
    git(other.path(), &["init", "--quiet"])?;
    git(other.path(), &["config", "core.hooksPath", elsewhere])?;
    git(other.path(), &["add", "--all"])?;
    assert_eq!(commit(other.path(), &[])?, None);

    // Git takes the user's configuration from where the environment says, and so do we.
    git(folder.path(), &["config", "--unset", "core.hooksPath"])?;
    folder.write("user.config", "[core]\n\thooksPath = .users\n")?;
    let mut install_there = isolated(YOSHINO, folder.path());
    install_there
        .env("GIT_CONFIG_GLOBAL", folder.join("user.config"))
        .args(["-C", "deploy", "hooks", "install"]);
    assert!(install_there.output()?.status.success());
    assert!(folder.join(".users/pre-commit").is_file());

    set("/dev/null")?;
    assert!(said(&install(&["--shared"])?).contains("which is no folder"));
    set(".husky/_")?;
    let output = said(&install(&[])?);
    assert!(output.contains("add the line `yoshino -C ./deploy hooks run pre-commit`"), "{output}");
    Ok(())
}

#[test]
fn a_link_that_leads_hooks_out_of_the_repository_is_seen() -> TestResult {
    let folder = fleet(".")?;
    let outside = TempFolder::new()?;
    std::fs::remove_dir_all(folder.join(".git/hooks"))?;
    folder.link(".git/hooks", outside.path().to_str().ok_or("UTF-8")?)?;

    let why = refused(folder.path(), &["hooks", "install"])?;

    assert!(why.contains("through a link"), "{why}");
    assert_eq!(snapshot(outside.path())?.len(), 0);
    Ok(())
}

#[test]
fn hooks_are_installed_in_the_work_tree_of_a_fleet() -> TestResult {
    let folder = fleet(".")?;
    git(folder.path(), &["clone", "--quiet", "--bare", ".", "bare"])?;
    folder.write("bare/fleet.yaml", "")?;

    let bare = refused(&folder.join("bare"), &["hooks", "install"])?;
    let elsewhere = refused(&folder.join("clusters"), &["hooks", "install"])?;

    assert!(bare.contains("error[hooks-folder]: a bare repository"), "{bare}");
    assert!(elsewhere.contains("error[no-fleet]"), "{elsewhere}");
    Ok(())
}

#[test]
fn a_hook_finds_yoshino_without_a_path_and_says_when_it_cannot() -> TestResult {
    let folder = fleet(".")?;
    let bin = TempFolder::new()?;
    let copy = bin.join("yoshino");
    copy_program(&copy)?;
    assert!(
        isolated(copy.to_str().ok_or("UTF-8")?, folder.path()).args(["hooks", "install"]).status()?.success()
    );
    let run = |path: &str| {
        isolated("/bin/sh", folder.path()).args([".git/hooks/pre-commit"]).env("PATH", path).output()
    };

    assert!(run("/nonexistent")?.status.success());
    std::fs::remove_file(&copy)?;
    let lost = run("/nonexistent")?;
    assert_eq!(lost.status.code(), Some(1));
    assert!(said(&lost).contains("install it and run `yoshino hooks install` again"), "{}", said(&lost));
    let other = TempFolder::new()?;
    copy_program(&other.join("yoshino"))?;
    assert!(run(other.path().to_str().ok_or("UTF-8")?)?.status.success());
    Ok(())
}

#[test]
fn a_message_whose_trailers_say_nothing_is_refused() -> TestResult {
    for within in [".", "deploy"] {
        let folder = fleet(within)?;
        program(&folder, ".git/hooks/commit-msg", "#!/bin/sh\nprintf 'Change-Id: I1\\n' >>\"$1\"\n")?;
        done(folder.path(), &["-C", within, "hooks", "install"])?;
        let linked = folder.join("linked");
        git(folder.path(), &["worktree", "add", "--quiet", "-b", "other", "linked"])?;
        for at in [folder.path(), &linked] {
            let commit = |message: &str| -> Result<String, Box<dyn Error>> {
                let output = try_git(at, &["commit", "--quiet", "--allow-empty", "--message", message])?;
                Ok(if output.status.success() { "committed".into() } else { said(&output) })
            };

            let why = commit("fix\n\nPick-To: soon\n")?;
            assert!(why.contains("error[commit-message]: `Pick-To: soon` names no minors"), "{why}");
            assert!(why.contains("COMMIT_EDITMSG:3:1"), "{why}");
            let why = commit("fix\n\nAllow: pools=1\n\nbecause\n")?;
            assert!(why.contains("`Allow: pools=1` counts for nothing here"), "{why}");
            assert_eq!(commit("fix\n\nPick-To: 1.36\n")?, "committed");
            let message = git(at, &["log", "-1", "--format=%B"])?;
            assert_eq!(message, "fix\n\nPick-To: 1.36\nChange-Id: I1", "the hook that was there goes first");
        }
    }
    Ok(())
}

#[test]
fn comments_in_a_message_count_for_nothing_whatever_begins_them() -> TestResult {
    let folder = fleet(".")?;
    git(folder.path(), &["config", "core.commentChar", ";"])?;
    folder.write("message", "fix\n\nPick-To: 1.36\n\n; Pick-To: soon\n; lines that git takes out\n")?;
    done(folder.path(), &["hooks", "run", "commit-msg", "message"])?;
    git(folder.path(), &["config", "core.commentChar", "#"])?;
    let why = refused(folder.path(), &["hooks", "run", "commit-msg", "message"])?;
    assert!(why.contains("message:3:1"), "{why}");
    Ok(())
}

#[test]
fn trunk_is_pushed_sound_and_other_branches_as_they_are() -> TestResult {
    let folder = fleet(".")?;
    add_remote(&folder)?;
    done(folder.path(), &["hooks", "install"])?;
    git(folder.path(), &["push", "--quiet", "origin", "main"])?;
    upgrade(&folder, ".")?;
    git(folder.path(), &["commit", "--quiet", "--all", "--no-verify", "--message", "stale"])?;
    // The work tree is in order; what is pushed is not.
    done(folder.path(), &["render"])?;

    let push = |refs: &[&str]| try_git(folder.path(), &[&["push", "--quiet", "origin"], refs].concat());
    let output = push(&["main"])?;
    assert!(!output.status.success());
    assert!(
        said(&output).contains("run `yoshino render`, commit what it wrote, and push again"),
        "{}",
        said(&output)
    );
    assert!(push(&["main:topic"])?.status.success());
    git(folder.path(), &["commit", "--quiet", "--all", "--message", "rendered"])?;
    assert!(push(&["main"])?.status.success(), "the tip alone counts");
    Ok(())
}

#[test]
fn minor_branches_are_pushed_when_their_specs_are_sound() -> TestResult {
    let folder = fleet(".")?;
    add_remote(&folder)?;
    done(folder.path(), &["hooks", "install"])?;
    git(folder.path(), &["switch", "--quiet", "--create", "release/1.36"])?;
    git(folder.path(), &["rm", "--quiet", "-r", "clusters", "tenants", "rendered"])?;
    assert_eq!(commit(folder.path(), &[])?, None, "a minor branch has no clusters and no output");
    let push = || try_git(folder.path(), &["push", "--quiet", "origin", "release/1.36"]);
    assert!(push()?.status.success());

    folder.write("addons/cilium/addon.yaml", "nonsense")?;
    git(folder.path(), &["commit", "--quiet", "--all", "--no-verify", "--message", "wrong"])?;
    let output = push()?;
    assert!(said(&output).contains("addons/cilium/addon.yaml:1"), "{}", said(&output));
    assert!(!output.status.success());
    Ok(())
}

#[test]
fn tags_that_are_called_like_releases_are_pushed_when_they_are() -> TestResult {
    let folder = fleet(".")?;
    add_remote(&folder)?;
    done(folder.path(), &["hooks", "install"])?;
    git(folder.path(), &["switch", "--quiet", "--create", "release/1.36"])?;
    git(folder.path(), &["commit", "--quiet", "--allow-empty", "--message", "cut"])?;
    let pattern = std::fs::read_to_string(folder.join("fleet.yaml"))?;
    assert!(!pattern.contains("tag:"), "the default pattern");
    let name = |day: &str| format!("v1.36-{day}");
    let tag = |day: &str, extra: &[&str]| git(folder.path(), &[&["tag"], extra, &[&name(day)]].concat());
    let push = |refs: &[&str]| -> Result<String, Box<dyn Error>> {
        let output = try_git(folder.path(), &[&["push", "--quiet", "origin"], refs].concat())?;
        Ok(if output.status.success() { "pushed".into() } else { said(&output) })
    };
    tag("261121", &["--message", "a release", "--annotate"])?;
    tag("261122", &[])?;
    git(folder.path(), &["tag", "--annotate", "--message", "early", &name("261123"), "main"])?;
    git(folder.path(), &["tag", "any-other"])?;

    assert_eq!(push(&["release/1.36", &name("261121"), "any-other"])?, "pushed");
    let why = push(&[&name("261122")])?;
    assert!(why.contains("error[release-tag]") && why.contains("is not annotated"), "{why}");
    let why = push(&[&name("261123")])?;
    assert!(why.contains("lies before the point where `release/1.36` was cut"), "{why}");
    let why = push(&[&format!(":refs/tags/{}", name("261121"))])?;
    assert!(why.contains("would be removed"), "{why}");
    tag("261121", &["--force", "--message", "another", "--annotate"])?;
    let why = push(&["--force", &name("261121")])?;
    assert!(why.contains("would be moved"), "{why}");
    Ok(())
}
