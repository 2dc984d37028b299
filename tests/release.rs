//! `yoshino release` in repositories of the tests' own: what is tagged, what the tags say, what is refused, and what a
//! killed run leaves to the next one.
#![allow(clippy::disallowed_methods, reason = "the tests run the binary on files of their own")]

mod fleet_repository;

use std::process::Command;

use git2::{ObjectType, Oid};
use serde_json::{Value, json};

use fleet_repository::{Fleet, Ran, TestResult};

const SPEC: &str = "  {project: blue, provider: docker, kubernetes: v1.35.1, controlPlane: {replicas: 1}}\n";
const CILIUM: &str = "addons/cilium/addon.yaml";

/// Makes a fleet with branches of 1.34 and 1.35, each with a commit of its own.
fn fleet(test: &str) -> Result<Fleet, Box<dyn std::error::Error>> {
    let fleet = Fleet::new(test, &[])?;
    fleet.cluster("web", "tier: production", SPEC)?;
    fleet.commit("a cluster")?;
    for minor in ["1.34", "1.35"] {
        let ran = fleet.run(&["branch", "cut", minor])?;
        assert_eq!(ran.exit, Some(0), "{ran:?}");
    }
    Ok(fleet)
}

/// Commits another version of an addon to a branch, as a pick of a commit on trunk.
fn pick(
    fleet: &Fleet,
    branch: &str,
    version: &str,
    kind: &str,
) -> Result<(Oid, Oid), Box<dyn std::error::Error>> {
    let text = fleet.read(CILIUM)?.replace("1.20.3", version);
    let subject = format!("cilium: {version}");
    let source = fleet.commit_to("main", &subject, (CILIUM, &text))?;
    let message = format!("{subject}\n\n{kind}(cherry picked from commit {source})\nPick-Rule: addons\n");
    Ok((source, fleet.commit_to(branch, &message, (CILIUM, &text))?))
}

fn heads(ran: &Ran) -> Vec<&str> {
    ran.stderr.lines().filter(|line| line.starts_with("error")).collect()
}

/// Returns the tags that there are.
fn tags(fleet: &Fleet) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let names = fleet.repository.tag_names(None)?;
    Ok(names.iter().filter_map(|name| name.ok().flatten().map(str::to_owned)).collect())
}

/// Returns what an annotated tag points at, and what it says.
fn tag(fleet: &Fleet, name: &str) -> Result<(Oid, String), Box<dyn std::error::Error>> {
    let id = fleet.repository.refname_to_id(&format!("refs/tags/{name}"))?;
    let tag = fleet.repository.find_tag(id)?;
    assert_eq!((tag.name(), tag.target_type()), (Ok(name), Some(ObjectType::Commit)));
    let message = String::from_utf8(tag.message_bytes().unwrap_or_default().to_vec())?;
    Ok((tag.target_id(), message))
}

/// Asks git itself whether the repository is sound.
fn fsck(fleet: &Fleet) -> Result<String, Box<dyn std::error::Error>> {
    let output = Command::new("git")
        .arg("-C")
        .arg(&fleet.folder)
        .args(["fsck", "--strict", "--no-dangling", "--no-progress"])
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()?;
    Ok(String::from_utf8(output.stdout)? + &String::from_utf8(output.stderr)?)
}

#[test]
fn every_minor_that_has_something_new_gets_a_tag() -> TestResult {
    let fleet = fleet("tags")?;
    let before = fleet.refs()?;

    let planned = fleet.run(&["release", "plan"])?;
    assert_eq!((planned.exit, fleet.refs()?), (Some(0), before));
    let ran = fleet.run(&["release", "cut"])?;

    assert_eq!((ran.exit, ran.stderr.as_str()), (Some(0), "2 releases are made\n"), "{ran:?}");
    assert_eq!(ran.stdout, planned.stdout);
    assert!(ran.stdout.starts_with(
        "\
MINOR  BRANCH        LAST  NEXT              COMMITS  STATE
1.34   release/1.34  -     v1.34-ake.261121  1        new
1.35   release/1.35  -     v1.35-ake.261121  1        new
1.36   -             -     -                 -        no-branch
"
    ));
    assert_eq!(tags(&fleet)?, ["v1.34-ake.261121", "v1.35-ake.261121"]);
    assert_eq!(tag(&fleet, "v1.35-ake.261121")?.0, fleet.tip("release/1.35")?);
    let again = fleet.run(&["release", "cut"])?;
    assert_eq!((again.exit, again.stderr.as_str()), (Some(0), "there is nothing to release\n"));
    assert_eq!(fsck(&fleet)?, "");
    Ok(())
}

