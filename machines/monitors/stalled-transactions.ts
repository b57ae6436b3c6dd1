/**
 * A stalled transaction waits for one answer, so until it is resumed exactly one place has it: the SMMU (no record yet), the
 * event queue, the evtq thread, the device's pending faults, or a CMD_RESUME on its way. None means that it is lost, two
 * that it will be answered twice; a stream that is not stalled is nowhere.
 */
import { always, type Property, type SystemView } from '../../src/system/property.ts';
import type { StallRecord } from '../hardware/smmu/event-queue.ts';

/** A list of the fault data, by the name that it has there. */
interface Pending {
  readonly faults?: readonly unknown[];
  readonly pending: readonly unknown[];
}

export function everyStallHasOneOwner(places: {
  /** The fault data of each stream. */
  cores: Readonly<Record<string, string>>;
  eventQueue: string;
  evtqThread: string;
  /** The channel to the command queue. */
  commands: string;
}): readonly Property[] {
  const ownersOf = (stream: string, view: SystemView) => {
    const { records, unrecorded } = view.get(places.eventQueue).context as {
      records: readonly StallRecord[];
      unrecorded: Readonly<Record<string, string>>;
    };
    const inHand = view.get(places.evtqThread).context.record as StallRecord | null;
    const { faults, pending } = view.get(places.cores[stream]!).context as Pending;
    return (
      (stream in unrecorded ? 1 : 0) +
      records.filter(({ stag }) => stag === stream).length +
      (inHand?.stag === stream ? 1 : 0) +
      (faults ?? pending).length +
      view
        .channel(places.commands)
        .filter(({ event }) => event.type === 'RESUME' && (event as unknown as StallRecord).stag === stream).length
    );
  };
  return Object.keys(places.cores).map((stream) =>
    always(`a stalled transaction of ${stream} has exactly one owner`, (view) => {
      return ownersOf(stream, view) === (view.get(stream).matches('stalled') ? 1 : 0);
    }),
  );
}
