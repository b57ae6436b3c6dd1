/** What steps send and arm, as the effects of a step refer to it. */
import type { Distribution } from '../system/durations.ts';

/** When a timer fires, and the stream that it is drawn from. */
export type Delay = readonly [Distribution, number];

/** A message on its way, but for which one it is. */
export interface Transit {
  readonly channel: string;
  readonly latency: Distribution;
  readonly stream: number;
  /** For how long it holds up those behind it. */
  readonly occupies: number;
}

/** A channel, or a part of one. */
export interface LinkedChannel {
  readonly name: string;
  readonly slot: number;
  readonly isFifo: boolean;
}
