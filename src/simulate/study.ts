/**
 * A study: a question about speed, the systems that are simulated to answer it, and how the answer is told. Each simulated system is a
 * *point*: plain data, so that any thread can build it.
 */
import type { z } from 'zod';
import { attempted } from '../system/errors.ts';
import { type Parameters, type ParameterValues, validated } from '../system/parameters.ts';
import {
  bad,
  checkShape,
  described,
  FUNCTION,
  fields,
  isObject,
  listOf,
  NAME,
  optional,
  shape,
  TEXT,
} from '../system/shapes.ts';
import { isSystem, type System } from '../system/system.ts';
import type { MeasureDefinition, Timing } from '../system/timing.ts';
import type { Run } from './run.ts';
import type { Estimate } from './statistics.ts';

/** A point of a study, as `{ threads: 384, unbound: true }`. */
export type Point = Readonly<Record<string, string | number | boolean | null>>;

/** What is simulated: one system with its times. */
export interface Simulated {
  readonly system: System;
  readonly timing: Timing;
  readonly measures?: MeasureDefinition;
  /** How many things the system's `population` has; left out, those that it names. */
  readonly population?: number;
  /** For how long, in the unit of the timing; left out, until nothing is left to do, and then nothing is warm-up. */
  readonly time?: number;
  /** The first tenth of the time when it is left out. */
  readonly warmUp?: number;
  /** The numbers that count, by name; the same names for each run. */
  read(run: Run): Readonly<Record<string, number>>;
}

/** What a point gave: the mean of each number over the seeds. */
export interface Outcome<Q extends Point = Point> {
  readonly point: Q;
  readonly values: Readonly<Record<string, Estimate>>;
}

export type Cell = string | number | Estimate | null;

/** At most 80 columns wide, so: few columns with short heads. */
export interface StudyTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

export interface StudyPlot {
  /** The file's name, without its suffix: small letters, digits, dashes. */
  readonly name: string;
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  /** An estimate is drawn with its interval. */
  readonly series: readonly {
    readonly name: string;
    readonly points: readonly (readonly [x: number, y: number | Estimate])[];
    /** Points that are not joined: measurements, not a curve. */
    readonly isMeasured?: boolean;
  }[];
}

export interface Axis {
  readonly title: string;
  readonly scale?: 'linear' | 'log';
}

export interface StudyResult {
  /** Three sentences at most, with the figures of this run. */
  readonly answer: readonly string[];
  readonly tables: readonly StudyTable[];
  readonly plots: readonly StudyPlot[];
  /** What is fitted to what, what the data cannot tell, what was bounded: a sentence each. */
  readonly notes?: readonly string[];
  /** The point of which a timeline is told; left out, the first that measures a time. */
  readonly timeline?: Point;
}

export interface StudyContext<P extends Parameters, Q extends Point> {
  readonly parameters: z.output<P>;
  /** Simulates points, each with all seeds, on all threads that there are. May be called again, with what the outcomes suggest. */
  simulate(points: readonly Q[]): Promise<readonly Outcome<Q>[]>;
}

export interface StudyDefinition<P extends Parameters, Q extends Point> {
  name: string;
  title: string;
  /** A sentence that ends with a question mark. */
  question: string;
  /** Who asked, and where the figures come from: `D-24`, `seed:003`. */
  sources: readonly string[];
  /** Each with a default: what a reader may doubt, and the sizes. */
  parameters: P;
  /** How many runs each point has, unless somebody asks for more; 5 when it is left out. */
  seeds?: number;
  build(point: Q, parameters: z.output<P>): Simulated;
  run(context: StudyContext<P, Q>): Promise<StudyResult>;
}

const STUDY = Symbol.for('faultline.study');

/** `P` are its parameters, `Q` its points; left out, any study. */
export interface Study<P extends Parameters = Parameters, Q extends Point = Point> {
  readonly [STUDY]: 1;
  readonly kind: 'study';
  readonly name: string;
  readonly title: string;
  readonly question: string;
  readonly sources: readonly string[];
  readonly parameters: P;
  readonly seeds: number;
  /** @throws ModelError for a wrong definition; UsageError for parameters that there are not */
  build(point: Q, parameters: ParameterValues): Simulated;
  /** @throws as `build`, and what a simulation throws */
  run(parameters: ParameterValues, simulate: StudyContext<P, Q>['simulate']): Promise<StudyResult>;
}

