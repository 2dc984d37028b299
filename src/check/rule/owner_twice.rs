//! What the control plane brings itself, no addon brings too.

use serde_json::Value;

use crate::check::made::{finding, rendered_for};
use crate::check::place;
use crate::check::{Check, EmittedCluster, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::emit::Object;
use crate::expand::Installed;
use crate::location::Location;
use crate::spec::addon::Placement;
use crate::spec::yaml::{Node, Scalar};

/// What the control plane brings itself, no addon brings too.
pub const RULE: Rule = Rule {
    id: "owner-twice",
    severity: Severity::Error,
    page: Page {
        summary: "CoreDNS, kube-proxy and the VPC CNI come from the control plane or from an addon, not from both",
        why: "KubeadmControlPlane installs CoreDNS and kube-proxy and takes them along at each upgrade, EKS does so with its \
              own and the VPC CNI; Argo CD puts back what its addon says. They undo each other's work for ever, or pods are \
              served by both. An addon says in `provides` that it brings `dns`, `kube-proxy` or `cni`; the chart `coredns` in kube-system need not.",
        wrong: WRONG,
        right: RIGHT,
    },
    check: Check::Cluster(check),
};

const WRONG: &str = "# addons/coredns/addon.yaml
spec: {enable: {default: true}, provides: [dns]}
# clusters/web.yaml
spec:
  objects: [{apiVersion: controlplane.cluster.x-k8s.io/v1beta2, kind: KubeadmControlPlane, metadata: {name: web}}]
";

const RIGHT: &str = "# addons/coredns/addon.yaml
spec: {enable: {default: true}, provides: [dns]}
# clusters/web.yaml
spec:
  objects: [{apiVersion: controlplane.cluster.x-k8s.io/v1beta2, kind: KubeadmControlPlane, metadata: {name: web,
    annotations: {controlplane.cluster.x-k8s.io/skip-coredns: \"true\"}}}]
";

/// What a control plane brings.
#[derive(Clone, Copy)]
struct Brought {
    /// What addons call it in `provides`.
    capability: &'static str,
    /// What people call it.
    name: &'static str,
    /// How the control plane is told to leave it.
    instead: &'static str,
}

const KUBEADM: [(Brought, &str); 2] = [
    (
        Brought {
            capability: "dns",
            name: "CoreDNS",
            instead: "annotate the KubeadmControlPlane with `controlplane.cluster.x-k8s.io/skip-coredns`, and let kubeadm skip the phase `addon/coredns`",
        },
        "controlplane.cluster.x-k8s.io/skip-coredns",
    ),
    (
        Brought {
            capability: "kube-proxy",
            name: "kube-proxy",
            instead: "annotate the KubeadmControlPlane with `controlplane.cluster.x-k8s.io/skip-kube-proxy`, and let kubeadm skip the phase `addon/kube-proxy`",
        },
        "controlplane.cluster.x-k8s.io/skip-kube-proxy",
    ),
];

const EKS: [(Brought, &str, &str); 3] = [
    (
        Brought {
            capability: "dns",
            name: "CoreDNS",
            instead: "say `bootstrapSelfManagedAddons: false` before the cluster is made, or take EKS's own addon, with a source `eks`",
        },
        "",
        "coredns",
    ),
    (
        Brought {
            capability: "kube-proxy",
            name: "kube-proxy",
            instead: "say `kubeProxy: {disable: true}` in the AWSManagedControlPlane, or take EKS's own addon, with a source `eks`",
        },
        "/spec/kubeProxy/disable",
        "kube-proxy",
    ),
    (
        Brought {
            capability: "cni",
            name: "the VPC CNI",
            instead: "say `vpcCni: {disable: true}` in the AWSManagedControlPlane, or take EKS's own addon, with a source `eks`",
        },
        "/spec/vpcCni/disable",
        "vpc-cni",
    ),
];

fn check(_: &Specs<'_>, cluster: &EmittedCluster<'_, '_>, report: &mut Report) {
    for (index, object) in cluster.objects.iter().enumerate() {
        match (object.group(), object.kind()) {
            ("controlplane.cluster.x-k8s.io", "KubeadmControlPlane") => {
                let brought = KUBEADM.iter().filter(|(brought, skip)| kubeadm_brings(object, brought, skip));
                brought.for_each(|(brought, _)| report.extend(both(cluster, index, *brought)));
            }
            ("controlplane.cluster.x-k8s.io", "AWSManagedControlPlane") => {
                for (brought, disable, addon) in EKS {
                    let is_off =
                        object.body.pointer(disable) == Some(&Value::Bool(true)) && !disable.is_empty();
                    let own = "/spec/bootstrapSelfManagedAddons";
                    if is_off {
                        report.diagnostics.extend(refused(cluster, index, (disable, addon)));
                    } else if object.body.pointer(own) != Some(&Value::Bool(false)) {
                        report.extend(both(cluster, index, brought));
                    }
                }
            }
            _ => {}
        }
    }
}

fn kubeadm_brings(object: &Object, brought: &Brought, skip: &str) -> bool {
    let annotations = object.body.pointer("/metadata/annotations").and_then(Value::as_object);
    let phases = object.body.pointer("/spec/kubeadmConfigSpec/initConfiguration/skipPhases");
    let phases = phases.and_then(Value::as_array).into_iter().flatten();
    // Where kubeadm makes no kube-proxy, there is none to take along; of CoreDNS one of the same name would be.
    let is_skipped = brought.capability == "kube-proxy"
        && phases.filter_map(Value::as_str).any(|phase| phase == "addon/kube-proxy" || phase == "addon");
    !is_skipped && !annotations.is_some_and(|annotations| annotations.contains_key(skip))
}

/// Reports the addons that bring what the control plane at `index` does.
fn both(cluster: &EmittedCluster<'_, '_>, index: usize, brought: Brought) -> Report {
    let found = cluster.expanded.addons.iter().filter_map(|installed| {
        let at = brings(installed, brought.capability)?;
        let message = format!("`{}` and the control plane both bring {}", installed.addon.name, brought.name);
        let found = RULE.finding(at, message);
        let found = found.related(cluster.place(index, &["kind".to_owned()]), "the control plane");
        Some(rendered_for(found.hint(brought.instead), cluster))
    });
    Report { diagnostics: found.collect() }
}

/// Returns where it is said that an addon brings something by itself; `None` where it does not.
fn brings(installed: &Installed<'_>, capability: &str) -> Option<Location> {
    let addon = installed.addon;
    let is_eks = addon.document.at("/spec/source/eks").is_some();
    if addon.spec.placement == Placement::Management || is_eks {
        return None;
    }
    let provides = place::items(addon.document.get("spec")?, "provides").iter();
    let provided = provides.filter(|node| node.as_str() == Some(capability)).map(|node| node.location).next();
    provided
        .or_else(|| (capability == "kube-proxy").then(|| replaces_kube_proxy(installed)).flatten())
        .or_else(|| (capability == "dns").then(|| is_cluster_dns(installed)).flatten())
}

/// Returns where the values of Cilium say that it stands in for kube-proxy.
fn replaces_kube_proxy(installed: &Installed<'_>) -> Option<Location> {
    let own = installed.setting.values.as_ref().and_then(|values| values.get("kubeProxyReplacement"));
    let of_addon = || installed.addon.document.at("/spec/source/helm/values/kubeProxyReplacement");
    let said: &Node = own.or_else(of_addon)?;
    let is_on = match said.scalar() {
        Some(Scalar::Bool(is_on)) => is_on,
        _ => matches!(said.as_str(), Some("true" | "strict")),
    };
    is_on.then_some(said.location)
}

/// Returns where an addon names the chart of CoreDNS, if it is to be the cluster's own: where the others are, and not told
/// otherwise.
fn is_cluster_dns(installed: &Installed<'_>) -> Option<Location> {
    let helm = installed.addon.document.at("/spec/source/helm")?;
    let chart = helm.get("chart")?;
    let is_coredns = chart.as_str().is_some_and(|chart| chart.rsplit('/').next() == Some("coredns"));
    let own = installed.setting.values.as_ref().and_then(|values| values.get("isClusterService"));
    let is_other = own.or_else(|| helm.at("/values/isClusterService")).is_some_and(is_false);
    let is_there = installed.addon.spec.namespace.as_str() == "kube-system";
    (is_coredns && is_there && !is_other).then_some(chart.location)
}

fn is_false(node: &Node) -> bool {
    node.scalar() == Some(Scalar::Bool(false))
}

/// Reports what the AWS provider's webhook refuses: to leave out what an entry of EKS's own addons brings.
fn refused(
    cluster: &EmittedCluster<'_, '_>,
    index: usize,
    (disable, addon): (&str, &str),
) -> Option<Diagnostic> {
    let entries = cluster.objects[index].body.pointer("/spec/addons").and_then(Value::as_array);
    let is_there = |entry: &Value| entry.get("name").and_then(Value::as_str) == Some(addon);
    entries.into_iter().flatten().find(|entry| is_there(entry))?;
    let steps: Vec<&str> = disable.split('/').filter(|step| !step.is_empty()).collect();
    let field = steps[1..].join(".");
    let message = format!("`{field}` and EKS's own addon `{addon}` exclude each other");
    Some(rendered_for(finding(&RULE, (cluster, index), &steps, message), cluster))
}

#[cfg(test)]
mod tests {
    use super::{RULE, WRONG};
    use crate::check::fixture::findings;

    #[test]
    fn a_control_plane_that_leaves_it_to_the_addon_is_right() {
        assert_eq!(
            findings(&RULE, WRONG),
            ["addons/coredns/addon.yaml `dns`: `coredns` and the control plane both bring CoreDNS; \
              clusters/web.yaml `kind`: the control plane; \
              clusters/web.yaml `web`: rendered for `blue/web`"]
        );
        assert!(findings(&RULE, &WRONG.replace("[dns]", "[dns-cache]")).is_empty());
    }

    #[test]
    fn the_chart_of_coredns_beside_the_control_planes_is_the_clusters_unless_it_says_otherwise() {
        let fleet = |namespace: &str, values: &str| {
            let fleet = format!(
                "# addons/metrics/addon.yaml\nspec: {{enable: {{default: true}}, namespace: {namespace}, source: {{helm: {{repository: https://coredns.github.io/helm, chart: coredns, values: {values}}}}}}}\n\
                 # clusters/web.yaml\nspec: {{objects: [{{apiVersion: controlplane.cluster.x-k8s.io/v1beta2, kind: KubeadmControlPlane, metadata: {{name: web}}}}]}}\n"
            );
            findings(&RULE, &fleet).len()
        };
        assert_eq!(fleet("kube-system", "{replicaCount: 2}"), 1);
        assert_eq!(fleet("kube-system", "{isClusterService: false}"), 0);
        assert_eq!(fleet("outer-dns", "{replicaCount: 2}"), 0);
    }

    #[test]
    fn cilium_may_stand_in_for_kube_proxy_where_kubeadm_makes_none() {
        let fleet = |replacement: &str, phases: &str| {
            let fleet = format!(
                "# addons/cilium/addon.yaml\nspec: {{source: {{helm: {{values: {{kubeProxyReplacement: {replacement}}}}}}}}}\n\
                 # clusters/web.yaml\nspec: {{objects: [{{apiVersion: controlplane.cluster.x-k8s.io/v1beta2, kind: KubeadmControlPlane, metadata: {{name: web}}, spec: {{kubeadmConfigSpec: {{initConfiguration: {{skipPhases: [{phases}]}}}}}}}}]}}\n"
            );
            findings(&RULE, &fleet).len()
        };
        assert_eq!(fleet("true", "preflight"), 1);
        assert_eq!(fleet("true", "addon/kube-proxy"), 0);
        assert_eq!(fleet("false", "preflight"), 0);
    }

    #[test]
    fn eks_brings_its_own_unless_it_is_told_not_to() {
        let fleet = |source: &str, capability: &str, spec: &str| {
            let fleet = format!(
                "# addons/cilium/addon.yaml\nspec: {{provides: [x]}}\n\
                 # addons/mine/addon.yaml\nspec: {{enable: {{default: true}}, providers: [aws], provides: [{capability}], source: {source}}}\n\
                 # clusters/web.yaml\nspec: {{provider: aws, objects: [{{apiVersion: controlplane.cluster.x-k8s.io/v1beta2, kind: AWSManagedControlPlane, metadata: {{name: web}}, spec: {spec}}}]}}\n"
            );
            findings(&RULE, &fleet).len()
        };
        let helm = "{helm: {repository: https://charts.example.com, chart: x, version: 1.0.0}}";
        assert_eq!(fleet(helm, "kube-proxy", "{kubeProxy: {disable: false}}"), 1);
        assert_eq!(fleet(helm, "kube-proxy", "{kubeProxy: {disable: true}}"), 0);
        assert_eq!(
            fleet(helm, "kube-proxy", "{kubeProxy: {disable: true}, addons: [{name: kube-proxy}]}"),
            1
        );
        assert_eq!(fleet(helm, "cni", "{}"), 1);
        assert_eq!(fleet(helm, "cni", "{vpcCni: {disable: true}}"), 0);
        assert_eq!(fleet(helm, "dns", "{}"), 1);
        assert_eq!(fleet(helm, "dns", "{bootstrapSelfManagedAddons: false}"), 0);
        assert_eq!(fleet("{eks: {addon: coredns, version: v1.13.1-eksbuild.1}}", "dns", "{}"), 0);
    }
}
