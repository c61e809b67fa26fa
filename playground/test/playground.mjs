// Drives the playground of a running gateway in a headless browser:
//   node test/playground.mjs BASE_URL SCREENSHOT_DIR
// Environment:
//   EXPECT_RESULT  text that the first example's result must contain (default: "data")
//   EXPECT_TYPE    type that the documentation's search must find (default: Query)
//   CHROMIUM       the browser (default: /usr/bin/chromium)
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { explain } from './explain.mjs';

const [base, shots] = process.argv.slice(2);
if (!base || !shots) {
  console.error('usage: node test/playground.mjs BASE_URL SCREENSHOT_DIR');
  process.exit(2);
}
const { EXPECT_RESULT = '"data"', EXPECT_TYPE = 'Query', CHROMIUM = '/usr/bin/chromium' } = process.env;
const origin = new URL(base).origin;
mkdirSync(shots, { recursive: true });

const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});

const strangers = []; // requests to any other origin
const complaints = []; // errors and warnings in the console, uncaught errors, failed requests
const posts = []; // requests to /graphql
const dropped = new Set(); // requests that the page is meant to abort

async function open(options) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 860 }, ...options });
  context.setDefaultTimeout(20_000);
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (!['data:', 'blob:'].includes(url.protocol) && url.origin !== origin) strangers.push(request.url());
    if (url.pathname === '/graphql') posts.push(request);
  });
  context.on('requestfailed', (request) => {
    // Leaving a page ends its workers, which run from blobs.
    if (!dropped.has(request) && !request.url().startsWith('blob:')) complaints.push(`${request.url()}: ${request.failure()?.errorText}`);
  });
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  context.on('weberror', (event) => complaints.push(`uncaught: ${event.error().message}`));
  const page = await context.newPage();
  page.on('websocket', (socket) => strangers.push(socket.url()));
  await page.goto(new URL('/', base).href);
  await page.locator('.graphiql-query-editor .view-line').first().waitFor();
  return page;
}

// What an editor holds: all of it, where the screen shows only the lines in view.
const held = (page, file) => page.evaluate((name) => (
  globalThis.__MONACO.editor.getModels().find((model) => model.uri.path.endsWith(name))?.getValue() ?? ''
), file);

async function until(what, check) {
  const end = Date.now() + 20_000;
  let last;
  while (Date.now() < end) {
    last = await check();
    if (last) return last;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`waited in vain until ${what}`);
}

async function run(page, how) {
  await page.evaluate(() => globalThis.__MONACO.editor.getModels()
    .find((model) => model.uri.path.endsWith('response.json')).setValue(''));
  const answered = page.waitForResponse((response) => response.url().endsWith('/graphql'));
  await Promise.all([answered, how()]);
  return until('the result shows', () => held(page, 'response.json'));
}

const press = (page) => page.getByRole('button', { name: /^Execute query/ }).click();
const shot = (page, name) => page.screenshot({ path: join(shots, `${name}.png`) });

let passed = 0;
let failed = 0;
async function test(name, body) {
  try {
    await body();
    passed += 1;
    console.log(`ok   ${name}`);
  } catch (problem) {
    failed += 1;
    console.log(`FAIL ${name}\n     ${problem.message.replaceAll('\n', '\n     ')}`);
    await shot(page, `failed-${failed}`).catch(() => {});
  }
}

const page = await open({ colorScheme: 'dark' });
const settings = await page.evaluate(() => {
  try {
    return JSON.parse(document.getElementById('skuery-settings').textContent);
  } catch {
    return null;
  }
});
const examples = settings?.examples ?? [];

await test('the first example is in the editor, with its variables', async () => {
  const query = await held(page, 'operation.graphql');
  if (examples.length) {
    assert.equal(query.trim(), examples[0].query.trim());
    assert.equal((await held(page, 'variables.json')).trim(), (examples[0].variables ?? '').trim());
    assert.equal((await held(page, 'request-headers.json')).trim(), (examples[0].headers ?? '').trim());
  } else {
    assert.match(query, /__schema/);
  }
});

await test('further examples stand in tabs of their own', async () => {
  assert.equal(await page.locator('.graphiql-tab').count(), Math.max(1, Math.min(3, examples.length)));
});

