// wasi:http over `fetch`, as far as the component uses it.

import { Pollable } from './pollable.js';
import { InputStream, OutputStream } from './streams.js';

class Fields {
  #entries;

  constructor(entries) {
    this.#entries = entries;
  }

  static fromList(entries) {
    return new Fields(entries);
  }

  entries() {
    return this.#entries;
  }
}

class OutgoingRequest {
  #headers;
  #body = new OutgoingBody();

  constructor(headers) {
    this.#headers = headers;
  }

  body() {
    return this.#body;
  }

  setMethod({ tag }) {
    this.method = tag.toUpperCase();
  }

  setScheme({ tag }) {
    this.scheme = tag.toLowerCase();
  }

  setAuthority(authority) {
    this.authority = authority;
  }

  setPathWithQuery(path) {
    this.path = path;
  }

  /** Sends the request as soon as its body is finished. */
  async send(signal) {
    const body = await this.#body.finished;
    // `fetch` states the length itself.
    const headers = this.#headers.entries().filter(([name]) => name !== 'content-length');
    return fetch(`${this.scheme}://${this.authority}${this.path}`, {
      method: this.method,
      headers: [
        ['accept-encoding', 'identity'],
        ...headers.map(([name, value]) => [name, new TextDecoder().decode(value)]),
      ],
      body: this.method === 'GET' ? undefined : body,
      redirect: 'manual',
      signal,
    });
  }
}

class OutgoingBody {
  #stream = new OutputStream();
  #finish;
  finished = new Promise((resolve) => {
    this.#finish = resolve;
  });

  write() {
    return this.#stream;
  }

  static finish(body) {
    body.#finish(new Blob(body.#stream.chunks));
  }
}

class RequestOptions {
  setConnectTimeout() {
    throw undefined; // `fetch` has its own.
  }

  setFirstByteTimeout(nanoseconds) {
    this.firstByteMs = Number(nanoseconds) / 1e6;
  }

  setBetweenBytesTimeout() {
    throw undefined; // The deadline of the call ends a body that stalls.
  }
}

class FutureIncomingResponse {
  #outcome;
  #settled;
  #controller = new AbortController();
  #timer;

  constructor(request, options) {
    this.#timer = setTimeout(() => this.#controller.abort(SILENT), options.firstByteMs);
    this.#settled = request
      .send(this.#controller.signal)
      .then(
        (response) => ({ tag: 'ok', val: new IncomingResponse(response) }),
        (error) => ({ tag: 'err', val: toErrorCode(error) }),
      )
      .then((outcome) => {
        clearTimeout(this.#timer);
        this.#outcome = outcome;
      });
  }

  subscribe() {
    return new Pollable(this.#settled);
  }

  get() {
    return this.#outcome && { tag: 'ok', val: this.#outcome };
  }

  [Symbol.dispose]() {
    if (this.#outcome === undefined) {
      clearTimeout(this.#timer);
      this.#controller.abort(SILENT);
    }
  }
}

class IncomingResponse {
  #response;
  #stream;

  constructor(response) {
    this.#response = response;
    this.#stream = new InputStream(response.body ?? new Blob().stream());
  }

  status() {
    return this.#response.status;
  }

  headers() {
    return new Fields(Array.from(this.#response.headers, ([name, value]) => [name, new TextEncoder().encode(value)]));
  }

  consume() {
    return new IncomingBody(this.#stream);
  }
}

class IncomingBody {
  #stream;

  constructor(stream) {
    this.#stream = stream;
  }

  stream() {
    return this.#stream;
  }
}

export const types = {
  Fields,
  FutureIncomingResponse,
  IncomingBody,
  IncomingResponse,
  OutgoingBody,
  OutgoingRequest,
  RequestOptions,
  httpErrorCode: ({ cause }) => toErrorCode(cause),
};

export const outgoingHandler = { handle: (request, options) => new FutureIncomingResponse(request, options) };

const SILENT = { code: 'SILENT' };

/** `fetch` hides the reason in the cause of its error. */
function toErrorCode(error) {
  const { code = '', message } = error?.cause ?? error;
  if (/^(CERT|DEPTH_ZERO|ERR_TLS_CERT|SELF_SIGNED|UNABLE_TO)/.test(code)) {
    return { tag: 'TLS-certificate-error' };
  }
  if (code.startsWith('HPE_')) {
    return { tag: 'HTTP-response-incomplete' };
  }
  switch (code) {
    case 'SILENT':
      return { tag: 'connection-read-timeout' };
    case 'ECONNREFUSED':
      return { tag: 'connection-refused' };
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return { tag: 'connection-terminated' };
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return { tag: 'connection-timeout' };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return { tag: 'DNS-error', val: { rcode: code } };
    default:
      return { tag: 'internal-error', val: message };
  }
}
