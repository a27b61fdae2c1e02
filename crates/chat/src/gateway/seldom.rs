//! What most connections have nothing in: a pointer to it, and memory of its own only while there is something. There may be a hundred thousand idle connections.

use std::ops::{Deref, DerefMut};

/// What there is where there is nothing.
pub(crate) trait Empty: Default + 'static {
    /// The same as the default, to be looked at without making one.
    const EMPTY: &'static Self;
}

/// Reads as if it were always there. To change it makes it be there; [`take`](Self::take) gives the memory back.
#[derive(Debug, Default)]
pub(crate) struct Seldom<T>(Option<Box<T>>);

impl<T: Empty> Seldom<T> {
    /// What was there; nothing is from now on.
    pub(crate) fn take(&mut self) -> T {
        self.0.take().map(|there| *there).unwrap_or_default()
    }
}

impl<T: Empty> Deref for Seldom<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_deref().unwrap_or(T::EMPTY)
    }
}

impl<T: Empty> DerefMut for Seldom<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.get_or_insert_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Empty for Vec<u8> {
        const EMPTY: &'static Self = &Self::new();
    }

    #[test]
    fn it_takes_no_memory_until_something_is_put_in_and_none_after_it_is_taken() {
        let mut seldom = Seldom::<Vec<u8>>::default();
        assert_eq!(size_of_val(&seldom), size_of::<usize>());
        assert!(seldom.is_empty() && seldom.0.is_none());
        seldom.push(7);
        assert_eq!(*seldom, [7]);
        assert_eq!(seldom.take(), [7]);
        assert!(seldom.0.is_none());
    }
}
