//! Models made up, for tests and pictures: the conversation of the design's picture, every script, a hundred thousand messages.
//!
//! Must never be reached by a person's program.

use std::collections::BTreeMap;
use std::sync::Arc;

use client::model::{
    Buffer, BufferId, Delivery, Entry, EntryId, History, Member, MessageKind, Model, Presence, Status, What,
};
use client::{Nickname, Timestamp};

/// A name that is known to be good.
fn nick(name: &str) -> Nickname {
    match Nickname::new(name) {
        Ok(nick) => nick,
        // Made up here, so it is the fixture that is wrong.
        Err(error) => panic!("{name} is no name: {error}"),
    }
}

/// An entry with that number and time.
#[must_use]
pub fn entry(id: u64, at: u64, what: What) -> Entry {
    Entry { id: EntryId(id), msgid: None, at: Timestamp(at), what }
}

/// Something said.
#[must_use]
pub fn said(from: &str, text: &str) -> What {
    What::Message {
        from: from.to_owned(),
        own: from == "Brandon",
        text: text.to_owned(),
        kind: MessageKind::Text,
        delivery: Delivery::Delivered,
        mention: text.contains("@Brandon"),
    }
}

fn joined(name: &str) -> What {
    What::Presence { nick: name.to_owned(), change: Presence::Joined }
}

/// A member.
#[must_use]
pub fn member(name: &str, prefix: Option<char>, away: bool) -> Member {
    Member {
        nick: nick(name),
        account: None,
        prefix,
        prefixes: prefix.map(String::from).unwrap_or_default(),
        away,
    }
}

/// A conversation with those entries.
#[must_use]
pub fn buffer(name: &str, entries: Vec<Entry>) -> Buffer {
    let members = [
        member("Alice", Some('~'), false),
        member("Brandon", None, false),
        member("ci-bot", Some('+'), false),
        member("John", None, false),
        member("Mei", None, true),
        member("Omar", None, true),
    ];
    let members: BTreeMap<_, _> = members.into_iter().map(|m| (m.nick.folded(), m)).collect();
    Buffer {
        topic: "Welcome! Meeting notes are pinned · Thursdays 14:00".to_owned(),
        joined: true,
        members: Arc::new(members),
        entries: entries.into(),
        history: History::Complete,
        ..Buffer::new(name.to_owned())
    }
}

/// The model of the design's picture, around that buffer.
#[must_use]
pub fn model(general: Buffer) -> Model {
    let mut model = Model::new("10.27.27.131:9898".to_owned(), "Lab 3".to_owned(), nick("Brandon"));
    model.status = Status::Online;
    model.own_address = Some("10.27.27.206:56228".to_owned());
    model.encrypted = true;
    let mut put = |id: BufferId, buffer: Buffer| {
        model.buffers.insert(id, Arc::new(buffer));
    };
    put(BufferId::Channel("#general".to_owned()), general);
    for (name, unread) in [("#robotics", 3), ("#networks-146", 0), ("#random", 0)] {
        put(BufferId::Channel(name.to_owned()), Buffer { unread, ..buffer(name, Vec::new()) });
    }
    for (name, unread, joined) in [("Alice", 1, true), ("John", 0, false)] {
        let person = Buffer { unread, mentions: unread, joined, ..Buffer::new(name.to_owned()) };
        put(BufferId::Person(name.to_lowercase()), person);
    }
    model
}

/// The conversation of the design's picture. The time is that of its last message.
#[must_use]
pub fn chat(now: u64) -> Model {
    let minute = |back: u64| now - back * 60_000;
    let waiting = What::Message {
        from: "Brandon".to_owned(),
        own: true,
        text: "Sending this while the Wi‑Fi is away…".to_owned(),
        kind: MessageKind::Text,
        delivery: Delivery::Waiting,
        mention: false,
    };
    let entries = vec![
        entry(1, minute(5), joined("Brandon")),
        entry(2, minute(5), joined("John")),
        entry(3, minute(5), joined("Alice")),
        entry(4, minute(4), said("John", "Hi all! Did the packet capture work on your side?")),
        entry(
            5,
            minute(4),
            said("John", "I still see our first version’s text in the clear: `<Brandon> hello`"),
        ),
        entry(
            6,
            minute(3),
            said("Alice", "Not any more 🎉 port 9898 is TLS only now, 我试过了, مرحبا بالجميع"),
        ),
        entry(
            7,
            minute(1),
            said(
                "John",
                "@Brandon can you post the trace? Docs: https://wiki.wireshark.org/TLS\n```\ntshark -i lo -f 'tcp port 9898' -Y tls\n```",
            ),
        ),
        entry(8, now, said("Brandon", "On its way.")),
        entry(9, now, waiting),
    ];
    model(Buffer { read_upto: Some(EntryId(6)), ..buffer("#general", entries) })
}

