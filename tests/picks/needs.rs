//! S4: a commit that changes what another added.

use crate::repository::{Plan, Story};
use crate::temp::TestResult;
use git2::Oid;

/// B is selected by its path, A is not.
fn story(further: &str) -> Result<(Story, Oid, Oid), Box<dyn std::error::Error>> {
    let policy =
        format!("  select: [{{id: b, when: {{paths: {{any: [b]}}}}, to: all, mixed: whole}}]\n{further}");
    let story = Story::new(&policy, &[("x", "1\n2\n3\n"), ("b", "1\n")], &["1.36"])?;
    let a = story.commit("main", "a", &[("x", "1\n2\nadded\n3\n")])?;
    let b = story.commit("main", "b", &[("x", "1\n2\nchanged\n3\n"), ("b", "2\n")])?;
    Ok((story, a, b))
}

fn exclude(story: &Story, commit: Oid, further: &str) -> Result<(), git2::Error> {
    let text = format!(
        "apiVersion: yoshino.dev/v1alpha1\nkind: PickPolicy\nspec:\n  select: [{{id: b, when: {{paths: {{any: [b]}}}}, to: all, mixed: whole}}]\n{further}  exclude: [{{commit: \"{commit}\", reason: breaks it}}]\n"
    );
    story.commit("main", "policy", &[("picks.yaml", &text)])?;
    Ok(())
}

fn b_of(plan: &Plan, b: Oid) -> (String, Vec<String>) {
    (plan.field(b, "1.36", "status"), plan.requires(b, "1.36"))
}

#[test]
fn what_a_conflict_lacks_is_named() -> TestResult {
    let (story, a, b) = story("")?;

    let plan = story.plan(&[])?;

    assert_eq!(plan.drawn(), ["a: not-selected", "b: conflict"]);
    assert_eq!(b_of(&plan, b), ("conflict".to_owned(), vec![a.to_string()]));
    assert_eq!(plan.code, Some(3));
    Ok(())
}

#[test]
fn it_is_taken_along_where_the_policy_says_so() -> TestResult {
    let (story, a, b) = story("  dependencies: {mode: auto}\n")?;

    let plan = story.plan(&[])?;

    assert_eq!(plan.drawn(), ["a: pick", "b: pick"]);
    assert_eq!(plan.field(a, "1.36", "rule"), "dependency");
    assert_eq!(b_of(&plan, b), ("pick".to_owned(), vec![a.to_string()]));
    assert_eq!(plan.code, Some(0));
    Ok(())
}

#[test]
fn what_is_excluded_blocks_and_is_never_taken_along() -> TestResult {
    for mode in ["", "  dependencies: {mode: auto}\n"] {
        let (story, a, b) = story(mode)?;
        exclude(&story, a, mode)?;

        let plan = story.plan(&[])?;

        assert_eq!(plan.drawn(), ["a: excluded", "b: blocked", "policy: not-selected"], "{mode}");
        assert_eq!(b_of(&plan, b), ("blocked".to_owned(), vec![a.to_string()]));
        assert!(plan.field(b, "1.36", "reason").contains("breaks it"));
        assert_eq!(plan.code, Some(3));
    }
    Ok(())
}

#[test]
fn nothing_is_looked_for_where_the_policy_says_so() -> TestResult {
    let (story, _, b) = story("  dependencies: {mode: off}\n")?;

    let plan = story.plan(&[])?;

    assert_eq!(b_of(&plan, b), ("conflict".to_owned(), vec![]));
    Ok(())
}

#[test]
fn what_is_taken_along_takes_along_what_it_needs() -> TestResult {
    let policy = "  select: [{id: b, when: {paths: {any: [b]}}, to: all, mixed: whole}]\n  dependencies: {mode: auto}\n";
    let story = Story::new(policy, &[("x", "1\n2\n3\n"), ("b", "1\n")], &["1.36"])?;
    story.commit("main", "a1", &[("x", "1\n2\nadded\n3\n")])?;
    story.commit("main", "beside", &[("y", "1\n")])?;
    story.commit("main", "a2", &[("x", "1\n2\nmore\n3\n")])?;
    story.commit("main", "b", &[("x", "1\n2\nchanged\n3\n"), ("b", "2\n")])?;

    assert_eq!(story.plan(&[])?.drawn(), ["a1: pick", "beside: not-selected", "a2: pick", "b: pick"]);
    Ok(())
}

#[test]
fn what_does_not_help_is_not_taken_along() -> TestResult {
    let (story, a, b) = story("  dependencies: {mode: auto}\n")?;
    story.commit("release/1.36", "by hand", &[("x", "1\nother\n3\n")])?;

    let plan = story.plan(&[])?;

    assert_eq!(plan.drawn(), ["a: not-selected", "b: conflict"]);
    assert_eq!(plan.requires(b, "1.36"), [a.to_string()]);
    Ok(())
}

#[test]
fn what_a_minor_could_not_run_blocks_what_stands_on_it() -> TestResult {
    // S6: c1 is incompatible with 1.35, and c2 changes what c1 brought.
    let policy = "  select: [{id: all, to: all}]\n  compat: [{paths: \"addons/{addon}/**\", file: \"addons/{addon}/addon.yaml\", field: /spec/kubernetes}]\n";
    let addon = |range: &str| format!("spec:\n  kubernetes: \"{range}\"\n");
    let first = addon(">=1.33");
    let story = Story::new(
        policy,
        &[("addons/a/addon.yaml", &first), ("addons/a/values.yaml", "a: 1\n")],
        &["1.35", "1.36"],
    )?;
    let c1 = story.commit(
        "main",
        "c1",
        &[("addons/a/addon.yaml", &addon(">=1.36")), ("addons/a/values.yaml", "a: 2\n")],
    )?;
    let c2 = story.commit("main", "c2", &[("addons/a/values.yaml", "a: 3\n")])?;

    let plan = story.plan(&[])?;

    assert_eq!(plan.drawn(), ["c1: incompatible pick", "c2: blocked pick"]);
    assert_eq!(plan.requires(c2, "1.35"), [c1.to_string()]);
    assert!(plan.field(c2, "1.35", "reason").contains(&c1.to_string()[..12]));
    assert_eq!(plan.code, Some(3));
    Ok(())
}

#[test]
fn a_folder_that_moved_on_the_branch_is_asked_about() -> TestResult {
    // S10
    for (directories, status, code) in [("ask", "conflict", 3), ("follow", "pick", 0), ("ignore", "pick", 0)]
    {
        let policy = format!(
            "  select: [{{id: all, to: all}}]\n  merge: {{renames: {{directories: {directories}}}}}\n"
        );
        let files = [("old/a", "a\na\na\n"), ("old/b", "b\nb\nb\n")];
        let story = Story::new(&policy, &files, &["1.36"])?;
        story.commit(
            "release/1.36",
            "move",
            &[("old/a", "-"), ("old/b", "-"), ("new/a", "a\na\na\n"), ("new/b", "b\nb\nb\n")],
        )?;
        let unit = story.commit("main", "add", &[("old/c", "c\n")])?;

        let plan = story.plan(&[])?;

        assert_eq!((plan.drawn(), plan.code), (vec![format!("add: {status}")], Some(code)), "{directories}");
        if directories == "ask" {
            assert_eq!(
                plan.unit(unit, "1.36")["conflicts"],
                serde_json::json!([{"path": "old/c", "kind": "directory-rename", "suggest": "new/c"}])
            );
        }
    }
    Ok(())
}
