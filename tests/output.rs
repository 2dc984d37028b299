//! What becomes of an output folder: what was there, what is rendered, and what is there afterwards.
#![expect(clippy::disallowed_methods, reason = "tests make files")]

#[path = "../src/tree/temp.rs"]
mod temp;

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use rayon::prelude::*;
use yoshino::diagnostic::Report;
use yoshino::error::{Error, Failure};
use yoshino::tree::{Change, Comparison, Keep, Output, OutputPath, RepoPath, Summary};

use temp::{TempFolder, TestResult, snapshot};

/// Returns the text of a generated file.
fn generated(text: &str) -> String {
    format!("# yoshino: generated from clusters/a.yaml\n{text}\n")
}

/// Renders files, each with its text, into the folder `rendered` of `root`.
fn render(root: &TempFolder, files: &[(&str, &str)], keep: Keep) -> Result<Summary, Failure> {
    let output = Output::open(&OutputPath::given(&root.join("fleet"), &root.join("rendered"))?)?;
    files.par_iter().try_for_each(|(path, text)| {
        let path = RepoPath::new(path).expect("because the tests' paths are confined");
        output.compare(&path, generated(text).as_bytes()).map(drop)
    })?;
    output.finish(keep)
}

fn expected(files: &[(&str, &str)]) -> BTreeMap<String, String> {
    files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

/// Inode, date of the content and date of the rest, each date in seconds and nanoseconds.
type Trace = (u64, (i64, i64), (i64, i64));

/// Returns what tells whether anything in a folder was touched.
fn traces(folder: &Path) -> std::io::Result<BTreeMap<PathBuf, Trace>> {
    let mut traces = BTreeMap::new();
    let mut ahead = vec![folder.to_owned()];
    while let Some(path) = ahead.pop() {
        let found = std::fs::symlink_metadata(&path)?;
        if found.is_dir() {
            for entry in std::fs::read_dir(&path)? {
                ahead.push(entry?.path());
            }
        }
        let trace = (found.ino(), (found.mtime(), found.mtime_nsec()), (found.ctime(), found.ctime_nsec()));
        traces.insert(path, trace);
    }
    Ok(traces)
}

fn changes(summary: &Summary) -> Vec<(&str, Change)> {
    summary.files.iter().map(|(path, change)| (path.as_str(), *change)).collect()
}

fn report<T: std::fmt::Debug>(result: Result<T, Failure>) -> Result<Report, String> {
    match result {
        Err(Failure::Report(report)) => Ok(report),
        other => Err(format!("expected a report, found {other:?}")),
    }
}

fn messages<T: std::fmt::Debug>(result: Result<T, Failure>) -> Result<Vec<String>, String> {
    Ok(report(result)?
        .diagnostics
        .into_iter()
        .map(|found| format!("{}: {}", found.rule, found.message))
        .collect())
}

fn fleet() -> std::io::Result<TempFolder> {
    TempFolder::with(&[("fleet/fleet.yaml", "")])
}

/// Turns a failure into what `?` takes in a test.
fn done<T>(result: Result<T, Failure>) -> Result<T, String> {
    result.map_err(|failure| format!("{failure:?}"))
}

#[test]
fn a_first_render_makes_the_folder_and_leaves_nothing_beside_it() -> TestResult {
    let root = fleet()?;

    let summary = done(render(&root, &[("m/root.yaml", "1"), ("m/apps/a.yaml", "2")], Keep::Rendered))?;

    assert_eq!(changes(&summary), [("m/apps/a.yaml", Change::New), ("m/root.yaml", Change::New)]);
    let files = [
        ("fleet/fleet.yaml", ""),
        ("rendered/m/apps/a.yaml", &generated("2")),
        ("rendered/m/root.yaml", &generated("1")),
    ];
    assert_eq!(snapshot(root.path())?, expected(&files));
    Ok(())
}

#[test]
fn folders_above_the_output_are_made_and_go_again_if_nothing_is_rendered() -> TestResult {
    let root = fleet()?;
    let place = done(OutputPath::given(&root.join("fleet"), &root.join("a/b/rendered")))?;

    let summary = done(done(Output::open(&place))?.finish(Keep::Rendered))?;

    assert_eq!(summary.files.len(), 0);
    assert_eq!(snapshot(root.path())?, expected(&[("fleet/fleet.yaml", "")]));

    let output = done(Output::open(&place))?;
    output
        .compare(&RepoPath::new("m/a.yaml").map_err(|_| "confined")?, b"# yoshino: generated from x\n")
        .map_err(|error| error.to_string())?;
    done(output.finish(Keep::Rendered))?;

    let files = [("a/b/rendered/m/a.yaml", "# yoshino: generated from x\n"), ("fleet/fleet.yaml", "")];
    assert_eq!(snapshot(root.path())?, expected(&files));
    Ok(())
}

#[test]
fn where_nothing_changes_nothing_is_touched() -> TestResult {
    let root = fleet()?;
    let files = [("m/root.yaml", "1"), ("m/apps/a.yaml", "2"), ("n/root.yaml", "3")];
    done(render(&root, &files, Keep::Rendered))?;
    root.write("rendered/README.md", "mine")?;
    let before = traces(root.path())?;

    let summary = done(render(&root, &files, Keep::Rendered))?;

    assert_eq!(summary.count(Change::Same), 3);
    assert_eq!(summary.foreign, [Path::new("README.md")]);
    assert_eq!(traces(root.path())?, before);
    Ok(())
}

#[test]
fn only_what_changes_is_written_and_all_else_stays_the_same_file() -> TestResult {
    let root = fleet()?;
    done(render(
        &root,
        &[("m/a.yaml", "1"), ("m/b.yaml", "2"), ("m/c/d.yaml", "3"), ("n/e.yaml", "4")],
        Keep::Rendered,
    ))?;
    root.write("rendered/m/NOTES.md", "mine")?;
    let file = |path: &str| {
        std::fs::metadata(root.join(path)).map(|found| (found.ino(), found.mtime(), found.mtime_nsec()))
    };
    let stays = [
        "rendered/m/b.yaml",
        "rendered/m/NOTES.md",
        "rendered/m/c/d.yaml",
        "rendered/n/e.yaml",
        "rendered/n",
    ];
    let before = stays.map(file).into_iter().collect::<Result<Vec<_>, _>>()?;

    let next = [("m/a.yaml", "changed"), ("m/b.yaml", "2"), ("m/c/d.yaml", "3"), ("n/e.yaml", "4")];
    let summary = done(render(&root, &next, Keep::Rendered))?;

    assert_eq!(summary.count(Change::Changed), 1);
    assert_eq!(stays.map(file).into_iter().collect::<Result<Vec<_>, _>>()?, before);
    let files = [
        ("m/NOTES.md", "mine"),
        ("m/a.yaml", &generated("changed")),
        ("m/b.yaml", &generated("2")),
        ("m/c/d.yaml", &generated("3")),
        ("n/e.yaml", &generated("4")),
    ];
    assert_eq!(snapshot(&root.join("rendered"))?, expected(&files));
    Ok(())
}

#[test]
fn a_changed_file_is_never_written_in_place() -> TestResult {
    let root = fleet()?;
    done(render(&root, &[("m/a.yaml", "1")], Keep::Rendered))?;
    std::fs::hard_link(root.join("rendered/m/a.yaml"), root.join("elsewhere"))?;

    done(render(&root, &[("m/a.yaml", "2")], Keep::Rendered))?;

    assert_eq!(std::fs::read_to_string(root.join("elsewhere"))?, generated("1"));
    Ok(())
}

#[test]
fn what_is_no_longer_rendered_goes_and_empty_folders_with_it() -> TestResult {
    let root = fleet()?;
    done(render(&root, &[("m/a.yaml", "1"), ("m/x/y/b.yaml", "2"), ("m/z/c.yaml", "3")], Keep::Rendered))?;
    root.write("rendered/m/z/mine.txt", "mine")?;
    std::fs::create_dir(root.join("rendered/m/was-empty"))?;

    let summary = done(render(&root, &[("m/a.yaml", "1")], Keep::Rendered))?;

    let found = [("m/a.yaml", Change::Same), ("m/x/y/b.yaml", Change::Stale), ("m/z/c.yaml", Change::Stale)];
    assert_eq!(changes(&summary), found);
    let files = [("m/a.yaml", generated("1").as_str()), ("m/was-empty/", ""), ("m/z/mine.txt", "mine")]
        .map(|(path, text)| (path, text.to_owned()));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    assert_eq!(snapshot(&root.join("rendered"))?, expected(&files));
    Ok(())
}

#[test]
fn an_output_of_which_nothing_is_rendered_any_more_is_an_empty_folder() -> TestResult {
    let root = fleet()?;
    done(render(&root, &[("m/a.yaml", "1")], Keep::Rendered))?;

    done(render(&root, &[], Keep::Rendered))?;

    assert!(root.join("rendered").is_dir());
    assert_eq!(snapshot(&root.join("rendered"))?, expected(&[]));
    Ok(())
}

#[test]
fn rendering_a_part_removes_nothing() -> TestResult {
    let root = fleet()?;
    done(render(&root, &[("m/a.yaml", "1"), ("m/b.yaml", "2")], Keep::Rendered))?;

    let summary = done(render(&root, &[("m/b.yaml", "3")], Keep::Others))?;

    assert_eq!(changes(&summary), [("m/b.yaml", Change::Changed)]);
    let files = [("m/a.yaml", &*generated("1")), ("m/b.yaml", &generated("3"))];
    assert_eq!(snapshot(&root.join("rendered"))?, expected(&files));
    Ok(())
}

#[test]
fn a_file_may_become_a_folder_and_a_folder_a_file() -> TestResult {
    let root = fleet()?;
    done(render(&root, &[("m/a", "1"), ("m/b/c", "2"), ("m/d", "3")], Keep::Rendered))?;

    done(render(&root, &[("m/a/x", "4"), ("m/b", "5"), ("m/d", "3")], Keep::Rendered))?;

    let files = [("m/a/x", &*generated("4")), ("m/b", &generated("5")), ("m/d", &generated("3"))];
    assert_eq!(snapshot(&root.join("rendered"))?, expected(&files));
    Ok(())
}

#[test]
fn foreign_things_of_every_kind_are_kept_as_they_are() -> TestResult {
    let root = fleet()?;
    done(render(&root, &[("a.yaml", "1")], Keep::Rendered))?;
    root.write("outside/secret.yaml", &generated("outside"))?;
    root.link("rendered/link", "../outside")?;
    root.link("rendered/dangling", "nothing")?;
    root.write("rendered/.git/HEAD", "ref: refs/heads/main")?;
    std::fs::create_dir_all(root.join("rendered/.git/refs/tags"))?;
    root.write("rendered/private/key", "mine")?;
    std::fs::set_permissions(root.join("rendered/private"), std::fs::Permissions::from_mode(0o700))?;
    std::fs::set_permissions(root.join("rendered/private/key"), std::fs::Permissions::from_mode(0o640))?;
    rustix::fs::mkfifoat(rustix::fs::CWD, root.join("rendered/fifo"), 0o644.into())?;

    let summary = done(render(&root, &[("a.yaml", "2"), ("m/b.yaml", "3")], Keep::Rendered))?;

    let foreign = [".git/HEAD", "dangling", "fifo", "link", "private/key"].map(PathBuf::from);
    assert_eq!(summary.foreign, foreign);
    let files = [
        (".git/HEAD", "ref: refs/heads/main"),
        (".git/refs/tags/", ""),
        ("a.yaml", &generated("2")),
        ("dangling", "-> nothing"),
        ("fifo", "a FIFO"),
        ("link", "-> ../outside"),
        ("m/b.yaml", &generated("3")),
        ("private/key", "mine"),
    ];
    assert_eq!(snapshot(&root.join("rendered"))?, expected(&files));
    assert_eq!(std::fs::metadata(root.join("rendered/private"))?.mode() & 0o7777, 0o700);
    assert_eq!(std::fs::metadata(root.join("rendered/private/key"))?.mode() & 0o7777, 0o640);
    assert_eq!(snapshot(&root.join("outside"))?, expected(&[("secret.yaml", &generated("outside"))]));
    Ok(())
}

#[test]
fn foreign_files_in_the_place_of_generated_ones_are_all_named_and_nothing_is_written() -> TestResult {
    let root = fleet()?;
    root.write("rendered/m/a.yaml", "mine")?;
    root.link("rendered/m/b", "../../fleet")?;
    root.write("rendered/m/c.yaml/mine", "mine")?;
    root.link("rendered/m/d.yaml", "a.yaml")?;
    root.write("rendered/m/e", "mine")?;
    rustix::fs::mkfifoat(rustix::fs::CWD, root.join("rendered/m/f.yaml"), 0o644.into())?;
    let before = snapshot(root.path())?;
    let files = [
        ("m/a.yaml", "1"),
        ("m/b/x.yaml", "1"),
        ("m/b/y.yaml", "1"),
        ("m/c.yaml", "1"),
        ("m/d.yaml", "1"),
        ("m/e/x.yaml", "1"),
        ("m/f.yaml", "1"),
        ("m/g.yaml", "1"),
    ];

    let found = messages(render(&root, &files, Keep::Rendered))?;

    let rendered = root.join("rendered").display().to_string();
    let expected = [
        format!(
            "foreign-file: `{rendered}/m/a.yaml` was not generated by yoshino, and a file of that name must be written"
        ),
        format!(
            "foreign-file: `{rendered}/m/b` is in the way of `{rendered}/m/b/x.yaml`, which must be written"
        ),
        format!(
            "foreign-file: `{rendered}/m/c.yaml/mine` is in the way of `{rendered}/m/c.yaml`, which must be written"
        ),
        format!(
            "foreign-file: `{rendered}/m/d.yaml` was not generated by yoshino, and a file of that name must be written"
        ),
        format!(
            "foreign-file: `{rendered}/m/e` is in the way of `{rendered}/m/e/x.yaml`, which must be written"
        ),
        format!(
            "foreign-file: `{rendered}/m/f.yaml` was not generated by yoshino, and a file of that name must be written"
        ),
    ];
    assert_eq!(found, expected);
    assert_eq!(snapshot(root.path())?, before);
    Ok(())
}

#[test]
fn an_output_that_is_dropped_leaves_everything_as_it_was() -> TestResult {
    let root = fleet()?;
    done(render(&root, &[("m/a.yaml", "1")], Keep::Rendered))?;
    let before = snapshot(root.path())?;

    let output = done(Output::open(&done(OutputPath::given(&root.join("fleet"), &root.join("rendered")))?))?;
    output
        .compare(&RepoPath::new("m/a.yaml").map_err(|_| "confined")?, b"other")
        .map_err(|error| error.to_string())?;
    assert_ne!(snapshot(root.path())?, before);
    drop(output);

    assert_eq!(snapshot(root.path())?, before);
    Ok(())
}

#[test]
fn a_second_run_is_told_that_the_first_is_at_work() -> TestResult {
    let root = fleet()?;
    let place = done(OutputPath::given(&root.join("fleet"), &root.join("rendered")))?;
    let locked =
        |result: Result<Output, Failure>| matches!(result, Err(Failure::Error(Error::Locked { .. })));

    let first = done(Output::open(&place))?;
    assert!(locked(Output::open(&place)), "where there is no output yet");
    drop(first);
    done(render(&root, &[("m/a.yaml", "1")], Keep::Rendered))?;
    let second = done(Output::open(&place))?;
    assert!(locked(Output::open(&place)), "where there is one");
    drop(second);

    assert!(Output::open(&place).is_ok());
    Ok(())
}

#[test]
fn an_output_that_is_a_link_or_a_file_or_leads_elsewhere_is_refused() -> TestResult {
    let root = fleet()?;
    root.write("fleet/file", "")?;
    root.write("fleet/.git/config", "")?;
    root.link("fleet/link", "../elsewhere")?;
    root.write("elsewhere/file", "")?;
    let configured = |path: &str| {
        let path = RepoPath::new(path).expect("because the tests' paths are confined");
        messages(OutputPath::configured(&root.join("fleet"), &path))
    };
    let given = |path: &str| messages(OutputPath::given(&root.join("fleet"), &root.join(path)));
    let shown = |path: &str| root.join(path).display().to_string();

    assert_eq!(configured("file")?, ["output-path: the output `file` is no folder"]);
    assert_eq!(configured("link")?, ["output-path: the output `link` is a link"]);
    assert_eq!(configured("link/x")?, ["output-path: the output `link/x` leads out of the repository"]);
    assert_eq!(configured(".git/hooks")?, ["output-path: the output `.git/hooks` lies in git's own folder"]);
    assert_eq!(
        given("fleet/link/")?,
        [format!("output-path: the output `{}` is a link", shown("fleet/link/"))]
    );
    let fleet =
        format!("output-path: the output `{}` holds a fleet, which would be replaced", shown("fleet"));
    assert_eq!(given("fleet")?, [fleet]);
    let above = format!("output-path: the output `{}` holds a fleet, which would be replaced", shown("."));
    assert_eq!(given(".")?, [above]);
    Ok(())
}

#[test]
fn something_else_in_the_place_of_the_staging_folder_is_left_alone() -> TestResult {
    for (path, text) in [
        (".rendered.yoshino/mine", "mine"),
        (".rendered.yoshino/.gitignore", "mine"),
        (".rendered.yoshino", "mine"),
    ] {
        let root = fleet()?;
        root.write(path, text)?;

        let found = messages(render(&root, &[("m/a.yaml", "1")], Keep::Rendered))?;

        assert!(found[0].contains("needs the name `.rendered.yoshino` beside it"), "{found:?}");
        assert_eq!(snapshot(root.path())?, expected(&[(path, text), ("fleet/fleet.yaml", "")]));
    }
    Ok(())
}

#[test]
fn what_a_killed_run_left_is_cleared_away() -> TestResult {
    let ignore = "# yoshino: what render is about to move into place; the next run clears it away\n*\n";
    let leftovers: [&[(&str, &str)]; 3] = [
        &[(".rendered.yoshino/.gitignore", "")],
        &[(".rendered.yoshino/.gitignore", ignore)],
        &[(".rendered.yoshino/.gitignore", ignore), (".rendered.yoshino/new/m/a.yaml", "half")],
    ];
    for leftover in leftovers {
        let root = fleet()?;
        done(render(&root, &[("m/a.yaml", "1")], Keep::Rendered))?;
        let before = snapshot(root.path())?;
        for (path, text) in leftover {
            root.write(path, text)?;
        }

        let summary = done(render(&root, &[("m/a.yaml", "1")], Keep::Rendered))?;

        assert_eq!(summary.count(Change::Same), 1);
        assert_eq!(snapshot(root.path())?, before);
    }
    Ok(())
}

#[test]
fn a_move_in_steps_that_was_killed_is_finished() -> TestResult {
    let ignore = "# yoshino: what render is about to move into place; the next run clears it away\n*\n";
    // Killed before the old folder went, between the two moves, and after both; at the root and deeper.
    let stages: [&[(&str, &str)]; 4] = [
        &[
            (".rendered.yoshino/ready", "m\n"),
            (".rendered.yoshino/new/m/a.yaml", "2"),
            ("rendered/m/a.yaml", "1"),
        ],
        &[
            (".rendered.yoshino/ready", "m\n"),
            (".rendered.yoshino/new/m/a.yaml", "2"),
            (".rendered.yoshino/old/a.yaml", "1"),
            ("rendered/n/b.yaml", "0"),
        ],
        &[
            (".rendered.yoshino/ready", "m\n"),
            (".rendered.yoshino/old/a.yaml", "1"),
            ("rendered/m/a.yaml", "2"),
        ],
        &[
            (".rendered.yoshino/ready", "\n"),
            (".rendered.yoshino/new/m/a.yaml", "2"),
            (".rendered.yoshino/old/m/a.yaml", "1"),
        ],
    ];
    for stage in stages {
        let root = fleet()?;
        root.write(".rendered.yoshino/.gitignore", ignore)?;
        for (path, text) in stage {
            root.write(path, &generated(text))?;
        }
        for (path, text) in stage.iter().filter(|(path, _)| path.ends_with("ready")) {
            root.write(path, text)?;
        }

        let summary = done(render(&root, &[("m/a.yaml", "2")], Keep::Rendered))?;

        assert_eq!(
            summary.files.get(&RepoPath::new("m/a.yaml").map_err(|_| "confined")?),
            Some(&Change::Same),
            "{stage:?}"
        );
        let files = [("fleet/fleet.yaml", ""), ("rendered/m/a.yaml", &generated("2"))];
        assert_eq!(snapshot(root.path())?, expected(&files), "{stage:?}");
    }
    Ok(())
}

#[test]
fn a_comparison_tells_every_difference_and_touches_nothing() -> TestResult {
    let root = fleet()?;
    done(render(&root, &[("m/a.yaml", "1"), ("m/b.yaml", "2"), ("m/c.yaml", "3")], Keep::Rendered))?;
    root.write("rendered/m/mine.txt", "mine")?;
    let before = traces(root.path())?;

    let comparison =
        done(Comparison::open(&done(OutputPath::given(&root.join("fleet"), &root.join("rendered")))?))?;
    for (path, text) in [("m/b.yaml", "2"), ("m/c.yaml", "changed"), ("n/d.yaml", "4")] {
        let path = RepoPath::new(path).map_err(|_| "confined")?;
        comparison.compare(&path, generated(text).as_bytes()).map_err(|error| error.to_string())?;
    }
    let differences = done(comparison.finish(Keep::Rendered))?;

    let mut found = Vec::new();
    for file in &differences.files {
        let old = differences.old(file).map_err(|error| error.to_string())?;
        found.push((
            file.path.as_str(),
            file.change,
            String::from_utf8(old)?,
            String::from_utf8(file.new.clone())?,
        ));
    }
    let expected = [
        ("m/a.yaml", Change::Stale, generated("1"), String::new()),
        ("m/c.yaml", Change::Changed, generated("3"), generated("changed")),
        ("n/d.yaml", Change::New, String::new(), generated("4")),
    ];
    assert_eq!(found, expected);
    assert_eq!((differences.same, differences.foreign), (1, vec![PathBuf::from("m/mine.txt")]));
    assert_eq!(traces(root.path())?, before);
    Ok(())
}

#[test]
fn an_output_that_is_not_there_differs_in_everything() -> TestResult {
    let root = fleet()?;
    let before = traces(root.path())?;

    let comparison =
        done(Comparison::open(&done(OutputPath::given(&root.join("fleet"), &root.join("a/b")))?))?;
    let path = RepoPath::new("m/a.yaml").map_err(|_| "confined")?;
    comparison.compare(&path, generated("1").as_bytes()).map_err(|error| error.to_string())?;
    let differences = done(comparison.finish(Keep::Rendered))?;

    assert_eq!(differences.files.len(), 1);
    assert_eq!(traces(root.path())?, before);
    Ok(())
}

/// What somebody has put at a path of the output.
#[derive(Clone, Debug, PartialEq)]
enum Thing {
    Generated(&'static str),
    Foreign,
    Link,
    EmptyFolder,
}

fn path() -> impl Strategy<Value = String> {
    proptest::collection::vec(prop_oneof!["a", "b", "c-"], 1..4).prop_map(|parts| parts.join("/"))
}

fn thing() -> impl Strategy<Value = Thing> {
    prop_oneof![
        4 => prop_oneof![Just("1"), Just("2")].prop_map(Thing::Generated),
        1 => Just(Thing::Foreign),
        1 => Just(Thing::Link),
        1 => Just(Thing::EmptyFolder),
    ]
}

/// Returns whether one path cannot be where the other is a file.
fn collide(left: &str, right: &str) -> bool {
    left == right || left.starts_with(&format!("{right}/")) || right.starts_with(&format!("{left}/"))
}

/// Drops paths that cannot be beside an earlier one.
fn beside_each_other<T: Clone>(things: &[(String, T)]) -> BTreeMap<String, T> {
    let mut kept: BTreeMap<String, T> = BTreeMap::new();
    for (path, thing) in things {
        if !kept.keys().any(|other| collide(path, other)) {
            kept.insert(path.clone(), thing.clone());
        }
    }
    kept
}

/// Returns what the output must hold afterwards, or nothing where something is in the way.
fn model(
    old: &BTreeMap<String, Thing>,
    rendered: &BTreeMap<String, &'static str>,
    keep: Keep,
) -> Option<BTreeMap<String, String>> {
    let mut expected = BTreeMap::new();
    for (path, thing) in old {
        let (name, text) = match thing {
            Thing::Generated(_) if keep == Keep::Rendered || rendered.contains_key(path) => continue,
            Thing::Generated(text) => (path.clone(), generated(text)),
            Thing::Foreign => (path.clone(), "mine".to_owned()),
            Thing::Link => (path.clone(), "-> nowhere".to_owned()),
            Thing::EmptyFolder if rendered.keys().any(|file| collide(file, path)) => continue,
            Thing::EmptyFolder => (format!("{path}/"), String::new()),
        };
        if *thing != Thing::EmptyFolder && rendered.keys().any(|file| collide(file, path)) {
            return None;
        }
        expected.insert(name, text);
    }
    expected.extend(rendered.iter().map(|(path, text)| (path.clone(), generated(text))));
    Some(expected)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn whatever_is_there_the_output_becomes_what_is_kept_and_what_is_rendered(
        old in proptest::collection::vec((path(), thing()), 0..10),
        rendered in proptest::collection::vec((path(), prop_oneof![Just("1"), Just("2")]), 0..8),
        keep in prop_oneof![Just(Keep::Rendered), Just(Keep::Others)],
    ) {
        let (old, rendered) = (beside_each_other(&old), beside_each_other(&rendered));
        let root = TempFolder::in_memory()?;
        root.write("fleet/fleet.yaml", "")?;
        std::fs::create_dir(root.join("rendered"))?;
        for (path, thing) in &old {
            let path = format!("rendered/{path}");
            match thing {
                Thing::Generated(text) => root.write(&path, &generated(text))?,
                Thing::Foreign => root.write(&path, "mine")?,
                Thing::Link => root.link(&path, "nowhere")?,
                Thing::EmptyFolder => std::fs::create_dir_all(root.join(&path))?,
            }
        }
        let before = traces(root.path())?;
        let files: Vec<(&str, &str)> = rendered.iter().map(|(path, text)| (path.as_str(), *text)).collect();

        let result = render(&root, &files, keep);

        let after = traces(root.path())?;
        match (model(&old, &rendered, keep), result) {
            (None, result) => {
                prop_assert!(matches!(result, Err(Failure::Report(_))), "{result:?}");
                prop_assert_eq!(snapshot_of(&before), snapshot_of(&after));
            }
            (Some(expected), result) => {
                let summary = result.map_err(|failure| TestCaseError::fail(format!("{failure:?}")))?;
                prop_assert_eq!(snapshot(&root.join("rendered"))?, expected);
                let is_same = summary.files.values().all(|change| *change == Change::Same);
                prop_assert!(!is_same || before == after, "touched although nothing changed");
                for (path, _) in summary.files.iter().filter(|(_, change)| **change == Change::Same) {
                    let path = root.join("rendered").join(path.as_str());
                    prop_assert_eq!((before[&path].0, before[&path].1), (after[&path].0, after[&path].1));
                }
            }
        }
        prop_assert_eq!(std::fs::read_dir(root.path())?.count(), 2);
    }
}

/// Returns the inodes and the dates of contents, of all but the folder that holds the output: in there the staging
/// folder came and went.
fn snapshot_of(traces: &BTreeMap<PathBuf, Trace>) -> Vec<(&PathBuf, u64, (i64, i64))> {
    traces.iter().skip(1).map(|(path, (inode, written, _))| (path, *inode, *written)).collect()
}

#[test]
fn folders_that_others_made_read_only_stay_so_and_hinder_nothing() -> TestResult {
    let root = fleet()?;
    done(render(&root, &[("m/a.yaml", "1")], Keep::Rendered))?;
    root.write("rendered/m/locked/inner/mine", "mine")?;
    for folder in ["rendered/m/locked/inner", "rendered/m/locked"] {
        std::fs::set_permissions(root.join(folder), std::fs::Permissions::from_mode(0o555))?;
    }

    let summary = done(render(&root, &[("m/a.yaml", "2")], Keep::Rendered))?;

    assert!(summary.left_behind.is_none(), "{:?}", summary.left_behind);
    assert_eq!(std::fs::metadata(root.join("rendered/m/locked"))?.mode() & 0o7777, 0o555);
    let files = [("m/a.yaml", &*generated("2")), ("m/locked/inner/mine", "mine")];
    assert_eq!(snapshot(&root.join("rendered"))?, expected(&files));
    for folder in ["rendered/m/locked", "rendered/m/locked/inner"] {
        std::fs::set_permissions(root.join(folder), std::fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

#[test]
fn an_old_file_that_cannot_be_read_is_an_error_and_nothing_changes() -> TestResult {
    let root = fleet()?;
    done(render(&root, &[("m/a.yaml", "1"), ("m/b.yaml", "2")], Keep::Rendered))?;
    let path = root.join("rendered/m/b.yaml");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000))?;
    if std::fs::read(&path).is_ok() {
        eprintln!("not run: this user may read every file");
        return Ok(());
    }
    let before = traces(&root.join("rendered"))?;

    let result = render(&root, &[("m/a.yaml", "3"), ("m/b.yaml", "2")], Keep::Rendered);

    assert!(matches!(result, Err(Failure::Error(Error::Io { path: found, .. })) if found == path));
    assert_eq!(traces(&root.join("rendered"))?, before);
    assert!(!root.join(".rendered.yoshino").exists());
    Ok(())
}
