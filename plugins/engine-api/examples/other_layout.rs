//! An engine library whose table says it is of our version and is laid out in another way, as after a careless change.

use abi_stable::StableAbi;
use enlarger_engine_api::{Layout, MAGIC, Table, VERSION};

/// Begins as every table does.
#[repr(C)]
#[derive(StableAbi)]
pub struct OtherTable {
    magic: u64,
    version: u32,
    size: u32,
    threads: u64,
}

/// The function that every engine library has.
#[unsafe(no_mangle)]
pub extern "C" fn enlarger_engine() -> &'static OtherTable {
    static TABLE: OtherTable =
        OtherTable { magic: MAGIC, version: VERSION, size: size_of::<Table>() as u32, threads: 1 };
    &TABLE
}

/// The function that engine libraries in Rust have.
#[unsafe(no_mangle)]
pub extern "C" fn enlarger_engine_layout() -> &'static Layout {
    static LAYOUT: Layout = Layout::of::<OtherTable>();
    &LAYOUT
}
