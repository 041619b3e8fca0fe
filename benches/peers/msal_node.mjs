// Times calls of MSAL Node, with a function instead of a network, and prints the medians in µs as JSON.
//
//     node msal_node.mjs INSTALLED KEY CERTIFICATE SCALE
//
// INSTALLED is the folder that host-tests/peers/install.sh filled, KEY and CERTIFICATE are PEM files, and SCALE is a factor
// for the numbers of calls.

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [INSTALLED, KEY, CERTIFICATE, SCALE] = process.argv.slice(2);
const msal = createRequire(join(resolve(INSTALLED), "node", "package.json"))("@azure/msal-node");

const AUTHORITY = "https://login.microsoftonline.com/22222222-2222-2222-2222-222222222222";
const CLIENT_ID = "11111111-1111-1111-1111-111111111111";
const SCOPE = "https://graph.microsoft.com/.default";
const TOKEN = "x".repeat(1384);

async function main() {
  for (const name of ["REGION_NAME", "MSAL_FORCE_REGION"]) delete process.env[name];
  const secret = { clientSecret: "a-secret-of-forty-characters-like-Entra's" };
  const certificate = {
    clientCertificate: {
      thumbprintSha256: thumbprint(readFileSync(CERTIFICATE, "ascii")),
      privateKey: readFileSync(KEY, "ascii"),
    },
  };
  const medians_us = {
    "hit-warm": await median(5_000, await hitsOfOneObject(secret)),
    "hit-one": await median(2_000, await hitsOfFreshObjects(secret, 1)),
    "hit-certificate": await median(500, await hitsOfFreshObjects(certificate, 1)),
    "hit-thousand": await median(200, await hitsOfFreshObjects(secret, 1_000)),
    "hit-ten-thousand": await median(20, await hitsOfFreshObjects(secret, 10_000)),
    "miss-secret": await median(2_000, misses(secret)),
    "miss-ps256": await median(500, misses(certificate)),
  };
  const version = `MSAL Node ${msal.version} on Node ${process.versions.node}`;
  console.log(JSON.stringify({ version, medians_us }));
}

async function hitsOfOneObject(credential) {
  const app = application(credential);
  await acquire(app, false);
  return () => acquire(app, true);
}

/** Each call reads the serialized cache, as a process does that keeps it in a store. */
async function hitsOfFreshObjects(credential, tokens) {
  const blob = await cacheOf(credential, tokens);
  return () => {
    const app = application(credential);
    app.getTokenCache().deserialize(blob);
    return acquire(app, true);
  };
}

/** Each call ends with the serialized cache, which a store would keep. */
function misses(credential) {
  return async () => {
    const app = application(credential);
    await acquire(app, false);
    app.getTokenCache().serialize();
  };
}

/** A serialized cache with the token of SCOPE in the middle of tokens of other scopes. */
async function cacheOf(credential, tokens) {
  const app = application(credential);
  await acquire(app, false);
  const content = JSON.parse(app.getTokenCache().serialize());
  const [[key, entry], ...others] = Object.entries(content.AccessToken);
  assert.equal(others.length, 0);
  const scopes = Array.from({ length: tokens - 1 }, (_, number) => `https://${number}.example/.default`);
  scopes.splice(Math.floor(tokens / 2), 0, SCOPE);
  content.AccessToken = Object.fromEntries(
    scopes.map((scope) => [key.replace(SCOPE, scope), { ...entry, target: scope }]),
  );
  assert.equal(Object.keys(content.AccessToken).length, tokens);
  return JSON.stringify(content);
}

function application(credential) {
  return new msal.ConfidentialClientApplication({
    auth: { clientId: CLIENT_ID, authority: AUTHORITY, ...credential },
    system: { networkClient: NETWORK, loggerOptions: { loggerCallback() {} } },
  });
}

async function acquire(app, isHit) {
  const answer = await app.acquireTokenByClientCredential({ scopes: [SCOPE] });
  assert.equal(answer.accessToken.length, TOKEN.length);
  assert.equal(answer.fromCache, isHit);
}

/** MSAL's HTTP client as functions. */
const NETWORK = {
  async sendGetRequestAsync(url) {
    assert.equal(url, `${AUTHORITY}/v2.0/.well-known/openid-configuration`);
    return answer({
      issuer: `${AUTHORITY}/v2.0`,
      authorization_endpoint: `${AUTHORITY}/oauth2/v2.0/authorize`,
      token_endpoint: `${AUTHORITY}/oauth2/v2.0/token`,
    });
  },
  async sendPostRequestAsync(url) {
    assert.ok(url.startsWith(`${AUTHORITY}/oauth2/v2.0/token`), url);
    return answer(JSON.parse(ISSUED));
  },
};

// The library's own client parses the body, so the function does it too.
const ISSUED = JSON.stringify({
  token_type: "Bearer",
  expires_in: 3599,
  ext_expires_in: 3599,
  access_token: TOKEN,
});

function answer(body) {
  return { status: 200, headers: { "content-type": "application/json; charset=utf-8" }, body };
}

function thumbprint(certificate) {
  return new X509Certificate(certificate).fingerprint256.replaceAll(":", "");
}

async function median(samples, call) {
  const count = Math.max(3, Math.floor(samples * Number(SCALE)));
  // V8 optimizes what has run often.
  const warm = performance.now() + WARM_UP_MS;
  while (performance.now() < warm) await call();
  const durations = [];
  for (let number = 0; number < count; number += 1) {
    const started = performance.now();
    await call();
    durations.push(performance.now() - started);
  }
  durations.sort((one, other) => one - other);
  return durations[Math.floor(count / 2)] * 1_000;
}

const WARM_UP_MS = 500;

await main();
