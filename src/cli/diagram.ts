/** `faultline diagram`: draws a system, one of its actors, or any XState machine. */
import type { Command } from 'commander';
import type { AnyStateMachine } from 'xstate';
import { z } from 'zod';
import { DiagramError } from '../diagram/diagram-error.ts';
import { foldFamilies, isCrowded } from '../diagram/fold-families.ts';
import { type MachineGraph, machineGraph } from '../diagram/machine-graph.ts';
import {
  type Coverage,
  combineMarks,
  coverageMarks,
  coverageSchema,
  highlight,
  NO_MARKS,
  withGuardOutcomes,
} from '../diagram/marks.ts';
import type { Theme } from '../diagram/palette.ts';
import {
  DIAGRAM_FORMATS,
  DIAGRAM_SUFFIXES,
  type DiagramFormat,
  formatOfFile,
  renderDiagram,
} from '../diagram/render.ts';
import { type SystemGraph, systemGraph } from '../diagram/system-graph.ts';
import { incompleteness } from '../diagram/system-words.ts';
import type { TextInk } from '../diagram/text-ink.ts';
import { ModelError } from '../system/errors.ts';
import { isScenario } from '../system/scenario.ts';
import { isSystem, type System } from '../system/system.ts';
import { isMachine } from '../system/xstate.ts';
import { parseJson } from '../trace/plain-json.ts';
import { coloursFor, type Environment, widthOf } from './environment.ts';
import { possibleNames, textOf, UsageError } from './errors.ts';
import { importModule } from './loading/import-module.ts';
import { type ModuleSpec, parseModuleSpec } from './loading/module-spec.ts';
import { tellPhase } from './news.ts';
import { gather } from './parameters.ts';
import { readText } from './read-file.ts';
import { buildSystem, findTarget, subjectOf, type Target } from './target.ts';
import { parseCount } from './text.ts';
import { checkWritable, writeWhole } from './write-file.ts';

interface Options {
  readonly actor?: string;
  readonly variant?: string;
  readonly set?: readonly string[];
  readonly format?: string;
  readonly json?: true;
  readonly output?: string;
  readonly highlight?: readonly string[];
  readonly coverage?: string;
  readonly theme?: string;
  readonly fold?: boolean;
  readonly maxStates?: string;
}

export function defineDiagram(command: Command, environment: Environment, done: (status: number) => void): void {
  command
    .description(DESCRIPTION)
    .argument('<target>', 'a scenario, scenario#actor, or a module as ./my-machine.ts or ./my-machine.ts#name')
    .option('--actor <name>', "this actor's machine, instead of the whole system; a monitor by its property")
    .option('--variant <name>', "this variant of the scenario (default: the scenario's first)")
    .option('--set <name=value>', "sets a scenario's parameter; repeatable", gather)
    .option('--format <format>', `${DIAGRAM_FORMATS.join(', ')} (default: by the suffix of -o, else text)`)
    .option('--json', 'the same as --format json')
    .option('-o, --output <file>', 'write to a file instead of stdout')
    .option(
      '--highlight <names>',
      'colour states, or transitions by their ids, separated by commas; repeatable',
      collect,
    )
    .option('--coverage <file>', 'colour what was covered, and what was not, by a file of check --coverage-out')
    .option('--theme <theme>', 'svg, png: auto, light, dark (default: auto, and light for png)')
    .option(
      '--fold',
      'systems: draw actors that differ in their number only as one (default: if there are many arrows or actors)',
    )
    .option('--no-fold', 'systems: draw each actor')
    .option('--max-states <count>', 'systems: look for who sends what in this many states (default: 20000)')
    .addHelpText('after', EXAMPLES)
    .action(async (target: string, options: Options) => done(await diagramCommand(target, options, environment)));
}

const DESCRIPTION = [
  'Draw a system, an actor, or any XState v5 machine.\n\nA system is drawn as boxes for its actors, and arrows for what',
  'they send: solid if the receiver takes it in the same step, dashed through a channel. A machine is drawn with its',
  'guards, actions, delays and invoked actors. Text is for the terminal and goes to stdout; pictures are best written to a',
  'file by -o, whose suffix says the format.',
].join(' ');

