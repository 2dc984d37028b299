//! Nobody has two roles in one namespace.

use std::collections::BTreeMap;

use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::spec::tenant::{AccessTree, Bound, RoleRef, Subject, Tenant};

/// Nobody has two roles in one namespace.
pub const RULE: Rule = Rule {
    id: "access-subject-twice",
    severity: Severity::Error,
    page: Page {
        summary: "a subject has one role in a namespace, bound there or in one above it",
        why: "Roles add up, so that the weaker of two is never what holds, and whoever takes one away believes that access is \
              gone. What is bound on the whole cluster is not counted: a role everywhere and a stronger one in some \
              namespaces is how teams work.",
        wrong: "# tenants/blue.yaml\nspec:\n  access:\n    namespaces:\n      - name: shop\n        bind: [{group: developers, role: view}]\n        children:\n          - name: checkout\n            bind: [{group: developers, role: edit}]\n",
        right: "# tenants/blue.yaml\nspec:\n  access:\n    bind: [{group: developers, role: view}]\n    namespaces:\n      - name: shop\n        children:\n          - name: checkout\n            bind: [{group: developers, role: edit}]\n",
    },
    check: Check::Specs(check),
};

/// The first binding of each subject in a namespace, and what it gives.
type Held<'a> = BTreeMap<Subject<'a>, (RoleRef<'a>, Bound<'a>)>;

fn check(specs: &Specs<'_>, report: &mut Report) {
    for tenant in specs.catalog.tenants.values() {
        let tree = tenant.access_tree();
        let mut held: Vec<Held<'_>> = Vec::with_capacity(tree.namespaces.len());
        for namespace in &tree.namespaces {
            let own = check_namespace(tenant, &tree, (&namespace.bindings, namespace.parent), &held, report);
            held.push(own);
        }
        check_namespace(tenant, &tree, (&tree.everywhere, None), &[], report);
    }
}

/// Holds the bindings of a place against each other and against those above it; returns what it adds itself.
fn check_namespace<'a>(
    tenant: &'a Tenant,
    tree: &AccessTree<'a>,
    (bindings, parent): (&[Bound<'a>], Option<usize>),
    held: &[Held<'a>],
    report: &mut Report,
) -> Held<'a> {
    let lineage = parent.map(|parent| tree.lineage(parent)).unwrap_or_default();
    let mut own = Held::new();
    for bound in bindings {
        let role = tenant.spec.access.role(&bound.binding.role);
        let Some((role, subject)) = role.zip(bound.subject()) else { continue };
        let subject = subject.authenticated();
        let above = lineage.iter().find_map(|index| held.get(*index)?.get(&subject));
        match above.or(own.get(&subject)) {
            Some((other, _)) if *other == role => {}
            Some((_, first)) => report.push(finding(bound, first)),
            None => _ = own.insert(subject, (role, *bound)),
        }
    }
    own
}

fn finding(bound: &Bound<'_>, first: &Bound<'_>) -> Diagnostic {
    let place = bound.namespace.map_or("on the whole cluster".to_owned(), |name| format!("in `{name}`"));
    let who = who(bound);
    let message = format!("{who} is `{}` {place}, and `{}` as well", first.binding.role, bound.binding.role);
    let from = match first.namespace {
        Some(name) if first.namespace != bound.namespace => format!("inherited from `{name}`"),
        _ => "bound here first".to_owned(),
    };
    RULE.finding(bound.place("role"), message).related(first.place("role"), from).hint(way_out(bound, first))
}

/// Says what to do about two roles.
fn way_out(bound: &Bound<'_>, first: &Bound<'_>) -> String {
    match first.namespace.zip(bound.namespace) {
        Some((above, here)) if above != here => {
            format!("what is bound to `{above}` holds in `{here}`, too: leave one of the two out")
        }
        _ => "roles add up: leave one of the two out".to_owned(),
    }
}

/// Says who is bound, as the file does.
fn who(bound: &Bound<'_>) -> String {
    let binding = bound.binding;
    let fields = [
        ("the group", &binding.group),
        ("the user", &binding.user),
        ("the ServiceAccount", &binding.service_account),
    ];
    let named = fields.into_iter().find_map(|(what, name)| Some(format!("{what} `{}`", name.as_ref()?)));
    named.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    fn tree(namespaces: &str) -> Vec<String> {
        let access = format!("{{roles: {{developer: {{clusterRole: edit}}}}, namespaces: {namespaces}}}");
        findings(&RULE, &format!("# tenants/blue.yaml\nspec: {{access: {access}}}\n"))
    }

    #[test]
    fn the_user_name_of_a_service_account_is_that_service_account() {
        let access = |user: &str| {
            let bind = format!("{{serviceAccount: deploy, role: edit}}, {{user: \"{user}\", role: view}}");
            let tree = format!("namespaces: [{{name: shop, bind: [{bind}]}}]");
            findings(&RULE, &format!("# tenants/blue.yaml\nspec: {{access: {{{tree}}}}}\n")).len()
        };
        assert_eq!(access("system:serviceaccount:shop:deploy"), 1);
        assert_eq!(access("system:serviceaccount:other:deploy"), 0);
        assert_eq!(access("deploy"), 0);
    }

    #[test]
    fn siblings_do_not_meet_and_grandparents_do() {
        let leaf = |role: &str| format!("{{name: c, bind: [{{group: team, role: {role}}}]}}");
        let beneath = |top: &str, leaf: &str| {
            tree(&format!("[{{name: a, {top} children: [{{name: b, children: [{leaf}]}}]}}]"))
        };
        assert!(
            tree(&format!("[{{name: a, bind: [{{group: team, role: view}}]}}, {}]", leaf("edit"))).is_empty()
        );
        assert!(beneath("bind: [{user: team, role: view}],", &leaf("edit")).is_empty());
        assert_eq!(
            beneath("bind: [{group: team, role: view}],", &leaf("edit")),
            ["tenants/blue.yaml `edit`: the group `team` is `view` in `c`, and `edit` as well; \
              tenants/blue.yaml `view`: inherited from `a`"]
        );
    }

    #[test]
    fn two_names_of_one_cluster_role_are_one_role() {
        let bind = |roles: [&str; 2]| {
            let [one, other] = roles.map(|role| format!("{{serviceAccount: bot, role: {role}}}"));
            tree(&format!("[{{name: a, bind: [{one}, {other}]}}]"))
        };
        assert!(bind(["developer", "edit"]).is_empty());
        assert_eq!(
            bind(["developer", "view"]),
            [
                "tenants/blue.yaml `view`: the ServiceAccount `bot` is `developer` in `a`, and `view` as well; \
              tenants/blue.yaml `developer`: bound here first"
            ]
        );
    }
}
