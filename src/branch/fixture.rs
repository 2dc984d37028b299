//! Repositories that tests work in.
#![allow(dead_code, reason = "every part of the tests uses a part of it")]
#![allow(clippy::disallowed_methods, reason = "git itself is asked whether all is well")]

use std::path::Path;
use std::process::Command;

use git2::{Oid, Repository, RepositoryInitOptions, Signature, Time, TreeBuilder};

use crate::tree::temp::TempFolder;

pub type TestResult = Result<(), Box<dyn std::error::Error>>;

/// A repository with an identity of its own, in a folder that is gone when the test is over.
pub struct TempRepository {
    pub folder: TempFolder,
    pub git: Repository,
}

impl TempRepository {
    /// Makes one whose trunk is `main`, checked out and without a commit.
    pub fn new() -> Result<Self, Box<dyn std::error::Error>> {
        Self::init(false)
    }

    pub fn bare() -> Result<Self, Box<dyn std::error::Error>> {
        Self::init(true)
    }

    fn init(bare: bool) -> Result<Self, Box<dyn std::error::Error>> {
        let folder = TempFolder::new()?;
        let git = Repository::init_opts(
            folder.path(),
            RepositoryInitOptions::new().initial_head("main").bare(bare).external_template(false),
        )?;
        let mut config = git.config()?;
        config.set_str("user.name", "Ada")?;
        config.set_str("user.email", "ada@example.com")?;
        Ok(Self { folder, git })
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Commits files to a branch, on top of what it has; the branch is made where it is not there. The work tree is
    /// left alone.
    pub fn commit(&self, branch: &str, message: &str, files: &[(&str, &str)]) -> Result<Oid, git2::Error> {
        let name = format!("refs/heads/{branch}");
        let parent = self.git.refname_to_id(&name).ok().map(|id| self.git.find_commit(id)).transpose()?;
        let mut tree = parent.as_ref().map(git2::Commit::tree_id);
        for (path, text) in files {
            let parts: Vec<&str> = path.split('/').collect();
            tree = Some(self.put(tree, &parts, text)?);
        }
        let tree = match tree {
            Some(tree) => tree,
            None => self.git.treebuilder(None)?.write()?,
        };
        let by = Signature::new("Grace", "grace@example.com", &Time::new(1_763_700_000, 540))?;
        let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
        self.git.commit(Some(&name), &by, &by, message, &self.git.find_tree(tree)?, &parents)
    }

    fn put(&self, tree: Option<Oid>, path: &[&str], text: &str) -> Result<Oid, git2::Error> {
        let tree = tree.map(|id| self.git.find_tree(id)).transpose()?;
        let mut builder: TreeBuilder<'_> = self.git.treebuilder(tree.as_ref())?;
        match path {
            [] => {}
            [name] => {
                builder.insert(name, self.git.blob(text.as_bytes())?, 0o100_644)?;
            }
            [name, rest @ ..] => {
                let beneath = tree.as_ref().and_then(|tree| tree.get_name(name)).map(|entry| entry.id());
                builder.insert(name, self.put(beneath, rest, text)?, 0o040_000)?;
            }
        }
        builder.write()
    }

    /// Runs git, with no configuration but the repository's; returns what it prints on both streams.
    pub fn run(&self, arguments: &[&str]) -> std::io::Result<String> {
        let mut git = Command::new("git");
        git.arg("-C").arg(self.path()).args(arguments);
        for (name, value) in
            [("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1"), ("LC_ALL", "C")]
        {
            git.env(name, value);
        }
        let output = git.output()?;
        let text = [output.stdout, output.stderr].concat();
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// Returns what git finds wrong with the repository; nothing where all is well.
    pub fn fsck(&self) -> std::io::Result<String> {
        self.run(&["fsck", "--strict", "--no-dangling", "--no-progress"])
    }
}
