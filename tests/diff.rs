//! What `diff` says of changes that people make, on a small fleet: exactly what happens, and nothing more.

use std::collections::BTreeMap;

use serde_json::Value;
use yoshino::diagnostic::{Color, Report};
use yoshino::error::Failure;
use yoshino::impact::{
    Allowance, Change, Difference, Machines, Pair, Repository, Request, Which, compare, render_sides,
};
use yoshino::location::Sources;
use yoshino::render::render_tree;
use yoshino::spec::pin::no_releases;
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
    let sides = render_sides(base.tree(), head.tree(), &mut sources, &no_releases);
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

/// Says what changes, or what is wrong with it.
fn assert_changes(base: &Fleet, head: &Fleet, expected: &str) -> TestResult {
    let found = changes(base, head)?;
    let expected: Vec<&str> = expected.trim_end().trim_start_matches('\n').lines().collect();
    let indent = expected.first().map_or(0, |line| line.len() - line.trim_start().len());
    let expected: Vec<&str> = expected.iter().map(|line| line.get(indent..).unwrap_or_default()).collect();
    assert_eq!(found, expected, "\n{}\n", found.join("\n"));
    Ok(())
}

#[test]
fn nothing_changes_where_nothing_that_is_rendered_does() -> TestResult {
    let head = fleet().with("README.md", "words").edit(
        "addons/cilium/addon.yaml",
        "kind: Addon",
        "kind: Addon # the network",
    );
    assert_changes(&fleet(), &head, "")?;
    Ok(())
}

#[test]
fn an_addon_that_one_cluster_switches_off_is_deleted_there_alone() -> TestResult {
    let head =
        fleet().edit("clusters/web.yaml", "  kubernetes:", "  addons: {overlay: false}\n  kubernetes:");
    assert_changes(
        &fleet(),
        &head,
        "
        destroys Application overlay-blue-web [blue/web] deleted
          it was installed from `addons/overlay/release`
        ",
    )?;
    assert_changes(
        &head,
        &fleet(),
        "
        installs Application overlay-blue-web [blue/web]
          from `addons/overlay/release`
        ",
    )?;
    Ok(())
}

#[test]
fn a_label_that_switches_addons_is_told_with_what_it_switches() -> TestResult {
    let head = fleet().edit("clusters/web.yaml", "tier: canary", "tier: production");
    assert_changes(
        &fleet(),
        &head,
        "
        destroys Application plain-blue-web [blue/web] deleted
          it was installed from `addons/plain/manifests`
        installs Application metrics-blue-web [blue/web]
          from the chart `metrics-server` 3.13.1 of https://charts.example.com
        changes Cluster web [blue/web]
          taken over in place
          /metadata/labels/tier \"canary\" \"production\"
        ",
    )?;
    Ok(())
}

#[test]
fn a_cluster_with_another_name_is_another_cluster() -> TestResult {
    let head = fleet().edit("clusters/db.yaml", "name: db", "name: data");
    assert_changes(
        &fleet(),
        &head,
        "
        destroys Application cilium-blue-db [blue/db] orphaned
          its cluster's Secret goes away, so Argo CD cannot reach what it installed
          it was installed from the chart `cilium` 1.20.3 of https://helm.cilium.io
        destroys Application metrics-blue-db [blue/db] orphaned
          its cluster's Secret goes away, so Argo CD cannot reach what it installed
          it was installed from the chart `metrics-server` 3.13.1 of https://charts.example.com
        destroys Application overlay-blue-db [blue/db] orphaned
          its cluster's Secret goes away, so Argo CD cannot reach what it installed
          it was installed from `addons/overlay/release`
        destroys Cluster db [blue/db]
          3 control plane machines and 2 nodes go with it
          it waits for confirmation in Argo CD
        installs Application cilium-blue-data [blue/data]
          from the chart `cilium` 1.20.3 of https://helm.cilium.io
        installs Application metrics-blue-data [blue/data]
          from the chart `metrics-server` 3.13.1 of https://charts.example.com
        installs Application overlay-blue-data [blue/data]
          from `addons/overlay/release`
        installs Cluster data [blue/data]
          with 3 control plane machines and 2 nodes
        ",
    )?;
    Ok(())
}

#[test]
fn a_tenant_goes_with_its_namespace_projects_and_clusters() -> TestResult {
    let head = fleet().without("tenants/green.yaml").without("clusters/shop.yaml");
    assert_changes(
        &fleet(),
        &head,
        "
        destroys AppProject green
          it waits for confirmation in Argo CD
        destroys AppProject green-platform
          it waits for confirmation in Argo CD
        destroys Application cilium-green-shop [green/shop] orphaned
          its cluster's Secret goes away, so Argo CD cannot reach what it installed
          it was installed from the chart `cilium` 1.20.3 of https://helm.cilium.io
        destroys Application metrics-green-shop [green/shop] orphaned
          its cluster's Secret goes away, so Argo CD cannot reach what it installed
          it was installed from the chart `metrics-server` 3.13.1 of https://charts.example.com
        destroys Application overlay-green-shop [green/shop] orphaned
          its cluster's Secret goes away, so Argo CD cannot reach what it installed
          it was installed from `addons/overlay/release`
        destroys Cluster shop [green/shop]
          3 control plane machines and 2 nodes go with it
          it waits for confirmation in Argo CD
        destroys Namespace green
          it waits for confirmation in Argo CD
        ",
    )?;
    Ok(())
}

#[test]
fn another_flavour_of_a_pool_rolls_its_nodes() -> TestResult {
    let head = fleet().edit(
        "clusters/web.yaml",
        "replicas: 3, machine: {flavor: m1.small",
        "replicas: 3, machine: {flavor: m1.big",
    );
    assert_changes(
        &fleet(),
        &head,
        "
        replaces MachineDeployment web-default [blue/web] [0 control planes, 3-3 nodes]
          the machines are made from another template: `web-default-731df44e` → `web-default-430b7e8d`
          OpenStackMachineTemplate/web-default#/spec/template/spec/flavor/filter/name \"m1.small\" \"m1.big\"
        ",
    )?;
    Ok(())
}

