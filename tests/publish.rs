//! `yoshino publish` in repositories of the tests' own.
#![allow(clippy::disallowed_methods, reason = "the tests run the binary and git on files of their own")]
#![allow(clippy::print_stderr, reason = "a test that cannot run says so")]

mod publishing_fleet;

use std::process::Command;

use serde_json::{Value, json};

use publishing_fleet::temp::{TempFolder, snapshot};
use publishing_fleet::{Fleet, Problem, TestResult, fix_environment, git_in};

const BRANCH: &str = "{branch: rendered}";
const FOLDER: &str = "{path: rendered}";

/// Returns the files of a revision, without those of the fleet.
fn files(fleet: &Fleet, revision: &str) -> Result<Vec<String>, Problem> {
    let all = fleet.git(&["ls-tree", "-r", "--name-only", revision])?;
    Ok(all.lines().filter(|path| path.contains("m/") || path.contains("mine")).map(str::to_owned).collect())
}

#[test]
fn a_branch_of_its_own_holds_the_rendering_and_says_what_it_is_of() -> TestResult {
    let fleet = Fleet::new(BRANCH)?;
    let source = fleet.id("main")?;
    let before = snapshot(&fleet.path().join("clusters"))?;
    fleet.folder.write("clusters/web.yaml", "not committed")?;

    let ran = fleet.run(&["publish"])?;

    assert_eq!((ran.exit, ran.stderr.as_str()), (Some(0), ""));
    let commit = fleet.id("rendered")?;
    let expected = format!(
        "published {} to `rendered` as {}\n9 files new, 0 changed, 0 removed, 0 unchanged\n",
        &source[..12],
        &commit[..12]
    );
    assert_eq!(ran.stdout, expected);
    let message = format!(
        "render {}\n\n- rendered for 1 cluster\n- files: 9 new, 0 changed, 0 removed\n\nSource: {source}\nYoshino-Version: {}\n",
        &source[..12],
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(
        fleet.git(&["log", "-1", "--format=%an %ae %cn %ad%n%B", "--date=raw", "rendered"])?,
        format!("Ada ada@example.com Ada 1763700000 +0900\n{message}\n")
    );
    assert_eq!(fleet.git(&["rev-list", "--count", "rendered"])?, "1\n");
    assert!(files(&fleet, "rendered")?.contains(&"m/clusters/blue/web/cluster.yaml".to_owned()));
    assert!(!before.is_empty());
    assert_eq!(fleet.git(&["status", "--porcelain"])?, " M clusters/web.yaml\n");
    assert_eq!(
        fleet.git(&["log", "-g", "--format=%gs", "rendered"])?,
        format!("publish: rendered {}\n", &commit[..12])
    );
    assert_eq!(git_in(fleet.path(), &["fsck", "--strict", "--no-dangling"])?, "");
    Ok(())
}

#[test]
fn nothing_new_makes_no_commit() -> TestResult {
    let fleet = Fleet::new(BRANCH)?;
    fleet.run(&["publish"])?;
    let commit = fleet.id("rendered")?;
    fleet.folder.write("README.md", "words")?;
    let source = fleet.commit("words")?.to_string();

    let ran = fleet.run(&["publish"])?;

    let expected = format!(
        "nothing has changed: `rendered` holds {}\n0 files new, 0 changed, 0 removed, 9 unchanged\n",
        &source[..12]
    );
    assert_eq!((ran.exit, ran.stdout, ran.stderr), (Some(0), expected, String::new()));
    assert_eq!(fleet.id("rendered")?, commit);
    Ok(())
}

#[test]
fn what_is_not_ours_stays_and_what_is_no_longer_rendered_goes() -> TestResult {
    let fleet = Fleet::new(BRANCH)?;
    fleet.cluster("shop", "v1.35.1")?;
    fleet.commit("a shop")?;
    fleet.run(&["publish"])?;
    let tree = TempFolder::in_memory()?;
    let tree = tree.join("tree").display().to_string();
    fleet.git(&["worktree", "add", "-q", "--detach", &tree, "rendered"])?;
    std::fs::write(format!("{tree}/m/mine"), "mine")?;
    git_in(tree.as_ref(), &["add", "."])?;
    git_in(
        tree.as_ref(),
        &["-c", "user.name=G", "-c", "user.email=g@example.com", "commit", "-q", "-m", "mine"],
    )?;
    let tip = git_in(tree.as_ref(), &["rev-parse", "HEAD"])?;
    fleet.git(&["branch", "-f", "rendered", tip.trim_end()])?;
    std::fs::remove_file(fleet.path().join("clusters/shop.yaml"))?;
    fleet.cluster("web", "v1.35.2")?;
    fleet.commit("no shop")?;

    let ran = fleet.run(&["publish", "--allow", "clusters=1", "--allow", "applications=1"])?;

    assert_eq!(
        (ran.exit, ran.stderr.as_str()),
        (Some(0), "kept 1 file that yoshino did not generate: m/mine\n")
    );
    let left = files(&fleet, "rendered")?;
    assert!(
        left.contains(&"m/mine".to_owned()) && !left.iter().any(|path| path.contains("shop")),
        "{left:?}"
    );
    assert_eq!(fleet.git(&["rev-list", "--count", "rendered"])?, "3\n");
    Ok(())
}

#[test]
fn what_is_beyond_the_limits_waits_for_a_word() -> TestResult {
    let fleet = Fleet::new(BRANCH)?;
    fleet.cluster("shop", "v1.35.1")?;
    fleet.commit("a shop")?;
    fleet.run(&["publish"])?;
    let published = fleet.id("rendered")?;
    std::fs::remove_file(fleet.path().join("clusters/shop.yaml"))?;
    fleet.commit("no shop")?;

    let ran = fleet.run(&["publish"])?;
    assert_eq!(ran.exit, Some(3));
    assert!(
        ran.stderr.contains("end a commit message with the line `Allow: applications=1`"),
        "{}",
        ran.stderr
    );
    assert_eq!(fleet.id("rendered")?, published);

    fleet.folder.write("README.md", "words")?;
    fleet.commit("words\n\nAllow: applications=1, clusters=1")?;
    let ran = fleet.run(&["publish"])?;
    assert_eq!((ran.exit, ran.stderr.as_str()), (Some(0), ""), "{}", ran.stdout);
    let message = fleet.git(&["log", "-1", "--format=%b", "rendered"])?;
    assert!(message.starts_with("- destroys: "), "{message}");
    Ok(())
}

#[test]
fn a_dry_run_says_the_same_and_writes_nothing() -> TestResult {
    let fleet = Fleet::new(BRANCH)?;
    let source = fleet.id("main")?;
    let before = fleet.git(&["count-objects", "-v"])?;

    let ran = fleet.run(&["publish", "--dry-run", "--format", "json"])?;

    assert_eq!(ran.exit, Some(0), "{}", ran.stderr);
    let mut printed: Value = serde_json::from_str(&ran.stdout)?;
    let counts = [printed["summary"].take(), printed["limits"].take()];
    assert!(counts[0].is_object() && counts[1].is_object());
    let expected = json!({
        "source": source,
        "branch": "refs/heads/rendered",
        "path": null,
        "commit": null,
        "pushed": false,
        "dryRun": true,
        "files": {"new": 9, "changed": 0, "removed": 0, "unchanged": 0},
        "foreign": [],
        "summary": null,
        "limits": null,
    });
    assert_eq!(printed, expected);
    assert_eq!(fleet.git(&["count-objects", "-v"])?, before);
    assert!(fleet.id("rendered").is_err());
    assert!(!fleet.path().join(".git/yoshino").exists());
    Ok(())
}

#[test]
fn what_is_on_another_branch_is_published_only_by_name() -> TestResult {
    let fleet = Fleet::new(BRANCH)?;
    fleet.git(&["switch", "-q", "-c", "feature"])?;
    fleet.cluster("shop", "v1.35.1")?;
    let feature = fleet.commit("a shop")?.to_string();

    let refused = fleet.run(&["publish"])?;
    let named = fleet.run(&["publish", "--rev", "feature"])?;

    assert_eq!(refused.exit, Some(2));
    let message = format!("error[publish-source]: `HEAD` is at {}, which is not on `main`", &feature[..12]);
    assert!(refused.stderr.starts_with(&message), "{}", refused.stderr);
    assert_eq!(named.exit, Some(0), "{}", named.stderr);
    Ok(())
}

#[test]
fn an_older_pipeline_does_not_take_back_what_a_newer_one_published() -> TestResult {
    let fleet = Fleet::new(BRANCH)?;
    let old = fleet.id("main")?;
    fleet.cluster("web", "v1.35.2")?;
    fleet.commit("newer")?;
    fleet.run(&["publish"])?;
    fleet.git(&["checkout", "-q", "--detach", &old])?;

    let refused = fleet.run(&["publish"])?;
    let named = fleet.run(&["publish", "--rev", "HEAD"])?;

    assert_eq!(refused.exit, Some(4));
    assert!(refused.stderr.contains("which comes after it"), "{}", refused.stderr);
    assert_eq!(named.exit, Some(0), "{}", named.stderr);
    Ok(())
}

#[test]
fn a_folder_of_the_trunk_gets_a_commit_on_the_trunk() -> TestResult {
    let fleet = Fleet::new(FOLDER)?;
    let source = fleet.id("main")?;

    let checked_out = fleet.run(&["publish"])?;
    fleet.git(&["checkout", "-q", "--detach"])?;
    let detached = fleet.run(&["publish"])?;
    let again = fleet.run(&["publish"])?;

    assert_eq!(checked_out.exit, Some(4));
    assert!(
        checked_out.stderr.contains("cannot publish to `main`: it is checked out in "),
        "{}",
        checked_out.stderr
    );
    assert_eq!((detached.exit, detached.stderr.as_str()), (Some(0), ""));
    assert!(again.stdout.starts_with("nothing has changed: `main` holds "), "{}", again.stdout);
    assert_eq!(fleet.git(&["rev-list", "main"])?.lines().last(), Some(source.as_str()));
    assert_eq!(fleet.git(&["rev-list", "--count", "main"])?, "2\n");
    assert_eq!(fleet.git(&["diff", "--name-only", "main~", "main", "--", ":!rendered"])?, "");
    assert!(files(&fleet, "main")?.contains(&"rendered/m/clusters/blue/web/cluster.yaml".to_owned()));
    assert_eq!(fleet.git(&["status", "--porcelain"])?, "");
    fleet.git(&["checkout", "-q", "main"])?;
    assert_eq!(fleet.run(&["render", "--check"])?.exit, Some(0));
    Ok(())
}

#[test]
fn a_checked_out_trunk_is_pushed_and_stays_here() -> TestResult {
    let fleet = Fleet::new(FOLDER)?;
    let origin = fleet.with_origin()?;
    let source = fleet.id("main")?;

    let ran = fleet.run(&["publish", "--push", "--format", "json"])?;
    let again = fleet.run(&["publish", "--push"])?;

    assert_eq!(
        (ran.exit, ran.stderr.as_str()),
        (Some(0), "`main` is checked out and stays; `git pull origin main` brings it up\n")
    );
    let printed: Value = serde_json::from_str(&ran.stdout)?;
    let there = git_in(origin.path(), &["rev-parse", "main"])?;
    assert_eq!(printed["commit"], there.trim_end());
    assert_eq!(printed["pushed"], true);
    assert_eq!(fleet.id("main")?, source);
    assert!(again.stdout.starts_with("nothing has changed"), "{}", again.stdout);
    fleet.git(&["pull", "-q", "origin", "main"])?;
    assert_eq!(fleet.run(&["render", "--check"])?.exit, Some(0));
    Ok(())
}

#[test]
fn a_branch_is_pushed_and_one_that_moved_there_is_not_overwritten() -> TestResult {
    let fleet = Fleet::new(BRANCH)?;
    let origin = fleet.with_origin()?;
    let first = fleet.run(&["publish", "--push"])?;
    assert_eq!((first.exit, first.stderr.as_str()), (Some(0), ""));
    let published = fleet.id("rendered")?;
    assert_eq!(git_in(origin.path(), &["rev-parse", "rendered"])?.trim_end(), published);
    let trunk = git_in(origin.path(), &["rev-parse", "main"])?;
    git_in(origin.path(), &["update-ref", "refs/heads/rendered", trunk.trim_end()])?;
    fleet.cluster("web", "v1.35.2")?;
    fleet.commit("newer")?;

    let lost = fleet.run(&["publish", "--push"])?;
    git_in(origin.path(), &["update-ref", "refs/heads/rendered", &published])?;
    let won = fleet.run(&["publish", "--push"])?;

    assert_eq!(lost.exit, Some(4));
    assert!(lost.stderr.contains("it has moved there: fetch, and run this again"), "{}", lost.stderr);
    assert_eq!(won.exit, Some(0), "{}", won.stderr);
    assert_eq!(git_in(origin.path(), &["rev-list", "--count", "rendered"])?, "2\n");
    Ok(())
}

#[test]
fn what_was_published_here_alone_is_pushed_later() -> TestResult {
    let fleet = Fleet::new(BRANCH)?;
    let origin = fleet.with_origin()?;
    fleet.run(&["publish"])?;

    let ran = fleet.run(&["publish", "--push"])?;

    assert_eq!(ran.exit, Some(0), "{}", ran.stderr);
    assert_eq!(git_in(origin.path(), &["rev-parse", "rendered"])?.trim_end(), fleet.id("rendered")?);
    Ok(())
}

#[test]
fn a_fresh_clone_goes_on_from_what_the_remote_has() -> TestResult {
    let fleet = Fleet::new(BRANCH)?;
    let origin = fleet.with_origin()?;
    fleet.run(&["publish", "--push"])?;
    let clone = Fleet { folder: TempFolder::in_memory()? };
    clone.git(&["clone", "-q", &origin.path().display().to_string(), "."])?;
    clone.git(&["checkout", "-q", "main"])?;
    clone.cluster("web", "v1.35.2")?;
    clone.commit("newer")?;

    let ran = clone.run(&["publish", "--push"])?;

    assert_eq!(ran.exit, Some(0), "{}", ran.stderr);
    assert_eq!(git_in(origin.path(), &["rev-list", "--count", "rendered"])?, "2\n");
    assert_eq!(clone.id("rendered")?, clone.id("origin/rendered")?);
    Ok(())
}

#[test]
fn bare_repositories_and_linked_work_trees_are_published_from_too() -> TestResult {
    let fleet = Fleet::new(BRANCH)?;
    let place = TempFolder::in_memory()?;
    let (bare, linked) = (place.join("bare"), place.join("linked"));
    fleet.git(&["clone", "-q", "--bare", ".", &bare.display().to_string()])?;
    fleet.git(&["worktree", "add", "-q", "--detach", &linked.display().to_string()])?;

    for folder in [&bare, &linked] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yoshino"));
        command.arg("-C").arg(folder).arg("publish");
        fix_environment(&mut command);
        let output = command.output()?;
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(git_in(folder, &["fsck", "--strict", "--no-dangling"])?, "");
    }
    assert_eq!(git_in(&bare, &["rev-parse", "rendered"])?, fleet.git(&["rev-parse", "rendered"])?);
    Ok(())
}

