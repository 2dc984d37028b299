//! Whatever changes in a fleet, and whichever half of the change Argo CD has seen: every Application is as it was
//! before, as it will be after, or held.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::Value;
use yoshino::argocd::{self, ClusterSecret, Unfolding, Validation, World};
use yoshino::diagnostic::{Color, Report};
use yoshino::emit::application_set::application_sets;
use yoshino::emit::cluster_secret::ClusterSecrets;
use yoshino::emit::fold::Fold;
use yoshino::emit::patch::AllPatches;
use yoshino::emit::values::AddonValues;
use yoshino::error::Failure;
use yoshino::expand::expand;
use yoshino::location::Sources;
use yoshino::spec::pin::no_releases;
use yoshino::spec::{Catalog, load};
use yoshino::tree::FileTree;

/// What Argo CD reads of one fleet, and the Applications it was folded from.
struct Emitted {
    sets: BTreeMap<String, Value>,
    secrets: Vec<Value>,
    projects: BTreeSet<String>,
    folded: BTreeMap<String, Value>,
}

/// What Argo CD makes: the Applications by name, `None` for those that it leaves as they are.
type Made = BTreeMap<String, Option<Value>>;

fn load_fleet(files: &[(String, String)]) -> Result<Catalog, String> {
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let mut sources = Sources::default();
    load(FileTree::literal(&files), &mut sources, &no_releases).map_err(|failure| match failure {
        Failure::Report(report) => report.sorted(&sources).to_text(&sources, Color::Never),
        Failure::Error(error) => error.to_string(),
    })
}

fn emit(catalog: &Catalog) -> Result<Emitted, Report> {
    let expansion = expand(catalog)?;
    let (patches, values) = (AllPatches::new(&expansion), AddonValues::new(&expansion)?);
    let fold = Fold::new(&expansion, &patches, &values)?;
    let management = &catalog.fleet.spec.management[0];
    let sets = application_sets(&fold, management, &patches)?;
    let unfolding = Unfolding::new(&fold, management, &sets)?;
    let secrets = ClusterSecrets::new(&fold);
    let mut emitted = Emitted {
        sets: BTreeMap::new(),
        secrets: Vec::new(),
        projects: BTreeSet::new(),
        folded: BTreeMap::new(),
    };
    for (index, cluster) in expansion.clusters.iter().enumerate() {
        let secret = secrets.of_cluster(index);
        unfolding.check(index, &ClusterSecret::emitted(&secret))?;
        let secret = secret.object().body;
        unfolding.check_object(index, &secret)?;
        emitted.secrets.push(secret);
        for position in 0..cluster.addons.len() {
            if let Some(application) = fold.application(index, position)? {
                emitted.folded.insert(name(&application), application);
            }
        }
    }
    emitted.sets = sets.into_iter().map(|set| (set.name().to_owned(), set.body)).collect();
    emitted.projects = catalog.tenants.keys().map(|tenant| management.addon_project(tenant)).collect();
    Ok(emitted)
}

fn name(application: &Value) -> String {
    application["metadata"]["name"].as_str().unwrap_or_default().to_owned()
}

/// Returns what Argo CD makes of sets and Secrets that may come from two states of a fleet.
fn unfold(sets: &Emitted, secrets: &Emitted) -> Result<Made, String> {
    let world = World {
        secrets: secrets.secrets.clone(),
        projects: Some(sets.projects.union(&secrets.projects).cloned().collect()),
        ..World::new("argocd")
    };
    let sources = argocd::Sources::new(&world).map_err(|refused| refused.0)?;
    let validation = Validation::new(&world);
    let mut made = Made::new();
    for (set_name, set) in &sets.sets {
        let expanded = argocd::expand(set, &sources);
        if let Some(fault) = expanded.fault {
            return Err(format!("{fault:?}"));
        }
        let held = validation.held(set_name, &expanded.applications);
        for application in expanded.applications {
            let name = name(&application);
            let left_alone = held.contains_key(&name);
            let twice = made.insert(name.clone(), (!left_alone).then_some(application));
            if twice.is_some() {
                return Err(format!("two Applications are called `{name}`"));
            }
        }
    }
    Ok(made)
}

