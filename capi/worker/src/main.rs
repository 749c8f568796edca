//! enlarger-worker: the process in which libenlarger tests networks that it does not trust.
//!
//! A library cannot start itself, so this program loads the library that has started it, and calls it. It is small because
//! everything is in there. It must never do anything with the network itself.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libloading::{Error, Library};

/// The exit status if the library cannot be loaded, as that of shells for a program that does not start.
const NOT_STARTED: u8 = 127;

fn main() -> ExitCode {
    // A crash must end this process at once: nobody may be there to close a dialog.
    enlarger_system::without_dialogs();
    let Some(library) = env::args_os().nth(1) else {
        eprintln!("enlarger-worker tests new models for libenlarger, which starts it; it is of no use by itself");
        return ExitCode::from(NOT_STARTED);
    };
    match run(&library) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("enlarger-worker: {} cannot be used: {error}", library.display());
            ExitCode::from(NOT_STARTED)
        }
    }
}

/// Loads the library and lets it work. Returns its status.
fn run(library: &OsStr) -> Result<i32, Error> {
    // SAFETY: this is libenlarger, whose initialisers may run anywhere, and whose header declares the function like this.
    unsafe {
        let library = Library::new(file(library))?;
        let work = library.get::<unsafe extern "C" fn() -> i32>(b"enl_worker_run\0")?;
        Ok(work())
    }
}

/// The library's file. A program that contains the static library gives only the shared one's name, which is looked for
/// beside this program and in its prefix; after that the system looks for it.
fn file(library: &OsStr) -> PathBuf {
    let own = env::current_exe().unwrap_or_default();
    let folders = own.ancestors().skip(1).take(4).flat_map(|folder| [folder.to_owned(), folder.join("lib")]);
    let mut files = folders.map(|folder| folder.join(library));
    if Path::new(library).is_absolute() {
        library.into()
    } else {
        files.find(|file| file.is_file()).unwrap_or(library.into())
    }
}
