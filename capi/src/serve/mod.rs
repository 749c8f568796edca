//! The library as a server: a host in another process calls its functions through this one's standard input and output.
//!
//! It is for hosts that cannot load the library, and for those that must not be harmed by a crash. Each call runs on a thread of its
//! own, so that calls work at once and a cancel reaches one that runs. The process ends with its host, whatever it is doing, and when
//! anything comes that is not the protocol. It must never decide anything: the functions do.

mod argument;
mod arguments;
mod callbacks;
mod frame;
mod function;
mod host;
mod pixels;
mod rows;
mod table;
mod wire;

use std::collections::HashMap;
use std::ffi::OsString;
use std::io::Read;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

pub(crate) use frame::GREETING;

use self::arguments::Arguments;
use self::frame::{End, Frame, Kind, PIECE, PROTOCOL, Told, greeted};
use self::host::{Host, Job};
use self::pixels::{Lack, Memory};
use self::table::TABLE;
use self::wire::{Garbage, Reader, put_bytes};
use crate::log;
use crate::status;
use crate::version::{ENL_ABI_VERSION, enl_version};

/// The status of a worker whose host has ended.
const ABANDONED: u8 = 2;
/// The status of a worker that was sent what it does not understand.
const CONFUSED: u8 = 3;

/// The time between two signs of life.
const BEAT: Duration = Duration::from_secs(1);

/// The memory that the stack of a call may take, as on the first thread of a program.
const STACK: usize = 8 << 20;

/// Serves the host until it ends, and this process with it.
pub(crate) fn serve(mut input: impl Read) -> ! {
    let parent = enlarger_system::parent();
    let Ok(output) = enlarger_system::take_standard_output() else { enlarger_system::end_now(ABANDONED) };
    let host = Arc::new(Host::new(output));
    if let Err(end) = greeted(&mut input) {
        end_of(end);
    }
    host.tell(Told::Hello, 0, &hello());
    let beating = host.clone();
    let beat = move || {
        loop {
            thread::sleep(BEAT);
            // The input stays open if another child of the host has got a copy of it.
            if enlarger_system::parent() != parent {
                enlarger_system::end_now(ABANDONED);
            }
            if beating.is_busy() {
                beating.tell(Told::Alive, 0, &[]);
            }
        }
    };
    thread::spawn(beat);
    let threads = Threads::default();
    let mut pixels = HashMap::new();
    // The callback's answer would come through this thread.
    log::be_silent_on_this_thread();
    loop {
        if let Err(garbage) = Frame::read(&mut input).and_then(|frame| Ok(take(&host, &threads, &mut pixels, frame)?)) {
            end_of(garbage);
        }
    }
}

/// What this worker is: its greeting, its versions, and its functions with their types.
fn hello() -> Vec<u8> {
    let mut hello = GREETING.to_vec();
    for number in [PROTOCOL, ENL_ABI_VERSION, enl_version(), TABLE.len() as u32] {
        hello.extend(number.to_ne_bytes());
    }
    for (name, function) in TABLE.iter() {
        put_bytes(&mut hello, name.as_bytes());
        put_bytes(&mut hello, function.types().as_bytes());
    }
    hello
}

/// Does what a frame asks for.
fn take(host: &Arc<Host>, threads: &Threads, pixels: &mut HashMap<u64, Vec<u8>>, frame: Frame) -> wire::Result<()> {
    let mut reader = Reader::new(&frame.payload);
    match frame.kind {
        Kind::Call => {
            let parent = reader.u64()?;
            let job = Job { pixels: pixels.remove(&frame.call), frame };
            if parent != 0 && !host.is_running(parent) {
                return Err(Garbage(format!(
                    "a callback of the call {parent} makes a call, but that call is not running"
                )));
            }
            if let Some(job) = host.give(parent, job) {
                threads.give(host, job);
            }
            Ok(())
        }
        Kind::Answer => match host.answer(frame.call, frame.payload) {
            true => Ok(()),
            false => Err(Garbage(format!("there is an answer for the call {}, which is not running", frame.call))),
        },
        Kind::Pixels => {
            let (place, piece) = (reader.size()?, reader.rest());
            let collected = pixels.entry(frame.call).or_default();
            if place != collected.len() || piece.is_empty() {
                return Err(Garbage(format!("pixels come for place {place}, but {} bytes are here", collected.len())));
            }
            // Without memory for them the process ends, which costs the host one sentence.
            collected.extend(piece);
            Ok(())
        }
        // Here and now: what a host closes before it opens something else is gone then, as without a worker.
        Kind::Tell => {
            let is_short = TABLE
                .get(usize::from(reader.clone().u16()?))
                .is_some_and(|(name, _)| name.ends_with("_free") || *name == "enl_cancel_request");
            if !is_short {
                return Err(Garbage("a function that has an answer is called without one".into()));
            }
            called(reader, Memory::None).map(|_| ())
        }
        Kind::Environment => change_environment(reader),
    }
}

