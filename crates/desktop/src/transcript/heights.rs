//! The heights of all rows, and where each row stands: a Fenwick tree, so that both ways cost a logarithm.
//!
//! Must never know what a row shows. Knows no widget.

/// The heights.
#[derive(Debug, Default)]
pub struct Heights {
    each: Vec<f32>,
    /// The Fenwick tree, from place 1 on. In double precision: a hundred thousand rows make millions of pixels.
    tree: Vec<f64>,
}

impl Heights {
    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.each.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.each.is_empty()
    }

    /// The height of a row.
    #[must_use]
    pub fn get(&self, row: usize) -> f32 {
        self.each.get(row).copied().unwrap_or(0.0)
    }

    /// A row is found to have another height.
    pub fn set(&mut self, row: usize, height: f32) {
        let Some(old) = self.each.get_mut(row) else { return };
        let change = f64::from(height) - f64::from(*old);
        if change == 0.0 {
            return;
        }
        *old = height;
        let mut at = row + 1;
        while at < self.tree.len() {
            self.tree[at] += change;
            at += at & at.wrapping_neg();
        }
    }

    /// A row more at the end.
    pub fn push(&mut self, height: f32) {
        if self.tree.is_empty() {
            self.tree.push(0.0);
        }
        self.each.push(height);
        let at = self.each.len();
        let low = at & at.wrapping_neg();
        let sum = f64::from(height) + self.above(at - 1) - self.above(at - low);
        self.tree.push(sum);
    }

    /// Forgets the rows from that one on.
    pub fn truncate(&mut self, len: usize) {
        self.each.truncate(len);
        self.tree.truncate(len + 1);
    }

    /// Puts other rows in the place of the first `drop`. Costs as much as there are rows: for history that comes, not for frames.
    pub fn splice_front(&mut self, drop: usize, with: impl IntoIterator<Item = f32>) {
        let drop = drop.min(self.each.len());
        self.each.splice(..drop, with);
        self.rebuild();
    }

    fn rebuild(&mut self) {
        self.tree.clear();
        self.tree.push(0.0);
        self.tree.extend(self.each.iter().map(|h| f64::from(*h)));
        for at in 1..self.tree.len() {
            let parent = at + (at & at.wrapping_neg());
            if parent < self.tree.len() {
                self.tree[parent] += self.tree[at];
            }
        }
    }

    /// The height of the first `rows` rows together.
    #[must_use]
    pub fn above(&self, rows: usize) -> f64 {
        let mut at = rows.min(self.each.len());
        let mut sum = 0.0;
        while at > 0 {
            sum += self.tree[at];
            at &= at - 1;
        }
        sum
    }

    /// The height of all rows.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.above(self.each.len())
    }

    /// The row at a depth below the top, and how far below that row's own top. The last row, if that is deeper than all of them.
    #[must_use]
    pub fn find(&self, depth: f64) -> (usize, f32) {
        let mut rest = depth.max(0.0);
        let mut row = 0;
        let mut step = self.tree.len().next_power_of_two() / 2;
        while step > 0 {
            if row + step < self.tree.len() && self.tree[row + step] <= rest {
                row += step;
                rest -= self.tree[row];
            }
            step /= 2;
        }
        if row >= self.each.len() {
            let last = self.each.len().saturating_sub(1);
            return (last, self.get(last));
        }
        (row, rest as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(heights: &[f32]) -> Heights {
        let mut h = Heights::default();
        heights.iter().for_each(|x| h.push(*x));
        h
    }

    /// The same questions answered by adding up.
    fn agrees(h: &Heights) {
        let mut sum = 0.0;
        for row in 0..h.len() {
            assert_eq!(h.above(row), sum);
            assert_eq!(h.find(sum), (row, 0.0));
            assert_eq!(h.find(sum + f64::from(h.get(row)) - 0.5), (row, h.get(row) - 0.5));
            sum += f64::from(h.get(row));
        }
        assert_eq!(h.total(), sum);
    }

    #[test]
    fn sums_and_searches_agree_with_adding_up() {
        let mut h = of(&[20.0, 1.0, 300.0, 44.0, 7.0, 22.0, 22.0, 22.0, 5.0]);
        agrees(&h);
        h.set(2, 10.0);
        h.set(8, 50.0);
        agrees(&h);
        h.truncate(5);
        agrees(&h);
        h.push(33.0);
        agrees(&h);
        h.splice_front(2, [9.0, 8.0, 7.0, 6.0]);
        assert_eq!(h.len(), 8);
        agrees(&h);
    }

    #[test]
    fn below_everything_is_the_last_row_and_nothing_is_row_zero() {
        assert_eq!(of(&[20.0, 30.0]).find(1e9), (1, 30.0));
        assert_eq!(of(&[20.0, 30.0]).find(-5.0), (0, 0.0));
        assert_eq!(Heights::default().find(10.0), (0, 0.0));
    }
}
