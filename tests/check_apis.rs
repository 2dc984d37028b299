//! What `check` says of manifests that a minor does not serve, and that rendering never depends on it.
#![allow(clippy::disallowed_methods, reason = "the tests run the binary on files of their own")]

#[path = "../src/tree/temp.rs"]
mod temp;

use std::error::Error;
use std::path::Path;
use std::process::{Command, Output};

use temp::{TempFolder, TestResult};

const FLEET: &[(&str, &str)] = &[
    (
        "fleet.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: Fleet\nmetadata: {name: ake}\nspec:\n  labelDomain: ake.example.com\n  repository: {url: https://git.example.com/fleet.git}\n  minors: [\"1.35\", \"1.36\"]\n  management: [{name: management}]\n",
    ),
    ("tenants/blue.yaml", "apiVersion: yoshino.dev/v1alpha1\nkind: Tenant\nmetadata: {name: blue}\n"),
    (
        "clusters/web.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: Cluster\nmetadata: {name: web}\nspec: {project: blue, provider: mine, kubernetes: v1.35.1}\n",
    ),
    ("templates/mine/a.yaml.j2", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"),
    ("templates/mine/schema.json", "{}"),
    ("templates/mine/impact.yaml", "kind: Impact\nspec: {kubeadm: false, rules: []}\n"),
    (
        "addons/shop/addon.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: Addon\nmetadata: {name: shop}\nspec:\n  namespace: shop\n  enable: {default: true}\n  source: {manifests: {path: addons/shop/manifests}}\n",
    ),
];

/// Makes a small fleet with a manifest.
fn fleet(manifest: &str) -> std::io::Result<TempFolder> {
    let folder = TempFolder::with(FLEET)?;
    folder.write("addons/shop/manifests/shop.yaml", manifest)?;
    Ok(folder)
}

fn run(folder: &Path, arguments: &[&str]) -> Result<Output, Box<dyn Error>> {
    Ok(Command::new(env!("CARGO_BIN_EXE_yoshino")).arg("-C").arg(folder).args(arguments).output()?)
}

#[test]
fn a_manifest_that_no_minor_serves_fails_the_check_and_still_renders() -> TestResult {
    let folder = fleet(
        "apiVersion: v1\nkind: Service\nmetadata: {name: shop}\n---\napiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: shop}\n",
    )?;

    let checked = run(folder.path(), &["check"])?;
    let rendered = run(folder.path(), &["render"])?;

    let expected = "error[api-unserved]: Kubernetes 1.25 removed `policy/v1beta1` PodDisruptionBudget, and `shop` goes to 1.35 and 1.36
 --> addons/shop/manifests/shop.yaml:5:13
  |
5 | apiVersion: policy/v1beta1
  |             ^^^^^^^^^^^^^^ use `policy/v1` PodDisruptionBudget
 ::: addons/shop/addon.yaml:3:18
  |
3 | metadata: {name: shop}
  |                  ---- the addon that installs it
  = hint: where minors need different versions, give each a folder of its own with `perMinor`, or leave minors out of `kubernetes`

";
    assert_eq!((checked.status.code(), String::from_utf8(checked.stdout)?.as_str()), (Some(2), expected));
    assert_eq!(rendered.status.code(), Some(0), "{}", String::from_utf8_lossy(&rendered.stderr));
    Ok(())
}

#[test]
fn a_manifest_that_a_minor_warns_of_is_a_warning() -> TestResult {
    let folder =
        fleet("apiVersion: coordination.k8s.io/v1beta1\nkind: LeaseCandidate\nmetadata: {name: shop}\n")?;

    let checked = run(folder.path(), &["check", "--format", "json"])?;

    let found: serde_json::Value = serde_json::from_slice(&checked.stdout)?;
    let found: Vec<_> = found["diagnostics"].as_array().into_iter().flatten().collect();
    assert_eq!(checked.status.code(), Some(0));
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0]["message"],
        "`coordination.k8s.io/v1beta1` LeaseCandidate is deprecated since 1.36 and removed in 1.39, and `shop` goes to 1.36"
    );
    Ok(())
}

#[test]
fn a_manifest_that_every_minor_serves_is_fine() -> TestResult {
    let folder = fleet("apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: shop}\n")?;

    let checked = run(folder.path(), &["check"])?;

    assert_eq!((checked.status.code(), checked.stdout.is_empty()), (Some(0), true));
    Ok(())
}
