//! Workload clusters keep clear of their management cluster's networks.

use std::net::IpAddr;

use crate::check::clusters;
use crate::check::management;
use crate::check::network::{Network, WrittenNetwork, of_machines, written};
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::spec::cluster::Cluster;
use crate::spec::yaml::Node;

/// Workload clusters keep clear of their management cluster's networks.
pub const RULE: Rule = Rule {
    id: "management-network",
    severity: Severity::Error,
    page: Page {
        summary: "no network of a cluster overlaps one that the Fleet says its management cluster has",
        why: "Cluster API and Argo CD reach a workload cluster from pods of the management cluster. An address that is one of \
              the management cluster's own is routed there and nowhere else: the cluster is never found, or another answers. \
              `network` of a management cluster says which are its own; leave out those that nobody reaches from outside, \
              and that others may therefore have, too.",
        wrong: "# fleet.yaml\nspec:\n  management: [{name: management, network: {nodes: [10.0.0.0/16]}}]\n\
                # clusters/web.yaml\nspec:\n  network: {pods: [10.0.0.0/8]}\n",
        right: "# fleet.yaml\nspec:\n  management: [{name: management, network: {nodes: [10.0.0.0/16]}}]\n\
                # clusters/web.yaml\nspec:\n  network: {pods: [10.244.0.0/16]}\n",
    },
    check: Check::World(check),
};

/// What the networks of a management cluster are of.
const FIELDS: [(&str, &str); 3] = [("pods", "pods"), ("services", "services"), ("nodes", "machines")];

fn check(specs: &Specs<'_>, report: &mut Report) {
    clusters::each(specs, report, |cluster: &Cluster| {
        let Some(network) =
            management::written(specs, &cluster.management).and_then(|own| own.get("network"))
        else {
            return Vec::new();
        };
        let taken = FIELDS.map(|(field, what)| (what, written(network, field)));
        let of = |field: &str| place::written(&cluster.spec, "network").map(|own| written(own, field));
        let own = [
            ("the pods'", of("pods").unwrap_or_default()),
            ("the services'", of("services").unwrap_or_default()),
            ("the machines'", of_machines(cluster)),
        ];
        let mut found: Vec<Diagnostic> = Vec::new();
        for (what, taken) in &taken {
            for (whose, own) in &own {
                found.extend(overlaps(cluster, (whose, own), (what, taken)));
            }
            // The API server may well stand among the management cluster's machines.
            if *what != "machines" {
                found.extend(overlaps(cluster, ("the API server's", &endpoint(cluster)), (what, taken)));
            }
        }
        found
    });
}

/// Returns the address of the API server as a network of its own.
fn endpoint(cluster: &Cluster) -> Vec<WrittenNetwork<'_>> {
    let host = cluster.spec.at("/endpoint/host");
    let address = host.and_then(Node::as_str).and_then(|host| host.parse::<IpAddr>().ok());
    host.zip(address).map(|(host, address)| (host, Network::of(address))).into_iter().collect()
}

fn overlaps(
    cluster: &Cluster,
    (whose, own): (&str, &[WrittenNetwork<'_>]),
    (what, taken): (&str, &[WrittenNetwork<'_>]),
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (node, network) in own {
        for (other, _) in taken.iter().filter(|(_, taken)| taken.overlaps(network)) {
            let text = |node: &Node| node.as_str().unwrap_or_default().to_owned();
            let message = format!(
                "{whose} `{}` overlaps `{}` of the {what} of `{}`",
                text(node),
                text(other),
                cluster.management
            );
            found.push(
                RULE.finding(node.location, message)
                    .related(other.location, "the management cluster's network")
                    .hint("take another range; what nobody reaches from outside need not stand in the Fleet"),
            );
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn the_api_server_may_stand_among_the_machines_but_not_among_pods() {
        let host = |network: &str| {
            findings(
                &RULE,
                &format!(
                    "# fleet.yaml\nspec: {{management: [{{name: management, network: {network}}}]}}\n\
                     # clusters/web.yaml\nspec: {{endpoint: {{host: 10.1.2.3}}}}\n"
                ),
            )
        };
        assert!(host("{nodes: [10.1.0.0/16], pods: [10.2.0.0/16]}").is_empty());
        assert_eq!(
            host("{pods: [10.1.0.0/16]}"),
            [
                "clusters/web.yaml `10.1.2.3`: the API server's `10.1.2.3` overlaps `10.1.0.0/16` of the pods of `management`; \
              fleet.yaml `10.1.0.0/16`: the management cluster's network"
            ]
        );
    }

    #[test]
    fn what_many_inherit_is_found_once_and_what_is_not_said_is_not_compared() {
        let fleet = |network: &str| {
            format!(
                "# fleet.yaml\nspec: {{management: [{{name: management{network}}}]}}\n\
                 # clusters/_defaults.yaml\nspec: {{network: {{pods: [10.244.0.0/16]}}, metal: {{subnets: [{{cidr: 10.6.0.0/24}}]}}}}\n\
                 # clusters/db.yaml\nspec: {{}}\n"
            )
        };
        assert!(findings(&RULE, &fleet("")).is_empty());
        assert!(findings(&RULE, &fleet(", network: {nodes: [10.7.0.0/16]}")).is_empty());
        assert_eq!(
            findings(&RULE, &fleet(", network: {nodes: [10.6.0.0/16], pods: [10.244.0.0/16]}")).len(),
            2
        );
    }
}
