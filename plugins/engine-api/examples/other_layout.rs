//! For tests: an engine library whose table has the right version but another layout, as after a careless change.

use abi_stable::StableAbi;
use enlarger_engine_api::{Layout, MAGIC, Table, VERSION};

/// A table that begins like the real one.
#[repr(C)]
#[derive(StableAbi)]
pub struct OtherTable {
    magic: u64,
    version: u32,
    size: u32,
    threads: u64,
}

/// The function that every engine library exports.
#[unsafe(no_mangle)]
pub extern "C" fn enlarger_engine() -> &'static OtherTable {
    static TABLE: OtherTable =
        OtherTable { magic: MAGIC, version: VERSION, size: size_of::<Table>() as u32, threads: 1 };
    &TABLE
}

/// The function that engine libraries in Rust export.
#[unsafe(no_mangle)]
pub extern "C" fn enlarger_engine_layout() -> &'static Layout {
    static LAYOUT: Layout = Layout::of::<OtherTable>();
    &LAYOUT
}