#[test]
fn a_tag_says_what_it_brings() -> TestResult {
    let fleet = fleet("message")?;
    let cut = fleet.tip("release/1.35")?;
    fleet.run(&["release", "cut"])?;
    let (bump, _) = pick(&fleet, "release/1.35", "1.20.4", "")?;
    let (fix, _) = pick(&fleet, "release/1.35", "1.20.5", "Pick-Kind: security\n")?;
    let (_, gone) = pick(&fleet, "release/1.35", "1.20.6", "")?;
    let revert = format!("Revert \"cilium: 1.20.6\"\n\nThis reverts commit {gone}.\n");
    let text = fleet.read(CILIUM)?.replace("1.20.3", "1.20.5");
    fleet.commit_to("release/1.35", &revert, (CILIUM, &text))?;
    let own = fleet.commit_to(
        "release/1.35",
        "docs: of 1.35\n\nNot-Picked-Because: it is its own\n",
        ("NOTES", "x"),
    )?;

    let ran = fleet.run_on("2026-11-24T00:00:00Z", &["release", "cut"])?;

    assert_eq!(ran.exit, Some(0), "{ran:?}");
    let short = |id: Oid| id.to_string()[..12].to_owned();
    let (_, first) = tag(&fleet, "v1.35-ake.261121")?;
    assert_eq!(
        first,
        format!(
            "\
v1.35-ake.261121

Kubernetes: 1.35
Previous release: none

On release/1.35 alone:
- {} Cut release/1.35 from main

Clusters of 1.35 on trunk: 1; there is no release before it
",
            short(cut)
        )
    );
    let (_, second) = tag(&fleet, "v1.35-ake.261124")?;
    assert_eq!(
        second,
        format!(
            "\
v1.35-ake.261124

Kubernetes: 1.35
Previous release: v1.35-ake.261121

Picks, addons/cilium:
- {} [security] cilium: 1.20.5
- {} cilium: 1.20.4

On release/1.35 alone:
- {} docs: of 1.35

Clusters of 1.35 on trunk: 1, from v1.35-ake.261121
upgrades 1
- upgrades Application cilium-blue-web of blue/web: the chart `cilium` from 1.20.3 to 1.20.5
",
            short(fix),
            short(bump),
            short(own)
        )
    );
    assert_eq!(tags(&fleet)?, ["v1.34-ake.261121", "v1.35-ake.261121", "v1.35-ake.261124"]);
    Ok(())
}

#[test]
fn what_a_pull_request_merged_is_listed_by_its_own_commits() -> TestResult {
    let fleet = fleet("merged")?;
    fleet.run(&["release", "cut"])?;
    let base = fleet.tip("release/1.35")?;
    fleet.branch("picks/1.35/0123456789ab", Some(base))?;
    let (one, _) = pick(&fleet, "picks/1.35/0123456789ab", "1.20.4", "")?;
    let (_, last) =
        pick(&fleet, "picks/1.35/0123456789ab", "1.20.5", "Pick-Conflict: addons/cilium/addon.yaml\n")?;
    let [ours, theirs] = [fleet.repository.find_commit(base)?, fleet.repository.find_commit(last)?];
    let (author, tree) = (theirs.author(), theirs.tree()?);
    let name = Some("refs/heads/release/1.35");
    fleet.repository.commit(name, &author, &author, "Merge #7", &tree, &[&ours, &theirs])?;

    let ran = fleet.run(&["release", "plan", "--minor", "1.35", "--format", "json"])?;

    let conflict =
        format!("{} on `release/1.35` is a pick that nobody has resolved", &last.to_string()[..12]);
    assert_eq!((ran.exit, &ran.json()?["diagnostics"][0]["message"]), (Some(2), &json!(conflict)));
    let text = fleet.read(CILIUM)?.replace("1.20.3", "1.20.4");
    fleet.commit_to("release/1.35", &format!("Revert\n\nThis reverts commit {last}.\n"), (CILIUM, &text))?;
    let plan = fleet.run(&["release", "plan", "--minor", "1.35", "--format", "json"])?.json()?;
    let commits = plan["releases"][0]["commits"].as_array().cloned().unwrap_or_default();
    let sources: Vec<&Value> = commits.iter().map(|commit| &commit["source"]).collect();
    assert_eq!(sources, [&json!(one.to_string())]);
    Ok(())
}

