//! Handles: numbers that look like pointers to C but are never dereferenced.
//!
//! A handle holds a mark, a generation, an index into a table, and the type of the object. Freed handles, handles of
//! another type and random numbers are looked up and refused. No memory is accessed through them.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use crate::boundary::write;
use crate::status::{
    ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY, ENL_ERROR_LIMIT, ENL_ERROR_NULL, ENL_ERROR_PANIC, ENL_ERROR_POISONED,
    Failure, Result,
};

/// The bits of a handle, from the lowest: type, index, generation. With 64 bits, the highest bit is always set, which
/// it is in no pointer of a program.
const TYPE_BITS: u32 = 4;
const INDEX_BITS: u32 = if usize::BITS == 64 { 20 } else { 12 };
const MARK: usize = if usize::BITS == 64 { 1 << 63 } else { 0 };
const GENERATIONS: usize = (usize::MAX & !MARK) >> (TYPE_BITS + INDEX_BITS);

/// A type of object that C programs use through handles.
pub(crate) trait HandleType: Send + Sync + Sized + 'static {
    /// The type that handles point to in C.
    type Opaque;
    /// The type's number; its name is `NAMES[KIND]`.
    const KIND: usize;
    /// All objects of this type.
    fn table() -> &'static Table<Self>;
}

/// The types by number. 0 is not a type.
const NAMES: [&str; 8] =
    ["nothing", "a registry", "options", "an upscaler", "a cancellation token", "advice", "a list of faces", "damage"];

struct Object<T> {
    value: RwLock<T>,
    poisoned: AtomicBool,
}

struct Slot<T> {
    generation: usize,
    object: Option<Arc<Object<T>>>,
}

struct Slots<T> {
    all: Vec<Slot<T>>,
    /// Indices of free slots, so that a new handle needs no search.
    free: Vec<usize>,
}

/// Objects by index.
pub(crate) struct Table<T>(Mutex<Slots<T>>);

impl<T> Table<T> {
    pub(crate) const fn new() -> Self {
        Table(Mutex::new(Slots { all: Vec::new(), free: Vec::new() }))
    }

