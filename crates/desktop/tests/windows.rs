//! The windows without a display: typing, pressing and walking with Tab, drawn by the renderer that needs no graphics driver.

use std::sync::Arc;

use client::model::{BufferId, Failure, Model};
use desktop::app::{App, Message, Screen};
use desktop::screen::chat::Chat;
use desktop::screen::signin::{self, Phase, SignIn};
use desktop::screen::{composer, sidebar};
use desktop::session::{Intent, Session};
use desktop::settings::Settings;
use desktop::{StartOptions, fixture, focus, theme};
use iced::advanced::clipboard;
use iced::advanced::widget::operation::{Operation, Outcome, focusable};
use iced::advanced::widget::{Id, operation};
use iced::keyboard::key::Named;
use iced::{Event, Font, Point, Renderer, Size, mouse, window};
use iced_test::core::renderer::Headless;
use iced_test::runtime::UserInterface;
use iced_test::runtime::user_interface::Cache;
use iced_test::selector::Selector;
use iced_test::simulator;

const NOW: u64 = 1_795_356_153_000;

/// A window without a frame: the program, and what iced keeps between two pictures.
struct Window {
    app: App,
    cache: Cache,
    renderer: Renderer,
    cursor: mouse::Cursor,
    size: Size,
}

impl Window {
    fn new(app: App) -> Self {
        for font in theme::font_files() {
            let mut fonts = iced_test::renderer::graphics::text::font_system()
                .write()
                .expect("nobody panics with the fonts in hand");
            fonts.load_font(font);
        }
        let renderer = <Renderer as Headless>::new(Font::with_name("Inter"), 15.0.into(), Some("tiny-skia"));
        let renderer =
            iced_test::futures::futures::executor::block_on(renderer).expect("this renderer needs nothing");
        Self {
            app,
            cache: Cache::default(),
            renderer,
            cursor: mouse::Cursor::Unavailable,
            size: Size::new(1180.0, 760.0),
        }
    }

    fn signin(user: &str) -> Self {
        let settings =
            Settings { user: user.into(), server: "localhost".into(), port: 9898, ..Settings::default() };
        Self::new(App::with(&StartOptions::default(), Screen::SignIn(SignIn::new(&settings)), None))
    }

    fn chat(model: Model) -> Self {
        let session = Session::fixture(model);
        let screen = Screen::Chat(Box::new(Chat::new(session.model())));
        Self::new(App::with(&StartOptions::default(), screen, Some(session)))
    }

    /// Hands events to the widgets, and what they make of them to the program. The messages come back for a look.
    fn happen(&mut self, events: impl IntoIterator<Item = Event>) -> Vec<Message> {
        let events: Vec<Event> = events.into_iter().collect();
        let mut messages = Vec::new();
        let mut ui = UserInterface::build(
            self.app.view(),
            self.size,
            std::mem::take(&mut self.cache),
            &mut self.renderer,
        );
        let _ = ui.update(&events, self.cursor, &mut self.renderer, &mut clipboard::Null, &mut messages);
        self.cache = ui.into_cache();
        for message in messages.clone() {
            // What the program asks of iced itself (the focus, the clipboard) is not part of these tests.
            drop(self.app.update(message));
        }
        messages
    }

    fn type_text(&mut self, text: &str) {
        self.happen(simulator::typewrite(text));
    }

    fn tap(&mut self, key: Named) -> Vec<Message> {
        self.happen(simulator::tap_key(iced::keyboard::Key::Named(key), None))
    }

    fn operate<T>(&mut self, operation: impl Operation<T> + 'static) -> Option<T> {
        let mut operation: Box<dyn Operation<T>> = Box::new(operation);
        loop {
            let mut ui = UserInterface::build(
                self.app.view(),
                self.size,
                std::mem::take(&mut self.cache),
                &mut self.renderer,
            );
            ui.operate(&self.renderer, &mut operation::black_box(operation.as_mut()));
            self.cache = ui.into_cache();
            match operation.finish() {
                Outcome::Some(value) => return Some(value),
                Outcome::None => return None,
                Outcome::Chain(next) => operation = next,
            }
        }
    }

    fn place_of(&mut self, text: &str) -> Option<Point> {
        let found = self.operate(text.to_owned().find())?;
        Some(found?.visible_bounds()?.center())
    }

    fn click(&mut self, text: &str) -> Vec<Message> {
        let place = self.place_of(text).unwrap_or_else(|| panic!("{text:?} is not on the screen"));
        self.click_at(place)
    }

    fn click_at(&mut self, place: Point) -> Vec<Message> {
        self.cursor = mouse::Cursor::Available(place);
        self.happen(simulator::click())
    }

