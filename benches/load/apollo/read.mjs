// From the systems' answers to what the resolvers hand out.
const LOCALES = ['sv_SE', 'en_GB'];
const OPEN = '0001-01-01';
export const LOCATIONS = [
  { id: 1, code: 'WH-STO', name: 'Stockholm warehouse' },
  { id: 2, code: 'WH-CPH', name: 'Copenhagen warehouse' },
  { id: 4, code: 'ST-MAL', name: 'Malmö store' },
];
const LISTS = {
  retail: ['RETAIL-SEK', 'CAMP-SEASON-26-SEK', 'CAMP-AUTUMN-25-SEK', 'CAMP-SPRING-29-SEK'],
  dealer: ['DEALER-SEK'],
};
export const listsOf = (channel) => LISTS[channel];

const data = (values, code) => values[code]?.[0]?.data;
const label = (linked, code) => {
  for (const locale of LOCALES) if (linked?.labels?.[locale]) return linked.labels[locale];
  return code;
};
const localised = (values, code) => {
  for (const locale of LOCALES) {
    const entry = values[code]?.find((entry) => entry.locale === locale);
    if (entry) return entry.data;
  }
  return null;
};
const choice = (values, code) => {
  const entry = values[code]?.[0];
  return entry && { code: entry.data, label: label(entry.linked_data, entry.data) };
};
const media = (values) =>
  [data(values, 'image'), data(values, 'image_2')].filter(Boolean).map((path) => ({ url: `https://media.example/${path}` }));

const ENTITIES = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&amp;': '&' };
const withoutMarkup = (html) =>
  html
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/&(?:lt|gt|quot|amp);/g, (entity) => ENTITIES[entity]);

function attributesOf(values) {
  const attributes = [];
  const material = choice(values, 'material');
  if (material) attributes.push({ code: 'material', value: { __typename: 'OptionValue', ...material } });
  const season = values.season?.[0];
  if (season) {
    const options = season.data.map((code) => ({ code, label: label(season.linked_data?.[code], code) }));
    attributes.push({ code: 'season', value: { __typename: 'OptionsValue', options } });
  }
  const waterproof = data(values, 'waterproof');
  if (waterproof !== undefined) attributes.push({ code: 'waterproof', value: { __typename: 'BooleanValue', boolean: waterproof } });
  const weight = data(values, 'weight');
  if (weight) attributes.push({ code: 'weight', value: { __typename: 'MeasureValue', ...weight } });
  return attributes;
}

export function product({ values }) {
  const description = localised(values, 'description');
  return {
    slug: data(values, 'slug'),
    name: localised(values, 'name'),
    brand: choice(values, 'brand')?.label ?? null,
    description: description && withoutMarkup(description),
    media: media(values),
    attributes: attributesOf(values),
    skus: data(values, 'variant_skus') ?? [],
  };
}

export function page(answer) {
  return { nodes: answer._embedded.items.map(product), pageInfo: { hasNextPage: Boolean(answer._links.next) } };
}

export function variant({ values }) {
  const options = [];
  for (const code of ['colour', 'size']) {
    const chosen = choice(values, code);
    if (chosen) options.push({ code, value: chosen.label });
  }
  return { sku: data(values, 'sku'), name: localised(values, 'name'), gtin: data(values, 'ean') ?? null, media: media(values), options };
}

export const labelOf = (attribute) => label(attribute, attribute.code);

// Prices are in hundredths and discounts in whole percent, so integers keep them exact.
const exact = (row) => (Math.round(row.unitPrice * 100) * (100 - row.lineDiscountPercent)) / 10_000;

export function price(rows, day, channel) {
  const valid = rows.filter((row) => (row.startingDate === OPEN || row.startingDate <= day) && (row.endingDate === OPEN || day <= row.endingDate));
  const lowest = (quantity, rows) => {
    let best = null;
    for (const row of rows) if (row.minimumQuantity <= quantity && (!best || exact(row) < exact(best))) best = row;
    return best;
  };
  const best = lowest(1, valid);
  if (!best) return null;
  const side = channel === 'dealer' ? 'net' : 'gross';
  const money = (amount) => ({ [side]: { amount: String(amount), currency: 'SEK' } });
  const amount = exact(best);
  let before = null;
  if (best.lineDiscountPercent) before = best.unitPrice;
  else if (best.sourceType === 'Campaign') {
    const usual = lowest(1, valid.filter((row) => row.sourceType !== 'Campaign'));
    before = usual && exact(usual);
  }
  return {
    unitPrice: money(amount),
    listPrice: before && before > amount ? money(before) : null,
    tiers: () => {
      const minimums = [...new Set(valid.map((row) => row.minimumQuantity))].sort((one, other) => one - other);
      return minimums.map((minimum) => ({ minimumQuantity: String(minimum), unitPrice: money(exact(lowest(minimum, valid))) }));
    },
  };
}

/** Of an article that the WMS does not know nothing is known; a location that it does not list has none. */
export function availability(listed) {
  const levels = LOCATIONS.map((location) => {
    const level = listed?.find((level) => level.warehouseId === location.id);
    return { location, available: listed && Math.max(0, level?.sellableNumberOfItems ?? 0) };
  });
  const quantity = listed && levels.reduce((sum, level) => sum + level.available, 0);
  return {
    status: quantity === null ? 'UNKNOWN' : quantity > 5 ? 'IN_STOCK' : quantity > 0 ? 'LOW_STOCK' : 'OUT_OF_STOCK',
    quantity: text(quantity),
    levels: () => levels.map(({ location, available }) => ({ location, available: text(available) })),
  };
}

const text = (number) => number === null ? null : String(number);