const EXAMPLES = `
Suffixes: ${DIAGRAM_SUFFIXES.join(' ')}

Examples:
  faultline diagram pri-overflow                          the system, as text
  faultline diagram pri-overflow -o system.svg            the same as a picture
  faultline diagram pri-overflow#priqThread -o priq.svg   one of its actors
  faultline diagram ./my-machine.ts#checkout -o checkout.png
  faultline diagram ./my-machine.ts --highlight paying,failed --format mermaid
  faultline diagram pri-overflow#priq --json | jq -r '.transitions[].id'`;

function collect(names: string, before: readonly string[] = []): string[] {
  return [...before, ...names.split(',').map((name) => name.trim())];
}

async function diagramCommand(spec: string, options: Options, environment: Environment): Promise<number> {
  const { stdout, stderr } = environment;
  const format = formatOf(options);
  const theme = themeOf(options.theme);
  const coverage = options.coverage === undefined ? undefined : readCoverage(options.coverage);
  if (options.output !== undefined) checkWritable(options.output);
  if (format === 'png' && options.output === undefined && stdout.isTTY) {
    throw new UsageError('a PNG is nothing for a terminal', 'write it to a file: -o picture.png');
  }
  const maxStates = options.maxStates === undefined ? undefined : parseCount('--max-states', options.maxStates);

  const drawn = await findDrawable(spec, options, environment);
  const toTerminal = options.output === undefined;
  const notes: string[] = [];
  const rendered = await asUsageErrors(async () => {
    const graph = graphOf(drawn, { format, maxStates, fold: options.fold, notes });
    const marks = combineMarks(
      coverage === undefined ? NO_MARKS : coverageMarks(machineOnly(graph), coverage, namesOf(drawn)),
      options.highlight === undefined ? NO_MARKS : highlight(graph, options.highlight),
    );
    const labelled =
      coverage === undefined || AS_DATA.has(format)
        ? graph
        : withGuardOutcomes(machineOnly(graph), coverage, namesOf(drawn));
    tellPhase(`drawing ${drawn.name}`);
    return renderDiagram(labelled, format, {
      marks,
      ...(theme !== undefined && { theme }),
      ...(toTerminal && { width: widthOf(stdout, environment), ink: inkFor(environment) }),
    });
  });
  for (const note of notes) stderr.write(`faultline: ${note}\n`);
  if (options.output !== undefined) writeWhole(options.output, rendered);
  else stdout.write(rendered);
  return 0;
}

// --- what is drawn ---

type Drawable =
  | { readonly kind: 'system'; readonly system: System; readonly name: string }
  | {
      readonly kind: 'machine';
      readonly machine: AnyStateMachine;
      readonly name: string;
      /** The name of the export, if that is how it was found. */
      readonly exportName?: string;
    };

async function findDrawable(spec: string, options: Options, environment: Environment): Promise<Drawable> {
  const { catalogue } = environment;
  const module = parseModuleSpec(spec);
  if (module) {
    const found = await findExport(module);
    if (found.kind === 'machine') {
      const option = options.actor !== undefined ? '--actor' : options.variant !== undefined ? '--variant' : '--set';
      if (options.actor === undefined && options.variant === undefined && options.set === undefined) return found;
      throw new UsageError(`${spec} is one machine: ${option} is for systems`, 'leave it out');
    }
    return systemOrActor(found.target, options.actor, options);
  }
  const hash = spec.indexOf('#');
  const target = await findTarget(hash < 0 ? spec : spec.slice(0, hash), catalogue);
  const actor = hash < 0 ? undefined : spec.slice(hash + 1);
  if (actor !== undefined && options.actor !== undefined && actor !== options.actor) {
    throw new UsageError(`${spec} names one actor and --actor another: ${options.actor}`, 'leave one of them out');
  }
  return systemOrActor(target, actor ?? options.actor, options);
}

