//! The whole loop on a copy of the reference fleet: branches are cut, commits of trunk are brought to them, releases are
//! made, clusters are pinned to them, and what trunk renders has each cluster's own release.
#![allow(clippy::disallowed_methods, reason = "the tests run the binary on files of their own")]

mod fleet_repository;

use std::collections::BTreeMap;
use std::error::Error;

use git2::Oid;
use serde_json::Value;

use fleet_repository::{Fleet, TestResult};

const CERT_MANAGER: &str = "addons/cert-manager/addon.yaml";
const METRICS_SERVER: &str = "addons/metrics-server/addon.yaml";
const COREDNS_AUTOSCALER: &str = "addons/coredns-autoscaler/addon.yaml";
const MINORS: [&str; 3] = ["1.34", "1.35", "1.36"];

/// Runs the tool, which must be content.
fn run(fleet: &Fleet, date: &str, arguments: &[&str]) -> Result<String, Box<dyn Error>> {
    let ran = fleet.run_on(date, arguments)?;
    assert_eq!(ran.exit, Some(0), "{arguments:?}: {}{}", ran.stdout, ran.stderr);
    Ok(ran.stdout)
}

/// Commits what is in the work tree, with its rendering.
fn commit_with_output(fleet: &Fleet, message: &str) -> Result<Oid, Box<dyn Error>> {
    run(fleet, "2026-11-01T00:00:00Z", &["render"])?;
    fleet.commit(message)
}

/// Brings trunk's commits to the minor branches.
fn pick(fleet: &Fleet, date: &str) -> TestResult {
    run(fleet, date, &["pick", "apply", "--onto", "direct"]).map(drop)
}

/// Returns, by the names of Applications, the revisions of their first source and of this repository's addons.
fn revisions(fleet: &Fleet, addon: &str) -> Result<BTreeMap<String, String>, Box<dyn Error>> {
    let previewed: Value =
        serde_json::from_str(&run(fleet, "2026-12-01T00:00:00Z", &["preview", "--format", "json"])?)?;
    let mut found = BTreeMap::new();
    for application in previewed["applications"].as_array().into_iter().flatten() {
        let name = application["metadata"]["name"].as_str().unwrap_or_default();
        let Some(cluster) = name.strip_prefix(addon).and_then(|rest| rest.strip_prefix('-')) else {
            continue;
        };
        let spec = &application["spec"];
        let source = spec.get("source").unwrap_or(&spec["sources"][0]);
        let revision = source["targetRevision"].as_str().unwrap_or_default();
        found.insert(cluster.to_owned(), revision.to_owned());
    }
    Ok(found)
}

