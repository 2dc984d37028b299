//! S1: which commits go where, by paths, authors, kinds and trailers.

use crate::repository::Story;
use crate::temp::TestResult;

const ADDONS: &str = "  select:\n    - {id: addons, when: {paths: {any: [\"addons/**\"]}}, to: all}\n";

#[test]
fn a_commit_goes_where_the_first_rule_that_matches_sends_it() -> TestResult {
    let policy = r#"  select:
    - {id: docs, when: {paths: {only: ["docs/**"]}}, to: none}
    - {id: bot, when: {author: "*@bots.example.com"}, to: none}
    - {id: cilium, when: {paths: {any: ["addons/cilium/**"]}}, to: {minors: ">=1.36"}}
    - {id: addons, when: {paths: {any: ["addons/*/addon.yaml", "addons/**"]}}, to: all}
    - {id: asked, when: {paths: {any: ["ci/**"]}}, to: trailer}
"#;
    let story = Story::new(policy, &[("addons/cilium/addon.yaml", "a\n")], &["1.35", "1.36"])?;
    story.commit("main", "docs", &[("docs/a.md", "x\n")])?;
    story.commit("main", "docs and more", &[("docs/a.md", "y\n"), ("README.md", "x\n")])?;
    let cilium = story.commit("main", "cilium", &[("addons/cilium/addon.yaml", "b\n")])?;
    story.commit("main", "coredns", &[("addons/coredns/addon.yaml", "b\n")])?;
    story.commit("main", "ci", &[("ci/a", "x\n")])?;
    story.commit("main", "ci, asked for\n\nPick-To: 1.35\n", &[("ci/b", "x\n")])?;
    story.commit("main", "empty", &[])?;

    let plan = story.plan(&[])?;

    assert_eq!(
        plan.drawn(),
        [
            "docs: not-selected not-selected",
            "docs and more: not-selected not-selected",
            "cilium: not-selected pick",
            "coredns: pick pick",
            "ci: not-selected not-selected",
            "ci, asked for: pick not-selected",
            "empty: not-selected not-selected",
        ]
    );
    assert_eq!(plan.code, Some(0));
    assert_eq!(plan.field(cilium, "1.35", "rule"), "cilium");
    assert_eq!(plan.field(cilium, "1.36", "action"), "pick");
    assert_eq!(plan.field(cilium, "1.35", "action"), "none");
    Ok(())
}

#[test]
fn trunk_only_paths_are_taken_out_before_anything_is_decided() -> TestResult {
    let story = Story::new(ADDONS, &[("addons/a/addon.yaml", "a\n")], &["1.36"])?;
    story.commit("main", "both", &[("addons/a/addon.yaml", "b\n"), ("clusters/web.yaml", "x\n")])?;
    story.commit("main", "cluster", &[("clusters/web.yaml", "y\n")])?;
    story.commit("main", "cluster, asked for\n\nPick-To: all\n", &[("clusters/web.yaml", "z\n")])?;
    story.commit("main", "beyond", &[("addons/a/addon.yaml", "c\n"), ("ci/x", "x\n")])?;

    let plan = story.plan(&[])?;

    let drawn = ["both: pick", "cluster: not-selected", "cluster, asked for: empty", "beyond: blocked"];
    assert_eq!(plan.drawn(), drawn);
    Ok(())
}

#[test]
fn a_commit_that_changes_more_than_its_rule_selects_is_an_error_that_stops_nothing_else() -> TestResult {
    for (mixed, code, expected) in [
        ("", 3, ["mixed: blocked blocked", "after: pick pick"]),
        (", mixed: error", 3, ["mixed: blocked blocked", "after: pick pick"]),
        (", mixed: filter", 0, ["mixed: pick pick", "after: pick pick"]),
        (", mixed: whole", 0, ["mixed: pick pick", "after: pick pick"]),
    ] {
        let policy = ADDONS.replace(", to: all", &format!(", to: all{mixed}"));
        let story = Story::new(&policy, &[("addons/a", "a\n")], &["1.35", "1.36"])?;
        let unit = story.commit("main", "mixed", &[("addons/a", "b\n"), ("ci/x", "x\n")])?;
        story.commit("main", "after", &[("addons/b", "b\n")])?;

        let plan = story.plan(&[])?;

        assert_eq!((plan.code, plan.drawn()), (Some(code), expected.map(str::to_owned).to_vec()), "{mixed}");
        if code == 3 {
            assert!(plan.field(unit, "1.36", "reason").starts_with("mixed: "));
            assert_eq!(plan.stderr.matches("error[mixed]").count(), 1, "{}", plan.stderr);
        }
    }
    Ok(())
}

