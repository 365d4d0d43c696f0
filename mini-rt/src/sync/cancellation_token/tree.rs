//! Who is cancelled together with whom?
//!
//! A forest of nodes: to cancel one takes it out with all below it. A node that nobody holds any more
//! is taken out alone, and those below it move up to the one above: so a chain of tokens of which only
//! the last is held is not kept.
//!
//! 1. Children are in a list through their nodes, so a node is taken out in O(1) and one for each of
//!    its children.
//! 2. Nothing here recurses: a tree may be as deep as memory allows.

use slab::Slab;

/// No node.
const NONE: usize = usize::MAX;

/// Where in the forest a node is, or was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    idx: usize,
    /// Of no other node, ever: so a place that is used again is not the same.
    id: u64,
}

#[derive(Debug)]
pub(super) struct Forest<T> {
    nodes: Slab<Node<T>>,
    /// How many nodes there have been.
    inserted: u64,
}

#[derive(Debug)]
struct Node<T> {
    value: T,
    id: u64,
    parent: usize,
    first_child: usize,
    /// Its neighbours among the children of its parent.
    before: usize,
    after: usize,
}

impl<T> Forest<T> {
    pub(super) fn new() -> Self {
        Self { nodes: Slab::new(), inserted: 0 }
    }

    /// Adds a node that nothing else cancels.
    pub(super) fn insert_root(&mut self, value: T) -> Place {
        self.insert(value, NONE)
    }

    /// Adds a node that is cancelled together with `parent`.
    pub(super) fn insert_child(&mut self, value: T, parent: Place) -> Place {
        self.insert(value, parent.idx)
    }

    fn insert(&mut self, value: T, parent: usize) -> Place {
        let id = self.inserted;
        self.inserted += 1;
        let node = Node { value, id, parent: NONE, first_child: NONE, before: NONE, after: NONE };
        let idx = self.nodes.insert(node);
        self.link(idx, parent);
        Place { idx, id }
    }

    /// Takes a node out, if it still is there. Its children are its parent's from now on.
    pub(super) fn remove(&mut self, place: Place) -> Option<T> {
        let idx = place.idx;
        let parent = self.nodes.get(idx).filter(|node| node.id == place.id)?.parent;
        self.unlink(idx);
        self.move_children(idx, parent);
        Some(self.nodes.remove(idx).value)
    }

    /// Takes a node out, and all that are below it. Parents come before their children.
    pub(super) fn remove_tree(&mut self, place: Place) -> Vec<T> {
        debug_assert_eq!(self.nodes[place.idx].id, place.id, "it is there");
        self.unlink(place.idx);
        let mut found = vec![place.idx];
        let mut next = 0;
        while let Some(&idx) = found.get(next) {
            let mut child = self.nodes[idx].first_child;
            while child != NONE {
                found.push(child);
                child = self.nodes[child].after;
            }
            next += 1;
        }
        found.into_iter().map(|idx| self.nodes.remove(idx).value).collect()
    }

    fn move_children(&mut self, from: usize, to: usize) {
        let mut child = self.nodes[from].first_child;
        while child != NONE {
            let after = self.nodes[child].after;
            self.link(child, to);
            child = after;
        }
    }

    /// Puts a node first among the children of `parent`, if there is one.
    fn link(&mut self, idx: usize, parent: usize) {
        let mut after = NONE;
        if parent != NONE {
            after = std::mem::replace(&mut self.nodes[parent].first_child, idx);
        }
        if after != NONE {
            self.nodes[after].before = idx;
        }
        let node = &mut self.nodes[idx];
        (node.parent, node.before, node.after) = (parent, NONE, after);
    }

    fn unlink(&mut self, idx: usize) {
        let Node { parent, before, after, .. } = self.nodes[idx];
        if before != NONE {
            self.nodes[before].after = after;
        } else if parent != NONE {
            self.nodes[parent].first_child = after;
        }
        if after != NONE {
            self.nodes[after].before = before;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::util::Random;
    use std::collections::HashMap;

    /// Against a map from each node to its parent, by random operations.
    #[test]
    fn it_is_a_forest() {
        for seed in 0..50 {
            let random = Random::new(seed);
            let mut forest = Forest::new();
            let mut parents = HashMap::<u32, Option<u32>>::new();
            let (mut places, mut gone) = (Vec::<(u32, Place)>::new(), Vec::new());
            for name in 0..300 {
                let picked = (!places.is_empty()).then(|| random.below(places.len()));
                match (random.below(10), picked) {
                    (0, _) | (_, None) => {
                        places.push((name, forest.insert_root(name)));
                        parents.insert(name, None);
                    }
                    (1..=6, Some(picked)) => {
                        let (parent, place) = places[picked];
                        places.push((name, forest.insert_child(name, place)));
                        parents.insert(name, Some(parent));
                    }
                    (7 | 8, Some(picked)) => {
                        let (removed, place) = places.swap_remove(picked);
                        assert_eq!(forest.remove(place), Some(removed));
                        gone.push(place);
                        let above = parents.remove(&removed).expect("it is there");
                        for parent in parents.values_mut().filter(|own| **own == Some(removed)) {
                            *parent = above;
                        }
                    }
                    (_, Some(picked)) => {
                        let (cancelled, place) = places[picked];
                        let mut removed = forest.remove_tree(place);
                        assert_eq!(removed[0], cancelled);
                        let mut below = vec![cancelled];
                        while let Some(position) = places.iter().position(|(name, _)| {
                            !below.contains(name)
                                && parents[name].is_some_and(|parent| below.contains(&parent))
                        }) {
                            below.push(places[position].0);
                        }
                        removed.sort_unstable();
                        below.sort_unstable();
                        assert_eq!(removed, below, "seed {seed}");
                        gone.extend(
                            places.iter().filter(|(name, _)| below.contains(name)).map(|own| own.1),
                        );
                        places.retain(|(name, _)| !below.contains(name));
                        parents.retain(|name, _| !below.contains(name));
                    }
                }
                assert_eq!(forest.nodes.len(), places.len());
            }
            assert!(gone.into_iter().all(|place| forest.remove(place).is_none()));
            for (name, place) in places {
                assert_eq!(forest.remove(place), Some(name));
            }
            assert!(forest.nodes.is_empty());
        }
    }
}
