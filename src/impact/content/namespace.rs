//! Namespaces that plain manifests hold no more.

use serde_json::Value;

use crate::impact::Workloads;

/// A namespace that goes from what an Application reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoneNamespace {
    /// Its name.
    pub name: String,
    /// What its own annotations say about being pruned.
    pruning: Pruning,
}

/// What an object says about being pruned (Argo CD 3.5, "Sync Options").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pruning {
    Never,
    Confirmed,
    AsApplication,
}

impl GoneNamespace {
    /// Reads an object; `None` for what is no namespace.
    pub fn of(body: &Value) -> Option<Self> {
        let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
        if text("/kind") != Some("Namespace") || text("/apiVersion") != Some("v1") {
            return None;
        }
        let options = text("/metadata/annotations/argocd.argoproj.io~1sync-options").unwrap_or_default();
        let has = |option: &str| options.split(',').any(|own| own.trim() == option);
        let pruning = match (has("Prune=false"), has("Prune=confirm")) {
            (true, _) => Pruning::Never,
            (false, true) => Pruning::Confirmed,
            (false, false) => Pruning::AsApplication,
        };
        Some(Self { name: text("/metadata/name")?.to_owned(), pruning })
    }

    /// Returns what becomes of what lies in it, and why, given the Application that had it.
    pub fn fate(&self, application: &Value) -> (Workloads, &'static str) {
        let prunes = application.pointer("/spec/syncPolicy/automated/prune") == Some(&Value::Bool(true));
        match (self.pruning, prunes) {
            (Pruning::Never, _) => (
                Workloads::Orphaned,
                "it is never pruned: it stays with what lies in it, until somebody deletes it",
            ),
            (Pruning::AsApplication, false) => (
                Workloads::Orphaned,
                "its Application prunes nothing: it stays with what lies in it, until somebody deletes it",
            ),
            (Pruning::Confirmed, _) => (Workloads::Deleted, "it waits for confirmation in Argo CD"),
            (Pruning::AsApplication, true) => {
                (Workloads::Deleted, "it is pruned with everything that lies in it")
            }
        }
    }
}
