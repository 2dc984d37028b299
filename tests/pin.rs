//! `yoshino pin` and `yoshino upgrade` in repositories of the tests' own: which clusters change, in which bytes, and
//! what is refused.
#![allow(clippy::disallowed_methods, reason = "the tests run the binary on files of their own")]

mod fleet_repository;

use serde_json::json;

use fleet_repository::{Fleet, Ran, TestResult};

const SPEC: &str = "  project: blue\n  provider: docker\n  kubernetes: v1.35.1 # of the minor\n";

/// Makes a fleet with branches and releases of two minors, and clusters of them.
fn fleet(test: &str) -> Result<Fleet, Box<dyn std::error::Error>> {
    let fleet = Fleet::new(test, &[])?;
    for minor in ["1.35", "1.36"] {
        let branch = format!("release/{minor}");
        fleet.branch(&branch, None)?;
        for (day, version) in [("261101", "1.20.4"), ("261121", "1.20.5")] {
            fleet.commit_to(&branch, day, ("NOTES", version))?;
            fleet.tag(&format!("v{minor}-ake.{day}"), &branch)?;
        }
    }
    fleet.cluster("web", "tier: production", SPEC)?;
    fleet.cluster("api", "tier: production", &format!("{SPEC}  release: 'v1.35-ake.261101'\n"))?;
    fleet.cluster("can", "tier: canary", "  {project: blue, provider: docker, kubernetes: v1.36.0}\n")?;
    fleet.cluster("db", "tier: production", SPEC)?;
    Ok(fleet)
}

/// Returns the heads of what is wrong.
fn heads(ran: &Ran) -> Vec<&str> {
    ran.stderr.lines().filter(|line| line.starts_with("error")).collect()
}

#[test]
fn a_pin_changes_nothing_but_its_own_bytes() -> TestResult {
    let fleet = fleet("bytes")?;
    let before = fleet.read("clusters/api.yaml")?;

    let ran = fleet.run(&["pin", "api", "web", "--to", "v1.35-ake.261121"])?;

    assert_eq!(
        (ran.exit, ran.stdout.as_str(), ran.stderr.as_str()),
        (
            Some(0),
            "\
blue/api  release  v1.35-ake.261101 → v1.35-ake.261121  clusters/api.yaml
blue/web  release  unset → v1.35-ake.261121             clusters/web.yaml
",
            "2 clusters changed in 2 files\n"
        )
    );
    assert_eq!(fleet.read("clusters/api.yaml")?, before.replace("261101", "261121"));
    let web = "  kubernetes: v1.35.1 # of the minor\n  release: v1.35-ake.261121\n";
    assert!(fleet.read("clusters/web.yaml")?.ends_with(web));
    let again = fleet.run(&["pin", "api", "web", "--to", "v1.35-ake.261121"])?;
    assert_eq!((again.exit, again.stdout.as_str()), (Some(0), ""));
    assert_eq!(again.stderr, "0 clusters changed in 0 files, 2 there already\n");
    Ok(())
}

#[test]
fn the_latest_release_is_the_newest_of_each_clusters_minor() -> TestResult {
    let fleet = fleet("latest")?;

    let ran = fleet.run(&["pin", "--selector", "tier in (canary, production)", "--to", "latest"])?;

    assert_eq!(ran.exit, Some(0), "{ran:?}");
    assert!(fleet.read("clusters/can.yaml")?.contains("kubernetes: v1.36.0, release: v1.36-ake.261121}"));
    assert!(fleet.read("clusters/db.yaml")?.contains("release: v1.35-ake.261121\n"));
    let of_minor = fleet.run(&["pin", "--selector", "ake.example.com/minor=1.36", "--to", "latest"])?;
    assert_eq!(of_minor.stderr, "0 clusters changed in 0 files, 1 there already\n");
    Ok(())
}

#[test]
fn a_rollout_in_stages_takes_the_next_clusters_with_every_run() -> TestResult {
    let fleet = fleet("stages")?;
    let pin = ["pin", "--selector", "tier=production", "--to", "latest", "--max", "34%", "--format", "json"];

    let first = fleet.run(&pin)?.json()?;
    let second = fleet.run(&[&pin[..], &["--dry-run"]].concat())?.json()?;

    let states = |result: &serde_json::Value| -> Vec<String> {
        let clusters = result["clusters"].as_array().cloned().unwrap_or_default();
        clusters.iter().map(|one| format!("{} {}", one["name"], one["state"]).replace('"', "")).collect()
    };
    assert_eq!(states(&first), ["api changed", "db waiting", "web waiting"]);
    assert_eq!(states(&second), ["api already", "db changed", "web waiting"]);
    assert_eq!(
        second["clusters"][1],
        json!({"project": "blue", "name": "db", "file": "clusters/db.yaml", "state": "changed", "changes": [{"field": "release", "from": null, "to": "v1.35-ake.261121"}]})
    );
    assert_eq!(second["files"], json!(["clusters/db.yaml"]));
    assert!(!fleet.read("clusters/db.yaml")?.contains("release"), "a dry run writes nothing");
    Ok(())
}

