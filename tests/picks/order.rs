//! S6 and S9: what a conflict blocks and what it does not, and what the result says about its minor.

use crate::repository::Story;
use crate::temp::TestResult;

const ALL: &str = "  select: [{id: all, to: all}]\n";

fn numbers(changed: &[(usize, &str)]) -> String {
    let line = |number: usize| changed.iter().find(|(at, _)| *at == number).map_or("x", |(_, text)| *text);
    (1..=20).map(|number| format!("{number} {}\n", line(number))).collect()
}

#[test]
fn a_conflict_blocks_what_touches_its_paths_and_nothing_else() -> TestResult {
    let long = numbers(&[]);
    let story =
        Story::new(ALL, &[("a", "1\n"), ("b", "1\n"), ("long", &long), ("c", &long)], &["1.35", "1.36"])?;
    story.commit("release/1.36", "by hand", &[("a", "other\n")])?;
    let c1 = story.commit("main", "c1", &[("a", "2\n"), ("long", &numbers(&[(1, "c1")]))])?;
    let c2 = story.commit("main", "c2", &[("a", "3\n"), ("c", &numbers(&[(1, "c2")]))])?;
    story.commit("main", "c3", &[("b", "2\n")])?;
    // What c1 changes cleanly, and what c2 changes, keeps nobody waiting.
    story.commit(
        "main",
        "c4",
        &[("long", &numbers(&[(1, "c1"), (20, "c4")])), ("c", &numbers(&[(1, "c2"), (20, "c4")]))],
    )?;

    let plan = story.plan(&[])?;

    assert_eq!(plan.drawn(), ["c1: pick conflict", "c2: pick blocked", "c3: pick pick", "c4: pick pick"]);
    assert_eq!(plan.code, Some(3));
    assert_eq!(plan.unit(c1, "1.36")["conflicts"], serde_json::json!([{"path": "a", "kind": "content"}]));
    assert_eq!(plan.unit(c2, "1.36")["conflicts"], serde_json::json!([]));
    assert_eq!(plan.requires(c2, "1.36"), [c1.to_string()]);
    Ok(())
}

#[test]
fn what_stands_on_a_commit_that_waits_waits_too() -> TestResult {
    let story = Story::new(ALL, &[("a", "1\n"), ("x", "1\n2\n")], &["1.36"])?;
    story.commit("release/1.36", "by hand", &[("a", "other\n")])?;
    story.commit("main", "c1", &[("a", "2\n")])?;
    let c2 = story.commit("main", "c2", &[("a", "3\n"), ("x", "1\nadded\n2\n")])?;
    let c3 = story.commit("main", "c3", &[("x", "1\nchanged\n2\n")])?;

    let plan = story.plan(&[])?;

    assert_eq!(plan.drawn(), ["c1: conflict", "c2: blocked", "c3: blocked"]);
    assert_eq!(plan.requires(c3, "1.36"), [c2.to_string()]);
    Ok(())
}

#[test]
fn a_policy_can_stop_at_a_conflict() -> TestResult {
    let policy = format!("{ALL}  onConflict: {{default: stop}}\n");
    let story = Story::new(&policy, &[("a", "1\n"), ("b", "1\n")], &["1.35", "1.36"])?;
    story.commit("release/1.36", "by hand", &[("a", "other\n")])?;
    story.commit("main", "c0", &[("b", "2\n")])?;
    story.commit("main", "c1", &[("a", "2\n")])?;
    story.commit("main", "c2", &[("c", "2\n")])?;

    let plan = story.plan(&[])?;

    assert_eq!(plan.drawn(), ["c0: pick pick", "c1: pick conflict", "c2: pick blocked"]);
    assert_eq!(plan.code, Some(3));
    Ok(())
}

