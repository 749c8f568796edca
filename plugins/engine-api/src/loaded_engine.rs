//! The host's side: makes an [`Engine`] from a library's [`Table`].

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use enlarger::{
    Cancel, Device, Engine, Location, Model, Precision, Result, RowStream, Session, SessionOptions, Tensor, TensorMut,
    Usage,
};

use crate::cancel::control;
use crate::errors::call;
use crate::loaded_stream::LoadedStream;
use crate::session_handle::SessionHandle;
use crate::table::{Devices, Input, Options, Output, Table, Text};

pub(crate) struct LoadedEngine {
    table: &'static Table,
    id: String,
}

impl LoadedEngine {
    pub(crate) fn new(table: &'static Table) -> Self {
        // SAFETY: the interface requires that the text stays valid.
        LoadedEngine { table, id: unsafe { table.id.text() } }
    }
}

impl Engine for LoadedEngine {
    fn id(&self) -> &str {
        &self.id
    }

    fn version(&self) -> String {
        // SAFETY: the interface requires that the text stays valid.
        unsafe { self.table.engine_version.text() }
    }

    fn devices(&self) -> Vec<Device> {
        // SAFETY: a function of the engine, with its own context.
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
        // SAFETY: a function of the engine; the arguments outlive the call.
        call(&self.id, |said| unsafe {
            (self.table.open)(self.table.context, &raw const options, said, &raw mut session)
        })
        .map_err(|e| e.at(Location::Model(model.id().to_owned())))?;
        Ok(Arc::new(LoadedSession::new(self.table, self.id.clone(), session)))
    }
}

/// Collects the devices that the engine gives during `call`.
fn collect(call: impl FnOnce(Devices)) -> Vec<Device> {
    unsafe extern "C" fn give(context: *mut c_void, id: Text, name: Text) {
        // SAFETY: the context is the list below, which outlives the call; the texts are valid during the call.
        unsafe { (*context.cast::<Vec<Device>>()).push(Device { id: id.text(), name: name.text() }) };
    }
    let mut list: Vec<Device> = Vec::new();
    call(Devices { context: (&raw mut list).cast(), give });
    list
}

struct LoadedSession {
    handle: Arc<SessionHandle>,
    device: Device,
    usage: Usage,
    exact: bool,
}

impl LoadedSession {
    fn new(table: &'static Table, engine: String, session: *const c_void) -> Self {
        let handle = Arc::new(SessionHandle { table, engine, session });
        // SAFETY: functions of the engine, with its session.
        let (devices, stated) = unsafe { (collect(|device| (table.device)(session, device)), (table.usage)(session)) };
        let unknown = || Device { id: "unknown".to_owned(), name: "a device that the engine did not name".to_owned() };
        // A field that is 0 keeps its default.
        let mut usage = Usage::default();
        if stated.tile > 0 {
            usage.tile = stated.tile;
        }
        if stated.parallel > 0 {
            usage.parallel = stated.parallel as usize;
        }
        usage.max_tile_pixels = (stated.max_tile_pixels > 0).then_some(stated.max_tile_pixels);
        usage.interruptible = stated.interruptible != 0;
        let device = devices.into_iter().next().unwrap_or_else(unknown);
        LoadedSession { handle, device, usage, exact: stated.exact != 0 }
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
        // The engine relies on buffers that are as large as their shapes.
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
        // SAFETY: a function of the engine; the arguments outlive the call, and the buffers are as large as their shapes.
        call(&handle.engine, |said| unsafe {
            let (inputs, count) = (inputs.as_ptr(), inputs.len());
            (handle.table.run)(handle.session, inputs, count, &raw const output, &raw const control, said)
        })
        .map(drop)
    }

    fn stream_memory(&self, width: usize) -> Option<u64> {
        // SAFETY: a function of the engine, with its session.
        Some(unsafe { (self.handle.table.stream_memory)(self.handle.session, width) }).filter(|bytes| *bytes > 0)
    }

    fn stream(&self, width: usize) -> Result<Option<Box<dyn RowStream>>> {
        LoadedStream::open(&self.handle, width)
    }
}
