// A stand-in for the gateway, for trying the page and its test without one:
//   node test/fake-server.mjs [port] [--no-demo] [--no-settings]
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { buildSchema, graphql } from 'graphql';

const port = Number(process.argv[2] ?? 4999);
const demo = !process.argv.includes('--no-demo');

const examples = [
  {
    name: 'Product with price and stock',
    query: 'query ProductPage($sku: ID!) {\n  product(sku: $sku) {\n    sku\n    name\n    price {\n      amount\n      currency\n    }\n    stock\n  }\n}\n',
    variables: '{\n  "sku": "LAMP-1"\n}',
    headers: '{\n  "x-customer": "C-100"\n}',
  },
  { name: 'Product list', query: 'query ProductList {\n  products {\n    sku\n    name\n  }\n}\n' },
  { name: 'Stock only', query: 'query StockOnly {\n  product(sku: "DESK-2") {\n    stock\n  }\n}\n' },
  { name: 'Prices', query: 'query Prices {\n  products {\n    sku\n    price {\n      amount\n    }\n  }\n}\n' },
];

const html = gunzipSync(readFileSync(new URL('../dist/playground.html.gz', import.meta.url))).toString();
const json = JSON.stringify({ title: 'Skuery', examples, demo }).replaceAll('<', '\\u003c');
const page = process.argv.includes('--no-settings') ? html : html.replace('/*SKUERY_SETTINGS*/', () => json);

const schema = buildSchema(`
  type Query {
    "One product by its article number."
    product(sku: ID!): Product
    products: [Product!]!
  }
  "Something that can be bought."
  type Product {
    sku: ID!
    name: String!
    "From the ERP; null while it cannot answer."
    price: Price
    "From the warehouse."
    stock: Int
  }
  type Price { amount: String! currency: String! }
`);

const systems = ['pim', 'erp', 'wms'].map((name) => ({
  name, calls: 0, keys: 0, peakConcurrency: 0, settings: { latencyMs: 0, failureRate: 0, down: false },
}));

// Nothing verifies these.
const token = (claims) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
const customers = { 10010: 'Söders MC AB', 30010: 'Elsa Lindqvist' };
const tokens = Object.fromEntries(Object.entries(customers).map(([number, name]) => (
  [number, token({ name, customer_number: number })])));

async function ask(name, answer) {
  const system = systems.find((s) => s.name === name);
  system.calls += 1;
  system.keys += 1;
  system.peakConcurrency = Math.max(system.peakConcurrency, 1);
  await new Promise((done) => setTimeout(done, system.settings.latencyMs));
  if (system.settings.down) throw new Error(`${name} is not available`);
  return answer;
}

const product = (sku, name, amount) => ({
  sku,
  name: () => ask('pim', name),
  price: () => ask('erp', { amount, currency: 'EUR' }),
  stock: () => ask('wms', 12),
});
const products = [product('LAMP-1', 'Desk lamp', '39.90'), product('DESK-2', 'Standing desk', '499.00')];
const rootValue = { products, product: ({ sku }) => products.find((p) => p.sku === sku) };

// What the gateway would tell of it; the numbers are made up, and agree with each other.
const lookup = (system, name) => ({ system, lookup: name, keys: 2, calls: 1 });
const waves = [{ wave: 1, lookups: [lookup('pim', 'variants'), lookup('erp', 'prices'), lookup('wms', 'stock')] }];
const cost = {
  waves: 1, calls: 3, maxCalls: 500, keys: 6, maxKeys: 20000,
  systems: ['erp', 'pim', 'wms'].map((system) => ({ system, calls: 1, maxCalls: null, keys: 2 })),
};
const told = {
  cost,
  plan: {
    operation: null, channel: 'se', cost,
    waves: waves.map(({ wave, lookups }) => ({
      wave,
      lookups: lookups.map((planned) => ({
        ...planned, scope: 'public', fields: ['product'], otherFields: 0, batch: 100, rounds: 1,
        cache: { freshSecs: 60, staleWhileRevalidateSecs: 0, staleIfErrorSecs: 900, negativeSecs: 10 },
      })),
    })),
  },
  trace: {
    ms: 21.042,
    waves: waves.map(({ wave, lookups }) => ({
      wave,
      ms: 20.125,
      lookups: lookups.map((traced) => ({
        ...traced, hit: 1, absent: 0, stale: 0, shared: 0, fetched: 1, batched: 0, failed: 0, ms: 20.031,
        calls: [{ keys: 1, own: 1, outcome: 'ok', ms: 19.5, queuedMs: 0, requests: 1 }],
      })),
    })),
  },
};

function explained(result, header) {
  if (!header) return result;
  return { ...result, extensions: Object.fromEntries(header.split(', ').map((name) => [name, told[name]])) };
}

async function body(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return JSON.parse(text);
}

createServer(async (request, response) => {
  const send = (status, type, content) => response.writeHead(status, { 'content-type': type }).end(content);
  const { pathname } = new URL(request.url, 'http://localhost');
  const change = /^\/demo\/systems\/(\w+)$/.exec(pathname);
  try {
    if (pathname === '/') return send(200, 'text/html; charset=utf-8', page);
    if (pathname === '/graphql' && request.method === 'POST') {
      const { query, variables, operationName } = await body(request);
      const result = await graphql({ schema, source: query, rootValue, variableValues: variables, operationName });
      const answer = explained(result, request.headers['x-skuery-explain']);
      return send(200, 'application/graphql-response+json', JSON.stringify(answer));
    }
    if (demo && pathname === '/demo/tokens') return send(200, 'application/json', JSON.stringify(tokens));
    if (demo && pathname === '/demo/tokens/staff') {
      return send(200, 'application/json', JSON.stringify({ token: token({ name: 'Stina' }) }));
    }
    if (demo && pathname === '/demo/systems') return send(200, 'application/json', JSON.stringify(systems));
    if (demo && change && request.method === 'POST') {
      const system = systems.find((s) => s.name === change[1]);
      if (!system) return send(404, 'text/plain', 'no such system');
      Object.assign(system.settings, await body(request));
      return send(200, 'application/json', JSON.stringify(system));
    }
    return send(404, 'text/plain', 'not found');
  } catch (problem) {
    return send(400, 'text/plain', problem.message);
  }
}).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}`));
