//! The medians of our calls.

use std::error::Error;
use std::time::Duration;
use std::time::Instant;

use msal_artifact::Artifact;
use msal_emulator::Emulator;
use msal_emulator::demo;
use msal_host::Host;
use msal_host::Network;
use msal_host::contract::Credential;
use msal_host::contract::SigningAlgorithm;
use msal_host::contract::TokenRequest;
use msal_host_tests::built;

use crate::figures::Figures;
use crate::figures::Library;
use crate::figures::Work;
use crate::settings::Settings;
use crate::subject;
use crate::subject::application;
use crate::subject::call;
use crate::subject::filled_store;
use crate::subject::forced_request;
use crate::subject::request;
use crate::subject::rsa;
use crate::subject::secret;

/// The hosts whose calls are measured.
pub(super) struct Ours {
    pooling: Host,
    on_demand: Host,
    wide: Host,
    /// `pooling` over stores of different sizes.
    stores: Vec<(Work, Host)>,
    /// `pooling` with a network, to the emulator.
    https: Host,
    _emulator: Emulator,
    scale: f64,
}

impl Ours {
    pub(super) async fn new(settings: &Settings) -> Result<Self, Box<dyn Error>> {
        let pooling = subject::host(&settings.component, |builder| builder)?;
        let on_demand = subject::host(&settings.component, |builder| builder.pooling(false))?;
        let wide = subject::host(built(Artifact::ComponentDraft2Wide), |builder| builder)?;
        let mut stores = Vec::new();
        for (work, size) in Work::GROWTH {
            if size < 1_000_000 || !settings.is_quick {
                stores.push((work, pooling.with_store(filled_store(size).await?)));
            }
        }
        let emulator = Emulator::start()?;
        emulator.register_certificate(demo::CLIENT_ID, CERTIFICATE)?;
        let network = Network::builder()
            .ca_certificate_pem(emulator.ca_certificate_pem())
            .resolve(format!("login.microsoftonline.com:443:{}", emulator.https_address()))
            .build()?;
        let https = pooling.with_network(network);
        let scale = settings.scale();
        Ok(Self { pooling, on_demand, wide, stores, https, _emulator: emulator, scale })
    }

    /// Measures everything once.
    pub(super) async fn measure(&self, figures: &mut Figures) {
        self.settle().await;
        let mut add = |work, median| figures.add(work, Library::Ours, median);
        for (work, host) in &self.stores {
            add(*work, self.hit(host, secret()).await);
        }
        add(Work::HitWarm, self.reused_hit().await);
        add(Work::HitCertificate, self.hit(&self.pooling, rsa(None)).await);
        add(Work::HitOnDemand, self.hit(&self.on_demand, secret()).await);
        add(Work::Refused, self.refused().await);
        add(Work::Instance, self.instance(&self.pooling).await);
        add(Work::InstanceOnDemand, self.instance(&self.on_demand).await);

        let rs256 = Some(SigningAlgorithm::Rs256);
        add(Work::MissSecret, self.miss(&self.pooling, secret(), 2_000.0).await);
        add(Work::MissPs256, self.miss(&self.pooling, rsa(None), 100.0).await);
        add(Work::MissRs256, self.miss(&self.pooling, rsa(rs256), 100.0).await);
        add(Work::MissWide, self.miss(&self.wide, rsa(None), 200.0).await);
        add(Work::MissSecretHttps, self.miss(&self.https, secret(), 200.0).await);
        add(Work::MissPs256Https, self.miss(&self.https, rsa(None), 50.0).await);
    }

    /// Makes calls until what the machine does for the libraries that ran before, such as freeing their memory, is over.
    async fn settle(&self) {
        let (application, request) = (application(secret()), request());
        let started = Instant::now();
        while started.elapsed() < SETTLING {
            call(&self.pooling, &application, &request).await;
        }
    }

    async fn hit(&self, host: &Host, credential: Credential) -> f64 {
        let (application, request) = (application(credential), request());
        call(host, &application, &request).await;
        self.median(HITS, async || {
            let started = Instant::now();
            call(host, &application, &request).await;
            started.elapsed()
        })
        .await
    }

    async fn reused_hit(&self) -> f64 {
        let (application, request) = (application(secret()), request());
        let mut instance = self.pooling.instance().await.expect("an instance");
        self.median(HITS, async || {
            let started = Instant::now();
            let result = instance.acquire_token_for_client(&application, &request).await;
            let elapsed = started.elapsed();
            result.expect("the host works").expect("a token");
            elapsed
        })
        .await
    }

    /// A call that the component refuses at once: the cost of calling and returning.
    async fn refused(&self) -> f64 {
        let (application, request) = (application(secret()), TokenRequest::new("not a scope"));
        self.median(HITS, async || {
            let started = Instant::now();
            let result = self.pooling.acquire_token_for_client(&application, &request).await;
            let elapsed = started.elapsed();
            result.expect("the host works").expect_err("the scope is refused");
            elapsed
        })
        .await
    }

    async fn instance(&self, host: &Host) -> f64 {
        self.median(HITS, async || {
            let started = Instant::now();
            drop(host.instance().await.expect("an instance"));
            started.elapsed()
        })
        .await
    }

    async fn miss(&self, host: &Host, credential: Credential, samples: f64) -> f64 {
        let (application, request) = (application(credential), forced_request());
        self.median(samples, async || {
            let started = Instant::now();
            call(host, &application, &request).await;
            started.elapsed()
        })
        .await
    }

    /// The median in µs.
    async fn median(&self, samples: f64, mut sample: impl AsyncFnMut() -> Duration) -> f64 {
        let samples = (samples * self.scale).max(3.0) as usize;
        for _ in 0..=samples / 10 {
            sample().await;
        }
        let mut durations = Vec::with_capacity(samples);
        for _ in 0..samples {
            durations.push(sample().await);
        }
        durations.sort_unstable();
        durations[samples / 2].as_secs_f64() * 1e6
    }
}

const SETTLING: Duration = Duration::from_secs(1);

/// The number of calls whose median is taken, of those that take some dozens of µs.
const HITS: f64 = 5_000.0;
const CERTIFICATE: &[u8] = include_bytes!("../../../tests/keys/rsa2048.certificate.der");
