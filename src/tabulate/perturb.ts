/**
 * Runs a function in a world whose clocks and random sources differ from the real ones, and tells whether it asked one of them.
 *
 * A machine step that depends on something that is not in its state cannot be tabulated. Running it twice in the real world would
 * miss a clock: both runs fall into the same millisecond. Another time or number may by chance lead to the same result as well,
 * so that something was asked is found out by itself.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';

/** What a function asked that is no part of a state. */
export type Asked = 'a clock' | 'a random number';

/** Another century, season, day of the week, hour, minute and second. */
const SHIFT_MS = 145_003 * 86_400_000 + ((7 * 60 + 13) * 60 + 31) * 1000 + 777;

let inside = false;
let asked: Asked | undefined;

/** The real one outside, and one that is found out within. */
function watched<Fn extends (...parts: never[]) => unknown>(what: Asked, real: Fn, shifted: Fn): Fn {
  const watch = function (this: unknown, ...parts: never[]) {
    if (!inside) return real.apply(this, parts);
    asked = what;
    return shifted.apply(this, parts);
  } as Fn;
  return Object.assign(watch, real);
}

const RealDate = globalThis.Date;
const now = watched('a clock', RealDate.now, () => RealDate.now() + SHIFT_MS);

function DateOrText(this: unknown, ...parts: unknown[]): Date | string {
  const time = parts.length === 0 ? [now()] : parts;
  // Called without `new` it is the time as text, whatever it is given.
  if (new.target === undefined) return new RealDate(now()).toString();
  return Reflect.construct(RealDate, time, new.target === DateOrText ? RealDate : new.target) as Date;
}
const WatchedDate = Object.defineProperties(DateOrText, {
  ...Object.getOwnPropertyDescriptors(RealDate),
  now: { value: now, writable: true, configurable: true },
}) as unknown as DateConstructor;

/** Where something can be asked, its name there, and what is there instead. */
type Source = readonly [owner: object, name: string, instead: unknown];

/** For its clocks alone. */
const { process: node } = globalThis;
const realHrtime = node.hrtime;
const realBigint = realHrtime.bigint;
const realUptime = node.uptime;
const realNow = performance.now;

const hrtime = watched('a clock', realHrtime as (time?: [number, number]) => [number, number], (...parts) => {
  const [seconds, nanoseconds] = realHrtime(...parts);
  return [seconds + Math.floor(SHIFT_MS / 1000), nanoseconds];
}) as NodeJS.HRTime;
hrtime.bigint = watched('a clock', realBigint, () => realBigint() + BigInt(SHIFT_MS) * 1_000_000n);

/** A random number is as good as another: that it was asked for is what counts. */
const random = <Fn extends (...parts: never[]) => unknown>(real: Fn) => watched('a random number', real, real);

const SOURCES: readonly Source[] = [
  [globalThis, 'Date', WatchedDate],
  [Math, 'random', watched('a random number', Math.random, half(Math.random))],
  [performance, 'now', watched('a clock', realNow, () => realNow.call(performance) + SHIFT_MS)],
  [node, 'hrtime', hrtime],
  [node, 'uptime', watched('a clock', realUptime, () => realUptime.call(node) + SHIFT_MS / 1000)],
  [crypto, 'randomUUID', random(crypto.randomUUID)],
  [crypto, 'getRandomValues', random(crypto.getRandomValues)],
];

function half(real: () => number): () => number {
  return () => (real() + 0.5) % 1;
}

let isWatched = false;

/**
 * Watches what code has imported and kept as well, from now on and for the whole process: `const now = Date.now`, `import { randomInt }
 * from 'node:crypto'`. For a process that is ours; elsewhere clocks and random sources are watched only while a step is taken.
 */
export function watchSources(): void {
  if (isWatched) return;
  isWatched = true;
  for (const [owner, name, instead] of SOURCES) Reflect.set(owner, name, instead);
  RealDate.prototype.constructor = WatchedDate;
  const builtin = createRequire(import.meta.url);
  const nodeCrypto = builtin('node:crypto') as Record<string, (...parts: never[]) => unknown>;
  for (const name of ['randomBytes', 'randomInt', 'randomFillSync', 'randomUUID']) {
    nodeCrypto[name] = random(nodeCrypto[name]!);
  }
  const os = builtin('node:os') as typeof import('node:os');
  const { uptime } = os;
  os.uptime = watched('a clock', uptime, () => uptime() + SHIFT_MS / 1000);
  syncBuiltinESMExports();
}

export function inPerturbedWorld<T>(run: () => T): { result: T; asked: Asked | undefined } {
  // What is watched for good stays where it is.
  const replaced = isWatched ? [] : SOURCES;
  const there = replaced.map(([owner, name]) => Reflect.get(owner, name) as unknown);
  for (const [owner, name, instead] of replaced) Reflect.set(owner, name, instead);
  asked = undefined;
  inside = true;
  try {
    return { result: run(), asked };
  } finally {
    inside = false;
    replaced.forEach(([owner, name], at) => {
      Reflect.set(owner, name, there[at]);
    });
  }
}
