// Relay: its compiler takes the schema, and its runtime a connection page by page, a refetch by `node`, and a subscription.
import assert from 'node:assert/strict';
import { createClient } from 'graphql-ws';
import runtime from 'relay-runtime';
import WebSocket from 'ws';
import page from './relay/__generated__/documentsPageQuery.graphql.js';
import product from './relay/__generated__/documentsProduct.graphql.js';
import refetch from './relay/__generated__/documentsProductRefetchQuery.graphql.js';
import fragment from './relay/__generated__/documentsProducts.graphql.js';
import products from './relay/__generated__/documentsProductsQuery.graphql.js';
import stock from './relay/__generated__/documentsStockSubscription.graphql.js';
import { SKU, http, ok, quantityOf, sees, within, ws } from './gateway.mjs';

const {
  Environment, Network, Observable, RecordSource, Store, createOperationDescriptor, fetchQuery, getSelector,
  requestSubscription,
} = runtime;

const socket = createClient({ url: ws, webSocketImpl: WebSocket, retryAttempts: 0 });
async function post({ text }, variables) {
  const response = await fetch(http, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query: text, variables }),
  });
  assert.equal(response.status, 200);
  return response.json();
}
const listen = ({ text, name }, variables) => Observable.create((sink) => (
  socket.subscribe({ query: text, operationName: name, variables }, sink)
));
const environment = new Environment({ network: Network.create(post, listen), store: new Store(new RecordSource()) });
const load = (query, variables) => within(query.params.name, fetchQuery(environment, query, variables).toPromise());

// The connection as the store has it.
function edges() {
  const owner = createOperationDescriptor(products, { count: 2 });
  const { data } = environment.lookup(owner.fragment);
  const selector = getSelector(fragment, data);
  return environment.lookup(selector).data.products;
}

environment.retain(createOperationDescriptor(products, { count: 2 }));
await load(products, { count: 2 });
let known = edges();
assert.equal(known.edges.length, 2);
assert.equal(known.pageInfo.hasNextPage, true);
await load(page, { count: 3, cursor: known.pageInfo.endCursor });
known = edges();
assert.equal(known.edges.length, 5, 'the second page is appended');
assert.equal(new Set(known.edges.map(({ node }) => node.id)).size, 5);

const { node } = known.edges[4];
const again = await load(refetch, { id: node.id });
const found = environment.lookup(getSelector(product, again.node)).data;
assert.equal(found.id, node.id);
assert.equal(typeof found.name, 'string');

await sees('a change by socket', (tell, fail) => {
  const watching = requestSubscription(environment, {
    subscription: stock,
    variables: { skus: [SKU] },
    onNext: (data) => tell(quantityOf({ data })),
    onError: fail,
  });
  return () => watching.dispose();
});
await socket.dispose();
ok('Relay');
