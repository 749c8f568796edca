//! The engine's side: makes a [`Table`] from any [`Engine`].
//!
//! A panic never leaves these functions; it becomes a status code and a message.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::Arc;

use enlarger::{
    Cancel, Device, Engine, Model, Precision, Result, RowStream, Session, SessionOptions, Tensor, TensorMut,
};

use crate::cancel::EngineCancel;
use crate::errors::guard;
use crate::table::{
    Control, Devices, Input, MAGIC, OK, Options, Output, ROW, Said, SessionUsage, Table, Text, VERSION,
};

/// Makes a crate an engine library. Use it once, in a crate of the type `cdylib`: `export_engine!(MyEngine::new());`.
#[macro_export]
macro_rules! export_engine {
    ($engine:expr) => {
        /// Returns the engine of this library.
        #[unsafe(no_mangle)]
        pub extern "C" fn enlarger_engine() -> &'static $crate::Table {
            static TABLE: std::sync::OnceLock<$crate::Table> = std::sync::OnceLock::new();
            TABLE.get_or_init(|| $crate::table_of(Box::new($engine)))
        }

        /// Returns the layout of the engine's table.
        #[unsafe(no_mangle)]
        pub extern "C" fn enlarger_engine_layout() -> &'static $crate::Layout {
            static LAYOUT: $crate::Layout = $crate::Layout::of::<$crate::Table>();
            &LAYOUT
        }
    };
}

/// Makes the table of an engine. The engine is never dropped, because the host may use the table until the process ends.
pub fn table_of(engine: Box<dyn Engine>) -> Table {
    let (id, version) = (engine.id().to_owned().leak(), engine.version().leak());
    Table {
        magic: MAGIC,
        version: VERSION,
        size: size_of::<Table>() as u32,
        id: Text::of(id),
        engine_version: Text::of(version),
        context: Box::into_raw(Box::new(engine)).cast_const().cast(),
        devices,
        open,
        close,
        device,
        usage,
        run,
        stream_memory,
        stream,
        push,
        finish,
        pull,
        close_stream,
    }
}

type Opened = Arc<dyn Session>;
type Streamed = Box<dyn RowStream>;

unsafe extern "C" fn devices(context: *const c_void, devices: Devices) {
    // SAFETY: the context is the engine of `table_of`.
    let engine = unsafe { &*context.cast::<Box<dyn Engine>>() };
    for found in catch_unwind(AssertUnwindSafe(|| engine.devices())).unwrap_or_default() {
        give(&found, devices);
    }
}

fn give(device: &Device, devices: Devices) {
    // SAFETY: a function of the host, with texts that are valid during the call.
    unsafe { (devices.give)(devices.context, Text::of(&device.id), Text::of(&device.name)) };
}

unsafe extern "C" fn open(
    context: *const c_void,
    options: *const Options,
    said: Said,
    session: *mut *const c_void,
) -> i32 {
    guard(said, || {
        // SAFETY: the context is the engine of `table_of`; the host's data are valid during the call.
        let (engine, options) = unsafe { (&*context.cast::<Box<dyn Engine>>(), *options) };
        // SAFETY: as above. The network is copied, because the session may outlive the call.
        let (manifest, network, device) =
            unsafe { (options.manifest.text(), options.network.bytes().to_vec(), options.device.text()) };
        let mut wanted = SessionOptions::default();
        wanted.device = Some(device).filter(|device| !device.is_empty());
        wanted.threads = Some(options.threads as usize).filter(|threads| *threads > 0);
        wanted.precision = match options.precision {
            1 => Precision::Exact,
            2 => Precision::Fast,
            _ => Precision::Auto,
        };
        let opened: Opened = engine.open(&Model::from_bytes(&manifest, network)?, &wanted)?;
        // SAFETY: the host passes a pointer to a session.
        unsafe { *session = Box::into_raw(Box::new(opened)).cast_const().cast() };
        Ok(OK)
    })
}

/// # Safety
/// The session must have been made by `open` and not been closed.
unsafe fn opened<'a>(session: *const c_void) -> &'a Opened {
    // SAFETY: promised by the caller.
    unsafe { &*session.cast::<Opened>() }
}

unsafe extern "C" fn close(session: *const c_void) {
    // SAFETY: the session was made by `open` and is closed once.
    let session = unsafe { Box::from_raw(session.cast_mut().cast::<Opened>()) };
    // `close` cannot report an error.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(session)));
}

unsafe extern "C" fn device(session: *const c_void, devices: Devices) {
    // SAFETY: the host passes an open session.
    give(unsafe { opened(session) }.device(), devices);
}