    fn focus(&mut self, id: &'static str) {
        let _: Option<()> = self.operate(focusable::focus(Id::new(id)));
    }

    fn tab(&mut self) -> Option<Id> {
        let _: Option<()> = self.operate(focus::next());
        self.focused()
    }

    fn focused(&mut self) -> Option<Id> {
        self.operate(focusable::find_focused())
    }

    fn card(&self) -> &SignIn {
        match self.app.screen() {
            Screen::SignIn(signin) => signin,
            Screen::Chat(_) => panic!("the chat is shown"),
        }
    }

    fn shown(&self) -> &Chat {
        match self.app.screen() {
            Screen::Chat(chat) => chat,
            Screen::SignIn(_) => panic!("the card is shown"),
        }
    }

    fn asked(&self) -> Vec<Intent> {
        self.app.session().map(Session::asked).unwrap_or_default()
    }

    fn draw(&mut self) {
        let now = iced::time::Instant::now();
        self.happen([Event::Window(window::Event::RedrawRequested(now))]);
        let theme = self.app.theme();
        let mut ui = UserInterface::build(
            self.app.view(),
            self.size,
            std::mem::take(&mut self.cache),
            &mut self.renderer,
        );
        ui.draw(&mut self.renderer, &theme, &iced::advanced::renderer::Style::default(), self.cursor);
        self.cache = ui.into_cache();
        let size = Size::new(self.size.width as u32, self.size.height as u32);
        let pixels = self.renderer.screenshot(size, 1.0, self.app.tokens().surface);
        assert_eq!(pixels.len(), (size.width * size.height * 4) as usize);
        // Something is drawn, and not one colour only.
        assert!(pixels.chunks(4).any(|pixel| pixel != &pixels[..4]));
    }
}

#[test]
fn tab_walks_the_fields_and_the_button_in_order() {
    let mut window = Window::signin("Brandon");
    let walked: Vec<_> = (0..5).filter_map(|_| window.tab()).collect();
    let wanted = [signin::USER, signin::SERVER, signin::PORT, signin::CONNECT, signin::USER];
    assert_eq!(walked, wanted.map(Id::new));
    for back in [signin::CONNECT, signin::PORT] {
        let _: Option<()> = window.operate(focus::previous());
        assert_eq!(window.focused(), Some(Id::new(back)));
    }
    // Whoever comes with Tab writes over what is there.
    window.type_text("7000");
    assert_eq!(window.card().port, "7000");
}

#[test]
fn a_name_is_typed_and_return_connects_from_any_field() {
    for field in [signin::USER, signin::SERVER, signin::PORT] {
        let mut window = Window::signin("Bran");
        window.focus(signin::USER);
        window.type_text("don");
        assert_eq!(window.card().user, "Brandon");
        window.focus(field);
        // Drawn, but not carried out: nothing is dialled here.
        let mut messages = Vec::new();
        let mut ui = UserInterface::build(
            window.app.view(),
            window.size,
            std::mem::take(&mut window.cache),
            &mut window.renderer,
        );
        let events: Vec<Event> = simulator::tap_key(iced::keyboard::Key::Named(Named::Enter), None).collect();
        let _ = ui.update(&events, window.cursor, &mut window.renderer, &mut clipboard::Null, &mut messages);
        assert!(matches!(messages[..], [Message::SignIn(signin::Message::Submit)]), "{field}: {messages:?}");
    }
}

#[test]
fn a_port_that_is_none_is_said_in_words_on_the_card() {
    let mut window = Window::signin("Brandon");
    window.focus(signin::PORT);
    window.type_text("x");
    window.tap(Named::Enter);
    assert!(
        window
            .place_of("9898x is not a port number. A port is a number from 1 to 65535, usually 9898.")
            .is_some()
    );
}

#[test]
fn the_free_name_is_one_press_away() {
    let mut window = Window::signin("Brandon");
    let mut card = window.card().clone();
    card.fail(Failure::NameTaken { nick: "Brandon".into(), suggestion: "Brandon_".into() });
    window.app = App::with(&StartOptions::default(), Screen::SignIn(card), None);
    window.click("Use Brandon_");
    assert_eq!(window.card().user, "Brandon_");
}

#[test]
fn trust_is_asked_with_the_fingerprint_and_two_buttons() {
    let mut window = Window::signin("Brandon");
    let card = SignIn { phase: Phase::Trust("0123456789abcdef".into()), ..window.card().clone() };
    window.app = App::with(&StartOptions::default(), Screen::SignIn(card), None);
    assert!(window.place_of("0123 4567 89ab cdef").is_some());
    window.click("Cancel");
    assert_eq!(window.card().phase, Phase::Editing(None));
}