await test('Ctrl-Enter runs the query and shows its result', async () => {
  const result = await run(page, async () => {
    await page.locator('.graphiql-query-editor .view-line').first().click();
    await page.keyboard.press('Control+Enter');
  });
  assert.ok(result.includes(EXPECT_RESULT), `${EXPECT_RESULT} is not in the result:\n${result.slice(0, 2000)}`);
  await shot(page, 'result-dark');
});

await test('the play button runs it too', async () => {
  const result = await run(page, () => press(page));
  assert.ok(result.includes(EXPECT_RESULT), `${EXPECT_RESULT} is not in the result:\n${result.slice(0, 2000)}`);
});

await test('requests are POST, accept graphql-response+json and carry the headers editor\'s headers', async () => {
  assert.ok(posts.length > 0, 'no request to /graphql was seen');
  for (const request of posts) {
    assert.equal(request.method(), 'POST');
    assert.equal(request.headers().accept, 'application/graphql-response+json, application/json');
  }
  const wanted = JSON.parse(examples[0]?.headers || '{}');
  const sent = posts.at(-1).headers();
  for (const [name, value] of Object.entries(wanted)) assert.equal(sent[name.toLowerCase()], value);
});

await test('the workers run: a field that does not exist is marked', async () => {
  const setQuery = (text) => page.evaluate((value) => globalThis.__MONACO.editor.getModels()
    .find((model) => model.uri.path.endsWith('operation.graphql')).setValue(value), text);
  const before = await held(page, 'operation.graphql');
  await setQuery('query Wrong { noSuchFieldHere }');
  const marked = () => page.evaluate(() => (
    globalThis.__MONACO.editor.getModelMarkers({}).some((marker) => marker.message.includes('noSuchFieldHere'))));
  await until('the field is marked', marked);
  await setQuery(before);
  await until('the mark is gone', async () => !await marked());
  assert.equal(await held(page, 'operation.graphql'), before);
});

await test('prettify tidies query and variables', async () => {
  const set = (file, text) => page.evaluate(([name, value]) => globalThis.__MONACO.editor.getModels()
    .find((model) => model.uri.path.endsWith(name)).setValue(value), [file, text]);
  const before = [await held(page, 'operation.graphql'), await held(page, 'variables.json')];
  await set('operation.graphql', 'query   Untidy{__typename}');
  await set('variables.json', '{"a":[1,"x"],\n"b":{}} // c');
  await page.getByRole('button', { name: /^Prettify query/ }).click();
  await until('the query is tidy', async () => (await held(page, 'operation.graphql')).startsWith('query Untidy {\n  __typename\n}'));
  assert.equal(await held(page, 'variables.json'), '{\n  "a": [\n    1,\n    "x"\n  ],\n  "b": {}\n} // c');
  await set('operation.graphql', before[0]);
  await set('variables.json', before[1]);
});

await test('the examples menu opens an example in a new tab', async () => {
  const tabs = page.locator('.graphiql-tab');
  const before = await tabs.count();
  await page.getByRole('button', { name: 'Examples' }).click();
  const items = page.getByRole('menuitem');
  const names = await items.allInnerTexts();
  if (examples.length) assert.deepEqual(names, examples.map((example) => example.name));
  await shot(page, 'examples-menu');
  await items.last().click();
  await until('the new tab is open', async () => await tabs.count() === before + 1);
  await until('the new tab is in view, whole', () => page.evaluate(() => {
    const [tab, list] = ['.graphiql-tab-active', '.graphiql-tabs'].map((name) => document.querySelector(name).getBoundingClientRect());
    return tab.left >= list.left - 1 && tab.right <= list.right + 1;
  }));
  const chosen = examples.at(-1);
  if (chosen) {
    assert.equal((await held(page, 'operation.graphql')).trim(), chosen.query.trim());
    assert.equal((await held(page, 'variables.json')).trim(), (chosen.variables ?? '').trim());
    const name = /^\s*(?:query|mutation|subscription)\s+(\w+)/m.exec(chosen.query)?.[1];
    if (name) await until('the tab bears the name', async () => (await tabs.last().innerText()).includes(name));
  }
  await run(page, () => press(page));
});

await test('going back to the first tab brings its query and variables back', async () => {
  await page.locator('.graphiql-tab').first().locator('button').first().click();
  if (examples.length) {
    await until('the first query is back', async () => (await held(page, 'operation.graphql')).trim() === examples[0].query.trim());
    assert.equal((await held(page, 'variables.json')).trim(), (examples[0].variables ?? '').trim());
  }
});

