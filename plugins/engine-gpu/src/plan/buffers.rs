//! Which values share a buffer: those that are not needed at the same time.

/// The buffers of a tile under construction.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    /// The bytes of each buffer.
    pub(super) bytes: Vec<u64>,
    /// The buffers that nothing needs any more.
    free: Vec<usize>,
}

impl Buffers {
    /// A buffer of its own, which is never used again.
    pub(super) fn own(&mut self, bytes: u64) -> usize {
        self.bytes.push(bytes);
        self.bytes.len() - 1
    }

    /// A buffer of at least this many bytes: the smallest free one that is large enough; otherwise the largest free one, which
    /// grows; otherwise a new one.
    pub(super) fn take(&mut self, bytes: u64) -> usize {
        let fitting = self.free.iter().filter(|buffer| self.bytes[**buffer] >= bytes);
        let chosen = fitting.min_by_key(|buffer| self.bytes[**buffer]);
        let chosen = chosen.or_else(|| self.free.iter().max_by_key(|buffer| self.bytes[**buffer])).copied();
        let Some(chosen) = chosen else { return self.own(bytes) };
        self.free.retain(|buffer| *buffer != chosen);
        self.bytes[chosen] = self.bytes[chosen].max(bytes);
        chosen
    }

    /// Gives a buffer back.
    pub(super) fn free(&mut self, buffer: usize) {
        self.free.push(buffer);
    }
}

/// For each of this many values, the number of operations after which it is not needed any more; `reads` are the values that each
/// operation reads, in order.
pub(super) fn ends<I: IntoIterator<Item = usize>>(values: usize, reads: impl Iterator<Item = I>) -> Vec<usize> {
    let mut ends = vec![0; values];
    for (operation, read) in reads.enumerate() {
        for value in read {
            ends[value] = operation + 1;
        }
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_used_again_and_grows() {
        let mut buffers = Buffers::default();
        let [small, large] = [buffers.take(10), buffers.take(100)];
        buffers.free(small);
        buffers.free(large);
        assert_eq!(buffers.take(5), small, "the smallest that is large enough");
        assert_eq!(buffers.take(150), large, "no buffer is large enough, so the largest free one grows");
        let own = buffers.own(7);
        assert_eq!(buffers.take(1), own + 1, "nothing is free");
        assert_eq!(buffers.bytes, [10, 150, 7, 1]);
    }

    #[test]
    fn values_end_with_their_last_reader() {
        assert_eq!(ends(4, [vec![0, 1], vec![2, 0], vec![2]].into_iter()), [2, 1, 3, 0]);
    }
}
