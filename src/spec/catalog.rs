//! Everything one revision declares, by name.

mod clusters;
mod schemas;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::addon::Addon;
use super::cluster::Cluster;
use super::decode::decode;
use super::documents::{SpecDocument, read_documents};
use super::fleet::Fleet;
use super::kinds::SpecKind;
use super::name::Name;
use super::pick_policy::{self, PickPolicy};
use super::provider::{Provider, read_providers};
use super::requires;
use super::schema::{Extent, Schema, respell, validate};
use super::tenant::Tenant;
use super::yaml::{Kind, Node};
use crate::diagnostic::{Diagnostic, Report};
use crate::location::{FileId, Location, Sources};
use crate::tree::{FileTree, RepoPath};

use clusters::{References, merge_defaults, read_clusters, read_defaults};
use schemas::Schemas;

/// Everything one revision declares: typed, references resolved.
#[derive(Clone, Debug)]
pub struct Catalog {
    /// The fleet.
    pub fleet: Fleet,
    /// Tenants by name.
    pub tenants: BTreeMap<Name, Tenant>,
    /// Addons by name.
    pub addons: BTreeMap<Name, Addon>,
    /// Clusters, sorted by project and name.
    pub clusters: Vec<Cluster>,
    /// The defaults of each folder that has some, those of the folders around it not merged in.
    pub defaults: BTreeMap<String, Node>,
    /// Providers by name.
    pub providers: BTreeMap<Name, Provider>,
    /// The templates of addons' manifests by path, in the table of sources.
    pub manifest_templates: BTreeMap<RepoPath, FileId>,
    /// The files it was read from.
    pub files: FileTree,
}

