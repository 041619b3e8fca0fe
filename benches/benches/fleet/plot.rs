//! The plot of token requests over time.

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use plotters::prelude::*;

use crate::run::Run;
use crate::scenario::Scenario;

/// Draws one panel for each run, one below the other and on the same scales.
pub(super) fn draw(file: &Path, runs: &[(&Scenario, &Run)]) -> Result<(), Box<dyn Error>> {
    let height = PANEL_HEIGHT * u32::try_from(runs.len())?;
    let root = SVGBackend::new(file, (WIDTH, height)).into_drawing_area();
    root.fill(&WHITE)?;
    let end = runs.iter().map(|(scenario, _)| scenario.duration).max().unwrap_or_default();
    let most = runs.iter().flat_map(|(_, run)| counts(run)).map(|(_, count)| count).max();
    let most = f64::from(most.unwrap_or(1)).max(10.0) * 1.5;
    for (area, (scenario, run)) in root.split_evenly((runs.len(), 1)).iter().zip(runs) {
        let total = run.token_requests.len();
        let caption = format!("{}: {total} token requests", scenario.name);
        let mut chart = ChartBuilder::on(area)
            .caption(caption, ("sans-serif", 16))
            .margin(10)
            .x_label_area_size(36)
            .y_label_area_size(52)
            .build_cartesian_2d(0.0..end.as_secs_f64(), (FLOOR..most).log_scale())?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .x_desc("seconds since the start")
            .y_desc("token requests in 0.1 s")
            .x_label_formatter(&|second| format!("{second:.0}"))
            .y_label_formatter(&|count| format!("{count:.0}"))
            .draw()?;
        chart.draw_series(counts(run).into_iter().map(|(begin, count)| {
            let bar = [(begin, FLOOR), (begin + BIN.as_secs_f64(), f64::from(count))];
            Rectangle::new(bar, BLUE.filled())
        }))?;
    }
    root.present()?;
    Ok(())
}

/// The start of each interval of length [`BIN`] that has requests, in seconds, with their number.
fn counts(run: &Run) -> Vec<(f64, u32)> {
    let mut counts: Vec<(f64, u32)> = Vec::new();
    for time in &run.token_requests {
        let bin = time.as_millis() / BIN.as_millis();
        let begin = bin as f64 * BIN.as_secs_f64();
        match counts.last_mut() {
            Some((last, count)) if *last == begin => *count += 1,
            _ => counts.push((begin, 1)),
        }
    }
    counts
}

const BIN: Duration = Duration::from_millis(100);

/// The lower end of bars, so that a single request is visible.
const FLOOR: f64 = 0.5;

const WIDTH: u32 = 860;
const PANEL_HEIGHT: u32 = 260;
