//! The host's side: opens an engine library.
//!
//! The file is checked before it is loaded, and the table before any of its functions is called. A library is never unloaded.

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::mem::offset_of;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use enlarger::{Engine, Error, ErrorKind, Location, Result};
use libloading::{Library, Symbol};

use crate::layout::{LAYOUT, Layout};
use crate::library_file;
use crate::load::load_library;
use crate::loaded_engine::LoadedEngine;
use crate::table::{ENTRY, MAGIC, Table, VERSION};

/// Opens an engine library. Its code runs with all rights of this process.
///
/// A library is loaded once for each path: later calls return the same engine, even if the file has been replaced since. A
/// call that fails can be repeated.
///
/// # Errors
/// `EngineVersion`, with the file's path, if the file is not a complete library for this system, exports no engine, or has
/// another version or layout of the interface; `Argument` for a path that is not absolute.
pub fn open(path: &Path) -> Result<Arc<dyn Engine>> {
    if !path.is_absolute() {
        let message =
            format!("'{}' is not an absolute path; name an engine library by its absolute path", path.display());
        return Err(Error::new(ErrorKind::Argument, message));
    }
    static OPEN: Mutex<BTreeMap<PathBuf, Arc<dyn Engine>>> = Mutex::new(BTreeMap::new());
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(engine) = open.get(path) {
        return Ok(engine.clone());
    }
    let table = load(path).map_err(|reason| {
        let message = format!("this engine library cannot be used: {reason}");
        Error::new(ErrorKind::EngineVersion, message).at(Location::File(path.to_owned()))
    })?;
    let engine: Arc<dyn Engine> = Arc::new(LoadedEngine::new(table));
    open.insert(path.to_owned(), engine.clone());
    Ok(engine)
}

fn load(path: &Path) -> std::result::Result<&'static Table, String> {
    library_file::check(path)?;
    // SAFETY: the user has named the file or put it into the folder for engine libraries, and so allows its code to run.
    let library = unsafe { load_library(path) }.map_err(|e| e.to_string())?;
    // Never unloaded, because threads that the library has started may still run.
    let library: &'static Library = Box::leak(Box::new(library));
    // SAFETY: by the interface, the symbol of this name is a function without arguments that returns a pointer.
    let entry: Symbol<'_, unsafe extern "C" fn() -> *const c_void> = unsafe { library.get(ENTRY) }
        .map_err(|_| format!("it does not export the function {ENTRY}, so it is not an engine for Enlarger"))?;
    // SAFETY: as above.
    let table = unsafe { entry() };
    check(table.cast())?;
    // SAFETY: as above.
    let layout: std::result::Result<Symbol<'_, unsafe extern "C" fn() -> &'static Layout>, _> =
        unsafe { library.get(LAYOUT) };
    if let Ok(layout) = layout {
        // SAFETY: only `export_engine!` makes a function of this name.
        unsafe { layout() }.check()?;
    }
    // SAFETY: the table is not NULL, aligned, as large as ours and of our version; the interface requires that it stays valid.
    Ok(unsafe { &*table.cast::<Table>() })
}

/// Checks a table by the three fields that all versions have in common.
fn check(table: *const u8) -> std::result::Result<(), String> {
    if table.is_null() || !table.cast::<Table>().is_aligned() {
        return Err(format!("its function {ENTRY} returned no table"));
    }
    // SAFETY: every version of the table begins with these three fields, and by the interface the pointer is to a table.
    let (magic, version, size) = unsafe {
        (
            table.add(offset_of!(Table, magic)).cast::<u64>().read(),
            table.add(offset_of!(Table, version)).cast::<u32>().read(),
            table.add(offset_of!(Table, size)).cast::<u32>().read(),
        )
    };
    if magic != MAGIC {
        return Err(format!("its function {ENTRY} returned something other than a table"));
    }
    if version != VERSION {
        return Err(format!(
            "it has version {version} of the interface, but this version of Enlarger needs version {VERSION}; install an engine library made for it"
        ));
    }
    if (size as usize) < size_of::<Table>() {
        return Err(format!("its table has {size} bytes instead of {}; build it again", size_of::<Table>()));
    }
    Ok(())
}
