// The panel with cost, plan and trace: what it sends, what it shows, and for whom it can be used.
import assert from 'node:assert/strict';

const TITLE = 'Cost, plan and trace';
const HEADER = 'x-skuery-explain';

/** `harness` has what every part of the browser test uses. */
export async function explain({ base, test, open, run, press, shot, held, until, page, posts, complaints, demo }) {
  const panelOf = (of) => of.getByRole('region', { name: TITLE });
  const show = (of) => of.getByRole('button', { name: `Show ${TITLE}` });
  const panel = panelOf(page);
  const asks = panel.getByRole('switch', { name: 'Ask with every query' });
  const queries = () => posts.filter((request) => request.postDataJSON().operationName !== 'IntrospectionQuery');
  const sent = () => queries().at(-1).headers()[HEADER];
  const cells = (row) => row.locator('th, td').allInnerTexts();
  const told = async (of) => JSON.parse(await held(of, 'response.json')).extensions;

  await test('nobody asks for an explanation unprompted', async () => {
    assert.ok(posts.every((request) => !(HEADER in request.headers())));
  });

  await test('the panel is opened and switched on by keyboard, and queries ask from then on', async () => {
    await show(page).focus();
    await page.keyboard.press('Enter');
    await panel.waitFor();
    for (let tabs = 0; tabs < 30 && !await asks.evaluate((it) => it === document.activeElement); tabs += 1) {
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Space');
    assert.ok(await asks.isChecked());
    await run(page, () => press(page));
    assert.equal(sent(), 'cost, plan, trace');
    await page.getByRole('button', { name: /^Re-fetch GraphQL schema/ }).click();
    await until('the schema was asked for', () => posts.at(-1).postDataJSON().operationName === 'IntrospectionQuery');
    assert.ok(!(HEADER in posts.at(-1).headers()), 'the schema needs no explanation');
    await (await posts.at(-1).response()).finished();
  });

  await test('cost, plan and trace of the answer stand in tables, with heads for rows and columns', async () => {
    await run(page, () => press(page));
    const { cost, plan, trace } = await told(page);
    await panel.getByRole('table', { name: 'Trace' }).waitFor();
    const rows = (name) => panel.getByRole('table', { name }).getByRole('row');

    const systems = rows('Cost').filter({ has: page.getByRole('rowheader', { name: new RegExp(cost.systems.map(({ system }) => system).join('|')) }) });
    assert.equal(await systems.count(), cost.systems.length);
    assert.equal((await cells(systems.first())).join(), [cost.systems[0].system, cost.systems[0].calls, cost.systems[0].keys].join());
    assert.match((await cells(rows('Cost').last())).join(), new RegExp(`^All,${cost.calls} of `));

    const planned = plan.waves.flatMap(({ lookups }) => lookups);
    assert.equal(await rows('Plan').count(), 1 + plan.waves.length + planned.length);
    const search = await cells(rows('Plan').filter({ hasText: planned[0].lookup }).first());
    assert.deepEqual([search[0], search[2], search[3]], [planned[0].system, `${planned[0].keys}`, `${planned[0].calls}`]);
    assert.ok(search[1].startsWith(`${planned[0].lookup}\nfor ${planned[0].fields[0]}`), search[1]);

    const traced = trace.waves.flatMap(({ lookups }) => lookups);
    assert.ok(traced.length > 0);
    assert.equal(await rows('Trace').count(), 1 + trace.waves.length + traced.length);
    assert.deepEqual(await cells(rows('Trace').first()), ['System', 'Lookup', 'Keys', 'Answered', 'ms']);
    const shown = rows('Trace').filter({ has: page.locator('th[scope="row"]') });
    for (const [index, lookup] of traced.entries()) {
      const [system, name, keys, answered, waited] = await cells(shown.nth(index));
      assert.deepEqual([system, name, keys], [lookup.system, lookup.lookup, `${lookup.keys}`]);
      const counts = ['hit', 'shared', 'fetched', 'stale', 'failed'].filter((how) => lookup[how] > 0).map((how) => `${lookup[how]} ${how}`);
      for (const count of counts) assert.ok(answered.includes(count), `${count} is not in ${answered}`);
      assert.ok(!lookup.calls.length || answered.includes(`${lookup.calls.length} call`), answered);
      assert.equal(waited.trim(), lookup.ms.toFixed(1));
    }
    const calls = traced.reduce((sum, lookup) => sum + lookup.calls.length, 0);
    assert.match(await panel.getByRole('status').innerText(), new RegExp(` ${calls} calls? in `));
    await shot(page, 'explain-dark');
  });

  await test('the panel is scrolled by keyboard', async () => {
    const scrolled = () => page.locator('.graphiql-plugin').evaluate((part) => [part.scrollTop, part.scrollHeight > part.clientHeight]);
    const [start, isLong] = await scrolled();
    assert.ok(isLong, 'all of it fits');
    await asks.focus();
    await page.keyboard.press('End');
    await until('the end is in view', async () => (await scrolled())[0] > start);
    await shot(page, 'explain-dark-end');
    await page.keyboard.press('Home');
  });

  await test('texts and bars stand out in the dark and the light theme', async () => {
    assert.deepEqual(await faint(page), []);
    const light = await open({ colorScheme: 'light' });
    await show(light).click();
    await panelOf(light).getByRole('switch').check();
    await run(light, () => press(light));
    await panelOf(light).getByRole('table', { name: 'Trace' }).waitFor();
    await panelOf(light).getByRole('table', { name: 'Trace' }).scrollIntoViewIfNeeded();
    assert.deepEqual(await faint(light), []);
    await shot(light, 'explain-light');
    await light.context().close();
  });

  await test('where plan and trace are not for this user, the query is answered, and the panel says why', async () => {
    const message = (part) => `extensions.${part} is only for staff; the cost is for anybody`;
    await page.route('**/graphql', (route) => {
      const asked = route.request().headers()[HEADER] ?? '';
      const part = ['plan', 'trace'].find((name) => asked.includes(name));
      if (!part) return route.continue();
      return route.fulfill({
        status: 403,
        contentType: 'application/graphql-response+json',
        body: JSON.stringify({ errors: [{ message: message(part), extensions: { code: 'FORBIDDEN' } }] }),
      });
    });
    const quiet = complaints.length;
    try {
      await press(page);
      await until('both are refused', async () => await panel.locator('.skuery-refusal').count() === 2);
      await panel.getByRole('table', { name: 'Cost' }).waitFor();
      assert.equal(sent(), 'cost');
      for (const part of ['plan', 'trace']) {
        assert.equal(await panel.locator(`[data-part="${part}"]`).innerText(), `The server does not tell the ${part}: ${message(part)}`);
      }
      assert.equal(await panel.getByRole('table').count(), 1);
      await until('the answer shows', async () => (await held(page, 'response.json')).includes('"data"'));
      assert.deepEqual(await faint(page), []);
      await shot(page, 'explain-refused');
    } finally {
      await page.unrouteAll({ behavior: 'wait' });
    }
    const refusals = complaints.splice(quiet);
    assert.ok(refusals.every((complaint) => complaint.includes('403')), refusals.join('\n'));
  });

  if (demo) {
    await test('what was told to one does not stand under another\'s name', async () => {
      await run(page, () => press(page));
      await panel.getByRole('table', { name: 'Trace' }).waitFor();
      await page.getByLabel('Signed in as').selectOption('staff');
      assert.equal(await panel.getByRole('table').count(), 0);
      await page.getByLabel('Signed in as').selectOption('');
    });
  }

  await test('a header of one\'s own counts for more', async () => {
    const set = (text) => page.evaluate((value) => globalThis.__MONACO.editor.getModels()
      .find((model) => model.uri.path.endsWith('request-headers.json')).setValue(value), text);
    const before = await held(page, 'request-headers.json');
    await set('{ "X-Skuery-Explain": "cost" }');
    await run(page, () => press(page));
    assert.equal(sent(), 'cost');
    await set(before);
  });

  await test('switched off, nothing is asked for any more', async () => {
    await asks.uncheck();
    assert.equal(await panel.getByRole('table').count(), 0);
    await run(page, () => press(page));
    assert.equal(sent(), undefined);
    await page.getByRole('button', { name: `Hide ${TITLE}` }).click();
  });

  await test('on a phone the panel has room for its tables', async () => {
    const phone = await open({ colorScheme: 'light', viewport: { width: 390, height: 844 } });
    await show(phone).click();
    await panelOf(phone).getByRole('switch').check();
    await phone.getByRole('button', { name: `Hide ${TITLE}` }).click();
    await run(phone, () => press(phone));
    await show(phone).click();
    await panelOf(phone).getByRole('table', { name: 'Trace' }).waitFor();
    assert.deepEqual(await phone.evaluate(() => (
      [...document.querySelectorAll('.graphiql-plugin, .skuery-explain, .skuery-explain :is(table, td, th, li)')]
        .filter((part) => part.scrollWidth > part.clientWidth + 1 || part.getBoundingClientRect().right > innerWidth)
        .map((part) => `${part.tagName} ${part.innerText}`))), [], 'wider than the screen');
    await shot(phone, 'explain-phone');
    await panelOf(phone).getByRole('table', { name: 'Trace' }).evaluate((table) => table.scrollIntoView({ block: 'end' }));
    await shot(phone, 'explain-phone-trace');
    await phone.context().close();
  });
}

/** What has less contrast than WCAG asks for: 4.5 for text, 3 for what a bar or a mark of colour says. */
function faint(page) {
  return page.evaluate(() => {
    const parse = (color) => {
      const [red, green, blue, alpha = 1] = color.match(/[\d.]+/g).map(Number);
      return [red, green, blue, alpha];
    };
    const over = ([...above], below) => above.slice(0, 3).map((part, index) => part * above[3] + below[index] * (1 - above[3]));
    const behind = (element) => {
      if (!element) return [255, 255, 255];
      const color = parse(getComputedStyle(element).backgroundColor);
      return color[3] === 1 ? color.slice(0, 3) : over(color, behind(element.parentElement));
    };
    const luminance = (color) => color.map((part) => part / 255)
      .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
      .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
    const contrast = (one, other) => {
      const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
      return (high + 0.05) / (low + 0.05);
    };
    const panel = document.querySelector('.skuery-explain');
    const ground = behind(panel);
    const texts = [...panel.querySelectorAll('*')]
      .filter((part) => [...part.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
      .map((part) => [`text ${part.innerText}`, 4.5, contrast(over(parse(getComputedStyle(part).color), behind(part)), behind(part))]);
    const marks = [...panel.querySelectorAll('.skuery-bar i, li')]
      .map((part) => [part, getComputedStyle(part, part.tagName === 'LI' ? '::before' : undefined).backgroundColor])
      .map(([part, color]) => [`mark ${part.dataset.answer ?? 'time'}`, 3, contrast(over(parse(color), ground), ground)]);
    return [...texts, ...marks].filter(([, least, found]) => found < least).map(([what, , found]) => `${what}: ${found.toFixed(2)}`);
  });
}
