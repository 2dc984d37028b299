//! What `diff` says of changes that people make, on a small fleet: exactly what happens, and nothing more.

#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;

use serde_json::Value;
use yoshino::diagnostic::{Color, Report};
use yoshino::error::Failure;
use yoshino::impact::{
    Allowance, Change, Difference, Machines, Pair, Repository, Request, Which, compare, render_sides,
};
use yoshino::location::Sources;
use yoshino::tree::{FileTree, RepoPath};

type TestResult = Result<(), String>;

/// Files of a repository by path.
#[derive(Clone)]
struct Fleet(BTreeMap<String, String>);

const FLEET: &[(&str, &str)] = &[
    (
        "fleet.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: Fleet\nmetadata: {name: ake}\nspec:\n  labelDomain: ake.example.com\n  repository: {url: https://git.example.com/fleet.git}\n  minors: [\"1.34\", \"1.35\", \"1.36\"]\n  management: [{name: east}, {name: west}]\n",
    ),
    (
        "tenants/blue.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: Tenant\nmetadata: {name: blue}\nspec: {}\n",
    ),
    (
        "tenants/green.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: Tenant\nmetadata: {name: green}\nspec: {}\n",
    ),
    (
        "clusters/_defaults.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: ClusterDefaults\nspec:\n  provider: openstack\n  project: blue\n  controlPlane: {replicas: 3, machine: {flavor: m1.large, image: ubuntu}}\n  openstack:\n    identity: {secret: cloud, cloud: openstack}\n    externalNetwork: {name: public}\n    subnets: [{cidr: 10.6.0.0/24}]\n",
    ),
    (
        "clusters/web.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: Cluster\nmetadata: {name: web, labels: {tier: canary}}\nspec:\n  kubernetes: v1.34.2\n  nodePools:\n    - {name: default, replicas: 3, machine: {flavor: m1.small, image: ubuntu}}\n    - {name: batch, autoscale: {min: 1, max: 10}, machine: {flavor: m1.small, image: ubuntu}}\n",
    ),
    (
        "clusters/db.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: Cluster\nmetadata: {name: db, labels: {tier: production}}\nspec:\n  kubernetes: v1.35.2\n  nodePools: [{name: default, replicas: 2, machine: {flavor: m1.small, image: ubuntu}}]\n",
    ),
    (
        "clusters/shop.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: Cluster\nmetadata: {name: shop, labels: {tier: production}}\nspec:\n  project: green\n  kubernetes: v1.35.2\n  nodePools: [{name: default, replicas: 2, machine: {flavor: m1.small, image: ubuntu}}]\n",
    ),
    (
        "addons/cilium/addon.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: Addon\nmetadata: {name: cilium}\nspec:\n  namespace: kube-system\n  enable: {default: true}\n  source: {helm: {repository: https://helm.cilium.io, chart: cilium, version: 1.20.3, values: {mtu: 1500}}}\n  perMinor: [{kubernetes: \"1.34\", source: {helm: {version: 1.19.7}}}]\n",
    ),
    (
        "addons/metrics/addon.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: Addon\nmetadata: {name: metrics}\nspec:\n  namespace: kube-system\n  enable: {default: true, when: {matchLabels: {tier: production}}}\n  source: {helm: {repository: https://charts.example.com, chart: metrics-server, version: 3.13.1}}\n",
    ),
    (
        "addons/overlay/addon.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: Addon\nmetadata: {name: overlay}\nspec: {namespace: apps, enable: {default: true}, source: {kustomize: {path: addons/overlay/release}}}\n",
    ),
    ("addons/overlay/release/kustomization.yaml", "resources: [../base]\nnamePrefix: x-\n"),
    ("addons/overlay/base/kustomization.yaml", "resources: [app.yaml]\n"),
    (
        "addons/overlay/base/app.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\ndata: {a: b}\n",
    ),
    (
        "addons/plain/addon.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: Addon\nmetadata: {name: plain}\nspec: {namespace: apps, enable: {default: true, when: {matchLabels: {tier: canary}}}, source: {manifests: {path: addons/plain/manifests}}}\n",
    ),
    (
        "addons/plain/manifests/app.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\ndata: {a: b}\n",
    ),
    ("templates/openstack/cluster.yaml.j2", include_str!("../templates/openstack/cluster.yaml.j2")),
    ("templates/openstack/machines.yaml.j2", include_str!("../templates/openstack/machines.yaml.j2")),
    ("templates/openstack/schema.json", include_str!("../templates/openstack/schema.json")),
    ("templates/openstack/impact.yaml", include_str!("../templates/openstack/impact.yaml")),
];

