//! What is read from git's index: what the next commit will hold, not what the work tree does.
#![expect(clippy::disallowed_methods, reason = "tests make files")]

mod git;
#[path = "../src/tree/temp.rs"]
mod temp;

use std::path::Path;

use yoshino::error::{Error, Failure};
use yoshino::tree::{
    Change, Comparison, FileTree, Keep, RepoPath, Selection, Staged, read_revision, read_worktree,
};

use git::git;
use temp::{TempFolder, TestResult};

/// Makes a repository of these files, and links as `-> target`, all of them staged.
fn staged(files: &[(&str, &str)]) -> Result<TempFolder, Box<dyn std::error::Error>> {
    let folder = TempFolder::new()?;
    for (path, text) in files {
        match text.strip_prefix("-> ") {
            Some(target) => folder.link(path, target)?,
            None => folder.write(path, text)?,
        }
    }
    git(folder.path(), &["init", "--quiet", "--initial-branch", "main"])?;
    git(folder.path(), &["add", "--all"])?;
    Ok(folder)
}

fn read(root: &Path) -> Result<FileTree, Failure> {
    Staged::open(root, None)?.read(Selection::FLEET)
}

fn messages<T: std::fmt::Debug>(read: Result<T, Failure>) -> Vec<String> {
    match read {
        Err(Failure::Report(report)) => {
            report.diagnostics.iter().map(|found| format!("{}: {}", found.rule, found.message)).collect()
        }
        other => vec![format!("unexpected: {other:?}")],
    }
}

fn git_error<T>(opened: Result<T, Error>) -> String {
    match opened {
        Err(error @ Error::Git { .. }) => error.to_string(),
        _ => "no error of git".to_owned(),
    }
}

#[test]
fn what_is_staged_is_read_and_the_work_tree_is_not() -> TestResult {
    let folder = staged(&[
        ("fleet.yaml", "staged"),
        ("README.md", "no input"),
        ("addons", "-> shared/addons"),
        ("shared/addons/cilium/addon.yaml", "cilium"),
        ("clusters/.hidden.yaml", "no input"),
        ("clusters/a.yaml", "-> ../shared/a.yaml"),
        ("clusters/a.b/c.yaml", "c"),
        ("clusters/a.b.yaml", "b"),
        ("clusters/removed.yaml", "staged"),
        ("shared/a.yaml", "a"),
    ])?;
    folder.write("fleet.yaml", "not staged")?;
    folder.write("clusters/new.yaml", "not staged")?;
    std::fs::remove_file(folder.join("clusters/removed.yaml"))?;

    let tree = read(folder.path()).ok();

    let expected = FileTree::literal(&[
        ("addons/cilium/addon.yaml", "cilium"),
        ("clusters/a.b.yaml", "b"),
        ("clusters/a.b/c.yaml", "c"),
        ("clusters/a.yaml", "a"),
        ("clusters/removed.yaml", "staged"),
        ("fleet.yaml", "staged"),
    ]);
    assert_eq!(tree, Some(expected.clone()));
    git(folder.path(), &["commit", "--quiet", "--message", "a commit"])?;
    assert_eq!(read_revision(folder.path(), "HEAD", Selection::FLEET).ok(), Some(expected));
    Ok(())
}

#[test]
fn what_is_staged_is_refused_for_what_a_work_tree_would_be() -> TestResult {
    let folder = staged(&[
        ("clusters/absolute", "-> /etc/passwd"),
        ("clusters/a/back", "-> .."),
        ("clusters/a/a.yaml", "a"),
        ("clusters/dangling", "-> nothing"),
        ("clusters/git", "-> ../.git/config"),
        ("clusters/out", "-> ../../etc"),
        ("clusters/line\nbreak", ""),
        ("fleet.yaml/x", ""),
        ("tenants", "-> tenants"),
    ])?;

    let found = messages(read(folder.path()));

    assert_eq!(found.len(), 8);
    assert_eq!(found, messages(read_worktree(folder.path(), Selection::FLEET)));
    Ok(())
}

