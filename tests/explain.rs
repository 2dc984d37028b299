//! `explain` leads to the line that decided, and shows what it has overridden on the way.

use yoshino::diagnostic::Color;
use yoshino::error::Failure;
use yoshino::explain::{Explanation, explain, explain_application, overview};
use yoshino::location::Sources;
use yoshino::render::load_fleet;
use yoshino::spec::Catalog;
use yoshino::spec::pin::no_releases;
use yoshino::tree::FileTree;

const FLEET: &str = "\
apiVersion: yoshino.dev/v1alpha1
kind: Fleet
metadata: {name: ake}
spec:
  labelDomain: ake.example.com
  repository: {url: https://git.example.com/fleet.git, trunk: main}
  minors: ['1.34', '1.35']
  management:
    - name: east
    - name: west
  patches:
    - target: {kind: Pool, name: 'web-*'}
      json: [{op: add, path: /spec/paused, value: true}]
    - target: {kind: Secret, name: '*-patched'}
      merge: {metadata: {labels: {example.com/extra: '1', tier: none}}}
";

const DEFAULTS: &str = "\
apiVersion: yoshino.dev/v1alpha1
kind: ClusterDefaults
spec:
  provider: metal
  controlPlane:
    replicas: 1
    repair: {unhealthy: 5m}
  kubeadm:
    imageRepository: registry.example.com
  addons:
    policies: false
";

const EAST: &str = "\
apiVersion: yoshino.dev/v1alpha1
kind: ClusterDefaults
spec:
  controlPlane:
    replicas: 3
  addons:
    charts:
      values:
        size: 2
";

const WEB: &str = "\
apiVersion: yoshino.dev/v1alpha1
kind: Cluster
metadata:
  name: web
  labels:
    tier: canary
    example.com/team: blue
spec:
  project: blue
  kubernetes: v1.34.1
  controlPlane:
    repair: false
  nodePools:
    - name: default
      machine: {size: big}
    - name: spare
      kubernetes: v1.34.0
      kubeadm:
        imageRepository: other.example.com
  addons:
    policies: true
    charts:
      version: 9.0.0
";

const CHARTS: &str = "\
apiVersion: yoshino.dev/v1alpha1
kind: Addon
metadata: {name: charts}
spec:
  namespace: apps
  enable:
    default: true
    when:
      matchLabels:
        tier: canary
  source:
    helm:
      repository: https://charts.example.com
      chart: charts
      version: 2.0.0
      values:
        size: 1
        color: red
  perMinor:
    - kubernetes: '1.34'
      source:
        helm:
          version: 1.0.0
          values:
            color: blue
";

const TEMPLATE: &str = "\
apiVersion: x.example.com/v1
kind: Plane
metadata:
  name: ${{ cluster.name }}
  namespace: ${{ cluster.project }}
spec:
  replicas: ${{ cluster.controlPlane.replicas }}
#% for pool in cluster.nodePools
---
apiVersion: x.example.com/v1
kind: Pool
metadata:
  name: ${{ cluster.name }}-${{ pool.name }}
  namespace: ${{ cluster.project }}
spec:
  size: ${{ pool.machine.size }}
#% endfor
";

const SCHEMA: &str = r#"{
  "properties": {
    "cluster": {"type": "object"},
    "machine": {
      "type": "object",
      "properties": {
        "size": {"type": "string", "default": "small"}
      }
    }
  }
}
"#;

fn document(kind: &str, name: &str, spec: &str) -> String {
    format!("{{apiVersion: yoshino.dev/v1alpha1, kind: {kind}, metadata: {{name: {name}}}, spec: {spec}}}")
}

fn fleet() -> (Catalog, Sources) {
    fleet_with(&[])
}

