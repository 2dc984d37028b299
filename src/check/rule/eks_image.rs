//! Machines of EKS use an image that EKS has for their minor.

use crate::check::clusters;
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::spec::cluster::Cluster;
use crate::spec::version::{Minor, Version};
use crate::spec::yaml::Node;

/// Machines of EKS use an image that EKS has for their minor.
pub const RULE: Rule = Rule {
    id: "eks-image",
    severity: Severity::Error,
    page: Page {
        summary: "no pool of EKS uses Amazon Linux 2 beyond Kubernetes 1.32",
        why: "EKS makes images of Amazon Linux 2 (AL2) up to Kubernetes 1.32, and no node group of a later minor with them. \
              The kind of image of a node group cannot be changed: another one is a pool of another name.",
        wrong: "# clusters/web.yaml\nspec:\n  provider: aws\n  nodePools: [{name: default, machine: {ami: AL2_x86_64}}]\n",
        right: "# clusters/web.yaml\nspec:\n  provider: aws\n  nodePools: [{name: al2023, machine: {ami: AL2023_x86_64_STANDARD}}]\n",
    },
    check: Check::World(check),
};

/// The last minor with images of Amazon Linux 2 (the AWS provider's book, "EKS: upgrading").
const LAST: Minor = Minor { major: 1, minor: 32 };

fn check(specs: &Specs<'_>, report: &mut Report) {
    clusters::each(specs, report, |cluster: &Cluster| match specs.uses_kubeadm(cluster) {
        true => Vec::new(),
        false => place::pools(cluster).filter_map(|(name, pool)| check_pool(name, pool, cluster)).collect(),
    });
}

fn check_pool(name: &str, pool: &Node, cluster: &Cluster) -> Option<Diagnostic> {
    let image = pool.at("/machine/ami")?;
    let own = place::written(pool, "kubernetes").and_then(|node| node.as_str()?.parse::<Version>().ok());
    let minor = own.map_or(cluster.minor(), |version| version.minor);
    if !image.as_str()?.starts_with("AL2_") || minor <= LAST {
        return None;
    }
    let message = format!("EKS has no image of Amazon Linux 2 for the pool `{name}` of Kubernetes {minor}");
    let finding = RULE.finding(image.location, message).label(format!("ends with {LAST}"));
    let version = place::written(pool, "kubernetes").unwrap_or(&cluster.spec);
    let at = if own.is_some() { version.location } else { place::at(&cluster.spec, "/kubernetes") };
    Some(
        finding
            .related(at, "its version")
            .hint("add a pool with an image such as AL2023_x86_64_STANDARD, and take this one away"),
    )
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn a_pool_may_keep_it_up_to_its_last_minor() {
        let found = |provider: &str, version: &str, image: &str| {
            let spec = format!(
                "{{provider: {provider}, kubernetes: v1.35.0, nodePools: [{{name: a, kubernetes: {version}, machine: {{ami: {image}}}}}]}}"
            );
            !findings(&RULE, &format!("# clusters/web.yaml\nspec: {spec}\n")).is_empty()
        };
        assert!(found("aws", "v1.33.0", "AL2_ARM_64"));
        assert!(!found("aws", "v1.32.9", "AL2_ARM_64"));
        assert!(!found("aws", "v1.33.0", "AL2023_ARM_64_STANDARD"));
        assert!(!found("metal", "v1.33.0", "AL2_ARM_64"));
    }
}
