//! The plot: how a hit grows with the cache, and what calls cost in each library.

use std::error::Error;
use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::document::grouped;
use crate::figures::Figures;
use crate::figures::Library;
use crate::figures::Work;

pub(super) fn draw(file: &Path, figures: &Figures) -> Result<(), Box<dyn Error>> {
    let root = SVGBackend::new(file, (WIDTH, 2 * PANEL_HEIGHT)).into_drawing_area();
    root.fill(&WHITE)?;
    let (upper, lower) = root.split_vertically(PANEL_HEIGHT);
    draw_growth(&upper, figures)?;
    draw_calls(&lower, figures)?;
    root.present()?;
    Ok(())
}

fn draw_growth(area: &Area<'_>, figures: &Figures) -> Result<(), Box<dyn Error>> {
    let mut chart = ChartBuilder::on(area)
        .caption("a hit in a fresh instance or object, by the tokens in the cache", CAPTION)
        .margin(MARGIN)
        .margin_right(4 * MARGIN)
        .x_label_area_size(36)
        .y_label_area_size(64)
        .build_cartesian_2d((1.0..1e6).log_scale(), (1.0..most(figures)).log_scale())?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_desc("tokens in the cache")
        .y_desc("µs")
        .x_label_formatter(&|tokens| grouped(*tokens as usize))
        .y_label_formatter(&|us| grouped(*us as usize))
        .draw()?;
    for (library, colour) in LIBRARIES {
        let point =
            |(work, tokens): (Work, usize)| Some((tokens as f64, figures.get(work, library)?));
        let points: Vec<_> = Work::GROWTH.into_iter().filter_map(point).collect();
        if points.is_empty() {
            continue;
        }
        chart
            .draw_series(LineSeries::new(points, colour.stroke_width(2)).point_size(3))?
            .label(library.name())
            .legend(move |(x, y)| Rectangle::new([(x, y - 5), (x + 12, y + 5)], colour.filled()));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .border_style(BLACK)
        .draw()?;
    Ok(())
}

fn draw_calls(area: &Area<'_>, figures: &Figures) -> Result<(), Box<dyn Error>> {
    let mut chart = ChartBuilder::on(area)
        .caption("one call, without a network", CAPTION)
        .margin(MARGIN)
        .x_label_area_size(36)
        .y_label_area_size(64)
        .build_cartesian_2d(0.0..WORKS.len() as f64, (FLOOR..most(figures)).log_scale())?;
    let title = |x: &f64| {
        let work = WORKS.get(x.floor() as usize).filter(|_| x.fract() == 0.5);
        work.map(|work| work.title().to_owned()).unwrap_or_default()
    };
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .y_desc("µs")
        .x_labels(2 * WORKS.len() + 1)
        .x_label_formatter(&title)
        .y_label_formatter(&|us| if *us < 1.0 { us.to_string() } else { grouped(*us as usize) })
        .draw()?;
    for (index, (library, colour)) in LIBRARIES.into_iter().enumerate() {
        let bars = WORKS.into_iter().enumerate().filter_map(|(place, work)| {
            let left = place as f64 + 0.1 + index as f64 * BAR;
            let bar = [(left, FLOOR), (left + 0.9 * BAR, figures.get(work, library)?)];
            Some(Rectangle::new(bar, colour.filled()))
        });
        chart
            .draw_series(bars)?
            .label(library.name())
            .legend(move |(x, y)| Rectangle::new([(x, y - 5), (x + 12, y + 5)], colour.filled()));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .border_style(BLACK)
        .draw()?;
    Ok(())
}

/// The upper end of the scales, in µs.
fn most(figures: &Figures) -> f64 {
    let measured = LIBRARIES.into_iter().flat_map(|(library, _)| {
        let works = Work::GROWTH.into_iter().map(|(work, _)| work).chain(WORKS);
        works.filter_map(move |work| figures.get(work, library))
    });
    measured.fold(1e4, f64::max) * 2.0
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

const LIBRARIES: [(Library, RGBColor); 5] = [
    (Library::Ours, RGBColor(31, 119, 180)),
    (Library::MsalPython, RGBColor(255, 127, 14)),
    (Library::MsalNode, RGBColor(44, 160, 44)),
    (Library::AzureIdentity, RGBColor(148, 103, 189)),
    (Library::OpenSsl, RGBColor(127, 127, 127)),
];
const WORKS: [Work; 4] = [Work::HitWarm, Work::HitOne, Work::MissSecret, Work::MissPs256];

/// The width of a bar, of which each of the works has one for each library.
const BAR: f64 = 0.8 / LIBRARIES.len() as f64;

/// The lower end of bars, in µs.
const FLOOR: f64 = 0.1;

const CAPTION: (&str, u32) = ("sans-serif", 16);
const MARGIN: u32 = 10;
const WIDTH: u32 = 980;
const PANEL_HEIGHT: u32 = 320;
