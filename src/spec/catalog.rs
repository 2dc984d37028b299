//! Everything one revision declares, by name.

mod clusters;
mod content;
mod former;
mod pins;
mod schemas;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::addon::{self, ACCESS, Addon};
use super::cluster::Cluster;
use super::decode::decode;
use super::documents::{SpecDocument, read_documents};
use super::fleet::Fleet;
use super::kinds::SpecKind;
use super::name::Name;
use super::pick_policy::{self, PickPolicy};
use super::pin::ReadReleases;
use super::release::Release;
use super::requires;
use super::schema::{Extent, Schema, validate};
use super::tenant::Tenant;
use super::yaml::{Kind, Node};
use crate::diagnostic::{Diagnostic, Report};
use crate::error::Failure;
use crate::location::{Location, Sources};
use crate::tree::FileTree;

use clusters::{
    Base, References, check_defaults, merge_clusters, merge_defaults, read_clusters, read_defaults,
};
use content::respell_all;
use pins::Pins;
use schemas::Schemas;

pub use content::{Content, Tag};
pub use former::{Former, FormerCluster, Written};

/// Everything one revision declares: typed, references resolved.
#[derive(Clone, Debug)]
pub struct Catalog {
    /// The fleet.
    pub fleet: Fleet,
    /// Tenants by name.
    pub tenants: BTreeMap<Name, Tenant>,
    /// Clusters, sorted by project and name.
    pub clusters: Vec<Cluster>,
    /// The defaults of each folder that has some, those of the folders around it not merged in.
    pub defaults: BTreeMap<String, Node>,
    /// What clusters without a pin are installed from, and the files that all of this was read from.
    pub trunk: Content,
    /// The addon that installs what tenants say under `access`, on clusters of any release; `None` where none says
    /// anything.
    pub access: Option<Addon>,
    /// What pinned clusters are installed from: every release in use, the oldest first.
    pub releases: BTreeMap<Release, Content>,
}

impl Catalog {
    /// Returns what a cluster is installed from.
    ///
    /// # Panics
    /// Panics for a cluster of another catalog.
    pub fn content(&self, cluster: &Cluster) -> &Content {
        match &cluster.release {
            None => &self.trunk,
            Some(release) => {
                self.releases.get(release).expect("because loading reads every release that a cluster names")
            }
        }
    }

    /// Returns everything that clusters may be installed from: the releases in use, the oldest first, then trunk.
    pub fn contents(&self) -> impl Iterator<Item = &Content> {
        self.releases.values().chain(std::iter::once(&self.trunk))
    }

    /// Returns every addon that something is emitted for, and where it was read: trunk's, and where trunk has it no
    /// longer that of the newest release in use.
    pub fn emitted_addons(&self) -> BTreeMap<&str, (&Content, &Addon)> {
        let mut addons = BTreeMap::new();
        for content in self.contents() {
            addons.extend(content.addons.iter().map(|(name, addon)| (name.as_str(), (content, addon))));
        }
        addons.extend(self.access.iter().map(|access| (ACCESS, (&self.trunk, access))));
        addons
    }
}

/// Reads everything a tree declares; every file that is read is added to `sources`. `releases` reads the releases that
/// clusters are pinned to, all at once.
///
/// # Errors
/// Reports everything that is wrong with any document by itself, and every reference that leads nowhere; passes on why
/// releases cannot be read.
pub fn load(files: FileTree, sources: &mut Sources, releases: &ReadReleases<'_>) -> Result<Catalog, Failure> {
    load_with(files, sources, Some(releases))
}

/// Reads what a tree declares but the releases that clusters are pinned to: for whoever looks at specs alone. What a
/// pinned cluster says is not held against any schema, and nothing can be expanded from such a catalog.
///
/// # Errors
/// Those of [`load`], as far as they do not depend on releases.
pub fn load_specs(files: FileTree, sources: &mut Sources) -> Result<Catalog, Report> {
    load_with(files, sources, None).map_err(|failure| match failure {
        Failure::Report(report) => report,
        // Only releases meet the world.
        Failure::Error(error) => Diagnostic::error_nowhere("unknown-revision", error.to_string()).into(),
    })
}

