//! The store against git itself.
#![allow(clippy::disallowed_methods, reason = "tests look at git's files")]

use std::collections::BTreeMap;
use std::fs;

use git2::Oid;
use git2::build::TreeUpdateBuilder;

use super::*;
use crate::branch::fixture::{TempRepository, TestResult};
use crate::branch::identity::When;
use crate::tree::temp::snapshot;

fn ada() -> Result<Identity, Error> {
    Identity::new(b"Ada", b"ada@example.com", When { seconds: 1_763_800_000, offset_minutes: -90 })
}

/// Makes a commit with one more file, all in memory.
fn commit_beside(
    store: &Store,
    parent: Oid,
    path: &str,
    text: &str,
) -> Result<Oid, Box<dyn std::error::Error>> {
    let git = store.repository();
    let before = git.find_commit(parent)?;
    let blob = git.blob(text.as_bytes())?;
    let tree = TreeUpdateBuilder::new()
        .upsert(path, blob, git2::FileMode::Blob)
        .create_updated(git, &before.tree()?)?;
    let commit = NewCommit {
        tree,
        parents: &[parent],
        author: &author_of(&before),
        committer: &ada()?,
        encoding: None,
        message: b"more\n",
    };
    Ok(store.commit(&commit)?)
}

fn branch(name: &str) -> RefName {
    RefName::branch(name).expect("because the name is plain")
}

fn step(name: &str, from: Option<Oid>, to: Oid) -> RefMove {
    RefMove { name: branch(name), from, to, log: "test: a step".to_owned() }
}

/// Returns the repository's files, without the dates that reading freshens.
fn files(repository: &TempRepository) -> std::io::Result<BTreeMap<String, Vec<u8>>> {
    let git = repository.git.path();
    let mut found = BTreeMap::new();
    for name in walkdir::WalkDir::new(git).into_iter().filter_map(Result::ok) {
        if name.file_type().is_file() {
            found.insert(name.path().display().to_string(), fs::read(name.path())?);
        }
    }
    Ok(found)
}

#[test]
fn what_is_made_is_in_memory_until_a_ref_needs_it() -> TestResult {
    let repository = TempRepository::new()?;
    let first = repository.commit("main", "one", &[("a/b/c.yaml", "c"), ("d.yaml", "d")])?;
    let before = files(&repository)?;

    let store = Store::open(repository.path())?;
    let second = commit_beside(&store, first, "a/b/e.yaml", "e")?;
    let third = commit_beside(&store, second, "a/f.yaml", "f")?;
    let planned = files(&repository)?;
    let moved = store.move_ref(&step("picks/1.36/a", None, third))?;

    assert!(before == planned);
    assert_eq!(moved, Moved::Done);
    assert_eq!(repository.run(&["rev-list", "picks/1.36/a"])?, format!("{third}\n{second}\n{first}\n"));
    assert_eq!(
        repository.run(&["ls-tree", "-r", "--name-only", "picks/1.36/a"])?,
        "a/b/c.yaml\na/b/e.yaml\na/f.yaml\nd.yaml\n"
    );
    assert_eq!(repository.fsck()?, "");
    let log = repository.run(&["log", "-g", "--format=%H %gs", "picks/1.36/a"])?;
    assert_eq!(log, format!("{third} test: a step\n"));
    assert!(snapshot(&repository.git.path().join("yoshino"))?.is_empty());
    // Two commits, two trees of three folders, two files: what is there already is not written again.
    let count = repository.run(&["count-objects", "-v"])?;
    assert!(count.contains("in-pack: 9\npacks: 1\n"), "{count}");
    Ok(())
}

#[test]
fn a_commit_keeps_the_bytes_of_others() -> TestResult {
    let repository = TempRepository::new()?;
    let first = repository.commit("main", "one", &[("a", "a")])?;
    let store = Store::open(repository.path())?;
    let tree = store.repository().find_commit(first)?.tree_id();

    let commit = NewCommit {
        tree,
        parents: &[first],
        author: b"J\xf6rg <j@example.com> 1000000000 -0330",
        committer: &ada()?,
        encoding: Some(b"ISO-8859-1"),
        message: b"gr\xfcn  \n\n\n\nend\n\n",
    };
    let id = store.commit(&commit)?;
    store.move_ref(&step("x", None, id))?;

    let raw = repository.git.odb()?.read(id)?.data().to_vec();
    let head = format!("tree {tree}\nparent {first}\nauthor J");
    let expected: [&[u8]; 3] = [
        head.as_bytes(),
        b"\xf6rg <j@example.com> 1000000000 -0330\ncommitter Ada <ada@example.com> 1763800000 -0130\n",
        b"encoding ISO-8859-1\n\ngr\xfcn  \n\n\n\nend\n\n",
    ];
    assert_eq!(raw, expected.concat());
    let made = store.repository().find_commit(id)?;
    assert_eq!(author_of(&made), b"J\xf6rg <j@example.com> 1000000000 -0330");
    assert_eq!(encoding_of(&made), Some(b"ISO-8859-1".to_vec()));
    assert_eq!(repository.run(&["log", "-1", "--format=%an", "x"])?, "J\u{f6}rg\n");
    Ok(())
}