#[test]
fn a_fleet_without_a_committer_publishes_nothing() -> TestResult {
    let fleet = Fleet::new(BRANCH)?;
    let mut command = fleet.command(&["publish"]);
    command.env_remove("GIT_COMMITTER_NAME").env_remove("GIT_COMMITTER_EMAIL");

    let output = command.output()?;

    assert_eq!(output.status.code(), Some(4));
    assert!(
        String::from_utf8_lossy(&output.stderr)
            .starts_with("error: cannot tell who commits: set `user.name`")
    );
    assert!(fleet.id("rendered").is_err());
    Ok(())
}

#[test]
fn a_commit_is_signed_by_the_users_own_gpg() -> TestResult {
    let home = TempFolder::new()?;
    let make = [
        "--batch",
        "--passphrase",
        "",
        "--quick-gen-key",
        "Ada <ada@example.com>",
        "ed25519",
        "sign",
        "never",
    ];
    let made = Command::new("gpg").args(make).env("GNUPGHOME", home.path()).output();
    if !made.is_ok_and(|made| made.status.success()) {
        eprintln!("not run: gpg makes no key here");
        return Ok(());
    }
    let fleet = Fleet::new(BRANCH)?;
    home.write("gitconfig", "[commit]\n\tgpgSign = true\n[gpg]\n\tprogram = gpg\n")?;
    let with_home = |command: &mut Command| {
        command.env("GNUPGHOME", home.path()).env("GIT_CONFIG_GLOBAL", home.join("gitconfig"));
    };
    let mut command = fleet.command(&["publish"]);
    with_home(&mut command);

    let output = command.output()?;

    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let mut verify = Command::new("git");
    verify.arg("-C").arg(fleet.path()).args(["verify-commit", "rendered"]);
    fix_environment(&mut verify);
    with_home(&mut verify);
    let verified = verify.output()?;
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    _ = Command::new("gpgconf").args(["--kill", "all"]).env("GNUPGHOME", home.path()).status();
    Ok(())
}

#[test]
fn a_checked_out_trunk_takes_along_what_was_not_pushed_yet() -> TestResult {
    let fleet = Fleet::new(FOLDER)?;
    let origin = fleet.with_origin()?;
    fleet.cluster("web", "v1.35.3")?;
    let local = fleet.commit("not pushed yet")?;

    let ran = fleet.run(&["publish", "--push"])?;

    assert_eq!(ran.exit, Some(0), "{ran:?}");
    assert_eq!(git_in(origin.path(), &["rev-parse", "main^"])?.trim_end(), local.to_string());
    Ok(())
}
