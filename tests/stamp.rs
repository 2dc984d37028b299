//! When an output may be taken for what its inputs render to, and when it may not.
#![expect(clippy::disallowed_methods, reason = "tests make files")]

#[path = "../src/tree/temp.rs"]
mod temp;

use std::fs::File;
use std::path::PathBuf;

use yoshino::error::Failure;
use yoshino::tree::{FileTree, Fresh, Inputs, Keep, Output, OutputPath, RepoPath, Stamp, Summary};

use temp::{TempFolder, TestResult};

const FILES: [(&str, &str); 3] = [("m/a.yaml", "1"), ("m/b/c.yaml", "2"), ("n/d.yaml", "3")];

fn place(root: &TempFolder) -> Result<OutputPath, String> {
    OutputPath::given(&root.join("fleet"), &root.join("fleet/rendered"))
        .map_err(|failure| format!("{failure:?}"))
}

/// Waits until the file system's clock has moved on by more than a tick, so that what was done before is known to
/// be older.
fn let_the_clock_tick(root: &TempFolder) -> Result<(), Box<dyn std::error::Error>> {
    let date = || -> std::io::Result<std::time::SystemTime> {
        root.write("probe", "")?;
        std::fs::metadata(root.join("probe"))?.modified()
    };
    let before = date()?;
    while date()?.duration_since(before)? < std::time::Duration::from_millis(20) {}
    Ok(())
}

/// Renders files, doing something else between comparing and moving.
fn render_while(
    root: &TempFolder,
    files: &[(&str, &str)],
    meanwhile: impl FnOnce(),
) -> Result<Summary, String> {
    let render = || -> Result<Summary, Failure> {
        let output = Output::open(&OutputPath::given(&root.join("fleet"), &root.join("fleet/rendered"))?)?;
        for (path, text) in files {
            let path = RepoPath::new(path).expect("because the tests' paths are confined");
            output.compare(&path, format!("# yoshino: generated from x\n{text}\n").as_bytes())?;
        }
        meanwhile();
        output.finish(Keep::Rendered)
    };
    render().map_err(|failure| format!("{failure:?}"))
}

fn render(root: &TempFolder, files: &[(&str, &str)]) -> Result<Summary, String> {
    render_while(root, files, || {})
}

/// Makes a fleet in a git repository.
fn fleet() -> Result<TempFolder, Box<dyn std::error::Error>> {
    let root = TempFolder::with(&[("fleet/clusters/a.yaml", "")])?;
    git2::Repository::init(root.path())?;
    Ok(root)
}

/// Returns what the record says of the output for these inputs.
fn fresh(root: &TempFolder, inputs: &FileTree, arguments: &[&str]) -> Result<Option<Fresh>, String> {
    let place = place(root)?;
    let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    let inputs = Inputs { program: "1.0", arguments: &arguments, files: inputs };
    Ok(Stamp::find(&root.join("fleet"), &place, inputs).ok_or("no repository")?.fresh(&place))
}

fn inputs() -> FileTree {
    FileTree::literal(&[("clusters/a.yaml", "a"), ("fleet.yaml", "b")])
}

fn record(root: &TempFolder, summary: &Summary) -> Result<(), String> {
    let place = place(root)?;
    let inputs = inputs();
    let inputs = Inputs { program: "1.0", arguments: &[], files: &inputs };
    Stamp::find(&root.join("fleet"), &place, inputs).ok_or("no repository")?.record(&place, summary);
    Ok(())
}

/// Renders files and records it; the output is remembered then, however fast it was.
fn remember(root: &TempFolder, files: &[(&str, &str)]) -> TestResult {
    let summary = render(root, files)?;
    record(root, &summary)?;
    match fresh(root, &inputs(), &[])? {
        Some(_) => Ok(()),
        None => Err("the output is not remembered".into()),
    }
}

