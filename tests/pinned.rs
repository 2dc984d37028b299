//! Pinned clusters in git repositories of the tests' own: what is read from which tag, what a tag must be, and when
//! nobody can tell.
#![allow(clippy::disallowed_methods, reason = "the tests run the binary on files of their own")]

mod fleet_repository;
mod git;

use std::path::Path;

use serde_json::json;

use fleet_repository::{Fleet, Ran, TestResult};
use git::{git, isolated};

const YOSHINO: &str = env!("CARGO_BIN_EXE_yoshino");
const TAG: &str = "v1.35-ake.261121";
const BRANCH: &str = "release/1.35";
const SECRET: &str = "rendered/east/clusters/blue/old/argocd-cluster.yaml";

const SPEC: &str =
    "  project: blue\n  provider: docker\n  kubernetes: v1.35.1\n  controlPlane: {replicas: 1}\n";

fn addon(version: &str) -> String {
    format!(
        "apiVersion: yoshino.dev/v1alpha1\nkind: Addon\nmetadata: {{name: cilium}}\nspec:\n  namespace: kube-system\n  enable: {{default: true}}\n  source: {{helm: {{repository: https://helm.cilium.io, chart: cilium, version: {version}}}}}\n  provides: [cni]\n"
    )
}

/// Makes a fleet whose branch of 1.35 has another chart than trunk, tagged, and a cluster pinned to `pin` beside one
/// without a pin.
fn pinned_to(test: &str, pin: &str) -> Result<Fleet, Box<dyn std::error::Error>> {
    let fleet = Fleet::new(test, &[])?;
    fleet.commit("the branch point")?;
    fleet.branch(BRANCH, None)?;
    fleet.commit_to(BRANCH, "a pick", ("addons/cilium/addon.yaml", &addon("1.19.1")))?;
    fleet.tag(TAG, BRANCH)?;
    fleet.write("addons/cilium/addon.yaml", &addon("1.21.0"))?;
    fleet.cluster("old", "", &format!("{SPEC}  release: {pin}\n"))?;
    fleet.cluster("web", "", SPEC)?;
    fleet.commit("clusters")?;
    Ok(fleet)
}

fn fleet(test: &str) -> Result<Fleet, Box<dyn std::error::Error>> {
    pinned_to(test, TAG)
}

/// Returns the first line of what is wrong, and the line of its place.
fn wrong(ran: &Ran) -> (Option<i32>, Vec<&str>) {
    (ran.exit, ran.stderr.lines().take(2).collect())
}

/// Returns the lines of the Secret of the pinned cluster that hold a text.
fn secret(fleet: &Fleet, text: &str) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let secret = fleet.read(SECRET)?;
    Ok(secret.lines().filter(|line| line.contains(text)).map(|line| line.trim().to_owned()).collect())
}

#[test]
fn a_pinned_cluster_is_rendered_from_its_tag_and_any_other_from_trunk() -> TestResult {
    let fleet = fleet("rendered")?;

    let ran = fleet.run(&["render"])?;

    assert_eq!(ran.exit, Some(0), "{ran:?}");
    let commit = fleet.tip(BRANCH)?;
    assert_eq!(
        secret(&fleet, "ake.example.com/")?
            .into_iter()
            .filter(|line| line.contains("version") || line.contains("commit"))
            .collect::<Vec<_>>(),
        [
            format!("ake.example.com/version: {TAG}"),
            secret(&fleet, "/commit")?.join(""),
            "addons.ake.example.com/cilium.version: 1.19.1".to_owned(),
        ]
    );
    assert!(secret(&fleet, "/commit")?[0].contains(&commit.to_string()));
    let other = fleet.read("rendered/east/clusters/blue/web/argocd-cluster.yaml")?;
    assert!(other.contains("cilium.version: 1.21.0") && !other.contains("/commit"), "{other}");
    for arguments in
        [&["render", "--check"][..], &["render", "--check", "--rev", "HEAD"], &["check"], &["preview"]]
    {
        let ran = fleet.run(arguments)?;
        assert_eq!(ran.exit, Some(0), "{arguments:?} {ran:?}");
    }
    let part = fleet.run(&["render", "--cluster", "old", "--out", "part"])?;
    assert_eq!(part.exit, Some(0), "{part:?}");
    assert_eq!(fleet.read(&SECRET.replace("rendered", "part"))?, fleet.read(SECRET)?);
    Ok(())
}