fn fleet() -> Fleet {
    Fleet(FLEET.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect())
}

impl Fleet {
    fn with(mut self, path: &str, text: &str) -> Self {
        self.0.insert(path.to_owned(), text.to_owned());
        self
    }

    fn without(mut self, path: &str) -> Self {
        assert!(self.0.remove(path).is_some(), "{path}");
        self
    }

    /// Replaces a text in a file.
    fn edit(mut self, path: &str, from: &str, to: &str) -> Self {
        let text = self.0.get_mut(path).unwrap_or_else(|| panic!("{path}"));
        assert!(text.contains(from), "{path} holds no `{from}`");
        *text = text.replace(from, to);
        self
    }

    fn tree(&self) -> FileTree {
        let file =
            |(path, text): (&String, &String)| Some((RepoPath::new(path).ok()?, text.as_bytes().into()));
        FileTree(self.0.iter().filter_map(file).collect())
    }
}

fn difference(base: &Fleet, head: &Fleet, allowances: &[Allowance]) -> Result<Difference, String> {
    let mut sources = Sources::default();
    let told = |failure: Failure, sources: &Sources| match failure {
        Failure::Report(report) => shown_report(report, sources),
        Failure::Error(error) => error.to_string(),
    };
    let sides = render_sides(base.tree(), head.tree(), &mut sources);
    let [before, after] = sides.map_err(|failure| told(failure, &sources))?;
    let reader = |which: Which, revision: Option<&str>, top: &str| {
        let fleet = if which == Which::Base { base } else { head };
        let files = fleet.tree().0.into_iter();
        let beneath = files.filter(|(path, _)| path.lies_beneath(top) || path.as_str() == top);
        Ok(revision.is_none().then(|| FileTree(beneath.collect())))
    };
    let repository = Repository::new(&reader);
    compare(Pair::new(&before, &after), Request { repository: &repository, allowances, matrix: true })
        .map_err(|failure| told(failure, &sources))
}

fn shown_report(report: Report, sources: &Sources) -> String {
    report.sorted(sources).to_text(sources, Color::Never)
}

/// Returns every change as a few lines: what, on which clusters, why, and which fields.
fn changes(base: &Fleet, head: &Fleet) -> Result<Vec<String>, String> {
    let difference = difference(base, head, &[])?;
    let between = difference
        .half_applied
        .iter()
        .map(|finding| format!("{}: {}: {}", finding.state, finding.what, finding.applications.join(" ")));
    Ok(difference.changes.iter().flat_map(shown).chain(between).collect())
}

fn shown(change: &Change) -> Vec<String> {
    let clusters: Vec<String> =
        change.clusters.iter().map(|cluster| format!("{}/{}", cluster.project, cluster.name)).collect();
    let mut head = format!("{} {} {}", change.class.word(), change.kind, change.name);
    for part in [clusters.join(" "), machines(change.machines)] {
        if !part.is_empty() {
            head.push_str(&format!(" [{part}]"));
        }
    }
    if let Some(workloads) = change.workloads {
        head.push_str(&format!(" {}", workloads.word()));
    }
    let reasons = change.reasons.iter().map(|reason| format!("  {reason}"));
    let text = |value: &Option<Value>| value.as_ref().map_or_else(|| "-".to_owned(), Value::to_string);
    let fields = change
        .fields
        .iter()
        .map(|field| format!("  {} {} {}", field.path, text(&field.from), text(&field.to)));
    std::iter::once(head).chain(reasons).chain(fields).collect()
}

fn machines(machines: Option<Machines>) -> String {
    machines.map_or_else(String::new, |machines| {
        let nodes = machines.nodes;
        format!("{} control planes, {}-{} nodes", machines.control_planes, nodes.min, nodes.max)
    })
}

fn assert_lines(found: &[String], expected: &str) {
    let expected: Vec<&str> = expected.trim_end().trim_start_matches('\n').lines().collect();
    let indent = expected.first().map_or(0, |line| line.len() - line.trim_start().len());
    let expected: Vec<&str> = expected.iter().map(|line| line.get(indent..).unwrap_or_default()).collect();
    assert_eq!(found, expected, "\n{}\n", found.join("\n"));
}

