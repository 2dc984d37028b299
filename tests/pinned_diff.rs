//! What `diff` says of clusters that are pinned: to another release, and while trunk goes on.
#![allow(clippy::disallowed_methods, reason = "the tests run the binary on files of their own")]

mod fleet_repository;

use serde_json::{Value, json};

use fleet_repository::{Fleet, TestResult};

const BRANCH: &str = "release/1.35";
const OLD: &str = "v1.35-ake.261121";
const NEW: &str = "v1.35-ake.261125";
const SPEC: &str =
    "  project: blue\n  provider: docker\n  kubernetes: v1.35.1\n  controlPlane: {replicas: 1}\n";

fn addon(name: &str, source: &str) -> String {
    format!(
        "apiVersion: yoshino.dev/v1alpha1\nkind: Addon\nmetadata: {{name: {name}}}\nspec:\n  namespace: {name}\n  enable: {{default: true}}\n  source: {{{source}}}\n"
    )
}

fn chart(name: &str, version: &str) -> String {
    addon(
        name,
        &format!("helm: {{repository: https://charts.example.com, chart: {name}, version: {version}}}"),
    )
}

fn kustomization(name: &str) -> String {
    addon(name, &format!("kustomize: {{path: addons/{name}/base}}"))
}

/// Makes a fleet with two releases: in the second one a chart is newer, one is new, one is gone, a kustomization and a
/// template differ, and another kustomization does not. Two clusters are pinned to the first, one follows trunk.
fn fleet(test: &str) -> Result<Fleet, Box<dyn std::error::Error>> {
    let fleet = Fleet::new(
        test,
        &[
            ("addons/cilium/addon.yaml", &chart("cilium", "1.19.1")),
            ("addons/gone/addon.yaml", &chart("gone", "1.0.0")),
            ("addons/dns/addon.yaml", &kustomization("dns")),
            ("addons/dns/base/kustomization.yaml", "resources: [app.yaml]\n"),
            ("addons/dns/base/app.yaml", "kind: A\n"),
            ("addons/same/addon.yaml", &kustomization("same")),
            ("addons/same/base/kustomization.yaml", "resources: []\n"),
            ("addons/idle/addon.yaml", &chart("idle", "1.0.0").replace("default: true", "default: false")),
        ],
    )?;
    fleet.branch(BRANCH, None)?;
    fleet.commit_to(BRANCH, "a pick", ("NOTES", "x"))?;
    fleet.tag(OLD, BRANCH)?;
    let template = fleet.read("templates/docker/cluster.yaml.j2")?;
    for (path, text) in [
        ("addons/cilium/addon.yaml", chart("cilium", "1.19.2")),
        ("addons/young/addon.yaml", chart("young", "2.0.0")),
        ("addons/dns/base/app.yaml", "kind: B\n".to_owned()),
        ("addons/idle/addon.yaml", chart("idle", "1.1.0").replace("default: true", "default: false")),
        ("addons/gone/addon.yaml", chart("gone", "1.0.0").replace("default: true", "default: false")),
        ("templates/docker/cluster.yaml.j2", format!("# newer\n{template}")),
    ] {
        fleet.commit_to(BRANCH, path, (path, &text))?;
    }
    fleet.tag(NEW, BRANCH)?;
    for name in ["api", "web"] {
        fleet.cluster(name, "", &format!("{SPEC}  release: {OLD}\n"))?;
    }
    fleet.cluster("trunk", "", SPEC)?;
    fleet.commit("clusters")?;
    Ok(fleet)
}

/// Returns every change between the last commit and the work tree: class, kind, name, clusters, reasons.
fn changes(fleet: &Fleet) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let ran = fleet.run(&["diff", "HEAD", "--format", "json"])?;
    let difference = ran.json()?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let change = |change: &Value| {
        let all = |key: &str| change[key].as_array().cloned().unwrap_or_default();
        let clusters: Vec<String> = all("clusters").iter().map(text).collect();
        let reasons = all("reasons").iter().map(|reason| format!("\n  {}", text(reason))).collect::<String>();
        let (class, kind, name) = (text(&change["class"]), text(&change["kind"]), text(&change["name"]));
        format!("{class} {kind} {name} [{}]{reasons}", clusters.join(" "))
    };
    Ok(difference["changes"].as_array().into_iter().flatten().map(change).collect())
}

