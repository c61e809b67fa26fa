// The audits of GraphQL over HTTP that the package graphql-http ships.
import { serverAudits } from 'graphql-http';

const url = process.argv[2];

// What is not as an audit has it, with what is instead and why.
const EXCEPTIONS = {
  '423L': 'the draft asks for 422 where a request is not well-formed',
  '86EE': 'the draft asks for 422 where variables cannot be coerced',
};

// The audits send a GET as any page could, which is refused: see "Requests that another site could send" in docs/HTTP.md.
const fetchFn = (address, init = {}) => fetch(address, {
  ...init,
  headers: (init.method ?? 'GET') === 'GET' ? { ...init.headers, 'apollo-require-preflight': '1' } : init.headers,
});

const audits = serverAudits({ url, fetchFn });
const surprises = [];
for (const audit of audits) {
  const result = await audit.fn();
  const reason = EXCEPTIONS[audit.id];
  if (result.status === 'ok' && reason) surprises.push(`${audit.id} ${audit.name}: passes; strike it from the exceptions`);
  if (result.status !== 'ok' && !reason) surprises.push(`${audit.id} ${audit.name}: ${result.reason}`);
  if (result.status !== 'ok' && reason && result.response.status !== 422) {
    surprises.push(`${audit.id} ${audit.name}: ${result.response.status} instead of 422`);
  }
}
const excepted = Object.keys(EXCEPTIONS).length;
console.log(`${audits.length - excepted - surprises.length} of ${audits.length} audits pass, ${excepted} are excepted`);
for (const [id, reason] of Object.entries(EXCEPTIONS)) console.log(`  ${id}: ${reason}`);
if (surprises.length > 0) {
  console.error(surprises.join('\n'));
  process.exitCode = 1;
}
