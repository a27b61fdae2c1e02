//! What every log and every history must do, whatever they are made of. SQLite is the first to be asked.

use chat::Seq;
use chat::log::{Answer, Bound, Conversation, History, Log, Query, Range, Restored, Row, Words};

use crate::model::Model;
use crate::sample::Source;

/// A log with a history of it, in a place of its own.
trait Subject {
    type Log: Log;
    type History: History;

    fn fresh() -> Self;
    /// Opens it, or opens it again when what was opened before is gone.
    fn open(&self) -> (Self::Log, Self::History, Restored);
}

struct Sqlite(tempfile::TempDir);

impl Subject for Sqlite {
    type Log = store::SqliteLog;
    type History = store::SqliteHistory;

    fn fresh() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    fn open(&self) -> (Self::Log, Self::History, Restored) {
        let (log, restored) = store::open(self.0.path()).expect("the log opens");
        let history = log.history().expect("the history opens");
        (log, history, restored)
    }
}

#[test]
fn sqlite_answers_as_the_model_does() {
    answers_as_the_model_does::<Sqlite>();
}

#[test]
fn sqlite_remembers_what_the_model_remembers() {
    remembers_what_the_model_remembers::<Sqlite>();
}

#[test]
fn sqlite_pages_from_either_end_give_the_whole() {
    pages_from_either_end_give_the_whole::<Sqlite>();
}

#[test]
fn sqlite_gives_nothing_of_an_empty_log() {
    gives_nothing_of_an_empty_log::<Sqlite>();
}

fn answers_as_the_model_does<S: Subject>() {
    let mut found = 0;
    for seed in 1..=6 {
        let subject = S::fresh();
        let (mut log, mut history, _) = subject.open();
        let (mut model, mut source) = (Model::default(), Source::new(seed));
        for round in 0..30 {
            let groups = source.groups();
            log.append(&groups).expect("written");
            model.append(&groups);
            for _ in 0..60 {
                let query = source.query();
                assert_eq!(
                    history.answer(&query),
                    model.answer(&query),
                    "seed {seed}, round {round}: {query:?}"
                );
                found += usize::from(has_found(&query, &model));
            }
        }
    }
    assert!(found > 300, "the questions hardly find anything: {found}");
}

/// Whether words were looked for and found, so that the answer says something about words.
fn has_found(query: &Query, model: &Model) -> bool {
    let asks_for_words = matches!(query, Query::Search { words, .. } if *words != Words::default());
    asks_for_words && model.answer(query) != Answer::Rows(Vec::new())
}

fn remembers_what_the_model_remembers<S: Subject>() {
    for seed in 1..=6 {
        let subject = S::fresh();
        let (mut model, mut source) = (Model::default(), Source::new(seed));
        for _ in 0..12 {
            let (mut log, mut history, restored) = subject.open();
            assert_eq!(restored, model.restored(), "seed {seed}");
            for _ in 0..4 {
                let groups = source.groups();
                log.append(&groups).expect("written");
                model.append(&groups);
            }
            for _ in 0..20 {
                let query = source.query();
                assert_eq!(history.answer(&query), model.answer(&query), "seed {seed}: {query:?}");
            }
        }
    }
}

fn pages_from_either_end_give_the_whole<S: Subject>() {
    let subject = S::fresh();
    let (mut log, mut history, _) = subject.open();
    let (mut model, mut source) = (Model::default(), Source::new(7));
    for _ in 0..10 {
        let groups = source.groups();
        log.append(&groups).expect("written");
        model.append(&groups);
    }
    for conversation in model.conversations() {
        for events in [true, false] {
            let whole = model.rows(conversation, events);
            for limit in [1, 2, 7, 1000] {
                let mut page = |range| ask(&mut history, conversation, range, limit, events);
                assert_eq!(paged_back(&mut page), whole, "{conversation:?} by {limit} from the end");
                assert_eq!(paged_on(&mut page), whole, "{conversation:?} by {limit} from the start");
            }
        }
    }
}

fn gives_nothing_of_an_empty_log<S: Subject>() {
    let subject = S::fresh();
    let (_log, mut history, restored) = subject.open();
    assert_eq!(restored, Restored::default());
    let (model, mut source) = (Model::default(), Source::new(8));
    for _ in 0..200 {
        let query = source.query();
        assert_eq!(history.answer(&query), model.answer(&query), "{query:?}");
    }
}

fn ask(
    history: &mut impl History,
    conversation: Conversation,
    range: Range,
    limit: usize,
    events: bool,
) -> Vec<Row> {
    match history.answer(&Query::History { conversation, range, limit, events, from: Seq(0) }) {
        Answer::Rows(rows) => rows,
        other => panic!("{other:?}"),
    }
}

fn paged_back(page: &mut impl FnMut(Range) -> Vec<Row>) -> Vec<Row> {
    let mut whole = page(Range::Latest(None));
    while let Some(first) = whole.first() {
        let mut older = page(Range::Before(Bound::At(first.seq)));
        if older.is_empty() {
            break;
        }
        older.append(&mut whole);
        whole = older;
    }
    whole
}

fn paged_on(page: &mut impl FnMut(Range) -> Vec<Row>) -> Vec<Row> {
    let mut whole = page(Range::After(Bound::At(Seq(0))));
    while let Some(last) = whole.last() {
        let newer = page(Range::After(Bound::At(last.seq)));
        if newer.is_empty() {
            break;
        }
        whole.extend(newer);
    }
    whole
}
