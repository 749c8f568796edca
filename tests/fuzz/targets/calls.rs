//! Turns any bytes into calls of the C interface, with valid, stale and foreign handles, options, small views, and callbacks
//! that fail and call the library again. Every call must return a status for a caller's mistake, and never panic.
//!
//! Buffers are exactly as long as the library is told, so that the address sanitizer finds every access beyond them.
#![no_main]

#[path = "../../src/toy.rs"]
#[allow(dead_code)]
mod toy;

use std::cell::{Cell, RefCell};
use std::ffi::{CString, c_char, c_void};
use std::ptr;
use std::sync::{Arc, Once};

use enlarger_capi::*;
use libfuzzer_sys::fuzz_target;

/// The kinds of handles: registries, options, upscalers, cancels.
const KINDS: usize = 4;
const REGISTRY: usize = 0;
const OPTIONS: usize = 1;
const UPSCALER: usize = 2;
const CANCEL: usize = 3;

/// How deeply calls from inside callbacks may be nested.
const DEEPEST: u32 = 2;

const KEYS: [&str; 29] = [
    "preset",
    "model",
    "factor",
    "width",
    "height",
    "denoise",
    "strength",
    "mask",
    "mask_white",
    "edge_care",
    "grain",
    "seed",
    "faces",
    "face_strength",
    "face_denoise",
    "face_grain",
    "face_points",
    "noise_level",
    "colour_lock",
    "colour_space",
    "icc_profile",
    "engine",
    "device",
    "precision",
    "threads",
    "tile",
    "reduce_first",
    "memory",
    "nothing",
];
const VALUES: [&str; 12] =
    ["auto", "toy", "on", "off", "1", "2.5", "0", "exact", "linear_srgb", "realesr-general-x4v3", "-1", "16"];
const PROPERTIES: [&str; 16] = [
    "id", "name", "version", "origin", "problem", "engine", "type", "label", "default", "minimum", "choices", "value",
    "notes", "reason", "device", "scope",
];

struct World {
    bytes: RefCell<std::vec::IntoIter<u8>>,
    handles: [RefCell<Vec<(usize, bool)>>; KINDS],
    depth: Cell<u32>,
}

impl World {
    fn byte(&self) -> u8 {
        self.bytes.borrow_mut().next().unwrap_or(0)
    }

    fn is_over(&self) -> bool {
        self.bytes.borrow().len() == 0
    }

    fn word(&self) -> u64 {
        u64::from_le_bytes(std::array::from_fn(|_| self.byte()))
    }

    /// A number that is mostly small and sometimes of any magnitude.
    fn number(&self) -> u64 {
        let b = self.byte();
        if b < 250 { u64::from(b % 25) } else { self.word() >> (self.byte() % 64) }
    }

    /// A handle that should be of this kind.
    fn handle<T>(&self, kind: usize) -> *mut T {
        let b = self.byte();
        let known = self.handles[if b == 2 { usize::from(self.byte()) % KINDS } else { kind }].borrow();
        let number = match (b, known.len()) {
            (0, _) => 0,
            (1, _) | (_, 0) => self.word() as usize,
            (_, n) => known[usize::from(b) % n].0,
        };
        ptr::without_provenance_mut(number)
    }

    fn is_alive(&self, kind: usize, handle: usize) -> bool {
        self.handles[kind].borrow().contains(&(handle, true))
    }

    fn made<T>(&self, kind: usize, status: i32, handle: *mut T) {
        assert_eq!(status == ENL_OK, !handle.is_null(), "a new handle must be NULL on failure and only then");
        if status == ENL_OK {
            assert!(!self.is_alive(kind, handle.addr()), "the value of a live handle was returned again");
            self.handles[kind].borrow_mut().push((handle.addr(), true));
        }
        answered(status);
    }

    /// Frees `handle`, whatever it is, and checks the status.
    fn free<T>(&self, kind: usize, free: unsafe extern "C" fn(*mut T) -> i32) {
        let handle = self.handle::<T>(kind);
        let alive = self.is_alive(kind, handle.addr());
        // SAFETY: any value may be given as a handle.
        let status = unsafe { free(handle) };
        assert_eq!(status == ENL_OK, alive || handle.is_null());
        self.handles[kind].borrow_mut().iter_mut().filter(|known| known.0 == handle.addr()).for_each(|k| k.1 = false);
        answered(status);
    }

