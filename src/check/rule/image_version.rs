//! The name of an image does not contradict the version of the machines made from it.

use crate::check::clusters;
use crate::check::place;
use crate::check::written_version::{WrittenVersion, versions_in};
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::spec::cluster::Cluster;
use crate::spec::version::Version;
use crate::spec::yaml::Node;

/// The name of an image does not contradict the version of the machines made from it.
pub const RULE: Rule = Rule {
    id: "image-version",
    severity: Severity::Error,
    page: Page {
        summary: "an image whose name holds a Kubernetes version is used for machines of that version",
        why: "kubelet and kubeadm come with the image, and nothing looks whether they are of the version that the machine \
              is to have: it joins as another one, or never. Write `{version}` in the name where the provider takes it, \
              and the two cannot part.",
        wrong: "# clusters/web.yaml\nspec:\n  controlPlane: {machine: {image: ubuntu-2404-kube-v1.35.1}}\n",
        right: "# clusters/web.yaml\nspec:\n  controlPlane: {machine: {image: ubuntu-2404-kube-v1.35.2}}\n",
    },
    check: Check::World(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    clusters::each(specs, report, |cluster: &Cluster| {
        let (own, at) = (cluster.kubernetes, place::at(&cluster.spec, "/kubernetes"));
        let plane = cluster.spec.at("/controlPlane/machine/image");
        let plane = plane.and_then(|image| contradiction(image, "the control plane", own));
        let pools = place::pools(cluster).filter_map(|(name, pool)| {
            let written = place::written(pool, "kubernetes");
            let version = written.and_then(|node| node.as_str()?.parse().ok()).unwrap_or(own);
            let finding = contradiction(pool.at("/machine/image")?, &format!("the pool `{name}`"), version)?;
            Some(finding.related(written.map_or(at, |node| node.location), "its version"))
        });
        plane.map(|finding| finding.related(at, "its version")).into_iter().chain(pools).collect()
    });
}

fn contradiction(image: &Node, whose: &str, version: Version) -> Option<Diagnostic> {
    let name = image.as_str().or_else(|| image.get("name").and_then(Node::as_str))?;
    if name.contains("{version}") {
        return None;
    }
    let found = versions_in(name);
    let first = found.first()?;
    if found.iter().any(|written| written.is(version)) {
        return None;
    }
    let WrittenVersion { minor, patch } = first;
    let written = patch.map_or_else(|| format!("{minor}"), |patch| format!("v{minor}.{patch}"));
    let message =
        format!("the image of {whose} is one of Kubernetes {written}, its machines are to be {version}");
    let finding = RULE.finding(image.location, message);
    Some(finding.hint(format!("use the image of {version}, or write `{{version}}` in the place of it")))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn the_pool_s_own_version_counts_for_its_image() {
        let pool = |version: &str, image: &str| {
            findings(
                &RULE,
                &format!(
                    "# clusters/web.yaml\nspec: {{nodePools: [{{name: a, kubernetes: {version}, machine: {{image: {image}}}}}]}}\n"
                ),
            )
        };
        assert_eq!(
            pool("v1.34.6", "ubuntu-24.04-kube-v1.35.2"),
            [
                "clusters/web.yaml `ubuntu-24.04-kube-v1.35.2`: the image of the pool `a` is one of Kubernetes v1.35.2, its \
              machines are to be v1.34.6; clusters/web.yaml `v1.34.6`: its version"
            ]
        );
        for image in [
            "ubuntu-24.04-kube-v1.34.6",
            "ubuntu-24.04",
            "'ubuntu-24.04-{version}'",
            "{id: v1.35.2}",
            "kube-1.34",
        ] {
            assert!(pool("v1.34.6", image).is_empty(), "{image}");
        }
    }
}
