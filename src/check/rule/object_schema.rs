//! Whatever is emitted fits the schema of its kind.

use serde_json::Value;

use crate::check::{Check, EmittedObject, Page, Rule, Specs};
use crate::crd::{Fault, Known, faults};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::location::Location;

/// Whatever is emitted fits the schema of its kind.
pub const RULE: Rule = Rule {
    id: "object-schema",
    severity: Severity::Error,
    page: Page {
        summary: "every emitted object, and every plain manifest of an addon, fits the schema of its kind",
        why: "The API server drops a field that it does not know without a word, and refuses the rest, so that Argo CD \
              never gets the object in. The schemas of Cluster API, its kubeadm, dev, OpenStack and AWS providers, of Argo CD and of \
              Kubernetes itself are in the binary; `yoshino schema import` adds those of other CRDs to the fleet, or other versions of \
              these. Kinds that nobody knows are not checked: `check -v` counts them.",
        wrong: "# templates/metal/cluster.yaml.j2\napiVersion: cluster.x-k8s.io/v1beta2\nkind: MachineHealthCheck\nmetadata:\n  name: web\nspec:\n  clusterName: web\n  selector:\n    matchLabels: {a: b}\n  maxUnhealthy: 40%\n",
        right: "# templates/metal/cluster.yaml.j2\napiVersion: cluster.x-k8s.io/v1beta2\nkind: MachineHealthCheck\nmetadata:\n  name: web\nspec:\n  clusterName: web\n  selector:\n    matchLabels: {a: b}\n  remediation:\n    triggerIf: {unhealthyLessThanOrEqualTo: 40%}\n",
    },
    check: Check::Object(check),
};

fn check(specs: &Specs<'_>, emitted: &EmittedObject<'_>, report: &mut Report) {
    let object = emitted.object;
    let (Some(api_version), kind) =
        (object.body.get("apiVersion").and_then(|version| version.as_str()), object.kind())
    else {
        return;
    };
    let definitions = specs.definitions();
    match definitions.find(api_version, kind) {
        Known::Unknown => match misnamed(specs, emitted, api_version, kind) {
            Some(finding) => report.push(related(finding, emitted)),
            None => specs.leave_unchecked(api_version, kind),
        },
        Known::Unserved(versions, source) => {
            let place = emitted.place(&["apiVersion".to_owned()]);
            let finding = RULE.finding(place, format!("{source} has no `{kind}` of `{api_version}`"));
            let hint = format!("it has `{}`", versions.join("`, `"));
            report.push(related(finding.hint(hint), emitted));
        }
        Known::Served(definition) => {
            let schema = definitions.schema(definition);
            for fault in faults(&object.body, schema, definitions.metadata()) {
                let place = place_of(emitted, &fault);
                let finding =
                    RULE.finding(place, message(kind, &fault)).label(label(&definition.source, &fault));
                report.push(related(with_hint(finding, &fault), emitted));
            }
        }
    }
}

/// Returns what to say of a kind that Kubernetes itself would have, and has in no minor; `None` where it may be anybody's.
fn misnamed(
    specs: &Specs<'_>,
    emitted: &EmittedObject<'_>,
    api_version: &str,
    kind: &str,
) -> Option<Diagnostic> {
    let definitions = specs.definitions();
    let kinds = definitions.builtin_kinds(api_version);
    let is_once = specs.own_manifests().apis.find(api_version, kind).is_some();
    if kinds.is_empty() || is_once || kind.is_empty() || kind.ends_with("List") {
        return None;
    }
    let place = emitted.place(&["kind".to_owned()]);
    let finding = RULE.finding(place, format!("Kubernetes has no `{kind}` of `{api_version}`"));
    Some(match definitions.builtin_versions(kind) {
        elsewhere if elsewhere.is_empty() => {
            finding.hint_nearest(kind, kinds, "look the kind up in Kubernetes' API reference")
        }
        elsewhere => finding.hint(format!("it is of `{}`", elsewhere.join("`, `"))),
    })
}

/// Returns where a fault is said. What a patch says is said there; what only holds something else may well stand in a
/// template.
fn place_of(emitted: &EmittedObject<'_>, fault: &Fault) -> Location {
    let value = fault.steps.iter().try_fold(&emitted.object.body, |value, step| match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        map => map.get(step),
    });
    let is_whole = fault.is_of_unknown_field() || fault.is_of_type();
    let is_said = is_whole || value.is_some_and(|value| !value.is_object());
    let patched = is_said.then(|| emitted.patch_place(&fault.steps)).flatten();
    patched.unwrap_or_else(|| emitted.place(&fault.steps))
}