#[test]
fn a_fleet_in_a_folder_of_the_repository_reads_that_folder_of_the_tag() -> TestResult {
    let fleet = fleet("whole")?;
    let outer = fleet.folder.with_file_name("outer");
    _ = std::fs::remove_dir_all(&outer);
    std::fs::create_dir_all(&outer)?;
    git(&outer, &["init", "-q", "-b", "main"])?;
    let copy = |version: &str| -> TestResult {
        for path in ["fleet.yaml", "tenants", "templates", "clusters"] {
            let status = std::process::Command::new("cp")
                .args(["-r"])
                .arg(fleet.folder.join(path))
                .arg(outer.join("fleets/a/"))
                .status()?;
            assert!(status.success());
        }
        std::fs::create_dir_all(outer.join("fleets/a/addons/cilium"))?;
        std::fs::write(outer.join("fleets/a/addons/cilium/addon.yaml"), addon(version))?;
        git(&outer, &["add", "."])?;
        git(&outer, &["commit", "-q", "-m", version]).map(drop)
    };
    std::fs::create_dir_all(outer.join("fleets/a"))?;
    copy("1.0.0")?;
    git(&outer, &["checkout", "-q", "-b", BRANCH])?;
    copy("1.0.1")?;
    git(&outer, &["tag", "-a", "-m", "x", TAG])?;
    git(&outer, &["checkout", "-q", "main"])?;

    let ran = isolated(YOSHINO, &outer.join("fleets/a")).arg("render").output()?;

    assert!(ran.status.success(), "{}", git::said(&ran));
    let secret = std::fs::read_to_string(outer.join("fleets/a").join(SECRET))?;
    assert!(secret.contains("cilium.version: 1.0.1"), "{secret}");
    Ok(())
}

#[test]
fn a_tag_that_is_not_there_shows_the_nearest_one() -> TestResult {
    let fleet = pinned_to("absent", "v1.35-ake.261125")?;

    let ran = fleet.run(&["render"])?;

    assert_eq!(
        wrong(&ran),
        (
            Some(2),
            vec!["error[pin-unknown]: there is no release `v1.35-ake.261125`", " --> clusters/old.yaml:9:12"]
        )
    );
    assert!(ran.stderr.contains("the nearest is `v1.35-ake.261121`"), "{ran:?}");
    Ok(())
}

#[test]
fn a_tag_without_a_tag_object_or_with_that_of_another_is_no_release() -> TestResult {
    let fleet = pinned_to("forged", "v1.35-ake.261122")?;
    let (repository, object) =
        (&fleet.repository, fleet.repository.refname_to_id(&format!("refs/tags/{TAG}"))?);
    for (target, expected) in [
        (fleet.tip(BRANCH)?, "error[pin-not-annotated]: the tag `v1.35-ake.261122` is not annotated"),
        (object, "error[pin-renamed]: the tag `v1.35-ake.261122` says that it is called `v1.35-ake.261121`"),
    ] {
        repository.reference("refs/tags/v1.35-ake.261122", target, true, "")?;
        let ran = fleet.run(&["check"])?;
        assert_eq!((ran.exit, ran.stdout.lines().next()), (Some(2), Some(expected)));
    }
    Ok(())
}