    fn text(&self, known: &[&str]) -> Option<CString> {
        match self.byte() {
            0 => None,
            b if b < 200 => CString::new(known[usize::from(b) % known.len()]).ok(),
            b => {
                let bytes = (0..b % 16).map(|_| self.byte().max(1)).collect::<Vec<_>>();
                CString::new(bytes).ok()
            }
        }
    }

    fn rect(&self) -> Option<enl_rect> {
        (self.byte() & 1 == 1).then(|| enl_rect {
            x: self.number() as u32,
            y: self.number() as u32,
            width: self.number() as u32,
            height: self.number() as u32,
        })
    }

    fn format(&self) -> i32 {
        match self.byte() {
            255 => self.word() as i32,
            b => {
                let premultiplied = if b & 128 == 0 { 0 } else { ENL_ALPHA_PREMULTIPLIED };
                i32::from(b % 4) + 1 + (i32::from(b / 4 % 5) + 1) * 16 + premultiplied
            }
        }
    }

    /// A view with memory of exactly the size that it names.
    fn view(&self) -> (enl_view, Vec<u8>) {
        let memory = vec![self.byte(); (self.number().wrapping_mul(61) % 40_000) as usize];
        let view = enl_view {
            data: ptr::null_mut(),
            size: memory.len(),
            stride: self.number().wrapping_mul(7) as usize,
            width: self.number() as u32,
            height: self.number() as u32,
            format: self.format(),
            reserved: u32::from(self.byte() == 255),
        };
        (view, memory)
    }
}

/// Checks the status of a call.
fn answered(status: i32) {
    assert!(status != ENL_ERROR_PANIC && status != ENL_ERROR_INTERNAL && status != ENL_ERROR_POISONED, "{status}");
    // SAFETY: only the length is asked for.
    assert!(status == ENL_OK || unsafe { enl_last_error(ptr::null_mut(), 0) } > 0, "status {status} without a message");
}

fn pointer(text: &Option<CString>) -> *const c_char {
    text.as_ref().map_or(ptr::null(), |text| text.as_ptr())
}

fn optional<T>(value: &Option<T>) -> *const T {
    value.as_ref().map_or(ptr::null(), ptr::from_ref)
}

/// The body of every callback: it may call the library again, and then may stop the run.
fn misbehave(world: *mut c_void) -> i32 {
    // SAFETY: the pointer is to the world of the running call, which outlives it.
    let world = unsafe { &*world.cast::<World>() };
    match world.byte() {
        b @ 250.. => i32::from(b) - 252,
        b @ 200..250 if world.depth.get() < DEEPEST => {
            world.depth.set(world.depth.get() + 1);
            (0..b % 4).for_each(|_| call(world));
            world.depth.set(world.depth.get() - 1);
            ENL_CONTINUE
        }
        _ => ENL_CONTINUE,
    }
}

unsafe extern "C" fn progress(world: *mut c_void, _: *const enl_progress) -> i32 {
    misbehave(world)
}

unsafe extern "C" fn read(world: *mut c_void, _: u32, y: u32, row: *mut c_void, size: usize) -> i32 {
    // SAFETY: the library says that the row has this many bytes.
    unsafe { ptr::write_bytes(row.cast::<u8>(), y as u8, size) };
    misbehave(world)
}

unsafe extern "C" fn write(world: *mut c_void, _: u32, row: *const c_void, size: usize) -> i32 {
    // SAFETY: as above.
    let sum: u64 = unsafe { std::slice::from_raw_parts(row.cast::<u8>(), size) }.iter().map(|b| u64::from(*b)).sum();
    assert!(sum < u64::MAX);
    misbehave(world)
}

unsafe extern "C" fn log(world: *mut c_void, _: i32, _: *const c_char) {
    misbehave(world);
}

