//! Repositories whose history a story tells, and the binary that is asked about them.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::process::{Command, Output};

use git2::{Oid, Repository, RepositoryInitOptions, Signature, Time};
use serde_json::Value;

use crate::temp::TempFolder;

/// A repository with a trunk and branches of minors, without a work tree that anything is checked out in.
pub struct Story {
    folder: TempFolder,
    pub git: Repository,
    commits: std::cell::Cell<i64>,
}

/// What the binary said.
pub struct Answer {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// What a plan says.
pub struct Plan {
    pub code: Option<i32>,
    pub json: Value,
    pub stderr: String,
}

const POLICY: &str = "apiVersion: yoshino.dev/v1alpha1\nkind: PickPolicy\nspec:\n";

impl Story {
    /// Begins with a first commit on `main` that holds a policy and files, and with a branch there for each minor.
    pub fn new(policy: &str, files: &[(&str, &str)], minors: &[&str]) -> Result<Self, Box<dyn Error>> {
        let folder = TempFolder::new()?;
        let mut options = RepositoryInitOptions::new();
        options.bare(true).initial_head("main").external_template(false);
        let git = Repository::init_opts(folder.path(), &options)?;
        let story = Self { folder, git, commits: std::cell::Cell::new(0) };
        let policy = format!("{POLICY}{policy}");
        let mut first = vec![("picks.yaml", policy.as_str())];
        first.extend_from_slice(files);
        let base = story.commit("main", "base", &first)?;
        for minor in minors {
            story.branch(&format!("release/{minor}"), base)?;
        }
        Ok(story)
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Commits files on top of a branch; the text `-` takes a file away.
    pub fn commit(&self, branch: &str, message: &str, files: &[(&str, &str)]) -> Result<Oid, git2::Error> {
        self.merge(branch, message, files, &[])
    }

    /// Commits files on top of a branch, with further parents.
    pub fn merge(
        &self,
        branch: &str,
        message: &str,
        files: &[(&str, &str)],
        others: &[Oid],
    ) -> Result<Oid, git2::Error> {
        let name = format!("refs/heads/{branch}");
        let parent = self.git.refname_to_id(&name).ok().map(|id| self.git.find_commit(id)).transpose()?;
        let mut tree = parent.as_ref().map(git2::Commit::tree_id);
        for (path, text) in files {
            tree = self.put(tree, &path.split('/').collect::<Vec<_>>(), text)?;
        }
        let empty = self.git.treebuilder(None)?.write()?;
        let tree = self.git.find_tree(tree.unwrap_or(empty))?;
        let number = self.commits.get();
        self.commits.set(number + 1);
        let by = Signature::new("Grace", "grace@example.com", &Time::new(1_763_700_000 + 60 * number, 540))?;
        let others: Vec<git2::Commit<'_>> =
            others.iter().map(|id| self.git.find_commit(*id)).collect::<Result<_, _>>()?;
        let parents: Vec<&git2::Commit<'_>> = parent.iter().chain(&others).collect();
        self.git.commit(Some(&name), &by, &by, message, &tree, &parents)
    }

    fn put(&self, tree: Option<Oid>, path: &[&str], text: &str) -> Result<Option<Oid>, git2::Error> {
        let tree = tree.map(|id| self.git.find_tree(id)).transpose()?;
        let mut builder = self.git.treebuilder(tree.as_ref())?;
        match path {
            [] => {}
            [name] if text == "-" => builder.remove(name)?,
            [name] => {
                builder.insert(name, self.git.blob(text.as_bytes())?, 0o100_644)?;
            }
            [name, rest @ ..] => {
                let beneath = tree.as_ref().and_then(|tree| tree.get_name(name)).map(|entry| entry.id());
                match self.put(beneath, rest, text)? {
                    Some(folder) => _ = builder.insert(name, folder, 0o040_000)?,
                    None => builder.remove(name)?,
                }
            }
        }
        if builder.is_empty() { Ok(None) } else { builder.write().map(Some) }
    }

    pub fn branch(&self, name: &str, at: Oid) -> Result<(), git2::Error> {
        self.git.reference(&format!("refs/heads/{name}"), at, true, "")?;
        Ok(())
    }

    /// Reverts a commit on a branch with git's own words; its files go back to these.
    pub fn revert(&self, branch: &str, commit: Oid, files: &[(&str, &str)]) -> Result<Oid, git2::Error> {
        let subject = self.git.find_commit(commit)?.summary()?.unwrap_or_default().to_owned();
        let message = match subject.strip_prefix("Revert ") {
            Some(rest) => format!("Reapply {rest}\n\nThis reverts commit {commit}.\n"),
            None => format!("Revert \"{subject}\"\n\nThis reverts commit {commit}.\n"),
        };
        self.commit(branch, &message, files)
    }

    /// Picks a commit by hand, as `git cherry-pick -x` words it.
    pub fn pick_by_hand(
        &self,
        branch: &str,
        commit: Oid,
        files: &[(&str, &str)],
    ) -> Result<Oid, git2::Error> {
        let subject = self.git.find_commit(commit)?.summary()?.unwrap_or_default().to_owned();
        self.commit(branch, &format!("{subject}\n\n(cherry picked from commit {commit})\n"), files)
    }

    /// Runs the binary in the repository.
    pub fn run(&self, arguments: &[&str]) -> Result<Answer, Box<dyn Error>> {
        answer(command(self.path()).args(arguments).output()?)
    }

    /// Plans for a day on which nothing ends.
    pub fn plan(&self, arguments: &[&str]) -> Result<Plan, Box<dyn Error>> {
        let mut all = vec!["pick", "plan", "--format", "json"];
        if !arguments.contains(&"--now") {
            all.extend(["--now", "2026-11-21"]);
        }
        all.extend(arguments);
        Plan::of(self.run(&all)?)
    }
}

/// Returns the binary, asked about the repository in a folder.
pub fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yoshino"));
    command.arg("-C").arg(folder);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", folder);
    command.env("GIT_COMMITTER_NAME", "Ada").env("GIT_COMMITTER_EMAIL", "ada@example.com");
    command.env("GIT_COMMITTER_DATE", "1763800000 +0000");
    command
}

pub fn answer(output: Output) -> Result<Answer, Box<dyn Error>> {
    Ok(Answer {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout)?,
        stderr: String::from_utf8(output.stderr)?,
    })
}

