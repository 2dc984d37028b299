//! Addons write to nobody else's namespaces on the management cluster.

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::Catalog;

/// Addons write to nobody else's namespaces on the management cluster.
pub const RULE: Rule = Rule {
    id: "management-namespace",
    severity: Severity::Error,
    page: Page {
        summary: "`managementNamespaces` names neither Argo CD's namespace nor a tenant's",
        why: "The project of every tenant's addons may write to these namespaces on the management cluster, whoever \
              the tenant is. In Argo CD's an Application or a cluster Secret is power over everything; in a tenant's \
              lie the kubeconfigs of its clusters.",
        wrong: "# addons/metrics/addon.yaml\nspec:\n  placement: management\n  managementNamespaces: [monitoring, argocd]\n",
        right: "# addons/metrics/addon.yaml\nspec:\n  placement: management\n  managementNamespaces: [monitoring]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    for addon in specs.addons() {
        for (index, namespace) in addon.spec.management_namespaces.iter().enumerate() {
            if let Some(owner) = owner(specs.catalog, namespace.as_str()) {
                let at = place::at(&addon.document, &format!("/spec/managementNamespaces/{index}"));
                let message = format!("`{}` would write to `{namespace}` for every tenant", addon.name);
                report.push(RULE.finding(at, message).label(owner));
            }
        }
    }
}

/// Returns whose the namespace is.
fn owner(catalog: &Catalog, namespace: &str) -> Option<String> {
    if let Some(tenant) = catalog.tenants.get(namespace) {
        return Some(format!("the namespace of the tenant `{}`", tenant.name));
    }
    let managements = &catalog.fleet.spec.management;
    let management =
        managements.iter().find(|management| management.argocd.namespace.as_str() == namespace)?;
    Some(format!("Argo CD's namespace on the management cluster `{}`", management.name))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn a_tenants_namespace_is_another_tenants_too() {
        let found = findings(&RULE, "# addons/metrics/addon.yaml\nspec: {managementNamespaces: [blue]}\n");
        assert_eq!(
            found,
            ["addons/metrics/addon.yaml `blue`: `metrics` would write to `blue` for every tenant"]
        );
    }
}
