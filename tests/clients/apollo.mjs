// Apollo Client 4: queries, errors, persisted queries by POST and GET, and subscriptions over its multipart protocol and over a socket.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { SKU, STOCK, VARIANT, http, ok, quantityOf, sees, within, ws } from './gateway.mjs';

const over = (link) => new ApolloClient({ link, cache: new InMemoryCache() });
const watch = (client) => (tell, fail) => {
  const watching = client.subscribe({ query: gql(STOCK), variables: { skus: [SKU] }, fetchPolicy: 'no-cache' }).subscribe({
    next: (result) => (result.error ? fail(result.error) : tell(quantityOf(result))),
    error: fail,
  });
  return () => watching.unsubscribe();
};

const posting = over(new HttpLink({ uri: http }));
const answer = await within('an answer', posting.query({ query: gql(VARIANT), variables: { sku: SKU } }));
assert.equal(answer.data.variant.sku, SKU);
await assert.rejects(
  posting.query({ query: gql`{ nope }` }),
  (error) => CombinedGraphQLErrors.is(error) && error.errors[0].extensions.code === 'GRAPHQL_VALIDATION_FAILED',
);
await sees('a change by multipart', watch(posting));
await assert.rejects(
  within('a refusal', new Promise((resolve, reject) => {
    posting.subscribe({ query: gql`subscription { nope }` }).subscribe({
      next: ({ error }) => (error ? reject(error) : resolve()),
      error: reject,
      complete: resolve,
    });
  })),
  (error) => CombinedGraphQLErrors.is(error),
);

// By its hash: refused at first, then registered, then found.
const sha256 = (text) => createHash('sha256').update(text).digest('hex');
for (const useGETForHashedQueries of [false, true]) {
  const sent = [];
  const noting = (address, init) => {
    sent.push(`${init.method}${String(init.body ?? address).includes('query Unheard') ? ' with the document' : ''}`);
    // Browsers ask leave for a GET only because of such a header.
    return fetch(address, { ...init, headers: { ...init.headers, 'apollo-require-preflight': '1' } });
  };
  const persisted = () => over(new PersistedQueryLink({ sha256, useGETForHashedQueries })
    .concat(new HttpLink({ uri: http, fetch: noting })));
  const query = gql(`query Unheard { variant(sku: "${SKU}") { sku name _${Date.now()}: sku } }`);
  for (const times of [2, 1]) {
    sent.length = 0;
    const { data } = await persisted().query({ query });
    assert.equal(data.variant.sku, SKU);
    assert.equal(sent.length, times, sent.join());
  }
  const first = useGETForHashedQueries ? 'GET' : 'POST';
  assert(sent[0].startsWith(first), sent.join());
}

const socket = createClient({ url: ws, webSocketImpl: WebSocket, retryAttempts: 0 });
const talking = over(new GraphQLWsLink(socket));
assert.equal((await talking.query({ query: gql(VARIANT), variables: { sku: SKU } })).data.variant.sku, SKU);
await sees('a change by socket', watch(talking));
await socket.dispose();
ok('Apollo Client');
