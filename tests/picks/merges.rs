//! S3: merge commits of trunk's chain.

use git2::Oid;

use crate::repository::Story;
use crate::temp::TestResult;

fn policy(merges: &str) -> String {
    format!(
        "  select: [{{id: top, when: {{paths: {{any: [\"*.yaml\"]}}}}, to: all}}]\n  merge: {{mergeCommits: {merges}}}\n"
    )
}

/// Makes two commits beside trunk and one on it, and merges them with these further changes.
fn merged(story: &Story, further: &[(&str, &str)]) -> Result<[Oid; 3], git2::Error> {
    let base = story.git.refname_to_id("refs/heads/main")?;
    story.branch("feature", base)?;
    let f1 = story.commit("feature", "f1", &[("a.yaml", "1\n")])?;
    let f2 = story.commit("feature", "f2", &[("b.yaml", "1\n")])?;
    story.commit("main", "on trunk", &[("c.yaml", "1\n")])?;
    let mut files = vec![("a.yaml", "1\n"), ("b.yaml", "1\n")];
    files.extend_from_slice(further);
    let merge = story.merge("main", "Merge f", &files, &[f2])?;
    Ok([f1, f2, merge])
}

#[test]
fn a_merge_is_one_pick_unless_the_policy_takes_it_apart_or_refuses_it() -> TestResult {
    for (merges, code, status) in [("squash", 0, "pick"), ("expand", 0, "pick"), ("reject", 3, "blocked")] {
        let story = Story::new(&policy(merges), &[], &["1.35", "1.36"])?;
        let [f1, f2, merge] = merged(&story, &[])?;
        story.commit("main", "after", &[("d.yaml", "1\n")])?;

        let plan = story.plan(&[])?;

        let drawn = [
            "on trunk: pick pick".to_owned(),
            format!("Merge f: {status} {status}"),
            "after: pick pick".to_owned(),
        ];
        assert_eq!((plan.drawn(), plan.code), (drawn.to_vec(), Some(code)), "{merges}");
        let parts = &plan.unit(merge, "1.36")["parts"];
        match merges {
            "expand" => assert_eq!(*parts, serde_json::json!([f1.to_string(), f2.to_string()])),
            _ => assert!(parts.is_null()),
        }
        if merges == "reject" {
            assert!(plan.field(merge, "1.36", "reason").starts_with("merge-commit: "));
            assert!(plan.stderr.contains("error[merge-commit]"), "{}", plan.stderr);
        }
    }
    Ok(())
}

#[test]
fn a_merge_that_did_more_than_merge_is_not_taken_apart() -> TestResult {
    let story = Story::new(&policy("expand"), &[], &["1.36"])?;
    let [_, _, merge] = merged(&story, &[("e.yaml", "1\n")])?;
    story.commit("main", "after", &[("d.yaml", "1\n")])?;

    let plan = story.plan(&[])?;

    assert_eq!(plan.drawn(), ["on trunk: pick", "Merge f: blocked", "after: pick"]);
    assert_eq!(
        plan.field(merge, "1.36", "reason"),
        "evil-merge: e.yaml differs from the merge of its parents"
    );
    assert_eq!(plan.field(merge, "1.36", "action"), "none");
    assert!(plan.stderr.contains("error[evil-merge]"), "{}", plan.stderr);
    assert_eq!(plan.code, Some(3));

    let squashed = Story::new(&policy("squash"), &[], &["1.36"])?;
    merged(&squashed, &[("e.yaml", "1\n")])?;
    assert_eq!(squashed.plan(&[])?.drawn(), ["on trunk: pick", "Merge f: pick"]);
    Ok(())
}

#[test]
fn an_exclusion_settles_a_merge_that_nobody_can_take_apart() -> TestResult {
    let story = Story::new(&policy("expand"), &[], &["1.36"])?;
    let [_, _, merge] = merged(&story, &[("e.yaml", "1\n")])?;
    let text = format!(
        "apiVersion: yoshino.dev/v1alpha1\nkind: PickPolicy\nspec:\n{}  exclude: [{{commit: \"{merge}\", reason: by hand}}]\n",
        policy("expand")
    );
    story.commit("main", "policy", &[("picks.yaml", &text)])?;

    let plan = story.plan(&[])?;

    assert_eq!(plan.drawn(), ["on trunk: pick", "Merge f: excluded", "policy: not-selected"]);
    assert_eq!(plan.code, Some(0));
    Ok(())
}

#[test]
fn a_merge_is_there_once_its_id_is() -> TestResult {
    let story = Story::new(&policy("expand"), &[], &["1.36"])?;
    let [f1, f2, merge] = merged(&story, &[])?;
    story.pick_by_hand("release/1.36", f1, &[("a.yaml", "1\n")])?;
    assert_eq!(story.plan(&[])?.drawn()[1], "Merge f: pick");

    let message = format!("f2\n\n(cherry picked from commit {f2})\n(cherry picked from commit {merge})\n");
    story.commit("release/1.36", &message, &[("b.yaml", "1\n")])?;

    assert_eq!(story.plan(&[])?.drawn()[1], "Merge f: already-picked");
    Ok(())
}

#[test]
fn what_was_picked_stays_picked_once_trunk_has_merged_the_branch() -> TestResult {
    let story = Story::new("  select: [{id: all, to: all}]\n", &[("x", "1\n")], &["1.36"])?;
    let first = story.commit("main", "first", &[("x", "2\n")])?;
    let second = story.commit("main", "second", &[("x", "3\n")])?;
    story.pick_by_hand("release/1.36", first, &[("x", "2\n")])?;
    let tip = story.pick_by_hand("release/1.36", second, &[("x", "3\n")])?;
    story.merge("main", "Merge release/1.36", &[], &[tip])?;
    story.commit("main", "after", &[("y", "1\n")])?;

    let plan = story.plan(&[])?;

    let drawn =
        ["first: already-picked", "second: already-picked", "Merge release/1.36: empty", "after: pick"];
    assert_eq!((plan.drawn(), plan.code), (drawn.map(str::to_owned).to_vec(), Some(0)));
    Ok(())
}
