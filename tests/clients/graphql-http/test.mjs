// The audits of GraphQL over HTTP that the package graphql-http ships.
import { serverAudits } from 'graphql-http';

const url = process.argv[2];

// The audits send a GET as any page could, which is refused: see "Requests that another site could send" in docs/HTTP.md.
const fetchFn = (address, init = {}) => fetch(address, {
  ...init,
  headers: (init.method ?? 'GET') === 'GET' ? { ...init.headers, 'apollo-require-preflight': '1' } : init.headers,
});

const audits = serverAudits({ url, fetchFn });
const surprises = [];
for (const audit of audits) {
  const result = await audit.fn();
  if (result.status !== 'ok') surprises.push(`${audit.id} ${audit.name}: ${result.reason}`);
}
console.log(`${audits.length - surprises.length} of ${audits.length} audits pass`);
if (surprises.length > 0) {
  console.error(surprises.join('\n'));
  process.exitCode = 1;
}