/// Two fleets of the same names, drawn one from the other's neighbourhood or not at all.
fn fleet() -> impl Strategy<Value = Vec<(String, String)>> {
    let clusters = prop::collection::vec(prop::option::weighted(0.8, cluster()), 3);
    let addons = prop::collection::vec(prop::option::weighted(0.85, addon()), 3);
    (fleet_spec(), clusters, addons).prop_map(|(fleet, clusters, addons)| {
        let mut files = vec![
            ("fleet.yaml".to_owned(), fleet),
            ("tenants/blue.yaml".to_owned(), document("Tenant", "blue", "{}")),
            ("tenants/green.yaml".to_owned(), document("Tenant", "green", "{}")),
            ("templates/metal/cluster.yaml.j2".to_owned(), "kind: X\n".to_owned()),
            ("templates/metal/schema.json".to_owned(), "{}".to_owned()),
            (
                "templates/metal/impact.yaml".to_owned(),
                "{kind: Impact, spec: {kubeadm: true, rules: []}}".to_owned(),
            ),
            ("addons/base/kustomization.yaml".to_owned(), "{}".to_owned()),
            ("addons/plain/a.yaml".to_owned(), "{}".to_owned()),
            ("addons/filled/a.yaml.j2".to_owned(), "{}".to_owned()),
        ];
        for (index, cluster) in clusters.into_iter().enumerate() {
            if let Some(cluster) = cluster {
                let project = if index == 0 { "green" } else { "blue" };
                let spec = format!("{{project: {project}, {cluster}}}");
                files.push((
                    format!("clusters/c{index}.yaml"),
                    document("Cluster", &format!("c{index}"), &spec),
                ));
            }
        }
        for (index, addon) in addons.into_iter().enumerate() {
            if let Some(addon) = addon {
                files.push((
                    format!("addons/a{index}/addon.yaml"),
                    document("Addon", &format!("a{index}"), &addon),
                ));
            }
        }
        files
    })
}

fn document(kind: &str, name: &str, spec: &str) -> String {
    // Labels stand in `metadata`, where only clusters have some.
    let (labels, spec) = match spec.split_once("labels=") {
        Some((before, behind)) => {
            (format!(", labels: {{tier: {}}}", &behind[..1]), format!("{before}{}", &behind[1..]))
        }
        None => (String::new(), spec.to_owned()),
    };
    format!(
        "{{apiVersion: yoshino.dev/v1alpha1, kind: {kind}, metadata: {{name: {name}{labels}}}, spec: {spec}}}"
    )
}

fn fleet_spec() -> impl Strategy<Value = String> {
    let rollout = prop_oneof![
        4 => Just(""),
        1 => Just(", rollout: {acceptNoSelfHeal: true, steps: [{matchLabels: {tier: a}}]}"),
    ];
    let output =
        prop_oneof![4 => Just(""), 1 => Just(", output: {path: out}"), 1 => Just(", output: {branch: out}")];
    let patch = prop_oneof![
        4 => Just(""),
        1 => Just(", patches: [{target: {kind: Application, name: 'a0-*'}, merge: {spec: {revisionHistoryLimit: 3}}}]"),
        1 => Just(", patches: [{target: {kind: Application, name: '*-c1'}, merge: {spec: {revisionHistoryLimit: 4}}}]"),
    ];
    let trunk = prop_oneof![4 => Just("main"), 1 => Just("trunk")];
    (rollout, output, patch, trunk).prop_map(|(rollout, output, patch, trunk)| {
        let management = "management: [{name: east, argocd: {progressiveSyncs: true}}]";
        let repository = format!("repository: {{url: https://git.example.com/fleet.git, trunk: {trunk}}}");
        document(
            "Fleet",
            "ake",
            &format!("{{labelDomain: ake.example.com, {repository}, minors: ['1.34', '1.35'], {management}{rollout}{output}{patch}}}"),
        )
    })
}

fn cluster() -> impl Strategy<Value = String> {
    let minor = prop_oneof![Just("v1.34.1"), Just("v1.35.1")];
    let setting = || {
        prop_oneof![
            4 => Just(""),
            1 => Just("true"),
            1 => Just("false"),
            1 => Just("{version: 9.0.0}"),
            1 => Just("{enabled: true, values: {x: 1}}"),
        ]
    };
    let settings = prop::collection::vec(setting(), 3);
    let tier = prop_oneof![Just("a"), Just("b")];
    let endpoint = prop_oneof![Just(""), Just(", endpoint: {host: 10.0.0.1}")];
    (minor, settings, tier, endpoint, any::<bool>()).prop_map(|(minor, settings, tier, endpoint, paused)| {
        let mut addons = String::new();
        for (index, setting) in settings.iter().enumerate().filter(|(_, setting)| !setting.is_empty()) {
            _ = write!(addons, "a{index}: {setting}, ");
        }
        format!(
            "provider: metal, kubernetes: {minor}, paused: {paused}{endpoint}, addons: {{{addons}}}labels={tier}"
        )
    })
}

