// What all clients share: where the gateway is, and how the demo's stock is changed.
import assert from 'node:assert/strict';

const [base] = process.argv.slice(2);
assert(base, 'usage: node SCRIPT BASE_URL');

export const origin = new URL(base).origin;
export const http = `${origin}/graphql`;
export const ws = http.replace(/^http/, 'ws');
export const SKU = 'MC-10008-WHT-M';

export async function setStock(quantity) {
  const response = await fetch(`${origin}/demo/systems/wms`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ stock: { [SKU]: quantity } }),
  });
  assert.equal(response.status, 200, await response.text());
}

// One that no script before has left behind.
const nextStock = () => 1000 + Math.floor(Math.random() * 1_000_000);

// Ends the script when something never comes; the gateway polls every five seconds at first.
export function within(what, promise, seconds = 60) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), seconds * 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// Watches until the change is seen: `subscribe(onQuantity, onError)` gives what ends it. `quantity` is what an event tells.
export async function sees(what, subscribe) {
  const [first, second] = [nextStock(), nextStock()];
  await setStock(first);
  const told = [];
  let stop;
  await within(what, new Promise((resolve, reject) => {
    stop = subscribe((quantity) => {
      told.push(quantity);
      // The gateway may have kept an older state for the first event.
      if (quantity === String(first) || told.length === 1) setStock(second).catch(reject);
      if (quantity === String(second)) resolve();
    }, reject);
  }));
  stop();
  assert(told.length >= 2, `${what}: ${told}`);
  console.log(`  ${what}: ${told.join(', ')}`);
}

export const STOCK = `subscription Stock($skus: [String!]!) {
  availabilityChanged(skus: $skus) { sku availability { status quantity } }
}`;
export const VARIANT = `query Variant($sku: String!) {
  variant(sku: $sku) { sku name price { unitPrice { gross { amount currency } } } availability { quantity } }
}`;

export const quantityOf = (result) => {
  assert.equal(result.errors, undefined, JSON.stringify(result.errors));
  assert.equal(result.data.availabilityChanged.sku, SKU);
  return result.data.availabilityChanged.availability.quantity;
};

export function ok(name) {
  console.log(`${name}: ok`);
  process.exit(0);
}
