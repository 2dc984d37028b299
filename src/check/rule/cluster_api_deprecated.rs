//! Objects have an API version that their Cluster API does not warn of.

use crate::check::cluster_api::life;
use crate::check::made::{finding, rendered_for, text};
use crate::check::{Check, EmittedCluster, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};

/// Objects have an API version that their Cluster API does not warn of.
pub const RULE: Rule = Rule {
    id: "cluster-api-deprecated",
    severity: Severity::Warning,
    page: Page {
        summary: "no object of Cluster API has an API version that is deprecated",
        why: "v1beta1 is deprecated since Cluster API 1.11 and no longer served from 1.16 on; the Docker kinds end with 1.14. \
              Fields of v1beta2 have other names: the API server drops those of v1beta1 without a word.",
        wrong: "# clusters/web.yaml\nspec:\n  objects:\n    - apiVersion: cluster.x-k8s.io/v1beta1\n      kind: MachineHealthCheck\n      metadata: {name: a}\n",
        right: "# clusters/web.yaml\nspec:\n  objects:\n    - apiVersion: cluster.x-k8s.io/v1beta2\n      kind: MachineHealthCheck\n      metadata: {name: a}\n",
    },
    check: Check::Cluster(check),
};

fn check(_: &Specs<'_>, cluster: &EmittedCluster<'_, '_>, report: &mut Report) {
    let version = cluster.expanded.management.cluster_api.version;
    for (index, object) in cluster.objects.iter().enumerate() {
        let Some(life) = life(object).filter(|life| life.is_deprecated_in(version)) else { continue };
        let message = format!("`{}` of `{}` is deprecated", object.kind(), text(object, "/apiVersion"));
        let found = finding(&RULE, (cluster, index), &["apiVersion"], message);
        let end = life.until.map(|until| format!("Cluster API {until} no longer serves it"));
        report.push(rendered_for(found.label(end.unwrap_or_default()), cluster));
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn what_is_no_longer_served_is_another_finding_and_what_is_older_none() {
        let on = |version: &str| {
            let fleet = format!(
                "# fleet.yaml\nspec: {{management: [{{name: management, clusterApi: {{version: \"{version}\"}}}}]}}\n{}",
                RULE.page.wrong
            );
            findings(&RULE, &fleet).len()
        };
        assert_eq!([on("1.10"), on("1.11"), on("1.15"), on("1.16")], [0, 1, 1, 0]);
    }
}
