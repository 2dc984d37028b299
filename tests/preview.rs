//! What `preview` says of manifests that others wrote: stories, each a few documents and the whole answer.
#![allow(clippy::disallowed_methods, reason = "the tests run the binary on files of their own")]

use std::error::Error;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

type TestResult = Result<(), Box<dyn Error>>;

/// What came of one run.
struct Answer {
    code: Option<i32>,
    data: String,
    talk: String,
}

/// Runs `preview -` on documents.
fn preview(arguments: &[&str], documents: &str) -> Result<Answer, Box<dyn Error>> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_yoshino"))
        .arg("preview")
        .args(arguments)
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    child.stdin.take().ok_or("no standard input")?.write_all(documents.as_bytes())?;
    let output = child.wait_with_output()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Answer { code: output.status.code(), data: text(&output.stdout), talk: text(&output.stderr) })
}

fn json_of(documents: &str) -> Result<Value, Box<dyn Error>> {
    Ok(serde_json::from_str(&preview(&["--format", "json"], documents)?.data)?)
}

/// A cluster Secret with one label.
fn secret(name: &str, label: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Secret\nmetadata: {{name: {name}, labels: {{argocd.argoproj.io/secret-type: cluster, {label}}}}}\nstringData: {{name: {name}, server: https://{name}.example.com, config: '{{}}'}}\n"
    )
}

const PLAIN: &str = "\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata:
  name: cilium
spec:
  generators:
  - clusters: {selector: {matchLabels: {cni: cilium}}}
  template:
    metadata: {name: 'cilium-{{name}}'}
    spec:
      project: platform
      destination: {name: '{{name}}', namespace: kube-system}
      sources:
      - {repoURL: https://helm.cilium.io, chart: cilium, targetRevision: 1.20.3, helm: {valueFiles: [$v/x.yaml]}}
      - {repoURL: https://git.example.com/x.git, ref: v, targetRevision: main}
";

#[test]
fn a_table_shows_what_goes_where_from_where() -> TestResult {
    let documents = format!("{PLAIN}{}{}", secret("web", "cni: cilium"), secret("edge", "cni: cilium"));

    let all = preview(&[], &documents)?;
    let some = preview(&["--cluster", "e*"], &documents)?;

    let head = "APPLICATION  CLUSTER  NAMESPACE    PROJECT   SOURCE                         REVISION\n";
    let edge = "cilium-edge  edge     kube-system  platform  https://helm.cilium.io cilium  1.20.3\n";
    let web = "cilium-web   web      kube-system  platform  https://helm.cilium.io cilium  1.20.3\n";
    assert_eq!((all.code, all.talk.as_str()), (Some(0), ""));
    assert_eq!(all.data, format!("{head}{edge}{web}"));
    assert_eq!(some.data, format!("{head}{edge}"));
    Ok(())
}

#[test]
fn programs_get_whole_applications_and_other_readers_a_document_for_each() -> TestResult {
    let documents = format!("{PLAIN}{}", secret("web", "cni: cilium"));

    let answer = json_of(&documents)?;
    let yaml = preview(&["--format", "yaml"], &documents)?;

    assert_eq!((answer["errors"].clone(), answer["notes"].clone()), (json!([]), json!([])));
    let [application] = answer["applications"].as_array().map(Vec::as_slice).unwrap_or_default() else {
        return Err("not one".into());
    };
    let metadata = json!({"name": "cilium-web", "namespace": "argocd", "finalizers": ["resources-finalizer.argocd.argoproj.io"]});
    assert_eq!(application["metadata"], metadata);
    assert_eq!(application["spec"]["destination"], json!({"name": "web", "namespace": "kube-system"}));
    assert!(
        yaml.data.starts_with("---\napiVersion: argoproj.io/v1alpha1\nkind: Application\n"),
        "{}",
        yaml.data
    );
    assert_eq!(serde_yaml::from_str::<Value>(&yaml.data)?, *application);
    Ok(())
}

#[test]
fn an_empty_generator_is_called_out_with_what_the_policy_makes_of_it() -> TestResult {
    let empty = preview(&[], &PLAIN.replace("cilium}}}\n  template", "cillium}}}\n  template"))?;
    let kept = preview(
        &["-q"],
        &PLAIN.replace(
            "spec:\n  generators",
            "spec:\n  syncPolicy: {applicationsSync: create-update}\n  generators",
        ),
    )?;

    let expected = "\
note[generates-nothing]: `spec.generators[0].clusters` yields nothing
 --> standard input:7:5
  |
7 |   - clusters: {selector: {matchLabels: {cni: cillium}}}
  |     ^^^^^^^^
  = hint: under the default policy `sync` Argo CD deletes every Application that it made, and with them their workloads

1 note
";
    assert_eq!((empty.code, empty.talk.as_str()), (Some(0), expected));
    assert_eq!((kept.code, kept.talk.as_str()), (Some(0), ""));
    Ok(())
}

#[test]
fn what_argo_cd_leaves_alone_is_an_error_with_its_reason() -> TestResult {
    let project = "---\napiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: other}\n";
    let documents =
        format!("{PLAIN}{}{}{project}", secret("web", "cni: cilium"), secret("edge", "cni: cilium"));

    let answer = preview(&[], &documents)?;

    let expected = "\
error[application-held]: application references project platform which does not exist
 --> standard input:4:9
  | Argo CD leaves alone: `cilium-edge`, `cilium-web`

1 error
";
    assert_eq!((answer.code, answer.talk.as_str()), (Some(2), expected));
    assert_eq!(answer.data.lines().count(), 3);
    Ok(())
}

#[test]
fn what_is_not_supported_is_refused_by_name_at_its_place() -> TestResult {
    let remote = PLAIN.replace(
        "- clusters: {selector: {matchLabels: {cni: cilium}}}",
        "- scmProvider: {github: {organization: x}}",
    );

    let answer = json_of(&remote)?;

    let error = &answer["errors"][0];
    let place = ["file", "line", "column", "applicationset", "rule"].map(|field| error[field].clone());
    assert_eq!(json!(place), json!(["standard input", 7, 5, "cilium", "not-supported"]));
    assert!(error["message"].as_str().is_some_and(|text| text.ends_with("is not supported")), "{error}");
    assert_eq!(answer["applications"], json!([]));
    Ok(())
}

#[test]
fn keys_that_stand_twice_fields_that_are_dropped_and_tags_that_stay_are_noted() -> TestResult {
    let set = PLAIN
        .replace(
            "project: platform",
            "project: platform\n      project: '{{metadata.labels.tenant}}'\n      proyect: x",
        )
        .replace("kube-system", "'{{ .Values.x }}'");

    let answer = json_of(&format!("{set}{}", secret("web", "cni: cilium")))?;

    let notes = answer["notes"].as_array().ok_or("no notes")?;
    let notes: Vec<String> = notes
        .iter()
        .map(|note| {
            format!("{}:{} {}", note["line"], note["column"], note["message"].as_str().unwrap_or_default())
        })
        .collect();
    let expected = [
        "11:7 the key `project` stands twice in one map; the last holds",
        "13:7 `spec.template.spec.proyect`: Argo CD has no such field; the API server drops it",
        "12:16 `{{metadata.labels.tenant}}` stays as text: no parameter has this name",
    ];
    assert_eq!(notes, expected);
    assert_eq!(answer["applications"][0]["spec"]["project"], "{{metadata.labels.tenant}}");
    Ok(())
}

#[test]
fn two_sets_with_one_name_and_names_that_are_none_are_noted() -> TestResult {
    let other = PLAIN.replace("name: cilium\n", "name: network\n");
    let upper =
        PLAIN.replace("name: cilium\n", "name: upper\n").replace("'cilium-{{name}}'", "'Cilium-{{name}}'");

    let answer = json_of(&format!("{PLAIN}---\n{other}---\n{upper}{}", secret("web", "cni: cilium")))?;

    let notes = answer["notes"].as_array().ok_or("no notes")?;
    let notes: Vec<_> = notes.iter().map(|note| (&note["applicationset"], &note["message"])).collect();
    assert_eq!(
        json!(notes),
        json!([
            ["network", "the ApplicationSet `cilium` makes `cilium-web`, too"],
            ["upper", "the API server refuses Applications called `Cilium-web`"],
        ])
    );
    Ok(())
}

#[test]
fn git_generators_read_a_local_copy_and_are_refused_without_one() -> TestResult {
    let copy = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("preview-copy");
    std::fs::create_dir_all(copy.join("apps/one"))?;
    std::fs::write(copy.join("apps/one/kustomization.yaml"), "{}")?;
    let set = PLAIN
        .replace(
            "clusters: {selector: {matchLabels: {cni: cilium}}}",
            "git: {repoURL: 'https://x', revision: main, directories: [{path: apps/*}]}",
        )
        .replace("{name: '{{name}}', namespace: kube-system}", "{name: in-cluster}")
        .replace("{{name}}", "{{path.basename}}");

    let without = preview(&["--format", "json"], &set)?;
    let repo = format!("https://x={}", copy.display());
    let with = preview(&["--repo", &repo], &set)?;

    let refused: Value = serde_json::from_str(&without.data)?;
    assert_eq!((without.code, &refused["errors"][0]["rule"]), (Some(2), &json!("not-supported")));
    assert_eq!((with.code, with.talk.as_str()), (Some(0), ""));
    assert!(with.data.lines().nth(1).is_some_and(|row| row.starts_with("cilium-one ")), "{}", with.data);
    Ok(())
}

#[test]
fn nothing_of_a_secrets_data_is_ever_shown() -> TestResult {
    let token = "dG9wc2VjcmV0dG9rZW4";
    let broken = [
        format!(
            "{{apiVersion: v1, kind: Secret, metadata: {{labels: {{argocd.argoproj.io/secret-type: cluster, a: 1}}}}, stringData: {{config: {token}}}}}"
        ),
        format!(
            "kind: Secret\napiVersion: v1\nmetadata: {{name: x, labels: {{argocd.argoproj.io/secret-type: cluster}}}}\ndata: {{config: {token}, x: [{token}]}}\n"
        ),
        format!("kind: \"Secret\"\nstringData: {{config: '{token}\n"),
        format!("kind: Secret\nstringData:\n  config: {token}: {token}\n"),
        format!("{{\"kind\":\"Secret\",\"stringData\":{{\"config\":\"{token}\",,}}}}"),
    ];
    for documents in broken {
        for arguments in [&[][..], &["--format", "json"]] {
            let answer = preview(arguments, &documents)?;
            assert_eq!(answer.code, Some(2), "{documents}");
            assert!(
                !answer.talk.contains(token) && !answer.data.contains(token),
                "{}{}",
                answer.talk,
                answer.data
            );
        }
    }
    Ok(())
}