fn addon() -> impl Strategy<Value = String> {
    let per_minor = prop::option::weighted(0.3, source());
    let placement = prop_oneof![3 => Just("workload"), 1 => Just("management")];
    let sync = prop_oneof![
        3 => Just("{}"),
        1 => Just("{prune: false}"),
        1 => Just("{preserveResourcesOnDeletion: true}"),
        1 => Just("{options: [Replace=true], namespaceLabels: {a: b}}"),
    ];
    let secrets = prop_oneof![
        3 => Just("[]"),
        1 => Just("[{name: s, externalSecret: {store: v, key: k}}]"),
    ];
    (source(), per_minor, placement, sync, secrets, any::<bool>()).prop_map(
        |(source, per_minor, placement, sync, secrets, default)| {
            // What EKS manages has one placement only.
            let managed = |source: &str| source.contains("eks");
            let placement = match &per_minor {
                Some(other) if managed(other) => "workload",
                _ if managed(&source) => "workload",
                _ => placement,
            };
            let per_minor = per_minor.map_or(String::new(), |source| {
                format!(", perMinor: [{{kubernetes: '1.34', source: {source}}}]")
            });
            format!(
                "{{namespace: apps, placement: {placement}, enable: {{default: {default}}}, sync: {sync}, secrets: {secrets}, source: {source}{per_minor}}}"
            )
        },
    )
}

fn source() -> impl Strategy<Value = String> {
    let chart = |repository: &'static str,
                 chart: &'static str,
                 version: &'static str,
                 values: &'static str| {
        format!(
            "{{helm: {{repository: '{repository}', chart: {chart}, version: {version}, values: {values}}}}}"
        )
    };
    let repository = prop_oneof![
        Just("https://a.example.com"),
        Just("https://b.example.com"),
        Just("oci://a.example.com/x")
    ];
    let charts = (
        repository,
        prop_oneof![Just("one"), Just("two")],
        prop_oneof![Just("1.0.0"), Just("2.0.0")],
        prop_oneof![Just("{x: 1}"), Just("{x: '${{ cluster.name }}'}"), Just("{x: '${{ addon.version }}'}")],
    );
    prop_oneof![
        4 => charts.prop_map(move |(repository, name, version, values)| chart(repository, name, version, values)),
        1 => Just("{kustomize: {path: addons/base}}".to_owned()),
        1 => Just("{manifests: {path: addons/plain}}".to_owned()),
        1 => Just("{manifests: {path: addons/filled}}".to_owned()),
        1 => Just("{eks: {addon: vpc-cni, version: v1}}".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn every_application_is_as_before_as_after_or_held(before in fleet(), after in fleet()) {
        let (before, after) = (load_fleet(&before), load_fleet(&after));
        let (before, after) = (before.expect("because the fleets are right"), after.expect("because the fleets are right"));
        // Settings of an addon that is not there, or not on this minor, are beside the point.
        let (Ok(before), Ok(after)) = (emit(&before), emit(&after)) else { return Err(TestCaseError::reject("not a fleet")) };
        for emitted in [&before, &after] {
            let made = unfold(emitted, emitted).map_err(TestCaseError::fail)?;
            let folded: Made = emitted.folded.iter().map(|(name, one)| (name.clone(), Some(one.clone()))).collect();
            prop_assert_eq!(made, folded);
        }
        for (sets, secrets) in [(&before, &after), (&after, &before)] {
            let made = unfold(sets, secrets).map_err(TestCaseError::fail)?;
            let names: BTreeSet<&String> = before.folded.keys().chain(after.folded.keys()).chain(made.keys()).collect();
            for name in names {
                let now = made.get(name);
                let is_held = now == Some(&None);
                let now = now.and_then(Option::as_ref);
                prop_assert!(
                    is_held || now == before.folded.get(name) || now == after.folded.get(name),
                    "{}: {:?}\nbefore {:?}\nafter {:?}", name, now, before.folded.get(name), after.folded.get(name)
                );
            }
        }
    }

    #[test]
    fn the_same_fleet_gives_the_same_sets_and_secrets(fleet in fleet()) {
        let one = emit(&load_fleet(&fleet).map_err(TestCaseError::fail)?);
        let other = emit(&load_fleet(&fleet).map_err(TestCaseError::fail)?);
        let text = |emitted: Result<Emitted, Report>| emitted.ok().map(|emitted| {
            (Value::from_iter(emitted.sets).to_string(), Value::from(emitted.secrets).to_string())
        });
        prop_assert_eq!(text(one), text(other));
    }
}
