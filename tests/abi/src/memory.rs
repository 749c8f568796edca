//! An allocator in which the n-th large allocation fails on command, and no other.
//!
//! With it, each large allocation of a run can be made to fail once, which an external limit cannot do. It must never
//! fail a small allocation, because Rust ends the process then.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

struct Failing;

#[global_allocator]
static MEMORY: Failing = Failing;

/// The size in bytes from which on an allocation is large.
static LARGE: AtomicUsize = AtomicUsize::new(usize::MAX);
/// The number of large allocations so far.
static COUNT: AtomicUsize = AtomicUsize::new(0);
/// The number of the allocation that fails.
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

/// Makes the allocation `number` (from 0) of at least `large` bytes fail.
#[unsafe(no_mangle)]
extern "C" fn abi_fail_allocation(number: usize, large: usize) {
    FAILS.store(number, Ordering::Relaxed);
    COUNT.store(0, Ordering::Relaxed);
    LARGE.store(large, Ordering::Relaxed);
}

/// The number of large allocations since then.
#[unsafe(no_mangle)]
extern "C" fn abi_allocations() -> usize {
    COUNT.load(Ordering::Relaxed)
}
