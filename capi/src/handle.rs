//! Handles: numbers that look like pointers to C and are never followed.
//!
//! A handle is a mark, a generation, a place in a table and the kind of object. Whatever a caller gives, a freed handle, one of
//! another kind, a random number, is looked up and refused; no memory is touched for it.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use crate::boundary::write;
use crate::status::{
    ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY, ENL_ERROR_LIMIT, ENL_ERROR_NULL, ENL_ERROR_PANIC, ENL_ERROR_POISONED,
    Failure, Result,
};

/// Bits of a handle, from the lowest: kind, place, generation. With 64 bits the highest one is always set; no
/// pointer of a program looks like that.
const KIND_BITS: u32 = 4;
const PLACE_BITS: u32 = if usize::BITS == 64 { 20 } else { 12 };
const MARK: usize = if usize::BITS == 64 { 1 << 63 } else { 0 };
const GENERATIONS: usize = (usize::MAX & !MARK) >> (KIND_BITS + PLACE_BITS);

/// Something that C programs hold a handle of.
pub(crate) trait Noun: Send + Sync + Sized + 'static {
    /// What handles point to, as far as C knows.
    type Opaque;
    /// The kind; its name is `NAMES[KIND]`.
    const KIND: usize;
    /// All objects of this kind.
    fn table() -> &'static Table<Self>;
}

/// The kinds, by number. 0 is none.
const NAMES: [&str; 5] = ["nothing", "a registry", "options", "an upscaler", "a cancel"];

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
    /// Places to use again. Without them a program with many handles would wait for each new one.
    free: Vec<usize>,
}

/// Objects by place.
pub(crate) struct Table<T>(Mutex<Slots<T>>);

impl<T> Table<T> {
    pub(crate) const fn new() -> Self {
        Table(Mutex::new(Slots { all: Vec::new(), free: Vec::new() }))
    }

