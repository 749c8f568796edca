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

/// Objects by place.
pub(crate) struct Table<T>(Mutex<Vec<Slot<T>>>);

impl<T> Table<T> {
    pub(crate) const fn new() -> Self {
        Table(Mutex::new(Vec::new()))
    }

    fn slots(&self) -> MutexGuard<'_, Vec<Slot<T>>> {
        // Nothing that can panic leaves a slot half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes a handle of a new object.
pub(crate) fn make<T: Noun>(value: T) -> Result<*mut T::Opaque> {
    let object = Some(Arc::new(Object { value: RwLock::new(value), poisoned: AtomicBool::new(false) }));
    let mut slots = T::table().slots();
    // A place whose generations are used up stays empty.
    let place = match slots.iter().position(|slot| slot.object.is_none() && slot.generation < GENERATIONS) {
        Some(place) => {
            slots[place] = Slot { generation: slots[place].generation + 1, object };
            place
        }
        None if slots.len() < 1 << PLACE_BITS => {
            slots.push(Slot { generation: 1, object });
            slots.len() - 1
        }
        None => {
            let message = format!("there are too many handles of {}; free those that are not used", NAMES[T::KIND]);
            return Err(Failure::new(ENL_ERROR_LIMIT, message));
        }
    };
    let number = MARK | slots[place].generation << (KIND_BITS + PLACE_BITS) | place << KIND_BITS | T::KIND;
    Ok(ptr::without_provenance_mut(number))
}

/// Takes the object of a handle out of its table. Whoever uses it at this moment keeps it until done. NULL is
/// nothing.
pub(crate) fn release<T: Noun>(handle: *mut T::Opaque) -> Result<()> {
    if handle.is_null() {
        return Ok(());
    }
    let place = place_of::<T>(handle)?;
    let object = find(&mut T::table().slots(), place, handle)?.object.take();
    // Dropped here, when the table is free again: what is dropped may take long.
    drop(object);
    Ok(())
}

/// Looks at an object. Others may look at the same time; `BUSY` while somebody changes it.
pub(crate) fn with<T: Noun, R>(handle: *const T::Opaque, look: impl FnOnce(&T) -> Result<R>) -> Result<R> {
    let object = get::<T>(handle)?;
    let value = object.value.try_read().map_err(|_| busy::<T>())?;
    watched(&object.poisoned, || look(&value))
}

/// Changes an object; `BUSY` while anybody uses it.
pub(crate) fn with_mut<T: Noun, R>(handle: *mut T::Opaque, change: impl FnOnce(&mut T) -> Result<R>) -> Result<R> {
    let object = get::<T>(handle)?;
    let mut value = object.value.try_write().map_err(|_| busy::<T>())?;
    watched(&object.poisoned, || change(&mut value))
}

/// Poisons the object if the work panics, here or in an engine. (So its lock never sees a panic.)
fn watched<R>(poisoned: &AtomicBool, work: impl FnOnce() -> Result<R>) -> Result<R> {
    let outcome = catch_unwind(AssertUnwindSafe(work));
    if matches!(&outcome, Err(_) | Ok(Err(Failure { status: ENL_ERROR_PANIC, .. }))) {
        poisoned.store(true, Ordering::Release);
    }
    outcome.unwrap_or_else(|panic| resume_unwind(panic))
}

fn get<T: Noun>(handle: *const T::Opaque) -> Result<Arc<Object<T>>> {
    let place = place_of::<T>(handle)?;
    let object = find(&mut T::table().slots(), place, handle)?.object.clone().ok_or_else(|| bad(NAMES[T::KIND]))?;
    if object.poisoned.load(Ordering::Acquire) {
        let message =
            format!("{} cannot be used any more after a panic inside it; free it and make another one", NAMES[T::KIND]);
        return Err(Failure::new(ENL_ERROR_POISONED, message));
    }
    Ok(object)
}

/// The place that a handle names, if it is one of this kind.
fn place_of<T: Noun>(handle: *const T::Opaque) -> Result<usize> {
    let number = handle.addr();
    if number == 0 {
        return Err(Failure::new(ENL_ERROR_NULL, format!("NULL was given where {} is needed", NAMES[T::KIND])));
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
