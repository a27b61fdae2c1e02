//! The answer to one command, collected line by line, and labelled when it is whole (ircv3.net/specs/extensions/labeled-response).

use irc::{MessageWriter, tags};

/// The lines that answer one command.
#[derive(Debug, Default)]
pub(crate) struct Replies {
    /// The label that the command came with.
    pub(crate) label: Option<String>,
    bytes: Vec<u8>,
    /// Where each line starts, and whether it belongs to a batch of its own already. Kept only if there is a label.
    starts: Vec<(usize, bool)>,
}

impl Replies {
    /// Makes room for so many bytes more, where it is known that they come.
    pub(crate) fn reserve(&mut self, bytes: usize) {
        self.bytes.reserve(bytes);
    }

    /// Whether there is nothing to be sent: a label alone is answered.
    pub(crate) fn is_empty(&self) -> bool {
        self.label.is_none() && self.bytes.is_empty()
    }

    /// Adds a line.
    pub(crate) fn line(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.add(false, write);
    }

    /// Adds a line that carries a `batch` tag.
    pub(crate) fn batched_line(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.add(true, write);
    }

    fn add(&mut self, batched: bool, write: impl FnOnce(&mut Vec<u8>)) {
        if self.label.is_some() {
            self.starts.push((self.bytes.len(), batched));
        }
        write(&mut self.bytes);
    }

    /// The answer as it goes to the client: with a label if one was asked for, on the only line, on a batch around several, or on ACK if there is none. `batch` names
    /// the batch, if one is needed.
    pub(crate) fn finish(self, server: &str, batch: &str) -> Vec<u8> {
        let Some(label) = self.label else { return self.bytes };
        let mut tag = b"label=".to_vec();
        tags::escape_into(&label, &mut tag);
        let mut out = Vec::with_capacity(self.bytes.len() + 64);
        match self.starts.as_slice() {
            [] => MessageWriter::new(&mut out).tag("label", &label).source(server).command("ACK").end(),
            [_] => with_tag(&self.bytes, &tag, &mut out),
            starts => {
                MessageWriter::new(&mut out)
                    .tag("label", &label)
                    .source(server)
                    .command("BATCH")
                    .param(&format!("+{batch}"))
                    .param("labeled-response")
                    .end();
                let tag = format!("batch={batch}");
                for (i, (start, batched)) in starts.iter().enumerate() {
                    let end = starts.get(i + 1).map_or(self.bytes.len(), |(next, _)| *next);
                    let line = &self.bytes[*start..end];
                    if *batched {
                        out.extend_from_slice(line);
                    } else {
                        with_tag(line, tag.as_bytes(), &mut out);
                    }
                }
                MessageWriter::new(&mut out)
                    .source(server)
                    .command("BATCH")
                    .param(&format!("-{batch}"))
                    .end();
            }
        }
        out
    }
}

/// Appends a line with one more tag in front.
fn with_tag(line: &[u8], tag: &[u8], out: &mut Vec<u8>) {
    out.push(b'@');
    out.extend_from_slice(tag);
    match line.strip_prefix(b"@") {
        Some(rest) => {
            out.push(b';');
            out.extend_from_slice(rest);
        }
        None => {
            out.push(b' ');
            out.extend_from_slice(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished(label: Option<&str>, lines: &[&str]) -> String {
        let mut replies = Replies { label: label.map(str::to_owned), ..Replies::default() };
        for line in lines {
            replies.line(|out| out.extend_from_slice(format!("{line}\r\n").as_bytes()));
        }
        String::from_utf8(replies.finish("s", "7")).expect("UTF-8")
    }

    #[test]
    fn without_a_label_lines_go_as_they_are() {
        assert_eq!(finished(None, &[":s 1", ":s 2"]), ":s 1\r\n:s 2\r\n");
        assert_eq!(finished(None, &[]), "");
    }

    #[test]
    fn a_label_stands_on_the_only_line_on_a_batch_or_on_ack() {
        assert_eq!(finished(Some("a b"), &[]), "@label=a\\sb :s ACK\r\n");
        assert_eq!(finished(Some("x"), &["@time=1 :s 1"]), "@label=x;time=1 :s 1\r\n");
        assert_eq!(
            finished(Some("x"), &[":s 1", "@time=1 :s 2"]),
            "@label=x :s BATCH +7 labeled-response\r\n@batch=7 :s 1\r\n@batch=7;time=1 :s 2\r\n:s BATCH -7\r\n"
        );
    }
}
