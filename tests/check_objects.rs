//! What is found in the objects of clusters, companions and templates alike, and what a Fleet says against it.
#![allow(clippy::disallowed_methods, reason = "tests make files")]

mod fleet_repository;

use fleet_repository::{Fleet, TestResult};

const WEB: &str = "  project: blue\n  provider: docker\n  kubernetes: v1.35.2\n  controlPlane: {replicas: 1}\n  nodePools: [{name: a, repair: {}}]\n";

#[test]
fn a_companion_that_watches_a_pools_machines_is_found_with_both_places() -> TestResult {
    let fleet = Fleet::new("companion", &[])?;
    let companion = "  objects:\n    - apiVersion: cluster.x-k8s.io/v1beta2\n      kind: MachineHealthCheck\n      metadata: {name: all}\n      spec:\n        clusterName: web\n        selector: {matchLabels: {SELECTED}}\n        checks: {nodeStartupTimeoutSeconds: 600}\n        remediation: {triggerIf: {unhealthyLessThanOrEqualTo: 1}}\n";
    let write = |selected: &str| {
        fleet.cluster("web", "", &format!("{WEB}{}", companion.replace("SELECTED", selected)))
    };

    write("cluster.x-k8s.io/cluster-name: web")?;
    let both = fleet.run(&["check"])?;
    write("cluster.x-k8s.io/control-plane: \"\"")?;
    let apart = fleet.run(&["check"])?;

    assert_eq!(both.exit, Some(2), "{both:?}");
    let expected = "error[health-check-overlap]: `web-a` and `all` both watch the machines of `web-a`\n";
    assert!(both.stdout.contains(expected), "{}", both.stdout);
    assert!(both.stdout.contains("--> clusters/web.yaml:16:9\n"), "{}", both.stdout);
    assert!(both.stdout.contains("templates/docker/cluster.yaml.j2:"), "{}", both.stdout);
    assert!(!apart.stdout.contains("health-check"), "{}", apart.stdout);
    Ok(())
}

#[test]
fn what_is_wrong_in_a_template_is_told_once_and_waived_for_one_cluster() -> TestResult {
    let addon = "apiVersion: yoshino.dev/v1alpha1\nkind: Addon\nmetadata: {name: mine}\nspec:\n  namespace: kube-system\n  enable: {default: true}\n  provides: [kube-proxy]\n  source: {helm: {repository: https://charts.example.com, chart: x, version: 1.0.0}}\n";
    let fleet = Fleet::new("template", &[("addons/mine/addon.yaml", addon)])?;
    for name in ["db", "web", "www"] {
        fleet.cluster(name, "", WEB)?;
    }

    let told = fleet.run(&["check"])?;
    let waiver = "  waivers: [{rule: owner-twice, owner: a, reason: b, until: 2099-01-01}]\n";
    fleet.cluster("db", "", &format!("{WEB}{waiver}"))?;
    let waived = fleet.run(&["check"])?;
    for name in ["db", "web", "www"] {
        let annotated = "  annotations: {controlplane.cluster.x-k8s.io/skip-kube-proxy: \"true\"}\n";
        fleet.cluster(name, "", &format!("{WEB}{annotated}"))?;
    }
    let left = fleet.run(&["check"])?;

    let message = "error[owner-twice]: `mine` and the control plane both bring kube-proxy\n   --> addons/mine/addon.yaml:7:14\n";
    assert_eq!(told.stdout.matches(message).count(), 1, "{}", told.stdout);
    assert!(told.stdout.contains("rendered for `blue/db` and 2 more"), "{}", told.stdout);
    assert!(waived.stdout.contains("rendered for `blue/web` and 1 more"), "{}", waived.stdout);
    assert!(!left.stdout.contains("owner-twice"), "{}", left.stdout);
    Ok(())
}

#[test]
fn a_fleet_says_which_minors_its_cluster_api_supports_and_renders_whatever_it_says() -> TestResult {
    let fleet = Fleet::new("minors", &[])?;
    fleet.cluster("web", "", WEB)?;
    let write = |api: &str| -> TestResult {
        let text = fleet.read("fleet.yaml")?;
        let at = text.find("  management:").ok_or("no management cluster")?;
        fleet.write(
            "fleet.yaml",
            &format!("{}  management: [{{name: east, clusterApi: {api}}}]\n", &text[..at]),
        )
    };

    write("{version: \"1.11\"}")?;
    let older = fleet.run(&["check"])?;
    let rendered = fleet.run(&["render"])?;
    write("{version: \"1.11\", kubernetes: \">=1.28 <1.36\"}")?;
    let said = fleet.run(&["check"])?;

    let expected = "error[cluster-api-minor]: Cluster API 1.11 does not support Kubernetes 1.35\n  --> clusters/web.yaml:7:15\n";
    assert!(older.stdout.contains(expected), "{}", older.stdout);
    assert_eq!((older.exit, rendered.exit), (Some(2), Some(0)), "{rendered:?}");
    assert!(!said.stdout.contains("cluster-api-minor"), "{}", said.stdout);
    Ok(())
}
