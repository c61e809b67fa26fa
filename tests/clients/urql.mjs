// urql: queries, errors, persisted queries by GET, and subscriptions by its own reading of event streams and by graphql-sse.
import assert from 'node:assert/strict';
import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { createClient } from 'graphql-sse';
import { SKU, STOCK, VARIANT, http, ok, quantityOf, sees, within } from './gateway.mjs';

const watch = (client) => (tell, fail) => {
  const watching = client.subscription(STOCK, { skus: [SKU] }).subscribe((result) => {
    if (result.error) fail(result.error);
    else tell(quantityOf({ data: result.data }));
  });
  return () => watching.unsubscribe();
};

const fetching = new Client({
  url: http, exchanges: [fetchExchange], fetchSubscriptions: true, preferGetMethod: false,
});
const answer = await within('an answer', fetching.query(VARIANT, { sku: SKU }).toPromise());
assert.equal(answer.error, undefined);
assert.equal(answer.data.variant.sku, SKU);
const refused = await fetching.query('{ nope }', {}).toPromise();
assert.equal(refused.error.graphQLErrors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');
await sees('a change by its fetch exchange', watch(fetching));

const sent = [];
const persisted = () => new Client({
  url: http,
  fetch: (address, init) => {
    sent.push(init.method ?? 'GET');
    return fetch(address, init);
  },
  // Browsers ask leave for a GET only because of such a header.
  fetchOptions: { headers: { 'apollo-require-preflight': '1' } },
  exchanges: [persistedExchange({ preferGetForPersistedQueries: true }), fetchExchange],
});
const unheard = `query Unheard { variant(sku: "${SKU}") { sku _${Date.now()}: sku } }`;
for (const times of [2, 1]) {
  sent.length = 0;
  const { data, error } = await persisted().query(unheard, {}).toPromise();
  assert.equal(error, undefined);
  assert.equal(data.variant.sku, SKU);
  assert.equal(sent.length, times, sent.join());
}

const events = createClient({ url: http, retryAttempts: 0 });
const forwarding = new Client({
  url: http,
  preferGetMethod: false,
  exchanges: [fetchExchange, subscriptionExchange({
    forwardSubscription: ({ query, variables }) => ({
      subscribe: (sink) => ({ unsubscribe: events.subscribe({ query, variables }, sink) }),
    }),
  })],
});
await sees('a change by graphql-sse', watch(forwarding));
ok('urql');
