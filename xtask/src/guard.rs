//! Who stops a server when this process cannot: it was killed. A shell waits on a pipe whose other
//! end is here, and is closed by the system whatever ends this process.

use std::ffi::OsStr;
use std::io::Write as _;
use std::process::{Child, Command, ExitCode, Stdio};

use anyhow::Context as _;

use crate::{output, process};

/// What the shell does first: it is not meant by signals, waits, and goes home when told to. Being
/// told nothing, it goes on with what a guard is for.
const WATCH: &str = "trap '' HUP INT TERM; read -r word; [ \"$word\" = over ] && exit; ";

/// A shell that waits; dropping it sends it home.
#[derive(Debug)]
pub struct Guard {
    shell: Child,
}

impl Guard {
    /// Has a script run when this process ends without dropping this. What the script is given it
    /// finds in `$1` and the following.
    pub fn new(script: &str, arguments: &[&OsStr]) -> anyhow::Result<Self> {
        let mut shell = process::command("sh", &["-c", &format!("{WATCH}{script}"), "guard"]);
        let shell = shell
            .args(arguments)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // Who ends this process may end its group.
        let shell = std::os::unix::process::CommandExt::process_group(shell, 0);
        Ok(Self {
            shell: shell.spawn().context("start a guard")?,
        })
    }

    /// Has a program asked to end that was started here.
    pub fn of(child: &Child) -> anyhow::Result<Self> {
        let id = child.id().to_string();
        Self::new("kill -s TERM \"$1\"", &[OsStr::new(&id)])
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // Both fail when somebody ended the shell, which is nothing to us any more.
        if let Some(mut pipe) = self.shell.stdin.take() {
            let _ = pipe.write_all(b"over\n");
        }
        let _ = self.shell.wait();
    }
}

/// Runs a command to its end whatever signal comes, since it has servers to stop and folders to
/// remove, and prints its error.
pub fn run(command: impl FnOnce() -> anyhow::Result<ExitCode>) -> ExitCode {
    let run = || {
        process::outlive_interrupts()?;
        pass_on_signals()?;
        command()
    };
    output::exit_code(run())
}

/// Has every program that was started from here asked to end when this process is, so that it comes
/// to stop its servers and remove its folders: it does not end of that itself.
#[expect(
    clippy::exit,
    clippy::disallowed_methods,
    reason = "whoever asks twice does not wait for `main` to return"
)]
fn pass_on_signals() -> anyhow::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGTERM};
    use signal_hook::iterator::Signals;

    let mut signals = Signals::new([SIGHUP, SIGTERM]).context("listen for signals")?;
    let parent = std::process::id().to_string();
    std::thread::spawn(move || {
        for (number, signal) in signals.forever().enumerate() {
            if number > 0 {
                // Whoever asks twice is not to wait; the guards remain.
                std::process::exit(128 + signal);
            }
            process::succeeds(Command::new("pkill").args(["-TERM", "-P", &parent]));
        }
    });
    Ok(())
}
