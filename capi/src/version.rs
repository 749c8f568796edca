//! Versions: of the loaded library, and of its interface.

use std::ffi::c_char;

/// The version of the interface that this header describes. It changes only when programs must be rebuilt, and is part
/// of the library's file name.
pub const ENL_ABI_VERSION: u32 = 1;

/// The version of the library that this header belongs to: major * 1000000 + minor * 1000 + patch.
pub const ENL_VERSION: u32 = 1000;

const _: () = assert!(ENL_VERSION == number(env!("CARGO_PKG_VERSION")), "ENL_VERSION is not the crate's version");

/// Converts "1.2.3" to a number.
const fn number(version: &str) -> u32 {
    let (mut all, mut part, mut i) = (0, 0, 0);
    while i < version.len() {
        match version.as_bytes()[i] {
            b'.' => (all, part) = ((all + part) * 1000, 0),
            digit => part = part * 10 + (digit - b'0') as u32,
        }
        i += 1;
    }
    all + part
}

/// Returns the version of the loaded library, which may be newer than this header.
///
/// @return major * 1000000 + minor * 1000 + patch; for example 1002003 for 1.2.3.
///
/// Threads: any. Since: 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn enl_version() -> u32 {
    ENL_VERSION
}

/// Returns the version of the loaded library as a string, such as "1.2.3".
///
/// @return A static string, never NULL.
///
/// Threads: any. Since: 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn enl_version_string() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// Returns the version of the loaded library's interface. A program that loads the library at run time must compare it
/// with ENL_ABI_VERSION before it calls anything else.
///
/// @return The library's ENL_ABI_VERSION.
///
/// Threads: any. Since: 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn enl_abi_version() -> u32 {
    ENL_ABI_VERSION
}
