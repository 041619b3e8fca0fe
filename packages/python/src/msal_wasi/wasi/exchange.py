"""One HTTP request and its answer."""

from __future__ import annotations

import functools
import http.client
import socket
import ssl
import threading
import urllib.parse
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field

from ..values import Case
from ..values import Option


@dataclass
class Request:
    """A request without its body."""

    headers: list[tuple[str, bytes]]
    method: str = "GET"
    scheme: str = "HTTPS"
    authority: str = ""
    path: str = "/"


@dataclass
class Limits:
    """Time limits in seconds. The guest has a deadline for the whole exchange besides."""

    connect: float | None = None
    first_byte: float | None = None
    between_bytes: float | None = None


@dataclass
class Answer:
    """The head of an answer."""

    status: int
    headers: list[tuple[str, bytes]] = field(repr=False)


class Exchange:
    """Sends a request from a thread, because only then does a deadline hold for name lookup and slow answers too.

    Follows no redirect and uses no proxy. Trusts what `ssl.create_default_context` trusts.
    """

    def __init__(self, request: Request, limits: Limits, changed: threading.Condition) -> None:
        self.answer: Answer | None = None
        self.failure: Case | None = None
        self.is_complete = False
        self._request = request
        self._limits = limits
        self._changed = changed
        self._body = bytearray()
        self._socket: socket.socket | None = None
        self._is_cancelled = False

    def start(self, body: bytes) -> None:
        threading.Thread(target=self._run, args=(body,), name="msal-wasi-http", daemon=True).start()

    def cancel(self) -> None:
        """Closes the connection. A request that has not been sent yet is not sent."""
        with self._changed:
            self._is_cancelled = True
            self._changed.notify_all()
            if self._socket is not None and not self.is_complete:
                with suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)

    def has_answered(self) -> bool:
        return self.answer is not None or self.failure is not None

    def is_readable(self) -> bool:
        return bool(self._body) or self.is_complete

    def read(self, length: int) -> bytes:
        """What has arrived of the answer's body."""
        with self._changed:
            chunk = bytes(self._body[:length])
            del self._body[:length]
            self._changed.notify_all()
        return chunk

    def _run(self, body: bytes) -> None:
        failure = None
        try:
            connection = self._connect()
        except Exception as error:
            failure = _connect_error(error)
        else:
            try:
                self._exchange(connection, body)
            except Exception as error:
                failure = _exchange_error(error)
            finally:
                connection.close()
        with self._changed:
            self.failure = failure
            self.is_complete = True
            self._changed.notify_all()

    def _connect(self) -> http.client.HTTPConnection:
        request = self._request
        target = urllib.parse.urlsplit(f"//{request.authority}")
        host, port, timeout = target.hostname or "", target.port, self._limits.connect
        if request.scheme == "HTTP":
            connection = http.client.HTTPConnection(host, port, timeout=timeout)
        else:
            connection = http.client.HTTPSConnection(host, port, timeout=timeout, context=_tls())
        connection.connect()
        return connection

    def _exchange(self, connection: http.client.HTTPConnection, body: bytes) -> None:
        request, sock = self._request, connection.sock
        with self._changed:
            if self._is_cancelled:
                return
            self._socket = sock
        sock.settimeout(self._limits.first_byte)
        connection.putrequest(request.method, request.path, skip_accept_encoding=True)
        for name, value in request.headers:
            connection.putheader(name, value)
        connection.putheader("connection", "close")
        connection.endheaders(body)
        with connection.getresponse() as response:
            headers = [(name, value.encode("latin-1")) for name, value in response.getheaders()]
            self._announce(Answer(response.status, headers))
            sock.settimeout(self._limits.between_bytes)
            while chunk := response.read1(_CHUNK):
                self._append(chunk)
            if response.length:
                raise http.client.IncompleteRead(b"", response.length)

    def _announce(self, answer: Answer) -> None:
        with self._changed:
            self.answer = answer
            self._changed.notify_all()

    def _append(self, chunk: bytes) -> None:
        with self._changed:
            # An endless answer must not fill the memory faster than the guest reads it.
            self._changed.wait_for(lambda: len(self._body) < _BUFFER or self._is_cancelled)
            self._body += chunk
            self._changed.notify_all()


@functools.cache
def _tls() -> ssl.SSLContext:
    """Reading the certificate authorities takes about 20 ms, so it happens once."""
    return ssl.create_default_context()


def _connect_error(error: Exception) -> Case:
    """An error code of `wasi:http` for a request that was not sent."""
    match error:
        case socket.gaierror():
            return Case("DNS-error", {"rcode": Option(), "info-code": Option()})
        case TimeoutError():
            return Case("connection-timeout")
        case ConnectionRefusedError():
            return Case("connection-refused")
        case ssl.SSLCertVerificationError():
            return Case("TLS-certificate-error")
        case ssl.SSLError():
            return Case("TLS-protocol-error")
        case OSError():
            return Case("destination-unavailable")
        case _:
            return Case("internal-error", Option(f"{type(error).__name__} while connecting"))


def _exchange_error(error: Exception) -> Case:
    """An error code of `wasi:http` for a request that may have been processed."""
    match error:
        case TimeoutError():
            return Case("connection-read-timeout")
        case OSError():
            return Case("connection-terminated")
        case http.client.IncompleteRead():
            return Case("HTTP-response-incomplete")
        case http.client.HTTPException():
            return Case("HTTP-protocol-error")
        case _:
            return Case("internal-error", Option(f"{type(error).__name__} in the exchange"))


_CHUNK = 64 << 10
_BUFFER = 1 << 20
