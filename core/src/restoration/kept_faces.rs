//! Restored faces that are kept, so that a preview does not restore a face again when a dial moves that does not concern it.
//!
//! A face is known by a hash of everything that its change follows from. What is kept must never grow without bound.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::restoration::warp::Planes;

/// How many are kept. A change of 512×512 pixels takes 3 MiB.
pub(crate) const MOST: usize = 12;

/// What identifies a change: pixels, place, networks, restorer.
pub(crate) type Key = [u8; 32];

/// The changes of the faces that were restored last. May be used from several threads.
#[derive(Default)]
pub(crate) struct KeptFaces(Mutex<VecDeque<(Key, Arc<Planes>)>>);

impl KeptFaces {
    /// The change with this key, which then counts as the last one.
    pub(crate) fn find(&self, key: &Key) -> Option<Arc<Planes>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(known, _)| known == key)?;
        let found = kept.remove(at)?;
        let change = found.1.clone();
        kept.push_back(found);
        Some(change)
    }

    /// Keeps a change; the one that was not asked for longest may have to go.
    pub(crate) fn keep(&self, key: Key, change: Arc<Planes>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == MOST {
            kept.pop_front();
        }
        kept.push_back((key, change));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_face_that_was_not_asked_for_longest_goes_first() {
        let kept = KeptFaces::default();
        let change = Arc::new(Planes::new(1, 1).unwrap());
        (0..MOST as u8).for_each(|face| kept.keep([face; 32], change.clone()));
        assert!(kept.find(&[0; 32]).is_some());
        kept.keep([100; 32], change.clone());
        let left = |face: u8| kept.find(&[face; 32]).is_some();
        assert!(left(0) && !left(1) && left(2) && left(100) && !left(50));
    }
}
