import { Fragment, useSyncExternalStore } from 'react';
import { explanation } from './explanation.js';

// How a key can have been answered, in the order of the bars. The words are the metrics'.
const ANSWERS = ['hit', 'shared', 'fetched', 'stale', 'failed'];

/** What the last query cost, planned and came to. */
function Explain() {
  const { isOn, told, refusals } = useSyncExternalStore(explanation.subscribe, explanation.current);
  return (
    <section className="skuery-panel skuery-explain" aria-label={TITLE}>
      <header>
        <h2>{TITLE}</h2>
      </header>
      <p>
        <label>
          <input
            type="checkbox"
            role="switch"
            checked={isOn}
            onChange={(event) => explanation.switchTo(event.target.checked)}
          />
          Ask with every query
        </label>
      </p>
      <p role="status">{summary(isOn, told)}</p>
      {refusals.map(({ part, message }) => (
        <p key={part} className="skuery-refusal" data-part={part}>
          The server does not tell the {part}: {message}
        </p>
      ))}
      {told?.cost && <Cost {...told.cost} />}
      {told?.plan && <Plan {...told.plan} />}
      {told?.trace && <Trace {...told.trace} />}
    </section>
  );
}

function summary(isOn, told) {
  if (!isOn) return 'Switched on, queries are sent with X-Skuery-Explain: cost, plan, trace.';
  if (!told) return 'Run a query to see what it asks of which system.';
  const { cost, trace } = told;
  if (trace) {
    const calls = sum(trace.waves.flatMap(({ lookups }) => lookups), ({ calls: made }) => made.length);
    return `The last query waited ${times(trace.waves)} and made ${many(calls, 'call')} in ${ms(trace.ms)} ms.`;
  }
  if (cost) return `The last query needs at most ${many(cost.calls, 'call')} in ${many(cost.waves, 'wave')}.`;
  return 'The last answer tells nothing of it.';
}

const sum = (items, of) => items.reduce((total, item) => total + of(item), 0);
const many = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;
const ms = (time) => Number(time).toFixed(1);
/** Names of many words may break between them. */
const breakable = (name) => name.split(/(?<=[._])/).map((word, index) => <Fragment key={index}>{word}<wbr /></Fragment>);

function times(waves) {
  const waited = waves.filter((wave) => wave.ms > 0).length;
  return ['for nothing', 'once', 'twice'][waited] ?? `${waited} times`;
}

/** A table whose columns are `heads`; a head with an asterisk is one of numbers. */
function Table({ label, heads, children }) {
  const id = `skuery-${label.toLowerCase()}`;
  return (
    <>
      <h3 id={id}>{label}</h3>
      <table aria-labelledby={id}>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col" className={head.endsWith('*') ? 'skuery-number' : undefined}>
                {head.replace('*', '')}
              </th>
            ))}
          </tr>
        </thead>
        {children}
      </table>
    </>
  );
}

function Cost({ systems, calls, maxCalls, keys, maxKeys }) {
  const row = (name, cost) => (
    <tr key={name}>
      <th scope="row">{name}</th>
      <td className="skuery-number">{limited(cost.calls, cost.maxCalls)}</td>
      <td className="skuery-number">{limited(cost.keys, cost.maxKeys)}</td>
    </tr>
  );
  return (
    <Table label="Cost" heads={['System', 'Calls at most*', 'Keys at most*']}>
      <tbody>{systems.map((system) => row(system.system, system))}</tbody>
      <tfoot>{row('All', { calls, maxCalls, keys, maxKeys })}</tfoot>
    </Table>
  );
}

const grouped = (count) => count.toLocaleString('en');
const limited = (count, limit) => (limit == null ? grouped(count) : `${grouped(count)} of ${grouped(limit)}`);

/** A wave's rows under a head of their own. */
function Wave({ columns, title, children }) {
  return (
    <tbody>
      <tr>
        <th scope="rowgroup" colSpan={columns}>{title}</th>
      </tr>
      {children}
    </tbody>
  );
}

function Plan({ waves }) {
  const heads = ['System', 'Lookup', 'Keys*', 'Calls*', 'Kept*'];
  return (
    <Table label="Plan" heads={heads}>
      {waves.map(({ wave, lookups }) => (
        <Wave key={wave} columns={heads.length} title={`Wave ${wave}`}>
          {lookups.map((lookup, index) => <Planned key={index} {...lookup} />)}
        </Wave>
      ))}
    </Table>
  );
}

