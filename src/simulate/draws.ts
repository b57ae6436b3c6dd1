/**
 * Which thing of the population a choice names, where the timing draws it. Each actor has one thing at a time for each such entry: it is
 * drawn at the start, and anew as soon as the step with it has happened.
 */
import type { Streams } from './random.ts';

/** An entry's `draws`, complete: things from `from` to below `from + count`. */
export interface Draw {
  readonly order: 'uniform' | 'in turn' | 'zipf';
  readonly from: number;
  readonly count: number;
  readonly exponent: number;
  readonly stream: number;
}

export class Draws {
  readonly #draws: readonly Draw[];
  readonly #zipfs: readonly (Zipf | undefined)[];
  /** By starter and draw: which thing it is, from that of the first on. */
  readonly #places = new Map<number, number>();

  constructor(draws: readonly Draw[]) {
    this.#draws = draws;
    this.#zipfs = draws.map(({ order, count, exponent }) => (order === 'zipf' ? new Zipf(count, exponent) : undefined));
  }

  start(drawers: readonly (readonly [starter: number, draw: number])[], streams: Streams): void {
    this.#places.clear();
    for (const [starter, draw] of drawers) {
      this.#places.set(this.#keyOf(starter, draw), -1);
      this.next(starter, draw, streams);
    }
  }

  /** The thing that an actor's choices of an entry name. */
  current(starter: number, draw: number): number {
    return this.#draws[draw]!.from + this.#places.get(this.#keyOf(starter, draw))!;
  }

  next(starter: number, draw: number, streams: Streams): void {
    const { order, count, stream } = this.#draws[draw]!;
    const key = this.#keyOf(starter, draw);
    let place = 0;
    if (order === 'in turn') place = (this.#places.get(key)! + 1) % count;
    else if (order === 'zipf') place = this.#zipfs[draw]!.draw(() => streams.uniform(stream));
    else place = Math.floor(streams.uniform(stream) * count);
    this.#places.set(key, place);
  }

  #keyOf(starter: number, draw: number): number {
    return starter * this.#draws.length + draw;
  }
}

/**
 * Ranks from 0 to below `count`, the k-th (from 1) in proportion to k^-exponent: by rejection-inversion (Hormann and Derflinger, 1996),
 * which takes the same short time however many there are.
 */
export class Zipf {
  readonly #count: number;
  readonly #exponent: number;
  readonly #first: number;
  readonly #last: number;
  readonly #shift: number;

  constructor(count: number, exponent: number) {
    this.#count = count;
    this.#exponent = exponent;
    this.#first = this.#integral(1.5) - 1;
    this.#last = this.#integral(count + 0.5);
    this.#shift = 2 - this.#inverse(this.#integral(2.5) - 2 ** -exponent);
  }

  /** @param uniform gives a number from 0 to below 1 each time */
  draw(uniform: () => number): number {
    for (;;) {
      const at = this.#last + uniform() * (this.#first - this.#last);
      const value = this.#inverse(at);
      const rank = Math.min(Math.max(Math.round(value), 1), this.#count);
      if (rank - value <= this.#shift || at >= this.#integral(rank + 0.5) - rank ** -this.#exponent) return rank - 1;
    }
  }

  /** Of x^-exponent; the constant does not matter. */
  #integral(x: number): number {
    const log = Math.log(x);
    const power = (1 - this.#exponent) * log;
    return log * (Math.abs(power) < 1e-8 ? 1 + power / 2 : Math.expm1(power) / power);
  }

  #inverse(y: number): number {
    const scaled = Math.max(-1, y * (1 - this.#exponent));
    return Math.exp(y * (Math.abs(scaled) < 1e-8 ? 1 - scaled / 2 : Math.log1p(scaled) / scaled));
  }
}