/// Makes a fleet whose output is rendered, with something foreign in it, and remembered.
fn remembered() -> Result<TempFolder, Box<dyn std::error::Error>> {
    let root = fleet()?;
    root.write("fleet/rendered/README.md", "mine")?;
    let_the_clock_tick(&root)?;
    remember(&root, &FILES)?;
    assert_eq!(
        fresh(&root, &inputs(), &[])?,
        Some(Fresh { files: 3, foreign: vec![PathBuf::from("README.md")] })
    );
    Ok(root)
}

#[test]
fn an_output_is_remembered_when_it_is_written_and_when_nothing_changed() -> TestResult {
    let root = remembered()?;

    std::fs::remove_dir_all(root.join(".git/yoshino"))?;
    remember(&root, &FILES)?;

    let changed = [("m/a.yaml", "1"), ("m/b/c.yaml", "changed"), ("n/d.yaml", "3")];
    render(&root, &changed)?;
    assert_eq!(fresh(&root, &inputs(), &[])?, None);
    remember(&root, &changed)?;
    Ok(())
}

#[test]
fn whenever_the_clock_ticks_an_output_is_remembered() -> TestResult {
    // On Linux 6.13 and newer, one in twenty was not: its files bore the exact time, which was after a tick that came late.
    for _ in 0..100 {
        let root = fleet()?;
        remember(&root, &FILES)?;
    }
    Ok(())
}

#[test]
fn other_inputs_need_a_rendering() -> TestResult {
    let root = remembered()?;

    let others = [
        FileTree::literal(&[("clusters/a.yaml", "A"), ("fleet.yaml", "b")]),
        FileTree::literal(&[("clusters/b.yaml", "a"), ("fleet.yaml", "b")]),
        FileTree::literal(&[("clusters/a.yaml", "a")]),
        FileTree::literal(&[("clusters/a.yaml", "a"), ("clusters/b.yaml", ""), ("fleet.yaml", "b")]),
    ];
    for other in others {
        assert_eq!(fresh(&root, &other, &[])?, None, "{other:?}");
    }
    assert_eq!(fresh(&root, &inputs(), &["--cluster", "web"])?, None);
    assert!(fresh(&root, &inputs(), &[])?.is_some());
    Ok(())
}

#[test]
fn whatever_is_done_to_the_output_needs_a_rendering() -> TestResult {
    type Deed = fn(&TempFolder) -> std::io::Result<()>;
    let deeds: [(&str, Deed); 11] = [
        ("edited", |root| root.write("fleet/rendered/m/a.yaml", "# yoshino: generated from x\n9\n")),
        ("touched", |root| root.write("fleet/rendered/m/a.yaml", "# yoshino: generated from x\n1\n")),
        ("replaced", |root| {
            std::fs::copy(root.join("fleet/rendered/m/a.yaml"), root.join("fleet/copy"))?;
            std::fs::rename(root.join("fleet/copy"), root.join("fleet/rendered/m/a.yaml"))
        }),
        ("removed", |root| std::fs::remove_file(root.join("fleet/rendered/m/b/c.yaml"))),
        ("added", |root| root.write("fleet/rendered/m/b/new.yaml", "# yoshino: generated from x\n")),
        ("foreign added", |root| root.write("fleet/rendered/n/mine", "")),
        ("foreign edited", |root| root.write("fleet/rendered/README.md", "# yoshino: generated from x\n")),
        ("folder added", |root| std::fs::create_dir(root.join("fleet/rendered/m/b/empty"))),
        ("folder renamed", |root| {
            std::fs::rename(root.join("fleet/rendered/n"), root.join("fleet/rendered/o"))
        }),
        ("gone", |root| std::fs::remove_dir_all(root.join("fleet/rendered"))),
        ("killed", |root| root.write("fleet/.rendered.yoshino/.gitignore", "")),
    ];
    for (name, deed) in deeds {
        let root = remembered()?;

        deed(&root)?;

        assert_eq!(fresh(&root, &inputs(), &[])?, None, "{name}");
    }
    Ok(())
}

