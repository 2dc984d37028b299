//! Why something is what it is: every place that had a say in a value, an addon, a label, an object or an Application,
//! from the first to the one that decided.
//!
//! Pure: it reads a catalog that is right, and prints nothing.

mod access;
mod addon;
mod application;
mod key_path;
mod label;
mod layer;
mod object;
mod overview;
mod setting;

use serde_json::Value;

use crate::diagnostic::Report;
use crate::error::Failure;
use crate::expand::{ExpandedCluster, Expansion, expand};
use crate::location::{Location, Sources};
use crate::spec::Catalog;
use crate::spec::cluster::find;

pub use overview::{Line, Overview};

/// The way to a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// What is explained, in words: `controlPlane.replicas of payments/web`.
    pub subject: String,
    /// What it is; `None` where it is not set.
    pub value: Option<Value>,
    /// What had a say, from the first to the last.
    pub steps: Vec<Step>,
}

/// One place that had a say.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What kind of place it is.
    pub origin: Origin,
    /// Where it stands; `None` for what yoshino itself says.
    pub location: Option<Location>,
    /// What it says, in words.
    pub what: String,
    /// The value it gives, if it gives one.
    pub value: Option<Value>,
    /// Whether it has a part in the result; otherwise a later one has overridden it.
    pub holds: bool,
}

/// What kind of place has a say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A default: of yoshino's own schemas, or of a provider's `schema.json`.
    Default,
    /// The Fleet.
    Fleet,
    /// ClusterDefaults of a folder.
    Folder,
    /// The cluster's own file.
    Cluster,
    /// A tenant.
    Tenant,
    /// An addon.
    Addon,
    /// An entry of an addon's `perMinor`.
    PerMinor,
    /// A patch.
    Patch,
    /// A template.
    Template,
    /// What yoshino derives from the others.
    Derived,
}

impl Origin {
    /// Returns the word for it, as people and JSON read it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Fleet => "fleet",
            Self::Folder => "folder",
            Self::Cluster => "cluster",
            Self::Tenant => "tenant",
            Self::Addon => "addon",
            Self::PerMinor => "perMinor",
            Self::Patch => "patch",
            Self::Template => "template",
            Self::Derived => "derived",
        }
    }
}

impl Step {
    fn new(origin: Origin, location: Option<Location>, what: impl Into<String>) -> Self {
        Self { origin, location, what: what.into(), value: None, holds: true }
    }

    fn giving(self, value: Value) -> Self {
        Self { value: Some(value), ..self }
    }

    fn overridden_if(self, overridden: bool) -> Self {
        Self { holds: self.holds && !overridden, ..self }
    }
}

/// A cluster of a fleet, about which something is asked.
struct Asked<'a> {
    catalog: &'a Catalog,
    sources: &'a Sources,
    expansion: &'a Expansion<'a>,
    /// Its place among the expansion's clusters.
    index: usize,
}

/// Explains what `path` is for a cluster, named `name` or `project/name`.
///
/// The path is a field of the cluster's spec (`controlPlane.replicas`, `nodePools[default].machine.flavor`), a label
/// (`metadata.labels.tier`), an addon or something of it (`addons.cilium`, `addons.cilium.values.ipam.mode`), a label or
/// annotation of the cluster Secret (`addons.ake.example.com/cilium`), or an object and a field of it
/// (`MachineDeployment/web-default`, `KubeadmControlPlane.spec.replicas`).
///
/// # Errors
/// Reports a cluster that is not there or more than one, and a path that leads nowhere.
pub fn explain(catalog: &Catalog, sources: &Sources, name: &str, path: &str) -> Result<Explanation, Failure> {
    let expansion = expand(catalog)?;
    let index = find(expansion.clusters.iter().map(|one| one.cluster), name)?;
    let asked = Asked { catalog, sources, expansion: &expansion, index };
    if let Some(object) = object::Wanted::read(path) {
        return object::explain(&asked, &object);
    }
    if let Some(key) = label::key_of_secret(catalog, path) {
        return Ok(label::explain(&asked, key)?);
    }
    match path.strip_prefix("addons.").or_else(|| path.strip_prefix("/addons/")) {
        Some(rest) => Ok(addon::explain(&asked, rest)?),
        None => Ok(setting::explain(&asked, path)?),
    }
}

/// Tells where everything that a cluster says or is given comes from, and why each addon is on or off.
///
/// # Errors
/// Reports a cluster that is not there or more than one.
pub fn overview(catalog: &Catalog, sources: &Sources, name: &str) -> Result<Overview, Report> {
    let expansion = expand(catalog)?;
    let index = find(expansion.clusters.iter().map(|one| one.cluster), name)?;
    overview::of(&Asked { catalog, sources, expansion: &expansion, index })
}

/// Explains which ApplicationSet, generator, Secret and label make an Application.
///
/// # Errors
/// Reports that no ApplicationSet makes an Application of this name, with the nearest that is made.
pub fn explain_application(catalog: &Catalog, sources: &Sources, name: &str) -> Result<Explanation, Failure> {
    let expansion = expand(catalog)?;
    Ok(application::explain(catalog, sources, &expansion, name)?)
}

/// Returns where a cluster stands: its name.
fn object_place(expanded: &ExpandedCluster<'_>) -> Location {
    crate::emit::variables::place_of(expanded)
}
