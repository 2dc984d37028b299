//! What Argo CD's own code answers, recorded by `tests/oracle/record`, is what we answer.
#![expect(clippy::disallowed_methods, reason = "a test reads files")]

mod parity;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use walkdir::WalkDir;

use parity::answer::{Answer, answers};
use parity::cases::{Case, REPOSITORY};
use parity::verdict::{Verdict, judge};
use parity::{Failure, read_json};

type TestResult = Result<(), Failure>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn yaml_files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let path = entry?.into_path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(path);
        }
    }
    Ok(files)
}

#[test]
fn the_reference_fleet_comes_to_the_recorded_applications() -> TestResult {
    let recorded = read_json(&root().join("tests/recorded/rendered-applications.json"))?;

    let mut made = Vec::new();
    for management in fs::read_dir(root().join("rendered"))? {
        let management = management?;
        let mut text = Vec::new();
        for folder in ["applicationsets", "clusters", "projects"] {
            for file in yaml_files(&management.path().join(folder))? {
                text.extend_from_slice(b"\n---\n");
                text.extend(fs::read(file)?);
            }
        }
        for (set, answer) in answers(&text, &BTreeMap::new())? {
            let Answer::Made { applications, held } = answer else {
                return Err(format!("{set}: {answer:?}").into());
            };
            assert_eq!(held, BTreeSet::new(), "set and Secrets agree");
            made.extend(applications.iter().map(|made| {
                json!({
                    "management": management.file_name().to_string_lossy(),
                    "metadata": made["metadata"],
                    "spec": made["spec"],
                })
            }));
        }
    }

    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    made.sort_by_cached_key(|made| [text(&made["management"]), text(&made["metadata"]["name"])]);
    assert_eq!(Value::Array(made), recorded, "what Argo CD answers is kept by tests/oracle/record");
    Ok(())
}

#[test]
fn recorded_cases_are_answered_alike_or_refused_by_name() -> TestResult {
    let mut differing = Vec::new();
    let mut refused = BTreeSet::new();
    let mut equal = 0;
    for file in yaml_files(&root().join("tests/recorded/expand"))? {
        if file.to_string_lossy().ends_with(".input.yaml") {
            continue;
        }
        let recorded = read_json(&file.with_extension("json"))?;
        let cases = parity::cases::read(&file)?;
        assert_eq!(cases.len(), recorded.as_object().map_or(0, serde_json::Map::len), "{}", file.display());
        for case in cases {
            for verdict in verdicts(&case, &recorded[&case.name]) {
                match verdict {
                    Verdict::Equal => equal += 1,
                    Verdict::Refused(_) => {
                        refused.insert(case.name.clone());
                    }
                    Verdict::Differs(how) => differing.push(format!("{}: {how}", case.name)),
                }
            }
        }
    }

    assert!(differing.is_empty(), "{} answers differ:\n{}", differing.len(), differing.join("\n"));
    println!("{equal} answers are equal");
    let refused: Vec<&str> = refused.iter().map(String::as_str).collect();
    assert_eq!(refused, REFUSED, "what is refused stands here, so that nothing is refused unseen");
    Ok(())
}

fn verdicts(case: &Case, recorded: &Value) -> Vec<Verdict> {
    let repositories = BTreeMap::from([(REPOSITORY.to_owned(), case.repository.clone())]);
    let answers = match answers(&case.text, &repositories) {
        Ok(answers) => answers,
        Err(refused) => return vec![Verdict::Differs(refused)],
    };
    let recorded = recorded.as_array().map(Vec::as_slice).unwrap_or_default();
    if answers.len() != recorded.len() {
        return vec![Verdict::Differs(format!("{} answers, recorded are {}", answers.len(), recorded.len()))];
    }
    let compared = answers.iter().zip(recorded);
    let judge = |((_, ours), theirs): ((_, _), &Value)| match &case.fill {
        None => judge(ours, theirs),
        Some(_) => judge_filled(ours, theirs),
    };
    compared.map(|((name, ours), theirs)| judge(((name, ours), theirs))).collect()
}

/// A text that is filled is recorded as `[text, filled]`.
fn judge_filled(ours: &Answer, recorded: &Value) -> Verdict {
    let (text, theirs) = (&recorded[0], &recorded[1]);
    match ours {
        Answer::Made { applications, .. } if theirs.is_string() => {
            let filled: Vec<&Value> =
                applications.iter().map(|made| &made["metadata"]["annotations"]["filled"]).collect();
            if filled == [theirs] {
                return Verdict::Equal;
            }
            Verdict::Differs(format!("{text} becomes {theirs}, ours {filled:?}"))
        }
        Answer::Wrong(why) if theirs.is_string() => {
            Verdict::Differs(format!("{text} becomes {theirs}, we say `{why}`"))
        }
        _ => match judge(ours, theirs) {
            Verdict::Differs(how) => Verdict::Differs(format!("{text}: {how}")),
            verdict => verdict,
        },
    }
}

/// Cases that are refused by name, as they must be.
const REFUSED: &[&str] = &[
    "a date of another zone is refused",
    "a generator that asks a server is refused by name",
    "a generator that asks a server is refused within a matrix",
    "a repository without a checkout is refused by name",
    "a text of bytes that are no letters is refused",
    "decisions of placements are refused by name",
    "plugins are refused by name",
    "pull requests are refused by name",
    "what draws random numbers is refused",
    "what hashes with a random salt is refused",
    "what makes keys and certificates is refused",
    "what reads the clock is refused",
    "what reads the time zone of the machine is refused",
];
