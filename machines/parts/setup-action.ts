/** The type that `setup` wants of an action which is made by a function of ours. */
import type { ActionFunction, EventObject, MachineContext } from 'xstate';

export type SetupAction<C extends MachineContext, E extends EventObject> = ActionFunction<
  C,
  E,
  E,
  undefined,
  never,
  never,
  never,
  never,
  never
>;