function systemOrActor(target: Target, actor: string | undefined, { variant, set = [] }: Options): Drawable {
  const first = 'scenario' in target ? Object.keys(target.scenario.variants)[0] : undefined;
  const system = buildSystem(subjectOf(target, variant ?? first, set));
  const name = 'scenario' in target ? target.scenario.name : target.spec.replace(/^.*[/\\#]/, '');
  if (actor === undefined)
    return { kind: 'system', system, name: variant === undefined ? name : `${name}, ${variant}` };

  const monitors = system.properties.filter((property) => property.kind === 'monitor');
  const machine =
    (Object.hasOwn(system.actors, actor) ? system.actors[actor]?.machine : undefined) ??
    monitors.find((property) => property.name === actor)?.machine;
  if (machine) return { kind: 'machine', machine, name: actor };
  const monitorNames = monitors.map((property) => property.name);
  throw new UsageError(
    `${name} has no actor "${actor}"`,
    possibleNames(actor, [...Object.keys(system.actors), ...monitorNames]),
  );
}

/** A machine, or what `check` takes. */
async function findExport(
  module: ModuleSpec,
): Promise<(Drawable & { kind: 'machine' }) | { kind: 'target'; target: Target }> {
  const { path } = module;
  const exported = await importModule(path);
  const names = Object.keys(exported);
  const name = module.name ?? onlyExport(path, exported);
  if (!names.includes(name))
    throw new UsageError(
      `the module ${path} has no export "${name}"`,
      `${possibleNames(name, names)}; for an actor of its system: --actor ${name}`,
    );
  const value = exported[name];
  const made = typeof value === 'function' ? await call(`${name}() of ${path}`, value as () => unknown) : value;
  if (isMachine(made)) {
    const own = made.id === '(machine)' ? nameOfExport(path, name) : made.id;
    return { kind: 'machine', machine: made, name: own, exportName: name };
  }
  const spec = `${path}#${name}`;
  if (isScenario(made)) return { kind: 'target', target: { spec, scenario: made } };
  if (isSystem(made)) return { kind: 'target', target: { spec, system: made } };
  throw new UsageError(
    `${name} of ${path} is no machine, no system and no scenario`,
    'export what createMachine(), defineSystem() or defineScenario() returns, or a function that returns it',
  );
}

/** Without a name: the only system, else the only machine, else the only function. */
function onlyExport(path: string, exported: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(exported);
  const distinct = (is: (value: unknown) => boolean) =>
    names.filter(
      (name, index) => is(exported[name]) && names.findIndex((other) => exported[other] === exported[name]) === index,
    );
  const kinds = [
    { what: 'systems', names: distinct((value) => isSystem(value) || isScenario(value)) },
    { what: 'machines', names: distinct(isMachine) },
    {
      what: 'functions that may build one',
      names: distinct((value) => typeof value === 'function' && value.length === 0),
    },
  ];
  const kind = kinds.find((kind) => kind.names.length > 0);
  if (kind?.names.length === 1) return kind.names[0]!;
  if (kind) {
    const choices = kinds.slice(0, 2).flatMap((kind) => kind.names);
    const all = (choices.length > 0 ? choices : kind.names).map((name) => `${path}#${name}`).join(', ');
    throw new UsageError(`the module ${path} exports several ${kind.what}`, `choose one: ${all}`);
  }
  throw new UsageError(
    `the module ${path} exports no machine, no system and no scenario: it exports ${names.length === 0 ? 'nothing' : names.join(', ')}`,
    'export what createMachine(), defineSystem() or defineScenario() returns',
  );
}

function nameOfExport(path: string, name: string): string {
  return name === 'default' ? path.replace(/^.*[/\\]/, '').replace(/\.\w+$/, '') : name;
}

async function call(what: string, build: () => unknown): Promise<unknown> {
  try {
    return await build();
  } catch (error) {
    if (error instanceof ModelError) throw error;
    throw new ModelError('exception', `${what} threw: ${textOf(error)}`, '', { cause: error });
  }
}

// --- how it is drawn ---

interface GraphOptions {
  readonly format: DiagramFormat;
  readonly maxStates: number | undefined;
  readonly fold: boolean | undefined;
  /** What to tell people who look at the picture. */
  readonly notes: string[];
}

function graphOf(drawn: Drawable, { format, maxStates, fold, notes }: GraphOptions): MachineGraph | SystemGraph {
  if (drawn.kind === 'machine') return machineGraph(drawn.machine, drawn.name);
  tellPhase(`looking for who sends what in ${drawn.name}`);
  const graph = systemGraph(drawn.system, { name: drawn.name, ...(maxStates !== undefined && { maxStates }) });
  const missing = incompleteness(graph);
  if (missing !== undefined && format !== 'text') notes.push(`${missing} (--max-states)`);
  // Data is complete; it is pictures that get crowded.
  const automatic = fold === undefined && format !== 'json' && isCrowded(graph);
  if (!fold && !automatic) return graph;
  const folded = foldFamilies(graph);
  if (automatic && folded.actors.length < graph.actors.length) {
    notes.push(`${graph.actors.length} actors are drawn as ${folded.actors.length}; --no-fold draws each`);
  }
  return folded;
}

/** Formats in which a guard's name is what a program reads. */
const AS_DATA: ReadonlySet<DiagramFormat> = new Set(['json', 'scxml']);

function machineOnly(graph: MachineGraph | SystemGraph): MachineGraph {
  if (graph.kind === 'machine') return graph;
  throw new UsageError('--coverage is about the states of a machine, not of a system', 'choose one by --actor');
}

/** What a machine may be called in a coverage file. */
function namesOf(drawn: Drawable): string[] {
  if (drawn.kind === 'system') return [];
  return [drawn.name, ...(drawn.exportName === undefined ? [] : [drawn.exportName]), drawn.machine.id];
}

function formatOf({ format, json, output }: Options): DiagramFormat {
  if (format !== undefined) {
    const known = DIAGRAM_FORMATS.find((known) => known === format);
    if (!known) throw new UsageError(`there is no format "${format}"`, possibleNames(format, DIAGRAM_FORMATS));
    if (json && known !== 'json') throw new UsageError(`--json does not go with --format ${format}`);
    return known;
  }
  if (json) return 'json';
  if (output === undefined) return 'text';
  const inferred = formatOfFile(output);
  if (inferred) return inferred;
  const suffix = /\.\w+$/.exec(output)?.[0] ?? '';
  throw new UsageError(
    `the suffix of ${output} says no format`,
    `${possibleNames(suffix, DIAGRAM_SUFFIXES)}; or give --format`,
  );
}

const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];

function themeOf(name: string | undefined): Theme | undefined {
  const theme = THEMES.find((known) => known === name);
  if (name === undefined || theme) return theme;
  throw new UsageError(`there is no theme "${name}"`, possibleNames(name, THEMES));
}

function inkFor(environment: Environment): TextInk {
  const colours = coloursFor(environment.stdout, environment);
  const { bold, dim, yellow, green, red, gray } = colours;
  const byMark = { highlighted: yellow, covered: green, uncovered: red, unreachable: gray };
  return { bold, dim, marked: (mark, text) => (mark === undefined ? text : byMark[mark](text)) };
}

export function readCoverage(path: string): Coverage {
  const text = readText('the coverage file', path);
  let document: unknown;
  try {
    document = parseJson(text);
  } catch (error) {
    throw new UsageError(`cannot read the coverage file ${path}: ${textOf(error)}`, '', { cause: error });
  }
  const checked = coverageSchema.safeParse(document);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const where = issue!.path.length === 0 ? '' : `${z.core.toDotPath(issue!.path)}: `;
  throw new UsageError(
    `${path} is no coverage file: ${where}${issue!.message}`,
    'expected { "machines": { NAME: { "states": [...], "transitions": [...] } } }',
  );
}

/** What a diagram cannot show was asked for by somebody. */
async function asUsageErrors<T>(draw: () => Promise<T>): Promise<T> {
  try {
    return await draw();
  } catch (error) {
    if (error instanceof DiagramError) throw new UsageError(error.message, error.hint, { cause: error });
    throw error;
  }
}
