// Gets a token twice, then fails with a wrong secret, and prints what is known about each call, never the token.

import { ConfidentialClient, MsalError } from 'msal-wasi';

const { AZURE_AUTHORITY, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET } = process.env;

const clientWith = (clientSecret) =>
  new ConfidentialClient({ clientId: AZURE_CLIENT_ID, authority: AZURE_AUTHORITY, credential: { clientSecret } });

const client = clientWith(AZURE_CLIENT_SECRET);
print(client);
print(client);
print(clientWith('wrong'));

function print(client) {
  try {
    const { expiresOn, metadata } = client.acquireTokenForClient({ scopes: ['https://graph.microsoft.com/.default'] });
    console.log(metadata.tokenSource, new Date(expiresOn * 1000).toISOString());
  } catch (error) {
    if (!(error instanceof MsalError)) throw error;
    console.log(error.kind, error.code, error.errorCodes);
  }
}
