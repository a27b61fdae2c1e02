//! A list that nearly always has one element, and then takes no memory of its own.

use std::ops::Deref;

/// Some things, in order: what a slice can do, it can.
#[derive(Debug, Clone)]
pub enum Few<T> {
    /// One.
    One(T),
    /// Any other number of them, or one.
    Many(Vec<T>),
}

impl<T> Few<T> {
    /// Nothing.
    pub(crate) const NONE: Self = Self::Many(Vec::new());

    /// Adds one at the end.
    pub(crate) fn push(&mut self, thing: T) {
        *self = match std::mem::replace(self, Self::NONE) {
            Self::One(one) => {
                // Where there are two there are mostly more to come.
                let mut many = Vec::with_capacity(8);
                many.extend([one, thing]);
                Self::Many(many)
            }
            Self::Many(many) if many.is_empty() => Self::One(thing),
            Self::Many(mut many) => {
                many.push(thing);
                Self::Many(many)
            }
        };
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

impl<'a, T> IntoIterator for &'a Few<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T> FromIterator<T> for Few<T> {
    fn from_iter<I: IntoIterator<Item = T>>(iter: I) -> Self {
        let mut rest = iter.into_iter();
        let Some(first) = rest.next() else { return Self::NONE };
        match rest.next() {
            None => Self::One(first),
            Some(second) => Self::Many([first, second].into_iter().chain(rest).collect()),
        }
    }
}

impl<T> From<Vec<T>> for Few<T> {
    fn from(many: Vec<T>) -> Self {
        Self::Many(many)
    }
}

impl<T: PartialEq> PartialEq for Few<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for Few<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_are_the_slice_that_they_were_made_of() {
        for count in 0..4 {
            let few: Few<i32> = (0..count).collect();
            assert_eq!(few.to_vec(), (0..count).collect::<Vec<_>>());
            assert_eq!(matches!(few, Few::One(_)), count == 1);
            assert_eq!(few, Few::from((0..count).collect::<Vec<_>>()));
            let mut pushed = Few::NONE;
            (0..count).for_each(|number| pushed.push(number));
            assert_eq!(few, pushed);
        }
    }
}
