//! `pick verify`, as the job of a pull request runs it.
#![expect(clippy::disallowed_methods, reason = "tests make files and run the binary")]

#[path = "picks/repository.rs"]
#[expect(dead_code, reason = "every test uses a part of it")]
mod repository;
#[path = "../src/tree/temp.rs"]
mod temp;

use repository::Story;
use temp::TestResult;

const POLICY: &str = "  select: [{id: all, to: all}]\n";

#[test]
fn a_pull_request_that_applying_made_passes_and_a_draft_does_not() -> TestResult {
    let story = Story::new(POLICY, &[("a", "1\n"), ("b", "1\n")], &["1.36"])?;
    let two = story.commit("main", "two", &[("a", "2\n")])?;
    story.pick_by_hand("release/1.36", two, &[("a", "2\n")])?;

    let good = story.run(&["pick", "verify", "main~1..release/1.36"])?;
    assert_eq!((good.code, good.stdout.as_str()), (Some(0), ""), "{}", good.stderr);
    assert_eq!(good.stderr, "1 commit, nothing wrong\n");

    let message = format!("two\n\n(cherry picked from commit {two})\nPick-Conflict: b\n");
    let draft =
        story.commit("release/1.36", &message, &[("b", "<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> x\n")])?;
    let stranger = story.commit("release/1.36", "by hand", &[("b", "2\n")])?;

    let bad = story.run(&["pick", "verify", "main~1..release/1.36"])?;
    assert_eq!(bad.code, Some(2));
    let short = |id: git2::Oid| id.to_string()[..12].to_owned();
    let expected = [
        format!("{} b: a conflict is left in line 1 [pick-marker]\n", short(draft)),
        format!("{} it is a draft: `Pick-Conflict: b` is not resolved [pick-draft]\n", short(draft)),
        format!(
            "{} nothing says where it comes from; expected one `(cherry picked from commit …)` of trunk, or \
             `Not-Picked-Because: …` [pick-provenance]\n",
            short(stranger)
        ),
    ];
    assert_eq!(bad.stdout, expected.concat());
    assert_eq!(bad.stderr, "3 commits, 3 findings\n");
    Ok(())
}

#[test]
fn what_only_a_command_can_tell_is_not_verified_without_being_asked_to() -> TestResult {
    let policy = format!(
        "{POLICY}  regenerate: [{{paths: [sums], by: {{command: [sh, -c, touch ran; cp a sums]}}}}]\n"
    );
    let story = Story::new(&policy, &[("a", "1\n"), ("sums", "1\n")], &["1.36"])?;
    let two = story.commit("main", "two", &[("a", "2\n"), ("sums", "2\n")])?;
    story.pick_by_hand("release/1.36", two, &[("a", "2\n")])?;

    let unasked = story.run(&["pick", "verify", "main~1..release/1.36", "--format", "json"])?;
    assert_eq!(unasked.code, Some(4));
    let json: serde_json::Value = serde_json::from_str(&unasked.stdout)?;
    assert_eq!(json, serde_json::json!({"commits": 1, "findings": [], "unverified": ["sums"]}));

    let asked = story.run(&["pick", "verify", "main~1..release/1.36", "--run-commands"])?;
    assert_eq!(asked.code, Some(2));
    assert!(
        asked.stdout.contains("ran: it cannot be generated: the command changes `ran`"),
        "{}",
        asked.stdout
    );
    Ok(())
}

#[test]
fn a_range_that_is_none_and_a_commit_that_is_not_there_are_refused() -> TestResult {
    let story = Story::new(POLICY, &[("a", "1\n")], &["1.36"])?;

    let one = story.run(&["pick", "verify", "main"])?;
    assert_eq!(one.code, Some(2));
    assert!(
        one.stderr.contains("expected BASE..HEAD, such as `origin/release/1.36..HEAD`"),
        "{}",
        one.stderr
    );

    let absent = story.run(&["pick", "verify", "nothing..main"])?;
    assert_eq!(absent.code, Some(2));
    assert!(
        absent.stderr.starts_with("error[unknown-revision]: there is no commit `nothing`"),
        "{}",
        absent.stderr
    );
    Ok(())
}
