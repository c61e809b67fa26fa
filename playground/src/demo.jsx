import { useCallback, useEffect, useState } from 'react';
import { useGraphiQL } from '@graphiql/react';

const SYSTEMS = '/demo/systems';
// The systems that a checkout writes to: only there is an answer worth losing.
const WRITTEN_TO = ['erp', 'wms', 'payments'];

async function call(path, settings) {
  const response = await fetch(path, settings && {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(settings),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response;
}

/** What the demo's backing systems were asked, and switches to make them slow or unreachable. */
function DemoSystems() {
  const [systems, setSystems] = useState([]);
  const [error, setError] = useState('');
  const isFetching = useGraphiQL((state) => state.isFetching);

  const refresh = useCallback(async () => {
    try {
      const response = await call(SYSTEMS);
      setSystems(await response.json());
      setError('');
    } catch (problem) {
      setError(problem.message);
    }
  }, []);

  // Shown at once, then as the server has it.
  async function change(name, settings) {
    setSystems((all) => all.map((system) => (
      system.name === name ? { ...system, settings: { ...system.settings, ...settings } } : system
    )));
    let refusal = '';
    await call(`${SYSTEMS}/${encodeURIComponent(name)}`, settings).catch((problem) => {
      refusal = problem.message;
    });
    await refresh();
    if (refusal) setError(refusal);
  }

  // On opening, and whenever a query has ended.
  useEffect(() => {
    if (!isFetching) refresh();
  }, [isFetching, refresh]);

  return (
    <section className="skuery-panel skuery-demo" aria-label="Demo systems">
      <header>
        <h2>Demo systems</h2>
        <button type="button" onClick={refresh}>Refresh</button>
      </header>
      <p>The systems behind this gateway and what they were asked since it started.</p>
      <p role="alert">{error}</p>
      {systems.map((system) => (
        <System
          key={system.name}
          {...system}
          change={(settings) => change(system.name, settings)}
        />
      ))}
    </section>
  );
}

function System({ name, calls, keys, peakConcurrency, settings, change }) {
  const { latencyMs = 0, failureRate = 0, down = false, loseAnswers = 0 } = settings ?? {};
  const label = name.toUpperCase();
  return (
    <fieldset data-system={name} data-down={down}>
      <legend>
        {label}
        <span className="skuery-state" role="status">{down ? 'down' : 'up'}</span>
      </legend>
      <dl>
        <div><dt>calls</dt><dd>{calls}</dd></div>
        <div><dt>keys</dt><dd>{keys}</dd></div>
        <div><dt>peak concurrency</dt><dd>{peakConcurrency}</dd></div>
        {failureRate > 0 && <div><dt>fails</dt><dd>{Math.round(failureRate * 100)}%</dd></div>}
      </dl>
      <div className="skuery-switches">
        <label>
          <input
            type="checkbox"
            role="switch"
            checked={down}
            aria-label={`${label} down`}
            onChange={(event) => change({ down: event.target.checked })}
          />
          Down
        </label>
        {WRITTEN_TO.includes(name) && (
          <label title="The next call that writes is done, and its answer never arrives">
            <input
              type="checkbox"
              role="switch"
              checked={loseAnswers > 0}
              aria-label={`${label} loses its next answer`}
              onChange={(event) => change({ loseAnswers: event.target.checked ? 1 : 0 })}
            />
            Lose an answer
          </label>
        )}
        <Latency label={label} value={latencyMs} change={change} />
      </div>
    </fieldset>
  );
}

/** Sends the latency when the field is left or Enter is pressed, not at every key. */
function Latency({ label, value, change }) {
  const [draft, setDraft] = useState(value);
  useEffect(() => setDraft(value), [value]);

  function send() {
    const latencyMs = Math.round(Number(draft));
    if (draft === '' || !(latencyMs >= 0)) setDraft(value);
    else if (latencyMs !== value) change({ latencyMs });
  }

  return (
    <label>
      Latency
      <input
        type="number"
        min="0"
        max="60000"
        step="50"
        value={draft}
        aria-label={`${label} latency in milliseconds`}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={send}
        onKeyDown={(event) => event.key === 'Enter' && send()}
      />
      ms
    </label>
  );
}

function DemoIcon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      <rect x="3" y="4" width="18" height="6" rx="1.5" />
      <rect x="3" y="14" width="18" height="6" rx="1.5" />
      <path d="M7 7h.01M7 17h.01M11 7h6M11 17h6" strokeLinecap="round" />
    </svg>
  );
}

export const DEMO_PLUGIN = { title: 'Demo systems', icon: DemoIcon, content: DemoSystems };
