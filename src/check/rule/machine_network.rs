//! Machines have addresses that no pod or service has.

use crate::check::clusters;
use crate::check::network::{of_machines, written};
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::spec::cluster::Cluster;

/// Machines have addresses that no pod or service has.
pub const RULE: Rule = Rule {
    id: "machine-network",
    severity: Severity::Error,
    page: Page {
        summary: "the network of a cluster's machines overlaps neither that of its pods nor that of its services",
        why: "A machine whose address is a pod's or a service's, too, is reached by some and not by others: the kubelet, the \
              API server or a name server goes missing. Looked at are subnets and VPCs in the provider's block; where pods \
              have addresses of the VPC by intent, those of the pods are not compared.",
        wrong: "# clusters/web.yaml\nspec:\n  network: {pods: [10.0.0.0/16]}\n  metal: {subnets: [{cidr: 10.0.8.0/24}]}\n",
        right: "# clusters/web.yaml\nspec:\n  network: {pods: [10.0.0.0/16]}\n  metal: {subnets: [{cidr: 10.6.0.0/24}]}\n",
    },
    check: Check::World(check),
};

/// The addon of EKS that gives pods addresses of the VPC.
const VPC_CNI: &str = "vpc-cni";

fn check(specs: &Specs<'_>, report: &mut Report) {
    clusters::each(specs, report, |cluster: &Cluster| {
        let Some(network) = place::written(&cluster.spec, "network") else { return Vec::new() };
        let machines = of_machines(cluster);
        if machines.is_empty() {
            return Vec::new();
        }
        let is_vpc = cluster.provider.as_str() == "aws" && specs.has_eks_addon(cluster, VPC_CNI);
        let mut found: Vec<Diagnostic> = Vec::new();
        for (field, what) in [("pods", "pods"), ("services", "services")] {
            if field == "pods" && is_vpc {
                continue;
            }
            for (other, network) in written(network, field) {
                for (own, _) in machines.iter().filter(|(_, machines)| machines.overlaps(&network)) {
                    let text = |node: &crate::spec::yaml::Node| node.as_str().unwrap_or_default().to_owned();
                    let message =
                        format!("the machines' `{}` overlaps `{}` of the {what}", text(own), text(other));
                    found.push(
                        RULE.finding(own.location, message)
                            .related(other.location, format!("the network of the {what}"))
                            .hint(format!(
                                "set `network.{field}` to a range without machines, or move the machines"
                            )),
                    );
                }
            }
        }
        found
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn pods_may_have_addresses_of_the_vpc_where_its_cni_gives_them() {
        let cluster = |addon: &str| {
            format!(
                "# addons/net/addon.yaml\nspec: {{providers: [aws], enable: {{default: true}}, source: {{eks: {{addon: {addon}, version: v1.21.1-eksbuild.1}}}}}}\n\
                 # clusters/web.yaml\nspec: {{provider: aws, network: {{pods: [10.41.0.0/16], services: [172.20.0.0/16]}}, aws: {{vpc: {{cidr: 10.41.0.0/16}}}}}}\n"
            )
        };
        assert!(findings(&RULE, &cluster("vpc-cni")).is_empty());
        assert_eq!(
            findings(&RULE, &cluster("coredns")),
            [
                "clusters/web.yaml `10.41.0.0/16`: the machines' `10.41.0.0/16` overlaps `10.41.0.0/16` of the pods; \
              clusters/web.yaml `10.41.0.0/16`: the network of the pods"
            ]
        );
        let services = "# clusters/web.yaml\nspec: {provider: aws, network: {services: [10.41.9.0/24]}, aws: {vpc: {cidr: 10.41.0.0/16}}}\n";
        assert_eq!(findings(&RULE, services).len(), 1);
    }
}