fn fleet_with(more: &[(&str, &str)]) -> (Catalog, Sources) {
    let policies =
        "{namespace: apps, kubernetes: '>=1.34', source: {manifests: {path: addons/policies/all}}}";
    let newest = "{namespace: apps, kubernetes: '>=1.35', enable: {default: true}, source: {manifests: {path: addons/policies/all}}}";
    let mut files = FileTree::literal(&[
        ("fleet.yaml", FLEET),
        ("tenants/blue.yaml", &document("Tenant", "blue", "{}")),
        ("clusters/_defaults.yaml", DEFAULTS),
        ("clusters/east/_defaults.yaml", EAST),
        ("clusters/east/web.yaml", WEB),
        (
            "clusters/patched.yaml",
            "apiVersion: yoshino.dev/v1alpha1\nkind: Cluster\nmetadata:\n  name: patched\n  labels: {tier: canary}\nspec: {project: blue, kubernetes: v1.34.1}\n",
        ),
        (
            "clusters/asking.yaml",
            &document(
                "Cluster",
                "asking",
                "{project: blue, kubernetes: v1.35.1, addons: {policies: {enabled: true}}}",
            ),
        ),
        ("clusters/other.yaml", &document("Cluster", "other", "{project: blue, kubernetes: v1.35.1}")),
        (
            "clusters/asking.yaml",
            &document(
                "Cluster",
                "asking",
                "{project: blue, kubernetes: v1.35.1, addons: {policies: {enabled: true}, newest: {enabled: false}}}",
            ),
        ),
        ("addons/charts/addon.yaml", CHARTS),
        ("addons/policies/addon.yaml", &document("Addon", "policies", policies)),
        ("addons/policies/all/one.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: one}}"),
        ("addons/newest/addon.yaml", &document("Addon", "newest", newest)),
        ("templates/metal/all.yaml.j2", TEMPLATE),
        ("templates/metal/schema.json", SCHEMA),
        ("templates/metal/impact.yaml", "{kind: Impact, spec: {kubeadm: true, rules: []}}"),
    ]);
    files.0.extend(FileTree::literal(more).0);
    let mut sources = Sources::default();
    let catalog = load_fleet(files, &mut sources, &no_releases);
    let shown = |failure: Failure| match failure {
        Failure::Report(report) => panic!("{}", report.to_text(&sources, Color::Never)),
        Failure::Error(error) => panic!("{error}"),
    };
    (catalog.unwrap_or_else(shown), sources)
}

/// Returns `file:line what: value` of every step, in brackets where it was overridden; the value first.
fn told(explanation: &Explanation, sources: &Sources) -> Vec<String> {
    let value = explanation.value.as_ref().filter(|value| !value.is_object());
    let first = value.map_or_else(|| "-".to_owned(), ToString::to_string);
    let steps = explanation.steps.iter().map(|step| {
        let place = step.location.map_or_else(String::new, |location| {
            format!("{}:{} ", sources.get(location.file).name, sources.position(location).line)
        });
        let value = step.value.as_ref().map(|value| format!(": {value}")).unwrap_or_default();
        let text = format!("{place}{}{value}", step.what);
        if step.holds { text } else { format!("({text})") }
    });
    std::iter::once(first).chain(steps).collect()
}

#[track_caller]
fn assert_told(path: &str, expected: &[&str]) {
    assert_told_of("web", path, expected);
}

#[track_caller]
fn assert_told_of(cluster: &str, path: &str, expected: &[&str]) {
    let (catalog, sources) = fleet();
    match explain(&catalog, &sources, cluster, path) {
        Ok(explanation) => assert_eq!(told(&explanation, &sources), expected, "{path}"),
        Err(Failure::Report(report)) => panic!("{path}: {}", report.to_text(&sources, Color::Never)),
        Err(Failure::Error(error)) => panic!("{path}: {error}"),
    }
}

#[test]
fn a_setting_comes_from_the_nearest_folder_that_has_it() {
    assert_told(
        "controlPlane.replicas",
        &[
            "3",
            "(is the default of the schema of clusters: 3)",
            "(clusters/_defaults.yaml:6 sets it: 1)",
            "clusters/east/_defaults.yaml:5 sets it: 3",
        ],
    );
}

#[test]
fn what_holds_a_setting_may_be_replaced_as_a_whole() {
    assert_told(
        "controlPlane.repair.unhealthy",
        &[
            "false",
            "(is the default of the schema of clusters: \"5m\")",
            "(clusters/_defaults.yaml:7 sets it: \"5m\")",
            "clusters/east/web.yaml:12 replaces what holds it: false",
        ],
    );
}

