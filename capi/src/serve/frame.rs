//! Frames: what goes through the pipes between a host and its worker.
//!
//! A frame is the length of its payload (u32), its kind (u8), the number of the call that it belongs to (u64), and the payload. The host
//! first sends [`GREETING`], the versions of the protocol and of the interface, and a line feed, at which a program that is no such worker
//! ends. The worker answers with a frame that says what it is. A frame that cannot be right ends the worker; no memory is taken for a length that a frame only claims.

use std::io::{self, ErrorKind, Read, Write};

use super::wire::Garbage;
use crate::version::ENL_ABI_VERSION;

/// The first bytes of both directions. A question about a new model begins with another one.
pub const GREETING: [u8; 4] = *b"\x7fENL";

/// The version of the protocol. Hosts and workers of different versions refuse each other.
pub const PROTOCOL: u32 = 2;

/// The longest payload: the longest bytes that an option may have, and what else belongs to such a call.
pub const LONGEST: usize = crate::options::MAX_BYTES + (1 << 20);

/// The bytes that pixels are divided into where they go through the pipe.
pub(crate) const PIECE: usize = 1 << 20;

const HEAD: usize = 13;

/// What a frame of the host means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A function is called.
    Call = 1,
    /// What a callback of the host returned.
    Answer = 2,
    /// A piece of the pixels of the call that follows.
    Pixels = 3,
    /// A handle is freed or a cancel requested; nobody waits for an answer.
    Tell = 4,
    /// Variables of the environment have changed.
    Environment = 5,
}

/// What a frame of the worker means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Told {
    /// What this worker is: its versions, and the functions that it knows.
    Hello = 128,
    /// The result of a call.
    Result = 129,
    /// A callback is called.
    Callback = 130,
    /// A piece of the pixels that a call made.
    Pixels = 131,
    /// The worker is not stuck.
    Alive = 132,
}

/// A frame of the host.
#[derive(Debug, PartialEq)]
pub struct Frame {
    /// What it means.
    pub kind: Kind,
    /// The number of the call that it belongs to.
    pub call: u64,
    /// What belongs to it.
    pub payload: Vec<u8>,
}

/// Why no frame was read.
#[derive(Debug, PartialEq)]
pub enum End {
    /// The host has closed its end, or is gone.
    Closed,
    /// What came is no frame.
    Garbage(Garbage),
}

impl From<Garbage> for End {
    fn from(garbage: Garbage) -> Self {
        End::Garbage(garbage)
    }
}

impl Frame {
    /// Reads the next frame.
    ///
    /// # Errors
    /// [`End`].
    pub fn read(from: &mut impl Read) -> Result<Frame, End> {
        let mut head = [0; HEAD];
        if !fill(from, &mut head)? {
            return Err(End::Closed);
        }
        let length = u32::from_ne_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let kind = match head[4] {
            1 => Kind::Call,
            2 => Kind::Answer,
            3 => Kind::Pixels,
            4 => Kind::Tell,
            5 => Kind::Environment,
            other => return Err(Garbage::new(format!("{other} is not a kind of frame")).into()),
        };
        if length > LONGEST {
            return Err(Garbage::new(format!("a frame of {length} bytes is too long; {LONGEST} are allowed")).into());
        }
        let call = u64::from_ne_bytes(std::array::from_fn(|i| head[5 + i]));
        let mut payload = Vec::new();
        // Grows with what arrives.
        from.take(length as u64).read_to_end(&mut payload).map_err(|_| End::Closed)?;
        if payload.len() < length { Err(End::Closed) } else { Ok(Frame { kind, call, payload }) }
    }
}

/// Reads the greeting of a host.
///
/// # Errors
/// [`End`], with a sentence about another version.
pub fn greeted(from: &mut impl Read) -> Result<(), End> {
    let mut greeting = [0; 13];
    if !fill(from, &mut greeting)? {
        return Err(End::Closed);
    }
    if greeting[..4] != GREETING || greeting[12] != b'\n' {
        return Err(Garbage::new("this is not the greeting of a program that uses Enlarger").into());
    }
    let number = |at: usize| u32::from_ne_bytes(std::array::from_fn(|i| greeting[at + i]));
    for (what, theirs, ours) in [("protocol", number(4), PROTOCOL), ("interface", number(8), ENL_ABI_VERSION)] {
        if theirs != ours {
            return Err(Garbage::new(format!(
                "the program uses version {theirs} of the {what}, and this worker version {ours}; install both from the same release"
            ))
            .into());
        }
    }
    Ok(())
}

