//! The engine winograd as an engine library: `cargo build --release -p enlarger-engine-api --example winograd`.

enlarger_engine_api::export_engine!(enlarger_engine_winograd::Winograd::new());
