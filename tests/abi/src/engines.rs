//! Engines for the tests: one that works, and one for each way to fail.
//!
//! C chooses them with the option `engine`. All of them enlarge by nearest neighbour until they fail.

use std::cell::UnsafeCell;
use std::ffi::c_int;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use enlarger::{
    Cancel, Device, Engine, Error, ErrorKind, Model, Result, Session, SessionOptions, Tensor, TensorMut, Usage,
};

use crate::toy::{Fault, Toy, device};

/// A toy engine with its own id, and with faults that matter only for C.
struct Named {
    id: &'static str,
    toy: Toy,
}

/// Whether the engine `hang` panics when it is asked for its devices.
static DEVICES_PANIC: AtomicBool = AtomicBool::new(false);

/// Adds all engines. "auto" uses the last one.
pub(crate) fn add() {
    let toy = |fault| Toy { fault, ..Toy::default() };
    let mut hang = toy(Fault::Hang);
    hang.usage.interruptible = true;
    let streams = Toy { streams: true, ..Toy::default() };
    let faulty = [
        ("panic", toy(Fault::Panic)),
        ("error", toy(Fault::Error)),
        ("nan", toy(Fault::Nan)),
        ("hang", hang),
        ("stubborn", toy(Fault::Hang)),
        ("streams", streams),
    ];
    for (id, toy) in faulty {
        enlarger_capi::add_engine(Arc::new(Named { id, toy }));
    }
    enlarger_capi::add_engine(Arc::new(Closed));
    enlarger_capi::add_engine(Arc::new(Plain { id: "racy", races: true }));
    enlarger_capi::add_engine(Arc::new(Plain { id: "plain", races: false }));
}

/// Lets the engine `hang` panic when it is asked for its devices.
#[unsafe(no_mangle)]
extern "C" fn abi_devices_panic(on: c_int) {
    DEVICES_PANIC.store(on != 0, Ordering::SeqCst);
}

impl Engine for Named {
    fn id(&self) -> &str {
        self.id
    }

    fn version(&self) -> String {
        self.toy.version()
    }

    fn devices(&self) -> Vec<Device> {
        assert!(self.id != "hang" || !DEVICES_PANIC.load(Ordering::SeqCst), "the toy box is empty");
        self.toy.devices()
    }

    fn open(&self, model: &Model, options: &SessionOptions) -> Result<Arc<dyn Session>> {
        self.toy.open(model, options)
    }
}

/// An engine that panics when it is opened.
struct Closed;

impl Engine for Closed {
    fn id(&self) -> &str {
        "closed"
    }

    fn version(&self) -> String {
        "1".to_owned()
    }

    fn devices(&self) -> Vec<Device> {
        Vec::new()
    }

    fn open(&self, _: &Model, _: &SessionOptions) -> Result<Arc<dyn Session>> {
        panic!("the toy box does not open")
    }
}

/// An engine that allocates nothing while it runs, so that all allocations of a run are the library's.
struct Plain {
    id: &'static str,
    races: bool,
}

struct PlainSession {
    scale: usize,
    races: bool,
    device: Device,
}

/// A counter that several sessions change without synchronisation.
struct Runs(UnsafeCell<u64>);

// SAFETY: this is unsound on purpose: it is the race that the thread sanitizer must find.
unsafe impl Sync for Runs {}

static RUNS: Runs = Runs(UnsafeCell::new(0));

impl Engine for Plain {
    fn id(&self) -> &str {
        self.id
    }

    fn version(&self) -> String {
        "1".to_owned()
    }

    fn devices(&self) -> Vec<Device> {
        vec![device("cpu")]
    }

    fn open(&self, model: &Model, options: &SessionOptions) -> Result<Arc<dyn Session>> {
        let device = device("cpu");
        if options.device.as_ref().is_some_and(|id| *id != device.id) {
            return Err(Error::new(ErrorKind::Device, "there is no such device; take cpu"));
        }
        Ok(Arc::new(PlainSession { scale: model.manifest().scale as usize, races: self.races, device }))
    }
}

impl Session for PlainSession {
    fn device(&self) -> &Device {
        &self.device
    }

    fn is_exact(&self) -> bool {
        true
    }

    fn usage(&self) -> Usage {
        Usage::default()
    }

    fn run(&self, inputs: &[Tensor<'_>], output: TensorMut<'_>, cancel: &Cancel) -> Result<()> {
        cancel.check()?;
        if self.races {
            // SAFETY: none; see `Runs`.
            unsafe { *RUNS.0.get() += 1 };
        }
        let [.., height, width] = inputs[0].shape;
        let (wide, tall) = (width * self.scale, height * self.scale);
        for (i, out) in output.data.iter_mut().enumerate() {
            let (plane, y, x) = (i / (wide * tall), i / wide % tall, i % wide);
            *out = inputs[0].data[(plane * height + y / self.scale) * width + x / self.scale];
        }
        Ok(())
    }
}
