//! Which generated Applications the controller leaves alone: neither created, nor updated, nor deleted.
//!
//! Follows `validateGeneratedApplications` of Argo CD 3.5.1 (`applicationset/controllers`) and what it asks of
//! `util/argo` and `util/db`, in their words.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::field;
use super::world::{Clusters, World};

/// The server that stands for the cluster in which Argo CD runs.
pub const LOCAL_SERVER: &str = "https://kubernetes.default.svc";

/// The display name of that cluster where no Secret gives it another.
pub const LOCAL_NAME: &str = "in-cluster";

/// What generated Applications are held against.
#[derive(Clone, Debug)]
pub struct Validation<'w> {
    world: &'w World,
    /// The clusters that a destination may name.
    pub clusters: Clusters,
}

impl<'w> Validation<'w> {
    /// Takes what is asked for of a world.
    pub fn new(world: &'w World) -> Self {
        Self { clusters: world.clusters(), world }
    }

    /// Returns the names of the Applications of the ApplicationSet `set` that are held, each with the reason.
    ///
    /// Of several with one name all are: the controller looks the reason up by name.
    pub fn held(&self, set: &str, applications: &[Value]) -> BTreeMap<String, String> {
        let mut held = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for application in applications {
            let name = field::text(application, &["metadata", "name"]);
            let reason = if seen.insert(name) {
                self.reason(application)
            } else {
                Some(format!("ApplicationSet {set} contains applications with duplicate name: {name}"))
            };
            if let Some(reason) = reason {
                held.insert(name.to_owned(), reason);
            }
        }
        held
    }

    /// Returns the display name of the cluster that an Application goes to; the server where no Secret has it.
    pub fn cluster<'a>(&'a self, application: &'a Value) -> &'a str {
        let destination = field::at(application, &["spec", "destination"]);
        match (field::text(destination, &["name"]), field::text(destination, &["server"])) {
            ("", server) => {
                let known =
                    self.clusters.names.get(server.trim_end_matches('/')).filter(|name| !name.is_empty());
                let local = if server == LOCAL_SERVER { LOCAL_NAME } else { server };
                known.map_or(local, String::as_str)
            }
            (name, _) => name,
        }
    }

