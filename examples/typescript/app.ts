// Gets a token for each request and answers with what is known about it, never with the token.

import { acquireTokenForClient } from 'msal:client-credentials/client-credentials@0.1.0';
import type {
  AcquireError,
  Application,
  AuthenticationResult,
  TokenRequest,
} from 'msal:client-credentials/client-credentials@0.1.0';
import { getEnvironment } from 'wasi:cli/environment@0.2.10';

function acquire(): AuthenticationResult {
  const { AZURE_AUTHORITY, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET } = Object.fromEntries(getEnvironment());
  const application: Application = {
    clientId: AZURE_CLIENT_ID,
    authority: AZURE_AUTHORITY,
    credentials: [{ tag: 'secret', val: AZURE_CLIENT_SECRET }],
    options: [{ tag: 'allow-insecure-loopback' }],
  };
  const request: TokenRequest = { scopes: ['https://graph.microsoft.com/.default'], options: [] };
  return acquireTokenForClient(application, request);
}

addEventListener('fetch', (event) => (event as FetchEvent).respondWith(answer()));

function answer(): Response {
  try {
    const { metadata, expiresOn } = acquire();
    return Response.json({ token_source: metadata.tokenSourceName, expires_on: Number(expiresOn) });
  } catch (error) {
    const { kind, message } = (error as { payload: AcquireError }).payload;
    return Response.json({ kind, message }, { status: 502 });
  }
}
