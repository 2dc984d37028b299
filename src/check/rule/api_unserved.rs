//! Kubernetes serves what addons' manifests ask for.

use crate::check::kubernetes_apis::{KubernetesApi, KubernetesApis};
use crate::check::own_manifest::OwnManifest;
use crate::check::{Check, Page, Rule};
use crate::diagnostic::{Report, Severity};
use crate::spec::version::Minor;

/// Kubernetes serves what addons' manifests ask for.
pub const RULE: Rule = Rule {
    id: "api-unserved",
    severity: Severity::Error,
    page: Page {
        summary: "every minor that an addon goes to serves the APIs of its own manifests",
        why: "An API server knows nothing of an API version that it does not serve, and Argo CD cannot sync the \
              Application at all. Looked at are plain files, kustomizations with what they refer to, and templates: \
              for the minors of the clusters that have the addon on and, on trunk, for all of the fleet's that it supports; \
              what a condition in a template decides, as it is rendered for clusters. Only `check` says so. \
              https://kubernetes.io/docs/reference/using-api/deprecation-guide has what each minor removed.",
        wrong: "# addons/metrics/addon.yaml\nspec:\n  source: {helm: null, manifests: {path: addons/metrics/manifests}}\n\
                # addons/metrics/manifests/budget.yaml\napiVersion: policy/v1beta1\nkind: PodDisruptionBudget\n",
        right: "# addons/metrics/addon.yaml\nspec:\n  source: {helm: null, manifests: {path: addons/metrics/manifests}}\n\
                # addons/metrics/manifests/budget.yaml\napiVersion: policy/v1\nkind: PodDisruptionBudget\n",
    },
    check: Check::Manifest(check),
};

fn check(manifest: &OwnManifest<'_>, apis: &KubernetesApis, report: &mut Report) {
    let header = &manifest.header;
    let Some(api) = apis.find(&header.api_version, &header.kind) else { return };
    let without: Vec<Minor> =
        manifest.minors.iter().copied().filter(|minor| !api.is_served(*minor)).collect();
    if without.is_empty() {
        return;
    }
    let finding = RULE.finding(header.location, message(manifest, &api, &without));
    let finding = match apis.advice(&api, &without) {
        Some(advice) => finding.label(advice),
        None => finding,
    };
    report.push(manifest.related(finding).hint(
        "where minors need different versions, give each a folder of its own with `perMinor`, or leave minors out of \
         `kubernetes`",
    ));
}