/// Calls the function that a frame names. Returns the answer, and what the call used.
fn called(mut reader: Reader<'_>, memory: Memory) -> wire::Result<(Vec<u8>, Arguments<'_>)> {
    let place = reader.u16()?;
    let Some((_, function)) = TABLE.get(usize::from(place)) else {
        return Err(Garbage(format!("there is no function {place}")));
    };
    let mut arguments = Arguments::new(reader, memory);
    let returned = function.call(&mut arguments)?;
    let mut answer = vec![CALLED];
    returned.put(&mut answer);
    if returned.is_failure() {
        arguments.wanted.clear();
        put_bytes(&mut answer, status::last().as_bytes());
    }
    arguments.put_written(&mut answer);
    Ok((answer, arguments))
}

/// The first byte of a result: the function was called.
const CALLED: u8 = 0;
/// The first byte of a result: there was no memory for the pixels; a status and a message follow.
const NO_MEMORY: u8 = 1;
/// The first byte of a result: the shared memory cannot be opened here.
const NOT_SHARED: u8 = 2;

/// Runs a call and answers it.
fn execute(host: &Arc<Host>, job: Job) {
    let number = job.frame.call;
    let answer = || -> wire::Result<Vec<u8>> {
        let mut reader = Reader::new(&job.frame.payload);
        let _parent = reader.u64()?;
        let most = || enlarger_system::available_memory().unwrap_or(u64::MAX);
        let memory = match Memory::take(&mut reader, job.pixels, most)? {
            Ok(memory) => memory,
            Err(Lack::NotShared) => return Ok(vec![NOT_SHARED]),
            Err(Lack::Failure(failure)) => {
                let mut answer = vec![NO_MEMORY];
                answer.extend(failure.status.to_ne_bytes());
                put_bytes(&mut answer, failure.message().as_bytes());
                return Ok(answer);
            }
        };
        let (answer, arguments) = called(reader, memory)?;
        for part in &arguments.wanted {
            arguments.memory.send(*part, PIECE, |place, piece| {
                let payload = [&(place as u64).to_ne_bytes()[..], piece].concat();
                host.tell(Told::Pixels, number, &payload);
            });
        }
        Ok(answer)
    };
    match host.run(number, answer) {
        Some(Ok(answer)) => host.tell(Told::Result, number, &answer),
        Some(Err(garbage)) => end_with(&garbage),
        None => end_with(&Garbage(format!("there are two calls with the number {number}"))),
    }
}

/// Changes the working folder, and sets and removes variables, as the host has them.
fn change_environment(mut reader: Reader<'_>) -> wire::Result<()> {
    let folder = variable(reader.bytes()?)?;
    if !folder.is_empty() {
        // A folder that is gone here is gone for the host as well.
        let _ = std::env::set_current_dir(folder);
    }
    for _ in 0..reader.u32()? {
        let name = variable(reader.bytes()?)?;
        let value = if reader.is_some()? { Some(variable(reader.bytes()?)?) } else { None };
        let text = name.to_string_lossy();
        if text.is_empty() || text.contains('=') {
            return Err(Garbage("a variable of the environment has no name".into()));
        }
        // SAFETY: Rust's own reads are locked against this. Other libraries may read the environment meanwhile, as they may when a
        // host that has loaded this library changes it.
        unsafe {
            match value {
                Some(value) => std::env::set_var(name, value),
                None => std::env::remove_var(name),
            }
        }
    }
    reader.end()
}

/// A name or a value of a variable: bytes on Unix, UTF-8 elsewhere.
fn variable(bytes: &[u8]) -> wire::Result<OsString> {
    if bytes.contains(&0) {
        return Err(Garbage("a variable of the environment contains a NUL".into()));
    }
    #[cfg(unix)]
    let text = Some(std::os::unix::ffi::OsStringExt::from_vec(bytes.to_vec()));
    #[cfg(not(unix))]
    let text = str::from_utf8(bytes).ok().map(OsString::from);
    text.ok_or_else(|| Garbage("a variable of the environment is not UTF-8".into()))
}

