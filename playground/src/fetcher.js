import { getOperationAST, parse } from 'graphql';
import { events } from './events.js';
import { explained } from './explanation.js';

const ENDPOINT = '/graphql';

// Gives the token of whoever is signed in; null for anonymous. Only the demo signs anybody in.
let token = null;

export function signIn(source) {
  token = source;
}

// What the visitor writes in the headers editor counts for more.
async function authorization(headers) {
  const isGiven = Object.keys(headers ?? {}).some((name) => name.toLowerCase() === 'authorization');
  return token && !isGiven ? { authorization: `Bearer ${await token()}` } : {};
}

// Right after another tab was opened, GraphiQL still names the operation of the tab before.
function named({ operationName, ...params }) {
  const isThere = operationName && new RegExp(`\\b(query|mutation|subscription)\\s+${operationName}\\b`).test(params.query);
  return isThere ? { ...params, operationName } : params;
}

const JSON_TYPES = 'application/graphql-response+json, application/json';

async function post(params, options, more, signal) {
  const sender = await authorization(options?.headers);
  return fetch(ENDPOINT, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: JSON_TYPES,
      ...sender,
      ...more,
      ...options?.headers,
    },
    body: JSON.stringify(named(params)),
    signal,
  });
}

// Plain GraphQL over HTTP.
async function ask(params, options, explain, signal) {
  return answerOf(await post(params, options, explain, signal));
}

// An answer that is not JSON (a proxy's error page, say) is shown as an error.
async function answerOf(response) {
  const body = await response.text();
  try {
    return JSON.parse(body);
  } catch {
    throw new Error(`HTTP ${response.status} ${response.statusText}: ${body.slice(0, 500)}`);
  }
}

function isSubscription(params) {
  try {
    const { query, operationName } = named(params);
    return getOperationAST(parse(query), operationName)?.operation === 'subscription';
  } catch {
    return false; // the gateway says what is wrong with it
  }
}

// A subscription goes on, as an event stream; where it is refused, the answer is an object.
async function watch(params, options, observer, signal) {
  const response = await post(params, options, { accept: `text/event-stream, ${JSON_TYPES}` }, signal);
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
  if (!isStream) observer.next(await answerOf(response));
  else for await (const answer of events(response.body)) observer.next(answer);
}

// GraphiQL's `stop` ends an observable, not a promise: what was stopped is aborted and says nothing more.
export function fetcher(params, options) {
  return {
    subscribe(observer) {
      const stopped = new AbortController();
      const { signal } = stopped;
      if (isSubscription(params)) {
        watch(params, options, observer, signal).then(
          () => signal.aborted || observer.complete(),
          (problem) => signal.aborted || observer.error(problem),
        );
        return { unsubscribe: () => stopped.abort() };
      }
      const send = (explain) => ask(params, options, explain, signal);
      explained(params, options?.headers, send).then(
        (answer) => {
          if (signal.aborted) return;
          observer.next(answer);
          observer.complete();
        },
        (problem) => signal.aborted || observer.error(problem),
      );
      return { unsubscribe: () => stopped.abort() };
    },
  };
}
