//! The design's tokens: one value for each role, in light and in dark. Names and values are those of the design's `tokens.css`.
//!
//! Must never hold a style of a particular widget, nor a colour that is not a role.

use iced::Color;

/// What every colour in a window is chosen from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tokens {
    /// Whether this is the dark set.
    pub dark: bool,
    /// Message list, inputs.
    pub surface: Color,
    /// Side bars, code.
    pub surface_sunken: Color,
    /// Dialogs, cards, menus.
    pub surface_raised: Color,
    /// Under the pointer.
    pub surface_hover: Color,
    /// The selected channel, a mention's background.
    pub surface_active: Color,
    /// Lines between things.
    pub border: Color,
    /// Words.
    pub text: Color,
    /// Times, notices, hints.
    pub text_muted: Color,
    /// Buttons, links, the unread line.
    pub accent: Color,
    /// The accent under the pointer.
    pub accent_hover: Color,
    /// Words on the accent.
    pub on_accent: Color,
    /// Online, encrypted, sent.
    pub ok: Color,
    /// Reconnecting, unverified.
    pub warn: Color,
    /// Disconnect, failed, ban.
    pub danger: Color,
    /// The background of selected text.
    pub selection: Color,
    /// The shadow under raised things.
    pub shadow: Color,
    /// A nick's saturation and lightness, 0 to 1.
    pub nick: (f32, f32),
}