#[test]
fn an_item_is_found_by_its_name_and_a_default_in_the_providers_schema() {
    assert_told(
        "nodePools[default].machine.size",
        &[
            "\"big\"",
            "(templates/metal/schema.json:7 is the default of the provider's schema: \"small\")",
            "clusters/east/web.yaml:15 sets it: \"big\"",
        ],
    );
    assert_told(
        "nodePools.spare.machine.size",
        &["\"small\"", "templates/metal/schema.json:7 is the default of the provider's schema: \"small\""],
    );
}

#[test]
fn a_pool_takes_over_from_its_cluster_what_it_does_not_say() {
    assert_told(
        "nodePools.default.kubernetes",
        &["\"v1.34.1\"", "clusters/east/web.yaml:10 sets it for the cluster: \"v1.34.1\""],
    );
    assert_told(
        "nodePools.spare.kubeadm.imageRepository",
        &[
            "\"other.example.com\"",
            "(clusters/_defaults.yaml:9 sets it: \"registry.example.com\")",
            "clusters/east/web.yaml:19 sets it: \"other.example.com\"",
        ],
    );
    assert_told(
        "management",
        &["\"east\"", "fleet.yaml:9 is the first of the fleet, and so the default: \"east\""],
    );
}

#[test]
fn a_label_stands_in_the_clusters_own_file() {
    assert_told(
        "metadata.labels.example.com/team",
        &["\"blue\"", "clusters/east/web.yaml:7 sets it: \"blue\""],
    );
}

#[test]
fn an_addon_is_on_by_its_rule_or_by_the_clusters_word() {
    assert_told(
        "addons.charts",
        &[
            "true",
            "addons/charts/addon.yaml:7 is on by default: true",
            "addons/charts/addon.yaml:10 only where `tier` is `canary`, which holds: `tier` is `canary`: true",
            "clusters/east/web.yaml:6 has the label `tier`: \"canary\"",
            "clusters/east/_defaults.yaml:7 has settings for it: {\"values\":{\"size\":2}}",
            "clusters/east/web.yaml:22 has settings for it: {\"version\":\"9.0.0\"}",
        ],
    );
    assert_told(
        "addons.policies",
        &[
            "true",
            "(is off unless a cluster asks for it: the addon has no `enable.default`: false)",
            "(clusters/_defaults.yaml:11 switches it off: false)",
            "clusters/east/web.yaml:21 switches it on: true",
            "addons/policies/addon.yaml:1 runs on 1.34: true",
        ],
    );
    assert_told(
        "addons.newest",
        &[
            "false",
            "addons/newest/addon.yaml:1 is on by default: true",
            "addons/newest/addon.yaml:1 does not run on 1.34: false",
        ],
    );
}

#[test]
fn access_is_on_by_what_tenants_say() -> Result<(), Failure> {
    let blue = "{access: {clusters: {matchLabels: {tier: canary}}, bind: [{group: developers, role: view}]}}";
    let green = "{access: {namespaces: [{name: shop}]}}";
    let (catalog, sources) = fleet_with(&[
        ("tenants/blue.yaml", &document("Tenant", "blue", blue)),
        ("tenants/green.yaml", &document("Tenant", "green", green)),
        (
            "clusters/other.yaml",
            &document("Cluster", "other", "{project: blue, kubernetes: v1.35.1, sharedWith: [green]}"),
        ),
    ]);
    let told_of = |cluster: &str| -> Result<Vec<String>, Failure> {
        Ok(told(&explain(&catalog, &sources, cluster, "addons.access")?, &sources))
    };

    assert_eq!(
        told_of("asking")?,
        [
            "false",
            "tenants/blue.yaml:1 `blue` says who may do what on its clusters: true",
            "tenants/blue.yaml:1 only where `tier` is `canary`, which does not hold: there is no `tier`: false",
        ]
    );
    assert_eq!(
        told_of("other")?,
        [
            "true",
            "clusters/other.yaml:1 shares it with `green`",
            "tenants/green.yaml:1 `green` says who may do what on its clusters: true",
            "tenants/blue.yaml:1 `blue` says who may do what on its clusters: true",
            "tenants/blue.yaml:1 only where `tier` is `canary`, which does not hold: there is no `tier`: false",
        ]
    );
    Ok(())
}