/// Reads everything a tree declares; every file that is read is added to `sources`.
///
/// # Errors
/// Reports everything that is wrong with any document by itself, and every reference that leads nowhere.
pub fn load(files: FileTree, sources: &mut Sources) -> Result<Catalog, Report> {
    let mut report = Report::default();
    let mut documents = read_documents(&files, sources, &mut report);
    // What an older yoshino makes of newer specs is beside the point.
    let too_old = of_kind(&documents, SpecKind::Fleet)
        .find_map(|fleet| requires::check(&fleet.root, env!("CARGO_PKG_VERSION")));
    if let Some(refusal) = too_old {
        return Err(refusal.into());
    }
    let manifest_templates = add_beside_addons(&files, sources);
    let providers = read_providers(&files, sources, &mut report);
    let providers: BTreeMap<Name, Provider> =
        providers.into_iter().map(|provider| (provider.name.clone(), provider)).collect();
    let schemas = Schemas::new(&providers, &mut report);
    respell_all(&mut documents, &schemas, sources);
    let documents = documents;
    let fleet = read_fleet(of_kind(&documents, SpecKind::Fleet).collect(), &schemas, &mut report);
    check_pick_policy(of_kind(&documents, SpecKind::PickPolicy).collect(), sources, &mut report);
    let tenants = of_kind(&documents, SpecKind::Tenant)
        .filter_map(|document| read_tenant(document, &schemas, &mut report));
    let tenants =
        by_name(tenants.collect(), |tenant| (&tenant.name, &tenant.document), "tenant", &mut report);
    let addons = of_kind(&documents, SpecKind::Addon)
        .filter_map(|document| read_addon(document, &schemas, &mut report));
    let addons = by_name(addons.collect(), |addon| (&addon.name, &addon.document), "addon", &mut report);

    // A reference to something whose own file cannot be read would only repeat what is already reported.
    let sound = |folder: &str| {
        let beneath = |location: Location| {
            let rest = sources.get(location.file).name.as_str().strip_prefix(folder);
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        !report.diagnostics.iter().any(|diagnostic| diagnostic.location.is_some_and(beneath))
    };
    let references = References {
        tenants: sound("tenants").then_some(&tenants),
        fleet: fleet.as_ref(),
        providers: sound("templates").then_some(&providers),
    };
    let defaults =
        read_defaults(of_kind(&documents, SpecKind::ClusterDefaults).collect(), &schemas, &mut report);
    let clusters = read_clusters(
        of_kind(&documents, SpecKind::Cluster).collect(),
        &merge_defaults(&defaults),
        &schemas,
        &references,
        &mut report,
    );
    match fleet {
        Some(fleet) => report.or(Catalog {
            fleet,
            tenants,
            addons,
            clusters,
            defaults,
            providers,
            manifest_templates,
            files,
        }),
        None => Err(report),
    }
}

/// Spells keys that YAML takes for booleans as the fields that the schemas have.
fn respell_all(documents: &mut [SpecDocument], schemas: &Schemas, sources: &Sources) {
    for document in documents {
        let text = |at: Location| sources.text(at);
        if let Some(root) = respell(&document.root, schemas.of(document.kind), &text) {
            document.root = root;
        }
    }
}

/// Adds what lies beside the addons to the sources, their manifests and kustomizations; returns the templates among it.
fn add_beside_addons(files: &FileTree, sources: &mut Sources) -> BTreeMap<RepoPath, FileId> {
    let is_spec = |path: &RepoPath| {
        path.file_name() == "addon.yaml"
            && path.folder().trim_start_matches("addons/").split('/').count() == 1
    };
    let mut templates = BTreeMap::new();
    for (path, bytes) in files.0.iter().filter(|(path, _)| path.lies_beneath("addons") && !is_spec(path)) {
        let file = sources.add(path.clone(), bytes.clone());
        if path.file_name().ends_with(".yaml.j2") {
            templates.insert(path.clone(), file);
        }
    }
    templates
}

/// Returns the documents of a kind, in path order.
fn of_kind(documents: &[SpecDocument], kind: SpecKind) -> impl Iterator<Item = &SpecDocument> {
    documents.iter().filter(move |document| document.kind == kind)
}

/// Holds a document against its schema; returns whether nothing is wrong with it.
fn is_valid(root: &Node, schema: &Arc<Schema>, extent: Extent, report: &mut Report) -> bool {
    let mut findings = Report::default();
    validate(root, schema, extent, &mut findings);
    let valid = findings.is_empty();
    report.extend(findings);
    valid
}

/// Returns the schema of a kind's `spec`.
fn spec_schema(schema: &Schema) -> Arc<Schema> {
    schema.property("spec").cloned().unwrap_or_default()
}

/// Returns `spec`, an empty one where it is left out.
fn spec_of(root: &Node) -> Node {
    root.get("spec").filter(|spec| !spec.is_null()).cloned().unwrap_or_else(|| {
        let kind = Kind::Map { entries: Arc::from([]), flow: false };
        Node { location: root.location, kind }
    })
}

fn name_of(root: &Node) -> Option<Name> {
    root.at("/metadata/name").and_then(Node::as_str).and_then(Name::new)
}

fn read_fleet(documents: Vec<&SpecDocument>, schemas: &Schemas, report: &mut Report) -> Option<Fleet> {
    let [document] = documents[..] else {
        if let [first, second, ..] = documents[..] {
            let message = "`fleet.yaml` holds more than one Fleet";
            let diagnostic = Diagnostic::error("wrong-kind", second.root.location, message);
            report.push(diagnostic.related(first.root.location, "the first one"));
        } else if report.is_empty() {
            let diagnostic = Diagnostic::error_nowhere("no-fleet", "there is no Fleet in `fleet.yaml` here");
            report.push(
                diagnostic
                    .hint("`yoshino init DIR` writes a starter fleet; `-C DIR` works in another folder"),
            );
        }
        return None;
    };
    if !is_valid(&document.root, &schemas.fleet, Extent::Whole, report) {
        return None;
    }
    let schema = spec_schema(&schemas.fleet);
    let spec = decode(&spec_of(&document.root), &schema).map_err(|refusal| report.extend(refusal)).ok()?;
    Some(Fleet { name: name_of(&document.root)?, spec, document: document.root.clone(), schema })
}

/// Reports what is wrong with the pick policy, which the pick commands read by themselves.
fn check_pick_policy(documents: Vec<&SpecDocument>, sources: &Sources, report: &mut Report) {
    match documents[..] {
        [] => {}
        [policy] => report.extend(PickPolicy::of_document(&policy.root, sources).err().unwrap_or_default()),
        [first, second, ..] => report.push(pick_policy::two(&first.root, &second.root)),
    }
}

fn read_tenant(document: &SpecDocument, schemas: &Schemas, report: &mut Report) -> Option<Tenant> {
    if !is_valid(&document.root, &schemas.tenant, Extent::Whole, report) {
        return None;
    }
    let schema = spec_schema(&schemas.tenant);
    let spec = decode(&spec_of(&document.root), &schema).map_err(|refusal| report.extend(refusal)).ok()?;
    let (path, root) = (document.path.clone(), document.root.clone());
    Some(Tenant { name: name_of(&root)?, spec, document: root, path, schema })
}

fn read_addon(document: &SpecDocument, schemas: &Schemas, report: &mut Report) -> Option<Addon> {
    if !is_valid(&document.root, &schemas.addon, Extent::Whole, report) {
        return None;
    }
    let schema = spec_schema(&schemas.addon);
    let spec = decode(&spec_of(&document.root), &schema).map_err(|refusal| report.extend(refusal)).ok()?;
    let (path, root) = (document.path.clone(), document.root.clone());
    Some(Addon { name: name_of(&root)?, spec, document: root, path, schema })
}

/// Keys things by their names; a name that stands twice is reported at both places.
fn by_name<T>(
    things: Vec<T>,
    name_and_document: impl Fn(&T) -> (&Name, &Node),
    what: &str,
    report: &mut Report,
) -> BTreeMap<Name, T> {
    let mut named: BTreeMap<Name, T> = BTreeMap::new();
    let place =
        |document: &Node| document.at("/metadata/name").map_or(document.location, |name| name.location);
    for thing in things {
        let (name, document) = name_and_document(&thing);
        match named.get(name) {
            Some(first) => {
                let message = format!("there are two {what}s called `{name}`");
                let diagnostic =
                    Diagnostic::error("duplicate-name", place(document), message).label("the second");
                report.push(diagnostic.related(place(name_and_document(first).1), "the first"));
            }
            None => {
                named.insert(name.clone(), thing);
            }
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Color;

    const FLEET: &str = "apiVersion: yoshino.dev/v1alpha1\nkind: Fleet\nmetadata: {name: ake}\nspec:\n  labelDomain: ake.example.com\n  repository: {url: https://git.example.com/fleet.git}\n  minors: [\"1.35\"]\n  management: [{name: management}]\n";
    const TENANT: &str = "apiVersion: yoshino.dev/v1alpha1\nkind: Tenant\nmetadata: {name: blue}\n";
    const TEMPLATE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n";
    const SCHEMA: &str = r#"{"properties": {"cluster": {"type": "object", "additionalProperties": false, "properties": {"region": {"type": "string"}}}, "machine": {"type": "object", "additionalProperties": false, "properties": {"flavor": {"type": "string"}}}}}"#;
    const IMPACT: &str = "apiVersion: yoshino.dev/v1alpha1\nkind: Impact\nmetadata: {name: mine}\nspec: {kubeadm: true, rules: []}\n";

    fn loaded(extra: &[(&str, &str)]) -> Result<Catalog, String> {
        let mut files = vec![
            ("fleet.yaml", FLEET),
            ("tenants/blue.yaml", TENANT),
            ("templates/mine/a.yaml.j2", TEMPLATE),
            ("templates/mine/schema.json", SCHEMA),
            ("templates/mine/impact.yaml", IMPACT),
        ];
        files.retain(|(path, _)| extra.iter().all(|(other, _)| other != path));
        files.extend_from_slice(extra);
        let mut sources = Sources::default();
        let result = load(FileTree::literal(&files), &mut sources);
        result.map_err(|report| report.sorted(&sources).to_text(&sources, Color::Never))
    }

    fn cluster(spec: &str) -> String {
        format!("apiVersion: yoshino.dev/v1alpha1\nkind: Cluster\nmetadata: {{name: web}}\nspec: {spec}\n")
    }

    #[test]
    fn a_cluster_takes_what_it_does_not_say_from_the_folders_above_it() -> Result<(), String> {
        let defaults = "apiVersion: yoshino.dev/v1alpha1\nkind: ClusterDefaults\nspec: {project: blue, provider: mine, kubernetes: v1.35.1, mine: {region: a}}\n";
        let inner = "apiVersion: yoshino.dev/v1alpha1\nkind: ClusterDefaults\nspec: {mine: {region: b}}\n";
        let written = cluster("{kubernetes: v1.35.2}");
        let catalog = loaded(&[
            ("clusters/_defaults.yaml", defaults),
            ("clusters/b/c/_defaults.yaml", inner),
            ("clusters/b/c/web.yaml", &written),
        ])?;
        let web = &catalog.clusters[0];
        assert_eq!(web.kubernetes.to_string(), "v1.35.2");
        assert_eq!(web.spec.at("/mine/region").and_then(Node::as_str), Some("b"));
        assert_eq!(web.management.as_str(), "management");
        Ok(())
    }

    #[test]
    fn all_mistakes_are_reported_at_once_in_the_order_of_files_and_lines() {
        let written = cluster(
            "{project: bleu, provider: mine, kubernetes: 1.30, nodePols: [], nodePools: [{name: a, machine: {flavour: x}}]}",
        );
        let fleet = FLEET.replace("[\"1.35\"]", "[1.30]");
        let report = loaded(&[("clusters/web.yaml", &written), ("fleet.yaml", &fleet)])
            .expect_err("because it is wrong");
        let heads: Vec<&str> =
            report.lines().filter(|line| line.starts_with("error") || line.contains("-->")).collect();
        let expected = [
            "error[unknown-reference]: there is no tenant `bleu`",
            " --> clusters/web.yaml:4:17",
            "error[wrong-type]: `1.30` is a number here, and reads as 1.3",
            " --> clusters/web.yaml:4:51",
            "error[unknown-field]: unknown field `nodePols`",
            " --> clusters/web.yaml:4:57",
            "error[unknown-field]: unknown field `flavour`",
            " --> clusters/web.yaml:4:103",
            "error[minor-unquoted]: `1.30` is a number here, and reads as 1.3",
            " --> fleet.yaml:7:12",
        ];
        assert_eq!(heads, expected, "{report}");
        assert!(
            report.contains("did you mean `nodePools`?") && report.contains("did you mean `flavor`?"),
            "{report}"
        );
        assert!(report.contains("quote it: `\"1.30\"`"), "{report}");
    }

    #[test]
    fn a_name_that_stands_twice_is_reported_at_both_places() {
        let written = cluster("{project: blue, provider: mine, kubernetes: v1.35.1}");
        let report = loaded(&[("clusters/a.yaml", &written), ("clusters/b.yaml", &written)])
            .expect_err("because it is wrong");
        assert!(
            report.contains("--> clusters/b.yaml:3:18") && report.contains("::: clusters/a.yaml:3:18"),
            "{report}"
        );
    }

    #[test]
    fn an_older_yoshino_says_that_it_is_and_nothing_else() {
        let fleet = FLEET.replace("spec:\n", "spec:\n  requires: \">=99\"\n  shiny: new\n");
        let report = loaded(&[("fleet.yaml", &fleet)]).expect_err("because it is older");
        assert!(report.contains("the fleet requires `>=99`") && !report.contains("shiny`"), "{report}");
    }

    #[test]
    fn a_field_that_yaml_takes_for_a_boolean_may_be_written_bare() -> Result<(), String> {
        let written =
            cluster("{project: blue, provider: mine, kubernetes: v1.35.1, kubeadm: {proxy: {no: [a]}}}");
        let catalog = loaded(&[("clusters/a.yaml", &written)])?;
        let item = catalog.clusters[0].spec.at("/kubeadm/proxy/no/0");
        assert_eq!(item.and_then(Node::as_str), Some("a"));
        Ok(())
    }

    #[test]
    fn what_comes_later_is_refused_by_name() {
        let tenant = format!("{TENANT}spec: {{access: {{}}}}\n");
        let report = loaded(&[("tenants/blue.yaml", &tenant)]).expect_err("because it is wrong");
        assert!(report.contains("`access` is not supported yet"), "{report}");
    }
}