#[test]
fn a_ref_that_has_moved_is_left_and_nothing_beside_it_moves() -> TestResult {
    let repository = TempRepository::new()?;
    let first = repository.commit("main", "one", &[("a", "a")])?;
    let other = repository.commit("release/1.36", "theirs", &[("b", "b")])?;
    let store = Store::open(repository.path())?;
    let ours = commit_beside(&store, first, "c", "c")?;

    let steps = [step("new", None, ours), step("release/1.36", Some(first), ours)];
    let lost = store.move_refs(&steps)?;
    let there = store.move_ref(&step("release/1.36", None, ours))?;
    let gone = store.move_ref(&step("nowhere", Some(first), ours))?;

    assert_eq!(lost, Moved::Lost { name: branch("release/1.36"), found: Some(other) });
    assert_eq!(there, lost);
    assert_eq!(gone, Moved::Lost { name: branch("nowhere"), found: None });
    assert_eq!(store.find(&branch("new"))?, None);
    assert_eq!(store.find(&branch("release/1.36"))?, Some(other));
    assert!(snapshot(&repository.git.path().join("yoshino"))?.is_empty());
    assert_eq!(repository.run(&["for-each-ref", "--format=%(refname)"])?.lines().count(), 2);
    Ok(())
}

#[test]
fn packed_refs_are_compared_and_left_behind() -> TestResult {
    let repository = TempRepository::new()?;
    let first = repository.commit("release/1.36", "one", &[("a", "a")])?;
    let store = Store::open(repository.path())?;
    let ours = commit_beside(&store, first, "c", "c")?;
    repository.run(&["pack-refs", "--all"])?;

    assert_eq!(store.move_ref(&step("release/1.36", Some(first), ours))?, Moved::Done);

    assert_eq!(repository.run(&["rev-parse", "release/1.36"])?, format!("{ours}\n"));
    let under = store.move_ref(&step("release/1.36/x", None, ours));
    assert_eq!(
        under.map_err(|error| error.to_string()),
        Err("cannot make `release/1.36/x`: there is `refs/heads/release/1.36`".to_owned())
    );
    repository.run(&["pack-refs", "--all"])?;
    let over = store.move_ref(&step("release", None, ours));
    assert_eq!(
        over.map_err(|error| error.to_string()),
        Err("cannot make `release`: there is `refs/heads/release/1.36`".to_owned())
    );
    Ok(())
}

#[test]
fn no_checked_out_branch_moves_in_any_work_tree() -> TestResult {
    let repository = TempRepository::new()?;
    let first = repository.commit("main", "one", &[("a", "a")])?;
    repository.commit("linked", "two", &[("a", "a")])?;
    repository.commit("rebased", "two", &[("a", "a")])?;
    let linked = repository.path().join("beside/linked");
    repository.run(&["worktree", "add", "-q", &linked.display().to_string(), "linked"])?;
    let rebase = repository.git.path().join("rebase-merge");
    fs::create_dir(&rebase)?;
    fs::write(rebase.join("head-name"), "refs/heads/rebased\n")?;

    for place in [repository.path(), &linked] {
        let store = Store::open(place)?;
        let ours = commit_beside(&store, first, "c", "c")?;
        for (name, at) in [("main", repository.path()), ("linked", &*linked), ("rebased", repository.path())]
        {
            let refusal = store.move_ref(&step(name, store.find(&branch(name))?, ours));
            let expected = format!("cannot move `{name}`: it is checked out in {}", at.display());
            assert_eq!(refusal.map_err(|error| error.to_string()), Err(expected));
        }
        let free = format!("free-{}", place.components().count());
        assert_eq!(store.move_ref(&step(&free, None, ours))?, Moved::Done);
    }
    assert_eq!(repository.run(&["rev-parse", "main"])?, format!("{first}\n"));
    Ok(())
}

#[test]
fn the_branch_that_a_bare_repository_points_at_moves() -> TestResult {
    let repository = TempRepository::bare()?;
    let first = repository.commit("main", "one", &[("a", "a")])?;
    let store = Store::open(repository.path())?;
    let ours = commit_beside(&store, first, "c", "c")?;

    assert_eq!(store.move_ref(&step("main", Some(first), ours))?, Moved::Done);

    assert_eq!(repository.run(&["rev-parse", "HEAD"])?, format!("{ours}\n"));
    assert!(!repository.git.path().join("logs/refs/heads/main").exists());
    assert_eq!(repository.fsck()?, "");
    Ok(())
}

#[test]
fn a_tag_is_annotated_and_found_by_git() -> TestResult {
    let repository = TempRepository::new()?;
    let first = repository.commit("main", "one", &[("a", "a")])?;
    let store = Store::open(repository.path())?;
    let name = RefName::tag("v1.36-ake.261121").expect("because the name is plain");

    let id = store.tag(&NewTag { commit: first, name: &name, tagger: &ada()?, message: b"release\n" })?;
    let change = RefMove { name, from: None, to: id, log: String::new() };
    assert_eq!(store.move_ref(&change)?, Moved::Done);
    assert_eq!(store.move_ref(&change)?, Moved::Lost { name: change.name.clone(), found: Some(id) });

    assert_eq!(repository.run(&["describe", "main"])?, "v1.36-ake.261121\n");
    assert_eq!(repository.run(&["cat-file", "-t", "v1.36-ake.261121"])?, "tag\n");
    assert_eq!(repository.fsck()?, "");
    Ok(())
}

