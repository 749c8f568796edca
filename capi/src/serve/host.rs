//! The host, as the worker sees it: where frames are written, and the calls that run for it.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::rc::Rc;
use std::sync::mpsc::{Receiver, SendError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::frame::{self, Frame, Told};
use super::rows::Rows;
use super::{ABANDONED, callbacks, end_with, execute};

/// The other side of the pipes.
pub(super) struct Host {
    output: Mutex<File>,
    /// The calls that run, by their numbers.
    calls: Mutex<HashMap<u64, Inbox>>,
}

/// Where a call that runs gets what comes for it.
struct Inbox {
    sender: Sender<Delivery>,
    /// Whether its thread waits for the host.
    is_waiting: bool,
}

/// A call that the host has sent, with its pixels, if they came through the pipe.
pub(super) struct Job {
    pub(super) frame: Frame,
    pub(super) pixels: Option<Vec<u8>>,
}

/// What comes for a call that runs.
enum Delivery {
    /// What a callback returned.
    Answer(Vec<u8>),
    /// A call that a callback makes.
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

    fn calls(&self) -> MutexGuard<'_, HashMap<u64, Inbox>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a call is running.
    pub(super) fn is_busy(&self) -> bool {
        !self.calls().is_empty()
    }

    /// Whether this call is running.
    pub(super) fn is_running(&self, call: u64) -> bool {
        self.calls().contains_key(&call)
    }

    /// Gives an answer to the call that has asked. False if there is no such call.
    pub(super) fn answer(&self, call: u64, answer: Vec<u8>) -> bool {
        self.calls().get(&call).is_some_and(|inbox| inbox.sender.send(Delivery::Answer(answer)).is_ok())
    }

    /// Has the thread of a call, if it waits for the host, do a call that a callback of it makes, as if the callback were here. Otherwise
    /// the thread has more to do than to wait for that callback, and the job comes back.
    pub(super) fn give(&self, parent: u64, job: Job) -> Option<Job> {
        match self.calls().get(&parent) {
            Some(inbox) if inbox.is_waiting => match inbox.sender.send(Delivery::Call(job)) {
                Err(SendError(Delivery::Call(job))) => Some(job),
                _ => None,
            },
            _ => Some(job),
        }
    }

    /// Runs a call until `work` has returned and the host has answered everything that it was asked; None if there is a call of this
    /// number already.
    pub(super) fn run<T>(self: &Arc<Self>, number: u64, work: impl FnOnce() -> T) -> Option<T> {
        let (sender, deliveries) = channel();
        if self.calls().insert(number, Inbox { sender, is_waiting: false }).is_some() {
            return None;
        }
        let running = Rc::new(Running {
            number,
            deliveries,
            answers: RefCell::default(),
            host: self.clone(),
            rows: RefCell::default(),
        });
        let done = callbacks::during(running.clone(), work);
        if let Err(garbage) = running.rows.borrow_mut().finish(&running) {
            end_with(&garbage);
        }
        self.calls().remove(&number);
        Some(done)
    }
}

/// A call that runs on this thread.
pub(super) struct Running {
    number: u64,
    deliveries: Receiver<Delivery>,
    /// Answers that have come before they were waited for.
    answers: RefCell<VecDeque<Vec<u8>>>,
    host: Arc<Host>,
    pub(super) rows: RefCell<Rows>,
}

impl Running {
    /// Asks a callback of the host. The answers come in the order of the questions.
    pub(super) fn ask(&self, payload: &[u8]) {
        self.host.tell(Told::Callback, self.number, payload);
    }

    /// Waits for the next answer. Meanwhile runs the calls that the callbacks make.
    pub(super) fn answer(&self) -> Vec<u8> {
        if let Some(answer) = self.answers.borrow_mut().pop_front() {
            return answer;
        }
        self.set_waiting(true);
        let answer = loop {
            match self.deliveries.recv() {
                Ok(Delivery::Answer(answer)) => break answer,
                Ok(Delivery::Call(job)) => execute(&self.host, job),
                // The sender is kept until this call ends.
                Err(_) => enlarger_system::end_now(ABANDONED),
            }
        };
        self.set_waiting(false);
        // What was given to this thread until now must not wait until it waits again.
        while let Ok(delivery) = self.deliveries.try_recv() {
            match delivery {
                Delivery::Answer(answer) => self.answers.borrow_mut().push_back(answer),
                Delivery::Call(job) => execute(&self.host, job),
            }
        }
        answer
    }

    fn set_waiting(&self, is_waiting: bool) {
        if let Some(inbox) = self.host.calls().get_mut(&self.number) {
            inbox.is_waiting = is_waiting;
        }
    }
}
