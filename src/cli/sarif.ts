/**
 * What a check found as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/): properties are rules, actors are
 * logical locations, and a trace is a code flow, a location per step.
 *
 * GitHub shows a result at a line of a file, and refuses one without: it is where the scenario or the system is defined.
 *
 * A violation fails; a bound that was hit leaves its result `open`; a mistake in the model fails the rule of its code. A
 * fault that its scenario expects is a suppressed result: it is there on purpose.
 */
import { createHash } from 'node:crypto';
import { isAbsolute, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { labelOf, type TraceStep } from '../trace/trace.ts';
import { changeTexts, cut } from '../trace/words.ts';
import { outcome, replayLine } from './check-text.ts';
import type { CheckResultDocument } from './documents.ts';
import { miscount, wantedOf } from './expectation.ts';
import type { Judged } from './junit.ts';
import { parseModuleSpec } from './loading/module-spec.ts';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';
/** Where faultline was run: paths are relative to it. */
const ROOT = '%SRCROOT%';
/** What GitHub takes, in characters. */
const DESCRIPTION_MAX = 1024;
const ID_MAX = 255;

interface Message {
  readonly text: string;
}

interface Location {
  readonly physicalLocation: {
    readonly artifactLocation: { readonly uri: string; readonly uriBaseId?: string };
    readonly region: {
      readonly startLine: number;
      readonly startColumn: number;
      readonly endLine: number;
      readonly endColumn: number;
    };
  };
  readonly logicalLocations?: readonly {
    readonly name: string;
    readonly fullyQualifiedName: string;
    readonly kind: string;
  }[];
  readonly message?: Message;
}

interface FlowLocation {
  readonly location: Location;
  readonly executionOrder: number;
  readonly importance: 'important' | 'essential';
  /** What each actor became. */
  readonly state: Readonly<Record<string, Message>>;
}

interface SarifResult {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly kind: 'fail' | 'open';
  readonly level: 'error' | 'none';
  readonly message: Message;
  readonly locations: readonly Location[];
  readonly codeFlows?: readonly { readonly threadFlows: readonly { readonly locations: readonly FlowLocation[] }[] }[];
  readonly suppressions?: readonly {
    readonly kind: 'external';
    readonly status: 'accepted';
    readonly justification: string;
  }[];
  readonly partialFingerprints: Readonly<Record<string, string>>;
  readonly properties: Readonly<Record<string, unknown>>;
}

interface Rule {
  readonly id: string;
  readonly shortDescription: Message;
  readonly fullDescription: Message;
  readonly help: Message;
  readonly defaultConfiguration: { readonly level: 'error' };
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface SarifLog {
  readonly $schema: string;
  readonly version: '2.1.0';
  readonly runs: readonly {
    readonly tool: {
      readonly driver: { readonly name: string; readonly version: string; readonly rules: readonly Rule[] };
    };
    readonly originalUriBaseIds: Readonly<Record<string, { readonly uri: string }>>;
    readonly invocations: readonly { readonly executionSuccessful: boolean; readonly exitCode: number }[];
    readonly columnKind: 'utf16CodeUnits';
    readonly results: readonly SarifResult[];
  }[];
}

export function toSarif(
  results: readonly Judged[],
  { version, status }: { readonly version: string; readonly status: number },
): SarifLog {
  const rules = new Rules();
  // All of them, so that a run without findings tells what it looked at.
  for (const { result } of results) {
    for (const { name, kind } of result.properties) rules.ofProperty(result.scenario, name, kind);
  }
  const found = results.flatMap((judged) => findingsOf(judged, rules));
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'faultline', version, rules: rules.all } },
        originalUriBaseIds: { [ROOT]: { uri: `${pathToFileURL(process.cwd()).href}/` } },
        invocations: [{ executionSuccessful: true, exitCode: status }],
        columnKind: 'utf16CodeUnits',
        results: found,
      },
    ],
  };
}

class Rules {
  readonly all: Rule[] = [];
  readonly #known = new Map<string, number>();

