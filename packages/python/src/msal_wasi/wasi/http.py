"""The part of `wasi:http`, and of `wasi:io` for bodies, that a client needs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from ..values import U16
from ..values import U64
from ..values import Case
from ..values import Err
from ..values import Ok
from ..values import Option
from ..values import Own
from .exchange import Answer
from .exchange import Exchange
from .exchange import Limits
from .exchange import Request
from .interface import Interface
from .poll import Pollable


class Fields:
    """Headers of a request or of an answer."""

    def __init__(self, entries: list[tuple[str, bytes]]) -> None:
        self.entries = entries

    @classmethod
    def from_list(cls, entries: list[tuple[str, bytes]]) -> Ok:
        return Ok(Own(cls([(name, bytes(value)) for name, value in entries])))


class OutgoingBody:
    """A request's body, which is sent when it is finished."""

    def __init__(self) -> None:
        self.content = bytearray()
        self.exchange: Exchange | None = None

    def finish(self, _trailers: Fields | None) -> Ok:
        if self.exchange is not None:
            self.exchange.start(bytes(self.content))
        return Ok()


class OutputStream:
    """Writes to a request's body."""

    def __init__(self, body: OutgoingBody) -> None:
        self._body = body

    def write(self, contents: bytes) -> Ok:
        self._body.content += bytes(contents)
        return Ok()


class OutgoingRequest:
    """A request under construction."""

    def __init__(self, headers: Fields) -> None:
        self.request = Request(headers.entries)
        self.body = OutgoingBody()

    def set_method(self, method: Case) -> Ok:
        self.request.method = method.tag.upper()
        return Ok()

    def set_scheme(self, scheme: Case | None) -> Ok:
        self.request.scheme = scheme.tag if scheme else "HTTPS"
        return Ok()

    def set_authority(self, authority: str | None) -> Ok:
        self.request.authority = authority or ""
        return Ok()

    def set_path(self, path: str | None) -> Ok:
        self.request.path = path or "/"
        return Ok()


class RequestOptions:
    """Time limits, which the guest counts in nanoseconds."""

    def __init__(self) -> None:
        self.limits = Limits()

    def set_connect_timeout(self, duration: int | None) -> Ok:
        self.limits.connect = _seconds(duration)
        return Ok()

    def set_first_byte_timeout(self, duration: int | None) -> Ok:
        self.limits.first_byte = _seconds(duration)
        return Ok()

    def set_between_bytes_timeout(self, duration: int | None) -> Ok:
        self.limits.between_bytes = _seconds(duration)
        return Ok()


class FutureIncomingResponse:
    """The answer that is awaited."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def subscribe(self) -> Own:
        return Own(Pollable(self._exchange.has_answered))

    def get(self) -> Option:
        exchange = self._exchange
        if exchange.answer is not None:
            return Option(Ok(Ok(Own(IncomingResponse(exchange, exchange.answer)))))
        return Option(None if exchange.failure is None else Ok(Err(exchange.failure)))

    def drop(self) -> None:
        if self._exchange.answer is None:
            self._exchange.cancel()


class IncomingResponse:
    """An answer whose head has arrived."""

    def __init__(self, exchange: Exchange, answer: Answer) -> None:
        self.answer = answer
        self._exchange = exchange
        self._is_consumed = False

    def consume(self) -> Ok:
        self._is_consumed = True
        return Ok(Own(IncomingBody(self._exchange)))

    def drop(self) -> None:
        if not self._is_consumed:
            self._exchange.cancel()


class IncomingBody:
    """An answer's body."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def stream(self) -> Ok:
        return Ok(Own(InputStream(self._exchange)))

    def drop(self) -> None:
        self._exchange.cancel()