const fn rgb(hex: u32) -> Color {
    Color::from_rgb8((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

/// The light set.
pub static LIGHT: Tokens = Tokens {
    dark: false,
    surface: rgb(0x00fd_fcfa),
    surface_sunken: rgb(0x00f4_f1ec),
    surface_raised: rgb(0x00ff_ffff),
    surface_hover: rgb(0x00eb_e6de),
    surface_active: rgb(0x00f9_dfcf),
    border: rgb(0x00e2_dcd2),
    text: rgb(0x0024_201b),
    text_muted: rgb(0x006b_6257),
    accent: rgb(0x00b8_430f),
    accent_hover: rgb(0x009c_380c),
    on_accent: rgb(0x00ff_ffff),
    ok: rgb(0x002f_7d4f),
    warn: rgb(0x008a_5a00),
    danger: rgb(0x00b3_261e),
    selection: rgb(0x00f3_cdb4),
    shadow: Color { r: 60.0 / 255.0, g: 40.0 / 255.0, b: 20.0 / 255.0, a: 0.16 },
    nick: (0.62, 0.38),
};

/// The dark set.
pub static DARK: Tokens = Tokens {
    dark: true,
    surface: rgb(0x001c_1a17),
    surface_sunken: rgb(0x0015_1311),
    surface_raised: rgb(0x0027_2420),
    surface_hover: rgb(0x002c_2824),
    surface_active: rgb(0x0043_291b),
    border: rgb(0x0037_322c),
    text: rgb(0x00ec_e6dd),
    text_muted: rgb(0x00a5_9a8c),
    accent: rgb(0x00f0_885a),
    accent_hover: rgb(0x00f5_9d76),
    on_accent: rgb(0x002a_1206),
    ok: rgb(0x006f_c391),
    warn: rgb(0x00e0_b04c),
    danger: rgb(0x00f2_877f),
    selection: rgb(0x0063_3a22),
    shadow: Color { r: 0.0, g: 0.0, b: 0.0, a: 0.5 },
    nick: (0.60, 0.70),
};

impl Tokens {
    /// The colour of a name: the hue from the name, the lightness from the theme; and as much darker (or lighter) as this hue needs to be read.
    #[must_use]
    pub fn nick_colour(&self, name: &str) -> Color {
        let step = if self.dark { 0.01 } else { -0.01 };
        readable(hue(name), self.nick.0, self.nick.1, step, self.surface, 4.5)
    }

    /// The colour of the circle that stands for a person. White letters stand on it in both themes.
    #[must_use]
    pub fn avatar_colour(&self, name: &str) -> Color {
        readable(hue(name), 0.45, 0.45, -0.01, Color::WHITE, 3.5)
    }
}

/// The first colour of a hue, stepping from that lightness on, that reaches a contrast.
fn readable(hue: f32, saturation: f32, lightness: f32, step: f32, against: Color, wanted: f32) -> Color {
    let shades = (0..60_u8).map(|n| hsl(hue, saturation, (lightness + step * f32::from(n)).clamp(0.0, 1.0)));
    let start = hsl(hue, saturation, lightness);
    shades.into_iter().find(|shade| contrast(*shade, against) >= wanted).unwrap_or(start)
}

/// Relative luminance as WCAG 2 defines it.
fn luminance(c: Color) -> f32 {
    let linear = |v: f32| if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) };
    0.2126 * linear(c.r) + 0.7152 * linear(c.g) + 0.0722 * linear(c.b)
}

/// The contrast of two colours as WCAG 2 defines it, 1 to 21.
#[must_use]
pub fn contrast(a: Color, b: Color) -> f32 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Four pixels, and its multiples.
pub const SPACE_1: f32 = 4.0;
/// Eight pixels.
pub const SPACE_2: f32 = 8.0;
/// Twelve pixels.
pub const SPACE_3: f32 = 12.0;
/// Sixteen pixels.
pub const SPACE_4: f32 = 16.0;
/// The corner of buttons and inputs.
pub const RADIUS: f32 = 8.0;
/// The corner of the composer.
pub const RADIUS_LARGE: f32 = 14.0;
/// The corner of a card.
pub const RADIUS_CARD: f32 = 18.0;
/// Times and hints.
pub const SIZE_SMALL: f32 = 12.0;
/// Between hints and words: labels, notices, code.
pub const SIZE_LABEL: f32 = 13.0;
/// Words.
pub const SIZE_BODY: f32 = 15.0;
/// The channel's name.
pub const SIZE_TITLE: f32 = 17.0;
/// The sign-in card's title.
pub const SIZE_DISPLAY: f32 = 26.0;
/// The height of a line in sizes of its letters.
pub const LINE: f32 = 1.45;

/// A hue of 0 to 360 degrees that stays the same for a name, whichever case it is written in.
#[must_use]
pub fn hue(name: &str) -> f32 {
    // FNV-1a, written out so that the colour of a name never changes with a library.
    let hash = name
        .chars()
        .flat_map(char::to_lowercase)
        .fold(0x811c_9dc5_u32, |hash, c| (hash ^ u32::from(c)).wrapping_mul(0x0100_0193));
    // The high bits of FNV are the well mixed ones.
    ((hash >> 8) % 360) as f32
}

/// A colour from hue (degrees), saturation and lightness (0 to 1), as CSS has it.
#[must_use]
pub fn hsl(hue: f32, saturation: f32, lightness: f32) -> Color {
    let spread = saturation * lightness.min(1.0 - lightness);
    let channel = |n: f32| {
        let k = (n + hue / 30.0) % 12.0;
        lightness - spread * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0)
    };
    Color::from_rgb(channel(0.0), channel(8.0), channel(4.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_can_be_read_in_both_themes() {
        for n in 0..2000 {
            let name = format!("nick{n}");
            for t in [&LIGHT, &DARK] {
                assert!(contrast(t.nick_colour(&name), t.surface) >= 4.5, "{name}");
                assert!(contrast(t.avatar_colour(&name), Color::WHITE) >= 3.5, "{name}");
            }
        }
    }

    #[test]
    fn words_can_be_read_on_every_surface_they_stand_on() {
        for t in [&LIGHT, &DARK] {
            for surface in [t.surface, t.surface_sunken, t.surface_raised] {
                for text in [t.text, t.text_muted, t.accent, t.danger, t.ok, t.warn] {
                    assert!(
                        contrast(text, surface) >= 4.4,
                        "{text:?} on {surface:?}: {}",
                        contrast(text, surface)
                    );
                }
            }
            assert!(contrast(t.on_accent, t.accent) >= 4.5);
            assert!(contrast(t.text, t.selection) >= 4.5);
        }
    }

    #[test]
    fn a_name_has_the_same_hue_in_either_case_and_different_names_differ() {
        assert_eq!(hue("Alice"), hue("alice"));
        assert_ne!(hue("Alice"), hue("John"));
        assert_ne!(hue("John"), hue("Brandon"));
    }

    #[test]
    fn hsl_agrees_with_css() {
        let c = hsl(205.0, 0.45, 0.45).into_rgba8();
        assert_eq!([c[0], c[1], c[2]], [63, 123, 166]);
    }
}