  ofProperty(scenario: string, property: string, kind?: string): number {
    return this.#index(`${scenario}/${slug(property)}`, property, { scenario, ...(kind !== undefined && { kind }) });
  }

  /** Of a rule that is not a property of some scenario. */
  general(id: string, words: string): number {
    return this.#index(`faultline/${id}`, words, {});
  }

  #index(id: string, words: string, properties: Rule['properties']): number {
    // Two properties may differ in what a slug leaves out.
    const key = JSON.stringify([words, properties.scenario]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#known.set(key, this.all.length);
    const base = id.slice(0, ID_MAX - 6);
    let unique = base;
    for (let number = 2; this.all.some((rule) => rule.id === unique); number++) unique = `${base}-${number}`;
    const description = { text: cut(words, DESCRIPTION_MAX) };
    const { scenario } = properties;
    const help = { text: scenario === undefined ? words : `A property of ${scenario}: ${words}` };
    const defaultConfiguration = { level: 'error' } as const;
    const described = { shortDescription: description, fullDescription: description, help };
    return this.all.push({ id: unique, ...described, defaultConfiguration, properties }) - 1;
  }
}

function findingsOf(judged: Judged, rules: Rules): SarifResult[] {
  const { result, compared } = judged;
  const { verdict, expected, asExpected, bound, states, error } = result;
  const violations = violationsOf(judged).map((one) => violationResult(one, rules));
  const common = (ruleIndex: number) => ({ ruleId: rules.all[ruleIndex]!.id, ruleIndex, ...placeOf(judged) });
  const fail = { kind: 'fail', level: 'error' } as const;
  switch (verdict) {
    case 'violated':
      return violations;
    case 'unknown': {
      const rule = rules.general('unknown', 'The search is complete');
      const what = `${nameOf(result)}: the search stopped at a bound (${bound}) after ${states} states, and decided nothing`;
      return [{ ...common(rule), kind: 'open', level: 'none', message: messageOf(judged, what) }];
    }
    case 'model-error': {
      const rule = rules.general(`model-error/${error!.code}`, `The model is right: ${error!.code}`);
      const what = `${nameOf(result)}: the model is wrong: ${error!.message}${error!.hint === '' ? '' : ` (${error!.hint})`}`;
      return [{ ...common(rule), ...fail, message: messageOf(judged, what) }, ...violations];
    }
    case 'holds': {
      if (!compared || asExpected !== false || !expected) return [];
      const rule = rules.general('unexpected-verdict', 'Every variant has the verdict that its scenario expects');
      const numbers = miscount(result);
      const wanted = outcome(expected.verdict, wantedOf(expected)) + (numbers ? ` with ${numbers.expected}` : '');
      const got = numbers ? `holds with ${numbers.got}` : 'holds';
      return [
        { ...common(rule), ...fail, message: messageOf(judged, `${nameOf(result)}: ${got}; expected ${wanted}`) },
      ];
    }
    default:
      return verdict satisfies never;
  }
}

/** Each violation as a result of its own; only one has its trace told, step by step. */
function violationsOf(judged: Judged): (Judged & { readonly schedule: string | null })[] {
  const { result } = judged;
  const { property, trace } = result;
  const all = result.violations ?? (property === null ? [] : [{ property, schedule: trace?.schedule ?? null }]);
  return all.map((one) => ({
    ...judged,
    schedule: one.schedule,
    result: { ...result, verdict: 'violated', property: one.property, trace: one.property === property ? trace : null },
  }));
}

function violationResult(judged: ReturnType<typeof violationsOf>[number], rules: Rules): SarifResult {
  const { result, compared, args, schedule } = judged;
  const { scenario, variant, property, asExpected } = result;
  const ruleIndex = rules.ofProperty(scenario, property!);
  const what = `${property}: violated in ${nameOf(result)}`;
  const found: SarifResult = {
    ...{ ruleId: rules.all[ruleIndex]!.id, ruleIndex, kind: 'fail', level: 'error' },
    ...placeOf(judged),
    message: { text: schedule === null ? what : `${what}. To ${replayLine(args, schedule)}` },
  };
  if (!compared || asExpected !== true) return found;
  const justification = `the variant "${variant}" is there to violate it`;
  return { ...found, suppressions: [{ kind: 'external', status: 'accepted', justification }] };
}