#[test]
fn a_branch_of_the_same_name_makes_a_tag_ambiguous() -> TestResult {
    let fleet = fleet("ambiguous")?;
    fleet.branch(TAG, None)?;

    let ran = fleet.run(&["render"])?;

    let expected = format!("error[pin-ambiguous]: `{TAG}` is a tag, and `{TAG}` a branch");
    assert_eq!(wrong(&ran), (Some(2), vec![expected.as_str(), " --> clusters/old.yaml:9:12"]));
    Ok(())
}

#[test]
fn a_release_lies_on_its_minors_branch_after_the_branch_point() -> TestResult {
    let fleet = pinned_to("branch", "v1.35-ake.261122")?;
    fleet.branch("side", None)?;
    fleet.commit_to("side", "a side", ("NOTES", "x"))?;
    let cut = fleet.repository.merge_base(fleet.tip("main")?, fleet.tip(BRANCH)?)?;
    fleet.branch("cut", Some(cut))?;
    for (branch, expected) in [
        ("side", "does not lie on `release/1.35`"),
        ("main", "does not lie on `release/1.35`"),
        ("cut", "was made before `release/1.35` left trunk"),
    ] {
        fleet.tag("v1.35-ake.261122", branch)?;
        let ran = fleet.run(&["render"])?;
        let expected = format!("error[pin-off-branch]: the release `v1.35-ake.261122` {expected}");
        assert_eq!(wrong(&ran).1[0], expected);
        fleet.repository.tag_delete("v1.35-ake.261122")?;
    }
    // A second parent is no way onto a branch.
    let (one, other) = (fleet.tip(BRANCH)?, fleet.tip("side")?);
    let (one, other) = (fleet.repository.find_commit(one)?, fleet.repository.find_commit(other)?);
    let author = one.author();
    let reference = format!("refs/heads/{BRANCH}");
    fleet.repository.commit(Some(&reference), &author, &author, "a merge", &one.tree()?, &[&one, &other])?;
    fleet.tag("v1.35-ake.261122", "side")?;
    let ran = fleet.run(&["render"])?;
    assert_eq!(ran.exit, Some(2), "{ran:?}");
    // The near miss: the merge itself is on it.
    fleet.repository.tag_delete("v1.35-ake.261122")?;
    fleet.tag("v1.35-ake.261122", BRANCH)?;
    let ran = fleet.run(&["render"])?;
    assert_eq!(ran.exit, Some(0), "{ran:?}");
    Ok(())
}

/// Merges a branch into another one, whose files stay.
fn merge(fleet: &Fleet, into: &str, from: &str) -> TestResult {
    let ours = fleet.repository.find_commit(fleet.tip(into)?)?;
    let theirs = fleet.repository.find_commit(fleet.tip(from)?)?;
    let (author, reference) = (ours.author(), format!("refs/heads/{into}"));
    fleet.repository.commit(
        Some(&reference),
        &author,
        &author,
        "a merge",
        &ours.tree()?,
        &[&ours, &theirs],
    )?;
    Ok(())
}

#[test]
fn merges_between_trunk_and_a_branch_do_not_move_the_branch_point() -> TestResult {
    let fleet = fleet("merged")?;
    let trunk = fleet.tip("main")?;

    merge(&fleet, "main", BRANCH)?;
    assert_eq!(fleet.run(&["check"])?.exit, Some(0), "trunk has merged the branch");
    fleet.repository.reference("refs/heads/main", trunk, true, "")?;
    merge(&fleet, BRANCH, "main")?;
    assert_eq!(fleet.run(&["check"])?.exit, Some(0), "the branch has merged trunk");

    // The near miss: what lies before the branch point is still no release.
    let before = fleet.repository.find_commit(fleet.repository.merge_base(trunk, fleet.tip(BRANCH)?)?)?;
    fleet.repository.tag_delete(TAG)?;
    fleet.branch("before", Some(before.parent_id(0)?))?;
    fleet.tag(TAG, "before")?;
    assert_eq!(fleet.run(&["check"])?.exit, Some(2));
    Ok(())
}

