//! Tokens through a real HTTP proxy.

use std::fs;
use std::net::TcpListener;
use std::process::Command;

use msal_emulator::Emulator;
use msal_emulator::demo;
use msal_host_tests::Proxy;
use msal_host_tests::Run;
use msal_host_tests::command_line;
use msal_host_tests::own_name_or_skip;
use tempfile::TempDir;

/// Reported of every client in a company's network: it works on the laptop, and times out on the server.
#[test]
fn a_token_comes_through_the_proxy_of_the_environment() {
    let Some(here) = Here::new() else { return };
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let Some(proxy) = here.proxy() else { return };
        here.emulator.clear_requests();
        let run =
            here.run(&[(name, &proxy.url())], &["--ca-certificate", "ca.pem", "--count", "2"]);
        assert_success(&run);
        let sources = sources(&run);
        assert_eq!(sources, ["identity-provider", "cache"], "{name}");
        let tunnels = proxy.tunnels();
        assert_eq!(tunnels.len(), 1, "{tunnels:?}");
        let server = here.url.trim_start_matches("https://");
        assert!(tunnels[0].contains(&format!("CONNECT {server} HTTP/1.1")), "{tunnels:?}");
        assert_eq!(here.emulator.token_requests().len(), 1);
    }
}

/// Reported of clients that say only "unable to connect", and of those that repeat the credentials until the
/// account is locked.
#[test]
fn wrong_credentials_for_the_proxy_are_named_and_not_sent_again() {
    let Some(here) = Here::new() else { return };
    let Some(proxy) = here.proxy() else { return };
    for (url, status) in
        [(proxy.url_with("hidden-wrong-password"), 401), (proxy.url_without_user(), 407)]
    {
        let before = proxy.tunnels().len();
        let run = here.run(&[("HTTPS_PROXY", &url)], &["--ca-certificate", "ca.pem"]);
        assert_failure(&run, "not-permitted", &format!("the proxy answered {status}"));
        assert_failure(&run, "not-permitted", "set user and password in HTTPS_PROXY");
        assert_eq!(proxy.tunnels().len(), before + 1);
    }
    assert!(here.emulator.requests().is_empty());
}

#[test]
fn a_proxy_that_does_not_allow_the_authority_says_so() {
    let Some(here) = Here::new() else { return };
    let Some(proxy) = Proxy::start_or_skip(1) else { return };
    let run = here.run(&[("HTTPS_PROXY", &proxy.url())], &["--ca-certificate", "ca.pem"]);
    assert_failure(&run, "not-permitted", "the proxy of HTTPS_PROXY answered 403");
    assert_eq!(proxy.tunnels().len(), 1);
}

#[test]
fn a_proxy_that_is_down_is_named() {
    let Some(here) = Here::new() else { return };
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://{}:{}@127.0.0.1:{port}", Proxy::USER, Proxy::PASSWORD);
    let run = here.run(&[("HTTPS_PROXY", &url)], &["--ca-certificate", "ca.pem"]);
    assert_failure(&run, "unreachable", "the connection to the proxy of HTTPS_PROXY failed");
}

#[test]
fn hosts_of_no_proxy_and_loopback_are_reached_directly() {
    let Some(here) = Here::new() else { return };
    let Some(proxy) = here.proxy() else { return };
    let url = proxy.url();
    let (host, _) = own_name_or_skip().unwrap();
    let trust = ["--ca-certificate", "ca.pem"];
    assert_success(&here.run(&[("HTTPS_PROXY", &url), ("NO_PROXY", &host)], &trust));
    assert_success(&here.run(&[("HTTPS_PROXY", &url), ("no_proxy", "other.example, *")], &trust));
    assert_success(&here.run(&[("HTTP_PROXY", &url)], &trust));

    let local = Here::local();
    assert_success(&local.run(&[("HTTPS_PROXY", &url), ("ALL_PROXY", &url)], &trust));

    let mapping = format!("login.microsoftonline.com:443:{}", local.emulator.https_address());
    let mapped = ["--ca-certificate", "ca.pem", "--resolve", &mapping];
    let mut command = local.command(&[("HTTPS_PROXY", &url)], &mapped);
    command.args(["--authority", &format!("https://login.microsoftonline.com/{}", demo::TENANT)]);
    assert_success(&Run::of(&mut command));

    assert_eq!(proxy.tunnels(), Vec::<String>::new());
}

