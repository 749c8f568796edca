/* Tells the thread sanitizer what Rust's standard library does where it is not instrumented.
 *
 * That library comes built. A mutex that nobody else wants is taken by code that is compiled into ours, and seen; one
 * that is contended is taken inside the library, and so is the mutex of a condition variable given back. Without this,
 * all that they guard would look like a race. Nothing is hidden: what happens is said, no report is suppressed.
 *
 * The names are the linker's, which scripts/sanitize looks up; calls of them come here (--wrap).
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