#[test]
fn a_result_that_does_not_run_on_a_minor_is_not_picked_there() -> TestResult {
    let policy = format!(
        "{ALL}  compat: [{{paths: \"addons/{{addon}}/**\", file: \"addons/{{addon}}/addon.yaml\", field: /spec/kubernetes}}]\n"
    );
    let addon = |range: &str, version: u32| {
        format!("spec:\n  kubernetes: \"{range}\"\n  a: x\n  b: x\n  c: x\n  d: x\n  version: {version}\n")
    };
    let first = addon(">=1.33", 1);
    let story = Story::new(&policy, &[("addons/a/addon.yaml", &first)], &["1.35", "1.36"])?;
    let c1 = story.commit("main", "c1", &[("addons/a/addon.yaml", &addon(">=1.36", 2))])?;
    story.commit("main", "other addon", &[("addons/b/values.yaml", "x\n")])?;
    story.commit("main", "beside", &[("addons/a/values.yaml", "x\n")])?;

    let plan = story.plan(&[])?;

    assert_eq!(plan.drawn(), ["c1: incompatible pick", "other addon: pick pick", "beside: pick pick"]);
    assert_eq!(plan.field(c1, "1.35", "reason"), "`addons/a/addon.yaml` says `>=1.36`");
    assert_eq!(plan.code, Some(0));
    Ok(())
}

#[test]
fn each_pick_stands_on_those_before_it() -> TestResult {
    let first = numbers(&[]);
    let story = Story::new(ALL, &[("a", &first)], &["1.36"])?;
    story.commit("release/1.36", "by hand", &[("a", &numbers(&[(20, "target")]))])?;
    story.commit("main", "c1", &[("a", &numbers(&[(1, "one")]))])?;
    story.commit("main", "c2", &[("a", &numbers(&[(1, "two")]))])?;
    story.commit("main", "c3", &[("a", &numbers(&[(1, "one")]))])?;

    assert_eq!(story.plan(&[])?.drawn(), ["c1: pick", "c2: pick", "c3: pick"]);
    Ok(())
}

#[test]
fn what_is_there_already_is_empty() -> TestResult {
    let story = Story::new(ALL, &[("a", "1\n"), ("b", "1\n")], &["1.36"])?;
    story.commit("release/1.36", "by hand", &[("a", "2\n"), ("b", "2\n")])?;
    story.commit("main", "c1", &[("a", "2\n")])?;

    let plan = story.plan(&[])?;

    assert_eq!(plan.drawn(), ["c1: empty"]);
    assert_eq!(plan.code, Some(0));
    Ok(())
}

#[test]
fn what_a_commit_requires_must_be_there() -> TestResult {
    let story =
        Story::new("  select: [{id: b, when: {paths: {any: [b]}}, to: all}]\n", &[("b", "1\n")], &["1.36"])?;
    let a = story.commit("main", "a", &[("a", "1\n")])?;
    let b = story.commit("main", &format!("b\n\nPick-Requires: {a}\n"), &[("b", "2\n")])?;

    let plan = story.plan(&[])?;
    assert_eq!(plan.drawn(), ["a: not-selected", "b: blocked"]);
    assert_eq!(plan.requires(b, "1.36"), [a.to_string()]);
    assert_eq!(plan.code, Some(3));

    story.pick_by_hand("release/1.36", a, &[("a", "1\n")])?;
    assert_eq!(story.plan(&[])?.drawn(), ["a: not-selected", "b: pick"]);
    Ok(())
}

#[test]
fn what_a_commit_requires_is_taken_along_where_the_policy_says_so() -> TestResult {
    let policy = "  select: [{id: b, when: {paths: {any: [b]}}, to: all}]\n  dependencies: {mode: auto}\n";
    let story = Story::new(policy, &[("b", "1\n")], &["1.36"])?;
    let a = story.commit("main", "a", &[("a", "1\n")])?;
    let b = story.commit("main", &format!("b\n\nPick-Requires: {a}\n"), &[("b", "2\n")])?;

    let plan = story.plan(&[])?;

    assert_eq!(plan.drawn(), ["a: pick", "b: pick"]);
    assert_eq!(plan.field(a, "1.36", "rule"), "dependency");
    assert_eq!(plan.requires(b, "1.36"), [a.to_string()]);
    assert_eq!(plan.code, Some(0));
    Ok(())
}