#[test]
fn every_cluster_runs_what_its_own_release_holds() -> TestResult {
    // Three branches, and a commit of trunk that touches an addon, a cluster and the output together.
    let fleet = Fleet::reference("loop")?;
    commit_with_output(&fleet, "the output")?;
    for minor in MINORS {
        run(&fleet, "2026-11-01T00:00:00Z", &["branch", "cut", minor])?;
    }
    fleet.edit(CERT_MANAGER, "v1.21.3", "v1.21.4")?;
    fleet.edit("clusters/openstack/osaka/playground.yaml", "v1.34.6", "v1.34.7")?;
    commit_with_output(&fleet, "cert-manager: 1.21.4, and a newer playground")?;
    pick(&fleet, "2026-11-01T00:00:00Z")?;

    // Six releases on two days; on the second one the minors differ from each other and from trunk.
    run(&fleet, "2026-11-02T00:00:00Z", &["release", "cut"])?;
    fleet.edit(CERT_MANAGER, "v1.21.4", "v1.21.5")?;
    commit_with_output(&fleet, "cert-manager: 1.21.5\n\nPick-To: 1.35, 1.36")?;
    fleet.edit(COREDNS_AUTOSCALER, "wave: 1", "wave: 2")?;
    commit_with_output(&fleet, "coredns-autoscaler: later\n\nPick-To: 1.34")?;
    pick(&fleet, "2026-11-02T00:00:00Z")?;
    run(&fleet, "2026-11-03T00:00:00Z", &["release", "cut"])?;
    let releases = run(&fleet, "2026-11-03T00:00:00Z", &["list", "releases", "--format", "json"])?;
    assert_eq!(releases.matches("-ake.26110").count(), releases.matches("-ake.").count());

    // Five of them are in use; trunk goes on without the clusters that are pinned.
    for (clusters, release) in [
        (["reports", "payments/web"].as_slice(), "v1.34-ake.261102"),
        (&["playground"], "v1.34-ake.261103"),
        (&["edge", "ledger"], "v1.35-ake.261102"),
        (&["staging"], "v1.35-ake.261103"),
        (&["canary", "training"], "v1.36-ake.261103"),
    ] {
        run(&fleet, "2026-11-04T00:00:00Z", &[&["pin"], clusters, &["--to", release]].concat())?;
    }
    fleet.edit(CERT_MANAGER, "v1.21.5", "v1.21.6")?;
    commit_with_output(&fleet, "cert-manager: 1.21.6\n\nPick-To: none")?;

    let expected = [
        ("amsy0930-edge", "v1.21.4"),
        ("amsy0930-staging", "v1.21.5"),
        ("amsy0930-web", "v1.21.6"),
        ("learning-notebooks", "v1.21.6"),
        ("learning-training", "v1.21.5"),
        ("payments-ledger", "v1.21.4"),
        ("payments-reports", "v1.21.4"),
        ("payments-web", "v1.21.4"),
        ("platform-canary", "v1.21.5"),
        ("platform-tools", "v1.21.6"),
        ("sandbox-playground", "v1.21.4"),
        ("wantedly-services", "v1.21.6"),
    ];
    let expected = expected.map(|(cluster, version)| (cluster.to_owned(), version.to_owned()));
    assert_eq!(revisions(&fleet, "cert-manager")?.into_iter().collect::<Vec<_>>(), expected);
    let kustomizations = revisions(&fleet, "coredns-autoscaler")?;
    let of = |cluster: &str| kustomizations.get(cluster).map(String::as_str);
    assert_eq!(
        (of("sandbox-playground"), of("payments-ledger"), of("amsy0930-web")),
        (Some("v1.34-ake.261103"), Some("v1.35-ake.261102"), Some("main"))
    );
    run(&fleet, "2026-11-04T00:00:00Z", &["render", "--check"])?;
    run(&fleet, "2026-11-04T00:00:00Z", &["check"])?;
    let verified: Value = serde_json::from_str(&run(
        &fleet,
        "2026-11-04T00:00:00Z",
        &["release", "verify", "--format", "json"],
    )?)?;
    assert_eq!(verified["pins"].as_array().map(Vec::len), Some(5));

    // An upgrade over a minor takes the pin along, and the next release says what it does to the clusters.
    run(
        &fleet,
        "2026-11-05T00:00:00Z",
        &["upgrade", "payments/web", "--to", "v1.35.2", "--pools", "later", "--release", "latest"],
    )?;
    commit_with_output(&fleet, "payments/web: 1.35")?;
    run(&fleet, "2026-11-05T00:00:00Z", &["render", "--check"])?;
    assert_eq!(revisions(&fleet, "cert-manager")?.get("payments-web").map(String::as_str), Some("v1.21.5"));
    fleet.edit(METRICS_SERVER, "3.13.1", "3.13.2")?;
    commit_with_output(&fleet, "metrics-server: 3.13.2\n\nPick-To: 1.34")?;
    pick(&fleet, "2026-11-05T00:00:00Z")?;
    let plan = run(&fleet, "2026-11-06T00:00:00Z", &["release", "plan", "--minor", "1.34"])?;
    let effect = plan.split_once("Clusters of").map_or("", |(_, effect)| effect);
    // How much is cosmetic follows from how many addons the catalogue has.
    let told: Vec<&str> = effect.lines().filter(|line| !line.starts_with("upgrades 2, cosmetic ")).collect();
    assert_eq!(
        told,
        [
            " 1.34 on trunk: 2, from v1.34-ake.261103",
            "- upgrades Application metrics-server-sandbox-playground of sandbox/playground: the chart `metrics-server` from 3.13.1 to 3.13.2",
            "- upgrades Application metrics-server-payments-reports of payments/reports: the chart `metrics-server` from 3.13.1 to 3.13.2",
        ]
    );
    Ok(())
}
