import type { AnyStateMachine } from 'xstate';
import { missingDelaysOf } from '../system/message-types.ts';
import { withOpenGuards } from '../tabulate/open-guards.ts';

/**
 * The same machine, with what nobody has implemented left open.
 *
 * A guard goes both ways: a choice or a timer that asks it is a step for each answer, and traces say which: `SUBMIT [isValid]`,
 * `SUBMIT [not isValid]`. Within one step a guard has one answer. One that is asked at the start, or in answer to a message of another
 * actor, is a model error: it has to be implemented. A delay may pass at any moment, before and after all others; XState would not wait.
 *
 * @example
 * ```ts
 * import { actor, check, defineSystem, openMachine } from 'faultline';
 * import { createMachine } from 'xstate';
 *
 * const form = createMachine({
 *   initial: 'edit',
 *   states: { edit: { on: { SUBMIT: { guard: 'isValid', target: 'sent' } } }, sent: { type: 'final' } },
 * });
 * const choices = [{ type: 'SUBMIT' }] as const;
 * (await check(defineSystem({ actors: { form: actor(openMachine(form), { choices }) } }))).states; // => 2
 * ```
 */
export function openMachine<M extends AnyStateMachine>(machine: M): M {
  const delays = missingDelaysOf(machine);
  const open = withOpenGuards(machine);
  // No number is less than this one, nor greater: such a timer has no place among the others.
  const anytime = Object.fromEntries(delays.map((name) => [name, Number.NaN]));
  return (delays.length === 0 ? open : open.provide({ delays: anytime as never })) as M;
}
