//! What a management addon makes is another object for every cluster.

use std::collections::BTreeMap;

use crate::check::folder::content as folder;
use crate::check::own_manifest::is_cluster_scoped;
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::emit::source_kind::is_template;
use crate::expand::{ExpandedCluster, Installed};
use crate::location::Location;
use crate::spec::addon::{Addon, Placement, Source};
use crate::spec::cluster::Cluster;
use crate::spec::version::Minor;

/// What a management addon makes is another object for every cluster.
pub const RULE: Rule = Rule {
    id: "management-object",
    severity: Severity::Error,
    page: Page {
        summary: "what a management addon makes has another name for every cluster",
        why: "An addon on the management cluster is installed there once per workload cluster, into the namespace of its \
              tenant. Where two clusters make one object each of their Applications takes it from the other, and deletes it \
              with its own. Looked at are names without an expression in `*.yaml.j2` manifests that no condition decides, \
              and `fullnameOverride` among a chart's values.",
        wrong: "# addons/metrics/addon.yaml\nspec:\n  placement: management\n  enable: {default: true}\n  \
                source: {helm: {values: {fullnameOverride: metrics}}}\n# clusters/db.yaml\nspec:\n  project: blue\n",
        right: "# addons/metrics/addon.yaml\nspec:\n  placement: management\n  enable: {default: true}\n  \
                source: {helm: {values: {fullnameOverride: \"metrics-${{ cluster.name }}\"}}}\n# clusters/db.yaml\nspec:\n  project: blue\n",
    },
    check: Check::World(check),
};

/// A name that is the same wherever it is made.
#[derive(Clone)]
struct Fixed {
    name: String,
    location: Location,
    is_cluster_scoped: bool,
}

/// Where an object is: its management cluster, the tenant whose namespace it lies in, if any, and where its name is said.
type Key<'c> = (&'c str, &'c str, Location);

fn check(specs: &Specs<'_>, report: &mut Report) {
    let mut known: BTreeMap<(*const Addon, Minor), Vec<Fixed>> = BTreeMap::new();
    let mut made: BTreeMap<Key<'_>, (String, Vec<&Cluster>)> = BTreeMap::new();
    for on in specs.expanded() {
        let management = on.addons.iter().filter(|one| one.addon.spec.placement == Placement::Management);
        let all = management.flat_map(|installed| {
            // Most clusters set no values: what an addon says is read once a minor.
            if installed.setting.values.is_some() {
                return fixed(specs, on, installed);
            }
            let key = (std::ptr::from_ref(installed.addon), on.cluster.minor());
            known.entry(key).or_insert_with(|| fixed(specs, on, installed)).clone()
        });
        for fixed in all {
            let tenant = if fixed.is_cluster_scoped { "" } else { on.cluster.project.as_str() };
            let key = (on.cluster.management.as_str(), tenant, fixed.location);
            made.entry(key).or_insert((fixed.name, Vec::new())).1.push(on.cluster);
        }
    }
    for ((.., location), (name, clusters)) in made {
        let [first, second, others @ ..] = &clusters[..] else { continue };
        let more = match others.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let (one, other) = (first.identity(), second.identity());
        let message = format!("`{one}`, `{other}`{more} would all own `{name}` on the management cluster");
        let finding = RULE.finding(location, message).label("must differ for every cluster");
        let finding = finding.related(place::cluster(first), "the first of them");
        let hint = format!("call it `{name}-${{{{ cluster.name }}}}`");
        report.push(finding.related(place::cluster(second), "the second").hint(hint));
    }
}

fn fixed(specs: &Specs<'_>, on: &ExpandedCluster<'_>, installed: &Installed<'_>) -> Vec<Fixed> {
    let Ok(source) = installed.addon.source(on.cluster.minor()) else { return Vec::new() };
    match &source {
        Source::Helm(_) => {
            let values = installed.values(&source);
            let name = values.as_ref().and_then(|values| place::written(values, "fullnameOverride"));
            let text = name.and_then(|node| Some((node.as_str()?.to_owned(), node.location)));
            let text = text.filter(|(name, _)| !name.is_empty() && !name.contains("${{"));
            let fixed = |(name, location)| Fixed { name, location, is_cluster_scoped: false };
            text.map(fixed).into_iter().collect()
        }
        Source::Manifests { path } => {
            let files = folder(&on.content.files, path);
            let templates = files.manifests().filter(|path| is_template(path));
            let read = templates.filter_map(|path| {
                let file = specs.sources.find_named(&on.content.source_name(path))?;
                let text = String::from_utf8_lossy(&specs.sources.get(file).bytes);
                let found = in_template(&text).into_iter();
                let fixed = found.map(|(name, start, is_cluster_scoped)| {
                    let location = Location::new(file, start, start + name.len());
                    Fixed { name, location, is_cluster_scoped }
                });
                Some(fixed.collect::<Vec<_>>())
            });
            read.flatten().collect()
        }
        // A kustomization gets a suffix of ours, and what EKS manages lies elsewhere.
        Source::Kustomize { .. } | Source::Eks(_) | Source::Access => Vec::new(),
    }
}

