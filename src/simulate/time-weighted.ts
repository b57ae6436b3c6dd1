/** A quantity that changes from time to time, and its mean over time. */
export class TimeWeighted {
  value = 0;
  max = 0;
  #area = 0;
  #since = 0;
  #from = 0;

  set(value: number, now: number): void {
    this.#area += this.value * (now - this.#since);
    this.#since = now;
    this.value = value;
    if (value > this.max) this.max = value;
  }

  /** Forgets what was, and keeps what is. */
  restart(now: number): void {
    this.#area = 0;
    this.#since = now;
    this.#from = now;
    this.max = this.value;
  }

  /** From the last restart on; what it is, when no time has gone by. */
  mean(now: number): number {
    const area = this.#area + this.value * (now - this.#since);
    return now > this.#from ? area / (now - this.#from) : this.value;
  }
}

/** How far a quantile may be off, as a share of it. */
const ACCURACY = 0.005;
const LOG_RATIO = Math.log((1 + ACCURACY) / (1 - ACCURACY));
/** Reaches from 1e-17 to 1e17. */
const BUCKETS = 2 ** 13;
const BUCKET_OF_1 = BUCKETS / 2;

/**
 * Numbers from 0 that come one after the other, without keeping them: their mean and deviation (Welford, 1962), and their quantiles from
 * a histogram whose buckets grow in proportion, as DDSketch has it (Masson et al., 2019).
 */
export class Samples {
  count = 0;
  mean = 0;
  max = 0;
  #squares = 0;
  readonly #buckets = new Float64Array(BUCKETS);

  add(value: number): void {
    this.count++;
    const off = value - this.mean;
    this.mean += off / this.count;
    this.#squares += off * (value - this.mean);
    if (value > this.max || this.count === 1) this.max = value;
    // What takes no time is in the first bucket.
    this.#buckets[Math.max(0, Math.ceil(Math.log(value) / LOG_RATIO) + BUCKET_OF_1)]!++;
  }

  get deviation(): number {
    return this.count > 1 ? Math.sqrt(this.#squares / (this.count - 1)) : 0;
  }

  /** The value that so large a share is not above, within half a percent; 0 when there is none. */
  quantile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.count));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#buckets[bucket]!;
      if (seen >= rank) {
        if (bucket === 0) return 0;
        const upper = Math.exp((bucket - BUCKET_OF_1) * LOG_RATIO);
        return Math.min(this.max, upper * (1 - ACCURACY));
      }
    }
    return 0;
  }

  restart(): void {
    this.count = 0;
    this.mean = 0;
    this.max = 0;
    this.#squares = 0;
    this.#buckets.fill(0);
  }
}

/** First in, first out, without moving what stands in it. */
export class Fifo {
  #items: number[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: number): void {
    this.#items.push(item);
  }

  /** The oldest; undefined when there is none. */
  get first(): number | undefined {
    return this.#items[this.#head];
  }

  shift(): number | undefined {
    const item = this.first;
    if (item === undefined) return undefined;
    this.#head++;
    // Half of it is rubbish: the copy costs no more than what was shifted.
    if (this.#head > 32 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Takes out the newest. */
  pop(): void {
    if (this.length > 0) this.#items.pop();
  }
}
