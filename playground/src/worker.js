// One script for Monaco's three workers; the worker's name says which one it is to be.
import { initialize } from 'monaco-editor/esm/vs/editor/editor.worker.js';
import { GraphQLWorker } from 'monaco-graphql/esm/GraphQLWorker.js';
import 'monaco-editor/esm/vs/language/json/json.worker.js';

const startJson = self.onmessage; // set by the import above

const start = {
  json: startJson,
  graphql: () => initialize((context, data) => new GraphQLWorker(context, data)),
};

self.onmessage = start[self.name] ?? (() => initialize(null));
