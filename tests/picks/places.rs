//! Where picks can be made from: a work tree, a linked one, a folder beneath; and what is checked out.

use std::error::Error;
use std::path::Path;
use std::process::Command;

use crate::repository::{Answer, Plan, Story, answer, command};
use crate::temp::{TempFolder, TestResult};

const ALL: &str = "  select: [{id: all, to: all}]\n";

fn git(place: &Path, arguments: &[&str]) -> Result<String, Box<dyn Error>> {
    let mut git = Command::new("git");
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", place);
    let output = git.current_dir(place).args(arguments).output()?;
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

fn picks_in(place: &Path, arguments: &[&str]) -> Result<Answer, Box<dyn Error>> {
    answer(command(place).arg("pick").args(arguments).args(["--now", "2026-11-21"]).output()?)
}

#[test]
fn picks_work_from_linked_work_trees_and_leave_checked_out_branches_alone() -> TestResult {
    let story = Story::new(ALL, &[("a", "1\n"), ("folder/b", "1\n")], &["1.35", "1.36"])?;
    story.commit("main", "c1", &[("a", "2\n")])?;
    let folder = TempFolder::new()?;
    let origin = format!("file://{}", story.path().display());
    git(folder.path(), &["clone", "-q", &origin, "clone"])?;
    let clone = folder.join("clone");
    for minor in ["1.35", "1.36"] {
        git(&clone, &["branch", "-q", &format!("release/{minor}"), &format!("origin/release/{minor}")])?;
    }
    git(&clone, &["worktree", "add", "-q", "../linked", "release/1.36"])?;
    let linked = folder.join("linked");

    for place in [&clone, &linked, &clone.join("folder")] {
        let plan = Plan::of(picks_in(place, &["plan", "--format", "json"])?)?;
        assert_eq!((plan.drawn(), plan.code), (vec!["c1: pick pick".to_owned()], Some(0)), "{place:?}");
    }
    let before = git(&clone, &["rev-parse", "release/1.36"])?;
    let direct = picks_in(&linked, &["apply", "--onto", "direct"])?;

    assert_eq!(direct.code, Some(4), "{}", direct.stderr);
    assert!(direct.stderr.contains("1.36 is left as it was"), "{}", direct.stderr);
    assert_eq!(git(&clone, &["rev-parse", "release/1.36"])?, before);
    assert_eq!(git(&clone, &["show", "release/1.35:a"])?, "2\n");
    assert_eq!(git(&linked, &["status", "--porcelain"])?, "");

    let branch = picks_in(&linked, &["apply", "--onto", "branch"])?;
    assert_eq!(branch.code, Some(0), "{}", branch.stderr);
    assert!(git(&clone, &["branch", "--list", "picks/1.36/*"])?.contains("picks/1.36/"));
    Ok(())
}

#[test]
fn what_a_plan_says_to_people_begins_with_what_there_is_to_do() -> TestResult {
    let story = Story::new(ALL, &[("a", "1\n"), ("b", "1\n")], &["1.35", "1.36"])?;
    story.commit("release/1.36", "by hand", &[("a", "other\n")])?;
    let c1 = story.commit("main", "c1", &[("a", "2\n")])?;
    story.commit("main", "nothing for minors\n\nPick-To: none\n", &[("z", "2\n")])?;
    let c2 = story.commit("main", "c2", &[("b", "2\n")])?;
    let [c1, c2] = [c1, c2].map(|id| id.to_string()[..12].to_owned());

    let plan = story.run(&["pick", "plan", "--now", "2026-11-21"])?;

    assert_eq!(
        plan.stdout,
        format!(
            "COMMIT        1.35  1.36      SUBJECT\n{c1}  pick  conflict  c1\n{c2}  pick  pick      c2\n\nconflict {c1} on 1.36: in `a` (content)\n    c1\n    content          a\n"
        )
    );
    assert_eq!(plan.stderr, "3 picks to make on 1.35, 1.36; 1 needs a decision\n");
    assert_eq!(plan.code, Some(3));
    Ok(())
}

#[test]
fn what_is_where_is_told_with_the_release_it_came_in() -> TestResult {
    let fleet = "spec:\n  tag: \"v{minor}-ake.{yymmdd}\"\n";
    let story = Story::new(ALL, &[("a", "1\n"), ("fleet.yaml", fleet)], &["1.35", "1.36"])?;
    let c1 = story.commit("main", "c1", &[("a", "2\n")])?;
    story.commit("main", "c2", &[("b", "2\n")])?;
    let picked = story.pick_by_hand("release/1.36", c1, &[("a", "2\n")])?;
    let untagged = story.pick_by_hand("release/1.35", c1, &[("a", "2\n")])?;
    let by = git2::Signature::new("Grace", "grace@example.com", &git2::Time::new(1_763_700_000, 0))?;
    story.git.tag("v1.36-ake.261121", &story.git.find_object(picked, None)?, &by, "release\n", false)?;

    let status = story.run(&["pick", "status", "--now", "2026-11-21"])?;

    let lines: Vec<Vec<&str>> =
        status.stdout.lines().map(|line| line.split_whitespace().skip(1).collect()).collect();
    let untagged = untagged.to_string();
    assert_eq!(
        lines,
        [
            vec!["1.35", "1.36", "SUBJECT"],
            vec![&untagged[..12], "v1.36-ake.261121", "c1"],
            vec!["pick", "pick", "c2"]
        ]
    );
    assert_eq!(status.code, Some(0));
    Ok(())
}

#[test]
fn the_release_is_told_by_the_usual_name_of_tags_and_after_trunk_has_merged_the_branch() -> TestResult {
    let fleet = "spec: {labelDomain: ake.example.com}\n";
    let story = Story::new(ALL, &[("a", "1\n"), ("fleet.yaml", fleet)], &["1.36"])?;
    let c1 = story.commit("main", "c1", &[("a", "2\n")])?;
    let picked = story.pick_by_hand("release/1.36", c1, &[("a", "2\n")])?;
    let by = git2::Signature::new("Grace", "grace@example.com", &git2::Time::new(1_763_700_000, 0))?;
    story.git.tag("v1.36-261121", &story.git.find_object(picked, None)?, &by, "release\n", false)?;
    let told = || -> Result<String, Box<dyn std::error::Error>> {
        let status = story.run(&["pick", "status", "--now", "2026-11-21"])?;
        let line = status.stdout.lines().nth(1).unwrap_or_default();
        Ok(line.split_whitespace().nth(1).unwrap_or_default().to_owned())
    };

    assert_eq!(told()?, "v1.36-261121");
    story.merge("main", "Merge release/1.36", &[], &[picked])?;
    assert_eq!(told()?, "v1.36-261121");
    Ok(())
}