impl Plan {
    pub fn of(answer: Answer) -> Result<Self, Box<dyn Error>> {
        let json = serde_json::from_str(&answer.stdout)
            .map_err(|refusal| format!("{refusal}: {}{}", answer.stdout, answer.stderr))?;
        Ok(Self { code: answer.code, json, stderr: answer.stderr })
    }

    fn units(&self) -> impl Iterator<Item = &Value> {
        self.json["units"].as_array().into_iter().flatten()
    }

    /// Draws the plan: a line for each unit with its status on each minor, oldest first.
    pub fn drawn(&self) -> Vec<String> {
        let mut order: Vec<&str> = Vec::new();
        let mut lines: BTreeMap<&str, (String, Vec<&str>)> = BTreeMap::new();
        for unit in self.units() {
            let id = unit["commit"].as_str().unwrap_or_default();
            let line = lines.entry(id).or_insert_with(|| {
                order.push(id);
                (unit["subject"].as_str().unwrap_or_default().to_owned(), Vec::new())
            });
            line.1.push(unit["status"].as_str().unwrap_or_default());
        }
        order.into_iter().map(|id| format!("{}: {}", lines[id].0, lines[id].1.join(" "))).collect()
    }

    /// Returns the entry of a unit on a minor.
    pub fn unit(&self, commit: Oid, minor: &str) -> Value {
        let id = commit.to_string();
        let mut found = self.units().filter(|unit| unit["commit"] == *id && unit["minor"] == *minor);
        found.next().cloned().unwrap_or_default()
    }

    /// Returns a field of a unit on a minor, as text.
    pub fn field(&self, commit: Oid, minor: &str, field: &str) -> String {
        let unit = self.unit(commit, minor);
        unit[field].as_str().map_or_else(|| unit[field].to_string(), str::to_owned)
    }

    /// Returns the ids that a unit requires on a minor.
    pub fn requires(&self, commit: Oid, minor: &str) -> Vec<String> {
        let unit = self.unit(commit, minor);
        let ids = unit["requires"].as_array().into_iter().flatten();
        ids.filter_map(|id| id.as_str().map(str::to_owned)).collect()
    }
}