#[test]
fn an_edit_within_the_same_tick_is_noticed_even_with_its_date_set_back() -> TestResult {
    let root = fleet()?;
    let path = root.join("fleet/rendered/m/a.yaml");
    for round in 0..50 {
        remember(&root, &FILES)?;

        let date = std::fs::metadata(&path)?.modified()?;
        std::fs::write(&path, "# yoshino: generated from x\n9\n")?;
        File::options().write(true).open(&path)?.set_modified(date)?;

        assert_eq!(fresh(&root, &inputs(), &[])?, None, "round {round}");
    }
    Ok(())
}

#[test]
fn what_is_done_while_rendering_is_not_remembered() -> TestResult {
    let root = fleet()?;
    let path = root.join("fleet/rendered/m/a.yaml");
    let edit = || {
        let date =
            std::fs::metadata(&path).and_then(|found| found.modified()).expect("because it is rendered");
        std::fs::write(&path, "# yoshino: generated from x\n9\n").expect("because it may be written");
        let file = File::options().write(true).open(&path).expect("because it may be written");
        file.set_modified(date).expect("because it may be written");
    };
    let changes = [("m/a.yaml", "1"), ("m/b/c.yaml", "changed"), ("n/d.yaml", "3")];
    for files in [FILES, changes] {
        render(&root, &FILES)?;

        let summary = render_while(&root, &files, edit)?;
        record(&root, &summary)?;

        assert_eq!(fresh(&root, &inputs(), &[])?, None, "{files:?}");
    }
    // Between the move and the record.
    let summary = render(&root, &FILES)?;
    edit();
    record(&root, &summary)?;
    assert_eq!(fresh(&root, &inputs(), &[])?, None);
    Ok(())
}

#[test]
fn a_record_that_cannot_be_read_is_none() -> TestResult {
    let root = remembered()?;
    let folder = root.join(".git/yoshino");
    let record = std::fs::read_dir(&folder)?.next().ok_or("no record")??.path();
    let whole = std::fs::read(&record)?;

    for end in 0..whole.len() {
        std::fs::write(&record, &whole[..end])?;
        assert_eq!(fresh(&root, &inputs(), &[])?, None, "{end} bytes");
    }
    for place in 0..whole.len() {
        let mut broken = whole.clone();
        broken[place] ^= 1;
        std::fs::write(&record, broken)?;
        assert_eq!(fresh(&root, &inputs(), &[])?, None, "byte {place}");
    }
    std::fs::remove_file(&record)?;
    std::os::unix::fs::symlink("/etc/passwd", &record)?;
    assert_eq!(fresh(&root, &inputs(), &[])?, None);
    std::fs::remove_file(&record)?;
    std::fs::write(&record, whole)?;
    assert!(fresh(&root, &inputs(), &[])?.is_some());
    Ok(())
}

#[test]
fn outside_of_a_repository_nothing_is_remembered() -> TestResult {
    let root = TempFolder::with(&[("fleet/clusters/a.yaml", "")])?;
    let inputs = inputs();
    let inputs = Inputs { program: "1.0", arguments: &[], files: &inputs };

    assert!(Stamp::find(&root.join("fleet"), &place(&root)?, inputs).is_none());
    Ok(())
}

#[test]
fn a_part_is_not_taken_for_the_whole() -> TestResult {
    let root = fleet()?;
    render(&root, &FILES)?;
    let output = Output::open(&place(&root)?).map_err(|failure| format!("{failure:?}"))?;
    let path = RepoPath::new("m/a.yaml").map_err(|_| "confined")?;
    output.compare(&path, b"# yoshino: generated from x\n1\n").map_err(|error| error.to_string())?;
    let summary = output.finish(Keep::Others).map_err(|failure| format!("{failure:?}"))?;

    record(&root, &summary)?;

    assert_eq!(fresh(&root, &inputs(), &[])?, None);
    Ok(())
}
