import type { AnyStateMachine } from 'xstate';
import { withOpenGuards } from '../tabulate/open-guards.ts';

/**
 * The same machine, whose guards that nobody has implemented go both ways: a choice or a timer that asks one is a step for each answer,
 * and traces say which: `SUBMIT [isValid]`, `SUBMIT [not isValid]`. Within one step a guard has one answer.
 *
 * A guard that is asked at the start, or in answer to a message of another actor, is a model error: it has to be implemented.
 *
 * @example
 * ```ts
 * import { actor, check, defineSystem, openGuards } from 'faultline';
 * import { createMachine } from 'xstate';
 *
 * const form = createMachine({
 *   initial: 'edit',
 *   states: { edit: { on: { SUBMIT: { guard: 'isValid', target: 'sent' } } }, sent: { type: 'final' } },
 * });
 * const choices = [{ type: 'SUBMIT' }] as const;
 * (await check(defineSystem({ actors: { form: actor(openGuards(form), { choices }) } }))).states; // => 2
 * ```
 */
export function openGuards<M extends AnyStateMachine>(machine: M): M {
  return withOpenGuards(machine) as M;
}
