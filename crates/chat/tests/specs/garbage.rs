//! Whatever comes in, the core goes on, and does the same each time.

use crate::common::{Client, EVERYTHING, World};
use chat::{BadLine, Input};

/// A small generator of numbers: the same seed gives the same ones for ever.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).expect("fewer than sides")
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}

const WORDS: &[&str] = &[
    "#a",
    "#b",
    "#A",
    "#lobby",
    "a",
    "b",
    "c",
    "A",
    "*",
    "0",
    "",
    ":",
    ":x y",
    "+1",
    "-1",
    "draft/multiline",
    "+o",
    "-o",
    "+b",
    "+mntsi",
    "+CMRU",
    "+f",
    "m:a!*@*",
    "a:b",
    "-k",
    "+k",
    "+l",
    "5",
    "+v-v",
    "a!b@c",
    "*!*@*",
    "LS",
    "302",
    "REQ",
    "END",
    ":batch",
    "LATEST",
    "BEFORE",
    "AROUND",
    "BETWEEN",
    "TARGETS",
    "0000000000007",
    "000000000000f",
    "msgid=0000000000005",
    "timestamp=2001-09-09T01:46:43.000Z",
    "é",
    "日本",
    "\u{1}ACTION x\u{1}",
    "PLAIN",
    "SCRAM-SHA-256",
    "AGEAc2VzYW1lLXNlZWRz",
    "biwsbj1hLHI9eA==",
    "sesame-seeds",
    "IDENTIFY",
    "DROP",
    "NickServ",
    "#a,#b,#c,a,b",
    "@#a",
    "+#b",
    "text=x;in=#a",
    "from=a;limit=3",
    ":text=\"a\\sb\"\\sc*;before=2001-09-09T01:46:43.000Z",
    ",,,",
    "@",
    "!",
    "999999999999999999999",
];

const COMMANDS: &[&str] = &[
    "AUTHENTICATE",
    "AUTHENTICATE",
    "AWAY",
    "BATCH",
    "BATCH +1 draft/multiline #a",
    "BATCH -1",
    "AUDIT",
    "TBAN",
    "TBAN #a 1s",
    "UBAN",
    "UBAN ADD",
    "UBAN DEL",
    "KLINE",
    "KILL",
    "CAP",
    "CHATHISTORY",
    "CHGHOST",
    "JOIN",
    "KICK",
    "LIST",
    "LUSERS",
    "MARKREAD",
    "METADATA",
    "METADATA * SET",
    "METADATA #a",
    "METADATA * SUB",
    "MODE",
    "MOTD",
    "NAMES",
    "NICK",
    "NICKSERV",
    "NOTICE",
    "NS",
    "PART",
    "PASS",
    "PING",
    "PONG",
    "PRIVMSG",
    "REDACT",
    "REGISTER",
    "RELAYMSG #a a/b",
    "RENAME",
    "ISUPPORT",
    "SEARCH",
    "SETNAME",
    "TAGMSG",
    "TOPIC",
    "USER",
    "VERIFY",
    "WHO",
    "WHOIS",
    "join",
    "FLY",
    "001",
    "@",
    ":src",
    "",
];

const TAGS: &[&str] = &[
    "",
    "",
    "@label=1 ",
    "@batch=1 ",
    "@batch=1;draft/multiline-concat ",
    "@+typing=active ",
    "@chinwag/client-id=0123456789abcdef ",
    "@+x=y;label=;z ",
    "@ ",
];

/// Lets a few people type a lot of nonsense, and gives back all that they read and all that was kept.
fn play(seed: u64, steps: usize) -> (Vec<String>, usize) {
    let mut dice = Dice(seed);
    let mut world = World::new();
    let mut people: Vec<Client> = Vec::new();
    let mut read = Vec::new();
    for step in 0..steps {
        world.now = world.now.plus_millis(dice.roll(3000) as u64);
        if people.len() < 4 {
            let client = world.connect();
            if dice.roll(2) == 0 {
                world.send(client, &format!("CAP REQ :{EVERYTHING}"));
            }
            world.send(client, &format!("NICK {}", dice.pick(&["a", "b", "c", "d", "e"])));
            world.send(client, "USER u 0 * :r");
            world.send(client, "CAP END");
            people.push(client);
        }
        let at = dice.roll(people.len());
        let client = people[at];
        match dice.roll(60) {
            0 => world.input(Input::Closed { session: client.0, reason: "gone".into() }),
            1 => world.send(client, "QUIT"),
            2 => world.input(Input::Tick),
            3 => {
                let line = format!("{}{} \u{fffd}", dice.pick(TAGS), dice.pick(COMMANDS));
                world.input(Input::BadLine { session: client.0, why: BadLine::NotUtf8(line) });
            }
            4 => world.prompt = !world.prompt,
            5 => world.commit(),
            _ => {
                let mut line = format!("{}{}", dice.pick(TAGS), dice.pick(COMMANDS));
                for _ in 0..dice.roll(5) {
                    line.push(' ');
                    line.push_str(dice.pick(WORDS));
                }
                world.send(client, &line);
            }
        }
        read.extend(world.take(client));
        assert_eq!(world.core.state().counts(), world.core.state().counted(), "seed {seed}, step {step}");
        if world.is_closed(client) || step % 97 == 0 && dice.roll(3) == 0 {
            world.input(Input::Closed { session: client.0, reason: "gone".into() });
            people.remove(at);
        }
    }
    (read, world.records.len())
}

#[test]
fn nonsense_breaks_nothing_and_every_line_that_comes_back_can_be_read() {
    for seed in 1..60 {
        let (read, _) = play(seed * 7919, 2000);
        for line in &read {
            assert!(irc::Message::parse(line).is_ok(), "seed {seed}: {line:?}");
        }
    }
}

#[test]
fn the_same_inputs_have_the_same_outcome() {
    for seed in [3, 5, 8] {
        assert_eq!(play(seed, 3000), play(seed, 3000));
    }
}