/// Returns the names of a template's objects that hold no expression: each with where it begins, and whether it lies in no
/// namespace. What statements decide, and what an expression puts into a namespace, is passed over.
fn in_template(text: &str) -> Vec<(String, usize, bool)> {
    if text.lines().any(|line| line.trim_start().starts_with("#% ")) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let (mut at, mut kind, mut name, mut is_placed, mut is_metadata) = (0, "", None, false, false);
    for line in text.split_inclusive('\n').chain(["---"]) {
        let content = line.trim_end();
        if content == "---" {
            found.extend(
                name.take()
                    .filter(|_| !is_placed)
                    .map(|(name, start)| (name, start, is_cluster_scoped(kind))),
            );
            (kind, is_placed, is_metadata) = ("", false, false);
        } else if let Some(of) = content.strip_prefix("kind: ") {
            kind = of;
        } else if let Some((before, written)) = flow_name(content) {
            name = plain(written, at + before);
            is_metadata = false;
        } else if !content.starts_with([' ', '#']) && !content.is_empty() {
            is_metadata = content == "metadata:";
        } else if let Some(written) = content.strip_prefix("  name: ").filter(|_| is_metadata) {
            let start = at + "  name: ".len();
            name = plain(written, start);
        } else if is_metadata && content.starts_with("  namespace: ") {
            is_placed = content.contains("${{");
        }
        at += line.len();
    }
    found
}

/// Returns the name in metadata on one line, with how much stands before it.
fn flow_name(line: &str) -> Option<(usize, &str)> {
    let within = line.strip_prefix("metadata: {")?;
    let start = line.len() - within.len() + within.find("name: ")? + "name: ".len();
    let written = line[start..].split([',', '}']).next()?;
    Some((start, written.trim_end()))
}

/// Returns a name without quotes, and where it begins; `None` where it holds an expression.
fn plain(written: &str, start: usize) -> Option<(String, usize)> {
    let quoted = written.len() - written.trim_start_matches(['"', '\'']).len();
    let name = written.trim_matches(['"', '\'']).to_owned();
    (!written.contains("${{") && !name.is_empty()).then_some((name, start + quoted))
}

#[cfg(test)]
mod tests {
    use super::{RULE, in_template};
    use crate::check::fixture::findings;

    #[test]
    fn a_template_whose_objects_have_one_name_is_found_where_a_tenant_has_two_clusters() {
        let fleet = |name: &str, project: &str| {
            let fleet = format!(
                "# addons/metrics/addon.yaml\nspec: {{placement: management, enable: {{default: true}}, source: {{helm: null, manifests: {{path: addons/metrics/manifests}}}}}}\n\
                 # addons/metrics/manifests/a.yaml.j2\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n\
                 # clusters/db.yaml\nspec: {{project: {project}}}\n"
            );
            findings(&RULE, &fleet)
        };
        assert_eq!(
            fleet("shared", "blue"),
            [
                "addons/metrics/manifests/a.yaml.j2 `shared`: `blue/db`, `blue/web` would all own `shared` on the management cluster; \
              clusters/db.yaml `db`: the first of them; clusters/web.yaml `web`: the second"
            ]
        );
        assert!(fleet("shared", "green").is_empty());
        assert!(fleet("of-${{ cluster.name }}", "blue").is_empty());
    }

    #[test]
    fn what_a_template_decides_is_passed_over() {
        let named =
            |kind: &str, more: &str| format!("apiVersion: v1\nkind: {kind}\nmetadata:\n  name: a\n{more}");
        let text = format!(
            "{}---\n{}",
            named("ClusterRole", ""),
            named("Secret", "  namespace: ${{ cluster.name }}\n")
        );
        assert_eq!(in_template(&text), [("a".to_owned(), 51, true)]);
        let flow = "kind: Secret\nmetadata: {labels: {a: b}, name: \"c\"}\n";
        assert_eq!(in_template(flow), [("c".to_owned(), 47, false)]);
        assert!(in_template(&format!("#% if cluster.paused\n{text}#% endif\n")).is_empty());
    }
}