#[test]
fn nothing_changes_where_nothing_that_is_rendered_does() -> TestResult {
    let head = fleet().with("README.md", "words").edit(
        "addons/cilium/addon.yaml",
        "kind: Addon",
        "kind: Addon # the network",
    );
    assert_lines(&changes(&fleet(), &head)?, "");
    Ok(())
}

#[test]
fn an_addon_that_one_cluster_switches_off_is_deleted_there_alone() -> TestResult {
    let head =
        fleet().edit("clusters/web.yaml", "  kubernetes:", "  addons: {overlay: false}\n  kubernetes:");
    assert_lines(
        &changes(&fleet(), &head)?,
        "
        destroys Application overlay-blue-web [blue/web] deleted
          it was installed from `addons/overlay/release`
        ",
    );
    assert_lines(
        &changes(&head, &fleet())?,
        "
        installs Application overlay-blue-web [blue/web]
          from `addons/overlay/release`
        ",
    );
    Ok(())
}

#[test]
fn a_label_that_switches_addons_is_told_with_what_it_switches() -> TestResult {
    let head = fleet().edit("clusters/web.yaml", "tier: canary", "tier: production");
    assert_lines(
        &changes(&fleet(), &head)?,
        "
        destroys Application plain-blue-web [blue/web] deleted
          it was installed from `addons/plain/manifests`
        installs Application metrics-blue-web [blue/web]
          from the chart `metrics-server` 3.13.1 of https://charts.example.com
        changes Cluster web [blue/web]
          taken over in place
          /metadata/labels/tier \"canary\" \"production\"
        ",
    );
    Ok(())
}

#[test]
fn a_cluster_with_another_name_is_another_cluster() -> TestResult {
    let head = fleet().edit("clusters/db.yaml", "name: db", "name: data");
    show("rename", &fleet(), &head)?;
    Ok(())
}

fn show(what: &str, base: &Fleet, head: &Fleet) -> TestResult {
    println!("=== {what}\n{}", changes(base, head)?.join("\n"));
    Ok(())
}

#[test]
fn tenant() -> TestResult {
    let head = fleet().without("tenants/green.yaml").without("clusters/shop.yaml");
    show("tenant", &fleet(), &head)
}

#[test]
fn flavour() -> TestResult {
    let head = fleet().edit(
        "clusters/web.yaml",
        "name: default, replicas: 3, machine: {flavor: m1.small",
        "name: default, replicas: 3, machine: {flavor: m1.big",
    );
    show("flavour pool", &fleet(), &head)?;
    let head = fleet().edit(
        "clusters/web.yaml",
        "max: 10}, machine: {flavor: m1.small",
        "max: 10}, machine: {flavor: m1.big",
    );
    show("flavour autoscaled", &fleet(), &head)?;
    let head = fleet().edit("clusters/_defaults.yaml", "m1.large", "m1.big");
    show("flavour control plane of all", &fleet(), &head)?;
    let ondelete =
        fleet().edit("clusters/web.yaml", "name: default,", "name: default, rollout: {strategy: OnDelete},");
    show("to ondelete", &fleet(), &ondelete)?;
    let head = ondelete.clone().edit(
        "clusters/web.yaml",
        "replicas: 3, machine: {flavor: m1.small",
        "replicas: 3, machine: {flavor: m1.big",
    );
    show("flavour ondelete", &ondelete, &head)
}

#[test]
fn chart() -> TestResult {
    let head = fleet().edit("addons/cilium/addon.yaml", "1.19.7", "1.19.8");
    show("perMinor", &fleet(), &head)?;
    let head = fleet().edit("addons/cilium/addon.yaml", "mtu: 1500", "mtu: 1450, extra: {a: [1]}");
    show("values", &fleet(), &head)?;
    let head = fleet().edit(
        "clusters/db.yaml",
        "  kubernetes:",
        "  addons: {cilium: {values: {mtu: 9000}}}\n  kubernetes:",
    );
    show("own values", &fleet(), &head)?;
    let head = fleet().edit(
        "clusters/db.yaml",
        "  kubernetes:",
        "  addons: {cilium: {version: 1.20.4}}\n  kubernetes:",
    );
    show("own version", &fleet(), &head)
}

