//! The Fleet: where the repository lives, what it supports, where its output goes.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::name::Name;
use super::schema::Schema;
use super::version::{Minor, MinorRange};
use super::yaml::{Node, Options, parse};
use crate::location::FileId;
use crate::tree::{FileTree, RepoPath};

/// The Fleet of one repository.
#[derive(Clone, Debug)]
pub struct Fleet {
    /// Its name.
    pub name: Name,
    /// What it says, defaults filled in.
    pub spec: FleetSpec,
    /// The whole document, for locations.
    pub document: Node,
    /// The schema of its `spec`.
    pub schema: Arc<Schema>,
}

/// `spec` of a Fleet.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FleetSpec {
    /// Versions of yoshino that may render the fleet.
    pub requires: Option<String>,
    /// Domain of the labels on cluster Secrets.
    pub label_domain: String,
    /// The repository the fleet lives in.
    pub repository: FleetRepository,
    /// Supported minors, oldest first.
    pub minors: Vec<Minor>,
    /// Name of a minor's branch, with `{minor}`.
    pub branch: String,
    /// Name of a release's tag, with `{minor}` and `{yymmdd}`.
    pub tag: String,
    /// The IANA time zone of release days.
    pub timezone: String,
    /// Where the rendering goes.
    pub output: Option<FleetOutput>,
    /// The management clusters, at least one; the first is the default.
    pub management: Vec<Management>,
    /// What a change may do without acknowledgement.
    pub limits: BTreeMap<String, Value>,
    /// Steps of RollingSync.
    pub rollout: Option<Rollout>,
}

/// The repository that Argo CD reads.
#[derive(Clone, Debug, Deserialize)]
pub struct FleetRepository {
    /// Its address.
    pub url: String,
    /// The branch everything starts on.
    pub trunk: String,
    /// The git remote of minor branches and tags.
    pub remote: String,
}

/// Where the rendering goes: exactly one of the two.
#[derive(Clone, Debug, Deserialize)]
pub struct FleetOutput {
    /// A folder of the trunk.
    pub path: Option<String>,
    /// A branch of its own.
    pub branch: Option<String>,
}

/// A management cluster.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Management {
    /// Its name, and its folder in the output.
    pub name: Name,
    /// Its Argo CD.
    pub argocd: Argocd,
    /// Its Cluster API.
    pub cluster_api: ClusterApi,
}

/// The Argo CD of a management cluster.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Argocd {
    /// Its namespace.
    pub namespace: Name,
    /// Its minor.
    pub version: Minor,
    /// Display name of workload clusters, with `{project}` and `{name}`.
    pub cluster_name: String,
    /// AppProject of addons, with `{project}`.
    pub addon_project: String,
    /// AppProject of the root Applications.
    pub root_project: Name,
    /// Whether the controller runs with progressive syncs.
    pub progressive_syncs: bool,
}

/// The Cluster API of a management cluster, by minor.
#[derive(Clone, Debug, Deserialize)]
pub struct ClusterApi {
    /// Core.
    pub version: Minor,
    /// The OpenStack provider.
    pub openstack: Minor,
    /// The AWS provider.
    pub aws: Minor,
    /// The minors of workload clusters that it supports, where the fleet knows better than yoshino.
    pub kubernetes: Option<MinorRange>,
}

/// Steps of RollingSync: the list alone, or with the acceptance of what it costs.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Rollout {
    /// Steps alone.
    Steps(Vec<RolloutStep>),
    /// Steps with options.
    Options(RolloutOptions),
}

/// `rollout` in its long form.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RolloutOptions {
    /// The steps, in order.
    pub steps: Vec<RolloutStep>,
    /// Whether it is known that RollingSync switches self-heal off.
    pub accept_no_self_heal: bool,
}

/// One step of RollingSync.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RolloutStep {
    /// Labels of the clusters in the step; at least one.
    pub match_labels: BTreeMap<String, String>,
    /// How many Applications sync at once: a count or a percentage.
    pub max_update: Option<Value>,
}

/// What `fleet.yaml` alone says, before anything else has been read or checked.
#[derive(Clone, Debug)]
pub struct Unchecked(Option<Node>);

