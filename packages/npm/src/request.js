// What a request is made of, from a method's argument to the contract's `token-request`.

import { boolean, flag, integer, listOf, members, pairs, text, toOptions } from './shape.js';

export function toTokenRequest(argument, field = '') {
  const checks = { scopes: listOf(text), ...REQUEST_OPTIONS };
  const { scopes, ...rest } = members(argument, field, checks, ['scopes']);
  return { scopes, options: toOptions(rest, REQUEST_OPTIONS) };
}

export const toTokenRequests = (argument) => listOf(toTokenRequest)(argument, 'requests');

export const REQUEST_OPTIONS = {
  tenant: text,
  claims: text,
  claimsFromClient: text,
  forceRefresh: flag,
  refreshIfSha256: text,
  correlationId: text,
  deadlineMs: integer,
  maxWaitMs: integer,
  fmiPath: text,
  attributes: text,
  attributeTokens: listOf(text),
  extraBodyParameters: pairs,
  extraQueryParameters: pairs,
  extraHeaders: pairs,
  minimumValiditySeconds: integer,
  deferRefresh: flag,
  sendX5c: boolean,
  extraAssertionClaims: text,
};