#[test]
fn the_branch_that_was_fetched_counts_where_there_is_no_local_one_and_both_must_agree() -> TestResult {
    let fleet = fleet("remote")?;
    let fetched = format!("refs/remotes/origin/{BRANCH}");
    let (tip, trunk) = (fleet.tip(BRANCH)?, fleet.tip("main")?);

    fleet.repository.reference(&fetched, tip, true, "")?;
    assert_eq!(fleet.run(&["check"])?.exit, Some(0));
    fleet.repository.reference(&fetched, trunk, true, "")?;
    let ran = fleet.run(&["render"])?;
    let expected =
        "error[pin-branches-differ]: the branches `release/1.35` and `origin/release/1.35` are not the same";
    assert_eq!(wrong(&ran), (Some(2), vec![expected, " --> clusters/old.yaml:9:12"]));

    fleet.repository.reference(&fetched, tip, true, "")?;
    fleet.repository.find_reference(&format!("refs/heads/{BRANCH}"))?.delete()?;
    assert_eq!(fleet.run(&["check"])?.exit, Some(0));
    fleet.repository.find_reference(&fetched)?.delete()?;
    let ran = fleet.run(&["render"])?;
    let expected = "error[pin-off-branch]: the branch of Kubernetes 1.35 is not there";
    assert_eq!(wrong(&ran), (Some(2), vec![expected, " --> clusters/old.yaml:9:12"]));
    Ok(())
}

/// Clones a fleet's repository as far as `arguments` say; returns what the tool says about it.
fn in_clone(fleet: &Fleet, arguments: &[&str]) -> Result<Ran, Box<dyn std::error::Error>> {
    let (parent, name) = (fleet.folder.parent().unwrap_or(Path::new("/")), "clone");
    let clone = fleet.folder.join("../clone");
    _ = std::fs::remove_dir_all(&clone);
    let url = format!("file://{}", fleet.folder.display());
    git(parent, &[&["clone", "-q"], arguments, &[&url, name]].concat())?;
    let output = isolated(YOSHINO, &clone).arg("check").output()?;
    let text = |bytes: Vec<u8>| String::from_utf8(bytes);
    Ok(Ran { exit: output.status.code(), stdout: text(output.stdout)?, stderr: text(output.stderr)? })
}

#[test]
fn a_shallow_clone_cannot_verify_and_says_how_to_deepen_it() -> TestResult {
    let fleet = fleet("shallow")?;
    let deepen = "fetch the rest with `git fetch --unshallow --tags origin`";
    for arguments in [
        &["--depth", "1"][..],
        &["--depth", "1", "--no-single-branch"],
        &["--depth", "1", "--no-tags", "--no-single-branch"],
    ] {
        let ran = in_clone(&fleet, arguments)?;
        assert_eq!(ran.exit, Some(4), "{arguments:?} {ran:?}");
        assert!(ran.stderr.contains(deepen) && ran.stderr.contains(TAG), "{ran:?}");
    }
    // Near misses: a whole clone, and a clone that is deep enough.
    assert_eq!(in_clone(&fleet, &[])?.exit, Some(0));
    let deep = in_clone(&fleet, &["--depth", "2", "--no-single-branch"])?;
    assert_eq!(deep.exit, Some(0), "{deep:?}");
    Ok(())
}

#[test]
fn a_tag_that_was_moved_is_noticed_by_a_run_in_which_no_file_has_changed() -> TestResult {
    let fleet = fleet("moved")?;
    let render = || fleet.run(&["render"]);
    render()?;
    fleet.commit("rendered")?;
    let again = render()?;
    assert!(again.stdout.starts_with("nothing has changed"), "{again:?}");

    // A tag of something else is beside the point.
    fleet.tag("demo", "main")?;
    let beside = render()?;
    assert!(beside.stdout.starts_with("nothing has changed"), "{beside:?}");
    fleet.commit_to(BRANCH, "a pick", ("addons/cilium/addon.yaml", &addon("1.19.2")))?;
    fleet.repository.tag_delete(TAG)?;
    fleet.tag(TAG, BRANCH)?;
    let found = fleet.run(&["check"])?;
    let expected = format!("error[pin-moved]: the tag `{TAG}` was moved after the output had been rendered");
    assert_eq!((found.exit, found.stdout.lines().next()), (Some(2), Some(expected.as_str())));
    let moved = render()?;

    assert!(moved.stdout.contains("1 changed"), "{moved:?}");
    assert_eq!(secret(&fleet, "cilium.version")?, ["addons.ake.example.com/cilium.version: 1.19.2"]);
    assert_eq!(fleet.run(&["check"])?.exit, Some(0));
    Ok(())
}

