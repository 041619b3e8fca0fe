use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt;
use http_body_util::Empty;
use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::CertifiedIssuer;
use rcgen::IsCa;
use rcgen::KeyPair;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use wasmtime_wasi_http::Error;
use wasmtime_wasi_http::RequestOptions;
use wasmtime_wasi_http::WasiBody;

use super::Network;
use super::NetworkError;
use super::send::send;

#[tokio::test]
async fn an_added_private_authority_is_trusted() {
    let server = TlsServer::start("login.test").await;
    let network = Network::builder()
        .ca_certificate_pem(&server.authority)
        .resolve(format!("login.test:443:{}", server.address))
        .build()
        .unwrap();
    let body = fetch(&network, "https://login.test/path").await.unwrap();
    assert_eq!(body, "GET /path HTTP/1.1 for login.test");
}

#[tokio::test]
async fn an_unknown_private_authority_is_a_certificate_error() {
    let server = TlsServer::start("login.test").await;
    let network =
        Network::builder().resolve(format!("login.test:443:{}", server.address)).build().unwrap();
    let error = fetch(&network, "https://login.test/").await.unwrap_err();
    assert!(matches!(error, Error::TlsCertificateError), "{error:?}");
}

#[tokio::test]
async fn a_mapped_name_must_still_be_in_the_certificate() {
    let server = TlsServer::start("login.test").await;
    let network = Network::builder()
        .ca_certificate_pem(&server.authority)
        .resolve(format!("evil.test:443:{}", server.address))
        .build()
        .unwrap();
    let error = fetch(&network, "https://evil.test/").await.unwrap_err();
    assert!(matches!(error, Error::TlsCertificateError), "{error:?}");
}

#[tokio::test]
async fn https_to_a_plaintext_server_is_a_tls_protocol_error() {
    let address = plain_server(b"HTTP/1.1 200 OK\r\n\r\n").await;
    let error = fetch(&Network::default(), &format!("https://{address}/")).await.unwrap_err();
    assert!(matches!(error, Error::TlsProtocolError), "{error:?}");
}

#[tokio::test]
async fn a_closed_port_is_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = fetch(&Network::default(), &format!("http://{address}/")).await.unwrap_err();
    assert!(matches!(error, Error::ConnectionRefused), "{error:?}");
}

#[tokio::test]
async fn a_name_without_an_address_is_a_dns_error() {
    let error = fetch(&Network::default(), "http://no-such-name.invalid/").await.unwrap_err();
    assert!(matches!(error, Error::DnsError { .. }), "{error:?}");
}

/// A resolver, or a `hosts` file, that gives `localhost` another meaning must not get a secret in clear text.
#[tokio::test]
async fn plain_http_to_localhost_goes_to_this_machine_only() {
    let network = Network::builder().resolve("localhost:8080:192.0.2.1").build().unwrap();
    let error = fetch(&network, "http://localhost:8080/").await.unwrap_err();
    assert!(matches!(error, Error::DestinationIpProhibited), "{error:?}");
    let address = plain_server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
    let mapping = format!("localhost:{}:{address}", address.port());
    let network = Network::builder().resolve(mapping).build().unwrap();
    let url = format!("http://localhost:{}/", address.port());
    assert_eq!(fetch(&network, &url).await.unwrap(), "ok");
}

#[tokio::test]
async fn a_host_that_is_not_allowed_is_not_contacted() {
    for network in [
        Network::builder().deny_all().build().unwrap(),
        Network::builder().allow(["login.example"]).build().unwrap(),
    ] {
        let error = fetch(&network, "http://127.0.0.1:1/").await.unwrap_err();
        assert!(matches!(error, Error::HttpRequestDenied), "{error:?}");
    }
}

#[tokio::test]
async fn a_missing_head_is_a_read_timeout() {
    let address = plain_server(b"").await;
    let error = fetch(&Network::default(), &format!("http://{address}/")).await.unwrap_err();
    assert!(matches!(error, Error::ConnectionReadTimeout), "{error:?}");
}

