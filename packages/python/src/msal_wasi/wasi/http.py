"""`wasi:http` and `wasi:io/streams`: the part of them that a client needs, over `Exchange`."""

from __future__ import annotations

import threading
from typing import Any

from ..values import U16
from ..values import U64
from ..values import Case
from ..values import Err
from ..values import Ok
from ..values import Option
from ..values import Own
from .exchange import Exchange
from .exchange import Request
from .imports import Functions
from .poll import Pollable


class Fields:
    """Headers of a request or of an answer."""

    def __init__(self, entries: list[tuple[str, bytes]] | None = None) -> None:
        self.entries = entries or []

    def append(self, name: str, value: bytes) -> Ok:
        self.entries.append((name, bytes(value)))
        return Ok()


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
    """Time limits in nanoseconds."""

    def __init__(self) -> None:
        self.limits: dict[str, float | None] = {}

    def set(self, limit: str, duration: int | None) -> Ok:
        self.limits[limit] = None if duration is None else duration / 1e9
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
            return Option(Ok(Ok(Own(IncomingResponse(exchange)))))
        return Option(None if exchange.failure is None else Ok(Err(exchange.failure)))

    def drop(self) -> None:
        if self._exchange.answer is None:
            self._exchange.cancel()


class IncomingResponse:
    """An answer whose head has arrived."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._is_consumed = False

    def status(self) -> U16:
        return U16(self._exchange.answer.status if self._exchange.answer else 0)

    def headers(self) -> Own:
        return Own(Fields(self._exchange.answer.headers if self._exchange.answer else None))

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


def types() -> Functions:
    """`wasi:http/types`."""
    return {
        "http-error-code": lambda error: Option(error.code),
        "[constructor]fields": lambda: Own(Fields()),
        "[method]fields.append": Fields.append,
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
        **{
            f"[method]request-options.set-{name.replace('_', '-')}": _setter(name)
            for name in ("connect_timeout", "first_byte_timeout", "between_bytes_timeout")
        },
        "[method]future-incoming-response.subscribe": FutureIncomingResponse.subscribe,
        "[method]future-incoming-response.get": FutureIncomingResponse.get,
        "[method]incoming-response.status": IncomingResponse.status,
        "[method]incoming-response.headers": IncomingResponse.headers,
        "[method]incoming-response.consume": IncomingResponse.consume,
        "[method]incoming-body.stream": IncomingBody.stream,
    }


def streams() -> Functions:
    """`wasi:io/streams`. A request's body is kept in memory, so there is always room for more of it."""
    return {
        "[method]input-stream.read": InputStream.read,
        "[method]input-stream.subscribe": InputStream.subscribe,
        "[method]output-stream.check-write": lambda _stream: Ok(U64(64 << 10)),
        "[method]output-stream.write": OutputStream.write,
        "[method]output-stream.flush": lambda _stream: Ok(),
        "[method]output-stream.subscribe": lambda _stream: Own(Pollable(lambda: True)),
    }


def outgoing_handler(changed: threading.Condition) -> Functions:
    """`wasi:http/outgoing-handler`. `changed` is notified when an answer proceeds."""

    def handle(request: OutgoingRequest, options: RequestOptions | None) -> Ok:
        for limit, seconds in (options.limits if options else {}).items():
            setattr(request.request, limit, seconds)
        request.body.exchange = Exchange(request.request, changed)
        return Ok(Own(FutureIncomingResponse(request.body.exchange)))

    return {"handle": handle}


def _setter(limit: str) -> Any:
    return lambda options, duration: options.set(limit, duration)
