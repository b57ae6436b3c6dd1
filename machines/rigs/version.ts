/**
 * Versions of a machine in a rig: the rig knows the input that they take, the race which of them it is.
 *
 *   function path<Thread extends Version<ThreadInput>>(thread: Thread) {
 *     return { actors: { thread: actorOf(thread, { input: { name: 'thread' }, rest: ['idle'] }) } } as const satisfies Rig;
 *   }
 */
import type { AnyEventObject, AnyMachineSnapshot, AnyStateMachine, StateMachine, StateValue } from 'xstate';
import { type Actor, actor } from '../../src/system/system.ts';

// biome-ignore-start lint/suspicious/noExplicitAny: whatever else it is, it takes that input
/** A machine that takes this input. */
export type Version<Input> = StateMachine<any, any, any, any, any, any, any, any, any, Input, any, any, any, any>;
// biome-ignore-end lint/suspicious/noExplicitAny: as above

/** As `actor`, for whatever version it is. What of choices and rest a version does not have is told when the system is built. */
export function actorOf<M extends AnyStateMachine, Input>(
  machine: M & Version<Input>,
  options: {
    readonly input: NoInfer<Input>;
    readonly choices?: readonly AnyEventObject[];
    readonly rest?: readonly StateValue[] | ((snapshot: AnyMachineSnapshot) => boolean);
  },
): Actor<M> {
  return actor<AnyStateMachine>(machine, options) as Actor<M>;
}