    fn slots(&self) -> MutexGuard<'_, Slots<T>> {
        // No code that can panic leaves a slot half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Adds an object to its table and returns its handle.
fn insert<T: HandleType>(value: T) -> Result<*mut T::Opaque> {
    let object = Some(Arc::new(Object { value: RwLock::new(value), poisoned: AtomicBool::new(false) }));
    let mut slots = T::table().slots();
    let index = match slots.free.pop() {
        Some(index) => {
            slots.all[index] = Slot { generation: slots.all[index].generation + 1, object };
            index
        }
        None if slots.all.len() < 1 << INDEX_BITS => {
            slots.all.push(Slot { generation: 1, object });
            slots.all.len() - 1
        }
        None => {
            let message = format!("there are too many handles of {}; free unused ones", NAMES[T::KIND]);
            return Err(Failure::new(ENL_ERROR_LIMIT, message));
        }
    };
    let number = MARK | slots.all[index].generation << (TYPE_BITS + INDEX_BITS) | index << TYPE_BITS | T::KIND;
    Ok(ptr::without_provenance_mut(number))
}

/// Removes the object of a handle from its table. Calls that are using it keep it alive until they return. NULL is
/// ignored.
pub(crate) fn release<T: HandleType>(handle: *mut T::Opaque) -> Result<()> {
    if handle.is_null() {
        return Ok(());
    }
    let index = index_of::<T>(handle)?;
    let object = {
        let mut slots = T::table().slots();
        let slot = find(&mut slots.all, index, handle)?;
        let (object, generation) = (slot.object.take(), slot.generation);
        // A slot that has used up its generations stays empty. Otherwise its first handles would become valid again.
        if generation < GENERATIONS {
            slots.free.push(index);
        }
        object
    };
    // Dropped after the table is unlocked, because dropping may take long.
    drop(object);
    Ok(())
}

/// Calls `look` with an object. Several calls may do so at once. `BUSY` while another call changes the object.
pub(crate) fn with<T: HandleType, R>(handle: *const T::Opaque, look: impl FnOnce(&T) -> Result<R>) -> Result<R> {
    let object = get::<T>(handle)?;
    let value = object.value.try_read().map_err(|_| busy::<T>())?;
    check_sound::<T>(&object.poisoned)?;
    poison_on_panic(&object.poisoned, || look(&value))
}

/// Calls `change` with an object. `BUSY` while another call uses the object.
pub(crate) fn with_mut<T: HandleType, R>(
    handle: *mut T::Opaque,
    change: impl FnOnce(&mut T) -> Result<R>,
) -> Result<R> {
    let object = get::<T>(handle)?;
    let mut value = object.value.try_write().map_err(|_| busy::<T>())?;
    check_sound::<T>(&object.poisoned)?;
    poison_on_panic(&object.poisoned, || change(&mut value))
}

/// Poisons the object if the work panics, here or in an engine.
fn poison_on_panic<R>(poisoned: &AtomicBool, work: impl FnOnce() -> Result<R>) -> Result<R> {
    let outcome = catch_unwind(AssertUnwindSafe(work));
    if matches!(&outcome, Err(_) | Ok(Err(Failure { status: ENL_ERROR_PANIC, .. }))) {
        poisoned.store(true, Ordering::Release);
    }
    outcome.unwrap_or_else(|panic| resume_unwind(panic))
}

fn get<T: HandleType>(handle: *const T::Opaque) -> Result<Arc<Object<T>>> {
    let index = index_of::<T>(handle)?;
    let object = find(&mut T::table().slots().all, index, handle)?.object.clone().ok_or_else(|| bad(NAMES[T::KIND]))?;
    // Checked here because a panic leaves the lock closed for good, and again under the lock because a panic may happen
    // until then.
    check_sound::<T>(&object.poisoned)?;
    Ok(object)
}

fn check_sound<T: HandleType>(poisoned: &AtomicBool) -> Result<()> {
    if poisoned.load(Ordering::Acquire) {
        let message =
            format!("{} cannot be used after a panic inside it; free it and create another one", NAMES[T::KIND]);
        return Err(Failure::new(ENL_ERROR_POISONED, message));
    }
    Ok(())
}

/// The index in a handle, if the handle is of this type.
fn index_of<T: HandleType>(handle: *const T::Opaque) -> Result<usize> {
    let number = handle.addr();
    if number == 0 {
        let message = format!("expected {}, got NULL; check whether creating it failed", NAMES[T::KIND]);
        return Err(Failure::new(ENL_ERROR_NULL, message));
    }
    let kind = number & ((1 << TYPE_BITS) - 1);
    if number & MARK != MARK {
        return Err(bad(NAMES[T::KIND]));
    }
    match NAMES.get(kind).filter(|_| kind > 0) {
        Some(_) if kind == T::KIND => Ok(number >> TYPE_BITS & ((1 << INDEX_BITS) - 1)),
        Some(other) => {
            let message = format!("expected {}, got {other}; check the order of the arguments", NAMES[T::KIND]);
            Err(Failure::new(ENL_ERROR_BAD_HANDLE, message))
        }
        None => Err(bad(NAMES[T::KIND])),
    }
}

/// The slot of a handle that was not freed.
fn find<T: HandleType>(slots: &mut [Slot<T>], index: usize, handle: *const T::Opaque) -> Result<&mut Slot<T>> {
    let generation = (handle.addr() & !MARK) >> (TYPE_BITS + INDEX_BITS);
    slots
        .get_mut(index)
        .filter(|slot| slot.generation == generation && slot.object.is_some())
        .ok_or_else(|| bad(NAMES[T::KIND]))
}

fn bad(name: &str) -> Failure {
    Failure::new(ENL_ERROR_BAD_HANDLE, format!("this is not {name}, or it was freed; pass a handle that is still open"))
}

fn busy<T: HandleType>() -> Failure {
    let message =
        format!("{} is in use by another call; wait until that returns, or create one for each thread", NAMES[T::KIND]);
    Failure::new(ENL_ERROR_BUSY, message)
}

/// Creates an object and writes its handle to `out`, which is NULL after a failure.
///
/// # Safety
/// `out` is NULL or points to memory for a handle, aligned or not.
pub(crate) unsafe fn create<T: HandleType>(
    out: *mut *mut T::Opaque,
    what: &str,
    value: impl FnOnce() -> Result<T>,
) -> Result<()> {
    // SAFETY: the caller of this function promises it.
    unsafe { create_some(out, what, || value().map(Some)) }
}

/// Makes an object and writes its handle, or NULL if there is no object, or on failure.
///
/// # Safety
/// As for [`create`].
pub(crate) unsafe fn create_some<T: HandleType>(
    out: *mut *mut T::Opaque,
    what: &str,
    value: impl FnOnce() -> Result<Option<T>>,
) -> Result<()> {
    // SAFETY: the caller of this function promises it.
    unsafe { write(out, ptr::null_mut(), what)? };
    let Some(value) = value()? else { return Ok(()) };
    let handle = insert(value)?;
    // SAFETY: as above.
    unsafe { write(out, handle, what) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table of the test's own for each kind, because tests run at the same time.
    macro_rules! handle_type {
        ($name:ident, $kind:literal) => {
            struct $name;

            impl HandleType for $name {
                type Opaque = ();
                const KIND: usize = $kind;
                fn table() -> &'static Table<Self> {
                    static TABLE: Table<$name> = Table::new();
                    &TABLE
                }
            }
        };
    }

    fn status<T>(result: Result<T>) -> i32 {
        result.map_or_else(|failure| failure.status, |_| 0)
    }

    #[test]
    fn a_place_is_used_again_and_its_old_handle_is_not() {
        handle_type!(One, 1);
        let first = insert(One).unwrap();
        with(first, |_: &One| Ok(())).unwrap();
        release::<One>(first).unwrap();
        let second = insert(One).unwrap();
        assert_eq!(index_of::<One>(first).unwrap(), index_of::<One>(second).unwrap());
        assert_ne!(first, second);
        assert_eq!(status(release::<One>(first)), ENL_ERROR_BAD_HANDLE);
        with(second, |_: &One| Ok(())).unwrap();
        assert_eq!(One::table().slots().all.len(), 1);
    }

    #[test]
    fn a_place_without_generations_stays_empty() {
        handle_type!(Old, 2);
        release::<Old>(insert(Old).unwrap()).unwrap();
        Old::table().slots().all[0].generation = GENERATIONS - 1;
        let last = insert(Old).unwrap();
        assert_eq!(index_of::<Old>(last).unwrap(), 0);
        assert_eq!(last.addr() & MARK, MARK);
        release::<Old>(last).unwrap();
        let next = insert(Old).unwrap();
        assert_eq!(index_of::<Old>(next).unwrap(), 1);
        assert_eq!(status(release::<Old>(last)), ENL_ERROR_BAD_HANDLE);
    }

    #[test]
    fn other_kinds_and_numbers_are_refused() {
        handle_type!(Cat, 3);
        handle_type!(Dog, 4);
        let (cat, dog) = (insert(Cat).unwrap(), insert(Dog).unwrap());
        assert_eq!(status(with(dog, |_: &Cat| Ok(()))), ENL_ERROR_BAD_HANDLE);
        assert_eq!(status(release::<Dog>(cat)), ENL_ERROR_BAD_HANDLE);
        assert_eq!(status(with(ptr::null(), |_: &Cat| Ok(()))), ENL_ERROR_NULL);
        for number in [1, 15, usize::MAX, MARK, MARK | 3, cat.addr() ^ MARK] {
            // Without a mark on 32 bits, the last one is a right handle.
            if number != cat.addr() {
                assert_eq!(status(with(ptr::without_provenance(number), |_: &Cat| Ok(()))), ENL_ERROR_BAD_HANDLE);
            }
        }
        // An empty index of generation 0 is never a handle.
        let empty = ptr::without_provenance(MARK | 7 << TYPE_BITS | 3);
        assert_eq!(status(with(empty, |_: &Cat| Ok(()))), ENL_ERROR_BAD_HANDLE);
    }

    #[test]
    fn looking_is_shared_and_changing_is_not() {
        handle_type!(Book, 1);
        let book = insert(Book).unwrap();
        with(book, |_: &Book| {
            with(book, |_: &Book| Ok(()))?;
            assert_eq!(status(with_mut(book, |_: &mut Book| Ok(()))), ENL_ERROR_BUSY);
            Ok(())
        })
        .unwrap();
        with_mut(book, |_: &mut Book| {
            assert_eq!(status(with(book, |_: &Book| Ok(()))), ENL_ERROR_BUSY);
            // Freed in use: it goes on, and the handle is gone.
            release::<Book>(book)?;
            assert_eq!(status(with(book, |_: &Book| Ok(()))), ENL_ERROR_BAD_HANDLE);
            Ok(())
        })
        .unwrap();
    }

    #[test]
    fn what_panicked_is_poisoned_however_it_was_told() {
        handle_type!(Vase, 2);
        let (thrown, told) = (insert(Vase).unwrap(), insert(Vase).unwrap());
        let caught = catch_unwind(|| with_mut(thrown, |_: &mut Vase| -> Result<()> { panic!("it fell") }));
        assert!(caught.is_err());
        let failure = with_mut(told, |_: &mut Vase| Err::<(), _>(Failure::new(ENL_ERROR_PANIC, "it fell")));
        assert_eq!(status(failure), ENL_ERROR_PANIC);
        for vase in [thrown, told] {
            assert_eq!(status(with(vase, |_: &Vase| Ok(()))), ENL_ERROR_POISONED);
            assert_eq!(status(with_mut(vase, |_: &mut Vase| Ok(()))), ENL_ERROR_POISONED);
            release::<Vase>(vase).unwrap();
            assert_eq!(status(with(vase, |_: &Vase| Ok(()))), ENL_ERROR_BAD_HANDLE);
        }
    }

    /// What is dropped last may be dropped by another thread, and may use the table itself.
    #[test]
    fn dropping_may_use_the_table() {
        struct Nest(*mut ());
        // SAFETY: the pointer is a handle.
        unsafe impl Send for Nest {}
        // SAFETY: as above.
        unsafe impl Sync for Nest {}
        impl HandleType for Nest {
            type Opaque = ();
            const KIND: usize = 1;
            fn table() -> &'static Table<Self> {
                static TABLE: Table<Nest> = Table::new();
                &TABLE
            }
        }
        impl Drop for Nest {
            fn drop(&mut self) {
                let _ = release::<Nest>(self.0);
            }
        }
        let inner = insert(Nest(ptr::null_mut())).unwrap();
        let outer = insert(Nest(inner)).unwrap();
        release::<Nest>(outer).unwrap();
        assert_eq!(status(release::<Nest>(inner)), ENL_ERROR_BAD_HANDLE);
    }
}