#[test]
fn version_and_values_come_from_the_addon_the_minor_and_the_cluster() {
    assert_told(
        "addons.charts.version",
        &[
            "\"9.0.0\"",
            "(addons/charts/addon.yaml:15 sets it: \"2.0.0\")",
            "(addons/charts/addon.yaml:23 sets it: \"1.0.0\")",
            "clusters/east/web.yaml:23 sets it: \"9.0.0\"",
        ],
    );
    assert_told(
        "addons.charts.values.size",
        &["2", "(addons/charts/addon.yaml:17 sets it: 1)", "clusters/east/_defaults.yaml:9 sets it: 2"],
    );
    assert_told(
        "addons.charts.source.helm.values.color",
        &[
            "\"blue\"",
            "(addons/charts/addon.yaml:18 sets it: \"red\")",
            "addons/charts/addon.yaml:25 sets it: \"blue\"",
        ],
    );
    assert_told("addons.charts.sync.prune", &["true", "is the default of the schema of addons: true"]);
}

#[test]
fn a_key_of_the_cluster_secret_leads_to_what_it_is_derived_from() {
    assert_told(
        "ake.example.com/minor",
        &["\"1.34\"", "clusters/east/web.yaml:10 sets it: \"v1.34.1\"", "is the minor of the version"],
    );
    assert_told(
        "ake.example.com/version",
        &["\"main\"", "fleet.yaml:6 is the trunk: the cluster has no pin: \"main\""],
    );
    assert_told(
        "addons.ake.example.com/newest",
        &[
            "\"false\"",
            "addons/newest/addon.yaml:1 is on by default: true",
            "addons/newest/addon.yaml:1 does not run on 1.34: false",
        ],
    );
    assert_told(
        "secret.metadata.labels.tier",
        &["\"canary\"", "clusters/east/web.yaml:6 has the label `tier`: \"canary\""],
    );
}

#[test]
fn a_field_of_an_object_leads_to_the_templates_line_and_to_what_that_reads() {
    assert_told(
        "Plane.spec.replicas",
        &[
            "3",
            "clusters/east/web.yaml:4 is what it is made for",
            "(is the default of the schema of clusters (`controlPlane.replicas`): 3)",
            "(clusters/_defaults.yaml:6 sets it (`controlPlane.replicas`): 1)",
            "clusters/east/_defaults.yaml:5 sets it (`controlPlane.replicas`): 3",
            "templates/metal/all.yaml.j2:7 makes it, or what holds it: \"replicas: ${{ cluster.controlPlane.replicas }}\"",
        ],
    );
    assert_told(
        "Pool/web-spare.spec.size",
        &[
            "\"small\"",
            "clusters/east/web.yaml:4 is what it is made for",
            "templates/metal/all.yaml.j2:16 makes it, or what holds it: \"size: ${{ pool.machine.size }}\"",
            "fleet.yaml:12 is applied to it",
        ],
    );
}

