//! What is read from a git revision, and that it is what a work tree would give.
#![expect(clippy::disallowed_methods, reason = "tests make files")]

#[path = "../src/tree/temp.rs"]
mod temp;

use git2::build::TreeUpdateBuilder;
use git2::{FileMode, ObjectType, Oid, Repository, Signature, Time};
use yoshino::error::{Error, Failure};
use yoshino::tree::{FileTree, Selection, read_revision, read_worktree};

use temp::{TempFolder, TestResult};

/// Makes the folder a repository.
fn repository(folder: &TempFolder) -> Result<Repository, git2::Error> {
    Repository::init_opts(folder.path(), git2::RepositoryInitOptions::new().initial_head("main"))
}

/// Commits these files, and links as `-> target`, on `main`, and returns the commit.
fn commit(repository: &Repository, files: &[(&str, &str)]) -> Result<Oid, git2::Error> {
    let mut tree = TreeUpdateBuilder::new();
    for (path, text) in files {
        let (text, mode) = match text.strip_prefix("-> ") {
            Some(target) => (target, FileMode::Link),
            None => (*text, FileMode::Blob),
        };
        tree.upsert(*path, repository.blob(text.as_bytes())?, mode);
    }
    let empty = repository.find_tree(repository.treebuilder(None)?.write()?)?;
    commit_tree(repository, tree.create_updated(repository, &empty)?)
}

fn commit_tree(repository: &Repository, tree: Oid) -> Result<Oid, git2::Error> {
    let author = Signature::new("A", "a@example.com", &Time::new(1_000_000_000, 0))?;
    let parent = repository.head().and_then(|head| head.peel_to_commit()).ok();
    let parents: Vec<_> = parent.iter().collect();
    let tree = repository.find_tree(tree)?;
    repository.commit(Some("refs/heads/main"), &author, &author, "a commit", &tree, &parents)
}

/// Writes the same files into the work tree.
fn check_out(folder: &TempFolder, files: &[(&str, &str)]) -> std::io::Result<()> {
    for (path, text) in files {
        match text.strip_prefix("-> ") {
            Some(target) => folder.link(path, target)?,
            None => folder.write(path, text)?,
        }
    }
    Ok(())
}

fn messages(read: Result<FileTree, Failure>) -> Vec<String> {
    match read {
        Err(Failure::Report(report)) => report
            .diagnostics
            .into_iter()
            .map(|found| {
                [vec![format!("{}: {}", found.rule, found.message)], found.hints].concat().join("; ")
            })
            .collect(),
        other => vec![format!("unexpected: {other:?}")],
    }
}

fn git_error(read: Result<FileTree, Failure>) -> Result<String, String> {
    match read {
        Err(Failure::Error(error @ Error::Git { .. })) => Ok(error.to_string()),
        other => Err(format!("unexpected: {other:?}")),
    }
}

#[test]
fn a_revision_reads_as_its_work_tree_does() -> TestResult {
    let files = [
        ("fleet.yaml", "fleet"),
        ("README.md", "no input"),
        ("addons", "-> shared/addons"),
        ("shared/addons/cilium/addon.yaml", "cilium"),
        ("shared/addons/too", "-> cilium"),
        ("clusters/.hidden.yaml", "no input"),
        ("clusters/a.yaml", "-> ../shared/a.yaml"),
        ("clusters/a.yaml~", "no input"),
        ("clusters/tokyo/b.yaml", "b\r\n"),
        ("shared/a.yaml", "a"),
    ];
    let folder = TempFolder::new()?;
    let repository = repository(&folder)?;
    let commit_id = commit(&repository, &files)?;
    repository.tag_lightweight("v1", &repository.find_object(commit_id, None)?, false)?;
    commit(&repository, &[("fleet.yaml", "later")])?;
    check_out(&folder, &files)?;

    let worktree = read_worktree(folder.path(), Selection::FLEET).ok();
    let tag = read_revision(folder.path(), "v1", Selection::FLEET).ok();
    let id = read_revision(folder.path(), &commit_id.to_string(), Selection::FLEET).ok();
    let parent = read_revision(folder.path(), "main~1", Selection::FLEET).ok();

    let expected = FileTree::literal(&[
        ("addons/cilium/addon.yaml", "cilium"),
        ("addons/too/addon.yaml", "cilium"),
        ("clusters/a.yaml", "a"),
        ("clusters/tokyo/b.yaml", "b\r\n"),
        ("fleet.yaml", "fleet"),
    ]);
    assert_eq!(
        [worktree, tag, id, parent],
        [const { None }; 4].map(|_: Option<FileTree>| Some(expected.clone()))
    );
    Ok(())
}

