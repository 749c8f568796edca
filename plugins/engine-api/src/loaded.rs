//! The host's side: a table as an engine.

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use enlarger::{
    Cancel, Device, Engine, Location, Model, Precision, Result, RowStream, Session, SessionOptions, Tensor, TensorMut,
    Usage,
};

use crate::control::control;
use crate::said::call;
use crate::stream::LoadedStream;
use crate::table::{Devices, Input, Options, Output, Table, Text};

pub(crate) struct LoadedEngine {
    table: &'static Table,
    id: String,
}

impl LoadedEngine {
    pub(crate) fn new(table: &'static Table) -> Self {
        // SAFETY: valid for ever, as the interface wants.
        LoadedEngine { table, id: unsafe { table.id.text() } }
    }
}

impl Engine for LoadedEngine {
    fn id(&self) -> &str {
        &self.id
    }

    fn version(&self) -> String {
        // SAFETY: valid for ever, as the interface wants.
        unsafe { self.table.engine_version.text() }
    }

    fn devices(&self) -> Vec<Device> {
        // SAFETY: the engine's function, with what it wants.
        collect(|devices| unsafe { (self.table.devices)(self.table.context, devices) })
    }

    fn open(&self, model: &Model, options: &SessionOptions) -> Result<Arc<dyn Session>> {
        let network = model.network()?;
        let options = Options {
            manifest: Text::of(model.manifest_text()),
            network: Text::of_bytes(&network),
            device: Text::of(options.device.as_deref().unwrap_or_default()),
            precision: match options.precision {
                Precision::Auto => 0,
                Precision::Exact => 1,
                Precision::Fast => 2,
            },
            threads: options.threads.map_or(0, |threads| u32::try_from(threads).unwrap_or(u32::MAX)),
        };
        let mut session = ptr::null();
        // SAFETY: the engine's function; all that is passed outlives the call.
        call(&self.id, |said| unsafe {
            (self.table.open)(self.table.context, &raw const options, said, &raw mut session)
        })
        .map_err(|e| e.at(Location::Model(model.id().to_owned())))?;
        Ok(Arc::new(LoadedSession::new(self.table, self.id.clone(), session)))
    }
}

/// Has devices given and collects them.
fn collect(call: impl FnOnce(Devices)) -> Vec<Device> {
    unsafe extern "C" fn give(context: *mut c_void, id: Text, name: Text) {
        // SAFETY: the context is the list below, which outlives the call; the texts are valid while they are passed.
        unsafe { (*context.cast::<Vec<Device>>()).push(Device { id: id.text(), name: name.text() }) };
    }
    let mut list: Vec<Device> = Vec::new();
    call(Devices { context: (&raw mut list).cast(), give });
    list
}

/// A session of the engine's, closed with the last who uses it.
pub(crate) struct Handle {
    pub(crate) table: &'static Table,
    pub(crate) engine: String,
    pub(crate) session: *const c_void,
}

// SAFETY: the interface wants sessions that can be used from any thread, several at once.
unsafe impl Send for Handle {}
// SAFETY: as above.
unsafe impl Sync for Handle {}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: closed once, and whoever uses it holds it.
        unsafe { (self.table.close)(self.session) };
    }
}

struct LoadedSession {
    handle: Arc<Handle>,
    device: Device,
    usage: Usage,
    exact: bool,
}

impl LoadedSession {
    fn new(table: &'static Table, engine: String, session: *const c_void) -> Self {
        let handle = Arc::new(Handle { table, engine, session });
        // SAFETY: the engine's functions, on its session.
        let (devices, given) = unsafe { (collect(|device| (table.device)(session, device)), (table.usage)(session)) };
        let unknown = || Device { id: "unknown".to_owned(), name: "a device that the engine did not name".to_owned() };
        let mut usage = Usage::default();
        // What the engine does not say stays as it is.
        if given.tile > 0 {
            usage.tile = given.tile;
        }
        if given.parallel > 0 {
            usage.parallel = given.parallel as usize;
        }
        usage.max_tile_pixels = (given.max_tile_pixels > 0).then_some(given.max_tile_pixels);
        usage.interruptible = given.interruptible != 0;
        let device = devices.into_iter().next().unwrap_or_else(unknown);
        LoadedSession { handle, device, usage, exact: given.exact != 0 }
    }
}

impl Session for LoadedSession {
    fn device(&self) -> &Device {
        &self.device
    }

    fn is_exact(&self) -> bool {
        self.exact
    }

    fn usage(&self) -> Usage {
        self.usage
    }

    fn run(&self, inputs: &[Tensor<'_>], output: TensorMut<'_>, cancel: &Cancel) -> Result<()> {
        // The engine believes the shapes.
        inputs.iter().try_for_each(Tensor::check)?;
        output.check()?;
        let input = |tensor: &Tensor<'_>| Input {
            name: Text::of(tensor.name),
            shape: tensor.shape,
            data: tensor.data.as_ptr(),
        };
        let inputs: Vec<Input> = inputs.iter().map(input).collect();
        let output = Output { name: Text::of(output.name), shape: output.shape, data: output.data.as_mut_ptr() };
        let (control, handle) = (control(cancel), &self.handle);
        // SAFETY: the engine's function; all that is passed outlives the call and is as large as its shape says.
        call(&handle.engine, |said| unsafe {
            let (inputs, count) = (inputs.as_ptr(), inputs.len());
            (handle.table.run)(handle.session, inputs, count, &raw const output, &raw const control, said)
        })
        .map(drop)
    }

    fn stream_memory(&self, width: usize) -> Option<u64> {
        // SAFETY: the engine's function, on its session.
        Some(unsafe { (self.handle.table.stream_memory)(self.handle.session, width) }).filter(|bytes| *bytes > 0)
    }

    fn stream(&self, width: usize) -> Result<Option<Box<dyn RowStream>>> {
        LoadedStream::open(&self.handle, width)
    }
}
