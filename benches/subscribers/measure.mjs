// What idle subscribers cost a gateway, in resident memory: opens sockets that each watch one of ten articles, waits until
// all have heard its state, and says what a subscriber takes. Linux only.
//   node measure.mjs BASE_URL PID COUNT
// Needs the package ws and `ulimit -n` above COUNT, for the gateway too.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import WebSocket from 'ws';

const [base, pid, count] = process.argv.slice(2);
const url = `${base.replace(/^http/, 'ws').replace(/\/$/, '')}/graphql`;
const resident = () => 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
const at = (sizes, index) => sizes[index % sizes.length];
const SKUS = ['XS', 'S', 'M', 'L', 'XL'].flatMap((size) => [`MC-10008-WHT-${size}`, `MC-10008-BLK-${size}`]);

function subscribe(sku) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false });
    const say = (message) => socket.send(JSON.stringify(message));
    socket.on('error', reject);
    socket.on('close', (code, reason) => reject(new Error(`closed: ${code} ${reason}`)));
    socket.on('open', () => say({ type: 'connection_init' }));
    socket.on('message', (text) => {
      const message = JSON.parse(text);
      if (message.type === 'connection_ack') {
        const query = `subscription { availabilityChanged(skus: ["${sku}"]) { sku availability { status quantity } } }`;
        say({ id: 's', type: 'subscribe', payload: { query } });
      } else {
        assert.equal(message.type, 'next', String(text));
        resolve(socket);
      }
    });
  });
}

async function open(number) {
  const all = [];
  while (all.length < number) {
    const some = Math.min(100, number - all.length);
    all.push(...await Promise.all(Array.from({ length: some }, (_, index) => subscribe(at(SKUS, index)))));
  }
  return all;
}

const wait = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
// The first ones pay for what is needed once.
await open(100);
await wait(3);
const before = resident();
await open(Number(count) - 100);
await wait(15);
const after = resident();
const mib = (bytes) => (bytes / 1024 / 1024).toFixed(1);
console.log(`${count} subscribers: ${mib(before)} MiB with 100 of them, ${mib(after)} MiB with all;`
  + ` ${Math.round((after - before) / (count - 100))} bytes each`);
const metrics = await (await fetch(`${base.replace(/\/$/, '')}/metrics`)).text();
console.log(metrics.match(/^skuery_(sockets|watched_keys\{.*) .*$/gm).join('\n'));
process.exit(0);