#[test]
fn a_lock_that_a_killed_run_left_is_taken_away_and_that_of_others_is_not() -> TestResult {
    let repository = TempRepository::new()?;
    let first = repository.commit("main", "one", &[("a", "a")])?;
    let store = Store::open(repository.path())?;
    let git = repository.git.path();
    let turn = Turn::take(store.repository().commondir())?;
    std::mem::forget(RefLock::take(&turn, &branch("ours"), first)?);
    drop(turn);
    fs::write(git.join("yoshino/pack_git2_x"), "half a pack")?;
    fs::write(git.join("refs/heads/theirs.lock"), "")?;
    assert!(git.join("refs/heads/ours.lock").exists());

    assert_eq!(store.move_ref(&step("ours", None, first))?, Moved::Done);
    let theirs = store.move_ref(&step("theirs", None, first)).map_err(|error| error.to_string());

    let expected = format!("cannot lock `theirs`: {}/refs/heads/theirs.lock is there, made ", git.display());
    let refusal = theirs.expect_err("because it is locked");
    assert!(refusal.starts_with(&expected.replace("//", "/")), "{refusal}");
    assert!(git.join("refs/heads/theirs.lock").exists());
    assert!(!git.join("refs/heads/ours.lock").exists());
    assert!(snapshot(&git.join("yoshino"))?.is_empty());
    Ok(())
}

#[test]
fn a_folder_that_deleted_branches_left_makes_way() -> TestResult {
    let repository = TempRepository::new()?;
    let first = repository.commit("main", "one", &[("a", "a")])?;
    fs::create_dir_all(repository.git.path().join("refs/heads/picks/1.36/x"))?;
    fs::create_dir_all(repository.git.path().join("logs/refs/heads/picks/1.36"))?;
    let store = Store::open(repository.path())?;

    assert_eq!(store.move_ref(&step("picks", None, first))?, Moved::Done);

    assert_eq!(repository.run(&["rev-parse", "picks"])?, format!("{first}\n"));
    Ok(())
}

#[test]
fn what_is_not_there_is_not_pointed_at() -> TestResult {
    let repository = TempRepository::new()?;
    let first = repository.commit("main", "one", &[("a", "a")])?;
    let store = Store::open(repository.path())?;
    let nothing = Oid::from_str("1234567890123456789012345678901234567890")?;
    let tree = store.repository().find_commit(first)?.tree_id();

    assert!(store.move_ref(&step("x", None, nothing)).is_err());
    let commit = |tree, parent| {
        let parents = [parent];
        let committer = ada()?;
        let commit = NewCommit {
            tree,
            parents: &parents,
            author: b"a <a> 1 +0000",
            committer: &committer,
            encoding: None,
            message: b"",
        };
        store.commit(&commit)
    };
    assert!(commit(nothing, first).is_err());
    assert!(commit(tree, nothing).is_err());
    assert!(commit(tree, tree).is_err());
    assert!(commit(first, first).is_err());
    assert!(commit(tree, first).is_ok());
    Ok(())
}

#[test]
fn thousands_of_objects_become_one_pack() -> TestResult {
    let repository = TempRepository::new()?;
    let first = repository.commit("main", "one", &[("a/b/c.yaml", "c")])?;
    let store = Store::open(repository.path())?;

    let mut tip = first;
    for number in 0..1000 {
        tip = commit_beside(&store, tip, &format!("a/{}/{number}.yaml", number % 50), &number.to_string())?;
    }
    assert_eq!(store.move_ref(&step("x", None, tip))?, Moved::Done);

    let count = repository.run(&["count-objects", "-v"])?;
    assert!(count.contains("in-pack: 5000\npacks: 1\n"), "{count}");
    assert_eq!(repository.fsck()?, "");
    Ok(())
}

#[test]
fn repositories_that_cannot_be_read_say_why() -> TestResult {
    let folder = crate::tree::temp::TempFolder::new()?;
    let git = Repository::init(folder.path())?;
    let mut config = git.config()?;
    config.set_i32("core.repositoryformatversion", 1)?;
    config.set_str("extensions.objectformat", "sha256")?;
    let refusal = Store::open(folder.path()).map(drop).map_err(|error| error.to_string());
    assert!(
        refusal.clone().is_err_and(|why| why.ends_with("only repositories with SHA-1 objects are read")),
        "{refusal:?}"
    );

    config.remove("extensions.objectformat")?;
    config.set_str("extensions.refstorage", "reftable")?;
    let refusal = Store::open(folder.path()).map(drop).map_err(|error| error.to_string());
    assert!(
        refusal.clone().is_err_and(|why| why.ends_with("`git refs migrate --ref-format=files`")),
        "{refusal:?}"
    );
    Ok(())
}
