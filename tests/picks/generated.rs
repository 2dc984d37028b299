//! S5: generated paths, made anew for every minor.

use crate::repository::Story;
use crate::temp::TestResult;

const POLICY: &str = r#"  select: [{id: all, when: {paths: {any: ["addons/**"]}}, to: all}]
  regenerate: [{paths: [sum], by: {command: [sh, make.sh]}}]
"#;
/// Counts the lines of all addons, which no merge of two counts gives.
const MAKE: &str = "cat addons/* | wc -l | tr -d ' ' > sum\n";

fn story(make: &str) -> Result<Story, Box<dyn std::error::Error>> {
    let files = [("make.sh", make), ("addons/a", "1\n"), ("sum", "1\n")];
    let story = Story::new(POLICY, &files, &["1.36"])?;
    story.commit("release/1.36", "by hand", &[("addons/target", "1\n2\n"), ("sum", "3\n")])?;
    Ok(story)
}

#[test]
fn what_is_generated_is_made_anew_and_never_merged() -> TestResult {
    let story = story(MAKE)?;
    story.commit("main", "more", &[("addons/b", "1\n"), ("sum", "2\n")])?;
    story.commit("main", "generated alone\n\nPick-To: all\n", &[("sum", "7\n")])?;
    story.commit("main", "not generated", &[("addons/c", "1\n2\n")])?;

    let plan = story.plan(&[])?;

    assert_eq!(plan.drawn(), ["more: pick", "generated alone: only-generated", "not generated: pick"]);
    assert_eq!(plan.code, Some(0));
    Ok(())
}

#[test]
fn a_program_that_fails_or_changes_more_is_a_conflict_of_that_commit_alone() -> TestResult {
    for make in ["exit 1\n", "cat addons/* | wc -l > sum; echo x > other\n"] {
        let story = story(make)?;
        let unit = story.commit("main", "more", &[("addons/b", "1\n")])?;
        story.commit("main", "ci", &[("ci", "1\n")])?;

        let plan = story.plan(&[])?;

        assert_eq!(plan.drawn(), ["more: conflict", "ci: not-selected"], "{make}");
        assert_eq!(plan.code, Some(3));
        assert_eq!(plan.unit(unit, "1.36")["conflicts"][0]["kind"], "regenerate");
    }
    Ok(())
}

#[test]
fn the_branchs_own_side_can_be_kept() -> TestResult {
    let policy = "  select: [{id: all, to: all}]\n  regenerate: [{paths: [sum], by: keep-target}]\n";
    let story = Story::new(policy, &[("a", "1\n"), ("sum", "1\n")], &["1.36"])?;
    story.commit("release/1.36", "by hand", &[("sum", "3\n")])?;
    story.commit("main", "more", &[("a", "2\n"), ("sum", "2\n")])?;

    assert_eq!(story.plan(&[])?.drawn(), ["more: pick"]);
    Ok(())
}
