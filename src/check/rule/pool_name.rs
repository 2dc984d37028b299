//! The names of pools fit.

use crate::check::clusters;
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::spec::cluster::Cluster;

/// The names of pools fit.
pub const RULE: Rule = Rule {
    id: "pool-name",
    severity: Severity::Error,
    page: Page {
        summary: "`<cluster>-<pool>`, with the zone where there are several, has at most 63 characters",
        why: "It is the name of a MachineDeployment, which Cluster API takes only if it can be the value of a label, \
              too.",
        wrong: "# clusters/web.yaml\nspec:\n  nodePools: [{name: a-pool-of-machines-whose-name-nobody-will-ever-want-to-type-in}]\n",
        right: "# clusters/web.yaml\nspec:\n  nodePools: [{name: a-pool-of-machines-whose-name-is-long-enough-as-it-is-today}]\n",
    },
    check: Check::Specs(check),
};

/// The most characters of a label's value.
const MOST: usize = 63;

fn check(specs: &Specs<'_>, report: &mut Report) {
    clusters::each(specs, report, |cluster: &Cluster| {
        let pools = place::pools(cluster).flat_map(|(_, pool)| {
            let longest = specs.machine_names(cluster, pool).into_iter().max_by_key(String::len);
            longest.filter(|name| name.len() > MOST).map(|name| (name, pool))
        });
        let finding = |(name, pool): (String, &crate::spec::yaml::Node)| -> Diagnostic {
            let message =
                format!("the MachineDeployment `{name}` has {} characters; {MOST} are taken", name.len());
            RULE.finding(place::at(pool, "/name"), message)
                .related(place::cluster(cluster), "the cluster's part")
        };
        pools.map(finding).collect()
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn zones_count_where_there_are_several() {
        let pool = |zones: &str| {
            format!(
                "# clusters/web.yaml\nspec: {{nodePools: [{{name: {}, zones: {zones}}}]}}\n",
                "a".repeat(58)
            )
        };
        assert!(findings(&RULE, &pool("[tokyo-1]")).is_empty());
        let found = findings(&RULE, &pool("[t, tokyo-1]"));
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("-tokyo-1` has 70 characters"), "{found:?}");
    }
}
