/** When the messages of the channels that take time can be delivered. */
import type { Tables } from '../tabulate/tables.ts';
import type { Link } from './costs.ts';
import type { Streams } from './random.ts';
import { Fifo } from './time-weighted.ts';
import type { Transit } from './timed-steps.ts';

/** Stands for all messages of a queue, which leave in the order in which they came. */
const ALL = -1;

export class Lines {
  readonly #tables: Tables;
  readonly #links: ReadonlyMap<string, Link>;
  /** By slot of a channel: when its messages are there, by message where it has no order. */
  readonly #ready = new Map<number, Map<number, Fifo>>();
  /** By channel: until when its bandwidth is used by messages that have been sent. */
  readonly #busyUntil = new Map<string, number>();

  constructor(tables: Tables, links: ReadonlyMap<string, Link>) {
    this.#tables = tables;
    this.#links = links;
    for (const { name, slot } of tables.channels) if (links.has(name)) this.#ready.set(slot, new Map());
  }

  start(): void {
    for (const ready of this.#ready.values()) ready.clear();
    this.#busyUntil.clear();
  }

  send(slot: number, { message, channel, latency, stream, occupies }: Transit, streams: Streams, now: number): void {
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
    const channel = this.#tables.channelAt(slot);
    return channel && this.#links.get(channel.name);
  }

  #isFifo(slot: number): boolean {
    return this.#tables.channelAt(slot)!.channel.order === 'fifo';
  }

  #queue(slot: number, message: number): Fifo {
    const ready = this.#ready.get(slot)!;
    const key = this.#isFifo(slot) ? ALL : message;
    const queue = ready.get(key) ?? new Fifo();
    ready.set(key, queue);
    return queue;
  }
}