#[test]
fn a_release_is_read_once_however_many_clusters_are_pinned_to_it() -> TestResult {
    let fleet = fleet("once")?;
    for number in 0..20 {
        fleet.cluster(&format!("c{number}"), "", &format!("{SPEC}  release: {TAG}\n"))?;
    }

    let ran = fleet.run(&["render"])?;

    assert_eq!(ran.exit, Some(0), "{ran:?}");
    assert!(ran.stdout.starts_with("rendered 22 clusters, 1 addon, 1 tenant\n"), "{ran:?}");
    let values = fleet.read(&format!("rendered/east/values/cilium/{TAG}/1.35.yaml"))?;
    assert_eq!(values, format!("# yoshino: generated from {TAG}:addons/cilium/addon.yaml\n{{}}\n"));
    Ok(())
}

#[test]
fn a_tree_without_clusters_is_checked_rendered_and_tested_and_says_so() -> TestResult {
    let fleet = Fleet::new("minor-branch", &[])?;
    for arguments in [&["check"][..], &["render"], &["render", "--check"], &["test"]] {
        let ran = fleet.run(arguments)?;
        assert_eq!(ran.exit, Some(0), "{arguments:?} {ran:?}");
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(said.contains("there are no clusters in this tree"), "{arguments:?} {said}");
    }
    Ok(())
}

/// Makes a fleet with three releases of 1.35, one of 1.36 and clusters on some of them, one of them on none that there is.
fn releases(test: &str) -> Result<Fleet, Box<dyn std::error::Error>> {
    let fleet = fleet(test)?;
    for tag in ["v1.35-ake.261125", "v1.35-ake.261125.1"] {
        fleet.commit_to(BRANCH, tag, ("NOTES", tag))?;
        fleet.tag(tag, BRANCH)?;
    }
    fleet.branch("release/1.36", None)?;
    fleet.commit_to("release/1.36", "1.36", ("NOTES", "1.36"))?;
    fleet.tag("v1.36-ake.261125", "release/1.36")?;
    fleet.tag("demo", "main")?;
    fleet.cluster("last", "", &format!("{SPEC}  release: v1.35-ake.261125.1\n"))?;
    fleet.cluster("lost", "", &format!("{SPEC}  release: v1.35-ake.261130\n"))?;
    Ok(fleet)
}

#[test]
fn pins_are_listed_with_how_far_they_are_behind() -> TestResult {
    let fleet = releases("list-pins")?;

    let ran = fleet.run(&["list", "pins"])?;

    let expected = "\
PROJECT  CLUSTER  KUBERNETES  RELEASE             DAY         BEHIND       NEWEST
blue     last     v1.35.1     v1.35-ake.261125.1  2026-11-25  0            v1.35-ake.261125.1
blue     lost     v1.35.1     v1.35-ake.261130    2026-11-30  no such tag  v1.35-ake.261125.1
blue     old      v1.35.1     v1.35-ake.261121    2026-11-21  2            v1.35-ake.261125.1
";
    assert_eq!(
        (ran.exit, ran.stdout.as_str(), ran.stderr.as_str()),
        (Some(0), expected, "1 cluster without a pin\n")
    );
    let pins = fleet.run(&["list", "pins", "--format", "json"])?.json()?;
    assert_eq!(
        pins["pins"][2],
        json!({
            "project": "blue", "cluster": "old", "kubernetes": "v1.35.1", "release": TAG, "day": "2026-11-21",
            "behind": 2, "newest": "v1.35-ake.261125.1", "file": "clusters/old.yaml",
        })
    );
    assert_eq!(pins["pins"][1]["behind"], json!(null));
    Ok(())
}

