/**
 * What a threaded interrupt handler is made of: an interrupt that comes while the thread is running is remembered (IRQTF_RUNTHREAD,
 * kernel/irq/handle.c __irq_wake_thread()), and before the thread sleeps it looks whether one was (kernel/irq/manage.c
 * irq_wait_for_interrupt()), so it runs once more and no wake-up is lost. Two that come meanwhile are one.
 *
 *   on: { IRQ: { actions: 'noteInterrupt' } }, for all states but the one in which the thread sleeps
 *   returning: { always: [{ guard: 'wasInterrupted', target: 'awake', actions: 'takeInterrupt' }, { target: 'asleep' }] }
 */
import { assign, type EventObject, type MachineContext } from 'xstate';
import type { SetupAction } from '../../parts/setup-action.ts';

type Flag<Name extends string> = { readonly [Key in Name]: boolean };

/** Guards and actions for `setup`, with the member of the context that says that an interrupt came. */
export function interruptIn<const Name extends string>(flag: Name) {
  return {
    came: ({ context }: { context: Flag<Name> }): boolean => context[flag],
    note: <C extends MachineContext & Flag<Name>, E extends EventObject>() => set<C, E>(true),
    take: <C extends MachineContext & Flag<Name>, E extends EventObject>() => set<C, E>(false),
  };

  function set<C extends MachineContext, E extends EventObject>(came: boolean): SetupAction<C, E> {
    return assign({ [flag]: came }) as unknown as SetupAction<C, E>;
  }
}
