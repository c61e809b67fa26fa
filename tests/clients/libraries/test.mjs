// Runs each library's script, one after the other, against the gateway at the given address.
//   PYTHON   a Python with what requirements.txt names
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

const { PYTHON = 'python3' } = process.env;
const origin = new URL(process.argv[2]).origin;

function run(program, args, cwd = import.meta.dirname) {
  const { status, error } = spawnSync(program, args, { cwd, stdio: 'inherit', timeout: 200_000 });
  if (status === 0) return;
  console.error(`${program} ${args.join(' ')}: ${error ?? `exit code ${status}`}`);
  process.exit(1);
}

console.log();
mkdirSync(`${import.meta.dirname}/node_modules/.relay-artifacts`, { recursive: true });
run('../node_modules/.bin/relay-compiler', ['--output', 'quiet-with-errors'], `${import.meta.dirname}/relay`);
for (const client of ['graphql-ws', 'graphql-sse', 'apollo', 'urql', 'relay']) run('node', [`${client}.mjs`, origin]);
run(PYTHON, ['client.py', origin]);
