//! Random cases: a tree, and what two sides make of it.

use std::collections::BTreeMap;
use std::fmt;

use super::chance::Chance;
use super::file;

/// Files by path: mode and content (where a link leads, a submodule's name).
pub type Tree = BTreeMap<String, (u32, Vec<u8>)>;

const FILE: u32 = 0o100_644;
const PROGRAM: u32 = 0o100_755;
const LINK: u32 = 0o120_000;
const SUBMODULE: u32 = 0o160_000;

/// What a commit started from, what a branch has, and what the commit made.
#[derive(Clone, Debug)]
pub struct Case {
    pub base: Tree,
    pub ours: Tree,
    pub theirs: Tree,
}

impl Case {
    pub fn random(chance: &mut Chance) -> Self {
        let mut base = Tree::new();
        let folders = 1 + chance.below(5);
        for _ in 0..folders {
            let folder = folder(chance);
            let files = 1 + chance.below(6);
            for _ in 0..files {
                add(chance, &mut base, &folder);
            }
        }
        let mut case = Self { ours: base.clone(), theirs: base.clone(), base };
        for (side, most) in [(&mut case.ours, 8), (&mut case.theirs, 5)] {
            let edits = 1 + chance.below(most);
            for _ in 0..edits {
                edit(chance, side);
            }
        }
        // Sides that touch the same files are what conflicts and renames are made of.
        if chance.once_in(3) {
            let both: Vec<String> = case.base.keys().cloned().collect();
            let path = both[chance.below(both.len())].clone();
            for side in [&mut case.ours, &mut case.theirs] {
                if let Some((_, bytes)) = side.get_mut(&path) {
                    *bytes = file::edit(chance, bytes);
                }
            }
        }
        case
    }

    /// Takes submodules away, which a work tree would have to have.
    pub fn without_submodules(&mut self) {
        for tree in [&mut self.base, &mut self.ours, &mut self.theirs] {
            tree.retain(|_, (mode, _)| *mode != SUBMODULE);
        }
    }
}

fn folder(chance: &mut Chance) -> String {
    const FOLDERS: [&str; 9] = [
        "addons/cilium",
        "addons/cert-manager",
        "addons/cilium/manifests",
        "templates/openstack",
        "golden/a/rendered",
        "a",
        "a/b",
        "a/b/c",
        "",
    ];
    chance.pick(&FOLDERS).to_owned()
}

fn name(chance: &mut Chance) -> &'static str {
    const NAMES: [&str; 9] =
        ["addon.yaml", "values.yaml", "kustomization.yaml", "x", "y", "z", "x.yaml", "b", "x-y"];
    chance.pick(&NAMES)
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Returns whether nothing stands at a path, above it or below it.
fn is_free(tree: &Tree, path: &str) -> bool {
    let below = format!("{path}/");
    let above = |other: &String| path.starts_with(&format!("{other}/"));
    !tree.keys().any(|other| other == path || other.starts_with(&below) || above(other))
}

fn add(chance: &mut Chance, tree: &mut Tree, folder: &str) {
    let path = join(folder, name(chance));
    if is_free(tree, &path) {
        let file = match chance.below(25) {
            0 => (LINK, b"../x".to_vec()),
            1 => (SUBMODULE, vec![u8::try_from(chance.below(3)).unwrap_or(0)]),
            2 => (PROGRAM, file::random(chance)),
            _ => (FILE, file::random(chance)),
        };
        tree.insert(path, file);
    }
}

fn some_path(chance: &mut Chance, tree: &Tree) -> Option<String> {
    let paths: Vec<&String> = tree.keys().collect();
    paths.get(chance.below(paths.len())).map(|path| (*path).clone())
}

fn some_folder(chance: &mut Chance, tree: &Tree) -> Option<String> {
    let path = some_path(chance, tree)?;
    let ends: Vec<usize> = path.match_indices('/').map(|(end, _)| end).collect();
    ends.get(chance.below(ends.len())).map(|end| path[..*end].to_owned())
}