#[test]
fn what_is_typed_is_sent_by_return_and_by_the_button() {
    let mut window = Window::chat(fixture::chat(NOW));
    let buffer = BufferId::Channel("#general".into());
    window.focus(composer::COMPOSER);
    window.type_text("hello there");
    window.tap(Named::Enter);
    window.focus(composer::COMPOSER);
    window.type_text("and again");
    window.click("Send");
    let say = |text: &str| Intent::Say { buffer: buffer.clone(), text: text.into() };
    assert_eq!(window.asked(), [say("hello there"), say("and again")]);
    // Nothing is left to send.
    window.click("Send");
    assert_eq!(window.asked().len(), 2);
}

#[test]
fn a_draft_waits_in_its_own_buffer() {
    let mut window = Window::chat(fixture::chat(NOW));
    window.focus(composer::COMPOSER);
    window.type_text("half a thought");
    window.click("robotics");
    assert_eq!(window.shown().front, BufferId::Channel("#robotics".into()));
    assert_eq!(window.shown().draft().map(|d| d.text()).unwrap_or_default().trim_end(), "");
    window.click("general");
    assert_eq!(window.shown().draft().map(|d| d.text()).unwrap_or_default().trim_end(), "half a thought");
    assert!(matches!(window.asked()[..], [Intent::Look { .. }, Intent::Look { .. }]));
}

#[test]
fn disconnect_leads_back_to_the_card() {
    let mut window = Window::chat(fixture::chat(NOW));
    window.click("Disconnect");
    assert!(window.app.session().is_none());
    assert_eq!(window.card().phase, Phase::Editing(None));
}

#[test]
fn a_channel_is_joined_through_the_field_at_the_left() {
    let mut window = Window::chat(fixture::chat(NOW));
    drop(window.app.update(Message::Chat(desktop::screen::chat::Message::Open(sidebar::Group::Channels))));
    window.focus(sidebar::OPENER);
    window.type_text("rust");
    window.tap(Named::Enter);
    assert_eq!(window.asked(), [Intent::Join { channel: "rust".into() }]);
    assert!(window.shown().opener().is_none());
}

#[test]
fn the_title_tells_where_to_and_where_from() {
    let window = Window::chat(fixture::chat(NOW));
    assert_eq!(window.app.title(), "Chinwag — 10.27.27.131:9898 (10.27.27.206:56228)");
    assert_eq!(Window::signin("x").app.title(), "Chinwag");
}

#[test]
fn a_buffer_that_is_closed_gives_way_to_its_neighbour() {
    let mut chat = Chat::new(Arc::new(fixture::chat(NOW)));
    let mut model = fixture::chat(NOW);
    model.buffers.remove(&BufferId::Channel("#general".into()));
    chat.follow(Arc::new(model), &[]);
    assert_eq!(chat.front, BufferId::Server);
}

#[test]
fn members_are_hidden_where_there_is_no_room() {
    let mut window = Window::chat(fixture::chat(NOW));
    assert!(window.place_of("ONLINE — 4").is_some());
    let event = window::Event::Resized(Size::new(720.0, 480.0));
    drop(window.app.update(Message::Window(window::Id::unique(), event)));
    window.size = Size::new(720.0, 480.0);
    assert!(window.place_of("ONLINE — 4").is_none());
    assert!(window.place_of("Send").is_some());
}

#[test]
fn every_screen_can_be_drawn_without_a_graphics_driver() {
    Window::signin("Brandon").draw();
    Window::chat(fixture::chat(NOW)).draw();
    Window::chat(fixture::scripts(NOW)).draw();
}

#[test]
fn words_that_are_dragged_over_can_be_copied() {
    let mut window = Window::chat(fixture::chat(NOW));
    window.draw();
    let place =
        window.place_of("Hi all! Did the packet capture work on your side?").expect("it is on the screen");
    let left = Point::new(276.0 + 69.0, place.y + 10.0);
    window.cursor = mouse::Cursor::Available(left);
    window.happen([Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left))]);
    let right = Point::new(900.0, left.y);
    window.cursor = mouse::Cursor::Available(right);
    window.happen([Event::Mouse(mouse::Event::CursorMoved { position: right })]);
    window.happen([Event::Mouse(mouse::Event::ButtonReleased(mouse::Button::Left))]);
    let copied = window.shown().log().and_then(|log| log.selected_text());
    assert_eq!(copied.as_deref(), Some("Hi all! Did the packet capture work on your side?"));
}
