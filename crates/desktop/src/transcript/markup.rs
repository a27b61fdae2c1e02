//! What a message's words hold: links, code, and the reader's own name.
//!
//! Must never change the words beyond taking away the backticks around code: what is copied is what is seen. Knows no widget.

use std::ops::Range;

/// A message as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Marked {
    /// The words.
    pub text: String,
    /// What stands out in them, in order, never overlapping.
    pub marks: Vec<(Range<usize>, Mark)>,
    /// The paragraphs, in order. Between two lies one line break of the text.
    pub blocks: Vec<Block>,
}

/// Why a part of the words stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// An address that can be opened; the words are the address.
    Link,
    /// Code within a line.
    Code,
    /// The reader's own name.
    Mention,
}

/// A paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Which part of the words.
    pub range: Range<usize>,
    /// Whether it is a block of code.
    pub code: bool,
}

/// Finds what stands out in a message. The reader's name is marked where it is given.
#[must_use]
pub fn parse(source: &str, own_name: Option<&str>) -> Marked {
    let mut out = Marked::default();
    let mut rest = source;
    while let Some((before, code, after)) = fence(rest) {
        prose(&mut out, before, own_name);
        open_block(&mut out, true);
        out.text.push_str(code);
        close_block(&mut out);
        rest = after;
    }
    prose(&mut out, rest, own_name);
    if out.blocks.is_empty() {
        open_block(&mut out, false);
    }
    out
}

fn open_block(out: &mut Marked, code: bool) {
    if !out.blocks.is_empty() {
        out.text.push('\n');
    }
    let at = out.text.len();
    out.blocks.push(Block { range: at..at, code });
}

fn close_block(out: &mut Marked) {
    let end = out.text.len();
    if let Some(block) = out.blocks.last_mut() {
        block.range.end = end;
    }
}

/// The first block of code between two lines of three backticks: what is before it, its inside, what is after it.
fn fence(text: &str) -> Option<(&str, &str, &str)> {
    let open = text.find("```")?;
    let inside = &text[open + 3..];
    let close = inside.find("```")?;
    let mut code = &inside[..close];
    // The word after the opening is the language, if a line break follows it.
    if let Some(line) = code.find('\n')
        && !code[..line].contains(' ')
    {
        code = &code[line + 1..];
    }
    let code = code.trim_end_matches(['\n', '\r', ' ']);
    if code.trim().is_empty() {
        return None;
    }
    Some((&text[..open], code, &inside[close + 3..]))
}

/// Text that is no block of code.
fn prose(out: &mut Marked, text: &str, own_name: Option<&str>) {
    let text = text.trim_matches(['\n', '\r']);
    if text.trim().is_empty() {
        return;
    }
    open_block(out, false);
    let mut rest = text;
    while let Some((before, code, after)) = inline_code(rest) {
        plain(out, before, own_name);
        let start = out.text.len();
        out.text.push_str(code);
        out.marks.push((start..out.text.len(), Mark::Code));
        rest = after;
    }
    plain(out, rest, own_name);
    close_block(out);
}

/// The first code between two backticks of one line.
fn inline_code(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let open = from + text[from..].find('`')?;
        let inside = &text[open + 1..];
        let close = inside.find(['`', '\n'])?;
        if inside[close..].starts_with('`') && !inside[..close].trim().is_empty() {
            return Some((&text[..open], &inside[..close], &inside[close + 1..]));
        }
        from = open + 1 + close + 1;
    }
}

/// Text that holds no code: links and names.
fn plain(out: &mut Marked, text: &str, own_name: Option<&str>) {
    let base = out.text.len();
    out.text.push_str(text);
    let mut at = 0;
    for link in links(text) {
        mentions(out, base + at, &text[at..link.start], own_name);
        out.marks.push((base + link.start..base + link.end, Mark::Link));
        at = link.end;
    }
    mentions(out, base + at, &text[at..], own_name);
}

/// The addresses in a text: `http` and `https` only, for anything else opens programs that nobody asked for.
#[must_use]
pub fn links(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("://").map(|at| from + at) {
        from = at + 3;
        // `get`, for a byte so far back may be inside a character.
        let scheme = ["https", "http"].into_iter().find(|scheme| {
            at.checked_sub(scheme.len())
                .and_then(|start| text.get(start..at))
                .is_some_and(|s| s.eq_ignore_ascii_case(scheme))
        });
        let Some(start) = scheme.map(|scheme| at - scheme.len()) else { continue };
        if text[..start].chars().next_back().is_some_and(char::is_alphanumeric) {
            continue;
        }
        let end = from + text[from..].find(ends_link).unwrap_or(text.len() - from);
        let end = from + trimmed(&text[from..end]).len();
        if text[from..end].chars().next().is_some_and(char::is_alphanumeric)
            || text[from..end].starts_with('[')
        {
            found.push(start..end);
            from = end;
        }
    }
    found
}

