//! A tree without some of its files.

use git2::{ObjectType, Oid, Repository};

use crate::error::Error;

/// Returns a tree without the files that `is_out` holds for, folders that lose all of theirs with them, and the paths
/// of those files in path order. The tree is made in the repository's memory.
///
/// # Errors
/// [`Error::Git`] where trees cannot be read.
pub fn without(
    repository: &Repository,
    tree: Oid,
    is_out: &dyn Fn(&str) -> bool,
) -> Result<(Oid, Vec<String>), Error> {
    let mut out = Vec::new();
    let walk = Walk { repository, is_out };
    let left = walk.left_of(tree, "", &mut out).and_then(|left| match left {
        Some(left) => Ok(left),
        None => repository.treebuilder(None)?.write(),
    });
    let left = left.map_err(|source| Error::Git { doing: format!("read the tree {tree}"), source })?;
    Ok((left, out))
}

struct Walk<'a> {
    repository: &'a Repository,
    is_out: &'a dyn Fn(&str) -> bool,
}

impl Walk<'_> {
    /// Returns what is left of a folder; `None` where that is nothing.
    fn left_of(&self, id: Oid, folder: &str, out: &mut Vec<String>) -> Result<Option<Oid>, git2::Error> {
        let tree = self.repository.find_tree(id)?;
        let before = out.len();
        let mut builder = self.repository.treebuilder(Some(&tree))?;
        for entry in tree.iter() {
            let name = entry.name_bytes();
            // A name that is no text matches no glob but `**`.
            let path = format!("{folder}{}", String::from_utf8_lossy(name));
            if entry.kind() == Some(ObjectType::Tree) {
                match self.left_of(entry.id(), &format!("{path}/"), out)? {
                    Some(left) if left == entry.id() => {}
                    Some(left) => _ = builder.insert(name, left, entry.filemode())?,
                    None => builder.remove(name)?,
                }
            } else if (self.is_out)(&path) {
                builder.remove(name)?;
                out.push(path);
            }
        }
        if out.len() == before {
            return Ok(Some(id));
        }
        if builder.is_empty() { Ok(None) } else { builder.write().map(Some) }
    }
}