#[test]
fn a_merge_that_is_not_resolved_is_named_and_one_elsewhere_is_no_matter() -> TestResult {
    let folder = staged(&[("clusters/a.yaml", "1"), ("README.md", "1"), ("rendered/a.yaml", "1")])?;
    git(folder.path(), &["commit", "--quiet", "--message", "1"])?;
    git(folder.path(), &["switch", "--quiet", "--create", "other"])?;
    let change = |files: &[&str], text: &str| -> TestResult {
        files.iter().try_for_each(|file| folder.write(file, text))?;
        git(folder.path(), &["commit", "--quiet", "--all", "--message", text])?;
        Ok(())
    };
    change(&["clusters/a.yaml", "README.md", "rendered/a.yaml"], "2")?;
    git(folder.path(), &["switch", "--quiet", "main"])?;
    change(&["clusters/a.yaml", "README.md", "rendered/a.yaml"], "3")?;
    assert!(!git::try_git(folder.path(), &["merge", "other"])?.status.success());

    let output = RepoPath::new("rendered").map_err(|_| "confined")?;
    let staged = Staged::open(folder.path(), None)?;
    assert_eq!(
        messages(staged.read(Selection::FLEET)),
        ["unmerged: the merge of `clusters/a.yaml` is not resolved"]
    );
    assert_eq!(
        messages(staged.folder(&output)),
        ["unmerged: the merge of `rendered/a.yaml` is not resolved"]
    );

    git(folder.path(), &["add", "clusters/a.yaml"])?;
    assert!(read(folder.path()).is_ok());
    Ok(())
}

#[test]
fn intended_files_are_not_there_and_those_left_out_of_the_work_tree_are() -> TestResult {
    let folder = staged(&[("clusters/a.yaml", "a"), ("clusters/b/b.yaml", "b"), ("fleet.yaml", "fleet")])?;
    git(folder.path(), &["commit", "--quiet", "--message", "a commit"])?;
    git(folder.path(), &["sparse-checkout", "set", "--no-cone", "/fleet.yaml", "/clusters/a.yaml"])?;
    folder.write("clusters/intended.yaml", "x")?;
    git(folder.path(), &["add", "--intent-to-add", "--sparse", "clusters/intended.yaml"])?;
    git(folder.path(), &["update-index", "--assume-unchanged", "fleet.yaml"])?;
    folder.write("fleet.yaml", "not staged")?;
    assert!(!folder.join("clusters/b/b.yaml").exists());

    let tree = read(folder.path()).ok();

    let expected = [("clusters/a.yaml", "a"), ("clusters/b/b.yaml", "b"), ("fleet.yaml", "fleet")];
    assert_eq!(tree, Some(FileTree::literal(&expected)));
    Ok(())
}

#[test]
fn every_kind_of_index_is_read_or_refused_with_what_to_do() -> TestResult {
    let folder = staged(&[("clusters/a.yaml", "a"), ("docs/x", "x"), ("fleet.yaml", "fleet")])?;
    let git = |arguments: &[&str]| git(folder.path(), arguments);
    let expected = Some(FileTree::literal(&[("clusters/a.yaml", "a"), ("fleet.yaml", "fleet")]));
    git(&["commit", "--quiet", "--message", "a commit"])?;

    git(&["update-index", "--index-version", "4"])?;
    assert_eq!(read(folder.path()).ok(), expected);
    git(&["-c", "index.skipHash=true", "update-index", "--force-write-index"])?;
    assert_eq!(read(folder.path()).ok(), expected);
    git(&["update-index", "--split-index"])?;
    let error = git_error(Staged::open(folder.path(), None));
    assert!(error.ends_with("`git update-index --no-split-index`"), "{error}");
    git(&["update-index", "--no-split-index"])?;
    git(&["sparse-checkout", "set", "--cone", "--sparse-index", "clusters"])?;
    let error = git_error(Staged::open(folder.path(), None));
    assert!(error.ends_with("`git sparse-checkout reapply --no-sparse-index`"), "{error}");
    git(&["sparse-checkout", "reapply", "--no-sparse-index"])?;
    assert_eq!(read(folder.path()).ok(), expected);
    Ok(())
}

