//! Schemas of CRDs, taken into a fleet and held against what it has.
#![allow(clippy::disallowed_methods, reason = "the fleet lies in a folder of its own")]

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

type TestResult = Result<(), Box<dyn Error>>;

const FLEET: &str = "apiVersion: yoshino.dev/v1alpha1\nkind: Fleet\nmetadata: {name: ake}\nspec:\n  labelDomain: ake.example.com\n  repository: {url: https://git.example.com/fleet.git}\n  minors: [\"1.35\"]\n  management: [{name: management}]\n";
const ADDON: &str = "apiVersion: yoshino.dev/v1alpha1\nkind: Addon\nmetadata: {name: lakes}\nspec:\n  namespace: lakes\n  source: {manifests: {path: addons/lakes/manifests}}\n";
const LAKE: &str = "apiVersion: example.com/v1\nkind: Lake\nmetadata: {name: big}\nspec:\n  depht: 3\n";
const DEFINITION: &str = "apiVersion: v1\nkind: Namespace\nmetadata: {name: lakes}\n---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: lakes.example.com}\nspec:\n  group: example.com\n  scope: Namespaced\n  names: {kind: Lake, plural: lakes}\n  versions:\n  - name: v1\n    served: true\n    storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        description: a lake\n        properties:\n          spec:\n            type: object\n            properties: {depth: {type: integer, minimum: 1}}\n";

/// Writes a fleet with one addon that has a lake, and the definition of lakes beside it.
fn fleet(name: &str) -> Result<PathBuf, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("schema_import").join(name);
    _ = fs::remove_dir_all(&root);
    for (path, text) in [
        ("fleet/fleet.yaml", FLEET),
        ("fleet/addons/lakes/addon.yaml", ADDON),
        ("fleet/addons/lakes/manifests/lake.yaml", LAKE),
        ("crds/lakes.yaml", DEFINITION),
    ] {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&root))?;
        fs::write(path, text)?;
    }
    Ok(root.join("fleet"))
}

/// Runs the binary in a fleet; returns its exit code, and what it printed.
fn yoshino(fleet: &Path, arguments: &[&str]) -> Result<(Option<i32>, String), Box<dyn Error>> {
    let output = Command::new(env!("CARGO_BIN_EXE_yoshino")).arg("-C").arg(fleet).args(arguments).output()?;
    let text = [output.stdout, output.stderr].concat();
    Ok((output.status.code(), String::from_utf8_lossy(&text).into_owned()))
}

#[test]
fn a_kind_that_nobody_knew_is_checked_once_its_definition_is_imported() -> TestResult {
    let fleet = fleet("known")?;
    let (before, text) = yoshino(&fleet, &["-v", "check"])?;
    assert_eq!(before, Some(0), "{text}");
    assert!(text.contains("no schema: 1 object of Lake example.com/v1 not checked"), "{text}");

    let (imported, text) = yoshino(&fleet, &["schema", "import", "../crds"])?;
    assert_eq!((imported, text.as_str()), (Some(0), "wrote 1 schema\n"));

    let (after, text) = yoshino(&fleet, &["-v", "check"])?;
    assert_eq!(after, Some(2), "{text}");
    let expected = "error[object-schema]: `Lake` has no field `spec.depht`\n --> addons/lakes/manifests/lake.yaml:5:3\n  |\n5 |   depht: 3\n  |   ^^^^^ schemas/example.com/lake.json has none such\n  = hint: did you mean `depth`?\n";
    assert!(text.starts_with(expected), "{text}");
    assert!(!text.contains("not checked"), "{text}");
    Ok(())
}