if (settings?.demo) {
  const panel = page.getByRole('region', { name: 'Demo systems' });
  const erp = panel.locator('[data-system="erp"]');
  const down = panel.getByRole('switch', { name: 'ERP down' });
  const latency = panel.getByLabel('ERP latency in milliseconds');
  const systems = async () => (await page.request.get(new URL('/demo/systems', base).href)).json();
  const setting = async (name) => (await systems()).find((system) => system.name === 'erp').settings[name];

  await test('a customer is chosen by keyboard, and requests carry the customer\'s token', async () => {
    const menu = page.getByLabel('Signed in as');
    const tokens = await (await page.request.get(new URL('/demo/tokens', base).href)).json();
    const numbers = Object.keys(tokens);
    await until('all customers can be chosen', async () => await menu.locator('option').count() === numbers.length + 2);
    assert.equal(await menu.inputValue(), '', 'nobody is signed in at first');
    await run(page, () => press(page));
    assert.equal(posts.at(-1).headers().authorization, undefined);
    await menu.focus();
    await page.keyboard.press('ArrowDown');
    await until('the first customer is chosen', async () => await menu.inputValue() === numbers[0]);
    assert.match(await menu.locator('option:checked').innerText(), new RegExp(`^${numbers[0]} `));
    const example = examples.find(({ query }) => /\bviewer\b/.test(query));
    if (example) {
      await page.getByRole('button', { name: 'Examples' }).click();
      await page.getByRole('menuitem', { name: example.name, exact: true }).click();
      await until('the example is open', async () => (await held(page, 'operation.graphql')).trim() === example.query.trim());
    }
    const result = await run(page, () => press(page));
    if (example) assert.ok(result.includes(numbers[0]), result);
    const sent = posts.at(-1).headers().authorization;
    assert.match(sent, /^Bearer [\w-]+\.[\w-]+\.[\w-]+$/);
    const claims = JSON.parse(Buffer.from(sent.split('.')[1], 'base64url'));
    assert.equal(claims.customer_number, numbers[0]);
    await shot(page, 'signed-in');
    await menu.selectOption('staff');
    await run(page, () => press(page));
    assert.notEqual(posts.at(-1).headers().authorization, sent);
    await menu.selectOption('');
    await run(page, () => press(page));
    assert.equal(posts.at(-1).headers().authorization, undefined);
    await page.locator('.graphiql-tab').first().locator('button').first().click();
  });

  await test('no answer to one customer stands under another\'s name', async () => {
    const menu = page.getByLabel('Signed in as');
    const tabs = page.locator('.graphiql-tab');
    const change = async (index) => {
      await tabs.nth(index).locator('button').first().click();
      await until('the tab is open', async () => await tabs.nth(index).getAttribute('aria-selected') === 'true');
    };
    const answer = () => held(page, 'response.json');
    const last = await tabs.count() - 1;
    await change(last);
    const earlier = await run(page, () => press(page));
    await change(0);
    await run(page, () => press(page));
    await change(last);
    assert.equal(await answer(), earlier, 'a tab keeps its answer while nobody else signs in');
    await change(0);
    await menu.selectOption({ index: 1 });
    assert.equal(await answer(), '', 'the open tab');
    await change(last);
    assert.equal(await answer(), '', 'another tab');
    await change(0);

    // What is under way when somebody else signs in: the query is dropped, the schema is everybody's.
    const asked = { query: null, schema: null };
    let release;
    const released = new Promise((done) => { release = done; });
    await page.route('**/graphql', async (route) => {
      const request = route.request();
      asked[request.postDataJSON().operationName === 'IntrospectionQuery' ? 'schema' : 'query'] = request;
      await released;
      await route.continue();
    });
    try {
      await page.getByRole('button', { name: /^Re-fetch GraphQL schema/ }).click();
      await press(page);
      await until('both are under way', () => asked.query && asked.schema);
      dropped.add(asked.query);
      const ended = page.waitForEvent('requestfailed', (request) => request === asked.query);
      await menu.selectOption('staff');
      await ended;
      assert.equal(await answer(), '', 'the answer under way');
    } finally {
      release();
      await page.unrouteAll({ behavior: 'wait' });
    }
    await (await asked.schema.response()).finished();
    await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
    await page.locator('.graphiql-doc-explorer').getByText('Root Types').waitFor();
    await page.getByRole('button', { name: 'Hide Documentation Explorer' }).click();
    await run(page, () => press(page));
    await menu.selectOption('');
  });

  await test('the demo panel lists the systems and counts after each query', async () => {
    if (!await panel.isVisible()) await page.getByRole('button', { name: 'Show Demo systems' }).click();
    for (const name of ['pim', 'erp', 'wms']) await panel.locator(`[data-system="${name}"]`).waitFor();
    await run(page, () => press(page));
    await until('the panel shows the server\'s counts', async () => {
      const shown = await panel.locator('[data-system] dl div:first-child dd').allInnerTexts();
      return shown.join() === (await systems()).map((system) => system.calls).join();
    });
    assert.ok((await systems()).some((system) => system.calls > 0), 'no system was called');
  });

  await test('the ERP can be taken down and brought back in the panel', async () => {
    assert.equal(await setting('down'), false, 'the ERP is down already');
    await down.check();
    await until('the server says down', () => setting('down'));
    await until('the panel says down', async () => (await erp.getByRole('status').innerText()) === 'down');
    await run(page, () => press(page));
    await shot(page, 'erp-down');
    await down.uncheck();
    await until('the server says up', async () => !await setting('down'));
    await until('the panel says up', async () => (await erp.getByRole('status').innerText()) === 'up');
  });

  await test('a subscription tells what changes until it is stopped', async () => {
    const stock = (quantity) => page.request.post(new URL('/demo/systems/wms', base).href, {
      data: { stock: { 'MC-10008-WHT-M': quantity } },
    });
    const example = examples.find(({ query }) => /^subscription /m.test(query));
    // Others than a run before left in the cache.
    const quantity = 1000 + (Date.now() % 8000);
    await stock(quantity);
    await page.getByRole('button', { name: 'Examples' }).click();
    await page.getByRole('menuitem', { name: example.name, exact: true }).click();
    await until('the example is open', async () => (await held(page, 'operation.graphql')).trim() === example.query.trim());
    await press(page);
    const shown = async (text) => (await held(page, 'response.json')).includes(text);
    await until('its first state shows', () => shown('"availabilityChanged"'));
    const request = posts.at(-1);
    assert.equal(request.headers().accept, 'text/event-stream, application/graphql-response+json, application/json');
    dropped.add(request);
    await stock(quantity + 1);
    await until('the change shows', () => shown(`"${quantity + 1}"`));
    await shot(page, 'subscription');
    const ended = page.waitForEvent('requestfailed', (failed) => failed === request);
    await page.getByRole('button', { name: /^Stop query/ }).click();
    await ended;
    posts.splice(posts.indexOf(request), 1);
    await page.locator('.graphiql-tab').first().locator('button').first().click();
  });

  await test('the ERP\'s latency can be set in the panel', async () => {
    const before = await setting('latencyMs');
    await latency.fill('321');
    await latency.press('Enter');
    await until('the server has it', async () => await setting('latencyMs') === 321);
    await latency.fill(String(before));
    await latency.press('Tab');
    await until('the server has the old one again', async () => await setting('latencyMs') === before);
  });
}