#[test]
fn a_fleet_may_lie_in_a_folder_and_links_do_not_leave_it() -> TestResult {
    let folder = staged(&[
        ("deploy/fleet/clusters/a.yaml", "a"),
        ("deploy/fleet-two/clusters/b.yaml", "b"),
        ("deploy/x", "x"),
        ("fleet.yaml", "another"),
    ])?;
    let fleet = folder.join("deploy/fleet");

    assert_eq!(read(&fleet).ok(), Some(FileTree::literal(&[("clusters/a.yaml", "a")])));
    folder.link("deploy/fleet/clusters/out", "../../x")?;
    git(folder.path(), &["add", "--all"])?;
    let found = messages(read(&fleet));
    assert!(found[0].contains("which leaves the repository"), "{found:?}");
    Ok(())
}

#[test]
fn linked_work_trees_have_an_index_of_their_own_and_bare_repositories_have_none() -> TestResult {
    let folder = staged(&[("fleet.yaml", "main")])?;
    git(folder.path(), &["commit", "--quiet", "--message", "a commit"])?;
    let linked = folder.join("linked");
    git(folder.path(), &["worktree", "add", "--quiet", "-b", "other", "linked"])?;
    std::fs::write(linked.join("fleet.yaml"), "other")?;
    git(&linked, &["add", "--all"])?;
    git(folder.path(), &["clone", "--quiet", "--bare", ".", "bare"])?;

    assert_eq!(read(&linked).ok(), Some(FileTree::literal(&[("fleet.yaml", "other")])));
    assert_eq!(read(folder.path()).ok(), Some(FileTree::literal(&[("fleet.yaml", "main")])));
    let error = git_error(Staged::open(&folder.join("bare"), None));
    assert_eq!(error, "cannot read what is staged: a bare repository has no index");
    Ok(())
}

#[test]
fn another_index_counts_where_git_puts_those_that_it_makes() -> TestResult {
    let folder = staged(&[("fleet.yaml", "staged")])?;
    let other = staged(&[("fleet.yaml", "another's")])?;
    std::fs::copy(folder.join(".git/index"), folder.join(".git/next-index-7.lock"))?;
    folder.write("fleet.yaml", "later")?;
    git(folder.path(), &["add", "--all"])?;
    let open = |file: &Path| Staged::open(folder.path(), Some(file));

    let next = open(Path::new(".git/next-index-7.lock"))?.read(Selection::FLEET).ok();
    let own = open(&folder.join(".git/index"))?.read(Selection::FLEET).ok();

    assert_eq!(next, Some(FileTree::literal(&[("fleet.yaml", "staged")])));
    assert_eq!(own, Some(FileTree::literal(&[("fleet.yaml", "later")])));
    for file in [other.join(".git/index"), folder.join("index"), folder.join(".git/none/index")] {
        let error = git_error(open(&file));
        assert!(error.starts_with("cannot read what is staged: `GIT_INDEX_FILE` names "), "{error}");
    }
    Ok(())
}

#[test]
fn submodules_are_passed_over_and_missing_objects_are_an_error() -> TestResult {
    let folder = staged(&[("addons/ours/addon.yaml", "ours")])?;
    let cache = "160000,0123456789012345678901234567890123456789,addons/theirs";
    git(folder.path(), &["update-index", "--add", "--cacheinfo", cache])?;
    let expected = FileTree::literal(&[("addons/ours/addon.yaml", "ours")]);
    assert_eq!(read(folder.path()).ok(), Some(expected));

    let cache = "100644,0123456789012345678901234567890123456789,addons/gone";
    git(folder.path(), &["update-index", "--add", "--cacheinfo", cache])?;
    match read(folder.path()) {
        Err(Failure::Error(error)) => {
            assert!(error.to_string().starts_with("cannot read what is staged: "), "{error}");
        }
        other => panic!("{other:?}"),
    }
    Ok(())
}