/// Makes the call that the next bytes choose.
fn call(world: &World) {
    let w = world;
    let me = ptr::from_ref(world).cast_mut().cast::<c_void>();
    let mut out = 0usize;
    // SAFETY: every pointer is NULL, a handle of any value, or to memory that is as long as the library is told.
    unsafe {
        match w.byte() % 20 {
            0 => {
                let mut made = ptr::null_mut();
                w.made(REGISTRY, enl_registry_new(ptr::null(), 0, &mut made), made);
            }
            1 => {
                let mut made = ptr::null_mut();
                w.made(OPTIONS, enl_options_new(w.handle(REGISTRY), &mut made), made);
            }
            2 => {
                let mut made = ptr::null_mut();
                let status = enl_upscaler_new(w.handle(REGISTRY), w.handle(OPTIONS), &mut made);
                w.made(UPSCALER, status, made);
            }
            3 => {
                let mut made = ptr::null_mut();
                w.made(CANCEL, enl_cancel_new(&mut made), made);
            }
            4 => match w.byte() % 4 {
                0 => w.free(REGISTRY, enl_registry_free),
                1 => w.free(OPTIONS, enl_options_free),
                2 => w.free(UPSCALER, enl_upscaler_free),
                _ => w.free(CANCEL, enl_cancel_free),
            },
            5 => answered(enl_cancel_request(w.handle(CANCEL))),
            6 => answered(enl_cancel_is_requested(w.handle(CANCEL), &mut 0)),
            7 | 8 => {
                let (key, value) = (w.text(&KEYS), w.text(&VALUES));
                answered(enl_options_set(w.handle(OPTIONS), pointer(&key), pointer(&value)));
            }
            9 => {
                let key = w.text(&KEYS);
                answered(enl_options_set_integer(w.handle(OPTIONS), pointer(&key), w.number() as i64));
            }
            10 => {
                let key = w.text(&KEYS);
                answered(enl_options_set_float(w.handle(OPTIONS), pointer(&key), f64::from_bits(w.word())));
            }
            11 if w.byte() & 1 == 0 => {
                let (view, _memory) = w.view();
                answered(enl_options_set_mask(w.handle(OPTIONS), &view));
            }
            11 => {
                let (key, bytes) =
                    (w.text(&["icc_profile"]), (0..w.number() % 600).map(|_| w.byte()).collect::<Vec<_>>());
                answered(enl_options_set_bytes(w.handle(OPTIONS), pointer(&key), bytes.as_ptr().cast(), bytes.len()));
            }
            12 => {
                let key = w.text(&KEYS);
                answered(enl_options_reset(w.handle(OPTIONS), pointer(&key)));
            }
            13 | 14 => {
                let (key, property) = (w.text(&KEYS), w.text(&PROPERTIES));
                let (key, property) = (pointer(&key), pointer(&property));
                let mut buffer = vec![0 as c_char; (w.number() % 100) as usize];
                let (text, size, index) = (buffer.as_mut_ptr(), buffer.len(), w.number() as usize);
                answered(match w.byte() % 6 {
                    0 => enl_registry_model_text(w.handle(REGISTRY), index, property, text, size, &mut out),
                    1 => enl_registry_engine_text(w.handle(REGISTRY), index, property, text, size, &mut out),
                    2 => enl_registry_device_text(w.handle(REGISTRY), index, property, text, size, &mut out),
                    3 => enl_options_key(w.handle(OPTIONS), index, text, size, &mut out),
                    4 => enl_options_describe(w.handle(OPTIONS), key, property, text, size, &mut out),
                    _ => enl_upscaler_text(w.handle(UPSCALER), property, text, size, &mut out),
                });
                enl_last_error(text, size);
            }
            15 => {
                // Only here, because it is refused inside a callback of the log.
                let callback: enl_log_callback = if w.byte() & 1 == 0 { None } else { Some(log) };
                answered(enl_log_set(w.byte().into(), callback, me));
            }
            16 => {
                let (rect, mut plan) = (w.rect(), std::mem::zeroed::<enl_plan>());
                let (width, height) = (w.number() as u32, w.number() as u32);
                let (upscaler, options) = (w.handle(UPSCALER), w.handle(OPTIONS));
                answered(enl_upscaler_plan(upscaler, options, width, height, optional(&rect), &mut plan));
            }
            17 | 18 => run(w, me),
            _ => stream(w, me),
        }
    }
}

