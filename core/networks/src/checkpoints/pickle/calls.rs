//! What the calls in a pickle mean. Nothing is called: a few well-known functions describe tensors, maps and storages,
//! which are made as values here; the result of any other function is an opaque object with the function's name.
//!
//! A function that would run a program or read files is refused wherever it stands, because other programs would call it.

use enlarger::{Error, Result};

use super::machine::Machine;
use super::value::{Global, PickledStorage, PickledTensor, Value};
use crate::checkpoints::limits::{self, exceeded};
use crate::errors::invalid;

/// Modules with functions that run programs, run code, open files or load more code. A submodule counts with its module.
const DANGEROUS_MODULES: &[&str] = &[
    "_ctypes",
    "_pickle",
    "_posixsubprocess",
    "asyncio",
    "bdb",
    "cProfile",
    "cloudpickle",
    "ctypes",
    "dill",
    "doctest",
    "ftplib",
    "httplib",
    "imp",
    "importlib",
    "marshal",
    "nt",
    "os",
    "pdb",
    "pickle",
    "popen2",
    "posix",
    "pty",
    "requests",
    "runpy",
    "shelve",
    "shutil",
    "smtplib",
    "socket",
    "subprocess",
    "sys",
    "telnetlib",
    "timeit",
    "urllib.request",
    "urllib2",
    "webbrowser",
    "zipimport",
];

/// Functions of Python itself that do.
const DANGEROUS_BUILTINS: &[&str] = &[
    "__import__",
    "apply",
    "breakpoint",
    "compile",
    "delattr",
    "eval",
    "exec",
    "execfile",
    "file",
    "globals",
    "input",
    "open",
    "raw_input",
    "setattr",
];

/// Functions of other modules that do.
const DANGEROUS_FUNCTIONS: &[(&str, &str)] = &[
    ("code", "InteractiveConsole"),
    ("code", "InteractiveInterpreter"),
    ("commands", "getoutput"),
    ("numpy.testing._private.utils", "runstring"),
    ("torch", "load"),
    ("torch.hub", "load"),
    ("torch.jit", "load"),
    ("torch.serialization", "load"),
    ("torch.utils.cpp_extension", "load"),
    ("torch.utils.cpp_extension", "load_inline"),
    ("types", "CodeType"),
    ("types", "FunctionType"),
    ("urllib", "urlopen"),
    ("urllib", "urlretrieve"),
];