#[test]
fn exclusions_win_over_rules_and_trailers_until_they_expire() -> TestResult {
    let story = Story::new(ADDONS, &[("addons/a", "a\n")], &["1.35", "1.36"])?;
    let unit = story.commit("main", "a\n\nPick-To: 1.35, 1.36\n", &[("addons/a", "b\n")])?;
    story.commit("main", "b\n\nNo-Pick-To: 1.35 (needs 1.36)\n", &[("addons/b", "b\n")])?;
    let exclude = format!(
        "{ADDONS}  exclude: [{{commit: \"{unit}\", minors: \"1.36\", reason: breaks it, until: 2026-12-01}}]\n"
    );
    story.commit(
        "main",
        "policy",
        &[("picks.yaml", &format!("apiVersion: yoshino.dev/v1alpha1\nkind: PickPolicy\nspec:\n{exclude}"))],
    )?;

    let before = story.plan(&["--now", "2026-11-30"])?;
    let after = story.plan(&["--now", "2026-12-01"])?;

    assert_eq!(before.drawn()[..2], ["a: pick excluded", "b: excluded pick"]);
    assert_eq!(before.field(unit, "1.36", "reason"), "breaks it");
    assert_eq!(before.code, Some(0));
    assert_eq!(after.drawn()[..2], ["a: pick pick", "b: excluded pick"]);
    Ok(())
}

#[test]
fn a_trailer_that_cannot_be_understood_blocks_the_commit_alone() -> TestResult {
    let story = Story::new(ADDONS, &[("addons/a", "a\n")], &["1.36"])?;
    let unit = story.commit("main", "a\n\nPick-To: >=1.34, <=1.37\n", &[("addons/a", "b\n")])?;
    story.commit("main", "b", &[("addons/b", "b\n")])?;

    let plan = story.plan(&[])?;

    assert_eq!(plan.drawn(), ["a: blocked", "b: pick"]);
    assert!(plan.field(unit, "1.36", "reason").starts_with("pick-trailer: `Pick-To: >=1.34, <=1.37`"));
    assert_eq!(plan.code, Some(3));
    Ok(())
}

#[test]
fn what_is_picked_already_is_known_by_its_line_of_provenance() -> TestResult {
    let story = Story::new(ADDONS, &[("addons/a", "a\n")], &["1.35", "1.36"])?;
    let unit = story.commit("main", "a", &[("addons/a", "b\n")])?;
    let short = format!("a\n\n(cherry picked from commit {})\n", &unit.to_string()[..12]);
    let merged = format!(
        "a\n\n(cherry picked from commit {})\n(cherry picked from commit {unit})\nPick-Rule: x\n",
        "0".repeat(40)
    );
    story.commit("release/1.35", &short, &[("addons/a", "b2\n")])?;
    story.commit("release/1.36", &merged, &[("addons/a", "b\n")])?;

    let plan = story.plan(&[])?;

    assert_eq!(plan.drawn(), ["a: conflict already-picked"]);
    Ok(())
}

#[test]
fn two_comparisons_with_a_comma_are_told_what_was_meant_in_every_trailer() -> TestResult {
    for trailer in ["Pick-To: >=1.34, <=1.37", "No-Pick-To: >=1.34, <=1.37 (why)"] {
        let story = Story::new(ADDONS, &[("addons/a", "a\n")], &["1.36"])?;
        let unit = story.commit("main", &format!("c1\n\n{trailer}\n"), &[("addons/a", "b\n")])?;

        let reason = story.plan(&[])?.field(unit, "1.36", "reason");

        assert!(reason.contains(&format!("`{trailer}` names no minors; a blank means and: `")), "{reason}");
    }
    Ok(())
}
