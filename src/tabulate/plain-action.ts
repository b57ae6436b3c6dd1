/**
 * Actions that are functions of the modeller's own. The tables do not run them, live actors do; here one is run to see what it does.
 *
 * It is given copies of the context and the message, which must be as they were afterwards. The console is silent, what it puts
 * off with a timer is done at once, and nothing is fetched: all that it does beyond that is really done, once for each of a few
 * situations.
 */
import { ModelError } from '../system/errors.ts';
import { isThenable } from './answers.ts';
import { canonicalKey, copyOf } from './plain.ts';

interface Info {
  readonly context: unknown;
  readonly event: unknown;
}

/** Timers that timers set, and so on, within one action. */
const PUT_OFF_MAX = 100;

/**
 * @param about how an error names it, as `actor "smmu" (state idle, message RUN): the action notify`
 * @throws ModelError when it changes what it is given or goes on after its step; and whatever it throws
 */
export function runPlainAction(
  about: () => string,
  action: (info: unknown, params: unknown) => unknown,
  info: Info,
  params: unknown,
): void {
  const given = { ...info, context: copyOf(info.context), event: copyOf(info.event) };
  const result = inSilentWorld(() => action(given, params));
  if (isThenable(result)) {
    // Nobody waits for it, and what it throws is nobody's bug but the model's.
    Promise.resolve(result).catch(() => {});
    throw new ModelError(
      'unsupported-action',
      `${about()} goes on after its step: it returns a promise`,
      `make what comes of it a choice of an actor, ${STUB_HINT}`,
    );
  }
  if (keyOf(given.context) === keyOf(info.context) && keyOf(given.event) === keyOf(info.event)) return;
  throw new ModelError(
    'not-repeatable',
    `${about()} changes the context or message in place`,
    'build a new value in `assign` instead of changing the old one',
  );
}

const STUB_HINT = 'or give the checker a machine without it: `machine.provide({ actions: { name: () => {} } })`';

/** Of what may have been made into something else than plain data. */
function keyOf(value: unknown): string {
  try {
    return canonicalKey(value, 'value');
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return error.message;
  }
}

function inSilentWorld<T>(run: () => T): T {
  const later: (() => void)[] = [];
  const put = (callback: (...args: unknown[]) => void, _delay?: unknown, ...args: unknown[]) => {
    later.push(() => callback(...args));
    return later.length;
  };
  const world = globalThis as unknown as Record<string, unknown>;
  const replaced: Record<string, unknown> = {
    console: new Proxy({}, { get: () => () => {} }),
    setTimeout: put,
    setInterval: put,
    setImmediate: (callback: () => void, ...args: unknown[]) => put(callback, 0, ...args),
    queueMicrotask: put,
    fetch: () => new Promise(() => {}),
  };
  const real = Object.fromEntries(Object.keys(replaced).map((name) => [name, world[name]]));
  Object.assign(world, replaced);
  try {
    const result = run();
    for (let done = 0; done < Math.min(later.length, PUT_OFF_MAX); done++) later[done]!();
    return result;
  } finally {
    Object.assign(world, real);
  }
}
