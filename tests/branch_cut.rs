//! `yoshino branch cut` in repositories of the tests' own: what the branch holds, what wants a look, what is refused.
#![allow(clippy::disallowed_methods, reason = "the tests run the binary on files of their own")]

mod fleet_repository;

use git2::{Oid, Repository};
use serde_json::{Value, json};

use fleet_repository::{Fleet, Ran, TestResult};

const SPEC: &str = "  {project: blue, provider: docker, kubernetes: v1.35.1}\n";
const AUTOSCALER: &str = "apiVersion: yoshino.dev/v1alpha1
kind: Addon
metadata: {name: autoscaler}
spec:
  namespace: kube-system
  kubernetes: \">=1.34 <1.36\"
  source:
    helm:
      repository: https://charts.example.com
      chart: autoscaler
      version: 9.59.0
      values:
        image: {tag: v1.35.2}
  perMinor:
    - kubernetes: \"1.34\"
      source: {helm: {values: {image: {tag: v1.34.5}}}}
";

/// Makes a fleet with a branch for each of these minors.
fn fleet(test: &str, minors: &[&str]) -> Result<Fleet, Box<dyn std::error::Error>> {
    let fleet = Fleet::new(test, &[("rendered/east/root.yaml", "x\n"), ("docs/a.md", "a\n")])?;
    fleet.cluster("web", "tier: production", SPEC)?;
    fleet.commit("a cluster")?;
    for minor in minors {
        let ran = fleet.run(&["branch", "cut", minor])?;
        assert_eq!(ran.exit, Some(0), "{ran:?}");
    }
    Ok(fleet)
}

/// Returns the paths of a commit's files.
fn paths(repository: &Repository, id: Oid) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let mut paths = Vec::new();
    repository.find_commit(id)?.tree()?.walk(git2::TreeWalkMode::PreOrder, |folder, entry| {
        if entry.kind() == Some(git2::ObjectType::Blob) {
            paths.push(format!("{folder}{}", entry.name().unwrap_or_default()));
        }
        git2::TreeWalkResult::Ok
    })?;
    Ok(paths)
}

fn heads(ran: &Ran) -> Vec<&str> {
    ran.stderr.lines().filter(|line| line.starts_with("error")).collect()
}