#[test]
fn a_revision_is_refused_for_what_a_work_tree_would_be() -> TestResult {
    let files = [
        ("clusters/absolute", "-> /etc/passwd"),
        ("clusters/a/back", "-> .."),
        ("clusters/a/a.yaml", "a"),
        ("clusters/dangling", "-> nothing"),
        ("clusters/git", "-> ../.git/config"),
        ("clusters/out", "-> ../../etc"),
        ("clusters/line\nbreak", ""),
        ("fleet.yaml/x", ""),
        ("tenants", "-> tenants"),
    ];
    let folder = TempFolder::new()?;
    let repository = repository(&folder)?;
    commit(&repository, &files)?;
    check_out(&folder, &files)?;

    let found = messages(read_revision(folder.path(), "main", Selection::FLEET));

    assert_eq!(found.len(), 8);
    assert_eq!(found, messages(read_worktree(folder.path(), Selection::FLEET)));
    Ok(())
}

#[test]
fn a_fleet_may_lie_in_a_folder_of_its_repository() -> TestResult {
    let folder = TempFolder::with(&[("deploy/fleet/clusters/a.yaml", "not committed")])?;
    let repository = repository(&folder)?;
    commit(
        &repository,
        &[
            ("deploy/fleet/clusters/a.yaml", "a"),
            ("deploy/fleet/clusters/out", "-> ../../x"),
            ("deploy/x", "x"),
        ],
    )?;
    commit(&repository, &[("deploy/fleet/clusters/a.yaml", "a"), ("fleet.yaml", "another")])?;
    commit(&repository, &[("fleet.yaml", "another")])?;
    folder.link("way", "deploy")?;

    let tree = read_revision(&folder.join("deploy/fleet"), "main~1", Selection::FLEET).ok();
    let by_link = read_revision(&folder.join("way/fleet"), "main~1", Selection::FLEET).ok();
    let leaves = messages(read_revision(&folder.join("deploy/fleet"), "main~2", Selection::FLEET));
    let absent = messages(read_revision(&folder.join("deploy/fleet"), "main", Selection::FLEET));

    let expected = Some(FileTree::literal(&[("clusters/a.yaml", "a")]));
    assert_eq!((tree, by_link), (expected.clone(), expected));
    assert!(leaves[0].contains("which leaves the repository"), "{leaves:?}");
    assert_eq!(absent, ["unknown-revision: revision `main` has no folder `deploy/fleet`"]);
    Ok(())
}

#[test]
fn an_unknown_revision_is_reported_with_the_nearest_name() -> TestResult {
    let folder = TempFolder::new()?;
    let repository = repository(&folder)?;
    let commit_id = commit(&repository, &[("fleet.yaml", "")])?;
    repository.tag_lightweight("v1.35-ake.261121", &repository.find_object(commit_id, None)?, false)?;
    let read = |revision: &str| messages(read_revision(folder.path(), revision, Selection::FLEET));

    let expected =
        "unknown-revision: there is no revision `v1.35-ake.261112`; did you mean `v1.35-ake.261121`?";
    assert_eq!(read("v1.35-ake.261112"), [expected]);
    assert_eq!(read("mian"), ["unknown-revision: there is no revision `mian`; did you mean `main`?"]);
    assert_eq!(read("main~7"), ["unknown-revision: there is no revision `main~7`; did you mean `main`?"]);
    let id = "0123456789012345678901234567890123456789";
    assert_eq!(read(id), [format!("unknown-revision: there is no revision `{id}`")]);
    assert_eq!(read("main:fleet.yaml"), ["unknown-revision: `main:fleet.yaml` names a file, not a revision"]);
    for odd in ["", "-", "--help", "a\0b", "main^{", "\u{202e}", "@{"] {
        assert!(read(odd)[0].starts_with("unknown-revision: "), "{odd:?}: {:?}", read(odd));
    }
    Ok(())
}

#[test]
fn outside_of_a_repository_there_are_no_revisions() -> TestResult {
    let folder = TempFolder::new()?;

    let error = git_error(read_revision(folder.path(), "main", Selection::FLEET))?;

    assert!(error.starts_with("cannot open the git repository of "), "{error}");
    Ok(())
}