#[test]
fn an_application_leads_to_set_generator_secret_and_label() {
    let (catalog, sources) = fleet();

    let explanation =
        explain_application(&catalog, &sources, "charts-blue-web").unwrap_or_else(|_| panic!("it is made"));

    assert_eq!(explanation.subject, "the Application charts-blue-web of blue/web on east");
    let told = told(&explanation, &sources).join("\n");
    for part in [
        "addons/charts/addon.yaml:7 is on by default: true",
        "clusters/east/web.yaml:4 so the Secret `cluster-blue-web` has the label `addons.ake.example.com/charts`: \"true\"",
        "the ApplicationSet `charts` (rendered/east/applicationsets/charts.yaml) selects both in `spec.generators[0].clusters`",
        "the template looks up `{{metadata.annotations.addons.ake.example.com/charts.version}}`: \"9.0.0\"",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
}

#[test]
fn what_leads_nowhere_is_said_with_what_is_near() {
    let (catalog, sources) = fleet();
    for (cluster, path, expected) in [
        (
            "wbe",
            "kubernetes",
            "error[unknown-reference]: there is no cluster `wbe`\n  = hint: did you mean `web`?\n\n",
        ),
        (
            "web",
            "controlPlane.replica",
            "error[unknown-path]: `controlPlane` has no field `replica`\n  = hint: did you mean `replicas`?\n\n",
        ),
        (
            "web",
            "addons.chart",
            "error[unknown-reference]: there is no addon `chart`\n  = hint: did you mean `charts`?\n\n",
        ),
        (
            "web",
            "Plan",
            "error[unknown-path]: blue/web has no object `Plan`\n  = hint: known: Plane/web, Pool/web-default, Pool/web-spare\n\n",
        ),
    ] {
        let Err(Failure::Report(report)) = explain(&catalog, &sources, cluster, path) else {
            panic!("{path}")
        };
        assert_eq!(report.to_text(&sources, Color::Never), expected, "{path}");
    }
    let Err(Failure::Report(report)) = explain(&catalog, &sources, "web", "nodePools.defualt.replicas")
    else {
        panic!()
    };
    assert!(report.to_text(&sources, Color::Never).contains("did you mean `default`?"));
}

#[test]
fn the_overview_names_the_place_of_every_setting_and_addon() {
    let (catalog, sources) = fleet();

    let overview = overview(&catalog, &sources, "blue/web").unwrap_or_else(|_| panic!("it is there"));

    let place = |line: &yoshino::explain::Line| {
        line.location
            .map(|at| format!("{}:{}", sources.get(at.file).name, sources.position(at).line))
            .unwrap_or_default()
    };
    let lines: Vec<String> = overview
        .settings
        .iter()
        .map(|line| format!("{} {} {}", line.path, line.value, place(line)))
        .collect();
    assert!(
        lines.contains(&"controlPlane.replicas 3 clusters/east/_defaults.yaml:5".to_owned()),
        "{lines:#?}"
    );
    assert!(lines.contains(&"nodePools.default.machine.size \"big\" clusters/east/web.yaml:15".to_owned()));
    let addons: Vec<String> =
        overview.addons.iter().map(|line| format!("{} {} {}", line.path, line.value, place(line))).collect();
    assert_eq!(
        addons,
        [
            "addons.charts true addons/charts/addon.yaml:7",
            "addons.newest false addons/newest/addon.yaml:1",
            "addons.policies true clusters/east/web.yaml:21",
        ]
    );
}

#[test]
fn the_overview_names_the_clusters_own_word_in_its_long_form_too() {
    let (catalog, sources) = fleet();

    let overview = overview(&catalog, &sources, "asking").unwrap_or_else(|_| panic!("it is there"));

    let told: Vec<String> = overview
        .addons
        .iter()
        .map(|line| {
            let place = line.location.map(|at| sources.get(at.file).name.to_string()).unwrap_or_default();
            format!("{} {} {place} {}", line.path, line.value, line.what)
        })
        .collect();
    assert_eq!(
        told,
        [
            "addons.charts false addons/charts/addon.yaml only where `tier` is `canary`, which does not hold: there is no `tier`",
            "addons.newest false clusters/asking.yaml switches it off",
            "addons.policies true clusters/asking.yaml switches it on",
        ]
    );
}

#[test]
fn a_patched_key_of_the_cluster_secret_leads_to_the_patch() {
    assert_told_of(
        "patched",
        "secret.example.com/extra",
        &["\"1\"", "fleet.yaml:14 is applied to the Secret"],
    );
    assert_told_of(
        "patched",
        "secret.tier",
        &[
            "\"none\"",
            "clusters/patched.yaml:5 has the label `tier`: \"canary\"",
            "fleet.yaml:14 is applied to the Secret",
        ],
    );
}

#[test]
fn a_source_of_another_kind_replaces_that_of_the_addon() {
    let moving = "{namespace: apps, source: {helm: {repository: https://charts.example.com, chart: moving, version: 1.0.0}}, perMinor: [{kubernetes: '1.34', source: {manifests: {path: addons/policies/all}}}]}";
    let (catalog, sources) =
        fleet_with(&[("addons/moving/addon.yaml", &document("Addon", "moving", moving))]);
    let told_of = |cluster: &str| {
        let explained = explain(&catalog, &sources, cluster, "addons.moving.source");
        told(&explained.unwrap_or_else(|_| panic!("it has a source")), &sources)
    };

    let helm = "addons/moving/addon.yaml:1 has fields of it: {\"helm\":{\"repository\":\"https://charts.example.com\",\"chart\":\"moving\",\"version\":\"1.0.0\"}}";
    let manifests =
        "addons/moving/addon.yaml:1 has fields of it: {\"manifests\":{\"path\":\"addons/policies/all\"}}";
    assert_eq!(told_of("web"), ["-", &format!("({helm})"), manifests]);
    assert_eq!(told_of("asking"), ["-", helm]);
}
