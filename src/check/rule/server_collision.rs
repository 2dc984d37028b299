//! Argo CD can tell clusters apart by their API servers.

use std::net::IpAddr;

use crate::check::collision::collisions;
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::cluster::Cluster;
use crate::spec::yaml::Node;

/// Argo CD can tell clusters apart by their API servers.
pub const RULE: Rule = Rule {
    id: "server-collision",
    severity: Severity::Error,
    page: Page {
        summary: "every cluster has an API server of its own",
        why: "The API server's address is what Argo CD knows a cluster by: with two Secrets for one address it takes \
              the credentials of either, and what one cluster's Applications made, the other's delete.",
        wrong: "# clusters/web.yaml\nspec:\n  endpoint: {host: api.example.com}\n# clusters/db.yaml\nspec:\n  endpoint: {host: api.example.com, port: 6443}\n",
        right: "# clusters/web.yaml\nspec:\n  endpoint: {host: api.example.com}\n# clusters/db.yaml\nspec:\n  endpoint: {host: api.example.com, port: 6444}\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    let clusters = specs.catalog.clusters.iter();
    let known: Vec<_> =
        clusters.filter_map(|cluster| Some(((&cluster.management, server(cluster)?), cluster))).collect();
    for ((management, (host, _)), cluster) in &known {
        if host == "kubernetes.default.svc" {
            let message = format!(
                "`{}` has the address of the management cluster `{management}` itself",
                cluster.identity()
            );
            report.push(RULE.finding(place::at(&cluster.spec, "/endpoint/host"), message));
        }
    }
    for (first, later) in collisions(known) {
        let address = later.server().unwrap_or_default();
        let message = format!("`{}` and `{}` have the same API server", first.identity(), later.identity());
        let finding = RULE.finding(place::at(&later.spec, "/endpoint/host"), message).label(address);
        report.push(finding.related(place::at(&first.spec, "/endpoint/host"), "the other cluster's"));
    }
}

/// Returns the API server's host and port in the form in which equal ones are equal.
pub fn server(cluster: &Cluster) -> Option<(String, i64)> {
    let endpoint = cluster.spec.get("endpoint")?;
    let host = endpoint.get("host").and_then(Node::as_str)?;
    let host = match host.parse::<IpAddr>() {
        Ok(address) => address.to_string(),
        Err(_) => host.to_ascii_lowercase(),
    };
    Some((host, place::integer(endpoint, "port").unwrap_or(6443)))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn addresses_are_compared_and_not_how_they_are_written() {
        let clusters = |host: &str, other: &str| {
            format!(
                "# clusters/web.yaml\nspec: {{endpoint: {{host: \"{host}\"}}}}\n# clusters/db.yaml\nspec: {{endpoint: {{host: \"{other}\"}}}}\n"
            )
        };
        assert_eq!(findings(&RULE, &clusters("fd00::1", "fd00:0:0::0001")).len(), 1);
        assert!(findings(&RULE, &clusters("10.0.0.1", "10.0.0.2")).is_empty());
    }

    #[test]
    fn clusters_whose_address_is_not_known_yet_share_none() {
        assert!(findings(&RULE, "# clusters/db.yaml\n{}\n").is_empty());
    }
}
