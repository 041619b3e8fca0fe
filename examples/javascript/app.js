// Gets a token for each request and answers with what is known about it, never with the token.

import { acquireTokenForClient } from 'msal:client-credentials/client-credentials@0.1.0';
import { getEnvironment } from 'wasi:cli/environment@0.2.10';

function acquire() {
  const { AZURE_AUTHORITY, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET } = Object.fromEntries(getEnvironment());
  const application = {
    clientId: AZURE_CLIENT_ID,
    authority: AZURE_AUTHORITY,
    credentials: [{ tag: 'secret', val: AZURE_CLIENT_SECRET }],
    options: [{ tag: 'allow-insecure-loopback' }],
  };
  const request = { scopes: ['https://graph.microsoft.com/.default'], options: [] };
  return acquireTokenForClient(application, request);
}

addEventListener('fetch', (event) => event.respondWith(answer()));

function answer() {
  try {
    const { metadata, expiresOn } = acquire();
    return Response.json({ token_source: metadata.tokenSourceName, expires_on: Number(expiresOn) });
  } catch (error) {
    const { kind, message } = error.payload;
    return Response.json({ kind, message }, { status: 502 });
  }
}
