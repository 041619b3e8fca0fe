// MSAL Node as a peer: one JSON command per line in, one JSON answer per line out.
//
//     node peer.mjs DIR
//
// DIR is the folder that install.sh filled. README.md beside this file describes the commands.

import { X509Certificate } from "node:crypto";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const installed = createRequire(join(resolve(process.argv[2]), "node", "package.json"));
const msal = installed("@azure/msal-node");

const CLOUDS = [
  ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"],
  ["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"],
  ["login.microsoftonline.us", "login.usgovcloudapi.net"],
  ["login-us.microsoftonline.com"],
  ["login.microsoftonline.de"],
];
const PREFERRED_CACHE = { "login.microsoftonline.com": "login.windows.net" };
const ISSUED = {
  status: 200,
  headers: { "Content-Type": "application/json; charset=utf-8" },
  body: '{"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"access_token":"token-1"}',
};
const JUDGED = {
  client_id: "11111111-1111-1111-1111-111111111111",
  authority: "https://login.microsoftonline.com/22222222-2222-2222-2222-222222222222",
  scopes: ["https://graph.microsoft.com/.default"],
  credential: { secret: "a-secret" },
};

async function main() {
  for (const name of ["REGION_NAME", "MSAL_FORCE_REGION"]) delete process.env[name];
  for await (const line of createInterface({ input: process.stdin })) {
    let answer;
    try {
      answer = await obey(JSON.parse(line));
    } catch (failure) {
      answer = { failure: `${failure?.name}: ${failure?.message}` };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}

function obey(command) {
  const commands = { hello, request, judge, export: exportCache, import: importCache };
  if (!Object.hasOwn(commands, command.do)) throw new Error(`no command ${command.do}`);
  return commands[command.do](command);
}

function hello() {
  return { library: "msal-node", version: msal.version };
}

async function request(command) {
  const network = new Network(answerOf(command));
  const outcome = await new Application(command, network).acquire();
  return { requests: network.requests, unsupported: [], ...outcome };
}

async function judge(command) {
  const verdicts = [];
  for (const answer of command.answers) verdicts.push(await judgeOne(answer));
  return { verdicts };
}

async function judgeOne(answer) {
  const network = new Network(answer);
  const app = new Application(JUDGED, network);
  const first = await app.acquire();
  const [sent, postedTo] = [network.tokenRequests(), network.postedTo()];
  const again = await app.acquire();
  const seconds = app.heldBackFor();
  let second = seconds === null ? "failed" : "throttle";
  if (network.tokenRequests() > sent) second = "sent";
  else if (again.result) second = "cache";
  let verdict = first.error?.class === "refused" ? "refused" : "unusable";
  if (second === "throttle") verdict = "throttled";
  else if (first.result) verdict = "token";
  return {
    verdict,
    ...(first.error ?? first.result),
    requests: sent,
    posted_to: postedTo,
    second,
    retry_after: second === "throttle" ? seconds : null,
  };
}

async function exportCache(command) {
  const app = new Application({ ...JUDGED, ...command }, new Network(answerOf(command)));
  const outcome = await app.acquire();
  return { cache: app.serialized(), ...outcome };
}

async function importCache(command) {
  const network = new Network(null);
  const app = new Application(command, network, command.cache);
  const outcome = await app.acquire();
  return {
    from_cache: outcome.result?.from_cache ?? false,
    access_token: outcome.result?.access_token ?? null,
    token_requests: network.tokenRequests(),
    error: outcome.error ?? null,
    cache: app.serialized(),
  };
}

function answerOf(command) {
  return "answer" in command ? command.answer : ISSUED;
}

/** A fresh MSAL application and the arguments of its calls. */
class Application {
  constructor(command, network, cache) {
    this.command = command;
    this.network = network;
    this.cache = cache;
    this.app = null;
  }

  /** `{result}` or `{error}`; building the application is part of the attempt. */
  async acquire() {
    globalThis.fetch = (url, options) => this.network.fetch(url, options);
    let answer;
    try {
      this.app ??= this.build();
      answer = await this.app.acquireTokenByClientCredential({
        scopes: this.command.scopes,
        ...(this.command.claims && { claims: this.command.claims }),
        ...(this.command.region && { azureRegion: this.command.region }),
        ...(this.command.fmi_path && { fmiPath: this.command.fmi_path }),
        ...(this.command.correlation_id && { correlationId: this.command.correlation_id }),
      });
    } catch (exception) {
      return { error: thrown(exception) };
    }
    if (!answer?.accessToken) return { error: { class: "no_token" } };
    return { result: this.token(answer) };
  }

  build() {
    const { client_id: clientId, authority, capabilities, known_authority: known } = this.command;
    const app = new msal.ConfidentialClientApplication({
      auth: {
        clientId,
        authority,
        ...credential(this.command.credential),
        ...(capabilities && { clientCapabilities: capabilities }),
        ...(known && { knownAuthorities: [new URL(authority).host] }),
      },
      system: { loggerOptions: { loggerCallback() {} } },
    });
    if (this.cache !== undefined) app.getTokenCache().deserialize(this.cache);
    return app;
  }

  serialized() {
    return this.app?.getTokenCache().serialize() ?? null;
  }

  token(answer) {
    const entries = JSON.parse(this.serialized()).AccessToken;
    const stored = Object.values(entries).find((entry) => entry.secret === answer.accessToken);
    return {
      access_token: answer.accessToken,
      token_type: answer.tokenType,
      from_cache: answer.fromCache,
      expires_in: after(stored, "expires_on"),
      ext_expires_in: after(stored, "extended_expires_on"),
      refresh_in: after(stored, "refresh_on"),
      scopes: answer.scopes,
    };
  }

  /** For how many seconds the library keeps the same request from being sent again. */
  heldBackFor() {
    for (const [key, value] of Object.entries(this.app.getTokenCache().getKVStore())) {
      if (key.startsWith("throttling.")) {
        return Math.round((value.throttleTime - Date.now()) / 1000);
      }
    }
    return null;
  }
}

function after(entry, name) {
  if (!entry?.[name] || !entry.cached_at) return null;
  return Number(entry[name]) - Number(entry.cached_at);
}

function credential(given) {
  if ("secret" in given) return { clientSecret: given.secret };
  if ("assertion" in given) return { clientAssertion: given.assertion };
  const certificate = new X509Certificate(given.certificate_pem);
  const thumbprint =
    given.algorithm === "RS256"
      ? { thumbprint: certificate.fingerprint.replaceAll(":", "") }
      : { thumbprintSha256: certificate.fingerprint256.replaceAll(":", "") };
  return {
    clientCertificate: {
      ...thumbprint,
      privateKey: given.private_key_pem,
      ...(given.send_x5c && { x5c: given.certificate_pem }),
    },
  };
}

function thrown(exception) {
  const refusals = [msal.ServerError, msal.InteractionRequiredAuthError];
  if (refusals.some((refusal) => exception instanceof refusal)) {
    return {
      class: "refused",
      error: exception.errorCode,
      error_codes: exception.errorNo === undefined ? null : [exception.errorNo],
      suberror: exception.subError || null,
      claims: exception.claims || null,
      description_head: head(exception.errorMessage),
      status: exception.status ?? null,
      exception: exception.name,
    };
  }
  return {
    class: exception?.errorCode === "token_parsing_error" ? "unparsable" : "exception",
    description_head: head(exception?.message),
    status: null,
    exception: exception?.name ?? null,
  };
}

function head(text) {
  return typeof text === "string" ? text.slice(0, 120) : null;
}

/**
 * The transport of the library's own HTTP client, which calls `fetch`. Records every request.
 * Answers discovery like Entra, and token requests with the given answer. Without an answer, token
 * requests fail like a broken connection.
 */
class Network {
  constructor(answer) {
    this.answer = answer;
    this.requests = [];
  }

  tokenRequests() {
    return this.requests.filter((sent) => sent.method === "POST").length;
  }

  postedTo() {
    const posts = this.requests.filter((sent) => sent.method === "POST");
    return [...new Set(posts.map((sent) => new URL(sent.url).hostname))];
  }

  // Redirects are followed here, because a real `fetch` follows them before the library sees one.
  async fetch(address, { method, headers, body }) {
    let response;
    for (let hops = 0; hops <= 20; hops += 1) {
      response = this.exchange(address, method, headers, body);
      const location = response.headers.get("location");
      if (![301, 302, 303, 307, 308].includes(response.status) || !location) return response;
      address = new URL(location, address).href;
      if (response.status < 307) [method, body] = ["GET", undefined];
    }
    throw new TypeError("fetch failed");
  }

  exchange(address, method, headers, body) {
    this.requests.push({
      method,
      url: address,
      headers: Object.fromEntries(headers),
      form: [...new URLSearchParams(body)],
    });
    const url = new URL(address);
    const found = url.protocol === "https:" && method === "GET" ? discovery(url) : null;
    const answer = found ?? (url.protocol === "https:" ? this.answer : null);
    if (!answer) throw new TypeError("fetch failed");
    const bodiless = [204, 205, 304].includes(answer.status);
    return new Response(bodiless ? null : (answer.body ?? ""), {
      status: answer.status,
      headers: answer.headers ?? {},
    });
  }
}

function discovery(url) {
  if (url.pathname.endsWith("/.well-known/openid-configuration")) {
    return jsonAnswer(200, openidConfiguration(url));
  }
  if (url.pathname === "/common/discovery/instance") {
    return instanceDiscovery(new URL(url.searchParams.get("authorization_endpoint")).hostname);
  }
  return null;
}

function openidConfiguration(url) {
  const path = url.pathname.replaceAll("//", "/");
  const base = url.origin + path.slice(0, -"/.well-known/openid-configuration".length);
  const endpoints = base.endsWith("/v2.0") ? `${base.slice(0, -5)}/oauth2/v2.0` : `${base}/oauth2`;
  return {
    issuer: base,
    authorization_endpoint: `${endpoints}/authorize`,
    token_endpoint: `${endpoints}/token`,
    jwks_uri: `${base}/keys`,
  };
}

function instanceDiscovery(host) {
  if (!CLOUDS.some((aliases) => aliases.includes(host))) {
    return jsonAnswer(400, {
      error: "invalid_instance",
      error_description: "AADSTS50049: Unknown or invalid instance.",
      error_codes: [50049],
    });
  }
  return jsonAnswer(200, {
    tenant_discovery_endpoint: `https://${host}/common/.well-known/openid-configuration`,
    "api-version": "1.1",
    metadata: CLOUDS.map((aliases) => ({
      preferred_network: aliases[0],
      preferred_cache: PREFERRED_CACHE[aliases[0]] ?? aliases[0],
      aliases,
    })),
  });
}

function jsonAnswer(status, value) {
  const headers = { "Content-Type": "application/json; charset=utf-8" };
  return { status, headers, body: JSON.stringify(value) };
}

await main();