/// Fills the bytes. False if there is none, because the other side has closed its end.
fn fill(from: &mut impl Read, bytes: &mut [u8]) -> Result<bool, End> {
    let mut filled = 0;
    while filled < bytes.len() {
        match from.read(&mut bytes[filled..]) {
            Ok(0) => return Ok(false),
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return Ok(false),
        }
    }
    Ok(true)
}

/// Writes a frame of the worker.
pub(crate) fn write(to: &mut impl Write, kind: Told, call: u64, payload: &[u8]) -> io::Result<()> {
    let mut head = [0; HEAD];
    head[..4].copy_from_slice(&(payload.len() as u32).to_ne_bytes());
    head[4] = kind as u8;
    head[5..].copy_from_slice(&call.to_ne_bytes());
    // A short frame goes at once, so that the other side wakes up only once.
    if payload.len() <= 4096 {
        return to.write_all(&[&head, payload].concat());
    }
    to.write_all(&head)?;
    to.write_all(payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(length: u32, kind: u8, call: u64, payload: &[u8]) -> Vec<u8> {
        [&length.to_ne_bytes()[..], &[kind], &call.to_ne_bytes(), payload].concat()
    }

    fn sentence(bytes: &[u8]) -> String {
        match Frame::read(&mut &bytes[..]) {
            Err(End::Garbage(Garbage(text))) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_frame_is_read_whole_and_a_cut_one_not_at_all() {
        let bytes = framed(3, 1, 9, b"abc");
        let frame = Frame::read(&mut &bytes[..]).unwrap();
        assert_eq!(frame, Frame { kind: Kind::Call, call: 9, payload: b"abc".to_vec() });
        for cut in 0..bytes.len() {
            assert_eq!(Frame::read(&mut &bytes[..cut]), Err(End::Closed), "{cut}");
        }
    }

    #[test]
    fn hostile_frames_are_refused_before_memory_is_taken() {
        assert!(sentence(&framed(u32::MAX, 1, 0, b"")).contains("too long"));
        assert!(sentence(&framed(0, 0, 0, b"")).contains("not a kind"));
        assert!(sentence(&[0x7b; 64]).contains("not a kind"));
        // A length that is allowed and a lie takes no memory for what does not come.
        assert_eq!(Frame::read(&mut &framed(LONGEST as u32, 1, 0, b"x")[..]), Err(End::Closed));
    }

    #[test]
    fn only_this_version_is_greeted() {
        let greeting =
            |protocol: u32, abi: u32| [&GREETING[..], &protocol.to_ne_bytes(), &abi.to_ne_bytes(), b"\n"].concat();
        let right = greeting(PROTOCOL, ENL_ABI_VERSION);
        assert_eq!(greeted(&mut &right[..]), Ok(()));
        for cut in 0..right.len() {
            assert_eq!(greeted(&mut &right[..cut]), Err(End::Closed), "{cut}");
        }
        for (wrong, words) in [
            (greeting(7, ENL_ABI_VERSION), "version 7 of the protocol"),
            (greeting(PROTOCOL, 9), "version 9 of the interface"),
            (b"nonsense, and more".to_vec(), "not the greeting"),
            ([&right[..12], b"x"].concat(), "not the greeting"),
        ] {
            let refused = greeted(&mut &wrong[..]);
            assert!(matches!(&refused, Err(End::Garbage(Garbage(text))) if text.contains(words)), "{refused:?}");
        }
    }

    #[test]
    fn frames_of_the_worker_have_the_same_form() {
        for payload in [vec![], vec![7; 5000]] {
            let mut bytes = Vec::new();
            write(&mut bytes, Told::Result, 4, &payload).unwrap();
            assert_eq!(bytes, framed(payload.len() as u32, 129, 4, &payload));
        }
    }
}
