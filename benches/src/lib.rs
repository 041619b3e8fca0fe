//! Contains only benchmarks: `benches/calls/` and `benches/compositions/` (see `docs/benchmarks.md`), `benches/fleet/` (see
//! `docs/fleet.md`), and the soak `benches/soak/` (see `docs/soak.md`). They share what writes their documents.

use std::error::Error;
use std::fs;
use std::path::Path;

/// Writes a text between the markers of this name in the document.
pub fn fill(document: &Path, name: &str, content: &str) -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(document)?;
    let (begin, end) =
        (format!("<!-- {name}: written by the run -->"), format!("<!-- end of {name} -->"));
    let missing = || format!("{} has no markers for the {name}", document.display());
    let (before, rest) = text.split_once(&begin).ok_or_else(missing)?;
    let (_, after) = rest.split_once(&end).ok_or_else(missing)?;
    Ok(fs::write(document, format!("{before}{begin}\n{content}{end}{after}"))?)
}
