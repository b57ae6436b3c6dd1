/** What is said of a search that is over, and of the cycles that were looked for in what it left behind. */
import { ModelError } from '../system/errors.ts';
import { DEADLOCK_PROPERTY, type Property } from '../system/property.ts';
import { propertyNames, type System } from '../system/system.ts';
import type { Bound } from '../system/verdict.ts';
import { type Path, stopped } from '../tabulate/path.ts';
import type { Tables } from '../tabulate/tables.ts';
import { Walker } from '../tabulate/walker.ts';
import { type Trace, traceOf } from '../trace/trace.ts';
import { type Constrained, constrainedIn, isConstrained } from './constrained.ts';
import { type Costly, costlyIn } from './costly.ts';
import type { Explorer, Facts } from './explorer.ts';
import type { Finding, ViolationFinding } from './findings.ts';
import { diagnoseGrowth, type Growth } from './growth.ts';
import { type Hollow, hollowIn } from './hollow.ts';
import { type Ignored, ignoredIn } from './ignored.ts';
import { asksForProgress, type Liveness } from './liveness/liveness.ts';
import { withPayloadHint } from './missing-payload.ts';
import type { Occurred } from './occurred.ts';
import type { SearchKind, StoreKind } from './options.ts';
import type { Plan, Reduction } from './plan.ts';

export interface PropertyResult {
  readonly name: string;
  readonly kind: Property['kind'] | 'deadlock';
  /** `open`: neither shown nor refuted, because the search stopped early. */
  /**
   * `not-looked-at`: it is not among the properties that were asked for; or it is about runs without an end, too, and the search has not
   * come to look for these.
   */
  readonly status: 'holds' | 'violated' | 'witnessed' | 'open' | 'not-looked-at';
}

/** A property that is violated, and how. */
export interface Violation {
  readonly property: string;
  /** In the last state of `path` no step is enabled. */
  readonly deadEnd: boolean;
  /** As in `CheckResult`. */
  readonly path?: Path;
}

/** What every check tells, whatever its verdict. */
export interface CheckFacts extends Facts {
  readonly search: SearchKind;
  readonly store: StoreKind;
  /** Of the random walks, or of the first `bitstate` search. */
  readonly seed?: number;
  readonly properties: readonly PropertyResult[];
  /**
   * With `allViolations`: every property that was found violated. First those of states and dead ends, the shortest path first; then those
   * of progress, and those that nothing witnesses, in the order of their declaration. The first one is that of the verdict.
   */
  readonly violations?: readonly Violation[];
  /** What the system declares that makes its space smaller. With one that was used, states are counted up to it. */
  readonly reductions: readonly Reduction[];
  /** States found; for random walks, states that they went through, however often. */
  readonly states: number;
  /** Enabled steps of all expanded states. */
  readonly steps: number;
  /** Steps on the path to the farthest state: the shortest one breadth-first, otherwise the one that was gone. */
  readonly depth: number;
  readonly seconds: number;
  /** Memory of states, parents and tables, divided by the states. */
  readonly bytesPerState: number;
  readonly xstateTransitions: number;
  /** What is legal but hollow: it may be a mistake, and `holds` says nothing about it. */
  readonly hollow: readonly Hollow[];
  /** Messages that came to nothing where the system says `unhandled: 'ignore'`. */
  readonly ignored: readonly Ignored[];
  /** Actors with a constraint, and in how many of their local states they did not meet it: what lies behind these was not searched. */
  readonly constrained: readonly Constrained[];
  /** What made it slow: actors, monitors and channels with more than 10,000 values, and more than one for every ten states. */
  readonly costly: readonly Costly[];
  /** What keeps growing; given with `bound`, but not by random walks. */
  readonly growth?: readonly Growth[];
  /** What occurred, when that was asked for. */
  readonly occurred?: Occurred;
  /** Decodes the numbers in `path`. */
  readonly tables: Tables;
}

