//! Opening an engine library.
//!
//! The file is looked at before it is opened, the table before anything in it is called. A library is never unloaded.

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::mem::offset_of;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use enlarger::{Engine, Error, ErrorKind, Location, Result};
use libloading::{Library, Symbol};

use crate::binary;
use crate::layout::{LAYOUT, Layout};
use crate::loaded::LoadedEngine;
use crate::table::{ENTRY, MAGIC, Table, VERSION};

/// Opens the engine library in a file. What it runs has all rights of this process.
///
/// A file is opened once, and whoever names it again gets the same engine, also where another file has taken its place: what
/// is open stays. One that could not be opened is looked at again.
///
/// # Errors
/// `EngineVersion`, which names the file, for one that is no whole library of this system, exports no engine, or has
/// another version or layout of the interface; `Argument` for a path that is not absolute.
pub fn open(path: &Path) -> Result<Arc<dyn Engine>> {
    if !path.is_absolute() {
        let sentence = format!("an engine library is named by its absolute path, which '{}' is not", path.display());
        return Err(Error::new(ErrorKind::Argument, sentence));
    }
    static OPEN: Mutex<BTreeMap<PathBuf, Arc<dyn Engine>>> = Mutex::new(BTreeMap::new());
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(engine) = open.get(path) {
        return Ok(engine.clone());
    }
    let table = load(path).map_err(|reason| {
        let sentence = format!("this engine library cannot be used: {reason}");
        Error::new(ErrorKind::EngineVersion, sentence).at(Location::File(path.to_owned()))
    })?;
    let engine: Arc<dyn Engine> = Arc::new(LoadedEngine::new(table));
    open.insert(path.to_owned(), engine.clone());
    Ok(engine)
}

fn load(path: &Path) -> std::result::Result<&'static Table, String> {
    binary::check(path)?;
    // SAFETY: the user has named the file or put it into the folder for engines, so that its code may run.
    let library = unsafe { Library::new(path) }.map_err(|e| e.to_string())?;
    // What it has started when it was opened may run for ever.
    let library: &'static Library = Box::leak(Box::new(library));
    // SAFETY: the symbol of this name is a function without arguments that gives a pointer.
    let entry: Symbol<'_, unsafe extern "C" fn() -> *const c_void> = unsafe { library.get(ENTRY) }
        .map_err(|_| format!("it has no function {ENTRY}, so it is no engine of Enlarger"))?;
    // SAFETY: as above.
    let table = unsafe { entry() };
    check(table.cast())?;
    // SAFETY: as above.
    let layout: std::result::Result<Symbol<'_, unsafe extern "C" fn() -> &'static Layout>, _> =
        unsafe { library.get(LAYOUT) };
    if let Ok(layout) = layout {
        // SAFETY: a library in Rust; `export_engine!` made the function.
        unsafe { layout() }.check()?;
    }
    // SAFETY: not NULL, aligned, as large as ours and of our version; valid for ever, as the interface wants.
    Ok(unsafe { &*table.cast::<Table>() })
}

/// Reads no more of it than what all versions have in common, until that is right.
fn check(table: *const u8) -> std::result::Result<(), String> {
    if table.is_null() || !table.cast::<Table>().is_aligned() {
        return Err(format!("its function {ENTRY} gave no table"));
    }
    // SAFETY: every version of a table begins with these three, and the library says that it is one.
    let (magic, version, size) = unsafe {
        (
            table.add(offset_of!(Table, magic)).cast::<u64>().read(),
            table.add(offset_of!(Table, version)).cast::<u32>().read(),
            table.add(offset_of!(Table, size)).cast::<u32>().read(),
        )
    };
    if magic != MAGIC {
        return Err(format!("its function {ENTRY} gave something else than a table"));
    }
    if version != VERSION {
        return Err(format!(
            "it has version {version} of the interface, this Enlarger has {VERSION}; take one that was made for it"
        ));
    }
    if (size as usize) < size_of::<Table>() {
        return Err(format!("its table has {size} bytes, not {}; build it again", size_of::<Table>()));
    }
    Ok(())
}