/// Does one thing to a tree.
fn edit(chance: &mut Chance, tree: &mut Tree) {
    match chance.below(20) {
        0..=7 => change(chance, tree),
        8..=10 => {
            let folder = match chance.once_in(2) {
                true => some_folder(chance, tree),
                false => Some(folder(chance)),
            };
            folder.into_iter().for_each(|folder| add(chance, tree, &folder));
        }
        11 | 12 => {
            let path = some_path(chance, tree);
            path.into_iter().for_each(|path| drop(tree.remove(&path)));
        }
        13..=15 => rename(chance, tree),
        16 | 17 => rename_folder(chance, tree),
        18 => {
            let folder = some_folder(chance, tree).map(|folder| format!("{folder}/"));
            folder.into_iter().for_each(|folder| tree.retain(|path, _| !path.starts_with(&folder)));
        }
        _ => replace(chance, tree),
    }
}

fn change(chance: &mut Chance, tree: &mut Tree) {
    let Some(path) = some_path(chance, tree) else { return };
    let Some((mode, bytes)) = tree.get_mut(&path) else { return };
    match (*mode, chance.below(12)) {
        (FILE, 0) => *mode = PROGRAM,
        (PROGRAM, 0) => *mode = FILE,
        (FILE | PROGRAM, 1) => (*mode, *bytes) = (LINK, b"elsewhere".to_vec()),
        (LINK, 1) => (*mode, *bytes) = (FILE, b"no link\n".to_vec()),
        (SUBMODULE, _) => *bytes = vec![u8::try_from(chance.below(5)).unwrap_or(0)],
        (LINK, _) => bytes.push(b'x'),
        _ => *bytes = file::edit(chance, bytes),
    }
}

fn rename(chance: &mut Chance, tree: &mut Tree) {
    let Some(path) = some_path(chance, tree) else { return };
    let (old_folder, old_name) = path.rsplit_once('/').unwrap_or(("", &path));
    let to = match chance.below(3) {
        0 => join(old_folder, name(chance)),
        1 => join(&folder(chance), old_name),
        _ => join(&folder(chance), name(chance)),
    };
    let Some((mode, mut bytes)) = tree.remove(&path) else { return };
    if chance.once_in(2) {
        bytes = file::edit(chance, &bytes);
    }
    let place = if is_free(tree, &to) { to } else { path };
    tree.insert(place, (mode, bytes));
}

fn rename_folder(chance: &mut Chance, tree: &mut Tree) {
    let Some(from) = some_folder(chance, tree) else { return };
    let to = match chance.below(3) {
        0 => format!("{from}-new"),
        1 => folder(chance),
        _ => format!("moved/{from}"),
    };
    let files: Vec<String> =
        tree.keys().filter(|path| path.starts_with(&format!("{from}/"))).cloned().collect();
    for path in files {
        let place = join(&to, &path[from.len() + 1..]);
        let Some((mode, mut bytes)) = tree.remove(&path) else { continue };
        if chance.once_in(4) {
            bytes = file::edit(chance, &bytes);
        }
        let place = if is_free(tree, &place) { place } else { path };
        tree.insert(place, (mode, bytes));
    }
}

/// Puts a folder where a file was, or a file where a folder was.
fn replace(chance: &mut Chance, tree: &mut Tree) {
    if chance.once_in(2) {
        let Some(folder) = some_folder(chance, tree) else { return };
        tree.retain(|path, _| !path.starts_with(&format!("{folder}/")));
        tree.insert(folder, (FILE, file::random(chance)));
    } else {
        let Some(path) = some_path(chance, tree) else { return };
        let Some(file) = tree.remove(&path) else { return };
        tree.insert(join(&path, name(chance)), file);
    }
}

impl fmt::Display for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, tree) in [("base", &self.base), ("ours", &self.ours), ("theirs", &self.theirs)] {
            writeln!(formatter, "{name}:")?;
            for (path, (mode, bytes)) in tree {
                writeln!(formatter, "  {mode:o} {path}: {:?}", String::from_utf8_lossy(bytes))?;
            }
        }
        Ok(())
    }
}
