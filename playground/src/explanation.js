// What the gateway tells of a query beside its answer: asked for by the fetcher, shown by the panel.
const PARTS = ['cost', 'plan', 'trace'];
const HEADER = 'x-skuery-explain';
const STORED = 'skuery:explain';

const NOTHING = { told: null, refusals: [] };
let state = { isOn: stored(), ...NOTHING };
const listeners = new Set();

function stored() {
  try {
    return localStorage.getItem(STORED) === 'on';
  } catch {
    return false; // storage is switched off
  }
}

function become(change) {
  state = { ...state, ...change };
  for (const listener of listeners) listener();
}

export const explanation = {
  current: () => state,
  subscribe(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  switchTo(isOn) {
    try {
      localStorage.setItem(STORED, isOn ? 'on' : 'off');
    } catch {
      // Storage is switched off: nothing is remembered.
    }
    become({ isOn, ...NOTHING });
  },
  /** What was told to one must not stand under another's name. */
  forget: () => become(NOTHING),
};

/**
 * Sends a query so that it is explained, as far as the server allows. Who asks for a part that is not for them is refused
 * before anything is done, so the query is sent again without that part.
 */
export async function explained(params, headers, send) {
  const isOwn = Object.keys(headers ?? {}).some((name) => name.toLowerCase() === HEADER);
  if (!state.isOn || isOwn || params.operationName === 'IntrospectionQuery') return send({});
  become(NOTHING);
  const refusals = [];
  let parts = PARTS;
  for (;;) {
    const answer = await send(parts.length ? { [HEADER]: parts.join(', ') } : {});
    const refusal = refused(answer, parts);
    if (!refusal) {
      if (state.isOn) become({ told: told(answer), refusals });
      return answer;
    }
    refusals.push(refusal);
    parts = parts.filter((part) => part !== refusal.part);
  }
}

/** The refusal of one part, in a request error: one without data. */
function refused(answer, parts) {
  const [error] = answer?.errors ?? [];
  if (!error || 'data' in answer) return null;
  const part = parts.find((name) => error.message.startsWith(`extensions.${name} `));
  return part ? { part, message: error.message } : null;
}

/** An operation that is refused for its cost says so in its error. */
function told(answer) {
  const { cost, plan } = answer.errors?.[0]?.extensions ?? {};
  return { cost, plan, ...answer.extensions };
}
