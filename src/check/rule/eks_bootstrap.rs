//! Machines of EKS are set up as their minor wants it.

use serde_json::Value;

use crate::check::made::{finding, rendered_for, text};
use crate::check::{Check, EmittedCluster, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::emit::Object;
use crate::spec::version::Minor;

/// Machines of EKS are set up as their minor wants it.
pub const RULE: Rule = Rule {
    id: "eks-bootstrap",
    severity: Severity::Error,
    page: Page {
        summary: "no machine of EKS beyond Kubernetes 1.32 is made or set up for Amazon Linux 2",
        why: "EKSConfigTemplate sets up machines of Amazon Linux 2 (AL2), whose images end with Kubernetes 1.32, and the AWS \
              provider takes AL2 for a node group that does not say: write `amiType`, and NodeadmConfigTemplate in the \
              place of EKSConfigTemplate.",
        wrong: "# clusters/web.yaml\nspec:\n  objects:\n    - apiVersion: infrastructure.cluster.x-k8s.io/v1beta2\n      kind: AWSManagedMachinePool\n      metadata: {name: a}\n      spec: {instanceType: m7i.large}\n",
        right: "# clusters/web.yaml\nspec:\n  objects:\n    - apiVersion: infrastructure.cluster.x-k8s.io/v1beta2\n      kind: AWSManagedMachinePool\n      metadata: {name: a}\n      spec: {instanceType: m7i.large, amiType: AL2023_x86_64_STANDARD}\n",
    },
    check: Check::Cluster(check),
};

/// The last minor with images of Amazon Linux 2 (the AWS provider's book, "EKS: upgrading").
const LAST: Minor = Minor { major: 1, minor: 32 };

fn check(_: &Specs<'_>, cluster: &EmittedCluster<'_, '_>, report: &mut Report) {
    let minor = cluster.expanded.cluster.minor();
    if minor <= LAST {
        return;
    }
    for (index, object) in cluster.objects.iter().enumerate() {
        let Some((step, message)) = judge(object, minor) else { continue };
        let found = finding(&RULE, (cluster, index), &["spec", step], message);
        let hint = match step {
            "amiType" => "set `amiType: AL2023_x86_64_STANDARD`, or another image that EKS still makes",
            _ => "set these machines up by `NodeadmConfigTemplate`, for Amazon Linux 2023",
        };
        report.push(rendered_for(found.label(format!("AL2 ends with {LAST}")).hint(hint), cluster));
    }
}

/// Returns what of an object is for Amazon Linux 2; images that a spec names are another rule's.
fn judge(object: &Object, minor: Minor) -> Option<(&'static str, String)> {
    let name = object.name();
    match (object.group(), object.kind()) {
        ("bootstrap.cluster.x-k8s.io", "EKSConfig" | "EKSConfigTemplate") => {
            Some(("template", format!("`{name}` sets machines up for Amazon Linux 2, on Kubernetes {minor}")))
        }
        ("infrastructure.cluster.x-k8s.io", "AWSManagedMachinePool") => {
            let has_template = object.body.pointer("/spec/awsLaunchTemplate").is_some_and(Value::is_object);
            let is_silent = text(object, "/spec/amiType").is_empty() && !has_template;
            is_silent.then(|| ("amiType", format!("`{name}` gets Amazon Linux 2, on Kubernetes {minor}")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn older_minors_and_machines_of_al2023_pass() {
        let object = |version: &str, kind: &str| {
            findings(
                &RULE,
                &format!(
                    "# fleet.yaml\nspec: {{minors: [\"1.32\", \"1.35\"]}}\n\
                     # clusters/web.yaml\nspec: {{kubernetes: {version}, objects: [{{apiVersion: bootstrap.cluster.x-k8s.io/v1beta2, kind: {kind}, metadata: {{name: a}}}}]}}\n"
                ),
            )
            .len()
        };
        assert_eq!(object("v1.35.0", "EKSConfigTemplate"), 1);
        assert_eq!(object("v1.32.0", "EKSConfigTemplate"), 0);
        assert_eq!(object("v1.35.0", "NodeadmConfigTemplate"), 0);
    }
}