#[test]
fn what_the_defaults_say_is_left_to_the_others() -> TestResult {
    let fleet = fleet("defaults")?;
    let defaults =
        "apiVersion: yoshino.dev/v1alpha1\nkind: ClusterDefaults\nspec: {release: v1.35-ake.261101}\n";
    fleet.write("clusters/east/_defaults.yaml", defaults)?;
    let head = "apiVersion: yoshino.dev/v1alpha1\nkind: Cluster\n";
    let file = format!(
        "{head}metadata: {{name: one}}\nspec:\n{SPEC}---\n{head}metadata: {{name: two}}\nspec:\n{SPEC}"
    );
    fleet.write("clusters/east/both.yaml", &file)?;

    let ran = fleet.run(&["pin", "two", "--to", "latest"])?;

    assert_eq!(
        ran.stdout,
        "blue/two  release  v1.35-ake.261101 → v1.35-ake.261121  clusters/east/both.yaml\n"
    );
    assert_eq!(fleet.read("clusters/east/both.yaml")?, format!("{file}  release: v1.35-ake.261121\n"));
    assert_eq!(fleet.read("clusters/east/_defaults.yaml")?, defaults);
    Ok(())
}

#[test]
fn a_dry_run_shows_the_difference() -> TestResult {
    let fleet = fleet("dry-run")?;

    let ran = fleet.run(&["pin", "db", "--to", "v1.35-ake.261121", "--dry-run"])?;

    let expected = "\
--- a/clusters/db.yaml
+++ b/clusters/db.yaml
@@ -5,3 +5,4 @@
   project: blue
   provider: docker
   kubernetes: v1.35.1 # of the minor
+  release: v1.35-ake.261121
";
    assert_eq!((ran.exit, ran.stdout.as_str()), (Some(0), expected));
    assert_eq!(ran.stderr, "1 cluster would change in 1 file\n");
    Ok(())
}

#[test]
fn what_is_no_release_of_the_cluster_is_refused_and_nothing_is_written() -> TestResult {
    let fleet = fleet("refused")?;
    fleet.repository.tag_lightweight(
        "v1.35-ake.261130",
        fleet.repository.find_commit(fleet.tip("release/1.35")?)?.as_object(),
        false,
    )?;
    fleet.tag("v1.35-ake.261201", "main")?;
    fleet.run(&["pin", "api", "--to", "v1.35-ake.261121"])?;
    let before = fleet.read("clusters/web.yaml")?;

    for (arguments, expected) in [
        (
            vec!["web", "--to", "v1.35-ake.261122"],
            "error[pin-step]: there is no release `v1.35-ake.261122` here",
        ),
        (vec!["web", "--to", "v1.35"], "error[pin-step]: there is no release `v1.35` here"),
        (
            vec!["web", "can", "--to", "v1.35-ake.261121"],
            "error[pin-step]: `blue/can` is of 1.36, and `v1.35-ake.261121` of 1.35",
        ),
        (
            vec!["web", "api", "--to", "v1.35-ake.261101"],
            "error[pin-step]: `blue/api` would go back from `v1.35-ake.261121` to `v1.35-ake.261101`",
        ),
        (
            vec!["web", "--to", "v1.35-ake.261130"],
            "error[pin-not-annotated]: the tag `v1.35-ake.261130` is not annotated",
        ),
        (
            vec!["web", "--to", "latest"],
            "error[pin-off-branch]: the release `v1.35-ake.261201` was made before `release/1.35` left trunk",
        ),
        (vec!["wen", "--to", "latest"], "error[unknown-reference]: there is no cluster `wen`"),
        (
            vec!["--selector", "tier=staging", "--to", "latest"],
            "error[unknown-reference]: the selector selects no cluster",
        ),
    ] {
        let ran = fleet.run(&[&["pin"], &arguments[..]].concat())?;
        assert_eq!((ran.exit, heads(&ran)), (Some(2), vec![expected]), "{arguments:?}");
        assert_eq!(fleet.read("clusters/web.yaml")?, before, "{arguments:?}");
    }
    for arguments in [
        &["--to", "latest"][..],
        &["--selector", "", "--to", "latest"],
        &["web", "--max", "0", "--to", "latest"],
    ] {
        assert_eq!(fleet.run(&[&["pin"], arguments].concat())?.exit, Some(2), "{arguments:?}");
    }
    let back = fleet.run(&["pin", "api", "--to", "v1.35-ake.261101", "--allow-downgrade"])?;
    assert_eq!(back.exit, Some(0));
    Ok(())
}