function Planned({ system, lookup, scope, fields, otherFields, keys, batch, calls, rounds, cache }) {
  const more = otherFields ? ` and ${otherFields} more` : '';
  return (
    <tr>
      <td>{system}</td>
      <th scope="row">
        {breakable(lookup)}
        <small>for {breakable(fields.join(', '))}{more}</small>
        <small>
          {scope.replace('_', ' ')}, at most {many(batch, 'key')} a call
          {rounds > 1 && `, up to ${rounds} waves`}
        </small>
      </th>
      <td className="skuery-number">{keys}</td>
      <td className="skuery-number">{calls}</td>
      <td className="skuery-number">{cache ? `${cache.freshSecs} s` : 'never'}</td>
    </tr>
  );
}

function Trace({ ms: total, waves }) {
  const heads = ['System', 'Lookup', 'Keys*', 'Answered', 'ms*'];
  let before = 0; // waves follow each other
  return (
    <Table label="Trace" heads={heads}>
      {waves.map((wave) => {
        const start = before;
        before += wave.ms;
        return (
          <Wave key={wave.wave} columns={heads.length} title={`Wave ${wave.wave}: ${waited(wave)}`}>
            {wave.lookups.map((lookup, index) => <Traced key={index} {...lookup} start={start} total={total} />)}
          </Wave>
        );
      })}
    </Table>
  );
}

function waited({ ms: time, lookups }) {
  if (!lookups.length) return `${ms(time)} ms at the checkout desk`;
  return time > 0 ? `${ms(time)} ms` : 'no waiting';
}

function Traced({ system, lookup, keys, absent, calls, ms: time, start, total, ...counts }) {
  const answers = ANSWERS.filter((answer) => counts[answer] > 0);
  return (
    <tr>
      <td>{system}</td>
      <th scope="row">{breakable(lookup)}</th>
      <td className="skuery-number">{keys}</td>
      <td>
        <span className="skuery-bar" aria-hidden="true">
          {answers.map((answer) => <i key={answer} data-answer={answer} style={{ flexGrow: counts[answer] }} />)}
        </span>
        <ul>
          {answers.map((answer) => (
            <li key={answer} data-answer={answer}>
              {counts[answer]} {answer}
              {answer === 'hit' && absent > 0 && ` (${absent} absent)`}
            </li>
          ))}
        </ul>
        {calls.length > 0 && <small>{made(calls)}</small>}
      </td>
      <td className="skuery-number">
        {ms(time)}
        <span className="skuery-bar" aria-hidden="true">
          {time > 0 && <i style={{ marginInlineStart: share(start, total), width: share(time, total) }} data-time />}
        </span>
      </td>
    </tr>
  );
}

/** The calls in words: `2 calls of 150 and 51 keys`, the longest and what queued of them. */
function made(calls) {
  const most = Math.max(...calls.map(({ keys }) => keys));
  const others = sum(calls, ({ keys, own }) => keys - own);
  const ended = calls.filter((call) => call.ms != null);
  const failed = ended.filter(({ outcome }) => outcome !== 'ok');
  const queued = Math.max(0, ...ended.map(({ queuedMs }) => queuedMs));
  return [
    `${many(calls.length, 'call')} of ${calls.length > 1 ? 'up to ' : ''}${many(most, 'key')}`,
    others > 0 && `${others} of them others'`,
    ended.length > 0 && `${calls.length > 1 ? 'the longest ' : ''}${ms(Math.max(...ended.map((call) => call.ms)))} ms`,
    queued >= 0.05 && `${ms(queued)} ms queued`,
    failed.length > 0 && `${calls.length > 1 ? `${failed.length} ` : ''}${[...new Set(failed.map(({ outcome }) => outcome))].join(', ')}`,
    ended.length < calls.length && 'under way',
  ].filter(Boolean).join(', ');
}

const share = (part, whole) => `${Math.min(100, (100 * part) / Math.max(whole, 0.001))}%`;

function ExplainIcon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      <path d="M4 6h8M8 12h9M14 18h6" strokeWidth="3" strokeLinecap="round" />
      <path d="M3 2.5v19" strokeLinecap="round" />
    </svg>
  );
}

const TITLE = 'Cost, plan and trace';
export const EXPLAIN_PLUGIN = { title: TITLE, icon: ExplainIcon, content: Explain };
