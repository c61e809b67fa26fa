// graphql-ws: operations that end, one that goes on, errors, and a token that is not accepted.
import assert from 'node:assert/strict';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { SKU, STOCK, VARIANT, ok, quantityOf, sees, within, ws } from './gateway.mjs';

const client = createClient({ url: ws, webSocketImpl: WebSocket, retryAttempts: 0 });
const all = async (request) => {
  const results = [];
  for await (const result of client.iterate(request)) results.push(result);
  return results;
};

const [answer, ...more] = await within('an answer', all({ query: VARIANT, variables: { sku: SKU } }));
assert.equal(more.length, 0);
assert.equal(answer.data.variant.sku, SKU);
await assert.rejects(all({ query: '{ nope }' }), (errors) => errors[0].extensions.code === 'GRAPHQL_VALIDATION_FAILED');

await sees('a change by graphql-ws', (tell, fail) => client.subscribe(
  { query: STOCK, variables: { skus: [SKU] } },
  { next: (result) => tell(quantityOf(result)), error: fail, complete: () => {} },
));
// The subscription has ended, the socket has not.
assert.equal((await all({ query: '{ __typename }' }))[0].data.__typename, 'Query');
await client.dispose();

const stranger = createClient({
  url: ws, webSocketImpl: WebSocket, retryAttempts: 0, connectionParams: { Authorization: 'Bearer nonsense' },
});
await assert.rejects(
  within('a refusal', new Promise((resolve, reject) => {
    stranger.subscribe({ query: '{ __typename }' }, { next: resolve, error: reject, complete: resolve });
  })),
  (closed) => closed.code === 4403,
);
ok('graphql-ws');
