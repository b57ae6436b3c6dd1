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

/** Numbers that come one after the other, and their mean and deviation, without keeping them (Welford, 1962). */
export class Samples {
  count = 0;
  mean = 0;
  max = 0;
  #squares = 0;

  add(value: number): void {
    this.count++;
    const off = value - this.mean;
    this.mean += off / this.count;
    this.#squares += off * (value - this.mean);
    if (value > this.max || this.count === 1) this.max = value;
  }

  get deviation(): number {
    return this.count > 1 ? Math.sqrt(this.#squares / (this.count - 1)) : 0;
  }

  restart(): void {
    this.count = 0;
    this.mean = 0;
    this.max = 0;
    this.#squares = 0;
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
