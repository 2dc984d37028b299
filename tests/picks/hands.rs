//! S2: what was picked by hand, without a line that says so.

use crate::repository::Story;
use crate::temp::TestResult;

const ALL: &str = "  select: [{id: all, to: all}]\n";

#[test]
fn a_commit_that_does_exactly_the_same_stands_for_a_unit() -> TestResult {
    let story = Story::new(ALL, &[("a.yaml", "a:\n  x: 1\n"), ("far", "1\n")], &["1.35", "1.36", "1.37"])?;
    let unit = story.commit("main", "nested", &[("a.yaml", "a:\n  x: 1\n  b:\n    c: 2\n")])?;
    story.commit("release/1.35", "the same, by hand", &[("a.yaml", "a:\n  x: 1\n  b:\n    c: 2\n")])?;
    let deeper =
        story.commit("release/1.36", "deeper, by hand", &[("a.yaml", "a:\n  x: 1\n  b:\n      c: 2\n")])?;
    story.commit(
        "release/1.37",
        "more, by hand",
        &[("a.yaml", "a:\n  x: 1\n  b:\n    c: 2\n"), ("far", "2\n")],
    )?;

    let plan = story.plan(&[])?;

    assert_eq!(plan.drawn(), ["nested: equivalent conflict empty"]);
    assert_eq!(plan.code, Some(3));
    assert_eq!(
        plan.unit(unit, "1.36")["conflicts"],
        serde_json::json!([{"path": "a.yaml", "kind": "content"}])
    );
    assert_eq!(story.git.refname_to_id("refs/heads/release/1.36")?, deeper);
    Ok(())
}

#[test]
fn commits_with_provenance_of_their_own_stand_for_nothing_else() -> TestResult {
    let story = Story::new(ALL, &[("v", "1\n")], &["1.36"])?;
    let c2 = story.commit("main", "c2", &[("v", "2\n")])?;
    let c3 = story.commit("main", "c3", &[("v", "1\n")])?;
    story.pick_by_hand("release/1.36", c2, &[("v", "2\n")])?;
    story.pick_by_hand("release/1.36", c3, &[("v", "1\n")])?;
    story.commit("main", "c4", &[("v", "2\n")])?;

    assert_eq!(story.plan(&[])?.drawn(), ["c2: already-picked", "c3: already-picked", "c4: pick"]);
    Ok(())
}

#[test]
fn one_commit_stands_for_one_unit_the_oldest() -> TestResult {
    let story = Story::new(ALL, &[("v", "1\n")], &["1.36"])?;
    story.commit("main", "c2", &[("v", "2\n")])?;
    story.commit("main", "c3", &[("v", "1\n")])?;
    story.commit("main", "c4", &[("v", "2\n")])?;
    story.commit("release/1.36", "by hand", &[("v", "2\n")])?;

    assert_eq!(story.plan(&[])?.drawn(), ["c2: equivalent", "c3: pick", "c4: pick"]);
    Ok(())
}

#[test]
fn a_pick_by_hand_that_was_taken_back_stays_so() -> TestResult {
    let story = Story::new(ALL, &[("v", "1\n")], &["1.36"])?;
    story.commit("main", "c2", &[("v", "2\n")])?;
    let by_hand = story.commit("release/1.36", "by hand", &[("v", "2\n")])?;
    story.revert("release/1.36", by_hand, &[("v", "1\n")])?;

    let plan = story.plan(&[])?;

    assert_eq!(plan.drawn(), ["c2: reverted-on-target"]);
    assert_eq!(plan.code, Some(0));
    Ok(())
}

#[test]
fn what_trunk_takes_back_is_taken_back_from_a_pick_by_hand() -> TestResult {
    let story = Story::new(ALL, &[("v", "1\n")], &["1.36"])?;
    let c2 = story.commit("main", "c2", &[("v", "2\n")])?;
    story.commit("release/1.36", "by hand", &[("v", "2\n")])?;
    story.revert("main", c2, &[("v", "1\n")])?;

    assert_eq!(story.plan(&[])?.drawn(), ["c2: equivalent", "Revert \"c2\": revert"]);
    Ok(())
}

#[test]
fn paths_that_minor_branches_lack_do_not_keep_commits_from_being_the_same() -> TestResult {
    let story = Story::new(ALL, &[("v", "1\n")], &["1.36"])?;
    story.commit("main", "both", &[("v", "2\n"), ("clusters/web.yaml", "x\n")])?;
    story.commit("release/1.36", "by hand", &[("v", "2\n")])?;

    assert_eq!(story.plan(&[])?.drawn(), ["both: equivalent"]);
    Ok(())
}