#[test]
fn the_day_is_that_of_the_fleets_time_zone_and_a_second_release_has_a_number() -> TestResult {
    let fleet = fleet("day")?;
    // In Tokyo it is the 22nd already.
    let first = fleet.run_on("2026-11-21T15:00:00Z", &["release", "cut", "--minor", "1.35"])?;
    assert_eq!(first.exit, Some(0), "{first:?}");
    for version in ["1.20.4", "1.20.5"] {
        pick(&fleet, "release/1.35", version, "")?;
        fleet.run(&["release", "cut", "--minor", "1.35", "--date", "2026-11-22"])?;
    }
    assert_eq!(tags(&fleet)?, ["v1.35-ake.261122", "v1.35-ake.261122.1", "v1.35-ake.261122.2"]);
    Ok(())
}

#[test]
fn a_release_never_goes_back_in_date() -> TestResult {
    let fleet = fleet("order")?;
    fleet.run(&["release", "cut"])?;
    pick(&fleet, "release/1.35", "1.20.4", "")?;
    let before = fleet.refs()?;

    let ran = fleet.run(&["release", "cut", "--date", "2026-11-20", "--format", "json"])?;

    assert_eq!(ran.exit, Some(2));
    let result = ran.json()?;
    assert_eq!(
        result["diagnostics"][0]["message"],
        "a release of 2026-11-20 would come before `v1.35-ake.261121`"
    );
    let states: Vec<&Value> =
        result["releases"].as_array().into_iter().flatten().map(|one| &one["state"]).collect();
    assert_eq!(states, ["released", "blocked", "no-branch"]);
    assert_eq!(fleet.refs()?, before);
    Ok(())
}

#[test]
fn where_one_minor_is_blocked_none_is_released() -> TestResult {
    let fleet = fleet("blocked")?;
    fleet.commit_to("release/1.34", "wrong", (CILIUM, "kind: Addon\n"))?;
    fleet.commit_to(
        "release/1.35",
        "cilium: 1.20.4\n\nPick-Conflict: addons/cilium/addon.yaml\n",
        (CILIUM, &fleet.read(CILIUM)?),
    )?;
    let before = fleet.refs()?;

    let ran = fleet.run(&["release", "cut"])?;

    assert_eq!(ran.exit, Some(2));
    assert!(
        heads(&ran).contains(&"error[release-check]: `release/1.34` does not pass `check --as-release`"),
        "{ran:?}"
    );
    let conflict = format!(
        "error[release-conflict]: {} on `release/1.35` is a pick that nobody has resolved",
        &fleet.tip("release/1.35")?.to_string()[..12]
    );
    assert!(heads(&ran).contains(&&*conflict), "{ran:?}");
    assert_eq!(fleet.refs()?, before);
    let alone = fleet.run(&["check", "--as-release", "--rev", "release/1.34"])?;
    assert_eq!(alone.exit, Some(2));
    assert_eq!(fleet.run(&["check", "--as-release", "--rev", "main"])?.exit, Some(0));
    Ok(())
}

