//! Kubernetes does not warn of what addons' manifests ask for.

use crate::check::kubernetes_apis::KubernetesApis;
use crate::check::own_manifest::OwnManifest;
use crate::check::{Check, Page, Rule};
use crate::diagnostic::{Report, Severity};
use crate::spec::version::Minor;

/// Kubernetes does not warn of what addons' manifests ask for.
pub const RULE: Rule = Rule {
    id: "api-deprecated",
    severity: Severity::Warning,
    page: Page {
        summary: "no minor that an addon goes to has deprecated the APIs of its own manifests",
        why: "A deprecated API version is served for a few minors more, and then not at all: the upgrade to that minor \
              breaks the addon. What follows it is there before, so that one manifest is right on both sides. Only `check` \
              says so. https://kubernetes.io/docs/reference/using-api/deprecation-guide has what becomes of each.",
        wrong: "# addons/metrics/addon.yaml\nspec:\n  source: {helm: null, manifests: {path: addons/metrics/manifests}}\n\
                # addons/metrics/manifests/claim.yaml\napiVersion: resource.k8s.io/v1beta1\nkind: DeviceClass\n",
        right: "# addons/metrics/addon.yaml\nspec:\n  source: {helm: null, manifests: {path: addons/metrics/manifests}}\n\
                # addons/metrics/manifests/claim.yaml\napiVersion: resource.k8s.io/v1\nkind: DeviceClass\n",
    },
    check: Check::Manifest(check),
};

fn check(manifest: &OwnManifest<'_>, apis: &KubernetesApis, report: &mut Report) {
    let header = &manifest.header;
    let Some(api) = apis.find(&header.api_version, &header.kind) else { return };
    let Some(deprecated) = api.deprecated else { return };
    let warned = |minor: &Minor| *minor >= deprecated && api.is_served(*minor);
    let warned: Vec<Minor> = manifest.minors.iter().copied().filter(warned).collect();
    if warned.is_empty() {
        return;
    }
    let end = api.removed.map(|removed| format!(" and removed in {removed}")).unwrap_or_default();
    let message = format!(
        "`{}` {} is deprecated since {deprecated}{end}, and {}",
        header.api_version,
        header.kind,
        manifest.goes_to(&warned)
    );
    let finding = RULE.finding(header.location, message);
    let finding = match apis.advice(&api, &warned) {
        Some(advice) => finding.label(advice),
        None => finding,
    };
    report.push(manifest.related(finding));
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn it_is_said_when_it_ends_where_that_is_known() {
        let found = |api_version: &str, kind: &str| {
            findings(
                &RULE,
                &format!(
                    "# addons/metrics/addon.yaml\nspec: {{source: {{helm: null, manifests: {{path: addons/metrics/m}}}}}}\n# addons/metrics/m/a.yaml\n{{apiVersion: {api_version}, kind: {kind}}}\n"
                ),
            )
        };
        let related = "addons/metrics/addon.yaml `metrics`: the addon that installs it";
        assert_eq!(
            found("v1", "Endpoints"),
            [format!(
                "addons/metrics/m/a.yaml `v1`: `v1` Endpoints is deprecated since 1.33, and `metrics` goes to 1.34, 1.35 and 1.36; {related}"
            )]
        );
        assert_eq!(
            found("resource.k8s.io/v1beta2", "ResourceSlice"),
            [format!(
                "addons/metrics/m/a.yaml `resource.k8s.io/v1beta2`: `resource.k8s.io/v1beta2` ResourceSlice is deprecated since 1.36 and removed in 1.39, and `metrics` goes to 1.36; {related}"
            )]
        );
        assert!(found("v1", "Service").is_empty());
        assert!(found("policy/v1beta1", "PodDisruptionBudget").is_empty());
    }
}
