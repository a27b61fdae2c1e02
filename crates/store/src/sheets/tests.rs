//! Lines against a plain list of them, whatever commits they came in; and their bytes against whatever a disk may make of them.

use rusqlite::Connection;

use super::{Cursor, Draft, Entry, TABLE, remove, trailer};
use crate::fuzzing;
use crate::random::Random;

fn database() -> Connection {
    let db = Connection::open_in_memory().expect("a database in memory");
    db.execute_batch(TABLE).expect("the table");
    db
}

/// A line with texts of its own.
#[derive(Debug, Clone)]
struct Said {
    seq: i64,
    client_id: Option<String>,
    body: String,
}

impl Said {
    fn any(seq: i64, random: &mut Random) -> Self {
        let length = if random.one_in(60) { 9000 } else { random.below(300) };
        let body = (0..length).map(|_| char::from(b'a' + random.below(26) as u8)).collect();
        Self { seq, client_id: random.one_in(3).then(|| format!("id-{seq}")), body }
    }

    fn entry(&self) -> Entry<'_> {
        Entry {
            seq: self.seq,
            at: 1_700_000_000_000 + self.seq / 3,
            target: self.seq % 7 + 1,
            peer: self.seq % 2 * (self.seq % 7 + 3),
            sender: 1,
            who: 300,
            kind: self.seq % 9,
            is_erased: self.seq % 11 == 0,
            client_id: self.client_id.as_deref().map(str::as_bytes),
            tags: b"+a=b",
            body: self.body.as_bytes(),
            sum: [1, 2, 3, self.seq as u8],
        }
    }
}

/// Lines at places with gaps, in commits of all sizes.
fn written(db: &Connection, random: &mut Random) -> Vec<Said> {
    let (mut all, mut draft, mut seq) = (Vec::new(), Draft::default(), 0);
    for _ in 0..60 {
        for _ in 0..random.below(80) {
            let gap = if random.one_in(4) { 1000 } else { 2 };
            seq += 1 + random.below(gap) as i64;
            let said = Said::any(seq, random);
            draft.add(db, &said.entry()).expect("added");
            all.push(said);
        }
        draft.finish(db).expect("written");
    }
    all
}

#[test]
fn a_cursor_finds_what_was_written_wherever_it_is_asked_to_go() {
    let (db, mut random) = (database(), Random::new(5));
    let all = written(&db, &mut random);
    let end = all.last().expect("there are lines").seq;
    assert_eq!(Cursor::last(&db).expect("read"), end);
    let mut cursor = Cursor::new(&db);
    let mut place = 0;
    for _ in 0..5000 {
        place = if random.one_in(3) { random.below(end as u64 + 20) as i64 } else { place + 1 };
        let at = all.partition_point(|said| said.seq < place);
        let expected = all.get(at).map(Said::entry);
        let found = cursor.from(place).expect("read").map(|found| found.read().expect("sound"));
        assert_eq!(found, expected, "from {place}");
        let found = cursor.at(place).expect("read").map(|found| found.read().expect("sound"));
        assert_eq!(found, expected.filter(|entry| entry.seq == place), "at {place}");
    }
    let (mut before, mut sheets) = (i64::MAX, 0);
    while cursor.go_before(before).expect("read") {
        let sheet = cursor.sheet();
        assert!(sheet.last() < before && sheet.first() <= sheet.last());
        (before, sheets) = (sheet.first(), sheets + 1);
    }
    assert_eq!(before, all[0].seq);
    assert!(sheets > 60 && sheets < all.len() / 2, "{sheets} sheets of {} lines", all.len());
}

