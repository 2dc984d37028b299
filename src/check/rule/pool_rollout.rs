//! A pool can replace its machines.

use crate::check::clusters;
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::spec::cluster::Cluster;
use crate::spec::yaml::{Kind, Node};

/// A pool can replace its machines.
pub const RULE: Rule = Rule {
    id: "pool-rollout",
    severity: Severity::Error,
    page: Page {
        summary: "`maxSurge` and `maxUnavailable` of a pool are not both zero",
        why: "A rolling update makes a new machine first or takes an old one away first; with neither allowed it cannot \
              begin, and Cluster API refuses the pool. `maxSurge` is 1 and `maxUnavailable` 0 where they are not \
              written.",
        wrong: "# clusters/web.yaml\nspec:\n  nodePools: [{name: default, rollout: {maxSurge: 0}}]\n",
        right: "# clusters/web.yaml\nspec:\n  nodePools: [{name: default, rollout: {maxSurge: 0, maxUnavailable: 1}}]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    clusters::each(specs, report, |cluster: &Cluster| {
        place::pools(cluster).filter_map(|(name, pool)| check_pool(name, pool)).collect()
    });
}

fn check_pool(name: &str, pool: &Node) -> Option<Diagnostic> {
    let rollout = place::written(pool, "rollout")?;
    let rolls =
        rollout.get("strategy").and_then(Node::as_str).is_none_or(|strategy| strategy == "RollingUpdate");
    let surge = place::written(rollout, "maxSurge")?;
    let unavailable = place::written(rollout, "maxUnavailable");
    if !rolls || !is_zero(surge) || !unavailable.is_none_or(is_zero) {
        return None;
    }
    let message = format!("the pool `{name}` may have neither more nor fewer machines while it rolls");
    let finding = RULE.finding(surge.location, message).label("zero");
    Some(match unavailable {
        Some(unavailable) => finding.related(unavailable.location, "zero, too"),
        None => finding.hint("`maxUnavailable` is 0 where it is not written; set it to 1 at least"),
    })
}

fn is_zero(node: &Node) -> bool {
    match &node.kind {
        Kind::Scalar { text, .. } => text.strip_suffix('%').unwrap_or(text).parse() == Ok(0_u32),
        Kind::List { .. } | Kind::Map { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn zero_per_cent_is_zero_and_on_delete_needs_neither() {
        let pool = |rollout: &str| {
            format!("# clusters/web.yaml\nspec: {{nodePools: [{{name: a, rollout: {rollout}}}]}}\n")
        };
        assert_eq!(findings(&RULE, &pool("{maxSurge: 0%, maxUnavailable: 0%}")).len(), 1);
        assert!(findings(&RULE, &pool("{maxSurge: 0, strategy: OnDelete}")).is_empty());
        assert!(findings(&RULE, &pool("{maxUnavailable: 0}")).is_empty());
        assert!(findings(&RULE, &pool("{maxSurge: 10%}")).is_empty());
    }
}
