//! Rust source, with as much understanding as it takes to tell code from what is only said.

/// A place where a name is used.
#[derive(Debug, PartialEq)]
pub(crate) struct Use {
    pub(crate) name: String,
    pub(crate) line: usize,
}

/// Every use of a name, or of a path such as `std::fs`, in what [`code_of`] gave. `Instant` is no part of `Instantly`.
pub(crate) fn uses(code: &str, name: &str) -> Vec<Use> {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = Vec::new();
    for (index, line) in code.lines().enumerate() {
        let alone = |&(at, _): &(usize, &str)| {
            let before = line[..at].chars().next_back();
            let after = line[at + name.len()..].chars().next();
            // A name that ends in `::` is the beginning of a path, and a word follows it.
            !before.is_some_and(in_word) && (name.ends_with("::") || !after.is_some_and(in_word))
        };
        let places = line.match_indices(name).filter(alone);
        found.extend(places.map(|_| Use { name: name.to_owned(), line: index + 1 }));
    }
    found
}

/// The text with spaces in place of comments, strings and characters. Lines stay where they are.
pub(crate) fn code_of(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let length = length_of_speech(rest, code.chars().next_back());
        if length == 0 {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            let (speech, after) = rest.split_at(length);
            code.extend(speech.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
            rest = after;
        }
    }
    code
}

/// How many bytes at the beginning of this text are a comment, a string or a character; 0 if it begins with code.
fn length_of_speech(text: &str, before: Option<char>) -> usize {
    let through = |end: Option<usize>| end.unwrap_or(text.len());
    if text.starts_with("//") {
        return through(text.find('\n'));
    }
    if text.starts_with("/*") {
        return length_of_block_comment(text);
    }
    if text.starts_with('"') {
        return through(end_of_quoted(text, '"'));
    }
    if text.starts_with('r')
        && !before.is_some_and(|c| c != 'b' && c != 'c' && (c.is_alphanumeric() || c == '_'))
    {
        let hashes = text[1..].chars().take_while(|&c| c == '#').count();
        if text[1 + hashes..].starts_with('"') {
            let (start, end) = (hashes + 2, format!("\"{}", "#".repeat(hashes)));
            return through(text[start..].find(&end).map(|at| start + at + end.len()));
        }
    }
    if text.starts_with('\'') {
        // A lifetime has no second quote behind its first letter; a character has, or begins with a backslash.
        let mut letters = text.chars().skip(1);
        let (letter, quote) = (letters.next(), letters.next());
        if letter == Some('\\') || quote == Some('\'') {
            return through(end_of_quoted(text, '\''));
        }
    }
    0
}

/// Just behind the quote that closes the one at the beginning; a backslash hides what follows it.
fn end_of_quoted(text: &str, quote: char) -> Option<usize> {
    let mut hidden = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if hidden => hidden = false,
            '\\' => hidden = true,
            _ if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Block comments hold block comments.
fn length_of_block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        match &text.as_bytes()[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] if depth == 1 => return at + 2,
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    text.len()
}

#[test]
fn what_is_only_said_is_not_code() {
    let source = r##"let a = "Instant \" Instant"; // Instant
/* Instant /* Instant */
   Instant */ let b: &'static str = r#"Instant " Instant"#; let c = '"'; let d = br"Instant"; Instant::now()"##;
    let found = uses(&code_of(source), "Instant");
    assert_eq!(found, [Use { name: "Instant".to_owned(), line: 3 }]);
}

#[test]
fn a_quote_or_a_backslash_as_a_character_begins_no_string() {
    let source = r"let q = ['\'', '\\', '\u{22}', 'ä']; HashMap::<&'a str, u8>::new()";
    assert_eq!(uses(&code_of(source), "HashMap").len(), 1);
}

#[test]
fn a_name_is_found_whole_or_not_at_all() {
    let code = "Instantly(); MyInstant; std::fs; ffs::go(); fs::read(); operand; rand::random()";
    assert_eq!(uses(code, "Instant"), []);
    assert_eq!(uses(code, "std::fs").len(), 1);
    assert_eq!(uses(code, "fs::").len(), 1);
    assert_eq!(uses(code, "rand").len(), 1);
}
