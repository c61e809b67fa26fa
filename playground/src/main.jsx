import './monaco-environment.js';
import 'graphiql/style.css';
import './style.css';
import { createRoot } from 'react-dom/client';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { settings } from './settings.js';
import { fetcher } from './fetcher.js';
import { ExamplesMenu } from './examples.jsx';
import { DEMO_PLUGIN } from './demo.jsx';
import { EXPLAIN_PLUGIN } from './explain.jsx';
import { SignIn } from './sign-in.jsx';

const TABS_AT_START = 3; // the menu has the rest
const { title, demo, examples } = settings;
const [first] = examples;

// In a narrow window a panel covers the query and its answer: none is open at first, not even one left open before.
const narrow = matchMedia('(max-width: 700px)').matches;
if (narrow) forget('visiblePlugin');

// On a return visit GraphiQL restores the visitor's own tabs; initial values would add one more.
const firstVisit = !stored('tabState');
const initial = firstVisit && {
  defaultTabs: examples.slice(0, TABS_AT_START),
  initialQuery: first.query,
  initialVariables: first.variables,
  initialHeaders: first.headers,
  visiblePlugin: demo && !narrow ? DEMO_PLUGIN : undefined,
};

function stored(key) {
  try {
    return localStorage.getItem(`graphiql:${key}`);
  } catch {
    return null; // storage is switched off
  }
}

function forget(key) {
  try {
    localStorage.removeItem(`graphiql:${key}`);
  } catch {
    // Storage is switched off: nothing is remembered.
  }
}

document.title = title;

createRoot(document.getElementById('root')).render(
  <GraphiQL
    fetcher={fetcher}
    defaultQuery=""
    defaultEditorToolsVisibility={first.variables || !first.headers ? 'variables' : 'headers'}
    isHeadersEditorEnabled
    shouldPersistHeaders={stored('shouldPersistHeaders') === 'true'}
    showPersistHeadersSettings
    schemaDescription
    inputValueDeprecation
    plugins={[HISTORY_PLUGIN, EXPLAIN_PLUGIN, ...(demo ? [DEMO_PLUGIN] : [])]}
    {...initial}
  >
    <GraphiQL.Logo>
      {demo && <SignIn />}
      <ExamplesMenu examples={examples} />
      <span className="skuery-title">{title}</span>
    </GraphiQL.Logo>
  </GraphiQL>,
);