await explain({ base, test, open, run, press, shot, held, until, page, posts, complaints, demo: settings?.demo });

await test('an EventSource of the same site is answered', async () => {
  // It would ask again if it were not closed, and may be closed before its answer has ended.
  page.on('request', (request) => {
    if (request.resourceType() === 'eventsource') dropped.add(request);
  });
  const heard = await page.evaluate(() => new Promise((resolve) => {
    const url = `/graphql?${new URLSearchParams({ query: '{ __typename }' })}`;
    const source = new EventSource(url);
    const end = (what) => {
      source.close();
      resolve(what);
    };
    source.addEventListener('next', ({ data }) => end(data));
    source.addEventListener('error', () => end('an error'));
  }));
  assert.deepEqual(JSON.parse(heard), { data: { __typename: 'Query' } });
});

await test('the documentation explorer knows the schema', async () => {
  await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
  const docs = page.locator('.graphiql-doc-explorer');
  await docs.getByText('Root Types', { exact: false }).waitFor();
  await docs.locator('.graphiql-doc-explorer-search input').fill(EXPECT_TYPE);
  await page.getByRole('option').getByText(EXPECT_TYPE, { exact: true }).first().click();
  await until(`${EXPECT_TYPE} is shown`, async () => (await docs.locator('.graphiql-doc-explorer-title').innerText()) === EXPECT_TYPE);
  await shot(page, 'docs');
});

