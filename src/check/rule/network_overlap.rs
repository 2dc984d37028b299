//! Pods and services have addresses of their own.

use crate::check::clusters;
use crate::check::network::Network;
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::spec::cluster::Cluster;

/// Pods and services have addresses of their own.
pub const RULE: Rule = Rule {
    id: "network-overlap",
    severity: Severity::Error,
    page: Page {
        summary: "no two networks of a cluster overlap",
        why: "An address that is a pod's and a service's at once is routed to one of them: the other cannot be reached. \
              Networks cannot be changed once the cluster is there.",
        wrong: "# clusters/web.yaml\nspec:\n  network: {pods: [10.0.0.0/8], services: [10.96.0.0/12]}\n",
        right: "# clusters/web.yaml\nspec:\n  network: {pods: [10.244.0.0/16], services: [10.96.0.0/12]}\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    clusters::each(specs, report, check_cluster);
}

fn check_cluster(cluster: &Cluster) -> Vec<Diagnostic> {
    let Some(network) = place::written(&cluster.spec, "network") else { return Vec::new() };
    let nodes = ["pods", "services"].into_iter().flat_map(|field| place::items(network, field));
    let networks = nodes.filter_map(|node| Some((node, node.as_str()?.parse::<Network>().ok()?)));
    let networks: Vec<_> = networks.collect();
    let mut found = Vec::new();
    for (index, (node, own)) in networks.iter().enumerate() {
        for (other, _) in networks[..index].iter().filter(|(_, other)| own.overlaps(other)) {
            let text = |node: &crate::spec::yaml::Node| node.as_str().unwrap_or_default().to_owned();
            let finding =
                RULE.finding(node.location, format!("`{}` and `{}` overlap", text(other), text(node)));
            let finding = finding.related(other.location, "the other network");
            found.push(finding.hint("give one of them a range in which no other network lies"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn networks_of_two_families_never_overlap() {
        let cluster = |network: &str| format!("# clusters/web.yaml\nspec: {{network: {network}}}\n");
        assert!(findings(&RULE, &cluster("{pods: [0.0.0.0/0], services: [\"::/0\"]}")).is_empty());
        assert_eq!(findings(&RULE, &cluster("{pods: [fd00::/8], services: [\"fd00:1::/112\"]}")).len(), 1);
        assert_eq!(findings(&RULE, &cluster("{pods: [10.0.0.0/16, 10.0.0.0/16]}")).len(), 1);
    }
}
