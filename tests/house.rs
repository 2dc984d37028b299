//! What can be checked of how the house is built: sizes, headers, names, the direction of imports, and that every
//! finding is explained. The rules themselves stand in ARCHITECTURE.md and CONTRIBUTING.md.
#![allow(clippy::disallowed_methods, reason = "the house is read from its files")]

use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;

use yoshino::check::{RULES, explanation};

type TestResult = Result<(), Box<dyn Error>>;

/// Lines of a file, without its tests.
const MOST_LINES: usize = 400;

/// Lines of code of a function.
const MOST_CODE: usize = 60;

/// A file of the project, its path from the root.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// Returns what stands before the tests at the foot of the file.
    fn code(&self) -> &str {
        let tests = self.text.find("\n#[cfg(test)]\nmod ").unwrap_or(self.text.len());
        &self.text[..tests]
    }

    /// Returns the module beneath `lib.rs` that the file belongs to; `None` for the binary.
    fn module(&self) -> Option<&str> {
        let beneath = self.path.strip_prefix("src/")?;
        let first = beneath.split('/').next()?;
        Some(first.strip_suffix(".rs").unwrap_or(first))
            .filter(|module| !matches!(*module, "main" | "cli" | "lib"))
    }
}

/// Reads the project's own files as git knows them; those that are no text are left out.
fn tracked() -> Result<Vec<Source>, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let Ok(repository) = git2::Repository::open(root) else { return Ok(Vec::new()) };
    let mut sources = Vec::new();
    for entry in repository.index()?.iter() {
        let path = String::from_utf8(entry.path)?;
        if let Ok(text) = std::fs::read_to_string(root.join(&path)) {
            sources.push(Source { path, text });
        }
    }
    Ok(sources)
}

/// Reads the Rust files of the library and the binary.
fn rust() -> Result<Vec<Source>, Box<dyn Error>> {
    let is_ours = |source: &Source| source.path.starts_with("src/") && source.path.ends_with(".rs");
    let sources: Vec<Source> = tracked()?.into_iter().filter(is_ours).collect();
    let of_tests: BTreeSet<String> = sources.iter().flat_map(|source| test_modules(&source.text)).collect();
    let is_of_tests = |source: &Source| {
        let stem = source.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs");
        of_tests.contains(stem)
    };
    Ok(sources.into_iter().filter(|source| !is_of_tests(source)).collect())
}

/// Returns the files that a module names for its tests alone: `#[cfg(test)]`, other attributes, `mod fixture;`.
fn test_modules(text: &str) -> Vec<String> {
    let behind = text.split("#[cfg(test)]").skip(1);
    let declared = behind.filter_map(|rest| {
        rest.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'))
    });
    declared.filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';').map(str::to_owned)).collect()
}

fn assert_none(wrong: Vec<String>, what: &str) {
    assert!(wrong.is_empty(), "{what}:\n  {}", wrong.join("\n  "));
}

#[test]
fn every_file_has_one_subject_and_says_it_first() -> TestResult {
    let mut wrong = Vec::new();
    for source in rust()? {
        let lines = source.code().lines().count();
        if lines > MOST_LINES {
            wrong
                .push(format!("{} has {lines} lines without its tests; {MOST_LINES} are taken", source.path));
        }
        if source.path != "src/lib.rs" && !source.text.starts_with("//! ") {
            wrong.push(format!("{} does not begin with what it is for", source.path));
        }
    }
    assert_none(wrong, "files");
    Ok(())
}

#[test]
fn functions_fit_a_screen() -> TestResult {
    let mut wrong = Vec::new();
    for source in rust()? {
        let lines: Vec<&str> = source.code().lines().collect();
        for (start, line) in lines.iter().enumerate() {
            let Some(name) = function_name(line) else { continue };
            // Formatted code closes a function where it opened it.
            let closing = format!("{}}}", &line[..line.len() - line.trim_start().len()]);
            let Some(length) = lines[start..].iter().position(|line| *line == closing) else { continue };
            let is_code = |line: &&&str| !line.trim().is_empty() && !line.trim().starts_with("//");
            let code = lines[start..=start + length].iter().filter(is_code).count();
            if code > MOST_CODE {
                wrong.push(format!(
                    "{}:{} `{name}` has {code} lines; {MOST_CODE} are taken",
                    source.path,
                    start + 1
                ));
            }
        }
    }
    assert_none(wrong, "functions");
    Ok(())
}

