// What a call returns, from the contract's `authentication-result`.

/** The token is not enumerable, so that printing, logging or serializing a result does not reveal it. */
export function toResult({ accessToken, expiresOn, refreshOn, metadata, ...rest }) {
  const result = {
    ...rest,
    expiresOn: Number(expiresOn),
    ...(refreshOn !== undefined && { refreshOn: Number(refreshOn) }),
    metadata: toMetadata(metadata),
  };
  return Object.defineProperty(result, 'accessToken', { value: accessToken });
}

/** The contract's metadata without absent values, and without the second form of the token's source. */
export function toMetadata({ tokenSourceName, ...metadata }) {
  return Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined));
}