impl Machine<'_> {
    /// The value that calling `function` would make.
    pub(super) fn call(&mut self, function: Value, arguments: Value) -> Result<Value> {
        let Value::Global(number) = function else {
            // What an unknown function would return could be called in turn.
            return match function {
                Value::Object(_) | Value::Unknown => Ok(Value::Unknown),
                _ => Err(self.damaged()),
            };
        };
        let global = &self.pickle.globals[number as usize];
        if dangerous(global) {
            let error = runs(global);
            self.dangerous = true;
            return Err(error);
        }
        let arguments = self.pickle.sequence(arguments).unwrap_or_default();
        let argument = |place: usize| arguments.get(place).copied();
        let made = match (global.module.as_str(), global.name.as_str()) {
            ("collections", "OrderedDict") | ("builtins" | "__builtin__", "dict") => match argument(0) {
                None => Some(self.map(Vec::new())?),
                Some(pairs) => self.map_of_pairs(pairs)?,
            },
            ("collections", "defaultdict") => Some(self.map(Vec::new())?),
            ("torch", "Size") => argument(0).filter(|sizes| self.pickle.sequence(*sizes).is_some()),
            ("torch._utils", "_rebuild_tensor" | "_rebuild_tensor_v2") => {
                self.tensor([0, 1, 2, 3].map(argument), None)?
            }
            ("torch._utils", "_rebuild_tensor_v3") => {
                let kind = if let Some(Value::Global(kind)) = argument(6) { Some(kind) } else { None };
                self.tensor([0, 1, 2, 3].map(argument), kind)?
            }
            ("torch._utils", "_rebuild_parameter" | "_rebuild_parameter_with_state")
            | ("torch.nn.parameter", "Parameter" | "Buffer") => {
                argument(0).filter(|data| matches!(data, Value::Tensor(_) | Value::Object(_)))
            }
            // A tensor with attributes: the function and the arguments that make the tensor, among others.
            ("torch._tensor" | "torch.tensor", "_rebuild_from_type" | "_rebuild_from_type_v2") => {
                match (argument(0), argument(2)) {
                    (Some(function @ Value::Global(_)), Some(arguments)) => Some(self.call(function, arguments)?),
                    _ => None,
                }
            }
            // How old protocols make an object: the class is an argument.
            ("copy_reg" | "copyreg", "_reconstructor") => match argument(0) {
                Some(Value::Global(class)) => Some(Value::Object(class)),
                _ => None,
            },
            _ => None,
        };
        Ok(made.unwrap_or(Value::Object(number)))
    }

    /// A map from a sequence of pairs: how Python 2 wrote ordered maps.
    fn map_of_pairs(&mut self, list: Value) -> Result<Option<Value>> {
        if let Value::Map(_) = list {
            return Ok(Some(list));
        }
        let Some(pairs) = self.pickle.sequence(list) else { return Ok(None) };
        let count = 2 * pairs.len();
        // A list that is there once could be copied often.
        self.count(count)?;
        let Some(pairs) = self.pickle.sequence(list) else { return Ok(None) };
        let mut items = Vec::with_capacity(count);
        for pair in pairs {
            match self.pickle.sequence(*pair) {
                Some(pair @ [_, _]) => items.extend_from_slice(pair),
                _ => return Err(self.damaged()),
            }
        }
        self.map(items).map(Some)
    }

    /// A tensor from the arguments storage, offset, shape and strides.
    fn tensor(&mut self, arguments: [Option<Value>; 4], kind: Option<u32>) -> Result<Option<Value>> {
        let [Some(Value::Storage(storage)), Some(Value::Int(offset)), Some(shape), Some(strides)] = arguments else {
            return Ok(None);
        };
        let offset = u64::try_from(offset).map_err(|_| self.damaged())?;
        let number = self.pickle.tensors.len();
        if number >= limits::TENSORS {
            return Err(exceeded(format_args!("more than {} tensors", limits::TENSORS)));
        }
        self.pickle.tensors.push(PickledTensor { storage, offset, shape, strides, kind });
        Ok(Some(Value::Tensor(number as u32)))
    }

    /// The value with this persistent id: a storage, or a class of a pickled module.
    pub(super) fn persistent(&mut self, id: Value) -> Result<Value> {
        let Some(&[first, second, ref rest @ ..]) = self.pickle.sequence(id) else { return Ok(Value::Unknown) };
        match (self.pickle.name(first), second, rest) {
            (Some("storage"), Value::Global(kind), &[key, _, Value::Int(elements), ref rest @ ..]) => {
                let view = match rest {
                    [] | [Value::None] => None,
                    [view] => match self.pickle.sequence(*view) {
                        Some(&[_, Value::Int(start), Value::Int(length)]) if start >= 0 && length >= 0 => {
                            Some((start as u64, length as u64))
                        }
                        _ => return Err(self.damaged()),
                    },
                    _ => return Err(self.damaged()),
                };
                let elements = u64::try_from(elements).map_err(|_| self.damaged())?;
                let number = self.pickle.storages.len();
                if number >= limits::TENSORS {
                    return Err(exceeded(format_args!("more than {} storages", limits::TENSORS)));
                }
                self.pickle.storages.push(PickledStorage { kind, key, elements, view });
                Ok(Value::Storage(number as u32))
            }
            (Some("storage"), ..) => Err(self.damaged()),
            (Some("module"), class, _) => Ok(class),
            _ => Ok(Value::Unknown),
        }
    }
}

fn dangerous(global: &Global) -> bool {
    let Global { module, name } = global;
    let top = module.split('.').next().unwrap_or_default();
    DANGEROUS_MODULES.contains(&top)
        || DANGEROUS_MODULES.contains(&module.as_str())
        || matches!(top, "builtins" | "__builtin__") && DANGEROUS_BUILTINS.contains(&name.as_str())
        || DANGEROUS_FUNCTIONS.contains(&(module.as_str(), name.as_str()))
}

/// The refusal of a pickle that would run a program.
fn runs(global: &Global) -> Error {
    invalid(format!(
        "this file would run `{global}` in programs that load it with Python's pickle; do not use it, and get the model from a source that you trust"
    ))
}
