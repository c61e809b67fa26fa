// Bundles src/ into one HTML file (first argument) and writes THIRD-PARTY.txt.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const root = import.meta.dirname;
const out = process.argv[2];
const inputs = new Set(); // every file that went into the page

const common = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  outdir: 'unused',
  format: 'iife',
  target: ['chrome111', 'firefox114', 'safari16.4'],
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
  define: { 'process.env.NODE_ENV': '"production"' },
  alias: {
    'prettier/parser-graphql': 'prettier/plugins/graphql',
    'prettier/parser-babel': './src/prettier-jsonc.js',
    'prettier/plugins/estree': './src/prettier-jsonc.js',
  },
};

async function bundle(options) {
  const result = await build({ ...common, ...options });
  for (const input of Object.keys(result.metafile.inputs)) inputs.add(input);
  const text = (ext) => result.outputFiles.find((file) => file.path.endsWith(ext))?.text ?? '';
  return { js: text('.js'), css: text('.css') };
}

// import source from 'inline:./x.js': the bundled script as a string.
const inlineScripts = {
  name: 'inline-scripts',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^inline:/ }, ({ path, resolveDir }) => ({
      path: resolve(resolveDir, path.slice('inline:'.length)),
      namespace: 'inline',
    }));
    onLoad({ filter: /.*/, namespace: 'inline' }, async ({ path }) => ({
      contents: (await bundle({ entryPoints: [path] })).js,
      loader: 'text',
    }));
  },
};

// Small changes to upstream files. Each must find what it replaces, so that an upgrade cannot drop one silently.
function patch(filter, from, to) {
  return {
    name: `patch ${filter}`,
    setup({ onLoad }) {
      onLoad({ filter }, ({ path }) => {
        const before = readFileSync(path, 'utf8');
        const contents = before.replace(from, to);
        if (contents === before) throw new Error(`nothing to patch in ${path}`);
        return { contents, loader: path.endsWith('.css') ? 'css' : 'js' };
      });
    },
  };
}

// Editor features that neither GraphQL nor JSON uses here.
const unused = ['codelens', 'colorPicker', 'inlayHints', 'inlineCompletions', 'inlineEdit', 'inlineEdits',
  'inlineProgress', 'linkedEditing', 'rename', 'sectionHeaders', 'semanticTokens', 'stickyScroll',
  'diffEditorBreadcrumbs', 'suggest/browser/suggestInlineCompletions'];

// GraphiQL's style sheet repeats all of Monaco's, the icon font included: once is enough.
const monacoStyles = {
  name: 'monaco-styles',
  setup({ onLoad }) {
    onLoad({ filter: /monaco-editor[\\/].*\.css$/ }, () => ({ contents: '', loader: 'css' }));
  },
};

const page = await bundle({
  entryPoints: ['src/main.jsx'],
  jsx: 'automatic',
  loader: { '.ttf': 'dataurl' },
  plugins: [
    inlineScripts,
    monacoStyles,
    patch(/editor\.all\.js$/, new RegExp(`^import '\\./contrib/(${unused.join('|')})[/.].*$`, 'gm'), ''),
    // Web fonts: most of the style sheet's size, and under the Open Font License.
    patch(/graphiql[\\/]dist[\\/]style\.css$/, /@font-face\s*\{[^}]*font\/woff[^}]*\}/g, ''),
    patch(/create-editor\.js$/, String.raw`fontFamily: "\"Fira Code\""`,
      `fontFamily: "ui-monospace, \\"Fira Code\\", Menlo, Consolas, \\"DejaVu Sans Mono\\", monospace"`),
  ],
});

// Inside <script>, these two would start HTML's escaped states; \x3c means the same in strings and patterns.
const script = page.js.replace(/<(?=!--|\/?script)/gi, '\\x3c').trim();
const hash = createHash('sha256').update(script).digest('base64');
const csp = [
  "default-src 'none'",
  `script-src 'sha256-${hash}'`,
  "style-src 'unsafe-inline'",
  "connect-src 'self'",
  'worker-src blob:',
  "img-src 'self' data:",
  'font-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const html = readFileSync(join(root, 'src/index.html'), 'utf8')
  .replace('%CSP%', () => csp)
  .replace('%STYLE%', () => page.css.trim())
  .replace('%SCRIPT%', () => script);

if (html.split('/*SKUERY_SETTINGS*/').length !== 2) throw new Error('the settings placeholder must stand once');
if (/\b(?:src|href)=["']?https?:/.test(html.slice(0, html.indexOf('<script>')))) throw new Error('outside address');
if (/url\(["']?(?!data:|#)/.test(page.css)) throw new Error('the style sheet loads a file');
writeFileSync(out, html);
writeFileSync(join(root, 'THIRD-PARTY.txt'), thirdParty());

function thirdParty() {
  const permissive = new Set(['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Python-2.0', 'BlueOak-1.0.0']);
  const folders = new Set();
  for (const input of inputs) {
    const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0];
    if (folder) folders.add(folder);
  }

  const packages = [...folders].map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    if (!permissive.has(license)) throw new Error(`${name} ${version}: licence ${license} is not on the list`);
    const file = readdirSync(join(root, folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    const text = file ? readFileSync(join(root, folder, file), 'utf8').replace(/\r/g, '').trim() : '';
    return { id: `${name} ${version} (${license})`, license, text };
  }).sort((a, b) => (a.id < b.id ? -1 : 1));

  const byText = new Map();
  for (const { id, text, license } of packages) {
    const key = text || `(No licence file in the package; its package.json says ${license}.)`;
    byText.set(key, (byText.get(key) ?? new Set()).add(id));
  }

  const rule = '-'.repeat(80);
  return [
    'Third-party code in dist/playground.html.gz. Written by the build; do not edit.',
    '',
    ...new Set(packages.map(({ id }) => `  ${id}`)),
    '',
    'Inside monaco-editor, beside Microsoft\'s own MIT code (the JSON language service among it):',
    'DOMPurify by Cure53 and contributors (Apache-2.0 or MPL-2.0; used under Apache-2.0), the notices of',
    'monaco-editor\'s path library and marked at the end of this file, and the Codicons icon font by',
    'Microsoft (CC-BY-4.0, https://creativecommons.org/licenses/by/4.0/). GraphiQL\'s web fonts are left out.',
    ...[...byText].flatMap(([text, ids]) => ['', rule, [...ids].join('\n'), rule, '', text]),
    ...['nodejs path library', 'markedjs'].flatMap((name) => ['', rule, `monaco-editor: ${name}`, rule, '', notice(name)]),
    '',
  ].join('\n');
}

// One section of monaco-editor's own third-party notices.
function notice(name) {
  const all = readFileSync(join(root, 'node_modules/monaco-editor/ThirdPartyNotices.txt'), 'utf8').replace(/\r/g, '');
  const section = all.split(/^%% /m).find((text) => text.startsWith(name));
  if (!section) throw new Error(`monaco-editor's notices have no section on ${name}`);
  return section.split(/^=+$/m)[1].trim();
}