/// A run from and to memory, mostly with sizes that fit.
unsafe fn run(w: &World, me: *mut c_void) {
    let ((mut source, mut from), (mut target, mut to), rect) = (w.view(), w.view(), w.rect());
    let (upscaler, options) = (w.handle(UPSCALER), w.handle(OPTIONS));
    // SAFETY: as in `call`.
    unsafe {
        if w.byte() < 200 {
            // Mostly the size in the plan; otherwise hardly any run would begin.
            let mut plan = std::mem::zeroed::<enl_plan>();
            if enl_upscaler_plan(upscaler, options, source.width, source.height, optional(&rect), &mut plan) == ENL_OK
                && u64::from(plan.width) * u64::from(plan.height) < 100_000
                && source.width < 100
                && source.height < 100
            {
                source.stride = source.width as usize * 16;
                from.resize(source.stride * source.height as usize, 9);
                (target.width, target.height) = (plan.width, plan.height);
                target.stride = target.width as usize * 16;
                to.resize(target.stride * target.height as usize, 0);
            }
        }
        (source.data, source.size) = (from.as_mut_ptr().cast(), from.len());
        (target.data, target.size) = (to.as_mut_ptr().cast(), to.len());
        let cancel = w.handle(CANCEL);
        answered(enl_upscaler_run(upscaler, options, &source, optional(&rect), cancel, Some(progress), me, &target));
    }
}

/// A run with callbacks for rows.
unsafe fn stream(w: &World, me: *mut c_void) {
    let (width, height, rect) = (w.number() as u32 % 100, w.number() as u32 % 100, w.rect());
    let (upscaler, options) = (w.handle(UPSCALER), w.handle(OPTIONS));
    // SAFETY: as in `call`.
    unsafe {
        let mut plan = std::mem::zeroed::<enl_plan>();
        enl_upscaler_plan(upscaler, options, width, height, optional(&rect), &mut plan);
        if u64::from(plan.width) * u64::from(plan.height) > 100_000 {
            return;
        }
        let source = enl_source { read: Some(read), user_data: me, width, height, format: w.format(), reserved: 0 };
        let sink = enl_sink {
            write: Some(write),
            user_data: me,
            width: plan.width,
            height: plan.height,
            format: w.format(),
            reserved: 0,
        };
        let cancel = w.handle(CANCEL);
        answered(enl_upscaler_stream(upscaler, options, &source, optional(&rect), cancel, Some(progress), me, &sink));
    }
}

static TOY: Once = Once::new();

fuzz_target!(|data: &[u8]| {
    // The engine that "auto" chooses.
    TOY.call_once(|| add_engine(Arc::new(toy::Toy::default())));
    let world = World {
        bytes: RefCell::new(Vec::from(data).into_iter()),
        handles: std::array::from_fn(|_| RefCell::default()),
        depth: Cell::new(0),
    };
    while !world.is_over() {
        call(&world);
    }
    // SAFETY: the callback of the log is removed first, then all live handles are freed.
    unsafe {
        enl_log_set(0, None, ptr::null_mut());
        for (handle, _) in world.handles[REGISTRY].take().into_iter().filter(|known| known.1) {
            assert_eq!(enl_registry_free(ptr::without_provenance_mut(handle)), ENL_OK);
        }
        for (handle, _) in world.handles[OPTIONS].take().into_iter().filter(|known| known.1) {
            assert_eq!(enl_options_free(ptr::without_provenance_mut(handle)), ENL_OK);
        }
        for (handle, _) in world.handles[UPSCALER].take().into_iter().filter(|known| known.1) {
            assert_eq!(enl_upscaler_free(ptr::without_provenance_mut(handle)), ENL_OK);
        }
        for (handle, _) in world.handles[CANCEL].take().into_iter().filter(|known| known.1) {
            assert_eq!(enl_cancel_free(ptr::without_provenance_mut(handle)), ENL_OK);
        }
    }
});
