//! S7 and S8: what is taken back on trunk or on a branch, and brought back.

use crate::repository::Story;
use crate::temp::TestResult;

/// Nothing is selected but by trailers.
const TRAILERS: &str = "  select: []\n";
const ALL: &str = "  select: [{id: all, to: all}]\n";

#[test]
fn a_revert_follows_what_it_takes_back_whatever_the_rules_say() -> TestResult {
    let story = Story::new(TRAILERS, &[("a", "1\n")], &["1.35", "1.36"])?;
    let x = story.commit("main", "x\n\nPick-To: 1.36\n", &[("a", "2\n")])?;
    let picked = story.pick_by_hand("release/1.36", x, &[("a", "2\n")])?;

    let revert = story.revert("main", x, &[("a", "1\n")])?;
    let plan = story.plan(&[])?;
    assert_eq!(plan.drawn(), ["x: not-selected already-picked", "Revert \"x\": not-selected revert"]);
    assert_eq!(plan.field(revert, "1.36", "rule"), "revert");
    assert_eq!(plan.field(revert, "1.36", "action"), "revert");
    assert_eq!(plan.code, Some(0));

    let reapply = story.revert("main", revert, &[("a", "2\n")])?;
    let plan = story.plan(&[])?;
    assert_eq!(
        plan.drawn(),
        [
            "x: not-selected already-picked",
            "Revert \"x\": not-selected cancelled",
            "Reapply \"x\": not-selected cancelled"
        ]
    );
    assert_eq!(plan.code, Some(0));

    let message = format!(
        "Revert \"x\"\n\nThis reverts commit {picked}.\n\n(cherry picked from commit {revert})\nPick-Rule: revert\n"
    );
    story.commit("release/1.36", &message, &[("a", "1\n")])?;
    let plan = story.plan(&[])?;
    assert_eq!(
        plan.drawn(),
        [
            "x: not-selected already-picked",
            "Revert \"x\": not-selected already-picked",
            "Reapply \"x\": not-selected reapply"
        ]
    );
    assert_eq!(plan.field(reapply, "1.36", "rule"), "revert");
    Ok(())
}

#[test]
fn exclusions_and_trailers_of_its_own_keep_a_revert_away() -> TestResult {
    for trailer in ["Pick-To: none", "No-Pick-To: 1.36", "Pick-To: 1.37"] {
        let story = Story::new(ALL, &[("a", "1\n")], &["1.36"])?;
        let x = story.commit("main", "x", &[("a", "2\n")])?;
        story.pick_by_hand("release/1.36", x, &[("a", "2\n")])?;
        let message = format!("Revert \"x\"\n\nThis reverts commit {x}.\n\n{trailer}\n");
        story.commit("main", &message, &[("a", "1\n")])?;

        let drawn = story.plan(&[])?.drawn();

        let expected = if trailer.starts_with("No") { "excluded" } else { "not-selected" };
        assert_eq!(drawn[1], format!("Revert \"x\": {expected}"), "{trailer}");
    }
    Ok(())
}

#[test]
fn pairs_fall_out_from_the_newest_on() -> TestResult {
    let story = Story::new(ALL, &[("a", "1\n")], &["1.36"])?;
    let x = story.commit("main", "x", &[("a", "2\n")])?;
    let revert = story.revert("main", x, &[("a", "1\n")])?;
    assert_eq!(story.plan(&[])?.drawn(), ["x: cancelled", "Revert \"x\": cancelled"]);

    story.revert("main", revert, &[("a", "2\n")])?;
    let plan = story.plan(&[])?;
    assert_eq!(plan.drawn(), ["x: pick", "Revert \"x\": cancelled", "Reapply \"x\": cancelled"]);
    assert_eq!(plan.code, Some(0));
    Ok(())
}

#[test]
fn a_chain_goes_where_its_first_commit_does() -> TestResult {
    let story = Story::new(ALL, &[("a", "1\n")], &["1.35", "1.36"])?;
    let x = story.commit("main", "x\n\nPick-To: 1.36\n", &[("a", "2\n")])?;
    let revert = story.revert("main", x, &[("a", "1\n")])?;
    story.revert("main", revert, &[("a", "2\n")])?;

    assert_eq!(
        story.plan(&[])?.drawn(),
        [
            "x: not-selected pick",
            "Revert \"x\": not-selected cancelled",
            "Reapply \"x\": not-selected cancelled"
        ]
    );
    Ok(())
}

