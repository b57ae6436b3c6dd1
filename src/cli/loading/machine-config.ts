/** Machines as data: the configuration that `createMachine` takes, in a module or in JSON as Stately exports it. */
import type { AnyStateMachine } from 'xstate';
import { ModelError } from '../../system/errors.ts';
import { createMachineOf } from '../../system/xstate.ts';
import { textOf } from '../errors.ts';

/** Whether a value can be nothing else: it has states, and says which of them it begins in. */
export function isMachineConfig(value: unknown): value is Readonly<Record<string, unknown>> {
  if (!isRecord(value) || !isRecord(value.states)) return false;
  const states = Object.values(value.states);
  const begins =
    typeof value.initial === 'string' ? Object.hasOwn(value.states, value.initial) : value.type === 'parallel';
  return begins && states.length > 0 && states.every(isRecord);
}

/** @throws ModelError when XState does not take it; `what` names it */
export function machineOfConfig(config: Readonly<Record<string, unknown>>, what: string): AnyStateMachine {
  try {
    return createMachineOf(config);
  } catch (error) {
    throw new ModelError('bad-definition', `${what} is no machine: ${textOf(error)}`, '', { cause: error });
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
