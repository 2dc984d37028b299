//! A repository of cases, and what git makes of them.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use git2::{ObjectType, Oid, Repository, Signature, Time};

use super::Outcome;
use super::case::{Case, Tree};
use super::temp::TempFolder;

/// A file by its path.
type Listed<'a> = (&'a str, &'a (u32, Vec<u8>));

pub struct Git {
    pub repository: Repository,
    folder: TempFolder,
}

/// The commits of a case.
#[derive(Clone, Debug)]
pub struct Committed {
    /// `None` where the commit that is picked has no parent.
    pub base: Option<Oid>,
    pub base_tree: Option<Oid>,
    pub ours: Oid,
    pub ours_tree: Oid,
    pub theirs: Oid,
    pub theirs_tree: Oid,
}

impl Git {
    pub fn new() -> Result<Self, Box<dyn Error>> {
        let folder = TempFolder::in_memory()?;
        let repository = Repository::init(folder.path())?;
        Ok(Self { repository, folder })
    }

    /// Returns whether the git that is installed merges by the rules that picks follow: those of 2.39 to 2.43.
    pub fn has_the_rules(&self) -> Result<bool, Box<dyn Error>> {
        let version = String::from_utf8(self.run(&["--version"])?.stdout)?;
        let minor = version.trim().strip_prefix("git version 2.").and_then(|rest| rest.split('.').next());
        Ok(minor.and_then(|minor| minor.parse::<u32>().ok()).is_some_and(|minor| (39..44).contains(&minor)))
    }

    /// Has another repository's objects, too.
    pub fn borrow_from(&self, other: &Repository) -> Result<(), Box<dyn Error>> {
        let objects = other.commondir().join("objects");
        let alternates = self.repository.path().join("objects/info/alternates");
        std::fs::write(alternates, format!("{}\n", objects.display()))?;
        let objects = objects.to_str().ok_or("its path is UTF-8")?;
        Ok(self.repository.odb()?.add_disk_alternate(objects)?)
    }

    /// Makes the case in which a commit is picked onto the tree of another.
    pub fn commit_onto(&self, picked: Oid, onto: Oid) -> Result<Committed, Box<dyn Error>> {
        let theirs = self.repository.find_commit(picked)?;
        let base = theirs.parent(0)?;
        let ours_tree = self.repository.find_commit(onto)?.tree_id();
        let ours = self.commit_of(ours_tree, Some(base.id()))?;
        let theirs = self.commit_of(theirs.tree_id(), Some(base.id()))?;
        let theirs_tree = self.repository.find_commit(theirs)?.tree_id();
        let (base, base_tree) = (Some(base.id()), Some(base.tree_id()));
        Ok(Committed { base, base_tree, ours, ours_tree, theirs, theirs_tree })
    }

    pub fn commit(&self, case: &Case) -> Result<Committed, Box<dyn Error>> {
        let trees = [&case.base, &case.ours, &case.theirs].map(|tree| self.tree(tree));
        let [base_tree, ours_tree, theirs_tree] = trees;
        let (base_tree, ours_tree, theirs_tree) = (base_tree?, ours_tree?, theirs_tree?);
        let base = self.commit_of(base_tree, None)?;
        let ours = self.commit_of(ours_tree, Some(base))?;
        if case.base.is_empty() {
            let theirs = self.commit_of(theirs_tree, None)?;
            return Ok(Committed { base: None, base_tree: None, ours, ours_tree, theirs, theirs_tree });
        }
        let theirs = self.commit_of(theirs_tree, Some(base))?;
        let (base, base_tree) = (Some(base), Some(base_tree));
        Ok(Committed { base, base_tree, ours, ours_tree, theirs, theirs_tree })
    }

    fn commit_of(&self, tree: Oid, parent: Option<Oid>) -> Result<Oid, git2::Error> {
        let author = Signature::new("A", "a@example.com", &Time::new(1_000_000_000, 0))?;
        let parent = parent.map(|parent| self.repository.find_commit(parent)).transpose()?;
        let parents: Vec<_> = parent.iter().collect();
        let tree = self.repository.find_tree(tree)?;
        self.repository.commit(None, &author, &author, "a commit", &tree, &parents)
    }

    fn tree(&self, tree: &Tree) -> Result<Oid, git2::Error> {
        let files: Vec<Listed<'_>> = tree.iter().map(|(path, file)| (path.as_str(), file)).collect();
        self.folder_tree(&files)
    }

