// Apollo Client 4: queries, errors, and subscriptions over its multipart protocol and over a socket.
import assert from 'node:assert/strict';
import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from '@apollo/client';
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

const socket = createClient({ url: ws, webSocketImpl: WebSocket, retryAttempts: 0 });
const talking = over(new GraphQLWsLink(socket));
assert.equal((await talking.query({ query: gql(VARIANT), variables: { sku: SKU } })).data.variant.sku, SKU);
await sees('a change by socket', watch(talking));
await socket.dispose();
ok('Apollo Client');
