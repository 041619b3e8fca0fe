//! Holds the benchmarks of `benches/calls.rs`; see `docs/benchmarks.md`.
