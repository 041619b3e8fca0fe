//! The tables of `docs/benchmarks.md`.

use std::fmt::Write;

use crate::costs::Costs;
use crate::figures::Figures;
use crate::figures::Library;
use crate::figures::Work;
use crate::goals::Goal;
use crate::throughput::Rates;

/// The medians of all libraries. In parentheses: ours divided by our fresh hit, a peer's divided by ours.
pub(super) fn calls(figures: &Figures) -> String {
    let libraries = Library::ALL.map(Library::name).join(" | ");
    let rules = " --- |".repeat(Library::ALL.len());
    let mut table = format!("| one call, median µs | {libraries} |\n| --- |{rules}\n");
    for work in Work::ALL {
        let Some(ours) = figures.get(work, Library::Ours) else { continue };
        let cells = Library::ALL.map(|library| {
            let base = match library {
                Library::Ours => figures.get(Work::HitOne, Library::Ours).unwrap_or(ours),
                _ => ours,
            };
            let cell = |median| format!("{} ({})", number(median), ratio(median / base));
            figures.get(work, library).map_or("–".to_owned(), cell)
        });
        // Writing to a string cannot fail.
        let _ = writeln!(table, "| {} | {} |", work.title(), cells.join(" | "));
    }
    table
}

pub(super) fn throughput(rates: &[Rates]) -> String {
    let mut table = String::from(
        "| tasks | hits per second, fresh | ratio | fresh instances per second | ratio |\n\
         | --- | --- | --- | --- | --- |\n",
    );
    let one = rates.first().copied().unwrap_or_default();
    for Rates { tasks, hits, instances } in rates {
        let _ = writeln!(
            table,
            "| {tasks} | {} | {:.2} | {} | {:.2} |",
            grouped(*hits as usize),
            hits / one.hits,
            grouped(*instances as usize),
            instances / one.instances,
        );
    }
    table
}

pub(super) fn costs(costs: &Costs) -> String {
    let mut table = String::from(
        "| one call in a fresh instance | fuel | guest memory |\n| --- | --- | --- |\n",
    );
    for (name, cost) in costs.calls() {
        let (fuel, memory) = (grouped(cost.fuel as usize), cost.memory >> 10);
        let _ = writeln!(table, "| {name} | {fuel} | {memory} KiB |");
    }
    table
}

pub(super) fn goals(goals: &[Goal]) -> String {
    let mut table = String::from("| figure | goal | here | |\n| --- | --- | --- | --- |\n");
    for Goal { figure, goal, here } in goals {
        let (here, verdict) = match here {
            Some((here, true)) => (here.as_str(), "met"),
            Some((here, false)) => (here.as_str(), "missed"),
            None => ("–", "not measured"),
        };
        let _ = writeln!(table, "| {figure} | {goal} | {here} | {verdict} |");
    }
    table
}

fn number(value: f64) -> String {
    match value {
        ..1.0 => format!("{value:.2}"),
        ..100.0 => format!("{value:.1}"),
        _ => grouped(value.round() as usize),
    }
}

fn ratio(ratio: f64) -> String {
    if ratio < 10.0 { format!("{ratio:.2}") } else { number(ratio) }
}

/// The number with a comma before every three digits.
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}
