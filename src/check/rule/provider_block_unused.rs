//! A cluster has the block of its own provider only.

use crate::check::clusters;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::name::Name;
use crate::spec::yaml::{Entry, Node};

/// A cluster has the block of its own provider only.
pub const RULE: Rule = Rule {
    id: "provider-block-unused",
    severity: Severity::Error,
    page: Page {
        summary: "a cluster's own file has no block of another provider",
        why: "Only the templates of the cluster's provider are filled, so what stands in another provider's block does \
              nothing. Defaults may hold blocks of several providers: each cluster beneath takes its own.",
        wrong: "# clusters/web.yaml\nspec:\n  provider: metal\n  aws: {region: eu-west-1}\n",
        right: "# clusters/_defaults.yaml\nspec:\n  aws: {region: eu-west-1}\n# clusters/web.yaml\nspec:\n  provider: metal\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    clusters::each(specs, report, |cluster| {
        let providers = &specs.catalog.content(cluster).providers;
        let own = cluster.document.get("spec").and_then(Node::entries).unwrap_or_default();
        let is_other = |key: &str| {
            key != cluster.provider.as_str()
                && Name::new(key).is_some_and(|name| providers.contains_key(&name))
        };
        let others = own.iter().filter(|entry| !entry.value.is_null() && is_other(&entry.key));
        let finding = |entry: &Entry| {
            let message =
                format!("the block `{}` does nothing on a cluster of `{}`", entry.key, cluster.provider);
            RULE.finding(entry.key_location, message)
        };
        others.map(finding).collect()
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn a_block_that_is_taken_back_is_none() {
        assert!(findings(&RULE, "# clusters/web.yaml\nspec: {aws: null, metal: {}}\n").is_empty());
    }
}
