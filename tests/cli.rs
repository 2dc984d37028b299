//! How the command line is wired: exit codes, streams, formats. What the verbs do is tested where they do it.
#![allow(clippy::disallowed_methods, reason = "the tests run the binary on files of their own")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

type TestResult = Result<(), Box<dyn Error>>;

const FLEET: &[(&str, &str)] = &[
    (
        "fleet.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: Fleet\nmetadata: {name: ake}\nspec:\n  labelDomain: ake.example.com\n  repository: {url: https://git.example.com/fleet.git}\n  minors: [\"1.34\", \"1.35\"]\n  management: [{name: management}]\n",
    ),
    ("tenants/blue.yaml", "apiVersion: yoshino.dev/v1alpha1\nkind: Tenant\nmetadata: {name: blue}\n"),
    (
        "clusters/web.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: Cluster\nmetadata: {name: web}\nspec: {project: blue, provider: mine, kubernetes: v1.35.1}\n",
    ),
    ("templates/mine/a.yaml.j2", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"),
    ("templates/mine/schema.json", "{}"),
    ("templates/mine/impact.yaml", "kind: Impact\nspec: {kubeadm: false, rules: []}\n"),
];

/// Makes a folder of the test's own that holds a small fleet.
fn fleet(test: &str) -> Result<PathBuf, Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    for (path, text) in FLEET {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(&folder))?;
        std::fs::write(path, text)?;
    }
    Ok(folder)
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yoshino"));
    command.arg("-C").arg(folder);
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Result<Output, Box<dyn Error>> {
    Ok(command(folder).args(arguments).output()?)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn data_goes_to_stdout_and_talk_to_stderr() -> TestResult {
    let folder = fleet("streams")?;
    let listed = run(&folder, &["list", "clusters"])?;
    assert_eq!(listed.status.code(), Some(0));
    assert_eq!(
        text(&listed.stdout),
        "PROJECT  CLUSTER  MANAGEMENT  PROVIDER  KUBERNETES  RELEASE  POOLS  FILE\nblue     web      management  mine      v1.35.1     -        0      clusters/web.yaml\n"
    );
    assert_eq!(text(&listed.stderr), "");

    let checked = run(&folder, &["check"])?;
    assert_eq!((checked.status.code(), text(&checked.stdout)), (Some(0), String::new()));
    assert!(text(&checked.stderr).contains("nothing found"));
    assert_eq!(text(&run(&folder, &["-q", "check"])?.stderr), "");
    Ok(())
}

#[test]
fn wrong_input_exits_with_2_and_a_refusal_of_the_environment_with_4() -> TestResult {
    let folder = fleet("exit-codes")?;
    std::fs::write(folder.join("tenants/blue.yaml"), "kind: Tenant\n")?;
    assert_eq!(run(&folder, &["list", "clusters"])?.status.code(), Some(2));
    assert_eq!(run(&folder, &["list", "nothing"])?.status.code(), Some(2));
    assert_eq!(run(&folder, &["check", "--jobs", "0"])?.status.code(), Some(2));
    assert_eq!(run(&folder.join("absent"), &["list", "clusters"])?.status.code(), Some(4));
    assert_eq!(run(&folder, &["--help"])?.status.code(), Some(0));
    Ok(())
}

#[test]
fn with_format_json_what_is_wrong_stands_where_the_result_would() -> TestResult {
    let folder = fleet("json")?;
    std::fs::remove_file(folder.join("fleet.yaml"))?;
    for arguments in [["check", "--format", "json"].as_slice(), &["list", "addons", "--format", "json"]] {
        let output = run(&folder, arguments)?;
        let value: serde_json::Value = serde_json::from_slice(&output.stdout)?;
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(value["diagnostics"][0]["rule"], "no-fleet");
    }
    let refused = run(&folder.join("absent"), &["list", "addons", "--format", "json"])?;
    let value: serde_json::Value = serde_json::from_slice(&refused.stdout)?;
    assert!(value["error"].as_str().is_some_and(|error| error.contains("absent")), "{value}");
    Ok(())
}

#[test]
fn colour_comes_when_it_is_asked_for_and_never_into_a_pipe() -> TestResult {
    let folder = fleet("colour")?;
    std::fs::remove_file(folder.join("fleet.yaml"))?;
    let coloured = |arguments: &[&str]| -> Result<bool, Box<dyn Error>> {
        let output = command(&folder).args(arguments).env("NO_COLOR", "1").output()?;
        Ok(text(&output.stdout).contains('\u{1b}') || text(&output.stderr).contains('\u{1b}'))
    };
    assert!(!coloured(&["check"])?);
    assert!(coloured(&["check", "--color", "always"])?);
    assert!(coloured(&["--color", "always", "list", "clusters"])?);
    Ok(())
}

#[test]
fn a_reader_that_goes_away_is_no_failure() -> TestResult {
    let folder = fleet("broken-pipe")?;
    let mut child = command(&folder)
        .args(["completions", "zsh"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    drop(child.stdout.take());
    let output = child.wait_with_output()?;
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
    Ok(())
}

#[test]
fn a_starter_fleet_renders_and_takes_another_provider() -> TestResult {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("starter");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;

    assert_eq!(run(&folder, &["init", "fleet"])?.status.code(), Some(0));
    let fleet = folder.join("fleet");
    assert_eq!(run(&fleet, &["render"])?.status.code(), Some(0));
    assert_eq!(run(&fleet, &["render", "--check"])?.status.code(), Some(0));
    assert_eq!(run(&fleet, &["templates", "add", "openstack"])?.status.code(), Some(0));
    assert_eq!(run(&fleet, &["check"])?.status.code(), Some(0));

    assert_eq!(run(&folder, &["init", "fleet"])?.status.code(), Some(2));
    assert_eq!(run(&fleet, &["templates", "add", "openstack"])?.status.code(), Some(2));
    assert_eq!(run(&folder, &["templates", "upgrade"])?.status.code(), Some(2));
    Ok(())
}
