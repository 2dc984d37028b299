//! Clusters are shared with tenants that there are.

use crate::check::clusters;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::cluster::Cluster;
use crate::spec::name::Name;
use crate::spec::yaml::Node;

/// Clusters are shared with tenants that there are.
pub const RULE: Rule = Rule {
    id: "access-shared-unknown",
    severity: Severity::Error,
    page: Page {
        summary: "every tenant under `sharedWith` is declared",
        why: "A name that is written wrongly gives nobody access, and nobody says so.",
        wrong: "# clusters/web.yaml\nspec:\n  sharedWith: [gren]\n",
        right: "# clusters/web.yaml\nspec:\n  sharedWith: [green]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    let tenants = &specs.catalog.tenants;
    clusters::each(specs, report, |cluster: &Cluster| {
        let unknown = cluster.shared_with().filter_map(|node| Some((node, Node::as_str(node)?)));
        let unknown = unknown.filter(|(_, name)| !tenants.contains_key(*name));
        let finding = |(node, name): (&Node, &str)| {
            let finding = RULE.finding(node.location, format!("there is no tenant `{name}`"));
            finding.hint_nearest(
                name,
                tenants.keys().map(Name::as_str),
                "tenants stand in `tenants/<name>.yaml`",
            )
        };
        unknown.map(finding).collect()
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;
    use crate::check::rule::field_unread;

    #[test]
    fn the_nearest_tenant_is_shown_and_no_template_need_read_it() {
        let shared = |name: &str| format!("# clusters/web.yaml\nspec: {{sharedWith: [{name}]}}\n");
        assert_eq!(findings(&RULE, &shared("gren")), ["clusters/web.yaml `gren`: there is no tenant `gren`"]);
        assert!(findings(&RULE, &shared("green")).is_empty());
        let unread = findings(&field_unread::RULE, &shared("green"));
        assert!(unread.iter().all(|finding| !finding.contains("sharedWith")), "{unread:?}");
    }
}
