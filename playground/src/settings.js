// What the server writes into <script id="skuery-settings">; defaults stand where it wrote nothing.
const DEFAULTS = {
  title: 'Skuery',
  demo: false,
  examples: [
    {
      name: 'What can be asked',
      query: `query RootFields {
  __schema {
    queryType {
      fields {
        name
        description
      }
    }
  }
}
`,
    },
  ],
};

function read() {
  let given = {};
  try {
    given = JSON.parse(document.getElementById('skuery-settings').textContent) ?? {};
  } catch {
    // The placeholder was not replaced: opened from a file, or by a plain file server.
  }
  const examples = (Array.isArray(given.examples) ? given.examples : []).filter((e) => e?.query);
  return {
    title: given.title || DEFAULTS.title,
    demo: given.demo === true,
    examples: (examples.length ? examples : DEFAULTS.examples).map((e, i) => ({
      name: e.name || `Example ${i + 1}`,
      query: e.query,
      variables: text(e.variables),
      headers: text(e.headers),
    })),
  };
}

// The editors hold text; accept an object as well.
function text(value) {
  if (value == null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

export const settings = read();
