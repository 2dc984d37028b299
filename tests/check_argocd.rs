//! What `check` says of what people write for Argo CD beside their clusters.
#![allow(clippy::disallowed_methods, reason = "the tests run the binary on files of their own")]

#[path = "../src/tree/temp.rs"]
mod temp;

use std::error::Error;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use temp::{TempFolder, TestResult};

const FLEET: &[(&str, &str)] = &[
    (
        "fleet.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: Fleet\nmetadata: {name: ake}\nspec:\n  labelDomain: ake.example.com\n  repository: {url: https://git.example.com/fleet.git}\n  minors: [\"1.35\"]\n  management: [{name: east}, {name: west}]\n",
    ),
    (
        "tenants/blue.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: Tenant\nmetadata: {name: blue}\nspec: {sourceRepositories: [\"https://git.example.com/blue/*\"]}\n",
    ),
    (
        "clusters/db.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: Cluster\nmetadata: {name: db, labels: {tier: production}}\nspec: {project: blue, management: west, provider: mine, kubernetes: v1.35.1}\n",
    ),
    (
        "addons/network/addon.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: Addon\nmetadata: {name: network}\nspec:\n  namespace: kube-system\n  enable: {default: true}\n  provides: [cni]\n  source: {helm: {repository: https://charts.example.com, chart: network, version: 1.0.0}}\n",
    ),
    ("templates/mine/a.yaml.j2", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"),
    ("templates/mine/schema.json", "{}"),
    ("templates/mine/impact.yaml", "kind: Impact\nspec: {kubeadm: true, rules: []}\n"),
];

/// A cluster of `east` with an ApplicationSet for the tenant's own clusters.
const SHOP: &str = "apiVersion: yoshino.dev/v1alpha1
kind: Cluster
metadata: {name: web, labels: {tier: canary}}
spec:
  project: blue
  management: east
  provider: mine
  kubernetes: v1.35.1
  objects:
    - apiVersion: argoproj.io/v1alpha1
      kind: ApplicationSet
      metadata: {name: shop, namespace: argocd}
      spec:
        generators:
          - clusters:
              selector: {matchLabels: {tier: canary}}
        template:
          metadata: {name: \"shop-{{name}}\"}
          spec:
            project: blue
            source: {repoURL: \"https://git.example.com/blue/shop.git\", path: \"{{metadata.labels.tier}}\"}
            destination: {name: \"{{name}}\", namespace: shop}
";

fn fleet(cluster: &str) -> std::io::Result<TempFolder> {
    let folder = TempFolder::with(FLEET)?;
    folder.write("clusters/web.yaml", cluster)?;
    Ok(folder)
}

fn check(folder: &Path, arguments: &[&str]) -> Result<Output, Box<dyn Error>> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yoshino"));
    Ok(command.arg("-C").arg(folder).arg("check").args(arguments).output()?)
}

/// Returns the findings of a fleet with this cluster, each as `line id: message`.
fn found(cluster: &str) -> Result<(Option<i32>, Vec<String>), Box<dyn Error>> {
    let checked = check(fleet(cluster)?.path(), &["--format", "json"])?;
    let found: Value = serde_json::from_slice(&checked.stdout)?;
    let short = |finding: &Value| {
        let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        format!("{} {}: {}", finding["line"], text("rule"), text("message"))
    };
    let found = found["diagnostics"].as_array().into_iter().flatten().map(short).collect();
    Ok((checked.status.code(), found))
}

#[test]
fn a_set_that_is_right_is_fine() -> TestResult {
    assert_eq!(found(SHOP)?, (Some(0), Vec::new()));
    Ok(())
}

#[test]
fn clusters_of_another_management_cluster_are_none_of_argo_cds() -> TestResult {
    let folder = fleet(&SHOP.replace("matchLabels: {tier: canary}", "matchLabels: {tier: production}"))?;

    let checked = check(folder.path(), &[])?;

    let expected = "warning[selector-unmatched]: `spec.generators[0].clusters` of the ApplicationSet `shop` selects no cluster of `east`
  --> clusters/web.yaml:15:13
   |
15 |           - clusters:
   |             ^^^^^^^^
   = hint: `tier` is `canary` on the cluster Secrets, never `production`

";
    assert_eq!((checked.status.code(), String::from_utf8(checked.stdout)?.as_str()), (Some(0), expected));
    Ok(())
}

#[test]
fn whatever_the_applications_of_a_set_come_to_is_found_in_one_run() -> TestResult {
    let wrong = SHOP
        .replace("metadata.labels.tier", "metadata.labels.teir")
        .replace("git.example.com/blue/", "git.example.com/green/")
        .replace("namespace: shop}", "namespace: kube-system}")
        .replace("name: \"{{name}}\", ", "name: in-cluster, ");

    let (code, found) = found(&wrong)?;

    let expected = [
        "12 project-permission: the AppProject `blue` does not permit the namespace `kube-system` of the cluster `in-cluster` of `shop-blue-web`",
        "12 project-permission: the AppProject `blue` does not permit the source `https://git.example.com/green/shop.git` of `shop-blue-web`",
        "21 look-up-missing: `{{metadata.labels.teir}}` stays as text: no parameter has this name",
    ];
    assert_eq!((code, found), (Some(2), expected.map(str::to_owned).to_vec()));
    Ok(())
}

#[test]
fn a_project_and_a_cluster_that_are_not_there_are_found() -> TestResult {
    let wrong = SHOP
        .replace("project: blue\n            source", "project: bleu\n            source")
        .replace("name: \"{{name}}\", ", "name: \"{{name}}-1\", ");

    let (code, found) = found(&wrong)?;

    let expected = [
        "12 destination-missing: Argo CD finds no destination for `shop-blue-web` of the ApplicationSet `shop`: there are no clusters with this name: blue-web-1",
        "12 project-missing: there is no AppProject `bleu` for `shop-blue-web` of the ApplicationSet `shop`",
    ];
    assert_eq!((code, found), (Some(2), expected.map(str::to_owned).to_vec()));
    Ok(())
}

#[test]
fn an_object_without_a_namespace_is_not_read_by_argo_cd() -> TestResult {
    let (code, found) = found(&SHOP.replace("{name: shop, namespace: argocd}", "{name: shop}"))?;

    let expected = "12 argocd-namespace: the ApplicationSet `shop` goes to the namespace `blue`, which Argo CD does not read";
    assert_eq!((code, found), (Some(0), vec![expected.to_owned()]));
    Ok(())
}