#[test]
fn what_a_branch_was_cut_with_is_taken_back_there_too() -> TestResult {
    let story = Story::new(TRAILERS, &[("a", "1\n")], &[])?;
    let x = story.commit("main", "x", &[("a", "2\n")])?;
    story.branch("release/1.36", x)?;
    story.revert("main", x, &[("a", "1\n")])?;

    assert_eq!(story.plan(&[])?.drawn(), ["Revert \"x\": revert"]);
    Ok(())
}

#[test]
fn a_revert_of_what_nobody_knows_is_a_commit_like_any_other() -> TestResult {
    let story = Story::new(ALL, &[("a", "1\n")], &["1.36"])?;
    let message = format!("Revert \"y\"\n\nThis reverts commit {}.\n", "1".repeat(40));
    story.commit("main", &message, &[("a", "2\n")])?;

    assert_eq!(story.plan(&[])?.drawn(), ["Revert \"y\": pick"]);
    Ok(())
}

#[test]
fn what_was_taken_back_on_the_branch_stays_so_unless_it_is_asked_for() -> TestResult {
    let story = Story::new(ALL, &[("a", "1\n")], &["1.35", "1.36"])?;
    let x = story.commit("main", "x", &[("a", "2\n")])?;
    let picked = story.pick_by_hand("release/1.36", x, &[("a", "2\n")])?;
    let taken_back = story.revert("release/1.36", picked, &[("a", "1\n")])?;

    let plan = story.plan(&[])?;
    assert_eq!(plan.drawn(), ["x: pick reverted-on-target"]);
    assert_eq!(plan.code, Some(0));

    // Taken back once more, it is there again.
    let at = story.git.refname_to_id("refs/heads/release/1.36")?;
    assert_eq!(at, taken_back);
    story.revert("release/1.36", taken_back, &[("a", "2\n")])?;
    assert_eq!(story.plan(&[])?.drawn(), ["x: pick already-picked"]);

    story.branch("release/1.36", taken_back)?;
    let policy =
        format!("apiVersion: yoshino.dev/v1alpha1\nkind: PickPolicy\nspec:\n{ALL}  repick: [\"{x}\"]\n");
    story.commit("main", "policy", &[("picks.yaml", &policy)])?;
    assert_eq!(story.plan(&[])?.drawn(), ["x: pick pick", "policy: empty empty"]);
    Ok(())
}

#[test]
fn reverts_can_be_left_to_the_rules() -> TestResult {
    let policy = format!("{TRAILERS}  reverts: {{pickReverts: selected}}\n");
    let story = Story::new(&policy, &[("a", "1\n")], &["1.36"])?;
    let x = story.commit("main", "x\n\nPick-To: 1.36\n", &[("a", "2\n")])?;
    story.pick_by_hand("release/1.36", x, &[("a", "2\n")])?;
    story.revert("main", x, &[("a", "1\n")])?;

    assert_eq!(story.plan(&[])?.drawn(), ["x: already-picked", "Revert \"x\": not-selected"]);
    Ok(())
}

#[test]
fn what_trunk_and_the_branch_both_took_back_stays_so() -> TestResult {
    let story = Story::new(ALL, &[("a", "1\n")], &["1.36"])?;
    let x = story.commit("main", "x", &[("a", "2\n")])?;
    let picked = story.pick_by_hand("release/1.36", x, &[("a", "2\n")])?;
    story.revert("release/1.36", picked, &[("a", "1\n")])?;
    let revert = story.revert("main", x, &[("a", "1\n")])?;
    assert_eq!(story.plan(&[])?.drawn(), ["x: reverted-on-target", "Revert \"x\": equivalent"]);

    story.revert("main", revert, &[("a", "2\n")])?;
    let plan = story.plan(&[])?;
    assert_eq!(
        plan.drawn(),
        ["x: reverted-on-target", "Revert \"x\": equivalent", "Reapply \"x\": reverted-on-target"]
    );
    assert_eq!(plan.code, Some(0));
    Ok(())
}

#[test]
fn a_revert_in_a_frozen_minor_goes_where_reverts_do() -> TestResult {
    let policy = "  targets:\n    lifecycle: {\"1.36\": {maintenanceFrom: 2026-11-01}}\n  select: [{id: all, to: all}]\n";
    let story = Story::new(policy, &[("a", "1\n")], &["1.36"])?;
    let x = story.commit("main", "x", &[("a", "2\n")])?;
    story.pick_by_hand("release/1.36", x, &[("a", "2\n")])?;
    story.revert("main", x, &[("a", "1\n")])?;
    story.commit("main", "y", &[("b", "1\n")])?;

    assert_eq!(story.plan(&[])?.drawn(), ["x: frozen", "Revert \"x\": revert", "y: frozen"]);
    Ok(())
}
