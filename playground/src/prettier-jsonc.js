// Stands in for prettier's Babel and ESTree plugins, which GraphiQL loads only to tidy
// variables and headers: the same through jsonc-parser, which is in the bundle anyway.
import { applyEdits, format, parse } from 'jsonc-parser';

export const parsers = {
  jsonc: {
    astFormat: 'tidy-jsonc',
    locStart: () => 0,
    locEnd: (node) => node.text.length,
    parse(content) {
      const errors = [];
      parse(content, errors, { allowTrailingComma: true, allowEmptyContent: true });
      if (errors.length) throw new SyntaxError('not valid JSON');
      const edits = format(content, undefined, { tabSize: 2, insertSpaces: true, eol: '\n' });
      return { text: applyEdits(content, edits).trim() };
    },
  },
};

export const printers = { 'tidy-jsonc': { print: (path) => path.node.text } };
