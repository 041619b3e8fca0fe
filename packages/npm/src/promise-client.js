// A client whose calls return promises.

import { toApplication } from './application.js';
import { toError } from './msal-error.js';
import { toTokenRequest, toTokenRequests } from './request.js';
import { toResult } from './result.js';
import { text } from './shape.js';

export class PromiseClient {
  #application;
  #component;

  constructor(options, Component) {
    const { application, store, getAssertion } = toApplication(options);
    this.clientId = application.clientId;
    this.authority = application.authority;
    this.#application = application;
    this.#component = new Component(store, getAssertion);
  }

  async acquireTokenForClient(request) {
    return toResult(await this.#call('acquireTokenForClient', toTokenRequest(request)));
  }

  async removeTokenForClient(request) {
    await this.#call('removeTokenForClient', toTokenRequest(request));
  }

  async exportTokenCache(requests) {
    return this.#call('exportTokenCache', toTokenRequests(requests));
  }

  async importTokenCache(cache) {
    return this.#call('importTokenCache', text(cache, 'cache'));
  }

  /** Resolves after the calls that were made before have ended. */
  async close() {
    await this.#component.close();
  }

  async [Symbol.asyncDispose]() {
    await this.close();
  }

  async #call(name, argument) {
    try {
      return await this.#component.call(name, this.#application, argument);
    } catch (thrown) {
      throw toError(thrown);
    }
  }
}