#[test]
fn releases_are_listed_with_their_commits_and_the_clusters_on_them() -> TestResult {
    let fleet = releases("list-releases")?;

    let ran = fleet.run(&["list", "releases"])?;

    let rows: Vec<Vec<&str>> = ran.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    let without_commits: Vec<Vec<&str>> = rows.iter().map(|row| [&row[..3], &row[4..]].concat()).collect();
    assert_eq!(
        without_commits,
        [
            ["MINOR", "RELEASE", "DAY", "CLUSTERS"],
            ["1.35", TAG, "2026-11-21", "1"],
            ["1.35", "v1.35-ake.261125", "2026-11-25", "0"],
            ["1.35", "v1.35-ake.261125.1", "2026-11-25", "1"],
            ["1.36", "v1.36-ake.261125", "2026-11-25", "0"],
        ]
    );
    assert!(fleet.tip("release/1.36")?.to_string().starts_with(rows[4][3]), "{ran:?}");
    let releases = fleet.run(&["list", "releases", "--format", "json"])?.json()?;
    assert_eq!(releases["releases"][0]["clusters"], json!(["blue/old"]));
    assert_eq!(releases["releases"][3]["commit"], json!(fleet.tip("release/1.36")?.to_string()));
    Ok(())
}

#[test]
fn an_explanation_names_the_tag_of_what_a_release_says() -> TestResult {
    let fleet = fleet("explain")?;
    let young = addon("1.0.0").replace("cilium", "young").replace("  provides: [cni]\n", "");
    fleet.write("addons/young/addon.yaml", &young)?;
    let explained = |path: &str| -> Result<String, Box<dyn std::error::Error>> {
        let ran = fleet.run(&["explain", "old", path])?;
        assert_eq!(ran.exit, Some(0), "{path}: {ran:?}");
        Ok(ran.stdout)
    };

    for (path, value, place) in [
        ("addons.cilium", "true", "v1.35-ake.261121:addons/cilium/addon.yaml:6"),
        ("addons.cilium.version", "1.19.1", "v1.35-ake.261121:addons/cilium/addon.yaml:7"),
        ("addons.young", "false", "clusters/old.yaml:9"),
        ("addons.ake.example.com/young", "false", "`v1.35-ake.261121` has no addon `young`"),
        ("addons.ake.example.com/cilium.version", "1.19.1", "v1.35-ake.261121:addons/cilium/addon.yaml:7"),
        ("ake.example.com/version", TAG, "clusters/old.yaml:9"),
        ("ake.example.com/commit", &fleet.tip(BRANCH)?.to_string(), "clusters/old.yaml:9"),
        ("Cluster.spec.clusterNetwork", "makes it", "v1.35-ake.261121:templates/docker/cluster.yaml.j2"),
    ] {
        let text = explained(path)?;
        assert!(text.contains(value) && text.contains(place), "{path}: {text}");
    }
    let overview = fleet.run(&["explain", "old"])?.stdout;
    assert!(overview.contains(&format!("{TAG}:addons/cilium/addon.yaml:6")), "{overview}");
    assert!(overview.contains("has no addon `young`"), "{overview}");
    let unknown = fleet.run(&["explain", "old", "addons.young.version"])?;
    assert!(unknown.stderr.contains("there is no addon `young` in `v1.35-ake.261121`"), "{unknown:?}");
    Ok(())
}

