// wasi:clocks and wasi:random over the Web's clocks, timers and cryptography.

import { Pollable } from './pollable.js';

export const monotonicClock = {
  now: () => BigInt(Math.round(performance.now() * 1e6)),

  subscribeDuration(nanoseconds) {
    let timer;
    const elapsed = new Promise((resolve) => {
      timer = setTimeout(resolve, Math.ceil(Number(nanoseconds) / 1e6));
    });
    return new Pollable(elapsed, () => clearTimeout(timer));
  },
};

export const wallClock = {
  now() {
    const now = Date.now();
    return { seconds: BigInt(Math.floor(now / 1000)), nanoseconds: (now % 1000) * 1e6 };
  },
};

export const random = {
  getRandomBytes: (length) => crypto.getRandomValues(new Uint8Array(Number(length))),
};
