/** Whom a gauge may look at, by *columns*: what it shows is worked out once for each value of a column. */
import type { AnyMachineSnapshot } from 'xstate';
import type { Tables } from '../tabulate/tables.ts';
import type { Kinds, Members } from './lifted-state.ts';

export interface GaugedActors {
  /** Of an actor, or of all that share a column. */
  readonly names: readonly string[];
  readonly column: number;
  /** How many they are; they have one value at the start. */
  readonly members: number;
  snapshotOf(value: number): AnyMachineSnapshot;
}

export interface GaugedChannel {
  readonly column: number;
  lengthOf(value: number): number;
}

export interface GaugedThings {
  readonly columnCount: number;
  readonly actors: readonly GaugedActors[];
  /** Each in its parts. */
  readonly channels: ReadonlyMap<string, readonly GaugedChannel[]>;
}

/** Each slot is a column. */
export function slotsOf({ actors, actorCount, partsOf, slotCount }: Tables): GaugedThings {
  return {
    columnCount: slotCount,
    actors: actors.slice(0, actorCount).map(({ name, slot, locals }) => ({
      names: [name],
      column: slot,
      members: 1,
      snapshotOf: (value) => locals[value]!.snapshot,
    })),
    channels: new Map(
      [...partsOf].map(([name, parts]) => [
        name,
        parts.map(({ slot, contents }) => ({ column: slot, lengthOf: (value) => contents[value]!.length })),
      ]),
    ),
  };
}

/** Each kind is a column: a family as a whole, with one value for each form of its members. A channel's is its length. */
export function kindsAsColumns({ all }: Kinds, members: readonly Members[]): GaugedThings {
  return {
    columnCount: all.length,
    actors: all.flatMap(({ owner, kind, members: count }) => {
      if (!owner || owner.isMonitor) return [];
      const snapshotOf = (value: number) => members[kind]!.forms[value]!.local.snapshot;
      return [{ names: owner.names, column: kind, members: count, snapshotOf }];
    }),
    channels: new Map(
      all.flatMap(({ name, kind, channel }) =>
        channel ? [[name, [{ column: kind, lengthOf: (length) => length }]]] : [],
      ),
    ),
  };
}
