/** When the messages of the channels that take time can be delivered. */
import type { Link } from './costs.ts';
import type { Streams } from './random.ts';
import { Fifo } from './time-weighted.ts';
import type { LinkedChannel, Transit } from './transits.ts';

/** Stands for all messages of a queue, which leave in the order in which they came. */
const ALL = -1;

export class Lines {
  /** By slot: those channels that take time, or lose or double messages. */
  readonly #linked: ReadonlyMap<number, { readonly link: Link; readonly isFifo: boolean }>;
  /** By slot of a channel: when its messages are there, by message where it has no order. */
  readonly #ready = new Map<number, Map<number, Fifo>>();
  /** By channel: until when its bandwidth is used by messages that have been sent. */
  readonly #busyUntil = new Map<string, number>();

  constructor(channels: readonly LinkedChannel[], links: ReadonlyMap<string, Link>) {
    this.#linked = new Map(
      channels.flatMap(({ name, slot, isFifo }) => {
        const link = links.get(name);
        return link ? [[slot, { link, isFifo }]] : [];
      }),
    );
    for (const slot of this.#linked.keys()) this.#ready.set(slot, new Map());
  }

  start(): void {
    for (const ready of this.#ready.values()) ready.clear();
    this.#busyUntil.clear();
  }

  /** @param message as the channel holds it */
  send(slot: number, message: number, transit: Transit, streams: Streams, now: number): void {
    const { channel, latency, stream, occupies } = transit;
    const through = Math.max(now, this.#busyUntil.get(channel) ?? 0) + occupies;
    this.#busyUntil.set(channel, through);
    // Where there is an order, one that is there before those ahead of it has to wait for them all the same.
    this.#queue(slot, message).push(through + streams.draw(latency, stream));
  }

  leave(slot: number, message: number): void {
    this.#queue(slot, message).shift();
  }

  /** When the oldest such message is there; 0 where the channel takes no time. */
  readyAt(slot: number, message: number): number {
    return this.#ready.has(slot) ? (this.#queue(slot, message).first ?? 0) : 0;
  }

  linkOf(slot: number): Link | undefined {
    return this.#linked.get(slot)?.link;
  }

  #queue(slot: number, message: number): Fifo {
    const ready = this.#ready.get(slot)!;
    const key = this.#linked.get(slot)!.isFifo ? ALL : message;
    const queue = ready.get(key) ?? new Fifo();
    ready.set(key, queue);
    return queue;
  }
}