#[test]
fn moved() -> TestResult {
    let head = fleet().edit("clusters/db.yaml", "  kubernetes:", "  project: green\n  kubernetes:");
    show("other tenant", &fleet(), &head)?;
    let head = fleet().edit("clusters/db.yaml", "  kubernetes:", "  management: west\n  kubernetes:");
    show("other management", &fleet(), &head)?;
    let head = fleet().without("clusters/db.yaml").with("clusters/x/y.yaml", &fleet().0["clusters/db.yaml"]);
    show("other file", &fleet(), &head)
}

#[test]
fn content() -> TestResult {
    let head = fleet().edit("addons/plain/manifests/app.yaml", "a: b", "a: c");
    show("plain", &fleet(), &head)?;
    let head = fleet().edit("addons/plain/manifests/app.yaml", "data: {a: b}", "data: {a: b} # c");
    show("plain comment", &fleet(), &head)?;
    let head = fleet()
        .with("addons/plain/manifests/more.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: app}\n");
    show("plain new", &fleet(), &head)?;
    let head = fleet().edit("addons/overlay/base/app.yaml", "a: b", "a: c");
    show("base", &fleet(), &head)?;
    let head = fleet()
        .edit("addons/overlay/base/app.yaml", "data: {a: b}", "data: {a: b} # c")
        .with("addons/overlay/release/README.md", "x");
    show("base comment", &fleet(), &head)?;
    let head = fleet().edit(
        "addons/overlay/addon.yaml",
        "kustomize: {path: addons/overlay/release}",
        "helm: {repository: https://charts.example.com, chart: overlay, version: 1.0.0, values: {a: b}}",
    );
    show("kustomize to helm", &fleet(), &head)
}

#[test]
fn domain() -> TestResult {
    let head = fleet().edit("fleet.yaml", "labelDomain: ake.example.com", "labelDomain: new.example.com");
    show("labelDomain", &fleet(), &head)
}

#[test]
fn preserve() -> TestResult {
    let head = fleet().edit(
        "addons/cilium/addon.yaml",
        "  namespace:",
        "  sync: {preserveResourcesOnDeletion: true}\n  namespace:",
    );
    show("preserve", &fleet(), &head)?;
    show(
        "removed preserved",
        &head,
        &head.clone().edit("clusters/db.yaml", "  kubernetes:", "  addons: {cilium: false}\n  kubernetes:"),
    )?;
    show("addon removed", &fleet(), &fleet().without("addons/cilium/addon.yaml"))?;
    show(
        "addon added off",
        &fleet().without("addons/cilium/addon.yaml"),
        &fleet().edit("addons/cilium/addon.yaml", "default: true", "default: false"),
    )
}

#[test]
fn versions() -> TestResult {
    let head = fleet().edit("clusters/web.yaml", "v1.34.2", "v1.35.2");
    show("minor", &fleet(), &head)?;
    let head = fleet().edit("clusters/web.yaml", "v1.34.2", "v1.36.2");
    show("skip", &fleet(), &head)?;
    let head = fleet().edit("clusters/db.yaml", "v1.35.2", "v1.34.2");
    show("back", &fleet(), &head)
}

#[test]
fn others() -> TestResult {
    let head = fleet().edit("clusters/web.yaml", "  kubernetes:", "  paused: true\n  kubernetes:");
    show("paused", &fleet(), &head)?;
    let head = fleet().edit("clusters/web.yaml", "  kubernetes:", "  labels: {team: x}\n  kubernetes:");
    show("labels", &fleet(), &head)?;
    let head =
        fleet().edit("clusters/web.yaml", "  kubernetes:", "  endpoint: {host: 10.0.0.1}\n  kubernetes:");
    show("endpoint", &fleet(), &head)?;
    let head = fleet().edit("clusters/web.yaml", "replicas: 3", "replicas: 5");
    show("replicas", &fleet(), &head)?;
    let head = fleet().edit("clusters/web.yaml", "- {name: batch,", "- {name: bulk,");
    show("pool renamed", &fleet(), &head)?;
    let head = fleet().edit("clusters/_defaults.yaml", "10.6.0.0", "10.7.0.0");
    show("subnet", &fleet(), &head)?;
    let head = fleet().edit("fleet.yaml", "fleet.git}", "fleet.git, trunk: trunk}");
    show("trunk", &fleet(), &head)
}
