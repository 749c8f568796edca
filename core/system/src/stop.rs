//! What stops a program from outside on Windows: Ctrl-C, Ctrl-Break, closing the console's window, logging off, and shutting down.
//!
//! From Microsoft's page "HandlerRoutine": the system calls the handler on a thread of its own. After it has answered for one of the last
//! three, or after some five seconds, the process is ended. So for these the answer must wait for the work to stop.

use std::sync::OnceLock;
use std::thread::sleep;
use std::time::Duration;

use windows_sys::Win32::System::Console::{CTRL_BREAK_EVENT, CTRL_C_EVENT, SetConsoleCtrlHandler};
use windows_sys::core::BOOL;

/// The time that the work gets to stop before the process is ended. The system allows five seconds for a closed window.
const PATIENCE: Duration = Duration::from_millis(4000);

/// What a program does when it is stopped.
pub struct OnStop {
    /// Called for each request. Should make the program end soon.
    pub stop: Box<dyn Fn() + Send + Sync>,
    /// Called if the process is about to be ended although its work goes on. Must be short.
    pub abandon: fn(),
}

static ON_STOP: OnceLock<OnStop> = OnceLock::new();

/// Calls these functions when somebody stops the program. Only the first call counts.
///
/// # Errors
/// The system's, if the process takes no handler.
pub fn on_stop(on_stop: OnStop) -> std::io::Result<()> {
    if ON_STOP.set(on_stop).is_err() {
        return Ok(());
    }
    // SAFETY: the handler is a function of the type that the system calls, and stays loaded as long as the program.
    if unsafe { SetConsoleCtrlHandler(Some(handler), 1) } == 0 {
        return Err(std::io::Error::last_os_error());
    }
    Ok(())
}

unsafe extern "system" fn handler(event: u32) -> BOOL {
    let Some(on_stop) = ON_STOP.get() else { return 0 };
    (on_stop.stop)();
    if !matches!(event, CTRL_C_EVENT | CTRL_BREAK_EVENT) {
        // If the work stops in time, the process ends meanwhile, and this thread with it.
        sleep(PATIENCE);
        (on_stop.abandon)();
    }
    1
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Instant;

    use windows_sys::Win32::System::Console::{CTRL_CLOSE_EVENT, CTRL_LOGOFF_EVENT, CTRL_SHUTDOWN_EVENT};

    static STOPPED: AtomicU32 = AtomicU32::new(0);
    static ABANDONED: AtomicU32 = AtomicU32::new(0);

    fn count(counter: &AtomicU32) {
        counter.fetch_add(1, Ordering::SeqCst);
    }

    /// Calls the handler as the system does; nothing here closes the console of the tests.
    #[test]
    fn keys_are_answered_at_once_and_a_closed_window_when_the_work_had_its_time() {
        on_stop(OnStop { stop: Box::new(|| count(&STOPPED)), abandon: || count(&ABANDONED) }).unwrap();
        let counts = || (STOPPED.load(Ordering::SeqCst), ABANDONED.load(Ordering::SeqCst));
        for event in [CTRL_C_EVENT, CTRL_BREAK_EVENT] {
            // SAFETY: the handler takes any number.
            assert_eq!(unsafe { handler(event) }, 1);
        }
        assert_eq!(counts(), (2, 0));
        let began = Instant::now();
        std::thread::scope(|scope| {
            for event in [CTRL_CLOSE_EVENT, CTRL_LOGOFF_EVENT, CTRL_SHUTDOWN_EVENT] {
                // SAFETY: as above.
                scope.spawn(move || assert_eq!(unsafe { handler(event) }, 1));
            }
        });
        assert_eq!(counts(), (5, 3));
        assert!(began.elapsed() >= PATIENCE && began.elapsed() < Duration::from_millis(4900), "{:?}", began.elapsed());
    }
}
