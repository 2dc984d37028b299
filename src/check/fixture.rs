//! A small fleet that is right in everything, and what a rule finds once something is laid over it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::check::{
    Check, Day, EmittedCluster, EmittedManagement, EmittedRules, Page, RULES, Rule, Specs, run, specs,
};
use crate::diagnostic::{Color, Diagnostic, Report, Severity};
use crate::error::Failure;
use crate::location::{FileId, Location, Sources};
use crate::spec::fleet::Fleet;
use crate::spec::pin::{ReleaseTree, Releases};
use crate::spec::release::{Release, TagPattern};
use crate::spec::yaml::{Options, parse};
use crate::spec::{Catalog, Former, load};
use crate::tree::FileTree;

/// The fleet: two tenants, one cluster of a provider with kubeadm, two addons.
const FLEET: &[(&str, &str)] = &[
    (
        "fleet.yaml",
        "apiVersion: yoshino.dev/v1alpha1
kind: Fleet
metadata: {name: ake}
spec:
  labelDomain: ake.example.com
  repository: {url: https://git.example.com/platform/fleet.git}
  minors: [\"1.34\", \"1.35\", \"1.36\"]
  branch: \"release/{minor}\"
  tag: \"v{minor}-ake.{yymmdd}\"
  management: [{name: management, clusterApi: {version: \"1.14\"}}]
",
    ),
    ("tenants/blue.yaml", "{apiVersion: yoshino.dev/v1alpha1, kind: Tenant, metadata: {name: blue}}"),
    ("tenants/green.yaml", "{apiVersion: yoshino.dev/v1alpha1, kind: Tenant, metadata: {name: green}}"),
    (
        "clusters/web.yaml",
        "apiVersion: yoshino.dev/v1alpha1
kind: Cluster
metadata: {name: web}
spec:
  project: blue
  provider: metal
  kubernetes: v1.35.2
  controlPlane: {replicas: 3}
  nodePools: [{name: default, replicas: 3}]
",
    ),
    (
        "addons/cilium/addon.yaml",
        "apiVersion: yoshino.dev/v1alpha1
kind: Addon
metadata: {name: cilium}
spec:
  namespace: kube-system
  enable: {default: true}
  provides: [cni]
  source: {helm: {repository: https://helm.cilium.io, chart: cilium, version: 1.20.3}}
",
    ),
    (
        "addons/metrics/addon.yaml",
        "apiVersion: yoshino.dev/v1alpha1
kind: Addon
metadata: {name: metrics}
spec:
  namespace: metrics
  source: {helm: {repository: https://charts.example.com, chart: metrics, version: 1.0.0}}
",
    ),
    ("templates/metal/cluster.yaml.j2", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"),
    ("templates/metal/schema.json", "{\"properties\": {\"cluster\": {\"type\": \"object\"}}}"),
    ("templates/metal/impact.yaml", "{kind: Impact, spec: {kubeadm: true, rules: []}}"),
    ("templates/aws/cluster.yaml.j2", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"),
    ("templates/aws/schema.json", "{\"properties\": {\"cluster\": {\"type\": \"object\"}}}"),
    ("templates/aws/impact.yaml", "{kind: Impact, spec: {kubeadm: false, rules: []}}"),
];

/// Returns what `rule` finds in the fleet with `changes` laid over it, which is what came after the fleet as it is, sorted: for each finding
/// ``path `text`: message`` of its place and, after `;`, of every related one.
///
/// `changes` are fragments of files, each after a line `# <path>`. What lies beneath `clusters/`, `tenants/` and
/// `fleet.yaml`, and every `addon.yaml`, is merged with the file of the fleet or, where there is none, with one
/// that is right in everything; any other file stands as it is.
pub fn findings(rule: &Rule, changes: &str) -> Vec<String> {
    let (report, sources) = report(rule, changes);
    report.diagnostics.iter().map(|finding| in_short(finding, &sources)).collect()
}

/// Returns what [`findings`] has in short as it is printed: as text, and as JSON.
pub fn shown(rule: &Rule, changes: &str) -> (String, String) {
    let (report, sources) = report(rule, changes);
    (report.to_text(&sources, Color::Never), report.to_json(&sources).to_string())
}

fn report(rule: &Rule, changes: &str) -> (Report, Sources) {
    let (catalog, mut sources) = fleet(changes);
    let former = Former::read(FileTree::literal(FLEET), "main", &catalog.trunk.files, &mut sources);
    let specs = Specs::new(&catalog, &sources, "2026-11-21".parse::<Day>().ok());
    let specs = Specs { former: Some(&former), ..specs };
    let rules = [rule];
    let mut report = run(&specs, &rules);
    match rule.check {
        Check::Specs(_) | Check::World(_) => {}
        Check::Manifest(_) | Check::Cluster(_) | Check::Management(_) | Check::Object(_) => {
            let emitted = EmittedRules::new(&specs, &rules);
            report.extend(crate::render::findings(&catalog, &sources, Some(&emitted)));
        }
    }
    (report.sorted(&sources), sources)
}

fn in_short(finding: &Diagnostic, sources: &Sources) -> String {
    let own = finding.location.map(|location| place(location, &finding.message, sources));
    let related = finding.related.iter().map(|(location, what)| place(*location, what, sources));
    own.into_iter().chain(related).collect::<Vec<_>>().join("; ")
}

fn place(location: Location, what: &str, sources: &Sources) -> String {
    let source = sources.get(location.file);
    let text = &source.bytes[location.start as usize..location.end as usize];
    // Whether the text is quoted depends on how the fragments were laid over the fleet.
    format!("{} `{}`: {what}", source.name, String::from_utf8_lossy(text).trim_matches('"'))
}

/// Returns the fleet with `changes` laid over it.
///
/// # Panics
/// Panics where the changes do not fit the schemas: they are the author's own.
pub fn fleet(changes: &str) -> (Catalog, Sources) {
    let mut files: Vec<(String, String)> =
        FLEET.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    for (path, text) in fragments(changes) {
        let beneath = files.iter().position(|(other, _)| *other == path);
        let text = match (skeleton(&path), beneath) {
            (None, _) => text,
            (Some(_), Some(index)) => laid_over(&files[index].1, &text),
            (Some(skeleton), None) => laid_over(&skeleton, &text),
        };
        match beneath {
            Some(index) => files[index].1 = text,
            None => files.push((path, text)),
        }
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let mut sources = Sources::default();
    match load(FileTree::literal(&files), &mut sources, &every_release) {
        Ok(catalog) => (catalog, sources),
        Err(Failure::Report(report)) => panic!("{}", report.sorted(&sources).to_text(&sources, Color::Never)),
        Err(Failure::Error(error)) => panic!("{error}"),
    }
}

/// Reads any release that is asked for: each has the fleet's addons and templates, and an addon `gone` that only
/// releases have.
fn every_release(_: &Fleet, _: &TagPattern, asked: &BTreeSet<Release>) -> Result<Releases, Failure> {
    const GONE: (&str, &str) = (
        "addons/gone/addon.yaml",
        "{apiVersion: yoshino.dev/v1alpha1, kind: Addon, metadata: {name: gone}, spec: {namespace: gone, source: {kustomize: {path: addons/gone}}}}",
    );
    let is_released = |path: &str| path.starts_with("addons/") || path.starts_with("templates/");
    let files = FLEET.iter().copied().filter(|(path, _)| is_released(path)).chain([GONE]);
    let files = FileTree::literal(&files.collect::<Vec<_>>());
    let tree = |release: &Release| {
        let tree = ReleaseTree { commit_id: "1".repeat(40), files: files.clone() };
        (release.clone(), Ok(tree))
    };
    Ok(Releases { known: asked.clone(), asked: asked.iter().map(tree).collect() })
}

/// Splits a text at its lines `# <path>`.
fn fragments(changes: &str) -> Vec<(String, String)> {
    let mut fragments: Vec<(String, String)> = Vec::new();
    for line in changes.split_inclusive('\n') {
        match line.strip_prefix("# ").map(str::trim_end).filter(|path| path.contains('.')) {
            Some(path) => fragments.push((path.to_owned(), String::new())),
            None => fragments.last_mut().expect("because a path stands first").1.push_str(line),
        }
    }
    fragments
}

/// Returns a spec that is right in everything, for a file that the fleet does not have; `None` where no spec
/// belongs.
fn skeleton(path: &str) -> Option<String> {
    let parts: Vec<&str> = path.split('/').collect();
    let stem = |file: &str| file.trim_end_matches(".yaml").to_owned();
    let (kind, name, spec) = match parts[..] {
        ["fleet.yaml"] => ("Fleet", String::new(), "{}"),
        ["tenants", file] => ("Tenant", stem(file), "{}"),
        ["clusters", .., "_defaults.yaml"] => {
            return Some("{apiVersion: yoshino.dev/v1alpha1, kind: ClusterDefaults, spec: {}}".to_owned());
        }
        ["clusters", .., file] => {
            ("Cluster", stem(file), "{project: blue, provider: metal, kubernetes: v1.35.2}")
        }
        ["addons", folder, "addon.yaml"] => ("Addon", folder.to_owned(), "{namespace: addons}"),
        _ => return None,
    };
    Some(format!(
        "{{apiVersion: yoshino.dev/v1alpha1, kind: {kind}, metadata: {{name: {name}}}, spec: {spec}}}"
    ))
}

fn laid_over(base: &str, over: &str) -> String {
    let mut merged = read(base);
    merge(&mut merged, read(over));
    if merged["kind"] == "Addon" && merged["spec"]["source"].is_null() {
        merged["spec"]["source"] =
            json!({"helm": {"repository": "https://charts.example.com", "chart": "x", "version": "1.0.0"}});
    }
    // Laying over reads the fragment as YAML, which loses its comments: statements at the
    // beginning of a line are kept at the end.
    let statements = over.lines().filter(|line| line.starts_with("#%"));
    statements.fold(merged.to_string(), |text, line| format!("{text}\n{line}"))
}

fn read(text: &str) -> Value {
    let documents = parse(FileId(0), text.as_bytes(), Options::SPEC).expect("because the fragment is YAML");
    documents.first().expect("because the fragment is not empty").root.to_json()
}

/// Lays a value over another: maps merge, anything else replaces.
fn merge(base: &mut Value, over: Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                merge(base.entry(key).or_insert(Value::Null), value);
            }
        }
        (base, over) => *base = over,
    }
}

#[test]
fn the_fleet_is_right_in_everything() {
    let (catalog, sources) = fleet("");
    assert_eq!(specs(&catalog, &sources), Report::default());
}

#[test]
fn what_a_page_calls_wrong_is_found_and_what_it_calls_right_is_not() {
    for rule in RULES {
        assert!(
            !findings(rule, rule.page.wrong).is_empty(),
            "{} is silent about what its page calls wrong",
            rule.id
        );
        let found = findings(rule, rule.page.right);
        assert!(found.is_empty(), "{} finds something in what its page calls right: {found:?}", rule.id);
    }
}

#[test]
fn every_rule_has_an_id_of_its_own_and_a_whole_page() {
    let mut ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), RULES.len());
    for rule in RULES {
        let is_word = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
        assert!(rule.id.bytes().all(is_word), "{}", rule.id);
        assert!(!rule.page.summary.ends_with('.') && rule.page.why.ends_with('.'), "{}", rule.id);
    }
}

const PAGE: Page = Page { summary: "", why: "", wrong: "", right: "" };

#[test]
fn a_rule_over_clusters_sees_everything_that_each_is_emitted_as() {
    fn check(_: &Specs<'_>, cluster: &EmittedCluster<'_, '_>, report: &mut Report) {
        for (index, object) in cluster.objects.iter().enumerate() {
            let place = cluster.place(index, &["metadata".into(), "name".into()]);
            report.push(RULE.finding(place, format!("{} {}", object.kind(), object.name())));
        }
        let manifests =
            cluster.manifests.iter().map(|(addon, files)| format!("{} {}", addon.name, files.len()));
        let others = [cluster.secret.object().name().to_owned(), cluster.application.name().to_owned()];
        for message in others.into_iter().chain(manifests) {
            report.push(RULE.finding(crate::check::place::cluster(cluster.expanded.cluster), message));
        }
    }
    const RULE: Rule =
        Rule { id: "x", severity: Severity::Warning, page: PAGE, check: Check::Cluster(check) };
    let rendered = "# addons/metrics/addon.yaml\nspec: {enable: {default: true}, source: {helm: null, manifests: {path: addons/metrics/m}}}\n# addons/metrics/m/a.yaml\na: 1\n# addons/metrics/m/b.yaml.j2\n#% if false\n#% endif\n";

    let found = findings(&RULE, rendered);

    assert_eq!(
        found,
        [
            "clusters/web.yaml `web`: cluster-blue-web",
            "clusters/web.yaml `web`: metrics 2",
            "templates/metal/cluster.yaml.j2 `name`: ConfigMap x",
        ]
    );
}

#[test]
fn a_rule_over_management_clusters_sees_what_clusters_share_and_their_secrets() {
    fn check(_: &Specs<'_>, management: &EmittedManagement<'_, '_>, report: &mut Report) {
        let projects = management.projects.iter().flat_map(|(_, objects)| objects);
        let objects = management.sets.iter().chain(projects).chain(management.applications);
        let mut seen: Vec<String> = objects.map(|one| format!("{} {}", one.kind(), one.name())).collect();
        seen.extend(management.clusters.iter().map(|(expanded, secret)| {
            format!("{} {:?}", expanded.cluster.name, secret.seen().map(|seen| seen.name().to_owned()))
        }));
        report.push(RULE.finding(management.sets[0].origin.spec, seen.join(", ")).label("x"));
    }
    const RULE: Rule =
        Rule { id: "x", severity: Severity::Warning, page: PAGE, check: Check::Management(check) };

    let (report, _) = report(&RULE, "");

    let messages: Vec<&str> = report.diagnostics.iter().map(|one| one.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "ApplicationSet cilium, ApplicationSet metrics, Namespace blue, AppProject blue, AppProject blue-platform, \
          Namespace green, AppProject green, AppProject green-platform, Application root, Application projects, \
          Application applicationsets, web Some(\"blue-web\")"
        ]
    );
}
