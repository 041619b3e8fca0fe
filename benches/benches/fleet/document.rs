//! The figures in `docs/fleet.md`.

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::figures::Figures;
use crate::scenario::Scenario;

/// The figures as a table in Markdown.
pub(super) fn table<'a>(runs: impl Iterator<Item = (&'a Scenario, &'a Figures)>) -> String {
    let mut table = String::from(
        "| fleet over | calls | failed | token requests | at each start and expiry | wait of all callers, ms | callers that missed | their wait, ms | token request, ms |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for (scenario, figures) in runs {
        // Writing to a string cannot fail.
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            scenario.name,
            figures.calls,
            figures.errors,
            figures.requests,
            bursts(scenario, figures),
            figures.waits,
            figures.misses.count,
            figures.misses,
            figures.request_times,
        );
    }
    table
}

fn bursts(scenario: &Scenario, figures: &Figures) -> String {
    if scenario.has_bursts() {
        let sizes: Vec<_> = figures.bursts.iter().map(usize::to_string).collect();
        sizes.join(", ")
    } else {
        "–".to_owned()
    }
}

/// Puts the table between the marks in the document.
pub(super) fn fill(document: &Path, table: &str) -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(document)?;
    let missing = || format!("{} has no place for the figures", document.display());
    let (before, rest) = text.split_once(BEGIN).ok_or_else(missing)?;
    let (_, after) = rest.split_once(END).ok_or_else(missing)?;
    Ok(fs::write(document, format!("{before}{BEGIN}\n{table}{END}{after}"))?)
}

const BEGIN: &str = "<!-- figures: written by the run -->";
const END: &str = "<!-- end of figures -->";
