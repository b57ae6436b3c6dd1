/**
 * A check of a machine on its own. Beside what `check` says of its system, it looks for what is wrong with any machine: dead ends are a
 * violation, and what is never used is told.
 */
import type { AnyStateMachine } from 'xstate';
import { coverageOf } from '../coverage/coverage.ts';
import { type CheckOptions, type CheckResult, check } from '../explore/check.ts';
import type { Hollow } from '../explore/hollow.ts';
import { missingGuardsOf } from '../system/message-types.ts';
import { traceOf } from '../trace/trace.ts';
import { type DeadEnd, deadEndsIn } from './dead-ends.ts';
import { deadEndFindings, type MachineFinding, untakenFindings, unusedFindings } from './findings.ts';
import { type MachineOptions, type MachineSystem, systemOf } from './system-of.ts';

/** What a dead end violates. */
export const DEAD_ENDS_PROPERTY = 'no dead ends';

/** So many states are looked at for dead ends. */
const WALKED_MAX = 1_000_000;

export interface MachineFacts {
  /** Dead ends first; then what is never used. */
  readonly findings: readonly MachineFinding[];
  /** What was assumed beyond what the machine says, a sentence each. */
  readonly assumed: readonly string[];
}

/** As of `check`; a dead end is a violation of `no dead ends`. */
export type MachineResult = CheckResult & MachineFacts;

/**
 * Checks a machine without a system around it: its events come at any moment, and nothing is said that has to hold.
 *
 * @param options those of `check`, and what `systemOf` takes
 * @throws ModelError, UsageError, OptionsError as `systemOf` and `check` do
 *
 * @example
 * ```ts
 * import { checkMachine } from 'faultline';
 * import { createMachine } from 'xstate';
 *
 * const form = createMachine({ initial: 'form', states: { form: { on: { SEND: 'thanks' } }, thanks: {} } });
 * const { verdict, findings } = await checkMachine(form);
 * verdict; // => 'violated'
 * findings.map(({ kind, subject }) => `${kind} ${subject}`); // => ['dead-end machine: thanks']
 * ```
 */
export async function checkMachine(
  machine: AnyStateMachine,
  { name, events, input, constraint, ...options }: MachineOptions & CheckOptions = {},
): Promise<MachineResult> {
  return checkSystemOf(systemOf(machine, { name, events, input, constraint }), options);
}

/** The same, of the system that was made of it. */
export async function checkSystemOf(machine: MachineSystem, options: CheckOptions): Promise<MachineResult> {
  const { partialOrder, chains, checkpoint, resume } = options;
  // What leaves steps out would take them for steps that never happen.
  const coverage = !partialOrder && !chains && !checkpoint && !resume;
  const result = await check(machine.system, { ...options, coverage: options.coverage || coverage });
  const { tables, occurred } = result;
  const isStarted = result.states > 0;
  const hasStates = Object.keys(machine.machine.states).length > 0;
  const deadEnds = isStarted && hasStates ? deadEndsIn(tables, Math.min(result.states, WALKED_MAX)) : [];
  const covered = occurred && [...coverageOf(tables, occurred).values()][0];
  const unused =
    covered && result.verdict !== 'model-error'
      ? unusedFindings(machine, covered, new Set(missingGuardsOf(machine.machine)))
      : [];
  const findings = [...deadEndFindings(machine, tables, deadEnds), ...unused, ...untakenFindings(machine)];
  return {
    ...judgedBy(result, deadEnds),
    hollow: result.hollow.filter((one) => !isToldBy(findings, one)),
    findings,
    assumed: machine.assumed,
  };
}

/** What is wrong otherwise is told first: there may be dead ends behind it, and there are in front of it. */
function judgedBy(result: CheckResult, deadEnds: readonly DeadEnd[]): CheckResult {
  const [first] = deadEnds;
  const known = { name: DEAD_ENDS_PROPERTY, kind: 'deadlock' as const };
  const isDecided = result.verdict === 'holds' && result.states <= WALKED_MAX;
  const status = first ? ('violated' as const) : isDecided ? ('holds' as const) : ('open' as const);
  const properties = [...result.properties, { ...known, status }];
  if (!first || result.verdict === 'model-error' || result.verdict === 'violated') return { ...result, properties };
  const { bound: _, ...facts } = result;
  return {
    ...facts,
    properties,
    verdict: 'violated',
    property: DEAD_ENDS_PROPERTY,
    deadEnd: first.isStill,
    path: first.path,
    trace: traceOf(result.tables, first.path),
  };
}

/** A state that nothing leads to is unreachable; that guards are not implemented is among what was assumed. */
function isToldBy(findings: readonly MachineFinding[], { kind, subject }: Hollow): boolean {
  if (kind === 'guard') return true;
  return kind === 'state' && findings.some((finding) => finding.kind === 'state' && finding.subject === subject);
}