/// Returns the name of the function that begins in a line.
fn function_name(line: &str) -> Option<&str> {
    let mut rest = line.trim_start();
    for word in ["pub ", "pub(crate) ", "pub(super) ", "const ", "unsafe "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    rest.strip_prefix("fn ")?.split(['(', '<']).next()
}

#[test]
fn names_say_what_is_in_them() -> TestResult {
    const BANNED: [&str; 9] =
        ["utils", "util", "helpers", "helper", "common", "misc", "manager", "shared", "types"];
    let is_banned = |source: &Source| {
        let mut parts = source.path.split('/').map(|part| part.trim_end_matches(".rs"));
        parts.any(|part| BANNED.contains(&part))
    };
    let wrong = rust()?.into_iter().filter(is_banned).map(|source| source.path);
    assert_none(wrong.collect(), "modules whose names say nothing");
    Ok(())
}

#[test]
fn nothing_panics_on_input_and_no_work_is_left_without_an_issue() -> TestResult {
    let mut wrong = Vec::new();
    for source in rust()? {
        for (number, line) in source.code().lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let panics = [".unwrap()", "todo!(", "unimplemented!(", "dbg!("]
                .into_iter()
                .find(|word| code.contains(word));
            if let Some(word) = panics {
                wrong.push(format!("{}:{} `{word}`", source.path, number + 1));
            }
            if code.contains(".expect(\"") && !code.contains(".expect(\"because ") {
                wrong.push(format!("{}:{} `expect` without `because`", source.path, number + 1));
            }
            if ["TODO", "FIXME", "XXX"].iter().any(|mark| line.contains(&format!("// {mark}")))
                && !line.contains("(#")
            {
                wrong.push(format!("{}:{} open work without an issue", source.path, number + 1));
            }
        }
    }
    assert_none(wrong, "places");
    Ok(())
}

/// Imports that point downward all the same, each for a reason.
const DOWNWARD: [(&str, &str); 2] = [
    // Reading files reports what is wrong with them, in the words of those two modules.
    ("tree", "diagnostic"),
    ("tree", "error"),
];

#[test]
fn imports_point_upward() -> TestResult {
    let sources = rust()?;
    let Some(library) = sources.iter().find(|source| source.path == "src/lib.rs") else { return Ok(()) };
    let modules = library.text.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    let order: Vec<&str> = modules.collect();
    let place = |module: &str| order.iter().position(|known| *known == module);
    let mut wrong = BTreeSet::new();
    for source in &sources {
        let Some((module, own)) = source.module().and_then(|module| Some((module, place(module)?))) else {
            continue;
        };
        for (at, _) in source.code().match_indices("crate::") {
            let path = &source.code()[at + "crate::".len()..];
            let other = path.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').next();
            let other = other.unwrap_or_default();
            let points_down = place(other).is_some_and(|other| other > own);
            if points_down && !DOWNWARD.contains(&(module, other)) {
                wrong.insert(format!(
                    "{} imports `{other}`, which stands below `{module}` in lib.rs",
                    source.path
                ));
            }
        }
    }
    assert_none(wrong.into_iter().collect(), "imports");
    Ok(())
}

#[test]
fn every_module_of_the_library_is_in_the_tour() -> TestResult {
    let sources = rust()?;
    let named = |module: &str| {
        let tour = sources.iter().find(|source| source.path == "src/lib.rs");
        tour.is_none_or(|tour| tour.text.contains(&format!("pub mod {module};")))
    };
    let modules: BTreeSet<&str> = sources.iter().filter_map(Source::module).collect();
    let wrong = modules.into_iter().filter(|module| !named(module)).map(str::to_owned);
    assert_none(wrong.collect(), "modules that lib.rs does not name");
    Ok(())
}

#[test]
fn the_project_names_no_machine_and_no_mirror() -> TestResult {
    // In two parts each, so that this file does not find itself.
    let banned = [
        ("/ro", "ot/"),
        ("/wo", "rk/"),
        ("/ho", "me/"),
        ("/Us", "ers/"),
        ("GOPROXY=", "http"),
        ("INDEX", "_URL"),
        ("replace", "-with ="),
    ];
    let banned = banned.map(|(start, end)| format!("{start}{end}"));
    let mut wrong = Vec::new();
    for source in tracked()? {
        for (number, line) in source.text.lines().enumerate() {
            if let Some(word) = banned.iter().find(|word| line.contains(word.as_str())) {
                wrong.push(format!("{}:{} `{word}`", source.path, number + 1));
            }
        }
    }
    assert_none(wrong, "places");
    Ok(())
}

#[test]
fn every_rule_is_a_file_and_every_file_a_rule() -> TestResult {
    let sources = rust()?;
    let paths =
        sources.iter().filter_map(|source| source.path.strip_prefix("src/check/rule/")?.strip_suffix(".rs"));
    let files: BTreeSet<String> = paths.map(str::to_owned).collect();
    let rules: BTreeSet<String> = RULES.iter().map(|rule| rule.id.replace('-', "_")).collect();
    if !sources.is_empty() {
        assert_eq!(files, rules);
    }
    Ok(())
}

#[test]
fn every_finding_is_explained() -> TestResult {
    let mut wrong = BTreeSet::new();
    for source in rust()? {
        let makers = [
            "Diagnostic::error(",
            "Diagnostic::error_nowhere(",
            "Diagnostic::warning(",
            "Diagnostic::note(",
            "Refusal::new(",
        ];
        for maker in makers {
            for (at, _) in source.code().match_indices(maker) {
                let argument = source.code()[at + maker.len()..].trim_start();
                let Some(id) = argument.strip_prefix('"').and_then(|rest| rest.split('"').next()) else {
                    continue;
                };
                if explanation(id).is_none() {
                    wrong.insert(format!("{}: `{id}`", source.path));
                }
            }
        }
    }
    assert_none(wrong.into_iter().collect(), "ids that `check --explain` does not know");
    Ok(())
}