#[test]
fn a_golden_case_that_fails_keeps_its_minor_from_being_released() -> TestResult {
    let fleet = fleet("golden")?;
    let case = "golden/a-case/report.txt";
    fleet.commit_to("release/1.35", "a case", (case, "error\n"))?;
    fleet.commit_to(
        "release/1.35",
        "its repository",
        ("golden/a-case/repo/tenants/blue.yaml", "kind: x\n"),
    )?;

    let ran = fleet.run(&["release", "cut", "--minor", "1.35"])?;

    assert_eq!(
        (ran.exit, heads(&ran)),
        (
            Some(2),
            vec![
                "error[golden-case]: the golden case `a-case` gives another `report.txt`",
                "error[release-check]: `release/1.35` does not pass `check --as-release`",
            ]
        )
    );
    Ok(())
}

#[test]
fn what_others_do_not_have_is_not_released() -> TestResult {
    let fleet = fleet("remote")?;
    let fetched = fleet.tip("release/1.35")?;
    fleet.repository.reference("refs/remotes/origin/release/1.35", fetched, false, "fetched")?;
    pick(&fleet, "release/1.35", "1.20.4", "")?;

    let ran = fleet.run(&["release", "cut"])?;

    assert_eq!(
        (ran.exit, heads(&ran)),
        (
            Some(2),
            vec![
                "error[release-branch]: the branches `release/1.35` and `origin/release/1.35` are not the same"
            ]
        )
    );
    for (minor, message) in [
        ("1.36", "error[release-branch]: 1.36 has no branch `release/1.36`, here or as it was last fetched"),
        ("1.40", "error[release-branch]: the fleet does not support 1.40"),
    ] {
        let ran = fleet.run(&["release", "cut", "--minor", minor])?;
        assert_eq!((ran.exit, heads(&ran)), (Some(2), vec![message]));
    }
    assert_eq!(tags(&fleet)?, [""; 0]);
    Ok(())
}

#[test]
fn a_branch_that_only_others_have_is_released_where_it_was_fetched() -> TestResult {
    let fleet = fleet("fetched")?;
    let tip = fleet.tip("release/1.35")?;
    fleet.repository.reference("refs/remotes/origin/release/1.35", tip, false, "fetched")?;
    fleet.repository.find_branch("release/1.35", git2::BranchType::Local)?.delete()?;

    let ran = fleet.run(&["release", "cut", "--minor", "1.35"])?;

    assert_eq!(ran.exit, Some(0), "{ran:?}");
    assert_eq!(tag(&fleet, "v1.35-ake.261121")?.0, tip);
    Ok(())
}

#[test]
fn a_run_that_was_killed_is_finished_by_the_next_one_with_the_same_tags() -> TestResult {
    let fleet = fleet("killed")?;
    let ran = fleet.run(&["release", "cut"])?;
    assert_eq!(ran.exit, Some(0), "{ran:?}");
    let whole = fleet.refs()?;
    // As a run leaves it that is killed behind its first tag.
    for name in ["refs/tags/v1.35-ake.261121", "refs/yoshino/releases"] {
        fleet.repository.find_reference(name)?.delete()?;
    }

    let planned = fleet.run_on("2026-11-25T00:00:00Z", &["release", "plan", "--format", "json"])?;
    assert_eq!(planned.json()?["unfinished"], json!(["v1.34-ake.261121", "v1.35-ake.261121"]));
    let next = fleet.run_on("2026-11-25T00:00:00Z", &["release", "cut", "--format", "json"])?;

    assert_eq!(next.json()?["finished"], json!(["v1.34-ake.261121", "v1.35-ake.261121"]));
    assert_eq!((next.exit, fleet.refs()?), (Some(0), whole));
    let after = fleet.run_on("2026-11-25T00:00:00Z", &["release", "cut"])?;
    assert_eq!(after.stderr, "there is nothing to release\n");
    Ok(())
}

