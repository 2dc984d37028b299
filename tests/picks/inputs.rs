//! S11, and what a plan is computed from: policies, tips, clones.

use std::process::Command;

use serde_json::json;

use crate::repository::{Plan, Story, answer, command};
use crate::temp::{TempFolder, TestResult};

const ALL: &str = "  select: [{id: all, to: all}]\n";

/// Clones a story as CI does; returns where to.
fn clone(
    story: &Story,
    to: &TempFolder,
    arguments: &[&str],
) -> Result<std::path::PathBuf, Box<dyn std::error::Error>> {
    let place = to.path().join("clone");
    let mut git = Command::new("git");
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", to.path());
    git.args(["clone", "-q", "--no-local"]).args(arguments);
    git.arg(format!("file://{}", story.path().display())).arg(&place);
    let output = git.output()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(place)
}

fn plan_in(
    place: &std::path::Path,
    arguments: &[&str],
) -> Result<crate::repository::Answer, Box<dyn std::error::Error>> {
    let mut command = command(place);
    answer(
        command.args(["pick", "plan", "--format", "json", "--now", "2026-11-21"]).args(arguments).output()?,
    )
}

#[test]
fn a_plan_says_what_it_was_computed_from() -> TestResult {
    let story = Story::new(ALL, &[("a", "1\n")], &["1.36"])?;
    let c1 = story.commit("main", "c1", &[("a", "2\n")])?;
    let base = story.git.refname_to_id("refs/heads/release/1.36")?;

    let plan = story.plan(&["--only", "main"])?;

    let policy = story.git.revparse_single("main:picks.yaml")?.id().to_string();
    assert_eq!(
        plan.json,
        json!({
            "policy": {"source": "main:picks.yaml", "id": policy},
            "source": {"ref": "refs/heads/main", "tip": c1.to_string()},
            "now": "2026-11-21",
            "only": [c1.to_string()],
            "targets": {"1.36": {"ref": "refs/heads/release/1.36", "tip": base.to_string()}},
            "units": [{
                "commit": c1.to_string(), "subject": "c1", "minor": "1.36", "status": "pick", "action": "pick",
                "rule": "all", "reason": "", "requires": [], "conflicts": [],
            }],
        })
    );
    Ok(())
}

#[test]
fn a_clone_too_shallow_to_know_is_refused_with_the_way_out() -> TestResult {
    let story = Story::new(ALL, &[("a", "1\n")], &["1.36"])?;
    story.commit("main", "c1", &[("a", "2\n")])?;
    story.commit("main", "c2", &[("a", "3\n")])?;
    let folder = TempFolder::new()?;
    let shallow = clone(&story, &folder, &["--depth", "1", "--no-single-branch"])?;

    let refused = plan_in(&shallow, &[])?;

    assert_eq!(refused.code, Some(4));
    assert!(refused.stderr.contains("git fetch --unshallow"), "{}", refused.stderr);
    let refused = plan_in(&shallow, &["--only", "HEAD"])?;
    assert_eq!(refused.code, Some(4));
    Ok(())
}

#[test]
fn a_clone_deep_enough_works_with_branches_that_are_only_remote() -> TestResult {
    let story = Story::new(ALL, &[("a", "1\n")], &["1.36"])?;
    let before = story.commit("main", "before", &[("z", "1\n")])?;
    story.branch("release/1.36", before)?;
    story.commit("main", "c1", &[("a", "2\n")])?;
    story.commit("main", "c2", &[("a", "3\n")])?;
    let folder = TempFolder::new()?;
    let shallow = clone(&story, &folder, &["--depth", "3", "--no-single-branch"])?;

    let plan = Plan::of(plan_in(&shallow, &[])?)?;

    assert_eq!((plan.drawn(), plan.code), (vec!["c1: pick".to_owned(), "c2: pick".to_owned()], Some(0)));
    assert_eq!(plan.json["targets"]["1.36"]["ref"], "refs/remotes/origin/release/1.36");
    assert_eq!(plan.json["source"]["ref"], "refs/heads/main");
    Ok(())
}

#[test]
fn a_given_policy_is_read_from_where_the_repository_is() -> TestResult {
    let story = Story::new("  select: []\n", &[("a", "1\n")], &["1.36"])?;
    story.commit("main", "c1", &[("a", "2\n")])?;
    std::fs::write(
        story.path().join("mine.yaml"),
        format!("apiVersion: yoshino.dev/v1alpha1\nkind: PickPolicy\nspec:\n{ALL}"),
    )?;

    let plan = story.plan(&["--policy", "mine.yaml"])?;

    assert_eq!(plan.drawn(), ["c1: pick"]);
    assert_eq!(plan.json["policy"]["source"], "file");
    Ok(())
}

#[test]
fn what_is_missing_or_wrong_is_said_and_ends_with_two() -> TestResult {
    let story = Story::new("  targets: {minors: \">=1.34, <=1.37\"}\n", &[], &["1.36"])?;
    let wrong = story.run(&["pick", "plan"])?;
    assert_eq!(wrong.code, Some(2));
    assert!(
        wrong.stderr.contains("error[pick-range]") && wrong.stderr.contains("--> picks.yaml:4:21"),
        "{}",
        wrong.stderr
    );

    let story = Story::new("  targets: {minors: \"1.37\"}\n", &[], &["1.36"])?;
    let none = story.run(&["pick", "plan"])?;
    assert_eq!(none.code, Some(2));
    assert!(none.stderr.contains("error[no-minor-branch]"), "{}", none.stderr);

    let story = Story::new(ALL, &[], &["1.36"])?;
    story.commit("main", "no policy", &[("picks.yaml", "-")])?;
    let none = story.run(&["pick", "plan"])?;
    assert_eq!(none.code, Some(2));
    assert!(none.stderr.contains("error[no-policy]"), "{}", none.stderr);

    let unit = Story::new(ALL, &[], &["1.36"])?;
    let answer = unit.run(&["pick", "plan", "--only", "release/1.36~1"])?;
    assert_eq!(answer.code, Some(2));
    assert!(answer.stderr.contains("error[pick-unit]"), "{}", answer.stderr);
    Ok(())
}

#[test]
fn planning_writes_nothing() -> TestResult {
    let story = Story::new(ALL, &[("a", "1\n")], &["1.36"])?;
    story.commit("main", "c1", &[("a", "2\n"), ("b/c", "2\n")])?;
    let listed = || -> std::io::Result<Vec<String>> {
        let mut found = Vec::new();
        let mut folders = vec![story.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder)? {
                let entry = entry?;
                found.push(entry.path().display().to_string());
                if entry.file_type()?.is_dir() {
                    folders.push(entry.path());
                }
            }
        }
        found.sort();
        Ok(found)
    };
    let before = listed()?;

    story.plan(&[])?;

    assert_eq!(listed()?, before);
    Ok(())
}