await test('a reload keeps the visitor\'s tabs and adds none', async () => {
  const before = await page.locator('.graphiql-tab').count();
  await page.waitForTimeout(700); // GraphiQL stores tabs half a second after a change
  await page.reload();
  await page.locator('.graphiql-query-editor .view-line').first().waitFor();
  assert.equal(await page.locator('.graphiql-tab').count(), before);
});

await test('the light theme works', async () => {
  const light = await open({ colorScheme: 'light' });
  await run(light, () => press(light));
  await shot(light, 'result-light');
  await light.context().close();
});

await test('a narrow window keeps the editor and the examples in reach', async () => {
  const narrow = await open({ colorScheme: 'light', viewport: { width: 820, height: 700 } });
  await run(narrow, () => press(narrow));
  await narrow.getByRole('button', { name: 'Examples' }).click();
  await narrow.getByRole('menuitem').first().waitFor();
  await shot(narrow, 'narrow');
  await narrow.context().close();
});

await test('a phone has room for the query, the answer below it and the menus', async () => {
  const phone = await open({ colorScheme: 'light', viewport: { width: 390, height: 844 } });
  const box = async (name) => {
    const { x, y, width, height } = await phone.locator(name).boundingBox();
    return { left: x, right: x + width, top: y, bottom: y + height, width, height };
  };
  // Parts that hide what does not fit count as well.
  const fits = async () => assert.deepEqual(await phone.evaluate(() => (
    ['html', '.graphiql-container', '.graphiql-main', '.graphiql-sessions', '.graphiql-session-header', '#graphiql-session']
      .filter((name) => {
        const part = document.querySelector(name);
        return part.scrollWidth > part.clientWidth || part.getBoundingClientRect().right > innerWidth;
      }))), [], 'wider than the screen');
  const panel = phone.getByRole('region', { name: 'Demo systems' });
  assert.equal(await panel.count(), 0, 'the panel is open');
  await fits();
  await run(phone, () => press(phone));
  const [query, result] = [await box('.graphiql-editors'), await box('.graphiql-response')];
  assert.ok(query.width >= 300 && result.width >= 300, `widths ${query.width} and ${result.width}`);
  assert.ok(query.height >= 300 && result.height >= 300, `heights ${query.height} and ${result.height}`);
  assert.ok(result.top >= query.bottom && result.bottom <= 844, `the result is at ${result.top} to ${result.bottom}`);
  const tools = await box('.graphiql-editor-tool');
  assert.ok(tools.bottom <= query.bottom + 1 && tools.height > 30, `the variables are at ${tools.top} to ${tools.bottom}`);
  await phone.getByRole('button', { name: 'Examples' }).click();
  await phone.getByRole('menuitem').first().waitFor();
  await until('the menu is on the screen, whole', async () => {
    const menu = await box('.graphiql-dropdown-content');
    return menu.left >= 0 && menu.right <= 390 && menu.top >= 0 && menu.bottom <= 844;
  });
  await shot(phone, 'phone-menu');
  await phone.getByRole('menuitem').last().click();
  await fits();
  if (settings?.demo) {
    const menu = phone.getByLabel('Signed in as');
    await until('customers can be chosen', async () => await menu.locator('option').count() > 2);
    await menu.selectOption({ index: 1 });
    assert.match(await menu.locator('option:checked').innerText(), /^\d+ – ./);
    const shown = await phone.locator('.skuery-sign-in').boundingBox();
    assert.ok((await menu.boundingBox()).x > shown.x + 50, 'the label is not seen');
    await fits();
    await shot(phone, 'phone');
    await phone.getByRole('button', { name: 'Show Demo systems' }).click();
    await panel.locator('[data-system="erp"]').waitFor();
    await fits();
    assert.ok((await box('.graphiql-plugin')).width >= 300);
    await panel.getByRole('switch', { name: 'ERP down' }).click({ trial: true });
    await shot(phone, 'phone-panel');
    await phone.getByRole('button', { name: 'Hide Demo systems' }).click();
    await run(phone, () => press(phone));
  }
  await phone.context().close();
});

if (settings?.demo) {
  // Whatever failed above, leave the gateway as it was found.
  await page.request.post(new URL('/demo/systems/erp', base).href, { data: { down: false } }).catch(() => {});
}

await test('nothing was asked of any other origin', () => assert.deepEqual(strangers, []));
await test('the console has no errors or warnings', () => assert.deepEqual(complaints, []));

await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