class InputStream:
    """Reads an answer's body."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def read(self, length: int) -> Ok | Err:
        exchange = self._exchange
        if not exchange.is_readable():
            return Ok(b"")
        if chunk := exchange.read(length):
            return Ok(chunk)
        if exchange.failure is not None:
            return Err(Case("last-operation-failed", Own(IoError(exchange.failure))))
        return Err(Case("closed"))

    def subscribe(self) -> Own:
        return Own(Pollable(self._exchange.is_readable))


class IoError:
    """Why a stream failed."""

    def __init__(self, code: Case) -> None:
        self.code = code


def types() -> Interface:
    functions: dict[str, Callable[..., Any]] = {
        "http-error-code": lambda error: Option(error.code),
        "[static]fields.from-list": Fields.from_list,
        "[method]fields.entries": lambda fields: fields.entries,
        "[constructor]outgoing-request": lambda headers: Own(OutgoingRequest(headers)),
        "[method]outgoing-request.body": lambda request: Ok(Own(request.body)),
        "[method]outgoing-request.set-method": OutgoingRequest.set_method,
        "[method]outgoing-request.set-scheme": OutgoingRequest.set_scheme,
        "[method]outgoing-request.set-authority": OutgoingRequest.set_authority,
        "[method]outgoing-request.set-path-with-query": OutgoingRequest.set_path,
        "[method]outgoing-body.write": lambda body: Ok(Own(OutputStream(body))),
        "[static]outgoing-body.finish": OutgoingBody.finish,
        "[constructor]request-options": lambda: Own(RequestOptions()),
        "[method]request-options.set-connect-timeout": RequestOptions.set_connect_timeout,
        "[method]request-options.set-first-byte-timeout": RequestOptions.set_first_byte_timeout,
        "[method]request-options.set-between-bytes-timeout": RequestOptions.set_between_bytes_timeout,
        "[method]future-incoming-response.subscribe": FutureIncomingResponse.subscribe,
        "[method]future-incoming-response.get": FutureIncomingResponse.get,
        "[method]incoming-response.status": lambda response: U16(response.answer.status),
        "[method]incoming-response.headers": lambda response: Own(Fields(response.answer.headers)),
        "[method]incoming-response.consume": IncomingResponse.consume,
        "[method]incoming-body.stream": IncomingBody.stream,
    }
    resources = {
        "fields": Fields,
        "outgoing-request": OutgoingRequest,
        "outgoing-body": OutgoingBody,
        "request-options": RequestOptions,
        "future-incoming-response": FutureIncomingResponse,
        "incoming-response": IncomingResponse,
        "incoming-body": IncomingBody,
    }
    return Interface("wasi:http/types@0.2.6", functions, resources)


def errors() -> Interface:
    return Interface("wasi:io/error@0.2.6", {}, {"error": IoError})


def streams() -> Interface:
    functions: dict[str, Callable[..., Any]] = {
        "[method]input-stream.read": InputStream.read,
        "[method]input-stream.subscribe": InputStream.subscribe,
        # A request's body is kept in memory, so there is always room for more of it.
        "[method]output-stream.check-write": lambda _stream: Ok(U64(64 << 10)),
        "[method]output-stream.write": OutputStream.write,
        "[method]output-stream.flush": lambda _stream: Ok(),
        "[method]output-stream.subscribe": lambda _stream: Own(Pollable(lambda: True)),
    }
    resources = {"input-stream": InputStream, "output-stream": OutputStream}
    return Interface("wasi:io/streams@0.2.6", functions, resources)


def outgoing_handler(changed: threading.Condition) -> Interface:
    """`changed` is notified when an answer proceeds."""

    def handle(request: OutgoingRequest, options: RequestOptions | None) -> Ok:
        limits = Limits() if options is None else options.limits
        exchange = Exchange(request.request, limits, changed)
        request.body.exchange = exchange
        return Ok(Own(FutureIncomingResponse(exchange)))

    return Interface("wasi:http/outgoing-handler@0.2.6", {"handle": handle})


def _seconds(duration: int | None) -> float | None:
    return None if duration is None else duration / 1e9
