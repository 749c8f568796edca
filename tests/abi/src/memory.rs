//! Memory that runs out on command: the n-th large allocation from now on fails, and no other.
//!
//! With it every large allocation of a run is made to fail once, which no limit from outside can do.
//! It must never fail a small one: those end the process, as everywhere in Rust.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

struct Failing;

#[global_allocator]
static MEMORY: Failing = Failing;

/// Bytes from which on an allocation is large.
static LARGE: AtomicUsize = AtomicUsize::new(usize::MAX);
/// Large ones so far, and the one that fails.
static COUNT: AtomicUsize = AtomicUsize::new(0);
static FAILS: AtomicUsize = AtomicUsize::new(0);

fn fails(size: usize) -> bool {
    size >= LARGE.load(Ordering::Relaxed) && COUNT.fetch_add(1, Ordering::Relaxed) == FAILS.load(Ordering::Relaxed)
}

// SAFETY: every request goes to the system's allocator, or gets the NULL that stands for failure.
unsafe impl GlobalAlloc for Failing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are passed on.
        if fails(layout.size()) { std::ptr::null_mut() } else { unsafe { System.alloc(layout) } }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        if fails(layout.size()) { std::ptr::null_mut() } else { unsafe { System.alloc_zeroed(layout) } }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        if fails(size) { std::ptr::null_mut() } else { unsafe { System.realloc(block, layout, size) } }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }
}

/// Lets allocation number `number` (from 0) of those of at least `large` bytes fail.
#[unsafe(no_mangle)]
extern "C" fn abi_fail_allocation(number: usize, large: usize) {
    FAILS.store(number, Ordering::Relaxed);
    COUNT.store(0, Ordering::Relaxed);
    LARGE.store(large, Ordering::Relaxed);
}

/// How many large allocations there were since.
#[unsafe(no_mangle)]
extern "C" fn abi_allocations() -> usize {
    COUNT.load(Ordering::Relaxed)
}
