// Why there is no token, from the contract's `acquire-error`.

import { toMetadata } from './result.js';

export class MsalError extends Error {
  constructor({ kind, message, remedy, cause, metadata }) {
    super(message);
    const { error, refusal, ...details } = detailsOf(cause);
    const known = {
      kind,
      code: error ?? details.code ?? kind,
      remedy,
      ...details,
      metadata: metadata && toMetadata(metadata),
    };
    for (const [name, value] of Object.entries(known)) {
      if (value !== undefined) {
        this[name] = value;
      }
    }
  }

  toJSON() {
    return { name: this.name, message: this.message, ...this };
  }
}

MsalError.prototype.name = 'MsalError';

/** What a call of the component threw: the contract's error, or a fault of the host. */
export const toError = (thrown) => (thrown instanceof Error ? thrown : new MsalError(thrown));

/** The members of the cause and of the refusal within it. */
function detailsOf({ val }) {
  if (typeof val === 'string') {
    return { reason: val };
  }
  const { errorCodes, ...details } = { ...val.refusal, ...val };
  return errorCodes === undefined ? details : { ...details, errorCodes: Array.from(errorCodes) };
}