impl Unchecked {
    /// Reads it from a tree; a file that is not there or cannot be read says nothing.
    pub fn of(files: &FileTree) -> Self {
        let spec = || {
            let bytes = files.0.get(&RepoPath::new("fleet.yaml").ok()?)?;
            let documents = parse(FileId(0), bytes, Options::SPEC).ok()?;
            documents.first()?.root.get("spec").cloned()
        };
        Self(spec())
    }

    /// Returns the folder that the output is rendered to, by default `rendered`.
    pub fn output_path(&self) -> RepoPath {
        let written = self.text("/output/path").and_then(|path| RepoPath::new(path).ok());
        written.unwrap_or_else(|| RepoPath::new("rendered").expect("because it is one plain name"))
    }

    /// Returns the trunk, by default `main`.
    pub fn trunk(&self) -> &str {
        self.text("/repository/trunk").unwrap_or("main")
    }

    /// Returns the git remote, by default `origin`.
    pub fn remote(&self) -> &str {
        self.text("/repository/remote").unwrap_or("origin")
    }

    /// Returns the pattern of tags, by default `v{minor}-{yymmdd}`.
    pub fn tag(&self) -> &str {
        self.text("/tag").unwrap_or("v{minor}-{yymmdd}")
    }

    /// Returns the pattern of minor branches, by default `release/{minor}`.
    pub fn branch(&self) -> &str {
        self.text("/branch").unwrap_or("release/{minor}")
    }

    /// Returns the time zone; `None` where it does not say.
    pub fn timezone(&self) -> Option<&str> {
        self.text("/timezone")
    }

    fn text(&self, pointer: &str) -> Option<&str> {
        self.0.as_ref()?.at(pointer)?.as_str()
    }
}

impl Fleet {
    /// Returns the folder of the output in the repository; `None` where it goes to a branch of its own.
    pub fn output_path(&self) -> Option<&str> {
        match &self.spec.output {
            None => Some("rendered"),
            Some(output) => output.path.as_deref(),
        }
    }

    /// Returns the folder of a management cluster's output in the branch that holds it.
    pub fn output_folder(&self, management: &Name) -> String {
        match self.output_path() {
            Some(path) => format!("{path}/{management}"),
            None => management.to_string(),
        }
    }

    /// Returns the git revision at which Argo CD reads the output.
    pub fn output_revision(&self) -> &str {
        let branch = self.spec.output.as_ref().and_then(|output| output.branch.as_deref());
        branch.unwrap_or(&self.spec.repository.trunk)
    }

    /// Returns the name of a minor's branch.
    pub fn minor_branch(&self, minor: Minor) -> String {
        self.spec.branch.replace("{minor}", &minor.to_string())
    }

    /// Returns the minor whose branch has a name; `None` where it is none.
    pub fn minor_of(&self, branch: &str) -> Option<Minor> {
        Minor::in_name(&self.spec.branch, branch)
    }

    /// Returns the management cluster called `name`.
    pub fn management(&self, name: &str) -> Option<&Management> {
        self.spec.management.iter().find(|management| management.name.as_str() == name)
    }

    /// Returns the steps of RollingSync, empty where there are none.
    pub fn rollout_steps(&self) -> &[RolloutStep] {
        match &self.spec.rollout {
            None => &[],
            Some(Rollout::Steps(steps)) => steps,
            Some(Rollout::Options(options)) => &options.steps,
        }
    }

    /// Returns the keys that rollout steps select on, sorted.
    pub fn rollout_keys(&self) -> Vec<&str> {
        let mut keys: Vec<&str> = self
            .rollout_steps()
            .iter()
            .flat_map(|step| step.match_labels.keys().map(String::as_str))
            .collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

impl Management {
    /// Returns the display name that Argo CD knows a workload cluster by.
    pub fn cluster_name(&self, project: &Name, name: &Name) -> String {
        self.argocd.cluster_name.replace("{project}", project.as_str()).replace("{name}", name.as_str())
    }

    /// Returns the AppProject of a tenant's addons.
    pub fn addon_project(&self, project: &Name) -> String {
        self.argocd.addon_project.replace("{project}", project.as_str())
    }
}
