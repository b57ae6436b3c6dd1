/**
 * What can be said of a machine without any property of its own: where it ends without meaning to, and what of it is never used.
 *
 * Only a search of the whole space proves that something never happens. After any other one it is told as not reached.
 */
import type { MachineCoverage } from '../coverage/coverage.ts';
import { coverageDocument, type FullMachineDocument } from '../coverage/document.ts';
import { type GraphState, type GraphTransition, isWithin, type MachineGraph, ROOT } from '../diagram/machine-shape.ts';
import { XSTATE_KEYS } from '../diagram/remarks.ts';
import { didYouMean } from '../system/errors.ts';
import { descriptorsOf } from '../system/message-types.ts';
import type { Tables } from '../tabulate/tables.ts';
import { scheduleOf, traceOf } from '../trace/trace.ts';
import type { DeadEnd } from './dead-ends.ts';
import type { MachineSystem } from './system-of.ts';

export interface MachineFinding {
  /**
   * - `dead-end`: a state that is not final, and from which no step leads to another state
   * - `state`, `transition`: proven unreachable
   * - `guard`: it always holds, or never
   * - `event`: one that was given, and that nothing takes
   * - `not-reached`: states and transitions that a search has not come to that did not search the whole space
   */
  readonly kind: 'dead-end' | 'state' | 'transition' | 'guard' | 'event' | 'not-reached';
  /** The actor, and what of it: `form: thanks`. */
  readonly subject: string;
  /** A sentence. */
  readonly text: string;
  /** What may be meant, or done; empty when there is nothing to say. */
  readonly hint: string;
  /** Of a dead end: the steps of a shortest way there, as `replaySchedule` takes them. */
  readonly schedule?: string;
}

export function deadEndFindings(
  { name }: MachineSystem,
  tables: Tables,
  deadEnds: readonly DeadEnd[],
): MachineFinding[] {
  return deadEnds.map(({ state, count, isStill, done, path }) => {
    const times = count === 1 ? '' : ` (in ${count} states, with different contexts)`;
    const what = isStill ? 'nothing can happen there any more' : 'all that can happen there leads back to it';
    return {
      kind: 'dead-end',
      subject: `${name}: ${state}`,
      text: `${state} of ${name} is not final, and no step leads from it to another state: ${what}${times}`,
      hint:
        done.length > 0
          ? `${done.join(' and ')} is done there, and has no onDone that leads on`
          : "if it is an end, say so by `type: 'final'`; if not, give it an event that leads on",
      schedule: scheduleOf(traceOf(tables, path)),
    };
  });
}

export function untakenFindings({ name, machine, untaken }: MachineSystem): MachineFinding[] {
  return untaken.map((type) => ({
    kind: 'event',
    subject: `${name}: ${type}`,
    text: `nothing of ${name} takes ${type}, which was given`,
    hint: didYouMean(type, descriptorsOf(machine)),
  }));
}

/** States, transitions and guards. @param open guards that nobody has implemented, and whose outcomes say nothing */
export function unusedFindings(
  { name }: MachineSystem,
  coverage: MachineCoverage,
  open: ReadonlySet<string>,
): MachineFinding[] {
  const { graph } = coverage;
  const document = coverageDocument(new Map([[name, coverage]])).machines[name]!;
  const states = outermost(document.unreached.states, graph);
  const guards = oneSided(document, open);
  // Of a search that did not go everywhere no guard is told.
  const fixed = new Set(
    (coverage.complete ? guards : []).filter(({ always }) => !always).map(({ transition }) => transition),
  );
  // Those of a state that is not reached go without saying, and so do those whose guard says it.
  const reached = new Set(document.states);
  const transitions = graph.transitions.filter(
    ({ id, source }) =>
      document.unreached.transitions.includes(id) && !fixed.has(id) && (reached.has(source) || !isIn(source, document)),
  );
  // That nothing leads to a state is known without a search, and told as hollow.
  if (!coverage.complete)
    return notReached(
      name,
      states.filter(({ path }) => isEntered(path, graph)),
      transitions,
    );
  return [
    ...states.map((state) => unreachable(name, state, graph)),
    ...transitions.map((transition): MachineFinding => {
      const { id } = transition;
      const hint = isBehind(transition, graph) ? 'what stands before it takes its event' : '';
      return {
        kind: 'transition',
        subject: `${name}: ${id}`,
        text: `the transition ${id} of ${name} is never taken`,
        hint,
      };
    }),
    ...guards.map(({ transition, guard, always }): MachineFinding => {
      const text = `the guard ${guard} of ${transition} of ${name} ${always ? 'always' : 'never'} holds when it is asked`;
      const hint = always ? '' : 'so its transition is never taken; maybe an event with another payload makes it hold';
      return { kind: 'guard', subject: `${name}: ${transition}`, text, hint };
    }),
  ];
}

/** Whether another transition for the same event is tried first, in the same state. */
function isBehind(transition: GraphTransition, { transitions }: MachineGraph): boolean {
  const { source, event } = transition;
  return transitions
    .slice(0, transitions.indexOf(transition))
    .some((one) => one.source === source && one.event === event);
}

/** Whether a path is that of a state that coverage keeps account of: of the root it does not. */
function isIn(path: string, { unreached }: FullMachineDocument): boolean {
  return unreached.states.includes(path);
}

/** Guards that were asked, and came to one outcome only. */
function oneSided({ unreached, guards }: FullMachineDocument, open: ReadonlySet<string>) {
  const asked = new Set(guards.map(({ transition }) => transition));
  return unreached.guards
    .filter(({ transition, guard }) => asked.has(transition) && ![...open].some((name) => guard.includes(name)))
    .map(({ transition, guard, outcomes }) => ({ transition, guard, always: outcomes.includes(false) }));
}

/** Within a state that is not reached nothing needs to be told. */
function outermost(paths: readonly string[], { states }: MachineGraph): GraphState[] {
  return states.filter(({ path, parent }) => paths.includes(path) && (parent === null || !paths.includes(parent)));
}

function notReached(
  name: string,
  states: readonly GraphState[],
  transitions: readonly GraphTransition[],
): MachineFinding[] {
  const some = [
    ...named(
      'state',
      states.map(({ path }) => path),
    ),
    ...named(
      'transition',
      transitions.map(({ id }) => id),
    ),
  ];
  if (some.length === 0) return [];
  const text = `the search did not go everywhere, and has not come to ${some.join(', nor to ')} of ${name}`;
  return [{ kind: 'not-reached', subject: name, text, hint: 'one without bounds tells whether that can be' }];
}

function named(what: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`the ${what}${names.length === 1 ? '' : 's'} ${names.join(', ')}`];
}

function unreachable(name: string, { path, name: key, parent }: GraphState, graph: MachineGraph): MachineFinding {
  const why = isEntered(path, graph) ? '' : ': no transition leads to it';
  const outer = parent === ROOT ? graph.machineId : parent;
  const hint = XSTATE_KEYS.has(key)
    ? `${key} is a key of XState: it may stand one level too deep, within \`states\` of ${outer}`
    : '';
  return {
    kind: 'state',
    subject: `${name}: ${path}`,
    text: `the state ${path} of ${name} cannot be reached${why}`,
    hint,
  };
}

/** Whether a transition or an initial state leads to it, or into it. */
function isEntered(path: string, { states, transitions }: MachineGraph): boolean {
  return (
    transitions.some(({ targets }) => targets.some((target) => isWithin(target, path))) ||
    states.some(({ initial }) => initial?.target === path)
  );
}
