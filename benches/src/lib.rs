//! Contains only benchmarks: `benches/calls.rs` and `benches/compositions/` (see `docs/benchmarks.md`), `benches/fleet/` (see
//! `docs/fleet.md`), and the soak `benches/soak/` (see `docs/soak.md`).