#[tokio::test]
async fn a_body_that_pauses_is_a_read_timeout() {
    let address = plain_server(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf").await;
    let error = fetch(&Network::default(), &format!("http://{address}/")).await.unwrap_err();
    assert!(matches!(error, Error::ConnectionReadTimeout), "{error:?}");
}

#[tokio::test]
async fn a_connection_that_ends_early_is_terminated() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 1024]).await;
    });
    let error = fetch(&Network::default(), &format!("http://{address}/")).await.unwrap_err();
    assert!(matches!(error, Error::ConnectionTerminated), "{error:?}");
}

#[tokio::test]
async fn a_head_that_pauses_is_an_incomplete_response() {
    let address = plain_server(b"H").await;
    let error = fetch(&Network::default(), &format!("http://{address}/")).await.unwrap_err();
    assert!(matches!(error, Error::HttpResponseIncomplete), "{error:?}");
}

#[tokio::test]
async fn a_proxy_gets_plain_http_in_absolute_form_with_its_credentials() {
    let (address, request) =
        recording_server(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await;
    let network = Network::builder().proxy(format!("http://user:pass@{address}")).build().unwrap();
    assert_eq!(fetch(&network, "http://app.test:81/path?a=b").await.unwrap(), "hi");
    let request = request.await.unwrap();
    assert!(request.starts_with("GET http://app.test:81/path?a=b HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("\r\nhost: app.test:81\r\n"), "{request}");
    // Base64 of `user:pass`.
    assert!(request.contains("\r\nproxy-authorization: Basic dXNlcjpwYXNz\r\n"), "{request}");
}

#[tokio::test]
async fn a_proxy_that_refuses_is_an_error_that_names_its_setting() {
    for (url, status, text) in [
        ("http://app.test/", 407, "set user and password in NetworkBuilder::proxy"),
        ("https://app.test/", 407, "set user and password in NetworkBuilder::proxy"),
        ("https://app.test/", 403, "app.test:443 is not permitted by its rules"),
        ("https://app.test/", 502, "no connection to app.test:443"),
    ] {
        let answer = format!("HTTP/1.1 {status} No\r\ncontent-length: 0\r\n\r\n");
        let (address, _) = recording_server(answer.leak().as_bytes()).await;
        let proxy = format!("http://user:hidden@{address}");
        let network = Network::builder().proxy(proxy).build().unwrap();
        let error = fetch(&network, url).await.unwrap_err();
        let Error::InternalError(Some(reason)) = &error else { panic!("{error:?}") };
        assert!(reason.contains(text) && !reason.contains("hidden"), "{reason}");
        assert!(!format!("{network:?}").contains("hidden"), "{network:?}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_down_or_ends_the_connection_is_named() {
    let (ends, _) = recording_server(b"").await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for (proxy, cause) in [(ends, "terminated"), (closed, "refused")] {
        let network = Network::builder().proxy(format!("http://{proxy}")).build().unwrap();
        let error = fetch(&network, "https://app.test/").await.unwrap_err();
        let Error::InternalError(Some(reason)) = &error else { panic!("{error:?}") };
        let expected = format!(
            "the connection to the proxy of NetworkBuilder::proxy failed: connection {cause}"
        );
        assert_eq!(*reason, expected);
    }
}

#[tokio::test]
async fn a_proxy_over_tls_must_have_a_trusted_certificate() {
    let server = TlsServer::start("proxy.test").await;
    let builder = Network::builder()
        .proxy(format!("https://proxy.test:{}", server.address.port()))
        .resolve(format!("proxy.test:{}:{}", server.address.port(), server.address));
    let trusting = builder.clone().ca_certificate_pem(&server.authority).build().unwrap();
    let body = fetch(&trusting, "http://app.test/path").await.unwrap();
    assert_eq!(body, "GET http://app.test/path HTTP/1.1 for app.test");

    let server = TlsServer::start("proxy.test").await;
    let strict = Network::builder()
        .proxy(format!("https://proxy.test:{}", server.address.port()))
        .resolve(format!("proxy.test:{}:{}", server.address.port(), server.address))
        .build()
        .unwrap();
    let error = fetch(&strict, "http://app.test/path").await.unwrap_err();
    assert!(error.to_string().contains("TLS certificate error"), "{error}");
}

/// A proxy cannot use the address of a mapping, and a secret for this machine must not leave it.
#[tokio::test]
async fn loopback_and_mapped_hosts_are_reached_directly_and_the_allow_list_holds() {
    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";
    let (proxy, _) = recording_server(b"HTTP/1.1 502 No\r\n\r\n").await;
    let (first, (second, _)) = (recording_server(ANSWER).await.0, recording_server(ANSWER).await);
    let network = Network::builder()
        .proxy(format!("http://{proxy}"))
        .resolve(format!("app.test:80:{second}"))
        .allow(["localhost", "app.test"])
        .build()
        .unwrap();
    let local = format!("http://localhost:{}/", first.port());
    assert_eq!(fetch(&network, &local).await.unwrap(), "hi");
    assert_eq!(fetch(&network, "http://app.test/").await.unwrap(), "hi");
    let error = fetch(&network, "http://other.test/").await.unwrap_err();
    assert!(matches!(error, Error::HttpRequestDenied), "{error:?}");
}

#[test]
fn settings_that_cannot_be_used_are_refused() {
    let error = Network::builder().resolve("nonsense").build().unwrap_err();
    assert_eq!(error, NetworkError::Resolution);
    let error = Network::builder().ca_certificate_pem("nonsense").build().unwrap_err();
    assert!(matches!(error, NetworkError::Certificate(_)), "{error:?}");
    let builder = Network::builder().proxy("socks5://user:hidden@proxy.test");
    assert!(!format!("{builder:?}").contains("hidden"), "{builder:?}");
    let error = builder.build().unwrap_err();
    assert!(matches!(error, NetworkError::Proxy { .. }), "{error:?}");
}

/// Fetches a response body, with timeouts that are long for a local server.
async fn fetch(network: &Network, url: &str) -> Result<String, Error> {
    let body: WasiBody = Empty::<Bytes>::new().map_err(|never| match never {}).boxed_unsync();
    let request = Request::get(url).body(body).unwrap();
    let options = RequestOptions {
        connect_timeout: Some(Duration::from_secs(10)),
        first_byte_timeout: Some(Duration::from_millis(500)),
        between_bytes_timeout: Some(Duration::from_millis(500)),
    };
    let (response, _driver) = send(&network.0, request, Some(options)).await?;
    let bytes = response.into_body().collect().await?.to_bytes();
    Ok(String::from_utf8(bytes.to_vec()).unwrap())
}

/// Sends these bytes on its first connection and keeps the connection open.
async fn plain_server(answer: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 1024]).await;
        let _ = stream.write_all(answer).await;
        std::future::pending::<()>().await;
    });
    address
}

/// Answers its first connection with these bytes and ends it. The task returns what it received.
async fn recording_server(answer: &'static [u8]) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let received = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"\r\n\r\n") && stream.read_buf(&mut bytes).await.unwrap() > 0 {}
        stream.write_all(answer).await.unwrap();
        String::from_utf8(bytes).unwrap()
    });
    (address, received)
}

/// A server with a certificate from its own authority.
struct TlsServer {
    address: SocketAddr,
    authority: String,
}

impl TlsServer {
    async fn start(name: &str) -> Self {
        let mut authority = CertificateParams::new([]).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority =
            CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new([name.to_owned()]).unwrap();
        let leaf = leaf.signed_by(&key, &authority).unwrap();
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let mut bytes = [0; 1024];
            let count = stream.read(&mut bytes).await.unwrap();
            let head = String::from_utf8_lossy(&bytes[..count]).to_lowercase();
            let line = String::from_utf8_lossy(&bytes[..count]);
            let line = line.lines().next().unwrap();
            let host = head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
            let body = format!("{line} for {host}");
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        });
        Self { address, authority: authority.pem() }
    }
}
