//! `enlarge models remove`.

use enlarger_import::UserModels;
use serde_json::json;

use crate::exit_status::{DONE, FAILED};
use crate::terminal::Terminal;

/// Runs `enlarge models remove ID…`.
pub fn remove(models: &[String], terminal: Terminal) -> u8 {
    let mut status = DONE;
    for id in models {
        let removed = UserModels::open().and_then(|store| store.remove(id));
        terminal.json(
            &json!({ "model": id, "ok": removed.is_ok(), "error": removed.as_ref().err().map(ToString::to_string) }),
        );
        match removed {
            Ok(()) => terminal.info(format_args!("{id}: removed")),
            Err(error) => {
                terminal.error(error);
                status = FAILED;
            }
        }
    }
    status
}
