// A client whose calls block.

import { toApplication } from './application.js';
import { Component } from './component.js';
import { toError } from './msal-error.js';
import { toTokenRequest, toTokenRequests } from './request.js';
import { toResult } from './result.js';
import { text } from './shape.js';

export class ConfidentialClient {
  #application;
  #component;

  constructor(options) {
    const { application, store, getAssertion } = toApplication(options);
    this.clientId = application.clientId;
    this.authority = application.authority;
    this.#application = application;
    this.#component = new Component(store, getAssertion);
  }

  acquireTokenForClient(request) {
    return toResult(this.#call('acquireTokenForClient', toTokenRequest(request)));
  }

  removeTokenForClient(request) {
    this.#call('removeTokenForClient', toTokenRequest(request));
  }

  exportTokenCache(requests) {
    return this.#call('exportTokenCache', toTokenRequests(requests));
  }

  importTokenCache(cache) {
    return this.#call('importTokenCache', text(cache, 'cache'));
  }

  #call(name, argument) {
    try {
      return this.#component.call(name, this.#application, argument);
    } catch (thrown) {
      throw toError(thrown);
    }
  }
}
