//! The goals, and whether this run met them.

use crate::costs::Costs;
use crate::document::grouped;
use crate::figures::Figures;
use crate::figures::Library;
use crate::figures::Work;

/// A goal and what the run measured.
pub(super) struct Goal {
    pub(super) figure: &'static str,
    pub(super) goal: String,
    /// What the run measured, and whether that is the goal; `None`: a part of it was not measured.
    pub(super) here: Option<(String, bool)>,
}

pub(super) fn all(figures: &Figures, costs: &Costs) -> Vec<Goal> {
    let ratio = |figure, most: f64, work, of| Goal {
        figure,
        goal: format!("≤ {most:.2}"),
        here: figures.ratio(work, of).map(|ratio| (format!("{ratio:.2}"), ratio <= most)),
    };
    let count = |figure, most: usize, here: usize, unit: &str| Goal {
        figure,
        goal: format!("≤ {}{unit}", grouped(most)),
        here: Some((format!("{}{unit}", grouped(here)), here <= most)),
    };
    let fuel = |figure, most, here: u64| count(figure, most, here as usize, "");
    let memory =
        |figure, most: usize, here: usize| count(figure, most, here.div_ceil(1024), " KiB");
    let hit = Work::HitOne;
    let python_warm = (Work::HitWarm, Library::MsalPython);
    let most_memory = costs.calls().iter().map(|(_, cost)| cost.memory).max().unwrap_or_default();
    vec![
        ratio("hit, fresh / fresh instance alone", 2.4, hit, (Work::Instance, Library::Ours)),
        ratio("hit, fresh / MSAL Python, warm object", 2.0, hit, python_warm),
        ratio("the same, final goal", 1.0, hit, python_warm),
        ratio(
            "hit, fresh / MSAL Python, fresh object, cache of 1 token",
            0.18,
            hit,
            (Work::HitOne, Library::MsalPython),
        ),
        ratio(
            "hit, 1,000,000 tokens / 1 token",
            1.1,
            Work::HitMillion,
            (Work::HitOne, Library::Ours),
        ),
        ratio(
            "miss, secret / azure_identity, fresh, native",
            3.0,
            Work::MissSecret,
            (Work::MissSecret, Library::AzureIdentity),
        ),
        ratio(
            "miss, RSA-2048 / OpenSSL's signature without IFMA",
            14.0,
            Work::MissPs256,
            (Work::MissPs256, Library::OpenSsl),
        ),
        ratio("the same, wide", 5.0, Work::MissWide, (Work::MissPs256, Library::OpenSsl)),
        fuel("fuel of a hit with a secret", 200_000, costs.hit_secret.fuel),
        fuel("fuel of a hit with a certificate", 330_000, costs.hit_certificate.fuel),
        fuel("fuel of a miss with a secret", 400_000, costs.miss_secret.fuel),
        memory("guest memory of a hit", 256, costs.hit_secret.memory),
        memory("guest memory of any call", 2_048, most_memory),
        count("entry in the store, besides the token", 320, costs.entry_overhead, " bytes"),
        memory("size of the component", 576, costs.component),
    ]
}
