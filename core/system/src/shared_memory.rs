//! Memory that another process of this machine has made and lends to this one: pixels go over without a copy through a pipe.
//!
//! It has no name that could stay behind: on Linux it is an open file of the other process, on Windows a mapping that vanishes with its
//! last handle. Other systems have neither. The other process may change the memory at any time, so there must never be a reference to it.

use std::io;

/// Memory of another process, mapped into this one until it is dropped.
#[derive(Debug)]
pub struct SharedMemory {
    start: *mut u8,
    size: usize,
}

impl SharedMemory {
    /// Opens memory by the name that its maker tells: on Linux `/proc/PROCESS/fd/NUMBER`, on Windows the mapping's name.
    ///
    /// # Errors
    /// The system's, or `Unsupported`; `InvalidInput` for no bytes, or more than the memory has.
    pub fn open(name: &str, size: usize) -> io::Result<Self> {
        if size == 0 {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(SharedMemory { start: map(name, size)?, size })
    }

    /// The first byte.
    pub fn start(&self) -> *mut u8 {
        self.start
    }

    /// The bytes that were opened.
    pub fn size(&self) -> usize {
        self.size
    }
}

impl Drop for SharedMemory {
    fn drop(&mut self) {
        unmap(self.start, self.size);
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn map(name: &str, size: usize) -> io::Result<*mut u8> {
    use std::fs::OpenOptions;
    use std::os::fd::AsRawFd;
    use std::ptr;

    // Whatever the name says, no other file is opened.
    let mut parts = name.strip_prefix("/proc/").unwrap_or_default().split("/fd/");
    let is_number = |part: Option<&str>| part.is_some_and(|part| part.parse::<u32>().is_ok());
    if !(is_number(parts.next()) && is_number(parts.next()) && parts.next().is_none()) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let file = OpenOptions::new().read(true).write(true).open(name)?;
    // Beyond the end of the file, every access would end the process.
    if file.metadata()?.len() < size as u64 {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // SAFETY: the system chooses the place, and the file stays mapped after it is closed.
    let start = unsafe {
        libc::mmap(ptr::null_mut(), size, libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED, file.as_raw_fd(), 0)
    };
    if start == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(start.cast()) }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn unmap(start: *mut u8, size: usize) {
    // SAFETY: this is what was mapped, and nothing uses it any more.
    unsafe { libc::munmap(start.cast(), size) };
}

#[cfg(windows)]
fn map(name: &str, size: usize) -> io::Result<*mut u8> {
    use std::os::windows::io::{FromRawHandle, OwnedHandle};
    use windows_sys::Win32::System::Memory::{
        FILE_MAP_ALL_ACCESS, MEMORY_BASIC_INFORMATION, MapViewOfFile, OpenFileMappingW, VirtualQuery,
    };

    let wide: Vec<u16> = name.encode_utf16().chain([0]).collect();
    // SAFETY: the name ends with a zero.
    let handle = unsafe { OpenFileMappingW(FILE_MAP_ALL_ACCESS, 0, wide.as_ptr()) };
    if handle.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle is new and belongs to nobody else. A view keeps the mapping after it is closed.
    let _handle = unsafe { OwnedHandle::from_raw_handle(handle) };
    // SAFETY: the handle is that of a mapping; the system refuses more bytes than it has.
    let view = unsafe { MapViewOfFile(handle, FILE_MAP_ALL_ACCESS, 0, 0, size) };
    if view.Value.is_null() {
        return Err(io::Error::last_os_error());
    }
    let mut information = MEMORY_BASIC_INFORMATION::default();
    // SAFETY: the view is mapped, and the information has its own size.
    let known = unsafe { VirtualQuery(view.Value, &mut information, size_of::<MEMORY_BASIC_INFORMATION>()) };
    if known == 0 || information.RegionSize < size {
        unmap(view.Value.cast(), size);
        return Err(io::ErrorKind::InvalidInput.into());
    }
    Ok(view.Value.cast())
}

#[cfg(windows)]
fn unmap(start: *mut u8, _: usize) {
    use windows_sys::Win32::System::Memory::{MEMORY_MAPPED_VIEW_ADDRESS, UnmapViewOfFile};
    // SAFETY: this is what was mapped, and nothing uses it any more.
    unsafe { UnmapViewOfFile(MEMORY_MAPPED_VIEW_ADDRESS { Value: start.cast() }) };
}

#[cfg(not(any(target_os = "linux", target_os = "android", windows)))]
fn map(_: &str, _: usize) -> io::Result<*mut u8> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(any(target_os = "linux", target_os = "android", windows)))]
fn unmap(_: *mut u8, _: usize) {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::FileExt;

    #[test]
    fn bytes_go_both_ways_and_nothing_beyond_the_end_is_mapped() {
        let file = tempfile();
        file.write_all_at(b"from the other side", 0).unwrap();
        let name = format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd());
        let memory = SharedMemory::open(&name, 19).unwrap();
        // SAFETY: 19 bytes are mapped, and nothing else writes to them.
        let read = unsafe { std::slice::from_raw_parts(memory.start(), memory.size()) }.to_vec();
        assert_eq!(read, b"from the other side");
        // SAFETY: as above.
        unsafe { memory.start().write(b'F') };
        let mut first = [0];
        file.read_exact_at(&mut first, 0).unwrap();
        assert_eq!(first, *b"F");
        for size in [0, 20, usize::MAX] {
            assert!(SharedMemory::open(&name, size).is_err(), "{size}");
        }
        for other in ["", "/etc/hostname", "/proc/self/fd/0", "/proc/1/fd/0/fd/1", "/proc/1/fd/../../2/fd/0"] {
            assert_eq!(SharedMemory::open(other, 1).unwrap_err().kind(), io::ErrorKind::InvalidInput, "{other}");
        }
        drop(file);
        assert!(SharedMemory::open(&name, 19).is_err());
    }

    /// A file without a name.
    fn tempfile() -> std::fs::File {
        use std::os::fd::FromRawFd;
        // SAFETY: the name ends with a zero.
        let number = unsafe { libc::memfd_create(c"enlarger-test".as_ptr(), libc::MFD_CLOEXEC) };
        assert!(number >= 0);
        // SAFETY: the file is new and belongs to nobody else.
        unsafe { std::fs::File::from_raw_fd(number) }
    }
}
