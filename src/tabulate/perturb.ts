/**
 * Runs a function in a world whose clock and random source differ from the real ones, and tells whether it drew a random
 * number.
 *
 * A machine step that gives another result in here depends on something that is not in its state, and cannot be tabulated.
 * Running a step twice in the real world would miss a clock: both runs fall into the same millisecond. A random number
 * may by chance lead to the same result twice, so drawing one is found out by itself.
 */
const DAY_MS = 86_400_000;

const RealDate = globalThis.Date;
const realRandom = Math.random;
const realNow = performance.now;
const { randomUUID: realUUID, getRandomValues: realValues } = crypto;

/** Here and not where it is used: to define a class takes longer than to run a step. */
class ShiftedDate extends RealDate {
  constructor(...parts: unknown[]) {
    if (parts.length === 0) super(RealDate.now() + DAY_MS);
    else super(...(parts as [number]));
  }
  static override now(): number {
    return RealDate.now() + DAY_MS;
  }
}

let drew = false;

function shiftedRandom(): number {
  drew = true;
  return (realRandom.call(Math) + 0.5) % 1;
}

function shiftedNow(): number {
  return realNow.call(performance) + DAY_MS;
}

const drawUUID: typeof crypto.randomUUID = () => {
  drew = true;
  return realUUID.call(crypto);
};

const drawValues: typeof crypto.getRandomValues = (array) => {
  drew = true;
  return realValues.call(crypto, array as never) as never;
};

export function inPerturbedWorld<T>(run: () => T): { result: T; drew: boolean } {
  const { Date: date } = globalThis;
  const { random } = Math;
  const { now } = performance;
  const { randomUUID, getRandomValues } = crypto;
  drew = false;
  globalThis.Date = ShiftedDate as DateConstructor;
  Math.random = shiftedRandom;
  performance.now = shiftedNow;
  crypto.randomUUID = drawUUID;
  crypto.getRandomValues = drawValues;
  try {
    return { result: run(), drew };
  } finally {
    globalThis.Date = date;
    Math.random = random;
    performance.now = now;
    crypto.randomUUID = randomUUID;
    crypto.getRandomValues = getRandomValues;
  }
}