unsafe extern "C" fn usage(session: *const c_void) -> SessionUsage {
    // SAFETY: the host passes an open session.
    let session = unsafe { opened(session) };
    catch_unwind(AssertUnwindSafe(|| {
        let usage = session.usage();
        SessionUsage {
            tile: usage.tile,
            parallel: u32::try_from(usage.parallel).unwrap_or(u32::MAX),
            max_tile_pixels: usage.max_tile_pixels.unwrap_or(0),
            interruptible: usage.interruptible.into(),
            exact: session.is_exact().into(),
        }
    }))
    // All 0: the host uses its defaults.
    .unwrap_or_default()
}

unsafe extern "C" fn run(
    session: *const c_void,
    inputs: *const Input,
    count: usize,
    output: *const Output,
    control: *const Control,
    said: Said,
) -> i32 {
    guard(said, || {
        // SAFETY: the host's data are valid during the call and as large as their shapes.
        let (session, inputs, output, cancel) = unsafe {
            (opened(session), std::slice::from_raw_parts(inputs, count), *output, EngineCancel::new(control))
        };
        // SAFETY: as above.
        let names: Vec<String> = inputs.iter().map(|input| unsafe { input.name.text() }).collect();
        let tensors = inputs.iter().zip(&names).map(|(input, name)| {
            // SAFETY: as above.
            let data = unsafe { std::slice::from_raw_parts(input.data, input.shape.iter().product()) };
            Tensor { name, shape: input.shape, data }
        });
        let tensors: Vec<Tensor<'_>> = tensors.collect();
        // SAFETY: as above.
        let (name, data) =
            unsafe { (output.name.text(), std::slice::from_raw_parts_mut(output.data, output.shape.iter().product())) };
        session.run(&tensors, TensorMut { name: &name, shape: output.shape, data }, cancel.cancel())?;
        Ok(OK)
    })
}

unsafe extern "C" fn stream_memory(session: *const c_void, width: usize) -> u64 {
    // SAFETY: the host passes an open session.
    let session = unsafe { opened(session) };
    catch_unwind(AssertUnwindSafe(|| session.stream_memory(width))).unwrap_or_default().unwrap_or_default()
}

unsafe extern "C" fn stream(session: *const c_void, width: usize, said: Said, stream: *mut *mut c_void) -> i32 {
    guard(said, || {
        // SAFETY: the host passes an open session.
        let made = unsafe { opened(session) }.stream(width)?;
        let made = made.map_or(ptr::null_mut(), |made: Streamed| Box::into_raw(Box::new(made)).cast());
        // SAFETY: the host passes a pointer to a stream.
        unsafe { *stream = made };
        Ok(OK)
    })
}

/// Runs `work` on a stream.
///
/// # Safety
/// The stream must have been made by `stream`, not been closed, and not be in use by another thread; the control must be
/// valid during the call.
unsafe fn streamed(
    stream: *mut c_void,
    control: *const Control,
    said: Said,
    work: impl FnOnce(&mut Streamed, &Cancel) -> Result<i32>,
) -> i32 {
    guard(said, || {
        // SAFETY: promised by the caller.
        let (stream, cancel) = unsafe { (&mut *stream.cast::<Streamed>(), EngineCancel::new(control)) };
        work(stream, cancel.cancel())
    })
}

unsafe extern "C" fn push(
    stream: *mut c_void,
    row: *const f32,
    count: usize,
    control: *const Control,
    said: Said,
) -> i32 {
    // SAFETY: the host's data are valid during the call.
    unsafe {
        let row = std::slice::from_raw_parts(row, count);
        streamed(stream, control, said, |stream, cancel| stream.push(row, cancel).map(|()| OK))
    }
}

unsafe extern "C" fn finish(stream: *mut c_void, control: *const Control, said: Said) -> i32 {
    // SAFETY: as above.
    unsafe { streamed(stream, control, said, |stream, cancel| stream.finish(cancel).map(|()| OK)) }
}

unsafe extern "C" fn pull(
    stream: *mut c_void,
    row: *mut f32,
    count: usize,
    control: *const Control,
    said: Said,
) -> i32 {
    // SAFETY: as above.
    unsafe {
        let row = std::slice::from_raw_parts_mut(row, count);
        let made = |made| if made { ROW } else { OK };
        streamed(stream, control, said, |stream, cancel| stream.pull(row, cancel).map(made))
    }
}

unsafe extern "C" fn close_stream(stream: *mut c_void) {
    // SAFETY: the stream was made by `stream` and is closed once.
    let stream = unsafe { Box::from_raw(stream.cast::<Streamed>()) };
    let _ = catch_unwind(AssertUnwindSafe(|| drop(stream)));
}
