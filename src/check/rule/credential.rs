//! No credential stands in the repository.

use crate::check::exposure::{Exposure, Sign};
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};

/// No credential stands in the repository.
pub const RULE: Rule = Rule {
    id: "credential",
    severity: Severity::Error,
    page: Page {
        summary: "no credential stands in specs, values, templates or manifests",
        why: "What stands in the repository is read by everybody who reads the repository, and by Argo CD's, for ever. \
              Found are PEM private keys, JWTs, keys of clouds and services, and literals whose key ends in password, \
              token, secret or apiKey. Empty values, expressions and references are none: `…Ref`, `…Name`, `…Key`, \
              `existing…`. Where a value only looks like one, `allowSecrets` of the Cluster, its defaults or the Addon \
              lets it stand, by its JSON pointer from `spec`.",
        wrong: "# addons/metrics/addon.yaml\nspec:\n  source: {helm: {values: {database: {password: hunter2}}}}\n",
        right: "# addons/metrics/addon.yaml\nspec:\n  source: {helm: {values: {database: {existingSecret: metrics}}}}\n  \
                secrets: [{name: metrics, externalSecret: {store: vault, key: metrics}}]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    report.diagnostics.extend(specs.exposures().values.iter().map(finding));
}

fn finding(exposure: &Exposure) -> Diagnostic {
    let message = match &exposure.sign {
        Sign::Form(what) => format!("this looks like {what}"),
        Sign::Key(key) => format!("the value of `{key}` stands here as it is"),
    };
    let finding = match exposure.location {
        Some(location) => RULE.finding(location, message).label("it is in git for ever"),
        None => Diagnostic::error_nowhere(RULE.id, format!("`{}`: {message}", exposure.path)),
    };
    let finding = finding
        .hint("let an ExternalSecret make a Secret of it, refer to that, and replace what was committed");
    match &exposure.pointer {
        Some(pointer) if waivable(exposure) => {
            finding.hint(format!("if it is none: `allowSecrets: [{{path: {pointer}, reason: …}}]`"))
        }
        _ => finding,
    }
}

/// Returns whether the file's kind knows waivers.
fn waivable(exposure: &Exposure) -> bool {
    exposure.path.lies_beneath("clusters") || exposure.path.lies_beneath("addons")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::{findings, shown};

    /// A key as AWS makes them, in two parts so that nobody finds one in this file.
    fn key() -> String {
        format!("{}{}", "AKIA", "IOSFODNN7EXAMPL2")
    }

    #[test]
    fn a_key_is_found_wherever_it_stands() {
        let places = [
            format!(
                "# clusters/web.yaml\nspec: {{kubeadm: {{files: [{{path: /x, content: \"id={}\"}}]}}}}\n",
                key()
            ),
            format!("# clusters/web.yaml\nspec: {{annotations: {{a: {}}}}}\n", key()),
            format!("# clusters/web.yaml\nspec: {{addons: {{metrics: {{values: {{a: [{}]}}}}}}}}\n", key()),
            format!(
                "# clusters/web.yaml\nspec: {{objects: [{{apiVersion: v1, kind: ConfigMap, metadata: {{name: a}}, data: {{b: {}}}}}]}}\n",
                key()
            ),
            format!("# clusters/lone/_defaults.yaml\nspec: {{annotations: {{a: {}}}}}\n", key()),
            format!("# tenants/blue.yaml\nspec: {{description: {}}}\n", key()),
            format!(
                "# fleet.yaml\nmetadata: {{name: ake}}\nspec: {{patches: [{{target: {{kind: A}}, merge: {{a: {}}}}}]}}\n",
                key()
            ),
            format!("# templates/metal/cluster.yaml.j2\nkind: ConfigMap\ndata:\n  a: {}\n", key()),
            format!("# addons/metrics/manifests/README.md\nid {}\n", key()),
            format!(
                "# tenants/red.yaml\nspec: {{}}\n# addons/metrics/manifests/a.yaml\n# {}\nkind: A\n",
                key()
            ),
        ];
        for place in places {
            let found = findings(&RULE, &place);
            assert_eq!(found.len(), 1, "{place}\n{found:?}");
            assert!(found[0].contains("this looks like an AWS access key id"), "{found:?}");
        }
    }

    #[test]
    fn a_literal_is_found_by_its_key_and_a_pair_by_its_name() {
        let values = |values: &str| {
            findings(
                &RULE,
                &format!("# addons/metrics/addon.yaml\nspec: {{source: {{helm: {{values: {values}}}}}}}\n"),
            )
        };
        for found in ["{a: {adminPassword: x}}", "{apiKey: 12345}", "{env: [{name: DB_TOKEN, value: x}]}"] {
            assert_eq!(values(found).len(), 1, "{found}");
        }
        for fine in [
            "{password: \"\"}",
            "{password: null}",
            "{token: false}",
            "{secret: {name: x}}",
            "{passwordSecretRef: x}",
            "{existingSecret: x}",
            "{password: \"${{ cluster.name }}\"}",
            "{env: [{name: DB_TOKEN, valueFrom: {a: b}}]}",
            "{secretName: x, tokenKey: y}",
            "{token: $(TOKEN)}",
        ] {
            assert!(values(fine).is_empty(), "{fine}");
        }
    }

    #[test]
    fn a_file_within_a_text_is_looked_through_and_a_reference_is_not() {
        let content = |text: &str| {
            findings(
                &RULE,
                &format!(
                    "# clusters/web.yaml\nspec: {{kubeadm: {{files: [{{path: /x, content: {text:?}}}]}}}}\n"
                ),
            )
        };
        assert_eq!(content("[Global]\npassword = hunter2\n").len(), 1);
        assert!(content("TOKEN=$(cat /run/token)\npassword: ${{ cluster.name }}\n").is_empty());
        let object = "# clusters/web.yaml\nspec: {objects: [{apiVersion: a/v1, kind: B, metadata: {name: c}, spec: {secretRef: {key: {hcloudToken: hcloud}}}}]}\n";
        assert!(findings(&RULE, object).is_empty());
    }

    #[test]
    fn manifests_and_templates_are_looked_through_by_key_too() {
        let file = |path: &str, text: &str| findings(&RULE, &format!("# {path}\n{text}"));
        assert_eq!(file("addons/metrics/m/a.yaml", "kind: A\nspec:\n  password: x\n").len(), 1);
        assert_eq!(file("addons/metrics/m/a.yaml.j2", "#% if a\nspec:\n  password: x\n#% endif\n").len(), 1);
        assert!(file("addons/metrics/m/a.yaml.j2", "spec:\n  password: ${{ x }}\n").is_empty());
        let prose = "kind: A\ndescription: |\n  password: the password\n  token: of a user\n";
        assert!(file("addons/metrics/m/a.yaml", prose).is_empty());
        assert!(file("addons/metrics/m/README.md", "password: x\n").is_empty());
    }

    #[test]
    fn a_field_that_the_schema_knows_as_the_name_of_a_secret_is_none() {
        let schema = "# templates/metal/schema.json\n{\"properties\": {\"cluster\": {\"type\": \"object\", \"properties\": {\"secret\": {\"type\": \"string\"}, \"password\": {\"type\": \"string\"}}}}}\n";
        let cluster = |block: &str| {
            findings(&RULE, &format!("{schema}# clusters/web.yaml\nspec: {{metal: {block}}}\n"))
        };
        assert!(cluster("{secret: cloud-config}").is_empty());
        assert_eq!(cluster("{password: x}").len(), 1);
    }

    #[test]
    fn a_waiver_lets_one_place_stand() {
        let addon = |path: &str| {
            format!(
                "# addons/metrics/addon.yaml\nspec: {{allowSecrets: [{{path: {path}, reason: a test}}], source: {{helm: {{values: {{a/b: {{token: x}}, token: x}}}}}}}}\n"
            )
        };
        assert_eq!(findings(&RULE, &addon("/source/helm/values/a~1b/token")).len(), 1);
        assert_eq!(findings(&RULE, &addon("/source/helm/values/a~1b")).len(), 2);
    }

    #[test]
    fn no_value_is_ever_shown() {
        let addon = format!(
            "# addons/metrics/addon.yaml\nspec: {{source: {{helm: {{values: {{password: hunter2, id: {}}}}}}}}}\n",
            key()
        );
        let (text, json) = shown(&RULE, &addon);
        for shown in [text, json] {
            assert!(shown.contains("the value of `password` stands here as it is"), "{shown}");
            assert!(!shown.contains("hunter2") && !shown.contains(&key()), "{shown}");
        }
    }
}
