//! A user's own modes (Modern IRC, "User Modes"; ircv3.net/specs/extensions/bot-mode).

/// What somebody is, or wants, everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum UserMode {
    /// `B`: a program, and says so.
    Bot = 1,
    /// `R`: hears from those alone who have an account.
    Registered = 8,
    /// `T`: no CTCP but ACTION.
    NoCtcp = 16,
    /// `i`: found by those alone who share a channel.
    Invisible = 2,
    /// `o`: an operator of the server. Nobody gets it by asking; OPER gives it.
    Operator = 32,
    /// `w`: hears WALLOPS.
    Wallops = 4,
}

impl UserMode {
    /// All, in the order of the alphabet.
    pub const ALL: &'static [Self] =
        &[Self::Bot, Self::Registered, Self::NoCtcp, Self::Invisible, Self::Operator, Self::Wallops];

    /// The mode's letter.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Bot => 'B',
            Self::Registered => 'R',
            Self::NoCtcp => 'T',
            Self::Invisible => 'i',
            Self::Operator => 'o',
            Self::Wallops => 'w',
        }
    }

    /// The mode of a letter.
    #[must_use]
    pub fn from_letter(letter: char) -> Option<Self> {
        Self::ALL.iter().copied().find(|mode| mode.letter() == letter)
    }
}

/// The modes of one user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UserModes(u8);

impl UserModes {
    /// Whether one is set.
    #[must_use]
    pub fn has(self, mode: UserMode) -> bool {
        self.0 & mode as u8 != 0
    }

    /// With one more, or less. Says whether that changed anything.
    pub fn set(&mut self, mode: UserMode, on: bool) -> bool {
        let before = self.0;
        if on {
            self.0 |= mode as u8;
        } else {
            self.0 &= !(mode as u8);
        }
        self.0 != before
    }

    /// As numerics tell them: `+iw`.
    #[must_use]
    pub fn letters(self) -> String {
        std::iter::once('+')
            .chain(UserMode::ALL.iter().filter(|mode| self.has(**mode)).map(|mode| mode.letter()))
            .collect()
    }
}
