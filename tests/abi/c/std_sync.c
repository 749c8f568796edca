/* Tells the thread sanitizer about locks inside Rust's standard library, which is not instrumented.
 *
 * The standard library is precompiled. Code that locks an uncontended mutex is inlined into our code and instrumented.
 * A contended mutex is locked inside the library, and so is the mutex of a condition variable. Without this file, the
 * sanitizer would report every access that they guard as a race. No report is suppressed.
 *
 * The function names are mangled names, which scripts/sanitize looks up. The linker redirects calls to them (--wrap).
 */
#if defined(ABI_TSAN) && defined(ABI_LOCK) && defined(ABI_WAIT)

#define GLUE(a, b) a##b
#define WRAP(name) GLUE(__wrap_, name)
#define REAL(name) GLUE(__real_, name)

void __tsan_acquire(void *address);
void __tsan_release(void *address);

/* Mutex::lock_contended(&self) */
void REAL(ABI_LOCK)(void *mutex);
void WRAP(ABI_LOCK)(void *mutex);
void WRAP(ABI_LOCK)(void *mutex) {
    REAL(ABI_LOCK)(mutex);
    __tsan_acquire(mutex);
}

/* Condvar::wait(&self, mutex: &Mutex) */
void REAL(ABI_WAIT)(void *condvar, void *mutex);
void WRAP(ABI_WAIT)(void *condvar, void *mutex);
void WRAP(ABI_WAIT)(void *condvar, void *mutex) {
    __tsan_release(mutex);
    REAL(ABI_WAIT)(condvar, mutex);
    __tsan_acquire(mutex);
}

#else

/* ISO C forbids an empty file. */
typedef int std_sync_is_seen;

#endif