#[test]
fn an_autoscaled_pool_has_a_range_of_nodes() -> TestResult {
    let head = fleet().edit(
        "clusters/web.yaml",
        "max: 10}, machine: {flavor: m1.small",
        "max: 10}, machine: {flavor: m1.big",
    );
    assert_changes(
        &fleet(),
        &head,
        "
        replaces MachineDeployment web-batch [blue/web] [0 control planes, 1-10 nodes]
          the machines are made from another template: `web-batch-731df44e` → `web-batch-430b7e8d`
          OpenStackMachineTemplate/web-batch#/spec/template/spec/flavor/filter/name \"m1.small\" \"m1.big\"
        ",
    )?;
    Ok(())
}

#[test]
fn a_pool_whose_strategy_is_on_delete_waits_for_that() -> TestResult {
    let base =
        fleet().edit("clusters/web.yaml", "name: default,", "name: default, rollout: {strategy: OnDelete},");
    let head = base.clone().edit(
        "clusters/web.yaml",
        "replicas: 3, machine: {flavor: m1.small",
        "replicas: 3, machine: {flavor: m1.big",
    );
    assert_changes(
        &fleet(),
        &base,
        "
        changes MachineDeployment web-default [blue/web]
          taken over in place
          /spec/rollout/strategy/type \"RollingUpdate\" \"OnDelete\"
          /spec/rollout/strategy/rollingUpdate {\"maxSurge\":1,\"maxUnavailable\":0} -
        ",
    )?;
    assert_changes(
        &base,
        &head,
        "
        replaces MachineDeployment web-default [blue/web] [0 control planes, 0-3 nodes]
          they are replaced when deleted, not before (`OnDelete`)
          the machines are made from another template: `web-default-731df44e` → `web-default-430b7e8d`
          OpenStackMachineTemplate/web-default#/spec/template/spec/flavor/filter/name \"m1.small\" \"m1.big\"
        ",
    )?;
    Ok(())
}

#[test]
fn another_flavour_of_all_control_planes_is_one_change() -> TestResult {
    let head = fleet().edit("clusters/_defaults.yaml", "m1.large", "m1.big");
    assert_changes(&fleet(), &head, "
        replaces KubeadmControlPlane *-control-plane [blue/db blue/web green/shop] [3 control planes, 0-0 nodes]
          its 3 machines are replaced, one after another
          the machines are made from another template: `*-control-plane-bfc58972` → `*-control-plane-430b7e8d`
          OpenStackMachineTemplate/*-control-plane#/spec/template/spec/flavor/filter/name \"m1.large\" \"m1.big\"
        ")?;
    Ok(())
}

#[test]
fn a_chart_of_one_minor_is_upgraded_there_alone() -> TestResult {
    let head = fleet().edit("addons/cilium/addon.yaml", "1.19.7", "1.19.8");
    assert_changes(
        &fleet(),
        &head,
        "
        upgrades Application cilium-blue-web [blue/web]
          the chart `cilium` from 1.19.7 to 1.19.8
          /spec/sources/0/targetRevision \"1.19.7\" \"1.19.8\"
        ",
    )?;
    Ok(())
}

#[test]
fn values_are_compared_field_by_field_wherever_they_lie() -> TestResult {
    let shared = fleet().edit("addons/cilium/addon.yaml", "mtu: 1500", "mtu: 1450, extra: {a: [1]}");
    let own = fleet().edit(
        "clusters/db.yaml",
        "  kubernetes:",
        "  addons: {cilium: {values: {mtu: 9000}}}\n  kubernetes:",
    );
    assert_changes(
        &fleet(),
        &shared,
        "
        changes Application cilium-* [blue/db green/shop]
          values/cilium/main/1.35.yaml#/mtu 1500 1450
          values/cilium/main/1.35.yaml#/extra - {\"a\":[1]}
        changes Application cilium-blue-web [blue/web]
          values/cilium/main/1.34.yaml#/mtu 1500 1450
          values/cilium/main/1.34.yaml#/extra - {\"a\":[1]}
        ",
    )?;
    assert_changes(
        &fleet(),
        &own,
        "
        changes Application cilium-blue-db [blue/db]
          values/cilium/clusters/blue/db.yaml#/mtu 1500 9000
        ",
    )?;
    Ok(())
}

#[test]
fn a_version_that_a_cluster_sets_for_itself_is_an_upgrade() -> TestResult {
    let head = fleet().edit(
        "clusters/db.yaml",
        "  kubernetes:",
        "  addons: {cilium: {version: 1.20.4}}\n  kubernetes:",
    );
    assert_changes(
        &fleet(),
        &head,
        "
        upgrades Application cilium-blue-db [blue/db]
          the chart `cilium` from 1.20.3 to 1.20.4
          /spec/sources/0/targetRevision \"1.20.3\" \"1.20.4\"
        ",
    )?;
    Ok(())
}

#[test]
fn a_cluster_of_another_tenant_is_another_cluster() -> TestResult {
    let head = fleet().edit("clusters/db.yaml", "  kubernetes:", "  project: green\n  kubernetes:");
    assert_changes(
        &fleet(),
        &head,
        "
        destroys Application cilium-blue-db [blue/db] orphaned
          its cluster's Secret goes away, so Argo CD cannot reach what it installed
          it was installed from the chart `cilium` 1.20.3 of https://helm.cilium.io
        destroys Application metrics-blue-db [blue/db] orphaned
          its cluster's Secret goes away, so Argo CD cannot reach what it installed
          it was installed from the chart `metrics-server` 3.13.1 of https://charts.example.com
        destroys Application overlay-blue-db [blue/db] orphaned
          its cluster's Secret goes away, so Argo CD cannot reach what it installed
          it was installed from `addons/overlay/release`
        destroys Cluster db [blue/db]
          3 control plane machines and 2 nodes go with it
          it waits for confirmation in Argo CD
        installs Application cilium-green-db [green/db]
          from the chart `cilium` 1.20.3 of https://helm.cilium.io
        installs Application metrics-green-db [green/db]
          from the chart `metrics-server` 3.13.1 of https://charts.example.com
        installs Application overlay-green-db [green/db]
          from `addons/overlay/release`
        installs Cluster db [green/db]
          with 3 control plane machines and 2 nodes
        ",
    )?;
    Ok(())
}

#[test]
fn a_cluster_of_another_management_cluster_is_another_cluster() -> TestResult {
    let head = fleet().edit("clusters/db.yaml", "  kubernetes:", "  management: west\n  kubernetes:");
    assert_changes(
        &fleet(),
        &head,
        "
        destroys Application cilium-blue-db [blue/db] orphaned
          its cluster's Secret goes away, so Argo CD cannot reach what it installed
          it was installed from the chart `cilium` 1.20.3 of https://helm.cilium.io
        destroys Application metrics-blue-db [blue/db] orphaned
          its cluster's Secret goes away, so Argo CD cannot reach what it installed
          it was installed from the chart `metrics-server` 3.13.1 of https://charts.example.com
        destroys Application overlay-blue-db [blue/db] orphaned
          its cluster's Secret goes away, so Argo CD cannot reach what it installed
          it was installed from `addons/overlay/release`
        destroys Cluster db [blue/db]
          3 control plane machines and 2 nodes go with it
          it waits for confirmation in Argo CD
        installs AppProject blue
        installs AppProject blue-platform
        installs Application projects
        installs Application cilium-blue-db [blue/db]
          from the chart `cilium` 1.20.3 of https://helm.cilium.io
        installs Application metrics-blue-db [blue/db]
          from the chart `metrics-server` 3.13.1 of https://charts.example.com
        installs Application overlay-blue-db [blue/db]
          from `addons/overlay/release`
        installs Cluster db [blue/db]
          with 3 control plane machines and 2 nodes
        installs Namespace blue
        ",
    )?;
    Ok(())
}

#[test]
fn the_file_that_a_cluster_stands_in_is_cosmetic() -> TestResult {
    let head = fleet().without("clusters/db.yaml").with("clusters/x/y.yaml", &fleet().0["clusters/db.yaml"]);
    assert_changes(
        &fleet(),
        &head,
        "
        cosmetic Cluster db [blue/db]
          only comments and order differ in its files
        ",
    )?;
    Ok(())
}

#[test]
fn plain_manifests_are_compared_by_object_and_field() -> TestResult {
    let edited = fleet().edit("addons/plain/manifests/app.yaml", "a: b", "a: c");
    let commented = fleet().edit("addons/plain/manifests/app.yaml", "data: {a: b}", "data: {a: b} # c");
    let added = fleet().with(
        "addons/plain/manifests/more.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: app}\nstringData: {a: hidden}\n",
    );
    let broken = fleet().edit("addons/plain/manifests/app.yaml", "data: {a: b}", "data: {");
    assert_changes(
        &fleet(),
        &edited,
        "
        changes Application plain-blue-web [blue/web]
          addons/plain/manifests/app.yaml#ConfigMap/app/data/a \"b\" \"c\"
        ",
    )?;
    assert_changes(
        &fleet(),
        &commented,
        "
        cosmetic Application plain-blue-web [blue/web]
          what differs in what it reads has no effect: `addons/plain/manifests/app.yaml`
        ",
    )?;
    assert_changes(&fleet(), &added, "
        changes Application plain-blue-web [blue/web]
          addons/plain/manifests/more.yaml#Secret/app - {\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"app\"}}
        ")?;
    assert_changes(&fleet(), &broken, "
        changes Application plain-blue-web [blue/web]
          addons/plain/manifests/app.yaml#ConfigMap/app {\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"app\"}} -
          addons/plain/manifests/app.yaml \"db9e20e9\" \"8a4e1bb4\"
        ")?;
    Ok(())
}

#[test]
fn kustomizations_are_compared_by_file_with_all_that_they_refer_to() -> TestResult {
    let edited = fleet().edit("addons/overlay/base/app.yaml", "a: b", "a: c");
    let commented = fleet()
        .edit("addons/overlay/base/app.yaml", "data: {a: b}", "data: {a: b} # c")
        .with("addons/overlay/release/README.md", "words");
    let outside = fleet()
        .edit("addons/overlay/base/kustomization.yaml", "[app.yaml]", "[app.yaml, ../../../shared/more.yaml]")
        .with("shared/more.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\n");
    let moved = outside.clone().edit("shared/more.yaml", "name: more", "name: less");
    assert_changes(
        &fleet(),
        &edited,
        "
        changes Application overlay-* [blue/db blue/web green/shop]
          addons/overlay/base/app.yaml \"db9e20e9\" \"d34c34c3\"
        ",
    )?;
    assert_changes(&fleet(), &commented, "
        cosmetic Application overlay-* [blue/db blue/web green/shop]
          what differs in what it reads has no effect: `addons/overlay/base/app.yaml`, `addons/overlay/release/README.md`
        ")?;
    assert_changes(
        &outside,
        &moved,
        "
        changes Application overlay-* [blue/db blue/web green/shop]
          shared/more.yaml \"b00aa192\" \"60063032\"
        ",
    )?;
    Ok(())
}

#[test]
fn a_chart_in_the_place_of_a_kustomization_is_told_as_such() -> TestResult {
    let head = fleet().edit(
        "addons/overlay/addon.yaml",
        "kustomize: {path: addons/overlay/release}",
        "helm: {repository: https://charts.example.com, chart: overlay, version: 1.0.0, values: {a: b}}",
    );
    assert_changes(&fleet(), &head, "
        changes Application overlay-* [blue/db blue/web green/shop]
          it is installed from the chart `overlay` 1.0.0 of https://charts.example.com instead of `addons/overlay/release`
          /spec/sources/0 {\"repoURL\":\"https://git.example.com/fleet.git\",\"path\":\"addons/overlay/release\",\"targetRevision\":\"main\"} {\"repoURL\":\"https://charts.example.com\",\"targetRevision\":\"1.0.0\",\"helm\":{\"releaseName\":\"overlay\"},\"chart\":\"overlay\"}
        ")?;
    Ok(())
}

#[test]
fn another_label_domain_deletes_every_application_in_between() -> TestResult {
    let head = fleet().edit("fleet.yaml", "labelDomain: ake.example.com", "labelDomain: new.example.com");
    assert_changes(&fleet(), &head, "
        replaces MachineDeployment *-default [blue/db blue/web green/shop] [0 control planes, 7-7 nodes]
          the machines are set up from another template: `*-default-0ceabd44` → `*-default-dac613c9`
          /spec/template/metadata/labels/new.example.com~1pool - \"default\"
          /spec/template/metadata/labels/ake.example.com~1pool \"default\" -
          KubeadmConfigTemplate/*-default#/spec/template/spec/joinConfiguration/nodeRegistration/kubeletExtraArgs/1/value \"ake.example.com/pool=default\" \"new.example.com/pool=default\"
        replaces MachineDeployment web-batch [blue/web] [0 control planes, 1-10 nodes]
          the machines are set up from another template: `web-batch-19644ea8` → `web-batch-e5cdc227`
          /metadata/annotations/capacity.cluster-autoscaler.kubernetes.io~1labels \"ake.example.com/pool=batch\" \"new.example.com/pool=batch\"
          /spec/template/metadata/labels/new.example.com~1pool - \"batch\"
          /spec/template/metadata/labels/ake.example.com~1pool \"batch\" -
          KubeadmConfigTemplate/web-batch#/spec/template/spec/joinConfiguration/nodeRegistration/kubeletExtraArgs/1/value \"ake.example.com/pool=batch\" \"new.example.com/pool=batch\"
        changes Application cilium-* [blue/db blue/web green/shop]
          /metadata/labels/new.example.com~1addon - \"cilium\"
          /metadata/labels/new.example.com~1cluster - \"*\"
          /metadata/labels/new.example.com~1wave - \"0\"
          /metadata/labels/ake.example.com~1addon \"cilium\" -
          /metadata/labels/ake.example.com~1cluster \"*\" -
          /metadata/labels/ake.example.com~1wave \"0\" -
        changes Application metrics-* [blue/db green/shop]
          /metadata/labels/new.example.com~1addon - \"metrics\"
          /metadata/labels/new.example.com~1cluster - \"*\"
          /metadata/labels/new.example.com~1wave - \"0\"
          /metadata/labels/ake.example.com~1addon \"metrics\" -
          /metadata/labels/ake.example.com~1cluster \"*\" -
          /metadata/labels/ake.example.com~1wave \"0\" -
        changes Application overlay-* [blue/db blue/web green/shop]
          /metadata/labels/new.example.com~1addon - \"overlay\"
          /metadata/labels/new.example.com~1cluster - \"*\"
          /metadata/labels/new.example.com~1wave - \"0\"
          /metadata/labels/ake.example.com~1addon \"overlay\" -
          /metadata/labels/ake.example.com~1cluster \"*\" -
          /metadata/labels/ake.example.com~1wave \"0\" -
        changes Application plain-blue-web [blue/web]
          /metadata/labels/new.example.com~1addon - \"plain\"
          /metadata/labels/new.example.com~1cluster - \"web\"
          /metadata/labels/new.example.com~1wave - \"0\"
          /metadata/labels/ake.example.com~1addon \"plain\" -
          /metadata/labels/ake.example.com~1cluster \"web\" -
          /metadata/labels/ake.example.com~1wave \"0\" -
        cosmetic ApplicationSet cilium
          no Application differs by it
        cosmetic ApplicationSet metrics
          no Application differs by it
        cosmetic ApplicationSet overlay
          no Application differs by it
        cosmetic ApplicationSet plain
          no Application differs by it
        old Secrets with new ApplicationSets: they are deleted with their workloads, and made again: cilium-blue-db cilium-blue-web cilium-green-shop metrics-blue-db metrics-green-shop overlay-blue-db overlay-blue-web overlay-green-shop plain-blue-web
        new Secrets with old ApplicationSets: they are deleted with their workloads, and made again: cilium-blue-db cilium-blue-web cilium-green-shop metrics-blue-db metrics-green-shop overlay-blue-db overlay-blue-web overlay-green-shop plain-blue-web
        ")?;
    Ok(())
}

#[test]
fn what_is_preserved_is_orphaned() -> TestResult {
    let kept = fleet().edit(
        "addons/cilium/addon.yaml",
        "  namespace:",
        "  sync: {preserveResourcesOnDeletion: true}\n  namespace:",
    );
    let off =
        kept.clone().edit("clusters/db.yaml", "  kubernetes:", "  addons: {cilium: false}\n  kubernetes:");
    assert_changes(
        &fleet(),
        &kept,
        "
        changes Application cilium-* [blue/db blue/web green/shop]
          /metadata/finalizers [\"resources-finalizer.argocd.argoproj.io\"] -
        changes ApplicationSet cilium
          /spec/syncPolicy/preserveResourcesOnDeletion false true
        ",
    )?;
    assert_changes(
        &kept,
        &off,
        "
        destroys Application cilium-blue-db [blue/db] orphaned
          it has no finalizer, so what it installed stays, and nobody looks after it
          it was installed from the chart `cilium` 1.20.3 of https://helm.cilium.io
        ",
    )?;
    Ok(())
}

#[test]
fn an_addon_that_goes_takes_its_applications_along() -> TestResult {
    let head = fleet().without("addons/metrics/addon.yaml");
    assert_changes(
        &fleet(),
        &head,
        "
        destroys Application metrics-* [blue/db green/shop] deleted
          its ApplicationSet goes away, too
          it was installed from the chart `metrics-server` 3.13.1 of https://charts.example.com
        changes AppProject blue-platform
          /spec/sourceRepos/1 \"https://charts.example.com\" -
        changes AppProject green-platform
          /spec/sourceRepos/1 \"https://charts.example.com\" -
        cosmetic ApplicationSet metrics
          no cluster had the addon; it waits for confirmation in Argo CD
        cosmetic Secret cluster-blue-web [blue/web]
          no Application differs by it
          /metadata/labels/addons.ake.example.com~1metrics \"false\" -
        ",
    )?;
    Ok(())
}

#[test]
fn an_addon_that_no_cluster_has_is_cosmetic() -> TestResult {
    let base = fleet().without("addons/cilium/addon.yaml");
    let head = fleet().edit("addons/cilium/addon.yaml", "default: true", "default: false");
    assert_changes(
        &base,
        &head,
        "
        changes AppProject blue-platform
          /spec/sourceRepos/2 - \"https://helm.cilium.io\"
        changes AppProject green-platform
          /spec/sourceRepos/2 - \"https://helm.cilium.io\"
        cosmetic ApplicationSet cilium
          no cluster has the addon
        cosmetic ApplicationSet cilium
          no cluster has the addon
        cosmetic Secret cluster-* [blue/db blue/web green/shop]
          no Application differs by it
          /metadata/labels/addons.ake.example.com~1cilium - \"false\"
        ",
    )?;
    Ok(())
}

#[test]
fn another_kubernetes_minor_rolls_all_machines_and_upgrades_addons() -> TestResult {
    let head = fleet().edit("clusters/web.yaml", "v1.34.2", "v1.35.2");
    assert_changes(
        &fleet(),
        &head,
        "
        replaces KubeadmControlPlane web-control-plane [blue/web] [1 control planes, 0-0 nodes]
          its 3 machines are replaced, one after another
          another version is another machine
          /spec/version \"v1.34.2\" \"v1.35.2\"
        replaces MachineDeployment web-batch [blue/web] [0 control planes, 1-10 nodes]
          another version is another machine
          /spec/template/spec/version \"v1.34.2\" \"v1.35.2\"
        replaces MachineDeployment web-default [blue/web] [0 control planes, 3-3 nodes]
          another version is another machine
          /spec/template/spec/version \"v1.34.2\" \"v1.35.2\"
        upgrades Application cilium-blue-web [blue/web]
          the chart `cilium` from 1.19.7 to 1.20.3
          /spec/sources/0/targetRevision \"1.19.7\" \"1.20.3\"
        ",
    )?;
    Ok(())
}

#[test]
fn a_minor_left_out_is_refused_and_the_pools_with_it() -> TestResult {
    let head = fleet().edit("clusters/web.yaml", "v1.34.2", "v1.36.2");
    assert_changes(
        &fleet(),
        &head,
        "
        refuses KubeadmControlPlane web-control-plane [blue/web]
          a control plane goes up one minor at a time: from v1.34.2 to v1.36.2 leaves out v1.35
          /spec/version \"v1.34.2\" \"v1.36.2\"
        refuses MachineDeployment web-batch [blue/web]
          a pool of v1.36.2 is newer than its control plane of v1.34.2, and gets no machines
          /spec/template/spec/version \"v1.34.2\" \"v1.36.2\"
        refuses MachineDeployment web-default [blue/web]
          a pool of v1.36.2 is newer than its control plane of v1.34.2, and gets no machines
          /spec/template/spec/version \"v1.34.2\" \"v1.36.2\"
        upgrades Application cilium-blue-web [blue/web]
          the chart `cilium` from 1.19.7 to 1.20.3
          /spec/sources/0/targetRevision \"1.19.7\" \"1.20.3\"
        ",
    )?;
    Ok(())
}

#[test]
fn no_version_goes_back() -> TestResult {
    let head = fleet().edit("clusters/db.yaml", "v1.35.2", "v1.34.2");
    assert_changes(&fleet(), &head, "
        refuses KubeadmControlPlane db-control-plane [blue/db]
          a control plane cannot go back from v1.35.2 to v1.34.2
          /spec/version \"v1.35.2\" \"v1.34.2\"
        refuses MachineDeployment db-default [blue/db]
          a pool cannot go back from v1.35.2 to v1.34.2
          /spec/template/spec/version \"v1.35.2\" \"v1.34.2\"
        upgrades Application cilium-blue-db [blue/db]
          the chart `cilium` from 1.20.3 to 1.19.7
          /spec/sources/0/targetRevision \"1.20.3\" \"1.19.7\"
        cosmetic Application metrics-blue-db [blue/db]
          it reads the same from elsewhere
          /spec/sources/0/helm/valueFiles/0 \"$values/rendered/east/values/metrics/main/1.35.yaml\" \"$values/rendered/east/values/metrics/main/1.34.yaml\"
        ")?;
    Ok(())
}

#[test]
fn a_field_that_the_webhook_keeps_is_refused() -> TestResult {
    let head = fleet().edit("clusters/_defaults.yaml", "10.6.0.0", "10.7.0.0");
    assert_changes(
        &fleet(),
        &head,
        "
        refuses OpenStackCluster * [blue/db blue/web green/shop]
          `/spec/managedSubnets/0/cidr`: the provider's webhook keeps it as it was when the cluster was made
          /spec/managedSubnets/0/cidr \"10.6.0.0/24\" \"10.7.0.0/24\"
        ",
    )?;
    Ok(())
}

#[test]
fn a_paused_cluster_and_what_waits_for_it_say_so() -> TestResult {
    let paused = fleet().edit("clusters/web.yaml", "  kubernetes:", "  paused: true\n  kubernetes:");
    let head = paused.clone().edit(
        "clusters/web.yaml",
        "replicas: 3, machine: {flavor: m1.small",
        "replicas: 3, machine: {flavor: m1.big",
    );
    assert_changes(
        &fleet(),
        &paused,
        "
        changes Cluster web [blue/web]
          taken over in place
          /spec/paused - true
        ",
    )?;
    assert_changes(
        &paused,
        &head,
        "
        replaces MachineDeployment web-default [blue/web] [0 control planes, 3-3 nodes]
          the machines are made from another template: `web-default-731df44e` → `web-default-430b7e8d`
          the cluster is paused: nothing happens before it goes on
          OpenStackMachineTemplate/web-default#/spec/template/spec/flavor/filter/name \"m1.small\" \"m1.big\"
        ",
    )?;
    Ok(())
}

#[test]
fn labels_that_all_objects_take_are_told_once() -> TestResult {
    let head = fleet().edit("clusters/web.yaml", "  kubernetes:", "  labels: {team: x}\n  kubernetes:");
    assert_changes(
        &fleet(),
        &head,
        "
        changes Cluster web [blue/web]
          taken over in place
          its other objects take the same labels and annotations
          /metadata/labels/team - \"x\"
        ",
    )?;
    Ok(())
}

#[test]
fn another_endpoint_is_a_change_of_the_secret() -> TestResult {
    let head =
        fleet().edit("clusters/web.yaml", "  kubernetes:", "  endpoint: {host: 10.0.0.1}\n  kubernetes:");
    assert_changes(
        &fleet(),
        &head,
        "
        changes Secret cluster-blue-web [blue/web]
          /data/server \"https://web.blue.endpoint.invalid\" \"https://10.0.0.1:6443\"
        ",
    )?;
    Ok(())
}

#[test]
fn replicas_come_and_go_without_a_roll_out() -> TestResult {
    let head = fleet().edit("clusters/web.yaml", "replicas: 3", "replicas: 5");
    assert_changes(
        &fleet(),
        &head,
        "
        changes MachineDeployment web-default [blue/web]
          taken over in place
          2 machines more
          /spec/replicas 3 5
        ",
    )?;
    assert_changes(
        &head,
        &fleet(),
        "
        changes MachineDeployment web-default [blue/web]
          taken over in place
          2 machines fewer
          /spec/replicas 5 3
        ",
    )?;
    Ok(())
}

#[test]
fn a_pool_with_another_name_is_another_pool() -> TestResult {
    let head = fleet().edit("clusters/web.yaml", "- {name: batch,", "- {name: bulk,");
    assert_changes(
        &fleet(),
        &head,
        "
        destroys MachineDeployment web-batch [blue/web]
          1 to 10 nodes go with it
          it waits for confirmation in Argo CD
        installs MachineDeployment web-bulk [blue/web]
          with 1 to 10 nodes
        ",
    )?;
    Ok(())
}

#[test]
fn another_trunk_is_another_revision_everywhere() -> TestResult {
    let head = fleet().edit("fleet.yaml", "fleet.git}", "fleet.git, trunk: trunk}");
    assert_changes(
        &fleet(),
        &head,
        "
        changes Application applicationsets
          /spec/source/targetRevision \"main\" \"trunk\"
        changes Application cluster-* [blue/db blue/web green/shop]
          /spec/source/targetRevision \"main\" \"trunk\"
        changes Application projects
          /spec/source/targetRevision \"main\" \"trunk\"
        changes Application root
          /spec/source/targetRevision \"main\" \"trunk\"
        changes Application cilium-* [blue/db blue/web green/shop]
          /spec/sources/1/targetRevision \"main\" \"trunk\"
        changes Application metrics-* [blue/db green/shop]
          /spec/sources/1/targetRevision \"main\" \"trunk\"
        changes Application overlay-* [blue/db blue/web green/shop]
          /spec/source/targetRevision \"main\" \"trunk\"
        changes Application plain-blue-web [blue/web]
          /spec/source/targetRevision \"main\" \"trunk\"
        changes Application applicationsets
          /spec/source/targetRevision \"main\" \"trunk\"
        changes Application root
          /spec/source/targetRevision \"main\" \"trunk\"
        ",
    )?;
    Ok(())
}

/// The fleet with a cluster on EKS, and an addon of each that AWS manages and that runs on the management cluster.
fn wide() -> Fleet {
    fleet()
        .with("templates/aws/cluster.yaml.j2", include_str!("../templates/aws/cluster.yaml.j2"))
        .with("templates/aws/pools.yaml.j2", include_str!("../templates/aws/pools.yaml.j2"))
        .with("templates/aws/schema.json", include_str!("../templates/aws/schema.json"))
        .with("templates/aws/impact.yaml", include_str!("../templates/aws/impact.yaml"))
        .with(
            "clusters/aws/_defaults.yaml",
            "apiVersion: yoshino.dev/v1alpha1\nkind: ClusterDefaults\nspec: {provider: aws, controlPlane: null, openstack: null, aws: {region: x, role: eks, vpc: {cidr: 10.0.0.0/16}}}\n",
        )
        .with(
            "clusters/aws/edge.yaml",
            "apiVersion: yoshino.dev/v1alpha1\nkind: Cluster\nmetadata: {name: edge}\nspec: {kubernetes: v1.35.1, nodePools: [{name: default, replicas: 4, machine: {instanceType: m7i.large}}]}\n",
        )
        .with(
            "addons/vpc-cni/addon.yaml",
            "apiVersion: yoshino.dev/v1alpha1\nkind: Addon\nmetadata: {name: vpc-cni}\nspec: {namespace: kube-system, providers: [aws], enable: {default: true}, source: {eks: {addon: vpc-cni, version: v1.21.1-eksbuild.1}}}\n",
        )
        .with(
            "addons/scaler/addon.yaml",
            "apiVersion: yoshino.dev/v1alpha1\nkind: Addon\nmetadata: {name: scaler}\nspec:\n  placement: management\n  namespace: scaler\n  enable: {default: true}\n  source: {manifests: {path: addons/scaler/manifests}}\n",
        )
        .with(
            "addons/scaler/manifests/app.yaml.j2",
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${{ cluster.name }}-scaler\ndata:\n  level: info\n",
        )
}

#[test]
fn an_addon_that_aws_manages_is_an_entry_of_the_control_plane() -> TestResult {
    let newer = wide().edit("addons/vpc-cni/addon.yaml", "v1.21.1-eksbuild.1", "v1.21.2-eksbuild.1");
    let off = wide().edit("clusters/aws/edge.yaml", "nodePools", "addons: {vpc-cni: false}, nodePools");
    assert_changes(
        &wide(),
        &newer,
        "
        upgrades AWSManagedControlPlane edge-control-plane [blue/edge]
          the EKS addon `vpc-cni` from v1.21.1-eksbuild.1 to v1.21.2-eksbuild.1
          /spec/addons/vpc-cni/version \"v1.21.1-eksbuild.1\" \"v1.21.2-eksbuild.1\"
        ",
    )?;
    assert_changes(&wide(), &off, "
        destroys AWSManagedControlPlane edge-control-plane [blue/edge] deleted
          the EKS addon `vpc-cni` v1.21.1-eksbuild.1 is removed from the cluster
        changes AWSManagedControlPlane edge-control-plane [blue/edge]
          EKS takes it over in place
          /spec/network/cni/cniIngressRules/0 - {\"description\":\"VXLAN (Cilium)\",\"fromPort\":8472,\"protocol\":\"udp\",\"toPort\":8472}
          /spec/network/cni/cniIngressRules/1 - {\"description\":\"health checks (Cilium)\",\"fromPort\":4240,\"protocol\":\"tcp\",\"toPort\":4240}
          /spec/vpcCni/disable false true
        ")?;
    assert_changes(&off, &wide(), "
        installs AWSManagedControlPlane edge-control-plane [blue/edge]
          the EKS addon `vpc-cni` v1.21.1-eksbuild.1
        changes AWSManagedControlPlane edge-control-plane [blue/edge]
          EKS takes it over in place
          /spec/network/cni/cniIngressRules/0 {\"description\":\"VXLAN (Cilium)\",\"fromPort\":8472,\"protocol\":\"udp\",\"toPort\":8472} -
          /spec/network/cni/cniIngressRules/1 {\"description\":\"health checks (Cilium)\",\"fromPort\":4240,\"protocol\":\"tcp\",\"toPort\":4240} -
          /spec/vpcCni/disable true false
        ")?;
    Ok(())
}

#[test]
fn eks_goes_through_its_minors_and_keeps_its_instance_types() -> TestResult {
    let upgraded = wide().edit("clusters/aws/edge.yaml", "v1.35.1", "v1.36.0");
    let larger = wide().edit("clusters/aws/edge.yaml", "m7i.large", "m7i.xlarge");
    let moved = wide().edit("clusters/aws/_defaults.yaml", "region: x", "region: z");
    assert_changes(&wide(), &upgraded, "
        replaces AWSManagedControlPlane edge-control-plane [blue/edge] [1 control planes, 0-0 nodes]
          EKS upgrades its control plane, one minor at a time; there is no way back
          /spec/version \"v1.35\" \"v1.36\"
        replaces MachinePool edge-default [blue/edge] [0 control planes, 4-4 nodes]
          EKS updates the node group, node by node
          /spec/template/spec/version \"v1.35.0\" \"v1.36.0\"
        cosmetic Application cilium-blue-edge [blue/edge]
          it reads the same from elsewhere
          /spec/sources/0/helm/valueFiles/0 \"$values/rendered/east/values/cilium/main/1.35.yaml\" \"$values/rendered/east/values/cilium/main/1.36.yaml\"
        ")?;
    assert_changes(&wide(), &larger, "
        refuses AWSManagedMachinePool edge-default [blue/edge]
          `/spec/instanceType`: EKS keeps a node group's instance type; the provider accepts the field and never applies it
          /spec/instanceType \"m7i.large\" \"m7i.xlarge\"
        ")?;
    assert_changes(
        &wide(),
        &moved,
        "
        refuses AWSManagedControlPlane edge-control-plane [blue/edge]
          `/spec/region`: the webhook keeps the cluster where it is
          /spec/region \"x\" \"z\"
        ",
    )?;
    Ok(())
}

#[test]
fn rendered_manifests_are_compared_by_object_and_field() -> TestResult {
    let louder = wide().edit("addons/scaler/manifests/app.yaml.j2", "level: info", "level: debug");
    let gone = wide().without("clusters/db.yaml");
    assert_changes(
        &wide(),
        &louder,
        "
        changes Application scaler-* [blue/db blue/edge blue/web green/shop]
          manifests/scaler/*/*/app.yaml#ConfigMap/*-scaler/data/level \"info\" \"debug\"
        ",
    )?;
    assert_changes(
        &wide(),
        &gone,
        "
        destroys Application cilium-blue-db [blue/db] orphaned
          its cluster's Secret goes away, so Argo CD cannot reach what it installed
          it was installed from the chart `cilium` 1.20.3 of https://helm.cilium.io
        destroys Application metrics-blue-db [blue/db] orphaned
          its cluster's Secret goes away, so Argo CD cannot reach what it installed
          it was installed from the chart `metrics-server` 3.13.1 of https://charts.example.com
        destroys Application overlay-blue-db [blue/db] orphaned
          its cluster's Secret goes away, so Argo CD cannot reach what it installed
          it was installed from `addons/overlay/release`
        destroys Application scaler-blue-db [blue/db] deleted
          it was installed from `rendered/east/manifests/scaler/blue/db`
        destroys Cluster db [blue/db]
          3 control plane machines and 2 nodes go with it
          it waits for confirmation in Argo CD
        ",
    )?;
    Ok(())
}

#[test]
fn secrets_of_an_addon_are_objects_that_it_reads() -> TestResult {
    let head = fleet().edit(
        "addons/cilium/addon.yaml",
        "  source:",
        "  secrets: [{name: key, externalSecret: {store: vault, key: x}}]\n  source:",
    );
    assert_changes(&fleet(), &head, "
        changes Application cilium-* [blue/db blue/web green/shop]
          manifests/cilium/*/*/secrets.yaml#ExternalSecret/key - {\"apiVersion\":\"external-secrets.io/v1\",\"kind\":\"ExternalSecret\",\"metadata\":{\"name\":\"key\",\"namespace\":\"kube-system\"}}
        ")?;
    Ok(())
}

#[test]
fn another_version_of_an_api_is_no_other_meaning() -> TestResult {
    let head = fleet().edit("fleet.yaml", "{name: east}", "{name: east, clusterApi: {openstack: \"0.14\"}}");
    assert_changes(
        &fleet(),
        &head,
        "
        cosmetic OpenStackCluster * [blue/db blue/web green/shop]
          it means the same in another version of its API
        cosmetic OpenStackMachineTemplate *-control-plane [blue/db blue/web green/shop]
          it means the same in another version of its API
        cosmetic OpenStackMachineTemplate *-default [blue/db blue/web green/shop]
          it means the same in another version of its API
        cosmetic OpenStackMachineTemplate web-batch [blue/web]
          it means the same in another version of its API
        ",
    )?;
    Ok(())
}

/// What a comparison does not render must be the same on both sides: nothing of a cluster depends on other clusters.
#[test]
fn the_files_of_a_cluster_do_not_depend_on_other_clusters() -> TestResult {
    let rendered = |fleet: &Fleet| {
        let mut sources = Sources::default();
        render_tree(fleet.tree(), &mut sources, &no_releases).map_err(|failure| match failure {
            Failure::Report(report) => shown_report(report, &sources),
            Failure::Error(error) => error.to_string(),
        })
    };
    let base = rendered(&wide())?;
    for (from, to) in [
        ("tier: production", "tier: canary"),
        ("v1.35.2", "v1.36.0"),
        ("  kubernetes:", "  addons: {cilium: {version: 9.9.9, values: {mtu: 1}}}\n  kubernetes:"),
        ("  kubernetes:", "  addons: {cilium: false, overlay: false}\n  kubernetes:"),
        ("  kubernetes:", "  management: west\n  kubernetes:"),
        (
            "  kubernetes:",
            "  patches: [{target: {kind: Application}, merge: {spec: {revisionHistoryLimit: 3}}}]\n  kubernetes:",
        ),
    ] {
        let head = rendered(&wide().edit("clusters/db.yaml", from, to))?;
        for (path, bytes) in &base.0 {
            let of_one = ["/clusters/", "/manifests/", "/values/", "/apps/cluster-"];
            let is_of_another = of_one.iter().any(|part| path.as_str().contains(part))
                && ["web", "shop", "edge"].iter().any(|name| path.as_str().contains(name));
            assert!(!is_of_another || head.0.get(path) == Some(bytes), "{path} with {to}");
        }
    }
    Ok(())
}

const ACCESS: &str = "apiVersion: yoshino.dev/v1alpha1
kind: Tenant
metadata: {name: green}
spec:
  access:
    namespaces:
      - name: sales
        bind: [{group: sales, role: edit}]
        children: [{name: orders}]
";

#[test]
fn a_namespace_that_leaves_the_tree_is_destroyed_and_stays_with_its_workloads() -> TestResult {
    let with = fleet().with("tenants/green.yaml", ACCESS);
    let without = with.clone().edit("tenants/green.yaml", "[{name: orders}]", "[]");
    assert_changes(
        &with,
        &without,
        "
        destroys Namespace orders [green/shop] orphaned
          it is never pruned: it stays with what lies in it, until somebody deletes it
        changes Application access-green-shop [green/shop]
          the group `sales` loses the role `edit` in `orders`
          manifests/access/green/shop/green.yaml#Namespace/orders {\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"orders\"}} -
          manifests/access/green/shop/green.yaml#RoleBinding/orders/edit-sales-2bcfd639 {\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"RoleBinding\",\"metadata\":{\"name\":\"edit-sales-2bcfd639\",\"namespace\":\"orders\"}} -
        ",
    )
}

#[test]
fn who_gains_and_who_loses_a_role_is_said_in_words() -> TestResult {
    let base = fleet().with("tenants/green.yaml", ACCESS);
    let head = base.clone().edit("tenants/green.yaml", "role: edit", "role: view");
    let found = changes(&base, &head)?;
    let said: Vec<&str> =
        found.iter().map(|line| line.trim()).filter(|line| line.starts_with("the ")).collect();
    assert_eq!(
        said,
        [
            "the group `sales` loses the role `edit` in `orders`, `sales`",
            "the group `sales` gets the role `view` in `orders`, `sales`"
        ]
    );
    Ok(())
}

#[test]
fn access_comes_and_goes_on_the_clusters_that_it_reaches_alone() -> TestResult {
    let with = fleet().with("tenants/green.yaml", ACCESS);
    assert_changes(
        &fleet(),
        &with,
        "
        installs Application access-green-shop [green/shop]
          from `rendered/east/manifests/access/green/shop`
        cosmetic ApplicationSet access
          no cluster has the addon
        ",
    )?;
    assert_changes(
        &with,
        &fleet(),
        "
        destroys Application access-green-shop [green/shop] deleted
          its ApplicationSet goes away, too
          nobody has the roles any more that it bound; its namespaces stay with what lies in them
          it was installed from `rendered/east/manifests/access/green/shop`
        cosmetic ApplicationSet access
          no cluster had the addon; it waits for confirmation in Argo CD
        ",
    )
}
