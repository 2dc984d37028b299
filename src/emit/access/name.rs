//! Names of roles and bindings: readable, of one tenant and one place alone, and frozen.
//!
//! A binding's hash is of what it gives and where that is said, so that no sibling changes it. It holds the ClusterRole
//! because a binding cannot change that (Kubernetes 1.36, "Using RBAC Authorization"): another one is another binding.

use crate::emit::fingerprint::short_hash;
use crate::spec::name::Name;

/// Returns the name of the ClusterRole that is made of a role's rules; at most 134 characters.
///
/// Neither a tenant nor a role can hold `:`, as the names of Kubernetes' own do.
pub(super) fn cluster_role_name(tenant: &Name, role: &str) -> String {
    format!("access:{tenant}:{role}")
}

/// Returns the name of the ClusterRoleBinding that gives a role on the whole cluster; at most 143 characters.
pub(super) fn cluster_binding_name(tenant: &Name, role: &str, cluster_role: &str) -> String {
    format!("access:{tenant}:{role}-{}", hash(tenant, role, cluster_role, ""))
}

/// Returns the name of the RoleBindings that give a role in a namespace and all its descendants; at most 136 characters.
pub(super) fn binding_name(tenant: &Name, role: &str, cluster_role: &str, origin: &str) -> String {
    format!("{role}-{origin}-{}", hash(tenant, role, cluster_role, origin))
}

fn hash(tenant: &Name, role: &str, cluster_role: &str, origin: &str) -> String {
    short_hash(&format!("{tenant}\n{role}\n{cluster_role}\n{origin}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_were_given_first() {
        let tenant = Name::new("wantedly").expect("because it is a DNS label");
        assert_eq!(cluster_role_name(&tenant, "ci"), "access:wantedly:ci");
        assert_eq!(cluster_binding_name(&tenant, "reader", "view"), "access:wantedly:reader-c3afb7da");
        for (role, cluster_role, origin, expected) in [
            ("developer", "edit", "shop", "developer-shop-4c980ed3"),
            ("developer", "admin", "shop", "developer-shop-9793c041"),
            ("a-b", "view", "c", "a-b-c-03eeb50a"),
            ("a", "view", "b-c", "a-b-c-32f53a7e"),
        ] {
            assert_eq!(binding_name(&tenant, role, cluster_role, origin), expected);
        }
    }
}
