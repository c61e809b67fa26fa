import { useEffect, useState } from 'react';
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { explanation } from './explanation.js';
import { signIn } from './fetcher.js';

const TOKENS = '/demo/tokens';
const STAFF = 'staff';

async function fetched(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json();
}

/** The token of whoever is chosen, made for this moment: tokens end, and the gateway's keys end with it. */
async function tokenOf(who) {
  if (who === STAFF) return (await fetched(`${TOKENS}/${STAFF}`)).token;
  return (await fetched(TOKENS))[who];
}

/** What a token says of its owner. Nothing is verified here: that is the gateway's part. */
function claims(token) {
  const part = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
  const bytes = Uint8Array.from(atob(part), (letter) => letter.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** A choice of the demo's customers; requests carry the token of the one who is chosen. */
export function SignIn() {
  const [customers, setCustomers] = useState([]);
  const [who, setWho] = useState('');
  const [problem, setProblem] = useState('');
  const { stop } = useGraphiQLActions();
  const tabs = useGraphiQL((state) => state.tabs);
  const responseEditor = useGraphiQL((state) => state.responseEditor);

  useEffect(() => {
    fetched(TOKENS).then(
      (tokens) => setCustomers(Object.entries(tokens).map(([number, token]) => ({ number, ...claims(token) }))),
      (error) => setProblem(error.message),
    );
  }, []);

  function choose(next) {
    setWho(next);
    // An answer to one must not stand under another's name: not one under way, and not in any tab.
    stop();
    for (const tab of tabs) tab.response = null;
    responseEditor?.setValue('');
    explanation.forget();
    signIn(next ? () => tokenOf(next) : null);
  }

  return (
    <label className="skuery-sign-in">
      Signed in as
      <select value={who} onChange={(event) => choose(event.target.value)} title={problem}>
        <option value="">anonymous</option>
        {customers.map(({ number, name }) => <option key={number} value={number}>{`${number} – ${name}`}</option>)}
        <option value={STAFF}>staff, a sales representative</option>
      </select>
    </label>
  );
}