#[test]
fn a_line_that_is_written_over_leaves_nothing_and_the_others_stay() {
    let (db, mut random) = (database(), Random::new(6));
    let all = written(&db, &mut random);
    for said in &all {
        let mut cursor = Cursor::new(&db);
        cursor.at(said.seq).expect("read").expect("it is there");
        let blank = " ".repeat(said.body.len());
        let entry = Entry { is_erased: true, body: blank.as_bytes(), sum: [0; 4], ..said.entry() };
        cursor.sheet().write_over(&entry).expect("it has the same length");
        super::replace(&db, cursor.sheet()).expect("written");
        let longer =
            Entry { body: b"of another length than all others, for there is none that has it", ..entry };
        assert!(cursor.sheet().write_over(&longer).is_err() || longer.body.len() == blank.len());
        let found =
            Cursor::new(&db).at(said.seq).expect("read").map(|found| found.read().expect("sound") == entry);
        assert_eq!(found, Some(true));
    }
    let mut cursor = Cursor::new(&db);
    for said in &all {
        let found = cursor.at(said.seq).expect("read").expect("it is there").read().expect("sound");
        assert_eq!((found.at, found.client_id), (said.entry().at, said.entry().client_id));
        assert!(found.body.iter().all(|byte| *byte == b' '));
    }
}

#[test]
fn a_damaged_sheet_is_read_or_refused() {
    let (db, mut random) = (database(), Random::new(7));
    written(&db, &mut random);
    let (mut cursor, mut before) = (Cursor::new(&db), i64::MAX);
    while cursor.sheet().bytes().len() < 1000 {
        assert!(cursor.go_before(before).expect("read"), "there is a large one");
        before = cursor.sheet().first();
    }
    let sheet = cursor.sheet();
    // As it would be at the first of all places.
    let (lines, last) = (sheet.bytes().len() - trailer(0, 0, 0).len(), sheet.last() - sheet.first() + 1);
    let sheet = [&sheet.bytes()[..lines], &last.to_be_bytes()].concat();
    for _ in 0..3000 {
        let mut bytes = sheet.clone();
        for _ in 0..1 + random.below(6) {
            if bytes.is_empty() {
                break;
            }
            let at = random.below(bytes.len() as u64) as usize;
            match random.below(4) {
                0 => bytes[at] = random.below(256) as u8,
                1 => bytes[at] ^= 1 << random.below(8),
                2 => drop(bytes.drain(at..(at + 1 + random.below(9) as usize).min(bytes.len()))),
                _ => bytes.truncate(at + 1),
            }
        }
        fuzzing::sheet(&bytes);
    }
}

#[test]
fn what_a_sheet_says_of_itself_is_believed_only_if_it_is_what_was_written() {
    let (db, mut random) = (database(), Random::new(8));
    let all = written(&db, &mut random);
    let (first, sound): (i64, Vec<u8>) = db
        .query_row("SELECT first, lines FROM sheet ORDER BY first LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .expect("a sheet");
    let put = |bytes: &[u8]| {
        db.execute("UPDATE sheet SET lines = ?2 WHERE first = ?1", (first, bytes)).expect("put");
        Cursor::new(&db).from(all[0].seq).map(|found| found.map(|found| found.seq))
    };
    for at in sound.len() - trailer(0, 0, 0).len()..sound.len() {
        let mut changed = sound.clone();
        changed[at] ^= 1 << random.below(8);
        assert!(put(&changed).is_err(), "byte {at}");
        assert!(put(&sound[..at]).is_err(), "{at} bytes");
    }
    assert_eq!(put(&sound).expect("it is sound"), Some(first));
}

/// Changes what stands in the file for some lines, as only a disk or a person can: a line that the function says no to is gone.
pub(crate) fn change(db: &Connection, mut how: impl FnMut(&mut Entry<'_>) -> bool) {
    let (mut cursor, mut before, mut sheets) = (Cursor::new(db), i64::MAX, Vec::new());
    while cursor.go_before(before).expect("it can be read") {
        let sheet = cursor.sheet();
        before = sheet.first();
        sheets.push((before, sheet.last()));
    }
    for (first, last) in sheets {
        let (mut cursor, mut draft, mut place) = (Cursor::new(db), Draft::default(), first);
        cursor.at(first).expect("it can be read").expect("it is there");
        remove(db, first).expect("removed");
        while place <= last {
            let found = cursor.from(place).expect("it can be read").expect("it is there");
            let mut entry = found.read().expect("it can be read");
            place = entry.seq + 1;
            if how(&mut entry) {
                draft.add(db, &entry).expect("added");
            }
        }
        draft.finish(db).expect("written");
    }
}
