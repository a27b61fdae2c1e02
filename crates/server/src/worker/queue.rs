//! What waits to be written to one connection. Holds no memory when nothing waits.

/// Bytes in the order in which they are to be written.
#[derive(Debug, Default)]
pub(crate) struct SendQueue {
    bytes: Vec<u8>,
    /// How many of them are written already.
    written: usize,
}

/// The room that is made at once for the first bytes: most of what is written at a time fits, and needs one allocation.
const FIRST: usize = 512;
/// Written bytes that are kept in front of the rest before that is moved.
const MOST_WRITTEN: usize = 64 * 1024;

impl SendQueue {
    /// Adds bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        if self.bytes.capacity() == 0 {
            self.bytes.reserve_exact(bytes.len().max(FIRST));
        }
        if self.written > MOST_WRITTEN {
            self.bytes.drain(..self.written);
            self.written = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// Adds bytes that are in a buffer of their own, without copying them if nothing waits.
    pub(crate) fn push_owned(&mut self, bytes: Vec<u8>) {
        if self.is_empty() {
            *self = Self { bytes, written: 0 };
        } else {
            self.push(&bytes);
        }
    }

    /// What waits.
    pub(crate) fn waiting(&self) -> &[u8] {
        &self.bytes[self.written..]
    }

    /// How many bytes wait.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len() - self.written
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// So many bytes are written.
    pub(crate) fn advance(&mut self, count: usize) {
        self.written += count;
        if self.is_empty() {
            self.clear();
        }
    }

    /// Forgets everything, and gives the memory back.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_leave_in_their_order_and_take_their_memory_with_them() {
        let mut queue = SendQueue::default();
        queue.push(b"one ");
        queue.push_owned(b"two".to_vec());
        assert_eq!(queue.waiting(), b"one two");
        queue.advance(5);
        assert_eq!(queue.waiting(), b"wo");
        queue.push(b"!");
        queue.advance(3);
        assert!(queue.is_empty());
        assert_eq!(queue.bytes.capacity(), 0);
    }

    #[test]
    fn what_is_written_is_not_kept_for_ever() {
        let mut queue = SendQueue::default();
        for _ in 0..1000 {
            queue.push(&[0; 4096]);
            queue.advance(4095);
        }
        assert_eq!(queue.len(), 1000);
        assert!(queue.bytes.len() < MOST_WRITTEN + 3 * 4096);
    }
}
