//! Stories of waivers: who lets a finding stand, where, until when, and what is said of it.

mod fleet_repository;

use fleet_repository::{Fleet, TestResult};
use serde_json::json;

const SPEC: &str =
    "  project: blue\n  provider: docker\n  kubernetes: v1.35.2\n  controlPlane: {replicas: 1}\n";

/// An addon that does not follow the minor of its clusters, and one of these, `web`.
fn fleet(test: &str) -> Result<Fleet, Box<dyn std::error::Error>> {
    let fleet = Fleet::new(test, &[])?;
    fleet.edit("addons/cilium/addon.yaml", "  source:", "  exactMinor: {prefix: \"2.{n}.\"}\n  source:")?;
    fleet.cluster("web", "", SPEC)?;
    Ok(fleet)
}

fn waiver(rule: &str, until: &str) -> String {
    format!(
        "  waivers:\n  - {{rule: {rule}, owner: team-web, reason: the new one is tried, until: \"{until}\"}}\n"
    )
}

#[test]
fn a_finding_stands_until_its_day_and_is_then_reported_with_the_waiver() -> TestResult {
    let fleet = fleet("until")?;
    assert_eq!(fleet.run(&["check"])?.exit, Some(2));
    assert_eq!(fleet.run(&["render"])?.exit, Some(2));
    fleet.cluster("web", "", &format!("{SPEC}{}", waiver("exact-minor", "2026-11-21")))?;

    let on_the_day = fleet.run(&["check", "--today", "2026-11-21"])?;
    let the_day_after = fleet.run(&["check", "--today", "2026-11-22"])?;

    assert_eq!((on_the_day.exit, on_the_day.stdout.as_str()), (Some(0), ""));
    assert!(on_the_day.stderr.ends_with(" rules, nothing found; 1 finding waived\n"), "{on_the_day:?}");
    assert_eq!(the_day_after.exit, Some(2));
    assert_eq!(
        the_day_after.stdout,
        "error[exact-minor]: `1.20.3` of `cilium` does not follow Kubernetes 1.35
  --> addons/cilium/addon.yaml:9:79
   |
 9 |   source: {helm: {repository: https://helm.cilium.io, chart: cilium, version: 1.20.3, values: {mtu: 1500}}}
   |                                                                               ^^^^^^ must begin with `2.35.`
  ::: addons/cilium/addon.yaml:8:15
   |
 8 |   exactMinor: {prefix: \"2.{n}.\"}
   |               ------------------ follows the cluster's minor
  ::: clusters/web.yaml:3:18
   |
 3 | metadata: {name: web, labels: {}}
   |                  --- on `blue/web`
  ::: clusters/web.yaml:10:5
   |
10 |   - {rule: exact-minor, owner: team-web, reason: the new one is tried, until: \"2026-11-21\"}
   |     --------------------------------------------------------------------------------------- let stand until 2026-11-21 by team-web: the new one is tried
   = hint: add an entry for \"1.35\" to `perMinor`, or narrow `kubernetes`
   = hint: the waiver has ended: mend it, or agree on another day and take that over

"
    );
    Ok(())
}

#[test]
fn rendering_has_no_clock_and_takes_a_waiver_as_it_is() -> TestResult {
    let fleet = fleet("clock")?;
    fleet.cluster("web", "", &format!("{SPEC}{}", waiver("exact-minor", "2020-01-01")))?;
    for date in ["2019-01-01T00:00:00Z", "2026-11-21T00:00:00Z"] {
        assert_eq!(fleet.run_on(date, &["render"])?.exit, Some(0));
        assert_eq!(fleet.run_on(date, &["render", "--check"])?.exit, Some(0));
    }
    Ok(())
}

#[test]
fn a_clusters_waiver_is_for_that_cluster_and_one_in_defaults_for_all_beneath() -> TestResult {
    let fleet = fleet("whose")?;
    let waived = waiver("exact-minor", "2026-12-31");
    fleet.cluster("other", "", SPEC)?;
    fleet.cluster("web", "", &format!("{SPEC}{waived}"))?;

    let found = fleet.run(&["check", "--today", "2026-11-21", "--format", "json"])?.json()?;
    assert_eq!(found["diagnostics"][0]["related"][1]["message"], "on `blue/other`");
    assert_eq!(found["waived"][0]["related"][1]["message"], "on `blue/web`");

    fleet.cluster("web", "", SPEC)?;
    let defaults = format!("apiVersion: yoshino.dev/v1alpha1\nkind: ClusterDefaults\nspec:\n{waived}");
    fleet.write("clusters/_defaults.yaml", &defaults)?;
    let found = fleet.run(&["check", "--today", "2026-11-21", "--format", "json"])?.json()?;
    assert_eq!(found["diagnostics"], json!([]));
    assert_eq!(found["waived"][0]["related"][1]["message"], "on `blue/other` and 1 more");
    Ok(())
}

#[test]
fn programs_are_told_what_is_waived_and_by_whom() -> TestResult {
    let fleet = fleet("programs")?;
    fleet.edit(
        "addons/cilium/addon.yaml",
        "  source:",
        &format!("{}  source:", waiver("exact-minor", "2026-12-31")),
    )?;

    let found = fleet.run(&["check", "--today", "2026-11-21", "--format", "json"])?.json()?;
    assert_eq!(found["diagnostics"], json!([]));
    assert_eq!(found["waived"][0]["rule"], "exact-minor");
    assert_eq!(found["waived"][0]["line"], 11);
    let waiver = json!({"owner": "team-web", "reason": "the new one is tried", "until": "2026-12-31", "file": "addons/cilium/addon.yaml", "line": 10, "column": 5});
    assert_eq!(found["waived"][0]["waiver"], waiver);

    let log = fleet.run(&["check", "--today", "2026-11-21", "--format", "sarif"])?.json()?;
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "exact-minor");
    let suppression = &result["suppressions"][0];
    assert_eq!(suppression["kind"], "inSource");
    assert_eq!(suppression["status"], "accepted");
    assert_eq!(suppression["justification"], "the new one is tried (team-web, until 2026-12-31)");
    assert_eq!(suppression["location"]["physicalLocation"]["region"]["startLine"], 10);

    let github = fleet.run(&["check", "--today", "2026-11-21", "--format", "github"])?;
    assert_eq!((github.exit, github.stdout.as_str()), (Some(0), ""));
    Ok(())
}

#[test]
fn a_waiver_for_nothing_or_for_what_must_hold_is_reported() -> TestResult {
    let fleet = Fleet::new("idle", &[])?;
    let found = |rule: &str| -> Result<(Option<i32>, String), Box<dyn std::error::Error>> {
        fleet.cluster("web", "", &format!("{SPEC}{}", waiver(rule, "2026-12-31")))?;
        let ran = fleet.run(&["check", "--today", "2026-11-21"])?;
        Ok((ran.exit, ran.stdout.lines().next().unwrap_or_default().to_owned()))
    };
    let stale = "warning[waiver-stale]: `exact-minor` finds nothing here that could be let stand";
    assert_eq!(found("exact-minor")?, (Some(0), stale.to_owned()));
    let unknown = "error[waiver-rule]: no rule is called `exact-miner`";
    assert_eq!(found("exact-miner")?, (Some(2), unknown.to_owned()));
    let binding = "error[waiver-rule]: what `server-collision` finds cannot be waived";
    assert_eq!(found("server-collision")?, (Some(2), binding.to_owned()));
    Ok(())
}

#[test]
fn a_waiver_is_not_for_nothing_where_nobody_knows_what_runs_where() -> TestResult {
    let fleet = Fleet::new("unexpanded", &[])?;
    fleet.cluster("db", "", &format!("{SPEC}{}", waiver("addon-retired", "2026-12-31")))?;
    fleet.cluster("web", "", &format!("{SPEC}{}", waiver("external-dns-owner", "2026-12-31")))?;
    fleet.edit("addons/cilium/addon.yaml", ">=1.33 <1.37", ">=1.36")?;
    fleet.cluster("www", "", &format!("{SPEC}  addons: {{cilium: true}}\n"))?;

    let told = fleet.run(&["check", "--today", "2026-11-21"])?;

    assert_eq!(told.exit, Some(2), "{told:?}");
    let rules = told.stdout.lines().filter(|line| line.starts_with(['e', 'w'])).collect::<Vec<_>>();
    assert_eq!(rules, ["error[addon-unsupported]: `cilium` does not run on this cluster"]);
    Ok(())
}
