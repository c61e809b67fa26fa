// Workers run from a blob: the page is one file and loads nothing else.
import source from 'inline:./worker.js';

const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));

globalThis.MonacoEnvironment = {
  getWorker: (_id, label) => new Worker(url, { name: label }),
};
