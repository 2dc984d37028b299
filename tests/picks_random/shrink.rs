//! Smaller cases that still show the same.

use super::case::{Case, Tree};

/// Takes away files and lines as long as `shows` holds.
pub fn shrink(case: &Case, shows: &dyn Fn(&Case) -> bool) -> Case {
    let mut small = case.clone();
    loop {
        let before = small.to_string().len();
        drop_files(&mut small, shows);
        undo_changes(&mut small, shows);
        drop_lines(&mut small, shows);
        if small.to_string().len() >= before {
            return small;
        }
    }
}

fn trees(case: &mut Case) -> [&mut Tree; 3] {
    [&mut case.base, &mut case.ours, &mut case.theirs]
}

fn paths(case: &Case) -> Vec<String> {
    let mut paths: Vec<String> =
        [&case.base, &case.ours, &case.theirs].iter().flat_map(|tree| tree.keys().cloned()).collect();
    paths.sort();
    paths.dedup();
    paths
}

fn drop_files(small: &mut Case, shows: &dyn Fn(&Case) -> bool) {
    for path in paths(small) {
        let mut attempts = vec![vec![0, 1, 2]];
        attempts.extend([vec![0], vec![1], vec![2]]);
        for attempt in attempts {
            let mut smaller = small.clone();
            for (place, tree) in trees(&mut smaller).into_iter().enumerate() {
                if attempt.contains(&place) {
                    tree.remove(&path);
                }
            }
            if !smaller.base.is_empty() && smaller.to_string() != small.to_string() && shows(&smaller) {
                *small = smaller;
                break;
            }
        }
    }
}

fn undo_changes(small: &mut Case, shows: &dyn Fn(&Case) -> bool) {
    for path in paths(small) {
        for side in [1, 2] {
            let mut smaller = small.clone();
            let Some(file) = smaller.base.get(&path).cloned() else { continue };
            let [_, ours, theirs] = trees(&mut smaller);
            let tree = if side == 1 { ours } else { theirs };
            if tree.get(&path).is_some_and(|found| *found != file) {
                tree.insert(path.clone(), file);
                if shows(&smaller) {
                    *small = smaller;
                }
            }
        }
    }
}

fn drop_lines(small: &mut Case, shows: &dyn Fn(&Case) -> bool) {
    let all: Vec<Vec<u8>> = trees(small)
        .into_iter()
        .flat_map(|tree| tree.values().map(|(_, bytes)| bytes.clone()).collect::<Vec<_>>())
        .collect();
    let mut lines: Vec<Vec<u8>> = all
        .iter()
        .flat_map(|bytes| bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec))
        .collect();
    lines.sort();
    lines.dedup();
    for line in lines {
        let mut smaller = small.clone();
        for tree in trees(&mut smaller) {
            for (_, bytes) in tree.values_mut() {
                let kept = bytes.split_inclusive(|byte| *byte == b'\n').filter(|other| **other != *line);
                *bytes = kept.collect::<Vec<_>>().concat();
            }
        }
        if shows(&smaller) {
            *small = smaller;
        }
    }
}
