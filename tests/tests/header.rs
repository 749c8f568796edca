//! The headers compile alone with strict warnings and each compiler, and the C++ header works.

use std::fs;

use enlarger_tests::installed::{Installed, root};

const STRICT: &str = "-Wall -Wextra -Wpedantic -Werror";

#[test]
fn headers_compile_alone() {
    let here = Installed::nowhere(env!("CARGO_TARGET_TMPDIR"), "headers");
    let all = "#include <enlarger.h>\n#include <enlarger_engine.h>\n";
    for file in ["alone.c", "alone.cpp"] {
        fs::write(here.work.join(file), all.repeat(2)).unwrap();
    }
    for compiler in ["gcc", "clang"] {
        here.shell(&format!("{compiler} -std=c11 {STRICT} -I\"$REPOSITORY/include\" -c alone.c"));
    }
    for compiler in ["g++", "clang++"] {
        here.shell(&format!("{compiler} -std=c++17 {STRICT} -I\"$REPOSITORY/include\" -c alone.cpp"));
    }
}

#[test]
fn the_cpp_header_works_in_two_units() {
    let here = Installed::new(env!("CARGO_TARGET_TMPDIR"), "cpp header");
    for compiler in ["g++", "clang++"] {
        let said = here.shell(&format!(
            "eval {compiler} -std=c++17 {STRICT} -Wshadow -Wconversion \
             $REPOSITORY/tests/programs/{{cpp_header,other_unit}}.cpp -o program $(pkg-config --cflags --libs enlarger) && ./program"
        ));
        assert_eq!(said, "all is well\n", "{compiler}");
    }
    let lines = fs::read_to_string(root().join("include/enlarger.hpp")).unwrap().lines().count();
    assert!(lines < 225, "enlarger.hpp is a thin layer and must stay below 225 lines; it has {lines}");
}
