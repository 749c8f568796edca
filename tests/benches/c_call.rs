//! Measures what a call through the C interface costs on top of a call of the core: CPU time with the same picture and the
//! same trivial network, the smallest of all rounds.
//!
//!     c_call [ROUNDS]
//!
//! Run by `scripts/bench`. The C functions are linked in, as those of a static library are.

use std::env;
use std::ffi::CString;
use std::path::Path;
use std::ptr::{null, null_mut};
use std::slice;
use std::time::Duration;

use enlarger::{
    Cancel, Colour, Job, Registry, SessionOptions, Size, Target, Upscaler, View, ViewMut, ViewSink, ViewSource,
};
use enlarger_capi::*;
use enlarger_tests::clock::cpu_seconds;
use enlarger_tests::picture::RGB8;
use enlarger_tests::{onnx, real_engines};

/// 2.0 megapixels.
const SIZE: Size = Size { width: 1633, height: 1225 };
const SCALE: u32 = 4;
const LARGE: Size = Size { width: SIZE.width * SCALE, height: SIZE.height * SCALE };

fn main() {
    let rounds = env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(10);
    let models = Path::new(env!("CARGO_TARGET_TMPDIR")).join("c_call");
    onnx::install_nearest(&models, SCALE);
    let source: Vec<u8> = (0..RGB8.row_size(SIZE.width) * SIZE.height as usize).map(|i| (i % 251) as u8).collect();
    // Not zeroed, because the first use of zeroed memory costs more.
    let mut result = vec![1; RGB8.row_size(LARGE.width) * LARGE.height as usize];
    for engine in real_engines() {
        let (id, model) =
            (engine.id().to_owned(), Registry::search(slice::from_ref(&models)).find("nearest").unwrap().clone());
        let core = Upscaler::new(&model, engine, &SessionOptions::default()).unwrap();
        let c = Handles::new(&models, &id);
        let mut best = [Duration::MAX; 2];
        for round in 0..rounds {
            // Each is first equally often, because the first finds cold caches.
            for which in [round % 2, 1 - round % 2] {
                let time = cpu_of(|| match which {
                    0 => run_core(&core, &source, &mut result),
                    _ => c.run(&source, &mut result),
                });
                best[which] = best[which].min(time);
            }
        }
        let [core, c] = best.map(|time| time.as_secs_f64() * 1000.0);
        println!("{id}: core {core:.1} ms, through C {c:.1} ms, {:+.1} ms; {rounds} rounds", c - core);
    }
}

fn run_core(upscaler: &Upscaler, source: &[u8], result: &mut [u8]) {
    let row = |size: Size| RGB8.row_size(size.width);
    let mut source = ViewSource::new(View::new(source, row(SIZE), SIZE, RGB8).unwrap(), Colour::Srgb);
    let mut sink = ViewSink::new(ViewMut::new(result, row(LARGE), LARGE, RGB8).unwrap());
    let job = Job::new(Target::Factor(SCALE.into()));
    upscaler.run(&mut source, &mut sink, &job, &Cancel::new(), &mut |_| {}).unwrap();
}

struct Handles {
    registry: *mut enl_registry,
    options: *mut enl_options,
    upscaler: *mut enl_upscaler,
}

impl Handles {
    fn new(models: &Path, engine: &str) -> Self {
        let folder = CString::new(models.to_str().unwrap()).unwrap();
        let engine = CString::new(engine).unwrap();
        let mut new = Handles { registry: null_mut(), options: null_mut(), upscaler: null_mut() };
        // SAFETY: strings end with NUL, and the pointers for handles are valid.
        unsafe {
            assert_eq!(enl_registry_new(&folder.as_ptr(), 1, &mut new.registry), ENL_OK);
            assert_eq!(enl_options_new(new.registry, &mut new.options), ENL_OK);
            assert_eq!(enl_options_set(new.options, c"model".as_ptr(), c"nearest".as_ptr()), ENL_OK);
            assert_eq!(enl_options_set(new.options, c"engine".as_ptr(), engine.as_ptr()), ENL_OK);
            assert_eq!(enl_upscaler_new(new.registry, new.options, &mut new.upscaler), ENL_OK);
        }
        new
    }

    fn run(&self, source: &[u8], result: &mut [u8]) {
        let view = |data: *mut u8, length: usize, Size { width, height }: Size| enl_view {
            data: data.cast(),
            size: length,
            stride: RGB8.row_size(width),
            width,
            height,
            format: ENL_SAMPLE_U8 + ENL_CHANNELS_RGB,
            reserved: 0,
        };
        let from = view(source.as_ptr().cast_mut(), source.len(), SIZE);
        let to = view(result.as_mut_ptr(), result.len(), LARGE);
        // SAFETY: the views are of slices, and that of the source is only read.
        let status = unsafe { enl_upscaler_run(self.upscaler, null(), &from, null(), null(), None, null_mut(), &to) };
        assert_eq!(status, ENL_OK);
    }
}

impl Drop for Handles {
    fn drop(&mut self) {
        // SAFETY: these functions accept any value.
        unsafe {
            enl_upscaler_free(self.upscaler);
            enl_options_free(self.options);
            enl_registry_free(self.registry);
        }
    }
}

/// The CPU time of all threads of this process while `call` runs.
fn cpu_of(call: impl FnOnce()) -> Duration {
    let start = cpu_seconds();
    call();
    Duration::from_secs_f64(cpu_seconds() - start)
}