/// Lines in many scripts, with what usually goes wrong in them.
pub const SCRIPTS: &[&str] = &[
    "Latin: The quick brown fox jumps over the lazy dog. Ünïcödé, naïve façade, Łódź, İstanbul.",
    "Greek and Cyrillic: Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. Съешь же ещё этих мягких французских булок.",
    "العربية: مرحبا بالجميع! هذا سطر طويل بما يكفي ليلتف على أكثر من سطر واحد في نافذة عادية، وفيه رقم 9898 وكلمة TLS ورابط https://wiki.wireshark.org/TLS ثم بقية الكلام بعد الرابط حتى النهاية.",
    "עברית: שלום לכולם! זאת שורה ארוכה מספיק כדי להישבר ליותר משורה אחת בחלון רגיל, עם המספר 9898 והמילה TLS באמצע, ואחריה עוד כמה מילים עד הסוף.",
    "Mixed: he said שלום עולם and she said مرحبا بك and then 12 + 34 = 46.",
    "#3 אחרי סולמית, ו‑1️⃣ מקש",
    "فارسی: گربهٔ من می‌خوابد و پنج شنبه ساعت ۱۴:۰۰ جلسه داریم",
    "हिन्दी: नमस्ते दुनिया, क्षत्रिय और श्रीमान। தமிழ்: வணக்கம் உலகம். ไทย: สวัสดีชาวโลก การทดสอบตัดคำภาษาไทยที่ไม่มีช่องว่าง",
    "中文：敏捷的棕色狐狸跳过了懒狗。日本語：いろはにほへと、色は匂えど。한국어: 키스의 고유조건은 입술끼리 만나야 하고.",
    "Emoji: 😀 👍🏽 👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 1️⃣ #️⃣ ❤️ ☺️ ⌚ ✅ 🫠 👨🏿‍💻 — and text: ☺︎ ❤︎ → ✓",
    "Combining: é = é, ā̊, Z͑ͫ̓a͑ͫl͑ͫg͑ͫo͑ͫ; ﷽",
    "`inline code` in a line, **no** markdown beyond that, and\n```rust\nfn main() {\n    println!(\"שלום, {}\", \"世界\");\n}\n```\nand after it.",
    "A_very_long_word_without_a_place_to_break_that_is_wider_than_the_window_itself_and_goes_on_and_on_and_on_and_on_and_on_until_it_ends",
];

/// A conversation in every script.
#[must_use]
pub fn scripts(now: u64) -> Model {
    let from = ["Alice", "John", "علي", "שרה", "Mei"];
    let entries = SCRIPTS.iter().enumerate();
    let entries = entries.map(|(n, text)| {
        entry(n as u64 + 1, now - 1000 * (SCRIPTS.len() - n) as u64, said(from[n % from.len()], text))
    });
    model(buffer("#general", entries.collect()))
}

/// So many messages, over many days.
#[must_use]
pub fn many(count: u64, now: u64) -> Model {
    let from = ["Alice", "John", "Brandon", "Mei", "Omar"];
    let entries = (0..count).map(|n| {
        let at = now - (count - n) * 40_000;
        if n % 37 == 0 {
            return entry(n + 1, at, joined(from[(n % 5) as usize]));
        }
        let text = match n % 11 {
            3 => SCRIPTS[(n % SCRIPTS.len() as u64) as usize].to_owned(),
            7 => format!("Message {n}: see https://chat.example/{n} and `code {n}`"),
            _ => format!("Message {n}: {}", "words and more words ".repeat((n % 5) as usize + 1).trim_end()),
        };
        entry(n + 1, at, said(from[((n / 3) % 5) as usize], &text))
    });
    model(buffer("#general", entries.collect()))
}
