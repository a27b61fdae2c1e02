//! The real window on a display that nobody looks at, seen as a screen reader sees it and photographed.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use super::{try_every, try_for, wait_for};

/// A look at all that the window tells is many questions to it, and it must have time for other things than answering.
const BETWEEN_LOOKS: Duration = Duration::from_millis(400);

/// A display without a screen, with a window manager, and a bus on which windows tell screen readers what they hold.
pub struct Display {
    name: String,
    bus: String,
    /// In the order in which they are ended.
    programs: Vec<Child>,
}

impl Display {
    /// Starts all that a desktop would have running.
    pub fn start() -> Self {
        let mut server = Command::new("Xvfb")
            // Without -noreset it starts anew whenever its last client has gone, and takes along whoever is just coming.
            .args(["-displayfd", "1", "-noreset", "-screen", "0", "1182x784x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is installed");
        let name = format!(":{}", first_line(&mut server));
        let mut bus = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus is installed");
        let address = first_line(&mut bus);
        let mut display = Self { name, bus: address, programs: vec![bus, server] };
        let launcher =
            display.program("/usr/libexec/at-spi-bus-launcher").arg("--launch-immediately").spawn();
        display.programs.insert(0, launcher.expect("at-spi2-core is installed"));
        wait_for("the bus for screen readers", || {
            let set = |property| {
                display
                    .program("gdbus")
                    .args(["call", "--session", "--dest", "org.a11y.Bus", "--object-path", "/org/a11y/bus"])
                    .args([
                        "--method",
                        "org.freedesktop.DBus.Properties.Set",
                        "org.a11y.Status",
                        property,
                        "<true>",
                    ])
                    .status()
                    .expect("libglib2.0-bin is installed")
                    .success()
            };
            set("IsEnabled") && set("ScreenReaderEnabled")
        });
        let manager = display.program("openbox").spawn();
        display.programs.insert(0, manager.expect("openbox is installed"));
        wait_for("the window manager", || {
            let asked = display.program("xdotool").arg("get_num_desktops").status();
            asked.expect("xdotool is installed").success()
        });
        display
    }

    /// A program that is to run on this display.
    fn program(&self, name: &str) -> Command {
        let mut program = Command::new(name);
        program
            .env("DISPLAY", &self.name)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .env_remove("WAYLAND_DISPLAY")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        program
    }

    /// Presses keys, as `xdotool key` names them.
    pub fn press(&self, keys: &[&str]) {
        let status = self.program("xdotool").arg("key").args(keys).status().expect("xdotool is installed");
        assert!(status.success());
    }

    /// Types words.
    pub fn write(&self, words: &str) {
        let status = self.program("xdotool").args(["type", "--delay", "20", words]).status();
        assert!(status.expect("xdotool is installed").success());
    }

    /// Takes a picture of all there is to see, once there is something. It is kept for whoever wants to look.
    pub fn photograph(&self, file: &Path) {
        wait_for("something to see", || {
            let status = self.program("import").args(["-window", "root"]).arg(file).status();
            assert!(status.expect("imagemagick is installed").success());
            let colours = Command::new("identify").args(["-format", "%k"]).arg(file).output();
            let colours = colours.expect("imagemagick is installed").stdout;
            String::from_utf8_lossy(&colours).trim().parse::<usize>().expect("a number") > 40
        });
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        for program in &mut self.programs {
            end(program);
        }
    }
}

/// Ends a program so that it can end what it has started itself; one that does not listen is ended all the same.
fn end(program: &mut Child) {
    // It may have ended by itself, and then nobody listens.
    let _ = Command::new("kill").arg(program.id().to_string()).stderr(Stdio::null()).status();
    if !try_for(|| !matches!(program.try_wait(), Ok(None))) {
        let _ = program.kill();
        let _ = program.wait();
    }
}

/// The client's window.
pub struct Window<'a> {
    display: &'a Display,
    child: Child,
    reader: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl<'a> Window<'a> {
    /// Opens the window for somebody, whose settings are in a folder, and waits until it tells what it holds.
    pub fn open(display: &'a Display, user: &str, home: &Path, theme: &str) -> Self {
        let child = display
            .program(env!("CARGO_BIN_EXE_chinwag"))
            .env("HOME", home)
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("XDG_DATA_HOME", home.join("data"))
            .env("XDG_RUNTIME_DIR", home)
            .env("USER", user)
            .env("CHINWAG_THEME", theme)
            // Every machine that runs the tests draws alike, whether it has a graphics card or none.
            .env("ICED_BACKEND", "tiny-skia")
            .spawn()
            .expect("the program has been built");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/screen_reader.py");
        // Debian's own Python has the bindings; another one on the path may not.
        let mut reader = display
            .program("/usr/bin/python3")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3-pyatspi is installed");
        let ask = reader.stdin.take().expect("piped");
        let answers = BufReader::new(reader.stdout.take().expect("piped"));
        let mut window = Self { display, child, reader, ask, answers };
        window.wait_to_tell("Connect");
        window
    }

    fn request(&mut self, request: &str) -> String {
        writeln!(self.ask, "{request}").expect("the reader runs");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the reader runs");
        answer.trim_end().to_owned()
    }

    /// All that the window tells, as one text.
    pub fn told(&mut self) -> String {
        self.request("tree")
    }

    /// Waits until the window tells of something.
    pub fn wait_to_tell(&mut self, words: &str) {
        // The reader answers in JSON, where every letter but the plainest is escaped.
        let mut last = String::new();
        let found = try_every(BETWEEN_LOOKS, || {
            last = self.told();
            last.contains(words)
        });
        if !found {
            let picture = Path::new(env!("CARGO_TARGET_TMPDIR")).join("never-told.png");
            self.photograph(&picture);
            panic!("the window never told {words:?}; {} shows it; it told this:\n{last}", picture.display());
        }
    }

    /// Presses a button the way a screen reader does.
    pub fn press_button(&mut self, name: &str) {
        let pressed = try_every(BETWEEN_LOOKS, || self.request(&format!("press {name}")) == "yes");
        assert!(pressed, "there is no button {name:?}");
    }

    pub fn photograph(&self, file: &Path) {
        self.display.photograph(file);
    }

    /// Waits until the program has ended, and says whether it ended well.
    pub fn wait_for_end(&mut self) -> bool {
        super::wait_for_value("the window's end", || self.child.try_wait().expect("it is ours")).success()
    }
}

impl Drop for Window<'_> {
    fn drop(&mut self) {
        for program in [&mut self.child, &mut self.reader] {
            end(program);
        }
    }
}

fn first_line(child: &mut Child) -> String {
    let stdout = child.stdout.take().expect("piped");
    let mut line = String::new();
    let mut reader = BufReader::new(stdout);
    reader.read_line(&mut line).expect("it says where it is");
    assert!(!line.trim().is_empty(), "it ended without saying where it is");
    // What it says later is nobody's concern, but it must be able to say it.
    std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
    line.trim().to_owned()
}
