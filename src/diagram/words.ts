/**
 * Names for what XState's machines contain. A named guard or action is its name. One that is written in place is called
 * after what it does as far as its public shape tells (`assign count`, `raise TICK`, `a && !b`), after its own code when
 * that is one short expression, and `inline` otherwise.
 */

/** What XState allows as an action or guard: a name, a name with parameters, or a function. */
type Implementation = unknown;

/** The members that XState's own action and guard creators give the functions that they return. */
interface Described {
  readonly type?: unknown;
  readonly params?: unknown;
  readonly guards?: unknown;
  readonly stateValue?: unknown;
  readonly assignment?: unknown;
  readonly event?: unknown;
  readonly to?: unknown;
  readonly delay?: unknown;
  readonly sendId?: unknown;
  readonly src?: unknown;
  readonly id?: unknown;
  readonly actorRef?: unknown;
  readonly value?: unknown;
}

export function actionText(action: Implementation): string {
  if (typeof action === 'string') return action;
  const described = (action ?? {}) as Described;
  if (typeof action === 'function' && typeof described.type === 'string') return builtInText(described.type, described);
  if (typeof action === 'function') return functionText(action);
  return withParameters(described);
}

export function guardText(guard: Implementation): string {
  if (typeof guard === 'string') return guard;
  const described = (guard ?? {}) as Described;
  if (typeof guard !== 'function') return withParameters(described);
  if (Array.isArray(described.guards)) return combinedText(guard.name, described.guards);
  if (described.stateValue !== undefined) return `in ${shortText(described.stateValue)}`;
  return functionText(guard);
}

/** A delay as XState's configuration has it: milliseconds, or the name of an entry of `delays`. */
export function delayText(delay: unknown): string {
  if (typeof delay === 'number') return `${delay} ms`;
  return typeof delay === 'function' ? functionText(delay) : String(delay);
}

/** Plain data in few characters: `{page: 1, last: true}`. */
export function shortText(value: unknown): string {
  if (typeof value === 'function') return functionText(value);
  if (Array.isArray(value)) return `[${value.map(shortText).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? `${value}n` : String(value);
  if (Object.getPrototypeOf(value) !== Object.prototype) return value.constructor?.name ?? 'object';
  return `{${Object.entries(value)
    .map(([key, item]) => `${key}: ${shortText(item)}`)
    .join(', ')}}`;
}

function withParameters({ type, params }: Described): string {
  const name = typeof type === 'string' ? type : 'inline';
  return params === undefined || typeof params === 'function' ? name : `${name} ${shortText(params)}`;
}

function combinedText(operator: string, guards: readonly unknown[]): string {
  const texts = guards.map((guard) => {
    const text = guardText(guard);
    return /^!?[\w.$-]+$/.test(text) ? text : `(${text})`;
  });
  if (operator === 'not') return `!${texts.join('')}`;
  return texts.join(operator === 'or' ? ' || ' : ' && ');
}

function builtInText(type: string, action: Described): string {
  const name = type.replace(/^xstate\./, '');
  const later = action.delay === undefined ? '' : ` after ${delayText(action.delay)}`;
  switch (name) {
    case 'assign': {
      const { assignment } = action;
      return typeof assignment === 'object' && assignment !== null
        ? `assign ${Object.keys(assignment).join(', ')}`.trimEnd()
        : 'assign';
    }
    case 'raise':
    case 'emit':
      return `${name}${eventText(action.event)}${later}`;
    case 'sendTo': {
      const to = typeof action.to === 'string' ? ` to ${action.to.replace(/^#_/, '')}` : '';
      return `send${eventText(action.event)}${to}${later}`;
    }
    case 'cancel':
      return typeof action.sendId === 'string' ? `cancel ${action.sendId}` : 'cancel';
    case 'spawnChild':
      return typeof action.src === 'string' ? `spawn ${action.src}` : 'spawn';
    case 'stopChild':
      return typeof action.actorRef === 'string' ? `stop ${action.actorRef}` : 'stop';
    default:
      return name;
  }
}

function eventText(event: unknown): string {
  const type = (event as { type?: unknown } | undefined)?.type;
  return typeof event === 'object' && typeof type === 'string' ? ` ${type}` : '';
}

/** What a function is called by its place in a configuration, which says nothing. */
const PLACES = new Set(['', 'actions', 'guard', 'entry', 'exit', 'delay', 'anonymous', 'output']);
const EXPRESSION_MAX = 60;

function functionText(fn: unknown): string {
  const { name } = fn as { name: string };
  if (!PLACES.has(name)) return name;
  return expressionOf(String(fn)) ?? 'inline';
}

/** The expression of an arrow function that is nothing else, on one line; undefined for any other function. */
function expressionOf(source: string): string | undefined {
  const body = /^(?:\w+|\((?:[^()]|\([^()]*\))*\))\s*=>\s*([^\s{][\s\S]*)$/.exec(source.trim())?.[1];
  if (body === undefined) return undefined;
  const line = body.replaceAll(/\s+/g, ' ').trim();
  return line.length > EXPRESSION_MAX || line.startsWith('(') ? undefined : line;
}