/// Spaces and quotes end an address; so do the invisible characters that turn the direction of writing, with which an address can be made to look like another.
fn ends_link(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || "<>\"`".contains(c)
        || matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// An address without the punctuation of the sentence that it ends.
fn trimmed(mut link: &str) -> &str {
    while let Some(last) = link.chars().next_back() {
        let opening = match last {
            ')' => Some('('),
            ']' => Some('['),
            '}' => Some('{'),
            _ => None,
        };
        let belongs = match opening {
            Some(opening) => link.matches(opening).count() >= link.matches(last).count(),
            None => !".,;:!?'…»”’。，、！？؟،".contains(last),
        };
        if belongs {
            break;
        }
        link = &link[..link.len() - last.len_utf8()];
    }
    link
}

/// Marks the reader's name, with an `@` before it or without.
fn mentions(out: &mut Marked, base: usize, text: &str, own_name: Option<&str>) {
    let Some(name) = own_name.filter(|name| !name.is_empty()) else { return };
    let in_name = |c: char| c.is_alphanumeric() || "[]\\`^_{|}-".contains(c);
    let mut from = 0;
    while from < text.len() {
        // A character boundary, for it moves by whole characters.
        let here = &text[from..];
        let matches = here.get(..name.len()).is_some_and(|part| part.eq_ignore_ascii_case(name));
        let before = text[..from].chars().next_back();
        if matches && !before.is_some_and(in_name) && !here[name.len()..].chars().next().is_some_and(in_name)
        {
            let start = if before == Some('@') { from - 1 } else { from };
            out.marks.push((base + start..base + from + name.len(), Mark::Mention));
            from += name.len();
        } else {
            from += here.chars().next().map_or(1, char::len_utf8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(source: &str) -> Vec<(String, Mark)> {
        let m = parse(source, Some("Brandon"));
        m.marks.iter().map(|(r, mark)| (m.text[r.clone()].to_owned(), *mark)).collect()
    }

    fn one(text: &str, mark: Mark) -> Vec<(String, Mark)> {
        vec![(text.to_owned(), mark)]
    }

    #[test]
    fn plain_words_are_one_block_without_marks() {
        let m = parse("hello\nworld", Some("Brandon"));
        assert_eq!((m.text.as_str(), m.marks.len(), m.blocks.len()), ("hello\nworld", 0, 1));
        assert_eq!(parse("", None).blocks.len(), 1);
    }

    #[test]
    fn a_link_ends_before_the_sentence_does() {
        assert_eq!(
            marked("see https://wiki.wireshark.org/TLS."),
            one("https://wiki.wireshark.org/TLS", Mark::Link)
        );
        assert_eq!(marked("(https://a.example/b_(c))"), one("https://a.example/b_(c)", Mark::Link));
        assert_eq!(marked("HTTP://A.example!"), one("HTTP://A.example", Mark::Link));
        assert_eq!(marked("راجع https://a.example، شكرا"), one("https://a.example", Mark::Link));
    }

    #[test]
    fn other_schemes_and_halves_of_links_are_words() {
        for text in [
            "javascript://x",
            "file:///etc/passwd",
            "://",
            "https://",
            "xhttps://a.example",
            "é://b",
            "https:// x",
        ] {
            assert_eq!(marked(text), [], "{text}");
        }
    }

    #[test]
    fn a_link_cannot_hide_behind_a_turn_of_direction() {
        assert_eq!(marked("https://a.example/\u{202E}gpj.exe"), one("https://a.example/", Mark::Link));
    }

    #[test]
    fn code_loses_its_backticks_and_is_not_searched() {
        let m = parse("run `ls https://x.example Brandon` now", Some("Brandon"));
        assert_eq!(m.text, "run ls https://x.example Brandon now");
        assert_eq!(m.marks.len(), 1);
        assert_eq!(parse("a ` b", None).text, "a ` b");
        assert_eq!(parse("a `` b", None).text, "a `` b");
        assert_eq!(parse("a `b\nc` d", None).text, "a `b\nc` d");
    }

    #[test]
    fn a_fence_is_a_block_of_its_own() {
        let m = parse("try\n```sh\ntshark -i lo\n```\nthanks", None);
        assert_eq!(m.text, "try\ntshark -i lo\nthanks");
        let blocks: Vec<_> = m.blocks.iter().map(|b| (&m.text[b.range.clone()], b.code)).collect();
        assert_eq!(blocks, [("try", false), ("tshark -i lo", true), ("thanks", false)]);
        assert_eq!(parse("```one line```", None).blocks, [Block { range: 0..8, code: true }]);
        assert_eq!(parse("``````", None).text, "``````");
        assert_eq!(parse("```open", None).text, "```open");
    }

    #[test]
    fn the_own_name_is_marked_as_a_word_only() {
        assert_eq!(marked("@Brandon can you"), one("@Brandon", Mark::Mention));
        assert_eq!(marked("brandon: hi"), one("brandon", Mark::Mention));
        assert_eq!(marked("Brandonian brandon_ xBrandon"), []);
        assert_eq!(marked("你好Brandon"), []);
        assert_eq!(marked("مرحبا Brandon"), one("Brandon", Mark::Mention));
    }
}
