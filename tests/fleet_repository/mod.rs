//! A small fleet in a git repository of a test's own: commits with fixed names and dates, no configuration of whoever
//! runs the tests.
#![allow(dead_code, reason = "every file of tests uses a part of it")]
#![allow(clippy::disallowed_methods, reason = "the tests run the binary on files of their own")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

use git2::{Oid, Repository, Signature, Time};

pub type TestResult = Result<(), Box<dyn Error>>;

const FLEET: &[(&str, &str)] = &[
    (
        "fleet.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: Fleet\nmetadata: {name: ake}\nspec:\n  labelDomain: ake.example.com\n  repository: {url: https://git.example.com/fleet.git}\n  minors: [\"1.34\", \"1.35\", \"1.36\"]\n  tag: v{minor}-ake.{yymmdd}\n  timezone: Asia/Tokyo\n  management: [{name: east}]\n",
    ),
    ("tenants/blue.yaml", "apiVersion: yoshino.dev/v1alpha1\nkind: Tenant\nmetadata: {name: blue}\n"),
    (
        "addons/cilium/addon.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: Addon\nmetadata: {name: cilium}\nspec:\n  namespace: kube-system\n  kubernetes: \">=1.33 <1.37\"\n  enable: {default: true}\n  source: {helm: {repository: https://helm.cilium.io, chart: cilium, version: 1.20.3, values: {mtu: 1500}}}\n  provides: [cni]\n",
    ),
    ("templates/docker/cluster.yaml.j2", include_str!("../../templates/docker/cluster.yaml.j2")),
    ("templates/docker/machines.yaml.j2", include_str!("../../templates/docker/machines.yaml.j2")),
    ("templates/docker/schema.json", include_str!("../../templates/docker/schema.json")),
    ("templates/docker/impact.yaml", include_str!("../../templates/docker/impact.yaml")),
];

/// The repository, with the fleet on its branch `main`.
pub struct Fleet {
    pub folder: PathBuf,
    pub repository: Repository,
}

/// What a command printed, and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub exit: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// Returns what was printed as JSON.
    pub fn json(&self) -> Result<serde_json::Value, Box<dyn Error>> {
        Ok(serde_json::from_str(&self.stdout).map_err(|error| format!("{error}: {self:?}"))?)
    }
}

impl Fleet {
    /// Makes a repository whose first commit holds the fleet and these files.
    pub fn new(test: &str, extra: &[(&str, &str)]) -> Result<Self, Box<dyn Error>> {
        let fleet = Self::empty(test)?;
        for (path, text) in FLEET.iter().chain(extra) {
            fleet.write(path, text)?;
        }
        fleet.commit("a fleet")?;
        Ok(fleet)
    }

    /// Makes a repository whose first commit holds the reference fleet, without its golden cases.
    pub fn reference(test: &str) -> Result<Self, Box<dyn Error>> {
        let fleet = Self::empty(test)?;
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut ahead: Vec<PathBuf> =
            ["fleet.yaml", "picks.yaml", "clusters", "tenants", "addons", "templates"]
                .map(PathBuf::from)
                .into();
        while let Some(path) = ahead.pop() {
            if root.join(&path).is_dir() {
                for entry in std::fs::read_dir(root.join(&path))? {
                    ahead.push(path.join(entry?.file_name()));
                }
            } else {
                fleet.write(&path.display().to_string(), &std::fs::read_to_string(root.join(&path))?)?;
            }
        }
        fleet.commit("the reference fleet")?;
        Ok(fleet)
    }

