//! Versions are compared with those of the trunk, of a named revision, or of the last commit.
#![allow(clippy::disallowed_methods, reason = "tests make files")]

mod fleet_repository;

use fleet_repository::{Fleet, Ran, TestResult};

const WEB: &str = "  project: blue\n  provider: docker\n  kubernetes: v1.35.2\n  controlPlane: {replicas: 1}\n  nodePools: [{name: a}]\n";

fn fleet(test: &str) -> Result<Fleet, Box<dyn std::error::Error>> {
    let fleet = Fleet::new(test, &[])?;
    fleet.cluster("web", "", WEB)?;
    fleet.commit("a cluster")?;
    Ok(fleet)
}

/// Returns the rules of the findings, each with its message.
fn found(ran: &Ran) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let json = ran.json()?;
    let all = json["diagnostics"].as_array().ok_or("no list of findings")?.iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    Ok(all.map(|one| format!("{}: {}", text(&one["rule"]), text(&one["message"]))).collect())
}

#[test]
fn a_branch_is_compared_with_where_it_left_the_trunk() -> TestResult {
    let fleet = fleet("branch")?;
    fleet.branch("work", None)?;
    fleet.repository.set_head("refs/heads/work")?;
    fleet.edit("clusters/web.yaml", "v1.35.2", "v1.35.1")?;
    let left = fleet.commit("back")?;

    let back = fleet.run(&["check", "--format", "json"])?;
    let text = fleet.run(&["check"])?;
    let sarif = fleet.run(&["check", "--format", "sarif"])?;
    let named = fleet.run(&["check", "--base", "work"])?;
    fleet.edit("clusters/web.yaml", "v1.35.1", "v1.36.0")?;
    let next = fleet.run(&["check"])?;

    let trunk = fleet.tip("main")?.to_string();
    let message = "control-plane-step: `blue/web` would go back from v1.35.2 to v1.35.1";
    assert_eq!((found(&back)?, back.exit), (vec![message.to_owned()], Some(2)));
    assert!(text.stdout.contains(&format!("::: {}:clusters/web.yaml:7:15", &trunk[..12])), "{}", text.stdout);
    // A forge knows no files of another revision.
    assert!(!sarif.stdout.contains(&trunk[..12]), "{}", sarif.stdout);
    assert_eq!((named.exit, next.exit), (Some(0), Some(0)), "{named:?} {next:?}");
    assert_eq!(fleet.tip("work")?, left);
    Ok(())
}

#[test]
fn what_is_staged_is_compared_with_the_last_commit_by_the_hook_too() -> TestResult {
    let fleet = fleet("staged")?;
    fleet.run(&["render"])?;
    fleet.commit("rendered")?;
    fleet.edit("clusters/web.yaml", "v1.35.2", "v1.34.9")?;
    let mut index = fleet.repository.index()?;
    index.add_path(std::path::Path::new("clusters/web.yaml"))?;
    index.write()?;

    let staged = fleet.run(&["check", "--staged", "--format", "json"])?;
    let hook = fleet.run(&["hooks", "run", "pre-commit"])?;

    let message = "control-plane-step: `blue/web` would go back from v1.35.2 to v1.34.9";
    assert_eq!(found(&staged)?, [message]);
    assert_eq!(hook.exit, Some(2), "{hook:?}");
    assert!(hook.stderr.contains("error[control-plane-step]"), "{}", hook.stderr);
    Ok(())
}

#[test]
fn a_commit_of_the_trunk_is_compared_with_its_first_parent() -> TestResult {
    let fleet = fleet("trunk")?;
    fleet.edit("clusters/web.yaml", "v1.35.2", "v1.34.2")?;
    fleet.commit("back")?;
    fleet.edit("clusters/web.yaml", "v1.34.2", "v1.35.0")?;

    let work_tree = fleet.run(&["check"])?;
    let tip = fleet.run(&["check", "--rev", "main", "--format", "json"])?;
    let before = fleet.run(&["check", "--rev", "main~1"])?;

    assert_eq!((work_tree.exit, before.exit), (Some(0), Some(0)), "{work_tree:?} {before:?}");
    assert_eq!(found(&tip)?, ["control-plane-step: `blue/web` would go back from v1.35.2 to v1.34.2"]);
    Ok(())
}

#[test]
fn a_tree_with_nothing_to_compare_with_says_so_and_passes() -> TestResult {
    let fleet = fleet("alone")?;
    fleet.repository.set_head_detached(fleet.tip("main")?)?;
    fleet.repository.find_reference("refs/heads/main")?.delete()?;

    let check = fleet.run(&["check"])?;
    let unknown = fleet.run(&["check", "--base", "nothing"])?;

    assert_eq!(check.exit, Some(0), "{check:?}");
    let expected =
        "versions were compared with no earlier ones: there is no branch `main` here, nor `origin/main`";
    assert!(check.stderr.contains(expected), "{}", check.stderr);
    assert_eq!(unknown.exit, Some(2), "{unknown:?}");
    Ok(())
}

#[test]
fn an_earlier_state_that_cannot_be_read_is_not_judged() -> TestResult {
    let fleet = fleet("unreadable")?;
    fleet.write("clusters/db.yaml", "{")?;
    fleet.write("fleet.yaml", &fleet.read("fleet.yaml")?.replace("spec:", "spec:\n  nothing: 1"))?;
    fleet.commit("broken")?;
    fleet.cluster("db", "", &WEB.replace("v1.35.2", "v1.34.0"))?;
    fleet.edit("fleet.yaml", "\n  nothing: 1", "")?;

    let mended = fleet.run(&["check"])?;

    assert_eq!((mended.exit, mended.stdout.as_str()), (Some(0), ""), "{mended:?}");
    Ok(())
}