    fn folder_tree(&self, files: &[Listed<'_>]) -> Result<Oid, git2::Error> {
        let mut folders: BTreeMap<&str, Vec<Listed<'_>>> = BTreeMap::new();
        // A folder stands where its name and a slash would.
        let mut entries: BTreeMap<String, (u32, String, Oid)> = BTreeMap::new();
        for (path, file) in files {
            if let Some((folder, rest)) = path.split_once('/') {
                folders.entry(folder).or_default().push((rest, file));
                continue;
            }
            let id = match file.0 {
                0o160_000 => Oid::hash_object(ObjectType::Blob, &file.1)?,
                _ => self.repository.blob(&file.1)?,
            };
            entries.insert((*path).to_owned(), (file.0, (*path).to_owned(), id));
        }
        for (name, files) in folders {
            let id = self.folder_tree(&files)?;
            entries.insert(format!("{name}/"), (0o040_000, name.to_owned(), id));
        }
        let mut bytes = Vec::new();
        for (mode, name, id) in entries.values() {
            bytes.extend_from_slice(format!("{mode:o} {name}\0").as_bytes());
            bytes.extend_from_slice(id.as_bytes());
        }
        self.repository.odb()?.write(ObjectType::Tree, &bytes)
    }

    fn command(&self, options: &[&str]) -> Command {
        let mut command = Command::new("git");
        let identity = [("AUTHOR_NAME", "A"), ("AUTHOR_EMAIL", "a@example.com"), ("COMMITTER_NAME", "A")];
        for (name, value) in identity {
            command.env(format!("GIT_{name}"), value);
        }
        command.env("GIT_COMMITTER_EMAIL", "a@example.com").env("GIT_CONFIG_NOSYSTEM", "1");
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("LC_ALL", "C").env("GIT_ADVICE", "0");
        command.arg("-C").arg(self.folder.path()).args(options);
        command
    }

    /// Merges every case, in one process.
    pub fn merged(&self, cases: &[Committed], options: &[&str]) -> Result<Vec<Outcome>, Box<dyn Error>> {
        let mut git = self
            .command(options)
            .args(["merge-tree", "--write-tree", "--stdin", "--no-messages"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut input = git.stdin.take().ok_or("git has an input")?;
        let lines: String = cases.iter().map(|case| format!("{} {}\n", case.ours, case.theirs)).collect();
        let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
        let output = git.wait_with_output()?;
        writer.join().map_err(|_| "the writer ended")??;
        let outcomes = read(&output.stdout)?;
        match outcomes.len() == cases.len() {
            true => Ok(outcomes),
            false => Err(format!("git ended after {} of {} cases", outcomes.len(), cases.len()).into()),
        }
    }

    fn run(&self, arguments: &[&str]) -> Result<Output, std::io::Error> {
        self.command(&[]).args(arguments).output()
    }

    /// Picks a case in the work tree; `None` where git gives up for a reason of its own.
    pub fn cherry_picked(&self, case: &Committed) -> Result<Option<Outcome>, Box<dyn Error>> {
        let (ours, theirs) = (case.ours.to_string(), case.theirs.to_string());
        self.run(&["cherry-pick", "--abort"])?;
        let reset = self.run(&["checkout", "-q", "-f", "--detach", &ours])?;
        if !reset.status.success() {
            return Err(String::from_utf8_lossy(&reset.stderr).into_owned().into());
        }
        self.run(&["clean", "-qfdx"])?;
        let picked = self.run(&["cherry-pick", "--allow-empty", "--keep-redundant-commits", &theirs])?;
        if !matches!(picked.status.code(), Some(0 | 1)) {
            _ = std::fs::remove_file(self.repository.path().join("index.lock"));
            return Ok(None);
        }
        let tree = self.run(&["rev-parse", "HEAD^{tree}"])?;
        let tree = Oid::from_str(String::from_utf8(tree.stdout)?.trim())?;
        let conflicts = match picked.status.success() {
            true => Vec::new(),
            false => vec![String::from_utf8_lossy(&picked.stdout).into_owned()],
        };
        Ok(Some(Outcome { tree, conflicts }))
    }

    /// Lists a tree with what is in it.
    pub fn listed(&self, tree: Oid) -> Result<String, Box<dyn Error>> {
        let mut text = String::new();
        let tree = self.repository.find_tree(tree)?;
        tree.walk(git2::TreeWalkMode::PreOrder, |folder, entry| {
            let name = String::from_utf8_lossy(entry.name_bytes()).into_owned();
            if entry.kind() == Some(ObjectType::Blob) {
                let blob = self.repository.find_blob(entry.id()).map(|blob| blob.content().to_vec());
                let content = String::from_utf8_lossy(&blob.unwrap_or_default()).into_owned();
                text += &format!("  {:o} {folder}{name}: {content:?}\n", entry.filemode());
            }
            git2::TreeWalkResult::Ok
        })?;
        Ok(text)
    }
}

/// Reads what `merge-tree --stdin` answered: for each case its status, the tree, and the entries in conflict.
fn read(output: &[u8]) -> Result<Vec<Outcome>, Box<dyn Error>> {
    let mut outcomes = Vec::new();
    let mut fields = output.split(|byte| *byte == 0);
    loop {
        let status = fields.next().unwrap_or_default();
        if status.is_empty() {
            return Ok(outcomes);
        }
        let tree = Oid::from_str(std::str::from_utf8(fields.next().unwrap_or_default())?)?;
        let mut conflicts = Vec::new();
        for field in fields.by_ref().take_while(|field| !field.is_empty()) {
            conflicts.push(String::from_utf8_lossy(field).into_owned());
        }
        if status == b"0" && conflicts.is_empty() {
            // A folder that went to two places is a conflict without a path.
            conflicts.push("no path".to_owned());
        }
        outcomes.push(Outcome { tree, conflicts });
    }
}