function messageOf({ result, args }: Judged, what: string): Message {
  return { text: result.trace ? `${what}. To ${replayLine(args, result.trace.schedule)}` : what };
}

/** Where a result is, how it came about, and by what it is known again in the next run. */
function placeOf(judged: Judged): Pick<SarifResult, 'locations' | 'codeFlows' | 'partialFingerprints' | 'properties'> {
  const { result } = judged;
  const { target, scenario, variant, parameters, property, trace, verdict, states, steps, depth } = result;
  const last = trace?.steps.at(-1);
  const actors = last ? [...new Set([last.actor, ...last.changes.map(({ name }) => name)])] : [];
  const known = actors.filter((name) => trace !== null && name in trace.initial.actors);
  const flow = trace?.steps.map((step, at): FlowLocation => flowLocation(judged, step, at));
  return {
    locations: [location(judged, known)],
    ...(flow && flow.length > 0 && { codeFlows: [{ threadFlows: [{ locations: flow }] }] }),
    partialFingerprints: fingerprints([scenario, variant ?? '', verdict, property ?? '']),
    properties: {
      target,
      scenario,
      variant,
      parameters,
      states,
      steps,
      depth,
      ...(trace && { schedule: trace.schedule }),
    },
  };
}

/** GitHub tells results of one line apart by its own fingerprint only. */
function fingerprints(parts: readonly string[]): Readonly<Record<string, string>> {
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
  return { 'faultline/v1': parts.join('\n'), primaryLocationLineHash: `${hash}:1` };
}

function flowLocation(judged: Judged, step: TraceStep, at: number): FlowLocation {
  const { result } = judged;
  const isLast = at === result.trace!.steps.length - 1;
  const why = isLast && result.property !== null ? `, which violates: ${result.property}` : '';
  return {
    location: { ...location(judged, [step.actor]), message: { text: `${at + 1}. ${labelOf(step)}${why}` } },
    executionOrder: at + 1,
    importance: isLast ? 'essential' : 'important',
    state: Object.fromEntries(
      step.changes.map(({ name, before, after }) => [name, { text: changeTexts(before, after).join(', ') }]),
    ),
  };
}

/** The line that defines what was checked, and actors of it. */
function location({ result: { target, scenario }, definedAt }: Judged, actors: readonly string[]): Location {
  const module = parseModuleSpec(target);
  // A module may have been made by another copy of this package, which kept no places.
  const { file, line, column, length } = definedAt ?? { file: module?.path ?? scenario, line: 1, column: 1, length: 1 };
  return {
    physicalLocation: {
      artifactLocation: artifactLocation(file),
      region: { startLine: line, startColumn: column, endLine: line, endColumn: column + length },
    },
    logicalLocations: [
      ...actors.map((name) => ({ name, fullyQualifiedName: `${scenario}/${name}`, kind: 'object' })),
      ...(actors.length === 0 ? [{ name: scenario, fullyQualifiedName: scenario, kind: 'module' }] : []),
    ],
  };
}

/** Relative to where faultline was run, if the file lies there. */
function artifactLocation(file: string): { uri: string; uriBaseId?: string } {
  const path = file.startsWith('file:') ? fileURLToPath(file) : resolve(file);
  const below = relative(process.cwd(), path);
  if (below.startsWith('..') || isAbsolute(below)) return { uri: pathToFileURL(path).href };
  return { uri: below.split(/[/\\]/).map(encodeURIComponent).join('/'), uriBaseId: ROOT };
}

function nameOf({ scenario, variant }: CheckResultDocument): string {
  return variant === null ? scenario : `${scenario}, ${variant}`;
}

function slug(sentence: string): string {
  return (
    sentence
      .toLowerCase()
      .replaceAll(/[^\p{L}\d]+/gu, '-')
      .replaceAll(/^-+|-+$/g, '') || 'property'
  );
}
