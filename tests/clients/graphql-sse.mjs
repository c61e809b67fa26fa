// graphql-sse in its distinct connections mode.
import assert from 'node:assert/strict';
import { createClient } from 'graphql-sse';
import { SKU, STOCK, VARIANT, http, ok, quantityOf, sees, within } from './gateway.mjs';

const client = createClient({ url: http, retryAttempts: 0 });
const all = async (request) => {
  const results = [];
  for await (const result of client.iterate(request)) results.push(result);
  return results;
};

const [answer, ...more] = await within('an answer', all({ query: VARIANT, variables: { sku: SKU } }));
assert.equal(more.length, 0);
assert.equal(answer.data.variant.sku, SKU);
const [refused] = await all({ query: '{ nope }' });
assert.equal(refused.errors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');

await sees('a change by graphql-sse', (tell, fail) => client.subscribe(
  { query: STOCK, variables: { skus: [SKU] } },
  { next: (result) => tell(quantityOf(result)), error: fail, complete: () => {} },
));
client.dispose();
ok('graphql-sse');
