//! What a widget around another one leaves to it, written once. iced has no such thing: a widget must answer every question itself.

/// Inside `impl Widget` of something with a field that is the element inside: `structure` is all but the three that follow, `draw`, `mouse` and `overlay` what
/// their names say.
macro_rules! left_to {
    ($inner:ident: $($part:ident)+) => { $( left_to!(@$part $inner); )+ };
    (@structure $inner:ident) => {
        fn children(&self) -> Vec<iced::advanced::widget::Tree> {
            vec![iced::advanced::widget::Tree::new(&self.$inner)]
        }

        fn diff(&self, tree: &mut iced::advanced::widget::Tree) {
            tree.diff_children(std::slice::from_ref(&self.$inner));
        }

        fn size(&self) -> iced::Size<iced::Length> {
            self.$inner.as_widget().size()
        }

        fn layout(
            &mut self,
            tree: &mut iced::advanced::widget::Tree,
            renderer: &iced::Renderer,
            limits: &iced::advanced::layout::Limits,
        ) -> iced::advanced::layout::Node {
            self.$inner.as_widget_mut().layout(&mut tree.children[0], renderer, limits)
        }

        fn operate(
            &mut self,
            tree: &mut iced::advanced::widget::Tree,
            layout: iced::advanced::Layout<'_>,
            renderer: &iced::Renderer,
            operation: &mut dyn iced::advanced::widget::Operation,
        ) {
            self.$inner.as_widget_mut().operate(&mut tree.children[0], layout, renderer, operation);
        }
    };
    (@draw $inner:ident) => {
        fn draw(
            &self,
            tree: &iced::advanced::widget::Tree,
            renderer: &mut iced::Renderer,
            theme: &iced::Theme,
            style: &iced::advanced::renderer::Style,
            layout: iced::advanced::Layout<'_>,
            cursor: iced::advanced::mouse::Cursor,
            viewport: &iced::Rectangle,
        ) {
            let inner = self.$inner.as_widget();
            inner.draw(&tree.children[0], renderer, theme, style, layout, cursor, viewport);
        }
    };
    (@mouse $inner:ident) => {
        fn mouse_interaction(
            &self,
            tree: &iced::advanced::widget::Tree,
            layout: iced::advanced::Layout<'_>,
            cursor: iced::advanced::mouse::Cursor,
            viewport: &iced::Rectangle,
            renderer: &iced::Renderer,
        ) -> iced::advanced::mouse::Interaction {
            self.$inner.as_widget().mouse_interaction(&tree.children[0], layout, cursor, viewport, renderer)
        }
    };
    (@overlay $inner:ident) => {
        fn overlay<'b>(
            &'b mut self,
            tree: &'b mut iced::advanced::widget::Tree,
            layout: iced::advanced::Layout<'b>,
            renderer: &iced::Renderer,
            viewport: &iced::Rectangle,
            translation: iced::Vector,
        ) -> Option<iced::advanced::overlay::Element<'b, M, iced::Theme, iced::Renderer>> {
            let inner = self.$inner.as_widget_mut();
            inner.overlay(&mut tree.children[0], layout, renderer, viewport, translation)
        }
    };
}
pub(super) use left_to;
