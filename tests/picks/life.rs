//! S12: minors that are frozen, in maintenance, or at their end.

use crate::repository::Story;
use crate::temp::TestResult;

const POLICY: &str = r#"  targets:
    minors: ">=1.34 <=1.36"
    lifecycle: {"1.34": {maintenanceFrom: 2026-08-27, endOfLife: 2026-10-27}, "1.35": {maintenanceFrom: 2026-12-28, endOfLife: 2027-02-28}, "1.33": {endOfLife: 2026-06-28}}
    maintenance: {allow: [security, revert]}
    freeze: [{minor: "1.36", from: 2026-12-11, until: 2026-12-15, allow: [security]}]
  select: [{id: all, to: all}]
"#;

#[test]
fn a_minor_takes_less_as_it_ages_and_nothing_at_its_end() -> TestResult {
    let story = Story::new(POLICY, &[("a", "1\n")], &["1.34", "1.35", "1.36", "1.37"])?;
    story.commit("main", "c1", &[("a", "2\n")])?;
    story.commit("main", "c2\n\nPick-Kind: security\n", &[("b", "2\n")])?;
    let c3 = story.commit("main", "c3\n\nPick-To: 1.34\n", &[("c", "2\n")])?;

    let table = [
        ("2026-08-26", 0, ["c1: pick pick pick", "c2: pick pick pick", "c3: pick not-selected not-selected"]),
        (
            "2026-08-27",
            0,
            ["c1: frozen pick pick", "c2: pick pick pick", "c3: frozen not-selected not-selected"],
        ),
        ("2026-10-27", 3, ["c1: eol pick pick", "c2: eol pick pick", "c3: eol not-selected not-selected"]),
        ("2026-12-11", 3, ["c1: eol pick frozen", "c2: eol pick pick", "c3: eol not-selected not-selected"]),
        (
            "2026-12-14T23:59:59Z",
            3,
            ["c1: eol pick frozen", "c2: eol pick pick", "c3: eol not-selected not-selected"],
        ),
        ("2026-12-15", 3, ["c1: eol pick pick", "c2: eol pick pick", "c3: eol not-selected not-selected"]),
        ("2026-12-28", 3, ["c1: eol frozen pick", "c2: eol pick pick", "c3: eol not-selected not-selected"]),
        ("2027-03-01", 3, ["c1: eol eol pick", "c2: eol eol pick", "c3: eol not-selected not-selected"]),
    ];
    for (now, code, expected) in table {
        let plan = story.plan(&["--now", now])?;
        assert_eq!((plan.drawn(), plan.code), (expected.map(str::to_owned).to_vec(), Some(code)), "{now}");
    }
    let plan = story.plan(&["--now", "2026-11-21"])?;
    assert!(plan.field(c3, "1.34", "reason").starts_with("eol-requested: "));
    assert!(plan.stderr.contains("error[eol-requested]"), "{}", plan.stderr);
    Ok(())
}

#[test]
fn what_came_in_time_is_no_complaint_afterwards() -> TestResult {
    let story = Story::new(POLICY, &[("a", "1\n")], &["1.34"])?;
    let c1 = story.commit("main", "c1\n\nPick-To: 1.34\n", &[("a", "2\n")])?;
    let picked = story.pick_by_hand("release/1.34", c1, &[("a", "2\n")])?;

    let plan = story.plan(&["--now", "2026-11-21"])?;
    assert_eq!((plan.drawn(), plan.code), (vec!["c1: eol".to_owned()], Some(0)));

    let status = story.run(&["pick", "status", "--now", "2026-11-21"])?;
    assert!(status.stdout.contains(&picked.to_string()[..12]), "{}", status.stdout);
    Ok(())
}

#[test]
fn the_day_is_that_of_the_fleet_and_of_the_committer() -> TestResult {
    let fleet = "spec:\n  timezone: Asia/Tokyo\n";
    let story = Story::new(POLICY, &[("a", "1\n"), ("fleet.yaml", fleet)], &["1.34"])?;
    story.commit("main", "c1", &[("a", "2\n")])?;

    let drawn = |now: &str| story.plan(&["--now", now]).map(|plan| plan.drawn());
    assert_eq!(drawn("2026-10-26T14:59:59Z")?, ["c1: frozen"]);
    assert_eq!(drawn("2026-10-26T15:00:00Z")?, ["c1: eol"]);

    let mut command = crate::repository::command(story.path());
    // 2026-10-26T15:00:00Z
    command.env("GIT_COMMITTER_DATE", "1793026800 +0000").args(["pick", "plan", "--format", "json"]);
    let plan = crate::repository::Plan::of(crate::repository::answer(command.output()?)?)?;
    assert_eq!(plan.drawn(), ["c1: eol"]);
    assert_eq!(plan.json["now"], "2026-10-27");
    Ok(())
}
