//! Job objects of Windows: processes that have limits and an end in common.
//!
//! From Microsoft's page "Job Objects": processes that a member starts are members too, and since Windows 8 a process can be in several
//! jobs, each inside the one before. A job must never be named, so that no other program can open it.

use std::ffi::c_void;
use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle, RawHandle};
use std::ptr;

use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, JOB_OBJECT_LIMIT_PROCESS_MEMORY,
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectExtendedLimitInformation, SetInformationJobObject,
    TerminateJobObject,
};

/// A job object.
#[derive(Debug)]
pub(crate) struct Job(OwnedHandle);

impl Job {
    /// A job whose members are ended when its last handle is closed, which the system does for a process that ends.
    pub(crate) fn ending_with_its_handle() -> io::Result<Self> {
        Job::new(|limits| limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE)
    }

    /// A job whose members may commit so many bytes of memory each.
    pub(crate) fn limiting_memory(bytes: u64) -> io::Result<Self> {
        Job::new(|limits| {
            limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_PROCESS_MEMORY;
            limits.ProcessMemoryLimit = usize::try_from(bytes).unwrap_or(usize::MAX);
        })
    }

    fn new(set: impl FnOnce(&mut JOBOBJECT_EXTENDED_LIMIT_INFORMATION)) -> io::Result<Self> {
        // SAFETY: both arguments may be null: default security, which lets no child inherit the handle, and no name.
        let handle = unsafe { CreateJobObjectW(ptr::null(), ptr::null()) };
        if handle.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the handle is a new one that belongs to nobody else.
        let job = Job(unsafe { OwnedHandle::from_raw_handle(handle) });
        let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
        set(&mut limits);
        // SAFETY: the information is of the class that is named, and of the size that is given.
        let done = unsafe {
            SetInformationJobObject(
                job.0.as_raw_handle(),
                JobObjectExtendedLimitInformation,
                (&raw const limits).cast::<c_void>(),
                size_of_val(&limits) as u32,
            )
        };
        if done == 0 { Err(io::Error::last_os_error()) } else { Ok(job) }
    }

    /// Makes a process a member.
    pub(crate) fn add(&self, process: RawHandle) -> io::Result<()> {
        // SAFETY: the caller's handle is open while this runs; one that is no process is refused.
        let done = unsafe { AssignProcessToJobObject(self.0.as_raw_handle(), process) };
        if done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    /// Ends all members.
    pub(crate) fn end(&self) {
        // SAFETY: the handle is that of a job. Nothing can be done if it fails.
        unsafe { TerminateJobObject(self.0.as_raw_handle(), 1) };
    }
}