    /// Returns the display name and the server of the cluster that a destination names; `None` where it names none.
    pub fn destination<'a>(&'a self, name: &'a str, server: &'a str) -> Option<(&'a str, &'a str)> {
        if self.wrong_destination(name, server).is_some() {
            return None;
        }
        if name.is_empty() {
            let server = server.trim_end_matches('/');
            return Some((self.clusters.names.get(server).map_or(LOCAL_NAME, String::as_str), server));
        }
        let server = self.clusters.servers.get(name).and_then(|servers| servers.first());
        Some((name, server.map_or(LOCAL_SERVER, String::as_str)))
    }

    fn reason(&self, application: &Value) -> Option<String> {
        let project = field::text(application, &["spec", "project"]);
        if !self.world.has_project(project) {
            return Some(format!("application references project {project} which does not exist"));
        }
        let destination = field::at(application, &["spec", "destination"]);
        let wrong = self
            .wrong_destination(field::text(destination, &["name"]), field::text(destination, &["server"]))?;
        Some(format!("application destination spec is invalid: {wrong}"))
    }

    /// Says why a destination with this display name and server is none, in the words of Argo CD; `None` where it is one.
    pub fn wrong_destination(&self, name: &str, server: &str) -> Option<String> {
        match (name, server) {
            ("", "") => Some("Destination server missing from app spec".to_owned()),
            ("", server) => self.wrong_server(server),
            (name, "") => self.wrong_name(name),
            (name, server) => Some(format!(
                "application destination can't have both name and server defined: {name} {server}"
            )),
        }
    }

    fn wrong_server(&self, written: &str) -> Option<String> {
        let server = written.trim_end_matches('/');
        let wrong = match server {
            LOCAL_SERVER if self.world.in_cluster_enabled => return None,
            LOCAL_SERVER => "is disabled",
            server if self.clusters.names.contains_key(server) => return None,
            _ => "not found",
        };
        Some(format!(
            "error getting cluster by server {written:?}: rpc error: code = NotFound desc = cluster {server:?} {wrong}"
        ))
    }

    fn wrong_name(&self, name: &str) -> Option<String> {
        let servers = self.clusters.servers.get(name).map(Vec::as_slice).unwrap_or_default();
        if servers.is_empty() && name == LOCAL_NAME && self.world.in_cluster_enabled {
            return None;
        }
        let is_usable = |server: &&String| self.world.in_cluster_enabled || *server != LOCAL_SERVER;
        let servers: Vec<&str> = servers.iter().filter(is_usable).map(String::as_str).collect();
        match servers.len() {
            0 => Some(format!("there are no clusters with this name: {name}")),
            1 => None,
            count => Some(format!("there are {count} clusters with the same name: [{}]", servers.join(" "))),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base64::encode;

    fn world() -> World {
        let secret = |(name, server): (&str, &str)| json!({"data": {"name": encode(name.as_bytes()), "server": encode(server.as_bytes())}});
        let clusters =
            [("one", "https://1/"), ("two", "https://2"), ("two", "https://22"), ("here", LOCAL_SERVER)];
        World { secrets: clusters.map(secret).into(), ..World::new("argocd") }
    }

    fn application(name: &str, destination: Value) -> Value {
        json!({"metadata": {"name": name}, "spec": {"project": "default", "destination": destination}})
    }

    #[test]
    fn destinations_are_judged_in_the_words_of_argo_cd() {
        let enabled = world();
        let disabled = World { in_cluster_enabled: false, ..world() };
        let unknown = "error getting cluster by server \"https://9/\": rpc error: code = NotFound desc = cluster \"https://9\" not found";
        let local = "error getting cluster by server \"https://kubernetes.default.svc\": rpc error: code = NotFound desc = cluster \"https://kubernetes.default.svc\" is disabled";
        let both = "application destination can't have both name and server defined: one https://1";
        for (world, destination, expected) in [
            (&enabled, json!({"name": "one"}), ""),
            (&enabled, json!({"server": "https://1"}), ""),
            (&enabled, json!({"server": "https://2/"}), ""),
            (&enabled, json!({"server": LOCAL_SERVER}), ""),
            (&enabled, json!({"name": LOCAL_NAME}), ""),
            (&enabled, json!({"name": "here"}), ""),
            (&enabled, json!({}), "Destination server missing from app spec"),
            (&enabled, json!({"name": "one", "server": "https://1"}), both),
            (&enabled, json!({"name": "nine"}), "there are no clusters with this name: nine"),
            (
                &enabled,
                json!({"name": "two"}),
                "there are 2 clusters with the same name: [https://2 https://22]",
            ),
            (&enabled, json!({"server": "https://9/"}), unknown),
            (&disabled, json!({"server": LOCAL_SERVER}), local),
            (&disabled, json!({"name": LOCAL_NAME}), "there are no clusters with this name: in-cluster"),
            (&disabled, json!({"name": "here"}), "there are no clusters with this name: here"),
            (&disabled, json!({"name": "one"}), ""),
        ] {
            let held = Validation::new(world).held("set", &[application("a", destination.clone())]);
            let expected = match expected {
                "" => BTreeMap::new(),
                reason => {
                    let reason = format!("application destination spec is invalid: {reason}");
                    BTreeMap::from([("a".to_owned(), reason)])
                }
            };
            assert_eq!(held, expected, "{destination}");
        }
    }

    #[test]
    fn a_name_twice_and_a_project_that_is_missing_hold_an_application() {
        let mut world = world();
        world.projects = Some(BTreeSet::from(["default".to_owned()]));
        let sound = || application("a", json!({"name": "one"}));
        let mut homeless = application("b", json!({"name": "one"}));
        homeless["spec"]["project"] = "nope".into();

        let held = Validation::new(&world).held("set", &[sound(), sound(), homeless]);

        let expected = [
            ("a", "ApplicationSet set contains applications with duplicate name: a"),
            ("b", "application references project nope which does not exist"),
        ];
        assert_eq!(held, expected.map(|(name, why)| (name.to_owned(), why.to_owned())).into());
    }
}
