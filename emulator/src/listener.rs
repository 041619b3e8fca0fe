use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::io::AsyncRead;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWrite;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::clock::to_http_date;
use crate::connection_fault::ConnectionFault;
use crate::http::Act;
use crate::http::Delivery;
use crate::http::ReadError;
use crate::http::Request;
use crate::http::Response;
use crate::journal::Journal;
use crate::router;
use crate::service::Service;

/// How long a client may take to send its request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a client may take to close after the answer. Closing while bytes of the client are unread
/// resets the connection, and the client could lose the answer.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
/// Accepting fails if there are too many open files, which is temporary.
const PAUSE_AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(20);

/// The state shared by all connections.
pub(crate) struct Shared {
    pub(crate) service: Mutex<Service>,
    pub(crate) journal: Journal,
    pub(crate) connections: AtomicU64,
    pub(crate) faults: Mutex<VecDeque<ConnectionFault>>,
}

impl Shared {
    pub(crate) fn service(&self) -> MutexGuard<'_, Service> {
        self.service.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, VecDeque<ConnectionFault>> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Accepts connections forever, with TLS if there is an acceptor.
pub(crate) async fn listen(listener: TcpListener, tls: Option<TlsAcceptor>, shared: Arc<Shared>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let (tls, shared) = (tls.clone(), Arc::clone(&shared));
                tokio::spawn(async move {
                    // A failed connection affects only its client.
                    let _ = serve(stream, tls, &shared).await;
                });
            }
            Err(_) => sleep(PAUSE_AFTER_FAILED_ACCEPT).await,
        }
    }
}

async fn serve(mut stream: TcpStream, tls: Option<TlsAcceptor>, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let fault = shared.faults().pop_front().unwrap_or(ConnectionFault::None);
    match &fault {
        ConnectionFault::Close => return Ok(()),
        ConnectionFault::Reset => return stream.set_zero_linger(),
        ConnectionFault::Hang => return wait_for_end(&mut stream).await,
        ConnectionFault::CloseAfterFirstBytes => {
            return stream.read(&mut [0; 16 * 1024]).await.map(drop);
        }
        ConnectionFault::Garbage(bytes) => {
            stream.write_all(bytes).await?;
            return close_gracefully(&mut stream).await;
        }
        _ => {}
    }
    match tls {
        None => serve_request(stream, None, fault, shared).await,
        Some(acceptor) => {
            let stream = timeout(REQUEST_TIMEOUT, acceptor.accept(stream)).await??;
            let server_name = stream.get_ref().1.server_name().map(str::to_owned);
            serve_request(stream, Some(server_name), fault, shared).await
        }
    }
}

/// Reads one request and answers it. `tls` is `Some` with TLS, and contains the server name of the
/// handshake.
async fn serve_request<S: Stream>(
    mut stream: S,
    tls: Option<Option<String>>,
    fault: ConnectionFault,
    shared: &Shared,
) -> io::Result<()> {
    match fault {
        ConnectionFault::CloseAfterRequestBytes(count) => {
            return read_some(&mut stream, count).await;
        }
        ConnectionFault::ResetAfterRequestBytes(count) => {
            read_some(&mut stream, count).await?;
            return stream.abort();
        }
        ConnectionFault::AnswerAfterHead(bytes) => {
            read_head(&mut stream).await?;
            stream.write_all(&bytes).await?;
            stream.flush().await?;
            return stream.shutdown().await;
        }
        _ => {}
    }
    let delivery = match timeout(REQUEST_TIMEOUT, Request::read(&mut stream)).await? {
        Ok(mut request) => {
            request.tls = tls.is_some();
            request.server_name = tls.flatten();
            router::answer(&mut shared.service(), &request, &shared.journal)
        }
        Err(ReadError::Closed) => return Ok(()),
        Err(ReadError::Malformed(reason)) => refuse(400, reason, shared),
        Err(ReadError::TooLarge) => refuse(413, "the request is too large", shared),
    };
    deliver(&mut stream, delivery).await
}

fn refuse(status: u16, reason: &str, shared: &Shared) -> Delivery {
    let date = to_http_date(shared.service().clock.now());
    Delivery::plain(&Response::text(status, reason), &date)
}

async fn deliver<S: Stream>(stream: &mut S, delivery: Delivery) -> io::Result<()> {
    sleep(delivery.delay_before).await;
    let pause = delivery.delay_per_piece;
    match delivery.act {
        Act::Close => Ok(()),
        Act::Reset => stream.abort(),
        Act::Hang => wait_for_end(stream).await,
        Act::Write(pieces) => {
            write(stream, &pieces, pause).await?;
            close_gracefully(stream).await
        }
        Act::WriteAndDrop(pieces) => write(stream, &pieces, pause).await,
        Act::WriteEndlessly(pieces) => {
            write(stream, &pieces, pause).await?;
            let again: Vec<Vec<u8>> = pieces.last().cloned().into_iter().collect();
            loop {
                // Without a pause, an empty piece would spin and never notice that the client has disconnected.
                sleep(pause.max(Duration::from_micros(50))).await;
                write(stream, &again, pause).await?;
            }
        }
    }
}

async fn write<S: Stream>(stream: &mut S, pieces: &[Vec<u8>], pause: Duration) -> io::Result<()> {
    for (index, piece) in pieces.iter().enumerate() {
        if index > 0 {
            sleep(pause).await;
        }
        stream.write_all(piece).await?;
        stream.flush().await?;
    }
    Ok(())
}

/// Shuts down the connection and waits for the client to close it.
async fn close_gracefully<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> io::Result<()> {
    stream.shutdown().await?;
    timeout(CLOSE_TIMEOUT, wait_for_end(stream)).await?
}

async fn wait_for_end<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<()> {
    let mut ignored = [0; 4096];
    while stream.read(&mut ignored).await? > 0 {}
    Ok(())
}

async fn read_some<S: AsyncRead + Unpin>(stream: &mut S, count: usize) -> io::Result<()> {
    for _ in 0..count {
        stream.read_u8().await?;
    }
    Ok(())
}

async fn read_head<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<()> {
    let mut last = [0; 4];
    while last != *b"\r\n\r\n" {
        last.rotate_left(1);
        last[3] = stream.read_u8().await?;
    }
    Ok(())
}

/// A connection, with or without TLS.
trait Stream: AsyncRead + AsyncWrite + Unpin {
    /// Makes the connection end with a reset when dropped.
    fn abort(&self) -> io::Result<()>;
}

impl Stream for TcpStream {
    fn abort(&self) -> io::Result<()> {
        self.set_zero_linger()
    }
}

impl Stream for TlsStream<TcpStream> {
    fn abort(&self) -> io::Result<()> {
        self.get_ref().0.set_zero_linger()
    }
}
