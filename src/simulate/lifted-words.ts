/** Situations and steps in words that know things by their places only. */
import type { StepRecord } from '../tabulate/walker.ts';
import type { TimedStep } from './clocks.ts';
import type { Read } from './situation.ts';

/** Something that names things, by their places in the situation. */
export interface Placed {
  readonly id: number;
  readonly places: readonly number[];
}

export interface LiftedStep {
  /** As `Clocks.timedOf` takes it: the message is a form, the performer a kind. */
  readonly timed: Omit<TimedStep, 'starter'>;
  readonly message: Placed;
  readonly sights: number;
  readonly records: readonly StepRecord[];
  /** The actors that it changes: of a kind, the member at a place; its form, and the things that that names. */
  readonly actors: readonly { readonly kind: number; readonly place: number; readonly form: Placed }[];
  /** The channel that the message leaves. */
  readonly leaves: number | undefined;
  readonly pushes: readonly { readonly kind: number; readonly message: Placed; readonly transit: number | undefined }[];
  readonly arms: readonly {
    readonly kind: number;
    readonly place: number;
    readonly form: number;
    readonly delay: number;
  }[];
}

/** What a starter looks at, read by read. */
export interface Seen {
  readonly read: Read;
  /** Of an actor: its form's number among those of its kind; the places of what that names. */
  readonly form?: Placed;
  readonly queue?: { readonly length: number; readonly room: number; readonly head: Placed | undefined };
  /** Of a draw: the place of its thing. */
  readonly place?: number;
}