    fn slots(&self) -> MutexGuard<'_, Slots<T>> {
        // Nothing that can panic leaves a slot half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes a handle of a new object.
pub(crate) fn make<T: Noun>(value: T) -> Result<*mut T::Opaque> {
    let object = Some(Arc::new(Object { value: RwLock::new(value), poisoned: AtomicBool::new(false) }));
    let mut slots = T::table().slots();
    let place = match slots.free.pop() {
        Some(place) => {
            slots.all[place] = Slot { generation: slots.all[place].generation + 1, object };
            place
        }
        None if slots.all.len() < 1 << PLACE_BITS => {
            slots.all.push(Slot { generation: 1, object });
            slots.all.len() - 1
        }
        None => {
            let message = format!("there are too many handles of {}; free those that are not used", NAMES[T::KIND]);
            return Err(Failure::new(ENL_ERROR_LIMIT, message));
        }
    };
    let number = MARK | slots.all[place].generation << (KIND_BITS + PLACE_BITS) | place << KIND_BITS | T::KIND;
    Ok(ptr::without_provenance_mut(number))
}

/// Takes the object of a handle out of its table. Whoever uses it at this moment keeps it until done. NULL is
/// nothing.
pub(crate) fn release<T: Noun>(handle: *mut T::Opaque) -> Result<()> {
    if handle.is_null() {
        return Ok(());
    }
    let place = place_of::<T>(handle)?;
    let object = {
        let mut slots = T::table().slots();
        let slot = find(&mut slots.all, place, handle)?;
        let (object, generation) = (slot.object.take(), slot.generation);
        // A place whose generations are used up stays empty: its first handles must not come back to life.
        if generation < GENERATIONS {
            slots.free.push(place);
        }
        object
    };
    // Dropped here, when the table is free again: what is dropped may take long.
    drop(object);
    Ok(())
}

/// Looks at an object. Others may look at the same time; `BUSY` while somebody changes it.
pub(crate) fn with<T: Noun, R>(handle: *const T::Opaque, look: impl FnOnce(&T) -> Result<R>) -> Result<R> {
    let object = get::<T>(handle)?;
    let value = object.value.try_read().map_err(|_| busy::<T>())?;
    check_sound::<T>(&object.poisoned)?;
    watched(&object.poisoned, || look(&value))
}

/// Changes an object; `BUSY` while anybody uses it.
pub(crate) fn with_mut<T: Noun, R>(handle: *mut T::Opaque, change: impl FnOnce(&mut T) -> Result<R>) -> Result<R> {
    let object = get::<T>(handle)?;
    let mut value = object.value.try_write().map_err(|_| busy::<T>())?;
    check_sound::<T>(&object.poisoned)?;
    watched(&object.poisoned, || change(&mut value))
}

/// Poisons the object if the work panics, here or in an engine.
fn watched<R>(poisoned: &AtomicBool, work: impl FnOnce() -> Result<R>) -> Result<R> {
    let outcome = catch_unwind(AssertUnwindSafe(work));
    if matches!(&outcome, Err(_) | Ok(Err(Failure { status: ENL_ERROR_PANIC, .. }))) {
        poisoned.store(true, Ordering::Release);
    }
    outcome.unwrap_or_else(|panic| resume_unwind(panic))
}

fn get<T: Noun>(handle: *const T::Opaque) -> Result<Arc<Object<T>>> {
    let place = place_of::<T>(handle)?;
    let object = find(&mut T::table().slots().all, place, handle)?.object.clone().ok_or_else(|| bad(NAMES[T::KIND]))?;
    // Looked at again once it is locked: it may break until then. Here because a panic leaves its lock shut for good.
    check_sound::<T>(&object.poisoned)?;
    Ok(object)
}

fn check_sound<T: Noun>(poisoned: &AtomicBool) -> Result<()> {
    if poisoned.load(Ordering::Acquire) {
        let message =
            format!("{} cannot be used any more after a panic inside it; free it and make another one", NAMES[T::KIND]);
        return Err(Failure::new(ENL_ERROR_POISONED, message));
    }
    Ok(())
}

/// The place that a handle names, if it is one of this kind.
fn place_of<T: Noun>(handle: *const T::Opaque) -> Result<usize> {
    let number = handle.addr();
    if number == 0 {
        let message = format!("{} is needed, and NULL was given; look whether making it failed", NAMES[T::KIND]);
        return Err(Failure::new(ENL_ERROR_NULL, message));
    }
    let kind = number & ((1 << KIND_BITS) - 1);
    if number & MARK != MARK {
        return Err(bad(NAMES[T::KIND]));
    }
    match NAMES.get(kind).filter(|_| kind > 0) {
        Some(_) if kind == T::KIND => Ok(number >> KIND_BITS & ((1 << PLACE_BITS) - 1)),
        Some(other) => {
            let message =
                format!("this is {other}, and {} is needed; check the order of the arguments", NAMES[T::KIND]);
            Err(Failure::new(ENL_ERROR_BAD_HANDLE, message))
        }
        None => Err(bad(NAMES[T::KIND])),
    }
}

/// The slot of a handle that is alive.
fn find<T: Noun>(slots: &mut [Slot<T>], place: usize, handle: *const T::Opaque) -> Result<&mut Slot<T>> {
    let generation = (handle.addr() & !MARK) >> (KIND_BITS + PLACE_BITS);
    slots
        .get_mut(place)
        .filter(|slot| slot.generation == generation && slot.object.is_some())
        .ok_or_else(|| bad(NAMES[T::KIND]))
}

fn bad(name: &str) -> Failure {
    Failure::new(ENL_ERROR_BAD_HANDLE, format!("this is not {name}, or it was freed; use one that is alive"))
}

fn busy<T: Noun>() -> Failure {
    let message =
        format!("{} is in use by another call; wait for that to return, or make one for each thread", NAMES[T::KIND]);
    Failure::new(ENL_ERROR_BUSY, message)
}

/// Makes an object and writes its handle to the caller's place for it, which is NULL first and stays so on failure.
///
/// # Safety
/// `place` is NULL or points to memory for a handle, aligned or not.
pub(crate) unsafe fn give<T: Noun>(
    place: *mut *mut T::Opaque,
    what: &str,
    value: impl FnOnce() -> Result<T>,
) -> Result<()> {
    // SAFETY: the caller of this function promises it.
    unsafe { write(place, ptr::null_mut(), what)? };
    let handle = make(value()?)?;
    // SAFETY: as above.
    unsafe { write(place, handle, what) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table of the test's own for each kind, because tests run at the same time.
    macro_rules! noun {
        ($name:ident, $kind:literal) => {
            struct $name;

            impl Noun for $name {
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
        noun!(One, 1);
        let first = make(One).unwrap();
        with(first, |_: &One| Ok(())).unwrap();
        release::<One>(first).unwrap();
        let second = make(One).unwrap();
        assert_eq!(place_of::<One>(first).unwrap(), place_of::<One>(second).unwrap());
        assert_ne!(first, second);
        assert_eq!(status(release::<One>(first)), ENL_ERROR_BAD_HANDLE);
        with(second, |_: &One| Ok(())).unwrap();
        assert_eq!(One::table().slots().all.len(), 1);
    }

    #[test]
    fn a_place_without_generations_stays_empty() {
        noun!(Old, 2);
        release::<Old>(make(Old).unwrap()).unwrap();
        Old::table().slots().all[0].generation = GENERATIONS - 1;
        let last = make(Old).unwrap();
        assert_eq!(place_of::<Old>(last).unwrap(), 0);
        assert_eq!(last.addr() & MARK, MARK);
        release::<Old>(last).unwrap();
        let next = make(Old).unwrap();
        assert_eq!(place_of::<Old>(next).unwrap(), 1);
        assert_eq!(status(release::<Old>(last)), ENL_ERROR_BAD_HANDLE);
    }

    #[test]
    fn other_kinds_and_numbers_are_refused() {
        noun!(Cat, 3);
        noun!(Dog, 4);
        let (cat, dog) = (make(Cat).unwrap(), make(Dog).unwrap());
        assert_eq!(status(with(dog, |_: &Cat| Ok(()))), ENL_ERROR_BAD_HANDLE);
        assert_eq!(status(release::<Dog>(cat)), ENL_ERROR_BAD_HANDLE);
        assert_eq!(status(with(ptr::null(), |_: &Cat| Ok(()))), ENL_ERROR_NULL);
        for number in [1, 15, usize::MAX, MARK, MARK | 3, cat.addr() ^ MARK] {
            // Without a mark on 32 bits, the last one is a right handle.
            if number != cat.addr() {
                assert_eq!(status(with(ptr::without_provenance(number), |_: &Cat| Ok(()))), ENL_ERROR_BAD_HANDLE);
            }
        }
        // An empty place of generation 0 is never a handle.
        let empty = ptr::without_provenance(MARK | 7 << KIND_BITS | 3);
        assert_eq!(status(with(empty, |_: &Cat| Ok(()))), ENL_ERROR_BAD_HANDLE);
    }

    #[test]
    fn looking_is_shared_and_changing_is_not() {
        noun!(Book, 1);
        let book = make(Book).unwrap();
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
        noun!(Vase, 2);
        let (thrown, told) = (make(Vase).unwrap(), make(Vase).unwrap());
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
        impl Noun for Nest {
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
        let inner = make(Nest(ptr::null_mut())).unwrap();
        let outer = make(Nest(inner)).unwrap();
        release::<Nest>(outer).unwrap();
        assert_eq!(status(release::<Nest>(inner)), ENL_ERROR_BAD_HANDLE);
    }
}
