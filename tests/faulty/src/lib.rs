//! libenlarger with one engine more, `panic`, which panics when it runs.
//!
//! A program that loads plug-ins cannot be asked to panic; a library that is put under a plug-in can. Everything else is
//! as it is shipped, and `auto` takes what it takes there.

// Written for the tests of the core, which is another crate.
#[path = "../../src/toy.rs"]
#[allow(dead_code)] // More than is used here.
mod toy;

use std::sync::Arc;

use enlarger::{Device, Engine, Model, Result, Session, SessionOptions};
// The functions of the interface, which a program looks for here.
pub use enlarger_capi::*;

use toy::{Fault, Toy};

struct Panics(Toy);

impl Engine for Panics {
    fn id(&self) -> &str {
        "panic"
    }

    fn version(&self) -> String {
        self.0.version()
    }

    fn devices(&self) -> Vec<Device> {
        self.0.devices()
    }

    fn open(&self, model: &Model, options: &SessionOptions) -> Result<Arc<dyn Session>> {
        self.0.open(model, options)
    }
}

extern "C" fn add() {
    add_engine(Arc::new(Panics(Toy { fault: Fault::Panic, ..Toy::default() })));
}

/// Runs as soon as a program has loaded the library.
#[used]
#[unsafe(link_section = ".init_array")]
static ADD: extern "C" fn() = add;
