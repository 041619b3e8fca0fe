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

#[test]
fn settings_that_cannot_be_used_are_refused() {
    let error = Network::builder().resolve("nonsense").build().unwrap_err();
    assert_eq!(error, NetworkError::Resolution("nonsense".to_owned()));
    let error = Network::builder().ca_certificate_pem("nonsense").build().unwrap_err();
    assert!(matches!(error, NetworkError::Certificate(_)), "{error:?}");
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