    fn empty(test: &str) -> Result<Self, Box<dyn Error>> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(env!("CARGO_CRATE_NAME")).join(test);
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        let mut options = git2::RepositoryInitOptions::new();
        let repository = Repository::init_opts(&folder, options.initial_head("main"))?;
        Ok(Self { folder, repository })
    }

    /// Writes a file of the work tree.
    pub fn write(&self, path: &str, text: &str) -> TestResult {
        let path = self.folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(&self.folder))?;
        Ok(std::fs::write(path, text)?)
    }

    /// Writes a cluster's file, with the lines of its spec.
    pub fn cluster(&self, name: &str, labels: &str, spec: &str) -> TestResult {
        let head = "apiVersion: yoshino.dev/v1alpha1\nkind: Cluster\nmetadata:";
        let text = format!("{head} {{name: {name}, labels: {{{labels}}}}}\nspec:\n{spec}");
        self.write(&format!("clusters/{name}.yaml"), &text)
    }

    /// Returns a file of the work tree.
    pub fn read(&self, path: &str) -> Result<String, Box<dyn Error>> {
        Ok(std::fs::read_to_string(self.folder.join(path))?)
    }

    /// Replaces a text of a file.
    pub fn edit(&self, path: &str, from: &str, to: &str) -> TestResult {
        let text = self.read(path)?;
        assert!(text.contains(from), "{path} holds no `{from}`");
        self.write(path, &text.replace(from, to))
    }

    /// Commits the work tree to the branch that is checked out.
    pub fn commit(&self, message: &str) -> Result<Oid, Box<dyn Error>> {
        let mut index = self.repository.index()?;
        index.add_all(["*"], git2::IndexAddOption::DEFAULT, None)?;
        index.update_all(["*"], None)?;
        index.write()?;
        let tree = self.repository.find_tree(index.write_tree()?)?;
        let author = signature()?;
        let parent = self.repository.head().and_then(|head| head.peel_to_commit()).ok();
        let parents: Vec<_> = parent.iter().collect();
        Ok(self.repository.commit(Some("HEAD"), &author, &author, message, &tree, &parents)?)
    }

    /// Commits one changed file to a branch, wherever the work tree is.
    pub fn commit_to(
        &self,
        branch: &str,
        message: &str,
        (path, text): (&str, &str),
    ) -> Result<Oid, Box<dyn Error>> {
        let reference = format!("refs/heads/{branch}");
        let parent = self.repository.find_reference(&reference)?.peel_to_commit()?;
        let blob = self.repository.blob(text.as_bytes())?;
        let mut update = git2::build::TreeUpdateBuilder::new();
        update.upsert(path, blob, git2::FileMode::Blob);
        let tree = update.create_updated(&self.repository, &parent.tree()?)?;
        let tree = self.repository.find_tree(tree)?;
        let author = signature()?;
        Ok(self.repository.commit(Some(&reference), &author, &author, message, &tree, &[&parent])?)
    }

    /// Makes a branch at a commit, or at the one that is checked out.
    pub fn branch(&self, name: &str, at: Option<Oid>) -> TestResult {
        let commit = match at {
            Some(id) => self.repository.find_commit(id)?,
            None => self.repository.head()?.peel_to_commit()?,
        };
        self.repository.branch(name, &commit, false)?;
        Ok(())
    }

    /// Makes an annotated tag at a branch's tip.
    pub fn tag(&self, name: &str, branch: &str) -> Result<Oid, Box<dyn Error>> {
        let tip = self.tip(branch)?;
        let target = self.repository.find_object(tip, None)?;
        Ok(self.repository.tag(name, &target, &signature()?, name, false)?)
    }

    /// Returns the commit that a branch points at.
    pub fn tip(&self, branch: &str) -> Result<Oid, Box<dyn Error>> {
        Ok(self.repository.refname_to_id(&format!("refs/heads/{branch}"))?)
    }

    /// Returns every ref with what it points at, as `name id`.
    pub fn refs(&self) -> Result<Vec<String>, Box<dyn Error>> {
        let mut refs = Vec::new();
        for reference in self.repository.references()? {
            let reference = reference?;
            let target = reference.target().map_or_else(String::new, |id| id.to_string());
            refs.push(format!("{} {target}", reference.name().map_err(|_| "a ref's name")?));
        }
        refs.sort();
        Ok(refs)
    }

    /// Runs the tool in the repository, as nobody's user.
    pub fn run(&self, arguments: &[&str]) -> Result<Ran, Box<dyn Error>> {
        self.run_on("2026-11-21T03:00:00Z", arguments)
    }

    /// Runs the tool at a time of its own.
    pub fn run_on(&self, date: &str, arguments: &[&str]) -> Result<Ran, Box<dyn Error>> {
        let output = self.command(date).args(arguments).output()?;
        let text = |bytes: Vec<u8>| String::from_utf8(bytes);
        Ok(Ran { exit: output.status.code(), stdout: text(output.stdout)?, stderr: text(output.stderr)? })
    }

    /// Returns the tool, about to be run in the repository.
    pub fn command(&self, date: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yoshino"));
        command.arg("-C").arg(&self.folder);
        command
            .env_remove("NO_COLOR")
            .env("HOME", &self.folder)
            .env_remove("XDG_CONFIG_HOME")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_COMMITTER_NAME", "Release Bot")
            .env("GIT_COMMITTER_EMAIL", "bot@example.com")
            .env("GIT_COMMITTER_DATE", date);
        command
    }
}

fn signature() -> Result<Signature<'static>, git2::Error> {
    Signature::new("A", "a@example.com", &Time::new(1_790_000_000, 0))
}