#[test]
fn a_branch_begins_with_a_commit_that_takes_out_what_trunk_alone_has() -> TestResult {
    let fleet = fleet("begins", &[])?;
    let before = fleet.refs()?;

    let dry = fleet.run(&["branch", "cut", "1.34", "--dry-run"])?;
    assert_eq!((dry.exit, fleet.refs()?), (Some(0), before));
    let ran = fleet.run(&["branch", "cut", "1.34"])?;

    let trunk = fleet.tip("main")?;
    let short = &trunk.to_string()[..12];
    assert_eq!(
        ran.stdout,
        format!("release/1.34 from {short} of main, without 3 files that trunk alone has\n")
    );
    assert_eq!((ran.exit, ran.stderr.as_str()), (Some(0), "`release/1.34` is cut from `main`\n"));
    let tip = fleet.repository.find_commit(fleet.tip("release/1.34")?)?;
    assert_eq!(tip.parent_ids().collect::<Vec<_>>(), [trunk]);
    assert_eq!(
        tip.message(),
        Ok(format!(
            "Cut release/1.34 from main

It leaves main at {trunk}, without what trunk alone has:
- clusters/**
- tenants/**
- picks.yaml
- rendered/**

Not-Picked-Because: it begins the branch of 1.34
"
        )
        .as_str())
    );
    assert_eq!(
        paths(&fleet.repository, tip.id())?,
        [
            "addons/cilium/addon.yaml",
            "docs/a.md",
            "fleet.yaml",
            "templates/docker/cluster.yaml.j2",
            "templates/docker/impact.yaml",
            "templates/docker/machines.yaml.j2",
            "templates/docker/schema.json",
        ]
    );
    assert!(fleet.folder.join("clusters/web.yaml").exists(), "the work tree is left alone");
    Ok(())
}

#[test]
fn the_policy_says_what_trunk_alone_has() -> TestResult {
    let fleet = fleet("policy", &[])?;
    fleet.write(
        "picks.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: PickPolicy\nspec:\n  source: {branch: main}\n  targets: {minors: \">=1.35\", trunkOnly: [\"clusters/**\", \"**/*.md\"]}\n",
    )?;
    fleet.commit("a policy")?;

    let ran = fleet.run(&["branch", "cut", "1.34", "--format", "json"])?.json()?;

    assert_eq!(ran["removed"], json!(["clusters/web.yaml", "docs/a.md"]));
    assert_eq!(ran["commit"], json!(fleet.tip("release/1.34")?.to_string()));
    assert_eq!(ran["attention"][0]["about"], "no-picks");
    Ok(())
}

#[test]
fn where_trunk_has_nothing_of_its_own_the_branch_is_trunks_commit() -> TestResult {
    let fleet = Fleet::new("plain-tip", &[])?;
    std::fs::remove_dir_all(fleet.folder.join("tenants"))?;
    fleet.commit("no tenants")?;

    let ran = fleet.run(&["branch", "cut", "1.34", "--format", "json"])?.json()?;

    assert_eq!((&ran["removed"], &ran["commit"]), (&json!([]), &Value::Null));
    assert_eq!(fleet.tip("release/1.34")?, fleet.tip("main")?);
    Ok(())
}

#[test]
fn what_addons_need_for_the_minor_is_listed_with_its_place() -> TestResult {
    let fleet = fleet("attention", &["1.34", "1.35"])?;
    fleet.write("addons/autoscaler/addon.yaml", AUTOSCALER)?;
    fleet.commit("an autoscaler")?;

    let ran = fleet.run(&["branch", "cut", "1.36"])?;

    let expected = "
addons/autoscaler/addon.yaml:6:15
  `autoscaler` runs on `>=1.34 <1.36`, and not on 1.36
  find a version that runs on 1.36, or whether this one does, and widen the range

addons/autoscaler/addon.yaml:13:22
  `v1.35.2` of `autoscaler` looks like a version for 1.35
  if it follows the minor of Kubernetes, write the one for 1.36

addons/autoscaler/addon.yaml:15:19
  `autoscaler` has entries for 1.34, and none for 1.36, which gets `source`
  keep what `source` has in an entry for the minor that it is of, and write 1.36's there
";
    let (_, listed) = ran.stdout.split_once('\n').ok_or("a line")?;
    assert_eq!((listed, ran.exit), (expected, Some(0)));
    assert!(ran.stderr.contains("3 places to look at"));
    Ok(())
}

#[test]
fn a_minor_that_has_a_branch_or_is_not_the_next_is_refused() -> TestResult {
    let fleet = fleet("refused", &["1.34"])?;
    let fetched = fleet.tip("release/1.34")?;
    fleet.repository.reference("refs/remotes/origin/release/1.35", fetched, false, "fetched")?;
    let before = fleet.refs()?;

    for (arguments, expected) in [
        (vec!["1.34"], "error[branch-cut]: 1.34 has a branch: `release/1.34`"),
        (vec!["1.35"], "error[branch-cut]: 1.35 has a branch: `origin/release/1.35`"),
        (vec!["1.37"], "error[branch-cut]: the fleet does not support 1.37"),
        (
            vec!["1.36", "release/1.34"],
            "error[branch-cut]: `release/1.34` is no commit of `main`'s own first-parent chain",
        ),
        (vec!["1.36", "nothing"], "error[unknown-revision]: there is no revision `nothing`"),
    ] {
        let ran = fleet.run(&[&["branch", "cut"], &arguments[..]].concat())?;
        assert_eq!((ran.exit, heads(&ran)), (Some(2), vec![expected]), "{arguments:?}");
    }
    assert_eq!(fleet.run(&["branch", "cut", "v1.36"])?.exit, Some(2));
    assert_eq!(fleet.refs()?, before);
    Ok(())
}

#[test]
fn minors_get_their_branches_one_after_the_other() -> TestResult {
    let fleet = fleet("order", &[])?;

    let first = fleet.run(&["branch", "cut", "1.35"])?;
    assert_eq!(heads(&first), ["error[branch-cut]: 1.35 is not the minor to cut: 1.34 comes first"]);
    assert_eq!(fleet.run(&["branch", "cut", "1.35", "--out-of-order"])?.exit, Some(0));
    let back = fleet.run(&["branch", "cut", "1.34"])?;
    assert_eq!(heads(&back), ["error[branch-cut]: 1.34 is not the minor to cut: 1.36 is the next"]);
    assert_eq!(fleet.run(&["branch", "cut", "1.36"])?.exit, Some(0));
    Ok(())
}

#[test]
fn a_branch_may_leave_trunk_earlier() -> TestResult {
    let fleet = fleet("earlier", &[])?;
    let earlier = fleet.tip("main")?;
    fleet.write("docs/b.md", "b\n")?;
    fleet.commit("more")?;

    let ran = fleet.run(&["branch", "cut", "1.34", "main~1"])?;

    assert_eq!(ran.exit, Some(0), "{ran:?}");
    let tip = fleet.repository.find_commit(fleet.tip("release/1.34")?)?;
    assert_eq!(tip.parent_id(0)?, earlier);
    Ok(())
}

#[test]
fn a_trunk_that_lacks_what_was_fetched_wants_a_word() -> TestResult {
    let fleet = fleet("behind", &[])?;
    let behind = fleet.tip("main")?;
    fleet.write("docs/b.md", "b\n")?;
    let ahead = fleet.commit("more")?;
    fleet.repository.reference("refs/remotes/origin/main", ahead, false, "fetched")?;
    fleet.repository.reference("refs/heads/main", behind, true, "behind")?;

    let ran = fleet.run(&["branch", "cut", "1.34"])?;
    assert_eq!(heads(&ran), ["error[branch-cut]: `main` lacks commits of `origin/main`"]);
    assert_eq!(fleet.run(&["branch", "cut", "1.34", "origin/main"])?.exit, Some(0));
    assert_eq!(fleet.repository.find_commit(fleet.tip("release/1.34")?)?.parent_id(0)?, ahead);
    fleet.repository.reference("refs/heads/main", ahead, true, "up to date")?;
    fleet.repository.reference("refs/remotes/origin/main", behind, true, "older")?;
    assert_eq!(fleet.run(&["branch", "cut", "1.35"])?.exit, Some(0), "what is ahead is meant");
    Ok(())
}

#[test]
fn where_only_a_remote_was_fetched_its_trunk_is_cut() -> TestResult {
    let fleet = fleet("remote-only", &[])?;
    let tip = fleet.tip("main")?;
    fleet.repository.reference("refs/remotes/origin/main", tip, false, "fetched")?;
    fleet.repository.set_head_detached(tip)?;
    fleet.repository.find_branch("main", git2::BranchType::Local)?.delete()?;

    let ran = fleet.run(&["branch", "cut", "1.34"])?;

    assert_eq!((ran.exit, ran.stderr.as_str()), (Some(0), "`release/1.34` is cut from `origin/main`\n"));
    Ok(())
}

#[test]
fn a_branch_is_pushed_before_it_is_made_here() -> TestResult {
    let fleet = fleet("push", &[])?;
    let remote = Fleet::new("push-remote", &[])?;
    fleet.repository.remote("origin", &remote.folder.display().to_string())?;

    let ran = fleet.run(&["branch", "cut", "1.34", "--push"])?;

    assert_eq!(ran.exit, Some(0), "{ran:?}");
    assert_eq!(remote.tip("release/1.34")?, fleet.tip("release/1.34")?);
    remote.branch("release/1.35", None)?;
    let refused = fleet.run(&["branch", "cut", "1.35", "--push"])?;
    assert_eq!((refused.exit, fleet.tip("release/1.35").is_err()), (Some(4), true), "{refused:?}");
    Ok(())
}
