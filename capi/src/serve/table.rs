//! The functions that a host can call: all that the library exports, but those that make no sense here.

use std::sync::LazyLock;

use super::function::Function;
use crate::*;

/// A function and its name.
pub(super) type Entry = (&'static str, Box<dyn Function>);

macro_rules! table {
    ($($name:ident($($parameter:ty),*))*) => {
        vec![$((stringify!($name), Box::new($name as unsafe extern "C" fn($($parameter),*) -> _) as Box<dyn Function>)),*]
    };
}

/// The functions. A frame names one by its place in this list, which the host is told first.
pub(super) static TABLE: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    table! {
        enl_version()
        enl_version_string()
        enl_abi_version()
        enl_status_name(_)
        enl_log_set(_, _, _)
        enl_registry_new(_, _, _)
        enl_registry_model_count(_, _)
        enl_registry_model_text(_, _, _, _, _, _)
        enl_registry_engine_count(_, _)
        enl_registry_engine_text(_, _, _, _, _, _)
        enl_registry_device_count(_, _)
        enl_registry_device_text(_, _, _, _, _, _)
        enl_registry_free(_)
        enl_options_new(_, _)
        enl_options_set(_, _, _)
        enl_options_set_integer(_, _, _)
        enl_options_set_float(_, _, _)
        enl_options_set_bytes(_, _, _, _)
        enl_options_set_mask(_, _)
        enl_options_set_scratch_mask(_, _)
        enl_options_reset(_, _)
        enl_options_count(_, _)
        enl_options_key(_, _, _, _, _)
        enl_options_describe(_, _, _, _, _, _)
        enl_options_free(_)
        enl_upscaler_new(_, _, _)
        enl_upscaler_text(_, _, _, _, _)
        enl_upscaler_free(_)
        enl_upscaler_plan(_, _, _, _, _, _)
        enl_cancel_new(_)
        enl_cancel_request(_)
        enl_cancel_is_requested(_, _)
        enl_cancel_free(_)
        enl_upscaler_run(_, _, _, _, _, _, _, _)
        enl_upscaler_stream(_, _, _, _, _, _, _, _)
        enl_upscaler_measure(_, _, _, _, _)
        enl_upscaler_measure_faces(_, _, _, _, _)
        enl_upscaler_wants_faces(_, _, _, _, _)
        enl_upscaler_measure_content(_, _, _, _, _)
        enl_advice_new(_, _, _, _, _)
        enl_advice_count(_, _)
        enl_advice_text(_, _, _, _, _, _)
        enl_advice_value(_, _, _)
        enl_advice_free(_)
        enl_faces_find(_, _, _, _, _, _, _)
        enl_faces_count(_, _)
        enl_faces_get(_, _, _)
        enl_faces_free(_)
        enl_damage_find(_, _, _, _, _)
        enl_damage_mask(_, _)
        enl_options_set_damage(_, _)
        enl_damage_free(_)
        enl_upscaler_provenance(_, _, _, _, _, _, _, _, _)
        enl_registry_available_count(_, _)
        enl_registry_available_text(_, _, _, _, _, _)
        enl_registry_import(_, _, _, _, _, _, _, _)
        enl_registry_install(_, _, _, _, _, _)
        enl_registry_remove(_, _)
    }
});

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames carry the last error, and a worker is not started through another one.
    const LEFT_OUT: [&str; 2] = ["enl_last_error", "enl_worker_run"];

    #[test]
    fn every_exported_function_is_here() {
        let exported = include_str!("../../../tests/abi/symbols.txt");
        let mut expected: Vec<&str> = exported.lines().filter(|name| !LEFT_OUT.contains(name)).collect();
        let mut here: Vec<&str> = TABLE.iter().map(|entry| entry.0).collect();
        expected.sort_unstable();
        here.sort_unstable();
        assert_eq!(here, expected);
    }

    #[test]
    fn types_are_those_of_the_header() {
        let header = include_str!("../../../include/enlarger.h");
        for (name, function) in TABLE.iter() {
            let types = function.types();
            let parameters = types.split(", ").skip(1);
            let statements = header.split("ENL_API").skip(1).map(|rest| rest.split(");").next().unwrap_or(rest));
            let declared =
                statements.filter_map(|statement| statement.split_once('(')).find(|(head, _)| head.ends_with(name));
            let declared = declared.unwrap().1.split_whitespace().collect::<Vec<_>>().join(" ");
            // Without the names: "const char *key" becomes "const char *".
            let declared = declared.split(", ").filter(|one| *one != "void").map(|one| {
                one.trim_end_matches(|letter: char| letter.is_ascii_alphanumeric() || letter == '_').trim_end()
            });
            assert!(parameters.eq(declared.clone()), "{name}: {types}, {:?}", declared.collect::<Vec<_>>());
        }
    }
}
