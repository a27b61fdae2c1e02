//! Tab: the keyboard goes to the next control, after the last to the first; and takes hold of all of a field's words.
//!
//! Must never know which controls there are: it walks those that the screen has, in the order in which they stand.

use iced::Rectangle;
use iced::advanced::widget::Id;
use iced::advanced::widget::operation::focusable::{Count, Focusable, count};
use iced::advanced::widget::operation::{Operation, Outcome, TextInput, then};

/// Goes one control forward.
#[must_use]
pub fn next() -> impl Operation<()> {
    then(count(), |count| Land::at(count.focused.map_or(0, |at| at + 1), count))
}

/// Goes one control back.
#[must_use]
pub fn previous() -> impl Operation<()> {
    then(count(), |count| {
        Land::at(count.focused.map_or(count.total, |at| at + count.total) + count.total - 1, count)
    })
}

struct Land {
    target: usize,
    current: usize,
}

impl Land {
    fn at(target: usize, count: Count) -> Self {
        Self { target: target % count.total.max(1), current: 0 }
    }
}

impl Operation<()> for Land {
    fn focusable(&mut self, _id: Option<&Id>, _bounds: Rectangle, state: &mut dyn Focusable) {
        if self.current == self.target {
            state.focus();
        } else {
            state.unfocus();
        }
        self.current += 1;
    }

    fn traverse(&mut self, operate: &mut dyn FnMut(&mut dyn Operation<()>)) {
        operate(self);
    }

    fn finish(&self) -> Outcome<()> {
        Outcome::Chain(Box::new(Hold { target: self.target, current: 0 }))
    }
}

/// Selects the words of the field that has been landed on; a walk of its own, for a field that gets the keyboard lets go of them.
struct Hold {
    target: usize,
    current: usize,
}

impl Operation<()> for Hold {
    // Called for a field just before `focusable`.
    fn text_input(&mut self, _id: Option<&Id>, _bounds: Rectangle, state: &mut dyn TextInput) {
        if self.current == self.target {
            state.select_all();
        }
    }

    fn focusable(&mut self, _id: Option<&Id>, _bounds: Rectangle, _state: &mut dyn Focusable) {
        self.current += 1;
    }

    fn traverse(&mut self, operate: &mut dyn FnMut(&mut dyn Operation<()>)) {
        operate(self);
    }
}