#[test]
fn a_killed_run_whose_tags_others_have_made_is_given_up() -> TestResult {
    let fleet = fleet("given-up")?;
    fleet.run(&["release", "cut"])?;
    for name in ["refs/tags/v1.34-ake.261121", "refs/tags/v1.35-ake.261121", "refs/yoshino/releases"] {
        fleet.repository.find_reference(name)?.delete()?;
    }
    let theirs = fleet.tag("v1.35-ake.261121", "release/1.35")?;

    let ran = fleet.run(&["release", "cut"])?;

    assert_eq!((ran.exit, ran.stderr.as_str()), (Some(0), "1 release is made\n"), "{ran:?}");
    assert_eq!(fleet.repository.refname_to_id("refs/tags/v1.35-ake.261121")?, theirs);
    fleet.repository.find_reference("refs/yoshino/releases")?.delete()?;
    fleet.repository.find_reference("refs/tags/v1.34-ake.261121")?.delete()?;
    let other = fleet.tag("v1.34-ake.261121", "main")?;
    assert_eq!(fleet.run(&["release", "cut"])?.exit, Some(2), "the other's tag is no release of its branch");
    assert_eq!(fleet.repository.refname_to_id("refs/tags/v1.34-ake.261121")?, other);
    Ok(())
}

#[test]
fn a_last_release_that_is_none_keeps_its_minor_from_being_released() -> TestResult {
    let fleet = fleet("unproven")?;
    let tip = fleet.repository.find_commit(fleet.tip("release/1.35")?)?;
    fleet.repository.tag_lightweight("v1.35-ake.261101", tip.as_object(), false)?;

    let ran = fleet.run(&["release", "plan", "--minor", "1.35"])?;

    assert_eq!(
        (ran.exit, heads(&ran)),
        (Some(2), vec!["error[pin-not-annotated]: the tag `v1.35-ake.261101` is not annotated"])
    );
    Ok(())
}

#[test]
fn a_branch_without_a_commit_of_its_own_has_nothing_to_release() -> TestResult {
    let fleet = fleet("nothing-yet")?;
    fleet.branch("release/1.36", None)?;

    let plan = fleet.run(&["release", "plan", "--minor", "1.36", "--format", "json"])?;

    assert_eq!((plan.exit, &plan.json()?["releases"][0]["state"]), (Some(0), &json!("nothing-yet")));
    Ok(())
}

#[test]
fn tags_are_pushed_all_at_once_and_again_where_the_remote_lacks_them() -> TestResult {
    let fleet = fleet("push")?;
    let remote = Fleet::new("push-remote", &[])?;
    fleet.repository.remote("origin", &remote.folder.display().to_string())?;
    fleet.run(&["release", "cut", "--minor", "1.34"])?;

    let ran = fleet.run(&["release", "cut", "--push"])?;

    assert_eq!((ran.exit, ran.stderr.as_str()), (Some(0), "1 release is made\n"), "{ran:?}");
    let of = |fleet: &Fleet| -> Result<Vec<String>, Box<dyn std::error::Error>> {
        Ok(fleet.refs()?.into_iter().filter(|line| line.starts_with("refs/tags/")).collect())
    };
    assert_eq!(of(&remote)?, of(&fleet)?);
    assert_eq!(of(&remote)?.len(), 2);
    assert_eq!(fleet.run(&["release", "cut", "--push"])?.exit, Some(0));
    Ok(())
}

#[test]
fn a_tag_that_the_remote_has_otherwise_is_made_nowhere() -> TestResult {
    let fleet = fleet("push-refused")?;
    let remote = Fleet::new("push-refused-remote", &[])?;
    remote.tag("v1.35-ake.261121", "main")?;
    fleet.repository.remote("origin", &remote.folder.display().to_string())?;

    let ran = fleet.run(&["release", "cut", "--push"])?;

    assert_eq!((ran.exit, tags(&fleet)?), (Some(4), Vec::new()), "{ran:?}");
    assert_eq!(tags(&remote)?, ["v1.35-ake.261121"]);
    let without = fleet.run(&["release", "cut"])?;
    assert_eq!((without.exit, tags(&fleet)?), (Some(4), Vec::new()), "{without:?}");
    Ok(())
}

