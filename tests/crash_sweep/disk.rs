//! A disk whose power can be lost: what was synced is there afterwards, all else in any combination.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::acts::Operation;

/// Content by name.
pub type Files = BTreeMap<PathBuf, Vec<u8>>;

/// So many ways to lose power at one moment are tried, if there are more.
const MOST: u64 = 1024;

#[derive(Default)]
pub struct Disk {
    nodes: Vec<Node>,
    /// As programs see them.
    names: BTreeMap<PathBuf, usize>,
    /// As they are on the medium.
    synced: BTreeMap<PathBuf, usize>,
    /// On their way there, in order.
    pending: Vec<Change>,
}

/// A file's content.
struct Node {
    now: Vec<u8>,
    synced: Vec<u8>,
}

#[derive(Clone)]
enum Change {
    Folder(PathBuf),
    Link(PathBuf, usize),
    Unlink(PathBuf),
    Rename(PathBuf, PathBuf, usize),
}

impl Change {
    /// Whose sync brings it to the medium.
    fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(path) | Self::Link(path, _) | Self::Unlink(path) | Self::Rename(_, path, _) => path.parent(),
        }
    }

    fn apply(&self, names: &mut BTreeMap<PathBuf, usize>) {
        match self {
            Self::Folder(_) => {}
            Self::Link(path, node) => {
                names.insert(path.clone(), *node);
            }
            Self::Unlink(path) => {
                names.remove(path);
            }
            Self::Rename(from, to, node) => {
                names.remove(from);
                names.insert(to.clone(), *node);
            }
        }
    }
}

impl Disk {
    /// All of it on the medium.
    pub fn holding(files: &Files) -> Self {
        let mut disk = Self::default();
        for (path, content) in files {
            disk.synced.insert(path.clone(), disk.nodes.len());
            disk.nodes.push(Node { now: content.clone(), synced: content.clone() });
        }
        disk.names = disk.synced.clone();
        disk
    }

    pub fn carry_out(&mut self, operation: &Operation) {
        match operation {
            Operation::Step(_) | Operation::Read(_) | Operation::Permit(_) => {}
            Operation::MakeFolder(path) => self.pending.push(Change::Folder(path.clone())),
            Operation::Create(path) => self.create(path),
            Operation::Extend(path) => {
                if !self.names.contains_key(path) {
                    self.create(path);
                }
            }
            Operation::Write(path, bytes) => self.nodes[self.names[path]].now.extend(bytes),
            Operation::Sync(path) => {
                let node = &mut self.nodes[self.names[path]];
                node.synced.clone_from(&node.now);
            }
            Operation::Rename(from, to) => {
                let node = self.names.remove(from).unwrap();
                self.names.insert(to.clone(), node);
                self.pending.push(Change::Rename(from.clone(), to.clone(), node));
            }
            Operation::Remove(path) => {
                if self.names.remove(path).is_some() {
                    self.pending.push(Change::Unlink(path.clone()));
                }
            }
            Operation::SyncFolder(folder) => {
                let (done, left) = self.pending.drain(..).partition(|change| change.folder() == Some(folder));
                self.pending = left;
                let done: Vec<Change> = done;
                for change in done {
                    change.apply(&mut self.synced);
                }
            }
        }
    }

    fn create(&mut self, path: &Path) {
        self.names.insert(path.to_owned(), self.nodes.len());
        self.pending.push(Change::Link(path.to_owned(), self.nodes.len()));
        self.nodes.push(Node { now: Vec::new(), synced: Vec::new() });
    }

    /// What may be there after the power is lost now.
    pub fn without_power(&self) -> BTreeSet<Files> {
        let dirty: Vec<_> = (0..self.nodes.len()).filter(|n| self.nodes[*n].now != self.nodes[*n].synced).collect();
        let bits = self.pending.len() + 2 * dirty.len();
        let all = 1u64.checked_shl(u32::try_from(bits).unwrap()).filter(|all| *all <= MOST);
        let mut number = 1u64;
        let mut chosen = || {
            // Knuth's; its high bits are the good ones.
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            number.rotate_left(32)
        };
        let ways: Vec<u64> = match all {
            Some(all) => (0..all).collect(),
            None => [0, u64::MAX]
                .into_iter()
                .chain((0..bits.min(63)).map(|bit| 1 << bit))
                .chain((2..MOST).map(|_| chosen()))
                .collect(),
        };
        ways.into_iter().map(|way| self.lost(way, &dirty)).collect()
    }

    /// The bits of `way`, from the lowest: whether each pending change came through, then two for each dirty file.
    fn lost(&self, mut way: u64, dirty: &[usize]) -> Files {
        let mut bits = |count: u32| {
            let low = way & ((1 << count) - 1);
            way = way.rotate_right(count);
            low
        };
        let mut names = self.synced.clone();
        let mut lost = BTreeSet::new();
        for change in &self.pending {
            match (bits(1), change) {
                (1, change) => change.apply(&mut names),
                (_, Change::Folder(path)) => {
                    lost.insert(path);
                }
                _ => {}
            }
        }
        let fate: BTreeMap<_, _> = dirty.iter().map(|node| (*node, bits(2))).collect();
        let content = |index: usize| {
            let Node { now, synced } = &self.nodes[index];
            let kept = synced.len();
            match fate.get(&index) {
                None | Some(0) => now.clone(),
                Some(1) => synced.clone(),
                Some(2) => now[..kept].iter().copied().chain(std::iter::repeat_n(0, now.len() - kept)).collect(),
                Some(_) => now[..kept + (now.len() - kept) / 2].to_vec(),
            }
        };
        let there =
            names.into_iter().filter(|(path, _)| !path.ancestors().any(|folder| lost.contains(&folder.to_owned())));
        there.map(|(path, node)| (path, content(node))).collect()
    }
}