/** What only some verdicts come with. */
interface Told {
  /** The violated property. */
  readonly property: string;
  /** In the last state of `path` no step is enabled. */
  readonly deadEnd: boolean;
  /** Why the search ended before every property was decided. */
  readonly bound: Bound;
  /** What is wrong with the model. */
  readonly error: ModelError;
  /**
   * The path to the violation or the model error; none when a `reachable` or `happens` had no witness. Breadth-first it is
   * the shortest one, otherwise a shortened one. For a property of progress a lasso with `cycleStart`, or a path to a dead end.
   */
  readonly path: Path;
  /** The same in names: what charts, diagrams and files are made from, and what `replayTrace` takes. */
  readonly trace: Trace;
}

/** Names of what a verdict comes with, and of what it may come with; it never has the rest. */
type Telling<Always extends keyof Told, Sometimes extends keyof Told = never> = CheckFacts &
  Pick<Told, Always> & { readonly [Name in Sometimes]?: Told[Name] | undefined } & {
    readonly [Name in Exclude<keyof Told, Always | Sometimes>]?: undefined;
  };

/** The whole space was searched, and nothing is wrong. */
export type Holds = { readonly verdict: 'holds' } & Telling<never>;
/** With `allViolations` there is a `bound` when the search stopped before every property was decided. */
export type Violated = { readonly verdict: 'violated' } & Telling<'property', 'deadEnd' | 'path' | 'trace' | 'bound'>;
/** The search stopped at its `bound`, and has found no violation until then. */
export type Unknown = { readonly verdict: 'unknown' } & Telling<'bound'>;
/** The model cannot be judged. There is no `path` where the error is not of a step. */
export type Misdefined = { readonly verdict: 'model-error' } & Telling<'error', 'path' | 'trace'>;

/** By its `verdict`: what else there is. After `violated` there is a `property`, and a `trace` unless the property only lacks a witness. */
export type CheckResult = Holds | Violated | Unknown | Misdefined;

/** What a check has come to. */
export interface Ended {
  readonly plan: Plan;
  /** What was asked for, with all properties. */
  readonly declared: System;
  /** Whether to tell all violations. */
  readonly allViolations: boolean;
  readonly seconds: number;
  /** Given when cycles were looked for. */
  readonly liveness: Liveness | undefined;
  /** Functions that do not always say the same: nothing that was found counts. */
  readonly unsteady: ModelError | undefined;
}

export function resultOf(ended: Ended): CheckResult {
  const { plan, allViolations, seconds, liveness, unsteady } = ended;
  const { search, store, seed, explorer, rows, symmetry } = plan;
  const { tables, finding } = explorer;
  const counts = {
    search,
    store,
    ...(seed !== undefined && { seed }),
    ...explorer.facts,
    reductions: plan.reductions(),
    states: explorer.states,
    steps: explorer.steps,
    depth: explorer.depth,
    seconds,
    bytesPerState: Math.max(explorer.bytes, liveness?.bytesMax ?? 0) / Math.max(1, explorer.states),
    xstateTransitions: tables.xstateTransitions,
    hollow: hollowIn(tables, rows, symmetry),
    ignored: ignoredIn(tables),
    constrained: constrainedIn(tables),
    costly: costlyIn(tables, explorer.states),
    tables,
  };
  const failed = (error: ModelError): CheckResult => ({
    ...counts,
    verdict: 'model-error',
    error,
    properties: statuses(ended, []),
  });
  if (unsteady) return failed(unsteady);
  let violations: readonly Violation[];
  let failure: { readonly error: ModelError; readonly path?: Path } | undefined;
  try {
    violations = violationsOf(explorer, liveness);
    failure = finding?.kind === 'model-error' ? failureOf(explorer, finding) : liveness?.error;
  } catch (error) {
    // What looks like a finding may be where a symmetry turns out not to be one.
    if (!(error instanceof ModelError) || !symmetry) throw error;
    return failed(error);
  }
  const told = { ...counts, properties: statuses(ended, violations), ...(allViolations && { violations }) };
  if (failure) return { ...told, verdict: 'model-error', error: failure.error, ...pathIn(tables, failure.path) };
  const stop = finding?.kind === 'bound' && {
    bound: finding.bound,
    ...(explorer.levels && { growth: diagnoseGrowth(tables, explorer.levels) }),
  };
  const [first] = violations;
  if (first)
    return {
      ...told,
      ...(allViolations && stop),
      verdict: 'violated',
      property: first.property,
      ...(first.path && { deadEnd: first.deadEnd, ...pathIn(tables, first.path) }),
    };
  if (stop) return { ...told, ...stop, verdict: 'unknown' };
  // Behind the constraint it may be witnessed.
  if (isConstrained(tables) && explorer.unwitnessed.size > 0)
    return { ...told, verdict: 'unknown', bound: 'constraint' };
  // Without whole states there is no graph in which fair cycles could be looked for.
  if (!liveness && tables.system.properties.some(asksForProgress)) {
    return { ...told, verdict: 'unknown', bound: 'cycles' };
  }
  return { ...told, verdict: 'holds' };
}

