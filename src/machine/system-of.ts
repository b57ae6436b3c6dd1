/**
 * A machine without a system around it: the system that can be assumed of it, so that it can be checked as it stands.
 *
 * It has one actor. Whatever the machine has a transition for may come at any moment, as choices, and what comes where there is none is
 * dropped, as live XState does. That is more than any real environment does: what is unreachable here is unreachable there, but not the
 * other way round. What was assumed is said, and is to be read.
 */
import type { AnyEventObject, AnyStateMachine, SnapshotFrom } from 'xstate';
import { MACHINE, MACHINE_OPTIONS } from '../system/definition-shapes.ts';
import {
  descriptorsOf,
  isSelected,
  isWildcard,
  missingDelaysOf,
  missingGuardsOf,
  raisedTypes,
} from '../system/message-types.ts';
import { checkShape } from '../system/shapes.ts';
import { actor, defineSystem, type System } from '../system/system.ts';
import { openMachine } from './open-machine.ts';

export interface MachineOptions {
  /** What the actor is called; left out, as the id of the machine. */
  readonly name?: string | undefined;
  /**
   * Events with their payloads, any number of a type. The types of the machine that are not among them come without a payload, as
   * `{ type }`.
   */
  readonly events?: readonly AnyEventObject[] | undefined;
  /** The machine's input. */
  readonly input?: unknown;
  /** The states that are gone on from. In the others, which are found all the same, no event comes and no timer fires. Default: all. */
  readonly constraint?: ((snapshot: SnapshotFrom<AnyStateMachine>) => boolean) | undefined;
}

export interface MachineSystem {
  readonly system: System;
  /** The only actor. */
  readonly name: string;
  readonly machine: AnyStateMachine;
  readonly options: MachineOptions;
  /** What was assumed beyond what the machine says, a sentence each. */
  readonly assumed: readonly string[];
  /** Types that were given, and that the machine has no transition for. */
  readonly untaken: readonly string[];
}

/** The id that XState gives a machine that has none. */
const WITHOUT_ID = '(machine)';

/**
 * The system of a machine on its own: one actor, with its events as choices.
 *
 * @throws ModelError `bad-definition` when it is no machine, or an option has the wrong shape
 *
 * @example
 * ```ts
 * import { check, systemOf } from 'faultline';
 * import { light } from './lights.ts';
 *
 * const { system, name } = systemOf(light, { name: 'north' });
 * system.actors[name]!.choices; // => [{ type: 'GO' }, { type: 'STOP' }]
 * (await check(system)).states; // => 2
 * ```
 */
export function systemOf(machine: AnyStateMachine, options: MachineOptions = {}): MachineSystem {
  checkShape(machine, MACHINE, 'systemOf()');
  checkShape(options, MACHINE_OPTIONS, 'systemOf()');
  const { events = [], input, constraint } = options;
  const name = nameOf(machine, options);
  const descriptors = descriptorsOf(machine);
  const given = events.filter(({ type }) => isSelected(type, descriptors));
  const isGiven = (type: string) => events.some((event) => event.type === type);
  const raised = raisedTypes(machine) ?? new Set<string>();
  const own = descriptors.filter((type) => raised.has(type) && !isGiven(type));
  const bare = descriptors.filter((type) => !isWildcard(type) && !isGiven(type) && !own.includes(type));
  const choices = [...given, ...bare.map((type): AnyEventObject => ({ type }))];
  const system = defineSystem({
    actors: {
      [name]: actor(openMachine(machine), {
        choices,
        ...(input !== undefined && { input: input as never }),
        ...(constraint && { constraint }),
      }),
    },
    unhandled: 'ignore',
    deadlock: 'ignore',
  });
  const wildcards = descriptors.filter(
    (type) => isWildcard(type) && !events.some((event) => isSelected(event.type, [type])),
  );
  return {
    system,
    name,
    machine,
    options,
    assumed: [
      ...bareText(bare),
      ...openText(missingGuardsOf(machine), 'goes', 'go', 'both ways'),
      ...openText(missingDelaysOf(machine), 'may pass', 'may pass', 'at any moment'),
      ...(own.length === 0 ? [] : [`${own.join(', ')}: only the machine itself raises ${them(own)}`]),
      ...(wildcards.length === 0
        ? []
        : [`${wildcards.join(', ')}: a wildcard names no event, so none comes for it unless it is given`]),
    ],
    untaken: [...new Set(events.map(({ type }) => type))].filter((type) => !isSelected(type, descriptors)),
  };
}

function bareText(types: readonly string[]): string[] {
  if (types.length === 0) return [];
  return [`${types.join(', ')}: may come at any moment, without a payload`];
}

function openText(names: readonly string[], one: string, several: string, how: string): string[] {
  if (names.length === 0) return [];
  const does = names.length === 1 ? `it ${one}` : `they ${several}`;
  return [`${names.join(', ')}: nobody has implemented ${them(names)}, so ${does} ${how}`];
}

function them({ length }: readonly string[]): string {
  return length === 1 ? 'it' : 'them';
}

/** A name that labels and schedules can hold. */
function nameOf({ id }: AnyStateMachine, { name }: MachineOptions): string {
  const word = (name ?? (id === WITHOUT_ID ? '' : id)).replace(/[^\w-]+/g, '-').replace(/^-+|-+$/g, '');
  return word === '' ? 'machine' : word;
}