#[test]
fn what_is_wrong_in_a_release_is_shown_to_a_forge_at_the_pin() -> TestResult {
    let fleet = fleet("forge")?;
    fleet.commit_to(
        BRANCH,
        "wrong",
        ("addons/cilium/addon.yaml", &addon("1.0.0").replace("namespace", "namespce")),
    )?;
    fleet.tag("v1.35-ake.261122", BRANCH)?;
    fleet.edit("clusters/old.yaml", TAG, "v1.35-ake.261122")?;

    let ran = fleet.run(&["check", "--format", "sarif"])?;

    assert_eq!(ran.exit, Some(2), "{ran:?}");
    let result = &ran.json()?["runs"][0]["results"][0];
    let place = &result["locations"][0]["physicalLocation"];
    assert!(
        place["artifactLocation"]["uri"].as_str().is_some_and(|uri| uri.ends_with("clusters/old.yaml")),
        "{place}"
    );
    assert_eq!(place["region"]["startLine"], json!(9));
    let message = result["message"]["text"].as_str().unwrap_or_default();
    assert!(message.contains("v1.35-ake.261122:addons/cilium/addon.yaml:4:1"), "{message}");
    Ok(())
}

#[test]
fn what_of_a_release_is_no_usable_file_is_said_with_its_tag_beside_all_else() -> TestResult {
    let fleet = fleet("names")?;
    fleet.commit_to(BRANCH, "a name", ("addons/cilium/a\\b", ""))?;
    fleet.tag("v1.35-ake.261122", BRANCH)?;
    fleet.edit("clusters/old.yaml", TAG, "v1.35-ake.261122")?;
    fleet.edit("clusters/web.yaml", "provider: docker", "provider: dcoker")?;

    let ran = fleet.run(&["render"])?;

    let heads: Vec<&str> = ran.stderr.lines().filter(|line| line.starts_with("error")).collect();
    assert_eq!(
        heads,
        [
            "error[file-name]: `addons/cilium/a\\\\b` is no usable file name, in the release `v1.35-ake.261122`",
            "error[unknown-reference]: there is no provider `dcoker`",
        ]
    );
    Ok(())
}

#[test]
fn a_pin_that_leads_nowhere_can_be_put_right_by_the_tool() -> TestResult {
    let fleet = releases("repair")?;
    assert_eq!(fleet.run(&["check"])?.exit, Some(2));

    let ran = fleet.run(&["pin", "lost", "--to", "latest", "--allow-downgrade"])?;

    assert_eq!(ran.exit, Some(0), "{ran:?}");
    assert_eq!(fleet.run(&["check"])?.exit, Some(0));
    Ok(())
}

#[test]
fn a_wave_that_a_release_has_wrong_is_told_by_check_and_still_rendered() -> TestResult {
    let fleet = fleet("waves")?;
    let late = addon("1.0.0").replace("cilium", "late").replace("  provides: [cni]\n", "");
    let late = format!("{late}  requires: [cilium]\n  wave: -1\n");
    fleet.commit_to(BRANCH, "an addon", ("addons/late/addon.yaml", &late))?;
    fleet.tag("v1.35-ake.261122", BRANCH)?;
    fleet.edit("clusters/old.yaml", TAG, "v1.35-ake.261122")?;

    let checked = fleet.run(&["check"])?;
    let rendered = fleet.run(&["render"])?;

    let lines: Vec<&str> = checked.stdout.lines().take(2).collect();
    let expected = [
        "error[wave-order]: `late` is in wave -1, before `cilium`, which it requires, in wave 0",
        " --> v1.35-ake.261122:addons/late/addon.yaml:9:9",
    ];
    assert_eq!((checked.exit, lines), (Some(2), expected.to_vec()), "{checked:?}");
    assert_eq!(rendered.exit, Some(0), "{rendered:?}");

    let waiver = "  waivers: [{rule: wave-order, owner: a, reason: b, until: \"2099-12-31\"}]\n";
    fleet.cluster("old", "", &format!("{SPEC}  release: v1.35-ake.261122\n{waiver}"))?;
    assert_eq!(fleet.run(&["check"])?.exit, Some(0));
    Ok(())
}
