// The worker thread of worker-component.js.

import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';

import { Component } from './component.js';

const { port, ready, hasAssertion } = workerData;

const store = Object.fromEntries(
  ['get', 'set', 'delete', 'increment'].map((method) => [
    method,
    (...values) => ask({ member: 'store', method, values }),
  ]),
);
const getAssertion = (...values) => ask({ member: 'getAssertion', values });
const component = new Component(store, hasAssertion ? getAssertion : undefined);

parentPort.on('message', ({ id, name, values, close }) => {
  if (close) {
    parentPort.close();
    return;
  }
  try {
    parentPort.postMessage({ id, returned: component.call(name, ...values) });
  } catch (thrown) {
    parentPort.postMessage({ id, thrown });
  }
});

/** Asks the thread that started this one, and waits for its answer. */
function ask(question) {
  Atomics.store(ready, 0, 0);
  port.postMessage(question);
  Atomics.wait(ready, 0, 0);
  const { returned, failure } = receiveMessageOnPort(port).message;
  if (failure !== undefined) {
    throw new Error(failure);
  }
  return returned;
}
