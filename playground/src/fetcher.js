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

// Plain GraphQL over HTTP. An answer that is not JSON (a proxy's error page, say) is shown as an error.
async function ask(params, options, explain, signal) {
  const sender = await authorization(options?.headers);
  const response = await fetch(ENDPOINT, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json',
      ...sender,
      ...explain,
      ...options?.headers,
    },
    body: JSON.stringify(named(params)),
    signal,
  });
  const body = await response.text();
  try {
    return JSON.parse(body);
  } catch {
    throw new Error(`HTTP ${response.status} ${response.statusText}: ${body.slice(0, 500)}`);
  }
}

// GraphiQL's `stop` ends an observable, not a promise: what was stopped is aborted and says nothing more.
export function fetcher(params, options) {
  return {
    subscribe(observer) {
      const stopped = new AbortController();
      const { signal } = stopped;
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
