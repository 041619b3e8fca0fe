// Tokens for the application itself. Each call blocks the thread until it ends; the other entries do not.

export { ConfidentialClient } from './client.js';
export { FileStore } from './file-store.js';
export { MemoryStore } from './memory-store.js';
export { MsalError } from './msal-error.js';