export const SEEDS_DEFAULT = 5;

const STUDY_DEFINITION = fields('a study', {
  name: shape('a name of small letters, digits and dashes', (value) => /^[a-z][a-z0-9-]*$/.test(String(value))),
  title: TEXT,
  question: TEXT,
  sources: listOf('a list of strings', NAME),
  parameters: shape('a Zod object: z.object({ … })', (value) => isObject(value) && 'safeParse' in value),
  seeds: optional(shape('a whole number of at least 2', (value) => Number.isInteger(value) && (value as number) >= 2)),
  build: FUNCTION,
  run: FUNCTION,
});

/**
 * A study for `faultline simulate`.
 *
 * @throws ModelError `bad-definition` for what is not as described above
 *
 * @example
 * ```ts
 * import { defineStudy } from 'faultline';
 * import { z } from 'zod';
 * import { lights, timing } from './lights.ts';
 *
 * const study = defineStudy({
 *   name: 'green',
 *   title: 'How often it is green',
 *   question: 'How many steps are there?',
 *   sources: [],
 *   parameters: z.object({}),
 *   seeds: 2,
 *   build: () => ({ system: lights, timing, time: 1000, read: ({ steps }) => ({ steps }) }),
 *   run: async ({ simulate }) => {
 *     const [outcome] = await simulate([{}]);
 *     return { answer: [`${outcome!.values.steps!.mean > 0}`], tables: [], plots: [] };
 *   },
 * });
 * study.seeds; // => 2
 * ```
 */
export function defineStudy<P extends Parameters, Q extends Point>(definition: StudyDefinition<P, Q>): Study<P, Q> {
  const { name } = definition as { name: unknown };
  const where = typeof name === 'string' ? `study "${name}"` : 'the study';
  checkShape(definition, STUDY_DEFINITION, where);
  const study: Study<P, Q> = {
    [STUDY]: 1,
    kind: 'study',
    ...definition,
    seeds: definition.seeds ?? SEEDS_DEFAULT,
    build(point, parameters) {
      const values = validated(study, parameters) as z.output<P>;
      return checkedPoint(
        attempted(`${where} threw while building`, () => definition.build(point, values)),
        where,
      );
    },
    async run(parameters, simulate) {
      const values = validated(study, parameters) as z.output<P>;
      return checkedResult(await definition.run({ parameters: values, simulate }), where);
    },
  };
  return study;
}

export function isStudy(value: unknown): value is Study {
  return typeof value === 'object' && value !== null && STUDY in value;
}

/** `threads=384 unbound=true`, numbers to six digits */
export function pointText(point: Point): string {
  return Object.entries(point)
    .map(([name, value]) => `${name}=${typeof value === 'number' ? Number(value.toPrecision(6)) : value}`)
    .join(' ');
}

/** A row that has more cells than its head, or fewer, cannot be read. */
function checkedResult(result: StudyResult, where: string): StudyResult {
  if (
    !isObject(result) ||
    !Array.isArray(result.answer) ||
    !Array.isArray(result.tables) ||
    !Array.isArray(result.plots)
  ) {
    throw bad(
      `${where}: run gives ${described(result)}, expected { answer, tables, plots }`,
      'lists that may be empty',
    );
  }
  for (const { title, head, rows } of result.tables) {
    const row = rows.find((one: readonly Cell[]) => one.length !== head.length);
    if (!row) continue;
    throw bad(
      `${where}: the table "${title}" has a row of ${row.length} cells, expected ${head.length}, as its head has`,
    );
  }
  return result;
}

function checkedPoint(simulated: Simulated, where: string): Simulated {
  if (!isObject(simulated) || !isSystem(simulated.system)) {
    throw bad(
      `${where} builds ${described(simulated)}, expected { system, timing, read }`,
      'system is of defineSystem()',
    );
  }
  if (typeof simulated.read !== 'function')
    throw bad(`${where} has no function \`read\`, expected the numbers of a run`);
  return simulated;
}
