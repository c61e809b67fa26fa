// The calls to the three systems, over connections that are kept alive.
import { Agent, request } from 'undici';

const TENANT = 'demo-tenant';
const COMPANY = '9b1f6c1e-5d0a-4f0e-8a65-2f6f7c1d0a11';
const WAREHOUSES = ['4', '2', '1'];

const dispatcher = new Agent({ connections: 64, keepAliveTimeout: 60_000 });
const secret = (name) => process.env[name];
const basic = (login, password) => `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}`;

async function ask(url, options = {}) {
  const { statusCode, body } = await request(url, { dispatcher, ...options });
  if (statusCode !== 200) {
    await body.dump();
    throw new Error(`${new URL(url).pathname} answered ${statusCode}`);
  }
  return body.json();
}

/** Logs in once; the tokens last longer than anything here runs. */
export async function logIn({ pim, erp, wms }) {
  const pimToken = await ask(`${pim}/api/oauth/v1/token`, {
    method: 'POST',
    headers: { authorization: basic('demo_pim_client', secret('DEMO_PIM_CLIENT_SECRET')), 'content-type': 'application/json' },
    body: JSON.stringify({ grant_type: 'password', username: 'skuery', password: secret('DEMO_PIM_PASSWORD') }),
  });
  const erpToken = await ask(`${erp}/${TENANT}/oauth2/v2.0/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id: 'demo-erp-client', client_secret: secret('DEMO_ERP_CLIENT_SECRET') }).toString(),
  });
  const headers = (authorization) => ({ authorization, accept: 'application/json' });
  const atPim = headers(`Bearer ${pimToken.access_token}`);
  const atErp = headers(`Bearer ${erpToken.access_token}`);
  const atWms = headers(basic('skuery', secret('DEMO_WMS_PASSWORD')));

  const models = (search, paging) =>
    ask(`${pim}/api/rest/v1/product-models?${new URLSearchParams({ search: JSON.stringify(search), locales: 'sv_SE,en_GB', ...paging, with_attribute_options: 'true' })}`, { headers: atPim });
  const any = (field, values) => values.map((value) => `${field} eq '${value.replaceAll("'", "''")}'`).join(' or ');

  return {
    listing: (category, first) =>
      models({ categories: [{ operator: 'IN CHILDREN', value: [category] }] }, { page: '1', limit: String(first), with_count: 'true' }),
    products: (slugs) => models({ slug: [{ operator: 'IN', value: slugs }] }, { limit: '100' }),
    variants: (skus) =>
      ask(`${pim}/api/rest/v1/products-uuid/search?limit=100&pagination_type=search_after`, {
        method: 'POST',
        headers: { ...atPim, 'content-type': 'application/json' },
        body: JSON.stringify({ search: JSON.stringify({ sku: [{ operator: 'IN', value: skus }] }), locales: 'sv_SE,en_GB', with_attribute_options: true }),
      }),
    attributes: (codes) =>
      ask(`${pim}/api/rest/v1/attributes?${new URLSearchParams({ search: JSON.stringify({ code: [{ operator: 'IN', value: codes }] }), limit: '100' })}`, { headers: atPim }),
    prices: (lists, skus) =>
      ask(
        `${erp}/v2.0/${TENANT}/Production/api/skuery/pricing/v1.0/companies(${COMPANY})/priceListLines?${new URLSearchParams({ $filter: `(${any('assetNo', skus)}) and (${any('priceListCode', lists)})` })}`,
        { headers: atErp },
      ),
    stock: (skus) => {
      const query = new URLSearchParams({ goodsOwnerId: '7' });
      for (const sku of skus) query.append('articleNumbers', sku);
      for (const warehouse of WAREHOUSES) query.append('warehouseIds', warehouse);
      return ask(`${wms}/api/v1/articles/inventoryPerWarehouse?${query}`, { headers: atWms });
    },
  };
}