fn message(manifest: &OwnManifest<'_>, api: &KubernetesApi, without: &[Minor]) -> String {
    let header = &manifest.header;
    let (what, goes) = (format!("`{}` {}", header.api_version, header.kind), manifest.goes_to(without));
    let is_gone = |removed: &Minor| without.iter().any(|minor| minor >= removed);
    match (api.removed.filter(is_gone), api.introduced) {
        (Some(removed), _) => {
            format!("Kubernetes {removed} removed {what}, and {goes}")
        }
        (None, Some(introduced)) => {
            format!("Kubernetes {introduced} introduces {what}, and {goes}")
        }
        (None, None) => format!("{what} is not served, and {goes}"),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    fn found(source: &str, files: &str) -> Vec<String> {
        findings(
            &RULE,
            &format!("# addons/metrics/addon.yaml\nspec: {{source: {{helm: null, {source}}}}}\n{files}"),
        )
    }

    #[test]
    fn minors_are_named_for_which_an_api_is_gone_or_not_yet_there() {
        let source = "manifests: {path: addons/metrics/m}";
        let gone = "# addons/metrics/m/a.yaml.j2\napiVersion: networking.k8s.io/v1beta1\nkind: Ingress\n";
        assert_eq!(
            found(source, gone),
            [
                "addons/metrics/m/a.yaml.j2 `networking.k8s.io/v1beta1`: Kubernetes 1.22 removed `networking.k8s.io/v1beta1` \
              Ingress, and `metrics` goes to 1.34, 1.35 and 1.36; addons/metrics/addon.yaml `metrics`: the addon that installs it"
            ]
        );
        let early = "# addons/metrics/m/a.yaml\napiVersion: admissionregistration.k8s.io/v1\nkind: MutatingAdmissionPolicy\n";
        assert_eq!(
            found(source, early),
            ["addons/metrics/m/a.yaml `admissionregistration.k8s.io/v1`: Kubernetes 1.36 introduces \
              `admissionregistration.k8s.io/v1` MutatingAdmissionPolicy, and `metrics` goes to 1.34 and 1.35; \
              addons/metrics/addon.yaml `metrics`: the addon that installs it"]
        );
    }

    #[test]
    fn minors_with_a_folder_of_their_own_and_those_that_the_addon_leaves_out_are_not_looked_at() {
        let file = "# addons/metrics/new/a.yaml\napiVersion: resource.k8s.io/v1\nkind: DeviceTaintRule\n\
                    # addons/metrics/old/a.yaml\napiVersion: v1\nkind: Service\n";
        let per_minor = |range: &str| {
            format!(
                "# addons/metrics/addon.yaml\nspec: {{kubernetes: '>=1.35', source: {{helm: null, manifests: {{path: addons/metrics/new}}}}, perMinor: [{{kubernetes: '{range}', source: {{manifests: {{path: addons/metrics/old}}}}}}]}}\n{file}"
            )
        };
        assert!(findings(&RULE, &per_minor("<1.37")).is_empty());
        assert_eq!(findings(&RULE, &per_minor("1.36")).len(), 1);
    }

    #[test]
    fn a_kustomization_is_followed_to_its_bases_and_other_files_are_nobodys() {
        let files = "# addons/metrics/over/kustomization.yaml\nresources: [../base]\n\
                     # addons/metrics/base/kustomization.yaml\nresources: [a.yaml]\n\
                     # addons/metrics/base/a.yaml\napiVersion: policy/v1beta1\nkind: PodSecurityPolicy\n\
                     # addons/metrics/base/b.yaml\napiVersion: batch/v1beta1\nkind: CronJob\n";
        let found = found("kustomize: {path: addons/metrics/over}", files);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].starts_with("addons/metrics/base/a.yaml `policy/v1beta1`: Kubernetes 1.25 removed"),
            "{found:?}"
        );
    }

    #[test]
    fn what_a_condition_of_a_template_decides_is_looked_at_as_it_is_rendered() {
        let template = |minor: &str| {
            format!(
                "# addons/metrics/addon.yaml\nspec: {{enable: {{default: true}}, source: {{helm: null, manifests: {{path: addons/metrics/m}}}}}}\n# addons/metrics/m/a.yaml.j2\n#% if cluster.kubernetes is startingwith(\"v{minor}.\")\napiVersion: policy/v1beta1\n#% else\napiVersion: policy/v1\n#% endif\nkind: PodDisruptionBudget\nmetadata: {{name: x}}\n"
            )
        };
        let found = findings(&RULE, &template("1.35"));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].starts_with("addons/metrics/m/a.yaml.j2 `apiVersion`: Kubernetes 1.25 removed `policy/v1beta1` PodDisruptionBudget, and `metrics` renders it; "),
            "{found:?}"
        );
        assert!(found[0].ends_with("clusters/web.yaml `web`: rendered for `blue/web`"), "{found:?}");
        assert!(findings(&RULE, &template("1.24")).is_empty());
    }

    #[test]
    fn what_a_template_holds_as_it_is_and_what_it_decides_are_each_told_once() {
        let template = "# addons/metrics/addon.yaml\nspec: {enable: {default: true}, source: {helm: null, manifests: {path: addons/metrics/m}}}\n# addons/metrics/m/a.yaml.j2\napiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: x}\n---\n#% if cluster.name == \"web\"\napiVersion: policy/v1beta1\n#% endif\nkind: PodDisruptionBudget\nmetadata: {name: z}\n";
        let found = findings(&RULE, template);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("and `metrics` goes to 1.34, 1.35 and 1.36; "), "{found:?}");
        assert!(found[1].contains("and `metrics` renders it; "), "{found:?}");
    }

    #[test]
    fn what_goes_to_management_clusters_is_passed_over() {
        let file = "# addons/metrics/m/a.yaml.j2\napiVersion: policy/v1beta1\nkind: PodDisruptionBudget\n";
        assert!(findings(&RULE, &format!("# addons/metrics/addon.yaml\nspec: {{placement: management, source: {{helm: null, manifests: {{path: addons/metrics/m}}}}}}\n{file}")).is_empty());
    }
}