#[test]
fn an_upgrade_goes_one_minor_up_and_may_leave_the_pools_for_later() -> TestResult {
    let fleet = fleet("upgrade")?;
    let pools = "  nodePools:\n    - name: default # all\n      replicas: 2\n";
    fleet.cluster("web", "tier: production", &format!("{SPEC}{pools}"))?;

    let first = fleet.run(&["upgrade", "web", "--to", "v1.36.1", "--pools", "later"])?;

    assert_eq!(
        first.stdout,
        "\
blue/web  kubernetes                     v1.35.1 → v1.36.1  clusters/web.yaml
blue/web  nodePools[default].kubernetes  unset → v1.35.1    clusters/web.yaml
"
    );
    let expected = "  kubernetes: v1.36.1 # of the minor\n  nodePools:\n    - name: default # all\n      kubernetes: v1.35.1\n      replicas: 2\n";
    assert!(fleet.read("clusters/web.yaml")?.ends_with(expected));
    let second = fleet.run(&["upgrade", "web", "--to", "v1.36.1"])?;
    assert_eq!(second.exit, Some(0), "{second:?}");
    assert!(fleet.read("clusters/web.yaml")?.ends_with(&expected.replace("v1.35.1", "v1.36.1")));
    Ok(())
}

#[test]
fn an_upgrade_over_a_minor_takes_the_pin_along() -> TestResult {
    let fleet = fleet("upgrade-pin")?;

    let alone = fleet.run(&["upgrade", "api", "--to", "v1.36.1"])?;
    let within = fleet.run(&["upgrade", "api", "--to", "v1.35.4", "--dry-run"])?;
    let both = fleet.run(&["upgrade", "api", "--to", "v1.36.1", "--release", "latest"])?;

    assert_eq!(
        (alone.exit, heads(&alone)),
        (
            Some(2),
            vec!["error[upgrade-step]: `blue/api` is pinned to `v1.35-ake.261101`, and would run 1.36"]
        )
    );
    assert!(alone.stderr.contains("`--release v1.36-ake.261121` pins it"), "{}", alone.stderr);
    assert_eq!((within.exit, both.exit), (Some(0), Some(0)), "{within:?} {both:?}");
    assert!(
        fleet.read("clusters/api.yaml")?.ends_with("v1.36.1 # of the minor\n  release: 'v1.36-ake.261121'\n")
    );
    Ok(())
}

#[test]
fn steps_that_nobody_takes_are_refused() -> TestResult {
    let fleet = fleet("steps")?;
    fleet.edit("clusters/web.yaml", "v1.35.1", "v1.34.3")?;
    for (arguments, expected) in [
        (
            vec!["web", "--to", "v1.36.0"],
            "error[upgrade-step]: `blue/web` would go up from v1.34.3 to v1.36.0 and leave out 1.35",
        ),
        (
            vec!["can", "--to", "v1.37.0"],
            "error[upgrade-step]: `blue/can` would run 1.37, which the fleet does not support",
        ),
        (
            vec!["db", "--to", "v1.35.0"],
            "error[upgrade-step]: `blue/db` would go back from v1.35.1 to v1.35.0",
        ),
    ] {
        let ran = fleet.run(&[&["upgrade"], &arguments[..]].concat())?;
        assert_eq!((ran.exit, heads(&ran)), (Some(2), vec![expected]), "{arguments:?}");
    }
    assert_eq!(fleet.run(&["upgrade", "db", "--to", "1.35.2"])?.exit, Some(2));
    let back = fleet.run(&["upgrade", "db", "--to", "v1.35.0", "--allow-downgrade"])?;
    assert_eq!(back.exit, Some(0), "{back:?}");
    Ok(())
}

#[test]
fn the_latest_version_is_the_newest_that_the_fleet_runs() -> TestResult {
    let fleet = fleet("latest-version")?;
    fleet.edit("clusters/web.yaml", "v1.35.1", "v1.35.4")?;

    let ran = fleet.run(&["upgrade", "db", "can", "web", "--to", "latest"])?;

    assert_eq!(ran.stdout, "blue/db  kubernetes  v1.35.1 → v1.35.4  clusters/db.yaml\n");
    assert_eq!(ran.stderr, "1 cluster changed in 1 file, 2 there already\n");
    Ok(())
}

#[test]
fn a_file_keeps_its_permissions_and_a_link_stays_one() -> TestResult {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let fleet = fleet("links")?;
    let real = fleet.folder.join("elsewhere.yaml");
    std::fs::rename(fleet.folder.join("clusters/db.yaml"), &real)?;
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640))?;
    symlink("../elsewhere.yaml", fleet.folder.join("clusters/db.yaml"))?;

    let ran = fleet.run(&["pin", "db", "--to", "latest"])?;

    assert_eq!(ran.exit, Some(0), "{ran:?}");
    assert!(fleet.read("elsewhere.yaml")?.contains("release: v1.35-ake.261121"));
    assert!(std::fs::symlink_metadata(fleet.folder.join("clusters/db.yaml"))?.is_symlink());
    assert_eq!(std::fs::metadata(&real)?.permissions().mode() & 0o777, 0o640);
    Ok(())
}

#[test]
fn a_fleet_without_a_repository_can_be_upgraded_and_not_pinned() -> TestResult {
    let fleet = fleet("no-repository")?;
    std::fs::remove_dir_all(fleet.folder.join(".git"))?;
    // The folder lies in the project's own repository, which has none of these releases.
    assert_eq!(fleet.run(&["upgrade", "db", "--to", "v1.35.2"])?.exit, Some(0));
    assert_ne!(fleet.run(&["pin", "db", "--to", "v1.35-ake.261121"])?.exit, Some(0));
    Ok(())
}