/// A proxy must not be able to read the credential.
#[test]
fn the_authoritys_certificate_is_checked_through_the_proxy() {
    let Some(here) = Here::new() else { return };
    let Some(proxy) = here.proxy() else { return };
    let run = here.run(&[("HTTPS_PROXY", &proxy.url())], &[]);
    assert_failure(&run, "unreachable", "the authority's certificate cannot be trusted");
    assert!(!proxy.tunnels().is_empty());
    assert!(here.emulator.requests().is_empty());
}

#[test]
fn a_proxy_that_cannot_be_used_ends_the_command_before_the_call() {
    let here = Here::local();
    for (url, reason) in [
        ("http://proxy-user:hidden-proxy-password#@proxy.example:1", "the URL is invalid"),
        ("socks5://proxy-user:hidden-proxy-password@proxy.example:1", "not SOCKS"),
    ] {
        for name in ["HTTPS_PROXY", "http_proxy", "ALL_PROXY"] {
            let run = here.run(&[(name, url)], &["--ca-certificate", "ca.pem"]);
            assert_eq!(run.status, Some(1), "{run:?}");
            assert!(run.err.starts_with(&format!("error: {name}: ")), "{run:?}");
            assert!(run.err.contains(reason) && run.err.lines().count() == 1, "{run:?}");
            assert_no_secret(&run);
        }
    }
    let mut demonstration = command_line();
    demonstration.env("HTTPS_PROXY", "socks5://proxy-user:hidden-proxy-password@proxy.example:1");
    let run = Run::of(&mut demonstration);
    assert!(run.status == Some(1) && run.err.contains("HTTPS_PROXY: "), "{run:?}");
    assert_no_secret(&run);
    assert!(here.emulator.requests().is_empty());
}

/// An emulator, and a folder with the files that the command line needs for it.
struct Here {
    emulator: Emulator,
    url: String,
    folder: TempDir,
}

impl Here {
    /// An emulator that is reached by the machine's name, which may need a proxy.
    fn new() -> Option<Self> {
        let (name, address) = own_name_or_skip()?;
        let emulator = Emulator::builder().address(address).with_server_name(&name).start();
        let emulator = emulator.unwrap();
        let url = format!("https://{name}:{}", emulator.https_address().port());
        Some(Self::at(emulator, url))
    }

    /// An emulator on loopback.
    fn local() -> Self {
        let emulator = Emulator::start().unwrap();
        let url = emulator.https_url();
        Self::at(emulator, url)
    }

    fn at(emulator: Emulator, url: String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ca.pem"), emulator.ca_certificate_pem()).unwrap();
        fs::write(folder.path().join("secret"), demo::client_secret()).unwrap();
        Self { emulator, url, folder }
    }

    /// A proxy that allows the emulator's port.
    fn proxy(&self) -> Option<Proxy> {
        Proxy::start_or_skip(self.emulator.https_address().port())
    }

    fn command(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Command {
        let mut command = command_line();
        command
            .args(["acquire", "--output", "json", "--scope", demo::API_SCOPE])
            .args(["--client-id", demo::CLIENT_ID, "--client-secret-file", "secret"])
            .args(arguments)
            .envs(variables.iter().copied())
            .current_dir(self.folder.path());
        command
    }

    fn run(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Run {
        let mut command = self.command(variables, arguments);
        command.args(["--authority", &format!("{}/{}", self.url, demo::TENANT)]);
        Run::of(&mut command)
    }
}

fn sources(run: &Run) -> Vec<String> {
    let sources = run
        .json()
        .into_iter()
        .filter_map(|line| line["result"]["metadata"]["token_source"].as_str().map(str::to_owned));
    sources.collect()
}

#[track_caller]
fn assert_success(run: &Run) {
    run.assert_success();
    assert_no_secret(run);
}

#[track_caller]
fn assert_failure(run: &Run, kind: &str, reason: &str) {
    assert_eq!(run.status, Some(1), "{run:?}");
    let error = &run.json()[0]["error"];
    assert!(error.to_string().contains(kind) && error.to_string().contains(reason), "{run:?}");
    assert_no_secret(run);
}

#[track_caller]
fn assert_no_secret(run: &Run) {
    let text = run.both();
    assert!(!text.contains("hidden") && !text.contains(demo::client_secret()), "{run:?}");
}
