//! The bounds of a pool are in order, and nothing else says its size.

use crate::check::clusters;
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::spec::cluster::Cluster;
use crate::spec::yaml::Node;

/// The bounds of a pool are in order, and nothing else says its size.
pub const RULE: Rule = Rule {
    id: "autoscale",
    severity: Severity::Error,
    page: Page {
        summary: "a pool has either `replicas` or `autoscale`, whose `min` is at most its `max`",
        why: "The autoscaler decides how many machines an autoscaled pool has; `replicas` beside it would set them back \
              at every sync. Where defaults say `replicas`, `replicas: null` takes it away.",
        wrong: "# clusters/web.yaml\nspec:\n  nodePools: [{name: default, replicas: 3, autoscale: {min: 1, max: 10}}]\n",
        right: "# clusters/web.yaml\nspec:\n  nodePools: [{name: default, autoscale: {min: 1, max: 10}}]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    clusters::each(specs, report, |cluster: &Cluster| {
        place::pools(cluster).flat_map(|(name, pool)| check_pool(name, pool)).collect()
    });
}

fn check_pool(name: &str, pool: &Node) -> Vec<Diagnostic> {
    let Some(autoscale) = place::written(pool, "autoscale") else { return Vec::new() };
    let mut found = Vec::new();
    if let Some(replicas) = place::written(pool, "replicas") {
        let message = format!("the pool `{name}` has `replicas` beside `autoscale`");
        let finding = RULE.finding(replicas.location, message).label("the autoscaler decides this");
        found.push(finding.related(autoscale.location, "its bounds"));
    }
    if let (Some(min), Some(max)) = (place::integer(autoscale, "min"), place::integer(autoscale, "max"))
        && min > max
    {
        let message = format!("the pool `{name}` has at least {min} machines and at most {max}");
        let finding = RULE.finding(place::at(autoscale, "/min"), message).label("expected at most `max`");
        found.push(finding.related(place::at(autoscale, "/max"), "`max`"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn bounds_may_be_equal_but_not_out_of_order() {
        let pool = |min: u32, max: u32| {
            format!(
                "# clusters/web.yaml\nspec: {{nodePools: [{{name: a, autoscale: {{min: {min}, max: {max}}}}}]}}\n"
            )
        };
        assert!(findings(&RULE, &pool(2, 2)).is_empty());
        assert_eq!(
            findings(&RULE, &pool(3, 2)),
            [
                "clusters/web.yaml `3`: the pool `a` has at least 3 machines and at most 2; clusters/web.yaml `2`: `max`"
            ]
        );
    }

    #[test]
    fn replicas_of_defaults_can_be_taken_away() {
        let defaults = "# clusters/_defaults.yaml\nspec: {nodePools: [{name: default, replicas: 3}]}\n";
        let pool = |rest: &str| {
            format!(
                "{defaults}# clusters/web.yaml\nspec: {{nodePools: [{{name: default, autoscale: {{min: 1, max: 2}}{rest}}}]}}\n"
            )
        };
        assert_eq!(findings(&RULE, &pool("")).len(), 1);
        assert!(findings(&RULE, &pool(", replicas: null")).is_empty());
    }
}
