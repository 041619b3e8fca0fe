//! What is measured, of which library, and the medians.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What one call does. The programs that time the peers use the names too.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Work {
    HitWarm,
    HitOne,
    HitCertificate,
    HitThousand,
    HitTenThousand,
    HitHundredThousand,
    HitMillion,
    HitOnDemand,
    Refused,
    Instance,
    InstanceOnDemand,
    MissSecret,
    MissPs256,
    MissRs256,
    MissWide,
    MissSecretHttps,
    MissPs256Https,
}

impl Work {
    /// In the order of the table.
    pub(super) const ALL: [Self; 17] = [
        Self::HitWarm,
        Self::HitOne,
        Self::HitCertificate,
        Self::HitThousand,
        Self::HitTenThousand,
        Self::HitHundredThousand,
        Self::HitMillion,
        Self::HitOnDemand,
        Self::Refused,
        Self::Instance,
        Self::InstanceOnDemand,
        Self::MissSecret,
        Self::MissPs256,
        Self::MissRs256,
        Self::MissWide,
        Self::MissSecretHttps,
        Self::MissPs256Https,
    ];

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::HitWarm => "hit, reused instance or object",
            Self::HitOne => "hit, fresh, 1 token in the cache",
            Self::HitCertificate => "hit, fresh, RSA-2048 certificate",
            Self::HitThousand => "hit, fresh, 1,000 tokens",
            Self::HitTenThousand => "hit, fresh, 10,000 tokens",
            Self::HitHundredThousand => "hit, fresh, 100,000 tokens",
            Self::HitMillion => "hit, fresh, 1,000,000 tokens",
            Self::HitOnDemand => "hit, fresh, on-demand allocation",
            Self::Refused => "refused input, fresh",
            Self::Instance => "fresh instance alone",
            Self::InstanceOnDemand => "fresh instance alone, on-demand allocation",
            Self::MissSecret => "miss, secret, fresh",
            Self::MissPs256 => "miss, RSA-2048, PS256, fresh",
            Self::MissRs256 => "miss, RSA-2048, RS256, fresh",
            Self::MissWide => "miss, RSA-2048, wide",
            Self::MissSecretHttps => "miss, secret, emulator over https",
            Self::MissPs256Https => "miss, RSA-2048, PS256, emulator over https",
        }
    }

    /// The works that differ only in the size of the cache, with that size.
    pub(super) const GROWTH: [(Self, usize); 5] = [
        (Self::HitOne, 1),
        (Self::HitThousand, 1_000),
        (Self::HitTenThousand, 10_000),
        (Self::HitHundredThousand, 100_000),
        (Self::HitMillion, 1_000_000),
    ];
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Library {
    Ours,
    MsalPython,
    MsalNode,
    AzureIdentity,
    /// Only its RSA signature, which is the largest part of a miss with a certificate.
    OpenSsl,
}

impl Library {
    /// In the order of the table.
    pub(super) const ALL: [Self; 5] =
        [Self::Ours, Self::MsalPython, Self::MsalNode, Self::AzureIdentity, Self::OpenSsl];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::MsalPython => "MSAL Python",
            Self::MsalNode => "MSAL Node",
            Self::AzureIdentity => "azure_identity",
            Self::OpenSsl => "OpenSSL, only the signature",
        }
    }
}

/// The smallest of the medians that the rounds gave, in µs.
#[derive(Default)]
pub(super) struct Figures(BTreeMap<(Work, Library), f64>);

impl Figures {
    pub(super) fn add(&mut self, work: Work, library: Library, median: f64) {
        let least = self.0.entry((work, library)).or_insert(median);
        *least = least.min(median);
    }

    pub(super) fn get(&self, work: Work, library: Library) -> Option<f64> {
        self.0.get(&(work, library)).copied()
    }

    /// One of our figures, divided by another figure.
    pub(super) fn ratio(&self, work: Work, of: (Work, Library)) -> Option<f64> {
        Some(self.get(work, Library::Ours)? / self.get(of.0, of.1)?)
    }
}
