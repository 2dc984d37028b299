//! Providers and Cluster API of a management cluster agree on a contract.

use crate::check::management;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::fleet::Management;
use crate::spec::version::Minor;

/// Providers and Cluster API of a management cluster agree on a contract.
pub const RULE: Rule = Rule {
    id: "cluster-api-contract",
    severity: Severity::Error,
    page: Page {
        summary: "the providers of a management cluster implement a contract that its Cluster API takes",
        why: "Cluster API reads a provider's objects by a contract. That of v1beta1 ends with Cluster API 1.16, that of \
              v1beta2 began with 1.11; the AWS provider implements v1beta1 up to 2.13, the OpenStack provider up to 0.14. \
              Without a contract in common no machine is made or mended any more.",
        wrong: "# fleet.yaml\nspec:\n  management: [{name: management, clusterApi: {version: \"1.16\", aws: \"2.11\"}}]\n\
                # clusters/web.yaml\nspec:\n  provider: aws\n",
        right: "# fleet.yaml\nspec:\n  management: [{name: management, clusterApi: {version: \"1.15\", aws: \"2.11\"}}]\n\
                # clusters/web.yaml\nspec:\n  provider: aws\n",
    },
    check: Check::World(check),
};

/// The first minor of Cluster API that takes the contract v1beta2, and the first that takes v1beta1 no longer (its book,
/// `reference/versions`, as of 1.14).
const V1BETA2_FROM: Minor = Minor { major: 1, minor: 11 };
const V1BETA1_UNTIL: Minor = Minor { major: 1, minor: 16 };

/// The last minor of a provider that implements v1beta1 alone, and the first known to implement v1beta2 (`metadata.yaml` of
/// the AWS provider 2.13.0 and of the OpenStack provider 0.15).
struct Known {
    provider: &'static str,
    name: &'static str,
    version: fn(&Management) -> Minor,
    last_v1beta1: Minor,
    first_v1beta2: Option<Minor>,
}

const KNOWN: [Known; 2] = [
    Known {
        provider: "aws",
        name: "AWS",
        version: |management| management.cluster_api.aws,
        last_v1beta1: Minor { major: 2, minor: 13 },
        first_v1beta2: None,
    },
    Known {
        provider: "openstack",
        name: "OpenStack",
        version: |management| management.cluster_api.openstack,
        last_v1beta1: Minor { major: 0, minor: 14 },
        first_v1beta2: Some(Minor { major: 0, minor: 15 }),
    },
];

fn check(specs: &Specs<'_>, report: &mut Report) {
    let catalog = specs.catalog;
    for one in &catalog.fleet.spec.management {
        for known in &KNOWN {
            let uses_it = catalog
                .clusters
                .iter()
                .any(|cluster| cluster.management == one.name && cluster.provider.as_str() == known.provider);
            if !uses_it {
                continue;
            }
            let (core, version) = (one.cluster_api.version, (known.version)(one));
            let (contract, hint) = if version <= known.last_v1beta1 && core >= V1BETA1_UNTIL {
                let next =
                    known.first_v1beta2.map(|first| format!(", or go to {first} of the provider first"));
                ("v1beta1", format!("stay below Cluster API {V1BETA1_UNTIL}{}", next.unwrap_or_default()))
            } else if known.first_v1beta2.is_some_and(|first| version >= first) && core < V1BETA2_FROM {
                ("v1beta2", format!("go to Cluster API {V1BETA2_FROM} first"))
            } else {
                continue;
            };
            let message = format!(
                "the {} provider {version} of `{}` implements the contract {contract}, which Cluster API {core} does not take",
                known.name, one.name
            );
            let finding = RULE.finding(management::cluster_api(specs, &one.name, known.provider), message);
            let core = management::cluster_api(specs, &one.name, "version");
            report.push(finding.related(core, "its Cluster API").hint(hint));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    fn found(api: &str, provider: &str) -> bool {
        let fleet = format!(
            "# fleet.yaml\nspec: {{management: [{{name: management, clusterApi: {api}}}]}}\n\
             # clusters/web.yaml\nspec: {{provider: {provider}}}\n{}",
            ["cluster.yaml.j2", "schema.json", "impact.yaml"]
                .map(|file| format!(
                    "# templates/openstack/{file}\n{}\n",
                    match file {
                        "cluster.yaml.j2" => "{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}",
                        "schema.json" => r#"{"properties": {"cluster": {"type": "object"}}}"#,
                        _ => "{kind: Impact, spec: {kubeadm: true, rules: []}}",
                    }
                ))
                .concat()
        );
        !findings(&RULE, &fleet).is_empty()
    }

    #[test]
    fn a_contract_ends_where_its_provider_is_in_use() {
        for (api, provider, wrong) in [
            ("{version: '1.16'}", "aws", true),
            ("{version: '1.17', aws: '2.13'}", "aws", true),
            ("{version: '1.16', aws: '2.14'}", "aws", false),
            ("{version: '1.15', aws: '2.11'}", "aws", false),
            ("{version: '1.16', aws: '2.11'}", "openstack", false),
            ("{version: '1.16', openstack: '0.14'}", "openstack", true),
            ("{version: '1.10', openstack: '0.15'}", "openstack", true),
            ("{version: '1.10', openstack: '0.14'}", "openstack", false),
            ("{version: '1.16', openstack: '0.14'}", "metal", false),
        ] {
            assert_eq!(found(api, provider), wrong, "{api} {provider}");
        }
    }
}
