// What a good team puts before its systems with Apollo Server: one DataLoader per kind of key and request, answers kept by
// key in memory for a while, connections kept alive, and live fields asked for at the same time as the catalogue.
//
//   node server.mjs LISTEN-PORT FRESH-SECS PIM-URL ERP-URL WMS-URL
import { readFileSync } from 'node:fs';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import DataLoader from 'dataloader';
import { LRUCache } from 'lru-cache';
import * as read from './read.mjs';
import { logIn } from './systems.mjs';

const [port, freshSecs, pim, erp, wms] = process.argv.slice(2);
const systems = await logIn({ pim, erp, wms });

// ---------------------------------------------------------------- loaders

const keep = () => (Number(freshSecs) > 0 ? new LRUCache({ max: 20_000, ttl: Number(freshSecs) * 1000 }) : null);
const kept = {
  pages: keep(),
  products: keep(),
  labels: keep(),
  variants: keep(),
  retail: keep(),
  dealer: keep(),
  stock: keep(),
};

/** A loader whose batches take what is kept and ask for the rest in one call; `fetch` gives a map by key. */
function loader(cache, most, fetch) {
  return new DataLoader(
    async (keys) => {
      const missing = cache ? keys.filter((key) => !cache.has(key)) : keys;
      const asked = missing.length ? await fetch(missing) : null;
      const at = Date.now();
      return keys.map((key) => {
        const known = cache?.get(key);
        if (known) return { ...known, state: 'CACHED' };
        const fresh = { value: asked?.get(key) ?? null, at, state: 'LIVE' };
        cache?.set(key, fresh);
        return fresh;
      });
    },
    { maxBatchSize: most },
  );
}

const byKey = (items, key, value) => new Map(items.map((item) => [key(item), value(item)]));

function grouped(items, key) {
  const groups = new Map();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

function loaders() {
  const prices = (channel) =>
    loader(kept[channel], 150, async (skus) => grouped((await systems.prices(read.listsOf(channel), skus)).value, (row) => row.assetNo));
  return {
    pages: loader(kept.pages, 1, async ([category]) => new Map([[category, read.page(await systems.listing(category, 24))]])),
    products: loader(kept.products, 100, async (slugs) =>
      byKey((await systems.products(slugs))._embedded.items.map(read.product), (product) => product.slug, (product) => product)),
    labels: loader(kept.labels, 100, async (codes) =>
      byKey((await systems.attributes(codes))._embedded.items, (attribute) => attribute.code, read.labelOf)),
    variants: loader(kept.variants, 100, async (skus) =>
      byKey((await systems.variants(skus))._embedded.items.map(read.variant), (variant) => variant.sku, (variant) => variant)),
    retail: prices('retail'),
    dealer: prices('dealer'),
    stock: loader(kept.stock, 200, async (skus) =>
      byKey(await systems.stock(skus), (article) => article.articleNumber, (article) => article.inventoryPerWarehouse)),
  };
}

// ---------------------------------------------------------------- resolvers

const days = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Stockholm' });

function channelOf(info) {
  const directive = info.operation.directives?.find((directive) => directive.name.value === 'inContext');
  const channel = directive?.arguments?.find((argument) => argument.name.value === 'channel');
  return channel?.value.value === 'dealer' ? 'dealer' : 'retail';
}

const pricesOf = (context, info) => {
  context.channel ??= channelOf(info);
  return context[context.channel];
};

const asks = (info, field) =>
  info.fieldNodes.some((node) => node.selectionSet.selections.some((selection) => selection.name?.value === field));

/** SKUs are known before the PIM has answered, so prices and stock need not wait for it: errors show where they are asked. */
function askAhead(skus, context, info) {
  const ignore = () => {};
  if (asks(info, 'price')) pricesOf(context, info).loadMany(skus).catch(ignore);
  if (asks(info, 'availability')) context.stock.loadMany(skus).catch(ignore);
}

const freshness = (system, { state, at }) => ({ system, state, ageMs: Date.now() - at });
const content = (field) => async ({ sku }, _, { variants }) => (await variants.load(sku)).value?.[field];

const resolvers = {
  Query: {
    product: async (_, { by }, { products }) => (await products.load(by.slug)).value,
    products: async (_, { filter }, { pages }) => (await pages.load(filter.categories[0])).value,
    variants: async (_, { skus }, context, info) => {
      askAhead(skus, context, info);
      return (await context.variants.loadMany(skus)).map((variant) => variant.value);
    },
  },
  Product: {
    attributes: ({ attributes }, { codes }) => (codes ? attributes.filter(({ code }) => codes.includes(code)) : attributes),
    variants: ({ skus }, _, context, info) => {
      askAhead(skus, context, info);
      return skus.map((sku) => ({ sku }));
    },
  },
  Attribute: { label: async ({ code }, _, { labels }) => (await labels.load(code)).value },
  ProductVariant: {
    name: content('name'),
    gtin: content('gtin'),
    media: content('media'),
    options: content('options'),
    price: async ({ sku }, _, context, info) => {
      const found = await pricesOf(context, info).load(sku);
      const price = found.value && read.price(found.value, context.day, context.channel);
      return price && { ...price, freshness: () => freshness('erp', found) };
    },
    availability: async ({ sku }, _, { stock }) => {
      const found = await stock.load(sku);
      return { ...read.availability(found.value), freshness: () => freshness('wms', found) };
    },
  },
};

const server = new ApolloServer({
  typeDefs: readFileSync(new URL('schema.graphql', import.meta.url), 'utf8'),
  resolvers,
  introspection: false,
});
await startStandaloneServer(server, {
  listen: { host: '127.0.0.1', port: Number(port) },
  context: async () => ({ ...loaders(), day: days.format(new Date()) }),
});
