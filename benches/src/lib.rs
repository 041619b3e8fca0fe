//! Contains only benchmarks: `benches/calls.rs` (see `docs/benchmarks.md`) and `benches/fleet/` (see `docs/fleet.md`).
