//! Calls of exported functions by their types: as many arguments as the function has, each read as its type says.

use std::ffi::{CStr, c_char};

use super::argument::Argument;
use super::arguments::Arguments;
use super::wire::{Result, put_bytes};

/// An exported function.
pub(super) trait Function: Send + Sync {
    /// The C types of its result and its parameters, separated by a comma and a space.
    fn types(&self) -> String;

    /// Calls it.
    ///
    /// # Errors
    /// If the frame does not hold its arguments; then it was not called.
    fn call(&self, arguments: &mut Arguments<'_>) -> Result<Returned>;

    /// Reads its arguments and does not call it.
    ///
    /// # Errors
    /// As for a call.
    fn read(&self, arguments: &mut Arguments<'_>) -> Result<()>;
}

/// What a function returned.
pub(super) enum Returned {
    Status(i32),
    Number(u32),
    Text(&'static CStr),
}

impl Returned {
    /// Whether the function has failed, so that there is a message.
    pub(super) fn is_failure(&self) -> bool {
        matches!(self, Returned::Status(status) if *status != crate::status::ENL_OK)
    }

    pub(super) fn put(&self, answer: &mut Vec<u8>) {
        match self {
            Returned::Status(status) => answer.extend(status.to_ne_bytes()),
            Returned::Number(number) => answer.extend(number.to_ne_bytes()),
            Returned::Text(text) => put_bytes(answer, text.to_bytes()),
        }
    }
}

/// A type that a function returns.
trait Outcome {
    const TYPE: &'static str;
    fn returned(self) -> Returned;
}

impl Outcome for i32 {
    const TYPE: &'static str = "int32_t";
    fn returned(self) -> Returned {
        Returned::Status(self)
    }
}

impl Outcome for u32 {
    const TYPE: &'static str = "uint32_t";
    fn returned(self) -> Returned {
        Returned::Number(self)
    }
}

impl Outcome for *const c_char {
    const TYPE: &'static str = "const char *";
    fn returned(self) -> Returned {
        // SAFETY: the texts that exported functions return are static.
        Returned::Text(unsafe { CStr::from_ptr(self) })
    }
}

macro_rules! functions {
    ($($parameter:ident)*) => {
        #[allow(non_snake_case, unused_variables, reason = "the parameters are named as their types; a function may have none")]
        impl<Out: Outcome, $($parameter: Argument),*> Function for unsafe extern "C" fn($($parameter),*) -> Out {
            fn types(&self) -> String {
                [Out::TYPE, $($parameter::TYPE),*].join(", ")
            }

            fn call(&self, arguments: &mut Arguments<'_>) -> Result<Returned> {
                $(let $parameter = $parameter::take(arguments)?;)*
                arguments.end()?;
                // SAFETY: every pointer is NULL, a handle of any value, or to memory of the arguments that is as large as the function
                // is told, and that lives until it has returned.
                Ok(unsafe { self($($parameter),*) }.returned())
            }

            fn read(&self, arguments: &mut Arguments<'_>) -> Result<()> {
                $($parameter::take(arguments)?;)*
                arguments.end()
            }
        }
    };
}
functions!();
functions!(A);
functions!(A B);
functions!(A B C);
functions!(A B C D);
functions!(A B C D E);
functions!(A B C D E F);
functions!(A B C D E F G);
functions!(A B C D E F G H);
functions!(A B C D E F G H I);