#[test]
fn a_submodule_is_passed_over() -> TestResult {
    let folder = TempFolder::new()?;
    let repository = repository(&folder)?;
    let elsewhere = Oid::from_str("0123456789012345678901234567890123456789")?;
    let mut tree = TreeUpdateBuilder::new();
    tree.upsert("addons/theirs", elsewhere, FileMode::Commit);
    tree.upsert("addons/ours/addon.yaml", repository.blob(b"ours")?, FileMode::Blob);
    let empty = repository.find_tree(repository.treebuilder(None)?.write()?)?;
    commit_tree(&repository, tree.create_updated(&repository, &empty)?)?;

    let read = read_revision(folder.path(), "main", Selection::FLEET).ok();

    assert_eq!(read, Some(FileTree::literal(&[("addons/ours/addon.yaml", "ours")])));
    Ok(())
}

#[test]
fn names_that_git_never_writes_are_refused() -> TestResult {
    for name in ["..", ".", ".git", ".GIT", "a/b"] {
        let folder = TempFolder::new()?;
        let repository = repository(&folder)?;
        let blob = repository.blob(b"")?;
        let odb = repository.odb()?;
        let entry =
            |mode: &str, name: &str, id: Oid| [format!("{mode} {name}\0").as_bytes(), id.as_bytes()].concat();
        let inner = odb.write(ObjectType::Tree, &entry("100644", name, blob))?;
        let outer = odb.write(ObjectType::Tree, &entry("40000", "clusters", inner))?;
        commit_tree(&repository, outer)?;

        let found = messages(read_revision(folder.path(), "main", Selection::FLEET));

        assert_eq!(
            found[0].split(';').next(),
            Some(&*format!("file-name: `clusters/{name}` is no usable file name"))
        );
    }
    Ok(())
}

#[test]
fn trees_that_multiply_end_at_the_limit() -> TestResult {
    let folder = TempFolder::new()?;
    let repository = repository(&folder)?;
    let mut inner = repository.blob(b"")?;
    for depth in 0..12 {
        let mut tree = repository.treebuilder(None)?;
        for name in ["a", "b", "c", "d", "e", "f", "g", "h"] {
            tree.insert(name, inner, if depth == 0 { 0o100_644 } else { 0o040_000 })?;
        }
        inner = tree.write()?;
    }
    let mut root = repository.treebuilder(None)?;
    root.insert("clusters", inner, 0o040_000)?;
    commit_tree(&repository, root.write()?)?;

    let found = messages(read_revision(folder.path(), "main", Selection::FLEET));

    assert_eq!(found, ["input-too-large: the fleet has more than 200000 files and folders"]);
    Ok(())
}

#[test]
fn a_shallow_clone_says_that_it_cannot_tell() -> TestResult {
    let folder = TempFolder::new()?;
    let repository = repository(&folder)?;
    commit(&repository, &[("fleet.yaml", "1")])?;
    let tip = commit(&repository, &[("fleet.yaml", "2")])?;
    folder.write(".git/shallow", &format!("{tip}\n"))?;

    let tip = read_revision(folder.path(), "main", Selection::FLEET).ok();
    let tag = git_error(read_revision(folder.path(), "v1", Selection::FLEET))?;

    assert_eq!(tip, Some(FileTree::literal(&[("fleet.yaml", "2")])));
    assert!(tag.contains("shallow clone"), "{tag}");
    Ok(())
}

#[test]
fn an_object_that_is_missing_is_an_error() -> TestResult {
    let folder = TempFolder::new()?;
    let repository = repository(&folder)?;
    commit(&repository, &[("fleet.yaml", "1")])?;
    let blob = Oid::hash_object(ObjectType::Blob, b"1")?.to_string();
    std::fs::remove_file(folder.join(&format!(".git/objects/{}/{}", &blob[..2], &blob[2..])))?;

    let error = git_error(read_revision(folder.path(), "main", Selection::FLEET))?;

    assert!(error.starts_with("cannot read revision `main`: object not found"), "{error}");
    Ok(())
}

#[test]
fn a_repository_of_another_user_says_what_git_would() -> TestResult {
    let folder = TempFolder::new()?;
    let repository = repository(&folder)?;
    commit(&repository, &[("fleet.yaml", "1")])?;
    let is_changed = [folder.path().to_owned(), folder.join(".git")]
        .iter()
        .all(|path| std::os::unix::fs::chown(path, Some(12_345), Some(12_345)).is_ok());
    if !is_changed {
        eprintln!("not run: this user may not give files away");
        return Ok(());
    }

    let read = read_revision(folder.path(), "main", Selection::FLEET);

    match git_error(read) {
        Ok(error) => assert!(error.contains("git config --global --add safe.directory"), "{error}"),
        Err(_) => eprintln!("not run: this user trusts every repository"),
    }
    Ok(())
}