#[test]
fn pins_are_proved() -> TestResult {
    let fleet = fleet("verify")?;
    fleet.run(&["release", "cut"])?;
    for name in ["db", "web"] {
        fleet.cluster(
            name,
            "",
            "  {project: blue, provider: docker, kubernetes: v1.35.1, release: v1.35-ake.261121}\n",
        )?;
    }
    fleet.cluster("free", "", SPEC)?;

    let sound = fleet.run(&["release", "verify", "--format", "json"])?;
    fleet.edit("clusters/db.yaml", "v1.35-ake.261121", "v1.34-ake.261121")?;
    fleet.edit("clusters/free.yaml", "v1.35.1,", "v1.35.1, release: v1.35-ake.261122,")?;
    let wrong = fleet.run(&["release", "verify"])?;

    let commit = fleet.tip("release/1.35")?.to_string();
    let tag = fleet.repository.refname_to_id("refs/tags/v1.35-ake.261121")?.to_string();
    assert_eq!(
        sound.json()?,
        json!({"pins": [{"release": "v1.35-ake.261121", "clusters": ["blue/db", "blue/web"], "proved": true, "tag": tag, "commit": commit}], "unpinned": 1, "diagnostics": []})
    );
    assert_eq!((sound.exit, wrong.exit), (Some(0), Some(2)));
    assert_eq!(
        heads(&wrong),
        [
            "error[pin-minor]: the release `v1.34-ake.261121` is for Kubernetes 1.34",
            "error[pin-unknown]: there is no release `v1.35-ake.261122`",
        ]
    );
    assert_eq!(
        wrong.stdout,
        format!(
            "\
RELEASE           CLUSTERS  COMMIT        PROVED
v1.34-ake.261121  1         -             no
v1.35-ake.261121  1         {}  yes
v1.35-ake.261122  1         -             no
",
            &commit[..12]
        )
    );
    Ok(())
}

#[test]
fn a_shallow_clone_cannot_verify() -> TestResult {
    let fleet = fleet("shallow")?;
    fleet.run(&["release", "cut"])?;
    fleet.edit("clusters/web.yaml", "v1.35.1,", "v1.35.1, release: v1.35-ake.261121,")?;
    fleet.commit("pinned")?;
    let clone = fleet.folder.with_file_name("shallow-clone");
    if clone.exists() {
        std::fs::remove_dir_all(&clone)?;
    }
    let address = format!("file://{}", fleet.folder.display());
    let cloned = Command::new("git")
        .args(["clone", "-q", "--depth", "1", "--no-tags", &address])
        .arg(&clone)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .status()?;
    assert!(cloned.success());

    let clone = Fleet { repository: git2::Repository::open(&clone)?, folder: clone };
    let ran = clone.run(&["release", "verify"])?;

    assert_eq!(ran.exit, Some(4), "{ran:?}");
    assert!(ran.stderr.contains("git fetch --unshallow --tags"), "{ran:?}");
    Ok(())
}

#[test]
fn tags_are_signed_where_that_is_asked_for() -> TestResult {
    let fleet = fleet("signed")?;
    let key = fleet.folder.join(".git/key");
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status();
    if !made.is_ok_and(|status| status.success()) {
        println!("not run: there is no ssh-keygen");
        return Ok(());
    }
    let allowed = fleet.folder.join(".git/allowed");
    std::fs::write(&allowed, format!("bot@example.com {}", fleet.read(".git/key.pub")?))?;
    let mut config = fleet.repository.config()?;
    config.set_str("gpg.format", "ssh")?;
    config.set_str("user.signingkey", &key.display().to_string())?;
    config.set_str("gpg.ssh.allowedsignersfile", &allowed.display().to_string())?;

    let ran = fleet.run(&["release", "cut", "--sign", "--minor", "1.35"])?;
    let plain = fleet.run(&["release", "cut", "--minor", "1.34"])?;

    assert_eq!((ran.exit, plain.exit), (Some(0), Some(0)), "{ran:?} {plain:?}");
    let verify = |tag: &str| {
        let mut git = Command::new("git");
        git.arg("-C")
            .arg(&fleet.folder)
            .args(["verify-tag", tag])
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
    };
    let said = String::from_utf8(verify("v1.35-ake.261121")?.stderr)?;
    assert!(said.contains("Good \"git\" signature for bot@example.com"), "{said}");
    assert!(!verify("v1.34-ake.261121")?.status.success());
    assert_eq!(fsck(&fleet)?, "");
    Ok(())
}