/** A path as numbers, and as names. */
export function pathIn(tables: Tables, path: Path | undefined): Partial<Pick<Told, 'path' | 'trace'>> {
  return path ? { path, trace: traceOf(tables, path) } : {};
}

/** What was found violated, in the order in which it would be found one after the other; one at most, unless all are asked for. */
function violationsOf(explorer: Explorer, liveness: Liveness | undefined): Violation[] {
  const { tables, finding, violations: noted, unwitnessed, done } = explorer;
  const found = noted ? noted.inOrder().map((one) => one.finding) : finding?.kind === 'violation' ? [finding] : [];
  const violations: Violation[] = [...found.map((one) => violationOf(explorer, one)), ...(liveness?.violations ?? [])];
  if (noted ? !done : finding || violations.length > 0) return violations;
  if (isConstrained(tables)) return violations;
  const unmet = tables.system.properties
    .filter(({ name }) => unwitnessed.has(name))
    .map(({ name }): Violation => ({ property: name, deadEnd: false }));
  return [...violations, ...(noted ? unmet : unmet.slice(0, 1))];
}

function violationOf(explorer: Explorer, finding: ViolationFinding): Violation {
  const { property } = finding;
  const path = explorer.pathOf(finding);
  if (!finding.ofRun) return { property, deadEnd: finding.deadEnd, path };
  const run = stopped(new Walker(explorer.tables), path);
  return { property, deadEnd: run.stops === undefined, path: run };
}

function failureOf(explorer: Explorer, finding: Extract<Finding, { kind: 'model-error' }>) {
  const { error, state } = finding;
  if (state < 0) return { error };
  const path = explorer.pathOf(finding);
  return { error: withPayloadHint(error, explorer.tables, path), path };
}

function statuses({ plan, declared, liveness }: Ended, violations: readonly Violation[]): PropertyResult[] {
  const { tables, unwitnessed, done } = plan.explorer;
  const judged = new Set(propertyNames(tables.system));
  const violated = new Set(violations.map(({ property }) => property));
  const statusOf = (name: string, property?: Property): PropertyResult['status'] => {
    if (!judged.has(name)) return 'not-looked-at';
    if (property?.kind === 'reachable' || property?.kind === 'happens') {
      if (!unwitnessed.has(name)) return 'witnessed';
      return done && !isConstrained(tables) ? 'violated' : 'open';
    }
    if (violated.has(name)) return 'violated';
    if (property && asksForProgress(property) && !liveness?.isDecided(name)) return 'not-looked-at';
    return done ? 'holds' : 'open';
  };
  return [
    ...declared.properties.map((property) => {
      const { name, kind } = property;
      return { name, kind, status: statusOf(name, property) };
    }),
    ...(declared.deadlock === 'violation'
      ? [{ name: DEADLOCK_PROPERTY, kind: 'deadlock' as const, status: statusOf(DEADLOCK_PROPERTY) }]
      : []),
  ];
}
