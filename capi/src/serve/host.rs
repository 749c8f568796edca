//! The host, as the worker sees it: where frames are written, and the calls that run for it.

use std::collections::HashMap;
use std::fs::File;
use std::rc::Rc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::frame::{self, Frame, Told};
use super::{ABANDONED, callbacks, execute};

/// The other side of the pipes.
pub(super) struct Host {
    output: Mutex<File>,
    /// The calls that run, by their numbers.
    calls: Mutex<HashMap<u64, Sender<Delivery>>>,
}

/// A call that the host has sent, with its pixels, if they came through the pipe.
pub(super) struct Job {
    pub(super) frame: Frame,
    pub(super) pixels: Option<Vec<u8>>,
}

/// What a call gets while its callback waits.
pub(super) enum Delivery {
    /// What the callback returned.
    Answer(Vec<u8>),
    /// A call that the callback makes. It must run on the same thread, as if the callback were here.
    Call(Job),
}

impl Host {
    pub(super) fn new(output: File) -> Self {
        Host { output: Mutex::new(output), calls: Mutex::default() }
    }

    /// Writes a frame. If nobody reads it, the host has ended, and so does this process.
    pub(super) fn tell(&self, kind: Told, call: u64, payload: &[u8]) {
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        if frame::write(&mut *output, kind, call, payload).is_err() {
            enlarger_system::end_now(ABANDONED);
        }
    }

    fn calls(&self) -> MutexGuard<'_, HashMap<u64, Sender<Delivery>>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a call is running.
    pub(super) fn is_busy(&self) -> bool {
        !self.calls().is_empty()
    }

    /// Gives something to a call whose callback waits. False if there is no such call.
    pub(super) fn deliver(&self, call: u64, delivery: Delivery) -> bool {
        self.calls().get(&call).is_some_and(|inbox| inbox.send(delivery).is_ok())
    }

    /// Runs a call until `work` returns; None if there is a call of this number already.
    pub(super) fn run<T>(self: &Arc<Self>, number: u64, work: impl FnOnce() -> T) -> Option<T> {
        let (inbox, deliveries) = channel();
        if self.calls().insert(number, inbox).is_some() {
            return None;
        }
        let running = Rc::new(Running { number, deliveries, host: self.clone() });
        let done = callbacks::during(running, work);
        self.calls().remove(&number);
        Some(done)
    }
}

/// A call that runs on this thread.
pub(super) struct Running {
    number: u64,
    deliveries: Receiver<Delivery>,
    host: Arc<Host>,
}

impl Running {
    /// Asks a callback of the host. Meanwhile runs the calls that the callback makes.
    pub(super) fn ask(&self, payload: &[u8]) -> Vec<u8> {
        self.host.tell(Told::Callback, self.number, payload);
        loop {
            match self.deliveries.recv() {
                Ok(Delivery::Answer(answer)) => return answer,
                Ok(Delivery::Call(job)) => execute(&self.host, job),
                // The sender is kept until this call ends.
                Err(_) => enlarger_system::end_now(ABANDONED),
            }
        }
    }
}