#[test]
fn another_release_is_told_with_the_addons_and_templates_that_differ() -> TestResult {
    let fleet = fleet("other")?;
    for name in ["api", "web"] {
        fleet.edit(&format!("clusters/{name}.yaml"), OLD, NEW)?;
    }

    let found = changes(&fleet)?;

    let expected = [
        "destroys Application gone-blue-* [blue/api blue/web]\n  it was installed from the chart `gone` 1.0.0 of https://charts.example.com",
        "installs Application young-blue-* [blue/api blue/web]\n  from the chart `young` 2.0.0 of https://charts.example.com",
        "upgrades Application cilium-blue-* [blue/api blue/web]\n  the chart `cilium` from 1.19.1 to 1.19.2",
        "upgrades Application dns-blue-* [blue/api blue/web]\n  from v1.35-ake.261121 to v1.35-ake.261125",
        "upgrades Secret cluster-blue-* [blue/api blue/web]\n  it is pinned to v1.35-ake.261125 instead of v1.35-ake.261121\n  addons that differ: cilium 1.19.1 → 1.19.2, dns, gone, young (new)\n  templates that differ: docker/cluster.yaml.j2",
        "cosmetic Application same-blue-* [blue/api blue/web]\n  it reads the same from elsewhere",
        "cosmetic Secret cluster-blue-trunk [blue/trunk]\n  no Application differs by it",
    ];
    assert_eq!(found, expected, "\n{}", found.join("\n"));
    Ok(())
}

#[test]
fn a_file_behind_an_application_is_compared_as_the_two_tags_have_it() -> TestResult {
    let fleet = fleet("content")?;
    fleet.edit("clusters/web.yaml", OLD, NEW)?;

    let difference = fleet.run(&["diff", "HEAD", "--format", "json"])?.json()?;

    let of_dns = |change: &&Value| change["addon"] == "dns";
    let change = difference["changes"].as_array().into_iter().flatten().find(of_dns).ok_or("no change")?;
    let files: Vec<&Value> =
        change["fields"].as_array().into_iter().flatten().map(|field| &field["path"]).collect();
    assert_eq!(files, [&json!("/spec/source/targetRevision"), &json!("addons/dns/base/app.yaml")]);
    Ok(())
}

#[test]
fn all_forms_of_a_difference_say_what_came_along() -> TestResult {
    let fleet = fleet("forms")?;
    fleet.edit("clusters/web.yaml", OLD, NEW)?;
    for format in ["text", "markdown", "html"] {
        let ran = fleet.run(&["diff", "HEAD", "--format", format])?;
        for words in ["cilium 1.19.1 → 1.19.2, dns, gone, young (new)", "docker/cluster.yaml.j2"] {
            assert!(ran.stdout.contains(words), "{format}: {}", ran.stdout);
        }
    }
    Ok(())
}

#[test]
fn a_change_of_trunks_addons_and_templates_leaves_pinned_clusters_alone() -> TestResult {
    let fleet = fleet("trunk")?;
    fleet.edit("addons/cilium/addon.yaml", "1.19.1", "1.21.0")?;
    fleet.edit("templates/docker/cluster.yaml.j2", "kind: Cluster\n", "kind: Cluster\n# newer\n")?;

    let found = changes(&fleet)?;

    assert_eq!(
        found,
        ["upgrades Application cilium-blue-trunk [blue/trunk]\n  the chart `cilium` from 1.19.1 to 1.21.0"]
    );
    Ok(())
}

#[test]
fn a_first_pin_and_the_end_of_one_are_told_as_such() -> TestResult {
    let fleet = fleet("first")?;
    fleet.cluster("trunk", "", &format!("{SPEC}  release: {OLD}\n"))?;
    fleet.cluster("web", "", SPEC)?;

    let found = changes(&fleet)?;

    let pins: Vec<&String> = found.iter().filter(|change| change.contains("Secret")).collect();
    assert_eq!(
        pins,
        [
            "cosmetic Secret cluster-blue-trunk [blue/trunk]\n  it is pinned to v1.35-ake.261121, and no longer follows trunk\n  neither its addons nor its templates differ between the two",
            "cosmetic Secret cluster-blue-web [blue/web]\n  it follows trunk, and is no longer pinned to v1.35-ake.261121\n  neither its addons nor its templates differ between the two",
        ]
    );
    assert!(found.iter().all(|change| change.starts_with("cosmetic")), "{found:?}");
    Ok(())
}

#[test]
fn a_head_whose_pin_leads_nowhere_is_refused_as_the_head() -> TestResult {
    let fleet = fleet("nowhere")?;
    fleet.edit("clusters/web.yaml", OLD, "v1.35-ake.261130")?;

    let ran = fleet.run(&["diff", "HEAD"])?;

    assert_eq!(ran.exit, Some(2));
    let heads: Vec<&str> = ran.stderr.lines().filter(|line| line.starts_with("error")).collect();
    assert_eq!(
        heads,
        [
            "error[diff-side]: the head cannot be rendered",
            "error[pin-unknown]: there is no release `v1.35-ake.261130`",
        ]
    );
    Ok(())
}
