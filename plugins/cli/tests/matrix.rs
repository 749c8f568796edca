//! Every file format against independent programs: runs `tests/formats/matrix`, which says what it compares.

use std::process::Command;

use enlarger_tests::installed::root;

#[test]
fn every_format_agrees_with_independent_programs() {
    let output = Command::new(root().join("target/python/bin/python"))
        .args(["-m", "matrix", env!("CARGO_BIN_EXE_enlarge")])
        .current_dir(root().join("tests/formats"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("Python with the packages that scripts/setup installs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}
