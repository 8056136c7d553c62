//! Has a photo prepared by a process of its own, which may take so much memory and time and no more, and
//! may die without harm.

use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process_group, prlimit};

use super::bounds::{PhotoError, check_length};
use super::made::Prepared;
use super::protocol;

/// How many files the process may have open, its own program's libraries among them.
const FILES_MAX: u64 = 64;

/// How much more address space than memory the process may have, in bytes: libraries and stacks, and what
/// an allocator sets aside without using it.
const ADDRESS_SPACE_EXTRA_BYTES: u64 = 2_000_000_000;

/// What the process may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Memory that can be written, in bytes (`RLIMIT_DATA`).
    pub memory_bytes: u64,
    /// Time on a processor, in whole seconds (`RLIMIT_CPU`).
    pub processor_seconds: u64,
    /// Time in all. The process is killed then.
    pub time: Duration,
}

impl Limits {
    /// What every photo within the limits of this module gets by with, on a slow machine as well.
    pub const FOR_PHOTOS: Self = Self {
        memory_bytes: 200_000_000,
        processor_seconds: 30,
        time: Duration::from_mins(1),
    };
}

/// Has a process prepare a photo of `length` bytes, within [`Limits::FOR_PHOTOS`]. `command` has to end
/// up in [`super::worker::run`]; its environment is the caller's business. The file is never in this
/// process's memory as a whole, unless it is there already.
///
/// Blocks until the process has ended. How many of them there are at a time is the caller's business as
/// well. A process that dies, takes too long or answers nonsense is [`PhotoError::Damaged`]; one that
/// cannot be started is [`PhotoError::Unavailable`].
pub fn prepare_in_process(
    command: Command,
    file: impl Read + Send,
    length: usize,
) -> Result<Prepared, PhotoError> {
    prepare_within(Limits::FOR_PHOTOS, command, file, length)
}

/// Like [`prepare_in_process`], within other limits.
pub fn prepare_within(
    limits: Limits,
    command: Command,
    file: impl Read + Send,
    length: usize,
) -> Result<Prepared, PhotoError> {
    check_length(length)?;
    let mut child = start(command).map_err(PhotoError::Unavailable)?;
    let answer = limit(&child, limits)
        .map_err(PhotoError::Unavailable)
        .and_then(|()| talk(&mut child, (file, length), limits.time));
    // It has answered or failed, so that nothing is lost; without this, one that has closed its output
    // and goes on would be waited for.
    kill(&child);
    child.wait().map_err(PhotoError::Unavailable)?;
    protocol::read_answer(&answer?)
}

fn start(mut command: Command) -> io::Result<Child> {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        // A group of its own, so that what it might start is killed with it.
        .process_group(0)
        .spawn()
}

/// Sets the limits from outside: the process reads nothing before it is sent a file, which happens later.
fn limit(child: &Child, limits: Limits) -> io::Result<()> {
    let amounts = [
        (Resource::Data, limits.memory_bytes),
        (
            Resource::As,
            limits.memory_bytes + ADDRESS_SPACE_EXTRA_BYTES,
        ),
        (Resource::Cpu, limits.processor_seconds),
        (Resource::Nofile, FILES_MAX),
        // No dumps of its memory, no files.
        (Resource::Core, 0),
        (Resource::Fsize, 0),
    ];
    for (resource, amount) in amounts {
        let amount = Some(amount);
        prlimit(
            Some(Pid::from_child(child)),
            resource,
            Rlimit {
                current: amount,
                maximum: amount,
            },
        )?;
    }
    Ok(())
}

/// Sends the file and reads the answer. Both at once: a process that answers before it has read would
/// otherwise wait for us, and we for it.
fn talk(
    child: &mut Child,
    (file, length): (impl Read + Send, usize),
    time: Duration,
) -> Result<Vec<u8>, PhotoError> {
    let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(PhotoError::Damaged);
    };
    let (done, is_done) = mpsc::channel::<()>();
    let child = &*child;
    thread::scope(|scope| {
        scope.spawn(move || kill_when_late(child, &is_done, time));
        // A process that refuses a file by its header may end before it has read all: its answer counts.
        scope.spawn(move || drop(protocol::write_request(stdin, file, length)));
        let mut answer = Vec::new();
        let result = stdout
            .take(protocol::ANSWER_BYTES_MAX + 1)
            .read_to_end(&mut answer);
        // One that still reads or writes has nothing more to say, and must not hold the writer.
        kill(child);
        drop(done);
        match result {
            Ok(length) if length as u64 <= protocol::ANSWER_BYTES_MAX => Ok(answer),
            _ => Err(PhotoError::Damaged),
        }
    })
}

fn kill_when_late(child: &Child, is_done: &Receiver<()>, time: Duration) {
    if is_done.recv_timeout(time) == Err(RecvTimeoutError::Timeout) {
        kill(child);
    }
}

/// Kills the process and its group. The number is still its own, since nobody has waited for it yet.
fn kill(child: &Child) {
    // It fails when there is nothing left to kill.
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
}
