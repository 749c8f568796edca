//! The engine rten as an engine library: `cargo build --release -p enlarger-engine-api --example rten`.

enlarger_engine_api::export_engine!(enlarger_engine_rten::Rten::new());
