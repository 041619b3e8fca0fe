// The component's core modules, each compiled once for all instances.

import { readFileSync } from 'node:fs';

export function coreModule(name) {
  compiled[name] ??= new WebAssembly.Module(readFileSync(new URL(`../generated/${name}`, import.meta.url)));
  return compiled[name];
}

const compiled = {};
