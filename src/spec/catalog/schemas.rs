//! The schemas of one fleet, providers composed in.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Report};
use crate::location::Location;
use crate::spec::kinds::{ProviderDocuments, SpecKind, schema};
use crate::spec::name::Name;
use crate::spec::provider::Provider;
use crate::spec::schema::Schema;

/// The schema of each kind of document in one fleet.
pub(super) struct Schemas {
    pub(super) fleet: Arc<Schema>,
    pub(super) tenant: Arc<Schema>,
    pub(super) addon: Arc<Schema>,
    pub(super) pick_policy: Arc<Schema>,
    pub(super) defaults: Arc<Schema>,
    pub(super) cluster: Arc<Schema>,
    pub(super) cluster_of: BTreeMap<Name, Arc<Schema>>,
}

impl Schemas {
    /// Composes the schemas; a provider whose schema is not understood is reported and left out.
    pub(super) fn new(providers: &BTreeMap<Name, Provider>, report: &mut Report) -> Self {
        let mut documents = ProviderDocuments::new();
        let mut cluster_of = BTreeMap::new();
        for (name, provider) in providers {
            let alone = ProviderDocuments::from([(name.clone(), provider.schema.clone())]);
            match schema(SpecKind::Cluster, &alone, Some(name)) {
                Ok(_) => {
                    documents.insert(name.clone(), provider.schema.clone());
                }
                Err(refusal) => {
                    let at = provider.templates.first().map(|(_, file)| Location::start_of(*file));
                    let message = format!("`templates/{name}/schema.json`: {refusal}");
                    let diagnostic =
                        Diagnostic { location: at, ..Diagnostic::error_nowhere("provider-schema", message) };
                    report.push(diagnostic);
                }
            }
        }
        let own = |kind, machine_of| schema(kind, &documents, machine_of).unwrap_or_default();
        for name in documents.keys() {
            cluster_of.insert(name.clone(), own(SpecKind::Cluster, Some(name)));
        }
        Self {
            fleet: own(SpecKind::Fleet, None),
            tenant: own(SpecKind::Tenant, None),
            addon: own(SpecKind::Addon, None),
            pick_policy: own(SpecKind::PickPolicy, None),
            defaults: own(SpecKind::ClusterDefaults, None),
            cluster: own(SpecKind::Cluster, None),
            cluster_of,
        }
    }
}

impl Schemas {
    /// Returns the schema of a kind's documents, machines untyped.
    pub(super) fn of(&self, kind: SpecKind) -> &Arc<Schema> {
        match kind {
            SpecKind::Fleet => &self.fleet,
            SpecKind::Cluster => &self.cluster,
            SpecKind::ClusterDefaults => &self.defaults,
            SpecKind::Tenant => &self.tenant,
            SpecKind::Addon => &self.addon,
            SpecKind::PickPolicy => &self.pick_policy,
        }
    }
}
