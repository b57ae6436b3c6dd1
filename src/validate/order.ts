/**
 * In which order the events of a log may have happened. How far a run has come is a *cut*: a set of events that, with each event,
 * has all that must come before it.
 *
 * By default the order is that of the file. With a skew only this is certain: what one CPU wrote is in its order, and of two events
 * that are further apart than the skew the earlier one came first.
 */
import { LogError } from './log.ts';

/** An event that may come next, and the cut with it. */
export interface Next {
  /** Its place in the log. */
  readonly record: number;
  readonly cut: number;
}

export interface Order {
  /** By cut; the first cut, 0, is empty. */
  next(cut: number): readonly Next[];
  /** How many events are in a cut. */
  sizeOf(cut: number): number;
}

export function orderOfFile(count: number): Order {
  return {
    next: (cut) => (cut < count ? [{ record: cut, cut: cut + 1 }] : []),
    sizeOf: (cut) => cut,
  };
}

interface Timed {
  readonly line: number;
  readonly ts?: number;
  readonly cpu?: number;
}

/**
 * @param skewMicroseconds by how much the clocks of two CPUs may differ
 * @throws LogError when an event has no time or CPU, or the times of one CPU go back
 */
export function orderWithSkew(file: string, records: readonly Timed[], skewMicroseconds: number): Order {
  const queues = new Map<number, { record: number; ts: number }[]>();
  for (const [record, { line, ts, cpu }] of records.entries()) {
    if (ts === undefined || cpu === undefined) {
      const missing = ts === undefined ? 'ts' : 'cpu';
      throw new LogError(
        file,
        line,
        `there is no "${missing}", expected one with a skew`,
        'record it, or leave --skew out',
      );
    }
    const queue = queues.get(cpu) ?? [];
    queues.set(cpu, queue);
    const last = queue.at(-1);
    if (last && ts < last.ts) {
      throw new LogError(file, line, `got ts ${ts} after ${last.ts} of the same CPU ${cpu}, expected no earlier time`);
    }
    queue.push({ record, ts });
  }
  return new SkewedOrder([...queues.values()], skewMicroseconds / 1e6);
}

/** A cut is how many events of each CPU's queue are in it. */
class SkewedOrder implements Order {
  readonly #queues: readonly (readonly { record: number; ts: number }[])[];
  readonly #skew: number;
  readonly #cuts: (readonly number[])[];
  readonly #numbers: Map<string, number>;
  readonly #next: (readonly Next[])[] = [];

  constructor(queues: readonly (readonly { record: number; ts: number }[])[], skew: number) {
    this.#queues = queues;
    this.#skew = skew;
    const empty = queues.map(() => 0);
    this.#cuts = [empty];
    this.#numbers = new Map([[empty.join(), 0]]);
  }

  next(cut: number): readonly Next[] {
    this.#next[cut] ??= this.#findNext(this.#cuts[cut]!);
    return this.#next[cut];
  }

  sizeOf(cut: number): number {
    return this.#cuts[cut]!.reduce((sum, taken) => sum + taken, 0);
  }

  #findNext(taken: readonly number[]): Next[] {
    const heads = taken.flatMap((at, cpu) => {
      const head = this.#queues[cpu]![at];
      return head ? [{ ...head, cpu }] : [];
    });
    const earliest = Math.min(...heads.map(({ ts }) => ts));
    return heads
      .filter(({ ts }) => ts <= earliest + this.#skew)
      .sort((a, b) => a.record - b.record)
      .map(({ record, cpu }) => ({ record, cut: this.#number(taken.with(cpu, taken[cpu]! + 1)) }));
  }

  #number(taken: readonly number[]): number {
    const key = taken.join();
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#cuts.length;
      this.#numbers.set(key, number);
      this.#cuts.push(taken);
    }
    return number;
  }
}
