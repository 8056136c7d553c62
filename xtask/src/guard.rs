//! Stops servers if this process is killed. A shell waits on a pipe whose other end is in this
//! process: the system closes that, whatever ends the process.

use std::ffi::OsStr;
use std::io::Write as _;
use std::process::{Child, Command, ExitCode, Stdio};

use anyhow::Context as _;

use crate::{output, process};

/// The beginning of the shell's script: it ignores signals and waits for a line. If the line is
/// `over`, it exits. If the pipe is closed without one, it goes on with the guard's own script.
const WATCH: &str = "trap '' HUP INT TERM; read -r word; [ \"$word\" = over ] && exit; ";

/// A waiting shell. A drop ends it.
#[derive(Debug)]
pub struct Guard {
    shell: Child,
}

impl Guard {
    /// Runs a script if this process ends without dropping the guard. The arguments are `$1` and
    /// the following.
    pub fn new(script: &str, arguments: &[&OsStr]) -> anyhow::Result<Self> {
        let mut shell = process::command("sh", &["-c", &format!("{WATCH}{script}"), "guard"]);
        let shell = shell
            .args(arguments)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // A group of its own: whoever kills this process may kill its whole group.
        let shell = std::os::unix::process::CommandExt::process_group(shell, 0);
        Ok(Self {
            shell: shell.spawn().context("start a guard")?,
        })
    }

    /// Sends SIGTERM to a child process if this process ends without dropping the guard.
    pub fn of(child: &Child) -> anyhow::Result<Self> {
        let id = child.id().to_string();
        Self::new("kill -s TERM \"$1\"", &[OsStr::new(&id)])
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // Both fail if the shell has ended already, which is no error here.
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

/// Passes signals to end on to every child process. The command then comes to its end, and stops
/// its servers and removes its folders. The first signal does not end this process itself.
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
                // The second signal ends this process at once. The guards clean up.
                std::process::exit(128 + signal);
            }
            process::succeeds(Command::new("pkill").args(["-TERM", "-P", &parent]));
        }
    });
    Ok(())
}
