//! `list`: plain tables of what the fleet declares.

mod catalogue;
mod release;

use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};
use yoshino::error::Failure;
use yoshino::location::Sources;
use yoshino::spec::addon::{Addon, LifecycleStatus, Placement, Source};
use yoshino::spec::cluster::Cluster;
use yoshino::spec::version::Minor;
use yoshino::spec::yaml::Node;

use super::table::print_table;
use super::{Exit, Format, Session, fleet};

use release::Tags;

/// Lists what the fleet declares
#[derive(Debug, clap::Args)]
pub struct List {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Lists the workload clusters, sorted by project and name
    Clusters {
        /// How to print them
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Lists the addons and their version for every minor
    Addons {
        /// How to print them
        #[arg(long, value_enum, default_value_t)]
        format: AddonFormat,
    },
    /// Lists the releases of every minor, and how many clusters are pinned to each
    Releases {
        /// How to print them
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Lists the pinned clusters, and how far each is behind the newest release of its minor
    Pins {
        /// How to print them
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

/// How addons are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum AddonFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
    /// A page of the repository: what for, from where, what it needs and excludes, where it stands in its life
    Markdown,
}

impl List {
    /// Prints the list.
    ///
    /// # Errors
    /// Reports everything that is wrong with the specs by themselves; says what git refused.
    pub fn run(&self, session: &Session, sources: &mut Sources) -> Result<Exit, Failure> {
        let catalog = fleet::open_specs(session, sources)?;
        match self.what {
            What::Clusters { format: Format::Text } => {
                print_table(&session.terminal, &cluster_table(&catalog.clusters))?;
            }
            What::Clusters { format: Format::Json } => {
                let clusters: Value = catalog.clusters.iter().map(cluster_json).collect();
                session.terminal.print_json(&json!({"clusters": clusters}))?;
            }
            What::Addons { format: AddonFormat::Text } => {
                let addons: Vec<&Addon> = catalog.trunk.addons.values().collect();
                print_table(&session.terminal, &addon_table(&addons, &catalog.fleet.spec.minors))?;
            }
            What::Addons { format: AddonFormat::Json } => {
                let minors = &catalog.fleet.spec.minors;
                let addons: Value =
                    catalog.trunk.addons.values().map(|addon| addon_json(addon, minors)).collect();
                session.terminal.print_json(&json!({"addons": addons}))?;
            }
            What::Addons { format: AddonFormat::Markdown } => {
                let page = catalogue::page(&catalog.trunk.addons, &catalog.fleet.spec.minors);
                session.terminal.print(&page)?;
            }
            What::Releases { format } => Tags::read(session, &catalog)?.print_releases(session, format)?,
            What::Pins { format } => Tags::read(session, &catalog)?.print_pins(session, format)?,
        }
        Ok(Exit::Fine)
    }

    /// Returns how the list is printed.
    pub fn format(&self) -> Format {
        match self.what {
            What::Clusters { format } | What::Releases { format } | What::Pins { format } => format,
            What::Addons { format: AddonFormat::Json } => Format::Json,
            What::Addons { format: AddonFormat::Text | AddonFormat::Markdown } => Format::Text,
        }
    }
}

fn cluster_table(clusters: &[Cluster]) -> Vec<Vec<String>> {
    let head = ["PROJECT", "CLUSTER", "MANAGEMENT", "PROVIDER", "KUBERNETES", "RELEASE", "POOLS", "FILE"];
    let row = |cluster: &Cluster| {
        vec![
            cluster.project.to_string(),
            cluster.name.to_string(),
            cluster.management.to_string(),
            cluster.provider.to_string(),
            cluster.kubernetes.to_string(),
            cluster.pin_name().unwrap_or_default().to_owned(),
            pools(cluster).to_string(),
            cluster.path.to_string(),
        ]
    };
    let head = head.map(str::to_owned).to_vec();
    std::iter::once(head).chain(clusters.iter().map(row)).collect()
}

fn cluster_json(cluster: &Cluster) -> Value {
    json!({
        "project": cluster.project.as_str(),
        "name": cluster.name.as_str(),
        "management": cluster.management.as_str(),
        "provider": cluster.provider.as_str(),
        "kubernetes": cluster.kubernetes.to_string(),
        "minor": cluster.minor().to_string(),
        "release": cluster.pin_name(),
        "paused": cluster.paused,
        "labels": cluster.labels,
        "pools": pools(cluster),
        "server": cluster.server(),
        "file": cluster.path.as_str(),
    })
}

fn pools(cluster: &Cluster) -> usize {
    cluster.spec.get("nodePools").and_then(Node::items).unwrap_or_default().len()
}

fn addon_table(addons: &[&Addon], minors: &[Minor]) -> Vec<Vec<String>> {
    let mut head = ["ADDON", "PLACEMENT", "NAMESPACE", "STATUS"].map(str::to_owned).to_vec();
    head.extend(minors.iter().map(Minor::to_string));
    let row = |addon: &&Addon| {
        let mut row = vec![
            addon.name.to_string(),
            placement(addon).to_owned(),
            addon.spec.namespace.to_string(),
            status(addon).to_owned(),
        ];
        row.extend(minors.iter().map(|minor| version(addon, *minor).unwrap_or_default()));
        row
    };
    std::iter::once(head).chain(addons.iter().map(row)).collect()
}

fn addon_json(addon: &Addon, minors: &[Minor]) -> Value {
    let of_minor = |minor: &Minor| {
        let runs = addon.runs_on(*minor).then(|| addon.source(*minor).ok()).flatten();
        (minor.to_string(), runs.map_or(Value::Null, |source| source_json(&source)))
    };
    json!({
        "name": addon.name.as_str(),
        "description": addon.spec.description,
        "aliases": addon.spec.aliases,
        "placement": placement(addon),
        "namespace": addon.spec.namespace.as_str(),
        "providers": addon.spec.providers.iter().map(|provider| provider.as_str()).collect::<Vec<_>>(),
        "status": status(addon),
        "endOfLife": addon.spec.lifecycle.end_of_life,
        "successor": addon.spec.lifecycle.successor,
        "minors": minors.iter().map(of_minor).collect::<serde_json::Map<_, _>>(),
        "file": addon.path.as_str(),
    })
}

fn placement(addon: &Addon) -> &'static str {
    match addon.spec.placement {
        Placement::Workload => "workload",
        Placement::Management => "management",
    }
}

fn status(addon: &Addon) -> &'static str {
    match addon.spec.lifecycle.status {
        LifecycleStatus::Active => "active",
        LifecycleStatus::Deprecated => "deprecated",
        LifecycleStatus::Retired => "retired",
    }
}

/// Returns the version on `minor`, the kind of source where that has none, and nothing where the addon does not
/// run.
fn version(addon: &Addon, minor: Minor) -> Option<String> {
    let source = addon.runs_on(minor).then(|| addon.source(minor).ok()).flatten()?;
    Some(match source {
        Source::Helm(helm) => helm.version,
        Source::Eks(eks) => eks.version,
        Source::Kustomize { .. } => "kustomize".to_owned(),
        Source::Manifests { .. } => "manifests".to_owned(),
        Source::Access => "access".to_owned(),
    })
}

fn source_json(source: &Source) -> Value {
    match source {
        Source::Helm(helm) => {
            json!({"kind": "helm", "repository": helm.repository, "chart": helm.chart, "version": helm.version})
        }
        Source::Eks(eks) => json!({"kind": "eks", "addon": eks.addon, "version": eks.version}),
        Source::Kustomize { path } => json!({"kind": "kustomize", "path": path}),
        Source::Manifests { path } => json!({"kind": "manifests", "path": path}),
        Source::Access => json!({"kind": "access"}),
    }
}
