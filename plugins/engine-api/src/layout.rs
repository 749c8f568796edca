//! Compares the layout of an engine library's table with ours, for libraries written in Rust.
//!
//! The version number is set by hand and can be wrong; the layout comes from the compiler.

use abi_stable::StableAbi;
use abi_stable::abi_stability::abi_checking::check_layout_compatibility;
use abi_stable::library::AbiHeader;
use abi_stable::type_layout::TypeLayout;

use crate::table::Table;

/// The name of the function that a library in Rust exports: `extern "C" fn() -> &'static Layout`.
pub const LAYOUT: &str = "enlarger_engine_layout";

/// The layout of a table, with the version of `abi_stable` that can read it.
#[repr(C)]
pub struct Layout {
    header: AbiHeader,
    layout: &'static TypeLayout,
}

impl Layout {
    /// The layout of a type.
    pub const fn of<T: StableAbi>() -> Self {
        Layout { header: AbiHeader::VALUE, layout: T::LAYOUT }
    }

    /// Checks that a table of this layout can be used. The error is the end of a sentence, after "this engine library cannot be
    /// used:".
    pub(crate) fn check(&self) -> Result<(), String> {
        if !self.header.is_valid() {
            return Err(
                "it was built with another version of abi_stable; build it again with this version of Enlarger"
                    .to_owned(),
            );
        }
        check_layout_compatibility(Table::LAYOUT, self.layout).map_err(|differences| {
            let count = differences.errors.len();
            format!("its table of functions has another layout ({count} differences); build it again with this version of Enlarger")
        })
    }
}
