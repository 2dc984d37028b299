//! Two management clusters do not have one cluster.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::server_collision::server;
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::cluster::Cluster;

/// Two management clusters do not have one cluster.
pub const RULE: Rule = Rule {
    id: "server-shared",
    severity: Severity::Warning,
    page: Page {
        summary: "no two management clusters have clusters with one API server",
        why: "Each management cluster has an Argo CD of its own. Two that know one API server both install their addons \
              there and undo what the other does, and neither can see it. Names and public addresses are compared; private \
              addresses may well be there twice, each in a network of its own.",
        wrong: "# fleet.yaml\nspec:\n  management: [{name: management}, {name: other}]\n# clusters/web.yaml\nspec:\n  endpoint: {host: api.example.com}\n# clusters/db.yaml\nspec:\n  management: other\n  endpoint: {host: api.example.com}\n",
        right: "# fleet.yaml\nspec:\n  management: [{name: management}, {name: other}]\n# clusters/web.yaml\nspec:\n  endpoint: {host: web.example.com}\n# clusters/db.yaml\nspec:\n  management: other\n  endpoint: {host: db.example.com}\n",
    },
    check: Check::World(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    let mut known: BTreeMap<(String, i64), &Cluster> = BTreeMap::new();
    for cluster in &specs.catalog.clusters {
        let Some(server) = server(cluster).filter(|(host, _)| !is_private(host)) else { continue };
        let first = *known.entry(server).or_insert(cluster);
        // Those of one management cluster are another rule's.
        if first.management == cluster.management {
            continue;
        }
        let message = format!(
            "`{}` of `{}` has the API server of `{}` of `{}`",
            cluster.identity(),
            cluster.management,
            first.identity(),
            first.management
        );
        let finding = RULE.finding(place::at(&cluster.spec, "/endpoint/host"), message);
        report.push(finding.related(place::at(&first.spec, "/endpoint/host"), "the other cluster's"));
    }
}

/// Returns whether a host is an address that networks may use each for themselves.
fn is_private(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => {
            // The shared space of carriers (RFC 6598) is nobody's own either.
            let [first, second, ..] = address.octets();
            let is_shared = first == 100 && (64..128).contains(&second);
            address.is_private() || address.is_loopback() || address.is_link_local() || is_shared
        }
        Ok(IpAddr::V6(address)) => {
            address.is_unique_local() || address.is_loopback() || address.is_unicast_link_local()
        }
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn public_addresses_are_compared_and_private_ones_are_not() {
        let found = |host: &str, other: &str| {
            findings(
                &RULE,
                &format!(
                    "# fleet.yaml\nspec: {{management: [{{name: management}}, {{name: other}}]}}\n# clusters/web.yaml\nspec: {{endpoint: {{host: \"{host}\"}}}}\n# clusters/db.yaml\nspec: {{management: other, endpoint: {{host: \"{other}\"}}}}\n"
                ),
            )
        };
        assert_eq!(
            found("203.0.113.7", "203.0.113.7"),
            [
                "clusters/web.yaml `203.0.113.7`: `blue/web` of `management` has the API server of `blue/db` of `other`; \
              clusters/db.yaml `203.0.113.7`: the other cluster's"
            ]
        );
        for private in ["10.0.0.1", "192.168.1.1", "100.64.0.1", "fd00::1"] {
            assert!(found(private, private).is_empty(), "{private}");
        }
        assert!(found("203.0.113.7", "203.0.113.8").is_empty());
    }
}
