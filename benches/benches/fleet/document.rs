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
        "| fleet over | calls | failed | token requests | at the start, at each expiry | all callers | at the start | at expiries | a token request |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for (scenario, figures) in runs {
        let moments = if scenario.has_moments() && figures.requests > 0 {
            let counts: Vec<_> = figures.by_moment.iter().map(usize::to_string).collect();
            [counts.join(", "), figures.cold.to_string(), figures.expired.to_string()]
        } else {
            ["–"; 3].map(str::to_owned)
        };
        let [counts, cold, expired] = moments;
        // Writing to a string cannot fail.
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {counts} | {} | {cold} | {expired} | {} |",
            scenario.name,
            figures.calls,
            figures.errors,
            figures.requests,
            figures.all,
            figures.request,
        );
    }
    table
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