#[test]
fn a_list_of_definitions_as_kubectl_prints_it_is_taken() -> TestResult {
    let fleet = fleet("list")?;
    let definition = DEFINITION.split("---\n").nth(1).unwrap_or_default().replace('\n', "\n  ");
    let list = |kind: &str| format!("apiVersion: v1\nkind: {kind}\nitems:\n- {definition}\n");
    let crds = fleet.join("../crds/lakes.yaml");

    fs::write(&crds, list("Listing"))?;
    assert_eq!(yoshino(&fleet, &["schema", "import", "../crds"])?.0, Some(2));
    fs::write(&crds, list("List"))?;
    let taken = yoshino(&fleet, &["schema", "import", "../crds"])?;

    assert_eq!(taken, (Some(0), "wrote 1 schema\n".to_owned()));
    assert!(fleet.join("schemas/example.com/lake.json").is_file());
    Ok(())
}

#[test]
fn importing_twice_changes_nothing_and_keeps_what_decides_alone() -> TestResult {
    let fleet = fleet("twice")?;
    yoshino(&fleet, &["schema", "import", "../crds"])?;
    let path = fleet.join("schemas/example.com/lake.json");
    let first = fs::read_to_string(&path)?;

    let again = yoshino(&fleet, &["schema", "import", "../crds/lakes.yaml"])?;

    assert_eq!(again, (Some(0), "wrote 0 schemas, 1 as they were\n".to_owned()));
    assert_eq!(fs::read_to_string(&path)?, first);
    let expected = "{\n  \"group\": \"example.com\",\n  \"kind\": \"Lake\",\n  \"namespaced\": true,\n  \"versions\": {\n    \"v1\": {\"properties\":{\"spec\":{\"properties\":{\"depth\":{\"minimum\":1,\"type\":\"integer\"}},\"type\":\"object\"}},\"type\":\"object\"}\n  }\n}\n";
    assert_eq!(first, expected);
    Ok(())
}

#[test]
fn a_definition_made_to_do_harm_writes_nothing() -> TestResult {
    let fleet = fleet("hostile")?;
    let crds = fleet.join("../crds/lakes.yaml");
    let deep = format!("        {}", "{items: ".repeat(500));
    for (harm, said) in [
        (DEFINITION.replace("group: example.com", "group: ../../../etc"), "`spec.group` is no DNS name"),
        (DEFINITION.replace("kind: Lake,", "kind: ../Lake,"), "`spec.names.kind` is no kind"),
        (DEFINITION.replace("served: true", "served: false"), "it serves no version with a schema"),
        (
            DEFINITION.replace("        type: object\n        desc", &format!("{deep}\n        desc")),
            "error[",
        ),
        ("kind: A\n".to_owned(), "no CustomResourceDefinition is among the files"),
    ] {
        fs::write(&crds, harm)?;
        let (code, text) = yoshino(&fleet, &["schema", "import", "../crds"])?;
        assert_eq!(code, Some(2), "{text}");
        assert!(text.contains(said), "{text}");
        assert!(!fleet.join("schemas").exists());
    }
    Ok(())
}

#[test]
fn the_project_s_own_garden_is_taken_with_all_that_it_says() -> TestResult {
    let fleet = fleet("garden")?;
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crdcheck/testdata");
    let (code, text) = yoshino(&fleet, &["schema", "import", &testdata.display().to_string()])?;
    assert_eq!((code, text.as_str()), (Some(0), "wrote 1 schema\n"));
    let gardens = "apiVersion: test.yoshino.dev/v1\nkind: Garden\nmetadata: {name: hill}\nspec: {trees: 0, beds: [{name: a}, {name: a}]}\n";
    fs::write(fleet.join("addons/lakes/manifests/lake.yaml"), gardens)?;

    let (code, text) = yoshino(&fleet, &["check"])?;

    let heads: Vec<&str> = text.lines().filter(|line| line.starts_with("error")).collect();
    assert_eq!(code, Some(2), "{text}");
    assert_eq!(
        heads,
        [
            "error[object-schema]: `spec.trees` of `Garden` is 0; it must be at least 1",
            "error[object-schema]: `spec.beds[1]` of `Garden` has the same `name` as another item",
        ]
    );
    Ok(())
}