fn message(kind: &str, fault: &Fault) -> String {
    match (fault.is_of_unknown_field(), fault.path().as_str()) {
        (true, path) => format!("`{kind}` has no field `{path}`"),
        (false, "") => format!("`{kind}` {}", fault.what),
        (false, path) => format!("`{path}` of `{kind}` {}", fault.what),
    }
}

fn label(source: &str, fault: &Fault) -> String {
    if fault.is_of_unknown_field() {
        format!("{source} has none such")
    } else {
        format!("{source} refuses this")
    }
}

fn with_hint(finding: Diagnostic, fault: &Fault) -> Diagnostic {
    let Some((typed, known)) = &fault.known else { return finding };
    let few = (1..=12).contains(&known.len()) && fault.is_of_unknown_field();
    let otherwise = if few { format!("there is `{}`", known.join("`, `")) } else { String::new() };
    finding.hint_nearest(typed, known.iter().map(String::as_str), &otherwise)
}

fn related(finding: Diagnostic, emitted: &EmittedObject<'_>) -> Diagnostic {
    match &emitted.whose {
        Some((place, what)) => finding.related(*place, what.clone()),
        None => finding,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::{findings, shown};

    const POOL: &str = "# templates/metal/cluster.yaml.j2\napiVersion: cluster.x-k8s.io/v1beta2\nkind: MachineDeployment\nmetadata:\n  name: web\nspec:\n  clusterName: web\n  selector: {}\n  replicas: 3\n  template:\n    spec:\n      clusterName: web\n      bootstrap: {dataSecretName: x}\n      infrastructureRef: {apiGroup: infrastructure.cluster.x-k8s.io, kind: Machinery, name: x}\n";

    #[test]
    fn a_field_of_a_template_is_pointed_at_with_the_nearest_that_there_is() {
        assert!(findings(&RULE, POOL).is_empty());
        let (text, _) = shown(&RULE, &POOL.replace("  replicas: 3\n", "  replcias: 3\n"));
        assert_eq!(
            text,
            "error[object-schema]: `MachineDeployment` has no field `spec.replcias`\n --> templates/metal/cluster.yaml.j2:8:3\n  |\n8 |   replcias: 3\n  |   ^^^^^^^^ Cluster API v1.14.0 has none such\n ::: clusters/web.yaml:3:18\n  |\n3 | metadata: {name: web}\n  |                  --- rendered for `blue/web`\n  = hint: did you mean `replicas`?\n\n"
        );
    }

    #[test]
    fn a_wrong_type_a_missing_field_and_a_version_that_is_not_served_are_found() {
        let wrong = POOL
            .replace("replicas: 3", "replicas: \"3\"")
            .replace("  clusterName: web\n  selector", "  selector");
        assert_eq!(
            findings(&RULE, &wrong),
            [
                "templates/metal/cluster.yaml.j2 `spec`: `spec` of `MachineDeployment` has no `clusterName`, which it needs; clusters/web.yaml `web`: rendered for `blue/web`",
                "templates/metal/cluster.yaml.j2 `replicas`: `spec.replicas` of `MachineDeployment` is text; it must be a whole number; clusters/web.yaml `web`: rendered for `blue/web`",
            ]
        );
        assert_eq!(
            findings(
                &RULE,
                &POOL.replace("cluster.x-k8s.io/v1beta2\nkind", "cluster.x-k8s.io/v1beta3\nkind")
            ),
            [
                "templates/metal/cluster.yaml.j2 `apiVersion`: Cluster API v1.14.0 has no `MachineDeployment` of `cluster.x-k8s.io/v1beta3`; clusters/web.yaml `web`: rendered for `blue/web`"
            ]
        );
    }

    #[test]
    fn companions_manifests_and_what_argo_cd_reads_are_held_where_they_are_written() {
        let companion = "# clusters/web.yaml\nspec: {objects: [{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, dat: {}}]}\n";
        let addon = "# addons/metrics/addon.yaml\nspec: {enable: {default: true}, source: {helm: null, manifests: {path: addons/metrics/m}}}\n";
        let plain = "# addons/metrics/m/a.yaml\nkind: Service\napiVersion: v1\nmetadata: {name: a}\nspec:\n  ports: [{port: http}]\n";
        let template = "# addons/metrics/m/b.yaml.j2\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata:\n  a: 1\n";
        let patch = "# fleet.yaml\nspec: {patches: [{target: {kind: AppProject, name: blue}, merge: {spec: {destinaton: []}}}]}\n";
        assert_eq!(
            findings(&RULE, &[companion, addon, plain, template, patch].concat()),
            [
                "addons/metrics/m/a.yaml `port`: `spec.ports[0].port` of `Service` is text; it must be a whole number",
                "addons/metrics/m/b.yaml.j2 `a`: `data.a` of `ConfigMap` is a number; it must be text; clusters/web.yaml `web`: rendered for `blue/web`",
                "clusters/web.yaml `dat`: `ConfigMap` has no field `dat`; clusters/web.yaml `web`: rendered for `blue/web`",
                "fleet.yaml `destinaton`: `AppProject` has no field `spec.destinaton`",
            ]
        );
    }

    #[test]
    fn what_a_patch_says_is_found_in_the_patch() {
        let patches = "# clusters/web.yaml\nspec: {patches: [{target: {kind: MachineDeployment}, merge: {spec: {replicas: many}}}, {target: {kind: MachineDeployment}, json: [{op: add, path: /spec/template/spec/x, value: {}}]}]}\n";
        assert_eq!(
            findings(&RULE, &format!("{POOL}{patches}")),
            [
                "clusters/web.yaml `replicas`: `spec.replicas` of `MachineDeployment` is text; it must be a whole number; clusters/web.yaml `web`: rendered for `blue/web`",
                "clusters/web.yaml `{}`: `MachineDeployment` has no field `spec.template.spec.x`; clusters/web.yaml `web`: rendered for `blue/web`",
            ]
        );
    }

    #[test]
    fn a_map_where_a_list_belongs_is_found_in_the_patch_that_writes_it() {
        let patch = "# clusters/web.yaml\nspec: {patches: [{target: {kind: MachineDeployment}, merge: {spec: {deletion: [], replicas: {a: b}}}}]}\n";
        let found = findings(&RULE, &format!("{POOL}{patch}"));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().all(|finding| finding.starts_with("clusters/web.yaml `")), "{found:?}");
    }

    #[test]
    fn a_kind_that_kubernetes_never_had_is_found_and_one_of_other_minors_is_not() {
        let addon = "# addons/metrics/addon.yaml\nspec: {source: {helm: null, manifests: {path: addons/metrics/m}}}\n";
        let found = |api_version: &str, kind: &str| {
            let object = format!(
                "# addons/metrics/m/a.yaml\napiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: a}}\n"
            );
            shown(&RULE, &format!("{addon}{object}")).0
        };
        for (api_version, kind) in
            [("apps/v1", "deployments"), ("apps/v1", "Deploymnt"), ("v1", "Deployment")]
        {
            let text = found(api_version, kind);
            let said = format!(
                "error[object-schema]: Kubernetes has no `{kind}` of `{api_version}`\n --> addons/metrics/m/a.yaml:2:1\n"
            );
            assert!(text.starts_with(&said), "{text}");
        }
        assert!(found("apps/v1", "Deploymnt").contains("did you mean `Deployment`?"));
        assert!(found("v1", "Deployment").contains("hint: it is of `apps/v1`"));
        for (api_version, kind) in [
            ("certificates.k8s.io/v1", "PodCertificateRequest"),
            ("policy/v1beta1", "PodDisruptionBudget"),
            ("batch/v1", "JobList"),
            ("apps.example.com/v1", "Deploymnt"),
            ("networking.k8s.io/v1alpha9", "Gateway"),
        ] {
            assert_eq!(found(api_version, kind), "", "{api_version} {kind}");
        }
    }

    #[test]
    fn an_imported_schema_is_known_and_wins_over_the_binarys() {
        let object = "# templates/metal/cluster.yaml.j2\napiVersion: example.com/v1\nkind: Lake\nmetadata:\n  name: l\nspec:\n  dept: 3\n";
        assert!(findings(&RULE, object).is_empty());
        let schema = "# schemas/example.com/lake.json\n{\"group\": \"example.com\", \"kind\": \"Lake\", \"namespaced\": true, \"versions\": {\"v1\": {\"type\": \"object\", \"properties\": {\"spec\": {\"type\": \"object\", \"properties\": {\"depth\": {\"type\": \"integer\"}}}}}}}\n";
        assert_eq!(
            findings(&RULE, &format!("{schema}{object}")),
            [
                "templates/metal/cluster.yaml.j2 `dept`: `Lake` has no field `spec.dept`; clusters/web.yaml `web`: rendered for `blue/web`"
            ]
        );
        let open = "# schemas/cluster.x-k8s.io/machinedeployment.json\n{\"group\": \"cluster.x-k8s.io\", \"kind\": \"MachineDeployment\", \"namespaced\": true, \"versions\": {\"v1beta2\": {\"type\": \"object\", \"x-kubernetes-preserve-unknown-fields\": true}}}\n";
        assert!(findings(&RULE, &format!("{open}{}", POOL.replace("replicas", "replcias"))).is_empty());
    }
}