/// Reads bytes as a worker reads what its host sends, but calls nothing: frames until the first that is garbage, and the arguments of
/// calls. Returns how many frames were read. For the tests of what is not trusted.
pub fn read_frames(mut bytes: &[u8]) -> usize {
    let mut count = 0;
    while let Ok(frame) = Frame::read(&mut bytes) {
        let mut reader = Reader::new(&frame.payload);
        let read = || -> wire::Result<()> {
            let memory = match frame.kind {
                Kind::Call => {
                    reader.u64()?;
                    Memory::take(&mut reader, None, || 1 << 20)?.unwrap_or(Memory::None)
                }
                Kind::Tell => Memory::None,
                _ => return Ok(()),
            };
            let function =
                TABLE.get(usize::from(reader.u16()?)).ok_or_else(|| Garbage("there is no such function".into()))?;
            function.1.read(&mut Arguments::new(reader, memory))
        };
        if read().is_err() {
            break;
        }
        count += 1;
    }
    count
}

/// The threads on which calls run. One that is done waits for the next call.
#[derive(Clone, Default)]
struct Threads(Arc<Mutex<Vec<Sender<Job>>>>);

impl Threads {
    fn give(&self, host: &Arc<Host>, mut job: Job) {
        while let Some(idle) = self.idle().pop() {
            match idle.send(job) {
                Ok(()) => return,
                Err(lost) => job = lost.0,
            }
        }
        let (threads, host) = (self.clone(), host.clone());
        let work = move || {
            let (sender, jobs) = channel();
            loop {
                execute(&host, job);
                threads.idle().push(sender.clone());
                match jobs.recv() {
                    Ok(next) => job = next,
                    Err(_) => return,
                }
            }
        };
        if let Err(error) = thread::Builder::new().stack_size(STACK).spawn(work) {
            end_with(&Garbage(format!("no thread can be started for a call ({error})")));
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Sender<Job>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn end_of(end: End) -> ! {
    match end {
        End::Closed => enlarger_system::end_now(ABANDONED),
        End::Garbage(garbage) => end_with(&garbage),
    }
}

/// Ends this process because of what it was sent.
fn end_with(garbage: &Garbage) -> ! {
    eprintln!("enlarger-worker: {}", garbage.0);
    enlarger_system::end_now(CONFUSED)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame that calls a function with these arguments, without memory.
    fn call(name: &str, arguments: &[&[u8]]) -> Vec<u8> {
        let place = TABLE.iter().position(|entry| entry.0 == name).unwrap() as u16;
        let payload = [&[0; 9][..], &place.to_ne_bytes(), &arguments.concat()].concat();
        [&(payload.len() as u32).to_ne_bytes()[..], &[Kind::Call as u8], &7u64.to_ne_bytes(), &payload].concat()
    }

    fn some(bytes: &[u8]) -> Vec<u8> {
        let mut all = vec![1];
        put_bytes(&mut all, bytes);
        all
    }

    fn frames() -> Vec<u8> {
        let (word, five) = (7u64.to_ne_bytes(), 5u32.to_ne_bytes());
        let texts = [&[1][..], &2u64.to_ne_bytes(), &some(b"a folder"), &[0]].concat();
        let view = [&[1][..], &word, &word, &word, &five, &five, &five, &five, &word, &[0]].concat();
        let source = [&[1, 1][..], &five, &five, &five, &five].concat();
        [
            call("enl_registry_new", &[&texts, &[1]]),
            call("enl_options_set", &[&word, &some(b"factor"), &some(b"2")]),
            call("enl_options_set_bytes", &[&word, &some(b"icc_profile"), &[1], &5u64.to_ne_bytes(), b"bytes"]),
            call("enl_upscaler_text", &[&word, &some(b"notes"), &[1], &word, &[1], &word]),
            call("enl_upscaler_plan", &[&word, &word, &five, &five, &[0], &[1], &[0; 96]]),
            call("enl_upscaler_run", &[&word, &word, &view, &[0], &word, &[1], &word, &view]),
            call("enl_faces_find", &[&word, &word, &source, &word, &[1], &word, &[1]]),
            call("enl_log_set", &[&five, &[1], &word]),
        ]
        .concat()
    }

    #[test]
    fn right_frames_are_read_and_cut_or_changed_ones_harm_nothing() {
        let frames = frames();
        assert_eq!(read_frames(&frames), 8);
        for cut in 0..frames.len() {
            assert!(read_frames(&frames[..cut]) < 8, "{cut}");
        }
        let mut state = 1u32;
        let mut random = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as usize
        };
        for _ in 0..5_000 {
            let mut changed = frames.clone();
            for _ in 0..1 + random() % 4 {
                let at = random() % changed.len();
                changed[at] = [0, 1, 2, 0x7f, 0xff, random() as u8][random() % 6];
            }
            read_frames(&changed);
        }
    }
}
