//! A tenant's name is nobody else's.

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::fleet::Fleet;

/// A tenant's name is nobody else's.
pub const RULE: Rule = Rule {
    id: "tenant-reserved",
    severity: Severity::Error,
    page: Page {
        summary: "a tenant's name is not one that Kubernetes, Argo CD or yoshino use themselves",
        why: "A tenant's name becomes a namespace and an AppProject on the management cluster, and a file in the \
              output. `default` and `kube-*` are Kubernetes', the namespace and the root project are Argo CD's, \
              `kustomization` would be read as one, and the project `yoshino-hold` must never exist: Applications \
              wait in it.",
        wrong: "# tenants/kube-platform.yaml\nmetadata:\n  name: kube-platform\n",
        right: "# tenants/platform.yaml\nmetadata:\n  name: platform\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    for tenant in specs.catalog.tenants.values() {
        let name = tenant.name.as_str();
        if let Some(owner) = owner(name, &specs.catalog.fleet) {
            let finding = RULE.finding(place::tenant(tenant), format!("a tenant cannot be called `{name}`"));
            report.push(finding.label(owner));
        }
    }
}

/// Returns whose the name is.
fn owner(name: &str, fleet: &Fleet) -> Option<String> {
    match name {
        "default" => return Some("Kubernetes' own namespace".to_owned()),
        "argocd" => return Some("Argo CD's own namespace".to_owned()),
        "kustomization" => return Some("its file would be read as a kustomization".to_owned()),
        "yoshino-hold" => return Some("the project that must never exist".to_owned()),
        _ if name.starts_with("kube-") => {
            return Some("Kubernetes' own namespaces begin with `kube-`".to_owned());
        }
        _ => {}
    }
    let of = |own: &str, management: &str| format!("{own} of the management cluster `{management}`");
    fleet.spec.management.iter().find_map(|management| {
        let argocd = &management.argocd;
        if argocd.namespace.as_str() == name {
            Some(of("Argo CD's namespace", management.name.as_str()))
        } else if argocd.root_project.as_str() == name {
            Some(of("the root project", management.name.as_str()))
        } else {
            None
        }
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn what_a_management_cluster_uses_itself_is_taken() {
        let fleet = "# fleet.yaml\nspec: {management: [{name: management, argocd: {namespace: gitops, rootProject: root}}]}\n";
        for (name, refused) in
            [("gitops", true), ("root", true), ("argocd", true), ("kubernetes", false), ("roots", false)]
        {
            let found = findings(&RULE, &format!("{fleet}# tenants/{name}.yaml\n{{}}\n"));
            assert_eq!(!found.is_empty(), refused, "{name}");
        }
    }
}
