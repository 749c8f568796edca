//! The layout of a table, compared where both sides are Rust.
//!
//! A version number says what somebody believed; the layout is what the compiler made.

use abi_stable::StableAbi;
use abi_stable::abi_stability::abi_checking::check_layout_compatibility;
use abi_stable::library::AbiHeader;
use abi_stable::type_layout::TypeLayout;

use crate::table::Table;

/// The name of the function that a library in Rust exports: `extern "C" fn() -> &'static Layout`.
pub const LAYOUT: &str = "enlarger_engine_layout";

/// A layout, and the version of `abi_stable` that can read it.
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

    /// Why a table of this layout cannot be used, as the end of a sentence.
    pub(crate) fn check(&self) -> Result<(), String> {
        if !self.header.is_valid() {
            return Err("it was built with another version of abi_stable; build it again with this Enlarger".to_owned());
        }
        check_layout_compatibility(Table::LAYOUT, self.layout).map_err(|differences| {
            let count = differences.errors.len();
            format!("its table of functions is laid out in another way ({count} parts differ); build it again with this Enlarger")
        })
    }
}