/// Reads the Fleet of a tree, and nothing else.
///
/// # Errors
/// Reports a tree that has none, and everything that is wrong with `fleet.yaml` by itself.
pub fn load_fleet_alone(files: &FileTree, sources: &mut Sources) -> Result<Fleet, Report> {
    let own = files.0.iter().filter(|(path, _)| path.as_str() == "fleet.yaml");
    let own = own.map(|(path, bytes)| (path.clone(), bytes.clone()));
    Ok(load_specs(FileTree(own.collect()), sources)?.fleet)
}

fn load_with(
    files: FileTree,
    sources: &mut Sources,
    releases: Option<&ReadReleases<'_>>,
) -> Result<Catalog, Failure> {
    let mut report = Report::default();
    let mut documents = read_documents(&files, None, sources, &mut report);
    // What an older yoshino makes of newer specs is beside the point.
    let too_old = of_kind(&documents, SpecKind::Fleet)
        .find_map(|fleet| requires::check(&fleet.root, env!("CARGO_PKG_VERSION")));
    if let Some(refusal) = too_old {
        return Err(Report::from(refusal).into());
    }
    for (path, bytes) in files.beneath("schemas") {
        sources.add(path.clone(), bytes.clone());
    }
    let mut trunk = Content::with_templates(None, files, sources, &mut report);
    let schemas = Schemas::new(&trunk.providers, &mut report);
    respell_all(&mut documents, &schemas, sources);
    let documents = documents;
    let fleet = read_fleet(of_kind(&documents, SpecKind::Fleet).collect(), &schemas, &mut report);
    check_pick_policy(of_kind(&documents, SpecKind::PickPolicy).collect(), sources, &mut report);
    let tenants = of_kind(&documents, SpecKind::Tenant)
        .filter_map(|document| read_tenant(document, &schemas, &mut report));
    let tenants =
        by_name(tenants.collect(), |tenant| (&tenant.name, &tenant.document), "tenant", &mut report);
    trunk.read_addons(&documents, &schemas, &mut report);

    let layers: Vec<&SpecDocument> = of_kind(&documents, SpecKind::ClusterDefaults).collect();
    let defaults = read_defaults(&layers, &mut report);
    let clusters = of_kind(&documents, SpecKind::Cluster).collect();
    let clusters = merge_clusters(clusters, &merge_defaults(&defaults));
    let pins = match releases {
        Some(releases) => Pins::read(&clusters, fleet.as_ref(), releases, (sources, &mut report))?,
        None => Pins::unread(fleet.as_ref()),
    };
    let all_schemas: Vec<&Schemas> = std::iter::once(&schemas).chain(pins.schemas()).collect();
    check_defaults(&layers, &all_schemas, &mut report);
    // A reference to something whose own file cannot be read would only repeat what is already reported.
    let references = References {
        tenants: is_sound("tenants", &report, sources).then_some(&tenants),
        fleet: fleet.as_ref(),
        trunk: Base {
            schemas: &schemas,
            providers: is_sound("templates", &report, sources).then_some(&trunk.providers),
        },
        pins: &pins,
        sources,
    };
    let clusters = read_clusters(&clusters, &references, &mut report);
    match fleet {
        Some(fleet) => {
            let releases = pins.into_contents();
            let access = addon::access(&tenants, &fleet, &spec_schema(&schemas.addon));
            let access = access.unwrap_or_else(|findings| {
                report.extend(findings);
                None
            });
            Ok(report.or(Catalog { fleet, tenants, clusters, defaults, trunk, access, releases })?)
        }
        None => Err(report.into()),
    }
}

/// Returns whether nothing is wrong with what lies beneath a folder.
fn is_sound(folder: &str, report: &Report, sources: &Sources) -> bool {
    let beneath = |location: Location| {
        let rest = sources.get(location.file).name.as_str().strip_prefix(folder);
        rest.is_some_and(|rest| rest.starts_with('/'))
    };
    !report.diagnostics.iter().any(|diagnostic| diagnostic.location.is_some_and(beneath))
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
    use crate::spec::pin::no_releases;

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
        load(FileTree::literal(&files), &mut sources, &no_releases).map_err(|failure| match failure {
            Failure::Report(report) => report.sorted(&sources).to_text(&sources, Color::Never),
            Failure::Error(error) => error.to_string(),
        })
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
}