#[test]
fn a_rendering_is_compared_with_the_output_that_is_staged() -> TestResult {
    let generated = |text: &str| format!("# yoshino: generated from fleet.yaml\n{text}\n");
    let folder = staged(&[
        ("rendered/a/same.yaml", &generated("same")),
        ("rendered/a/changed.yaml", &generated("old")),
        ("rendered/stale.yaml", &generated("stale")),
        ("rendered/README.md", "foreign"),
        ("rendered/link.yaml", "-> a/same.yaml"),
        ("rendered-not/other.yaml", &generated("no output")),
    ])?;
    folder.write("rendered/a/changed.yaml", &generated("new"))?;
    let output = RepoPath::new("rendered").map_err(|_| "confined")?;
    let rendered = FileTree::literal(&[
        ("a/changed.yaml", &generated("new")),
        ("a/new.yaml", &generated("new")),
        ("a/same.yaml", &generated("same")),
    ]);
    let compare = |rendered: &FileTree| -> Result<_, Failure> {
        let comparison = Comparison::with(Staged::open(folder.path(), None)?.folder(&output)?, "rendered");
        for (path, bytes) in &rendered.0 {
            comparison.compare(path, bytes)?;
        }
        comparison.finish(Keep::Rendered)
    };

    let differences = compare(&rendered).map_err(|failure| format!("{failure:?}"))?;

    let files = differences.files.iter().map(|file| (file.path.as_str(), file.change));
    let expected =
        [("a/changed.yaml", Change::Changed), ("a/new.yaml", Change::New), ("stale.yaml", Change::Stale)];
    assert_eq!(files.collect::<Vec<_>>(), expected);
    assert_eq!(differences.old(&differences.files[0])?, generated("old").into_bytes());
    assert_eq!(differences.same, 1);
    assert_eq!(differences.foreign, [Path::new("README.md"), Path::new("link.yaml")]);

    let hindered = FileTree::literal(&[("README.md/x", &generated("x")), ("link.yaml", &generated("same"))]);
    assert_eq!(
        messages(compare(&hindered)),
        [
            "foreign-file: `rendered/README.md` is in the way of `rendered/README.md/x`, which must be written",
            "foreign-file: `rendered/link.yaml` was not generated by yoshino, and a file of that name must be written",
        ]
    );
    Ok(())
}

#[test]
fn check_and_render_judge_what_is_staged() -> TestResult {
    let folder = TempFolder::new()?;
    git(folder.path(), &["init", "--quiet", "--initial-branch", "main"])?;
    let exit = |arguments: &[&str]| -> Result<Option<i32>, Box<dyn std::error::Error>> {
        let mut yoshino = git::isolated(env!("CARGO_BIN_EXE_yoshino"), folder.path());
        Ok(yoshino.args(arguments).output()?.status.code())
    };
    let check = ["check", "--staged"];
    let render = ["render", "--check", "--staged"];
    assert_eq!(exit(&["init", "."])?, Some(0));
    assert_eq!((exit(&check)?, exit(&render)?), (Some(2), Some(2)), "nothing is staged");
    git(folder.path(), &["add", "--all"])?;
    assert_eq!((exit(&check)?, exit(&render)?), (Some(0), Some(1)), "the output is not rendered");
    assert_eq!(exit(&["render"])?, Some(0));
    assert_eq!(exit(&render)?, Some(1), "the output is not staged");
    git(folder.path(), &["add", "--all"])?;
    assert_eq!((exit(&check)?, exit(&render)?), (Some(0), Some(0)));

    folder.write("clusters/platform/first.yaml", "nonsense")?;
    std::fs::remove_dir_all(folder.join("rendered"))?;
    assert_eq!((exit(&check)?, exit(&render)?, exit(&["check"])?), (Some(0), Some(0), Some(2)));
    assert_eq!(exit(&["render", "--staged"])?, Some(2));
    Ok(())
}
