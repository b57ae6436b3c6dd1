/** `faultline diagram`: draws a system, one of its actors, or any XState machine. */
import type { Command } from 'commander';
import { z } from 'zod';
import { DiagramError } from '../diagram/diagram-error.ts';
import { foldFamilies, isCrowded } from '../diagram/fold-families.ts';
import { foldMachine, isLarge } from '../diagram/fold-machine.ts';
import { type MachineGraph, machineGraph } from '../diagram/machine-graph.ts';
import {
  type Coverage,
  combineMarks,
  coverageMarks,
  coverageSchema,
  highlight,
  type Marks,
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
import { parseJson } from '../trace/plain-json.ts';
import { tolerateLate } from './blame.ts';
import { type Drawable, drawMany, isMany } from './diagram-many.ts';
import { coloursFor, type Environment, widthOf } from './environment.ts';
import { possibleNames, textOf, UsageError } from './errors.ts';
import { stubbedNames } from './loading/hooks.ts';
import type { ImportOptions } from './loading/import-module.ts';
import { findMachine } from './loading/machines.ts';
import { parseMachineSpec } from './loading/module-spec.ts';
import { tellPhase, userModules } from './news.ts';
import { gather } from './parameters.ts';
import { readText } from './read-file.ts';
import { buildSystem, findTarget, subjectOf, type Target } from './target.ts';
import { parseCount, plural } from './text.ts';
import { themeOf } from './theme.ts';
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
  readonly stubMissing?: true;
}

export function defineDiagram(command: Command, environment: Environment, done: (status: number) => void): void {
  command
    .description(DESCRIPTION)
    .argument(
      '<targets...>',
      'a scenario, scenario#actor, a module as ./machine.ts or ./machine.ts#name, a folder, a glob',
    )
    .option('--actor <name>', "this actor's machine, instead of the whole system; a monitor by its property")
    .option('--variant <name>', "this variant of the scenario (default: the scenario's first)")
    .option('--set <name=value>', "sets a scenario's parameter; repeatable", gather)
    .option('--format <format>', `${DIAGRAM_FORMATS.join(', ')} (default: by the suffix of -o, else text)`)
    .option('--json', 'the same as --format json')
    .option('-o, --output <file>', 'write to a file instead of stdout; of several machines, to this folder')
    .option(
      '--highlight <names>',
      'colour states, or transitions by their ids, separated by commas; repeatable',
      collect,
    )
    .option('--coverage <file>', 'colour what was covered, and what was not, by a file of check --coverage-out')
    .option('--theme <theme>', 'svg, png: auto, light, dark (default: auto, and light for png)')
    .option(
      '--fold',
      'draw actors, or sibling states, that differ in their number only as one, and what many states share once (default: if there are many)',
    )
    .option('--no-fold', 'draw each actor, each state and each transition')
    .option('--stub-missing', 'modules: give stubs for what is not installed, for styles, and for what browsers have')
    .option('--max-states <count>', 'systems: look for who sends what in this many states (default: 20000)')
    .addHelpText('after', EXAMPLES)
    .action(async (targets: string[], options: Options) => done(await diagramCommand(targets, options, environment)));
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
  faultline diagram 'src/**/*.machine.ts' -o pictures/     each of them, to a file of its own
  faultline diagram ./my-machine.ts --highlight paying,failed --format mermaid
  faultline diagram pri-overflow#priq --json | jq -r '.transitions[].id'`;

function collect(names: string, before: readonly string[] = []): string[] {
  return [...before, ...names.split(',').map((name) => name.trim())];
}

async function diagramCommand(targets: readonly string[], options: Options, environment: Environment): Promise<number> {
  const { stdout, stderr } = environment;
  const many = isMany(targets, options.output);
  const asked = askedOf(options, many);
  const load: ImportOptions = { seconds: LOAD_SECONDS, stubMissing: options.stubMissing === true };
  tolerateLate(userModules, (text) => stderr.write(text));
  if (many) {
    const find = (spec: string) => findDrawable(spec, options, load, environment);
    const draw = (drawn: Drawable) => drawAs(drawn, asked);
    const loaded = () => sayStubbed(stderr);
    return await drawMany(targets, { ...asked, output: options.output, load, find, draw, loaded }, environment);
  }
  if (options.output !== undefined) checkWritable(options.output);
  if (asked.format === 'png' && options.output === undefined && stdout.isTTY) {
    throw new UsageError('a PNG is nothing for a terminal', 'write it to a file: -o picture.png');
  }
  const drawn = await findDrawable(targets[0]!, options, load, environment);
  sayStubbed(stderr);
  const toTerminal = options.output === undefined;
  const { rendered, notes } = await drawAs(drawn, {
    ...asked,
    ...(toTerminal && { width: widthOf(stdout, environment), ink: inkFor(environment) }),
  });
  for (const note of notes) stderr.write(`faultline: ${note}\n`);
  if (options.output !== undefined) writeWhole(options.output, rendered);
  else stdout.write(rendered);
  return 0;
}

/** A module that has not been loaded by then is given up. */
const LOAD_SECONDS = 30;

function sayStubbed(stderr: Environment['stderr']): void {
  const names = stubbedNames();
  if (names.length > 0) stderr.write(`faultline: stubs stand for ${names.join(', ')}\n`);
}

/** How everything is drawn. */
interface Asked {
  readonly format: DiagramFormat;
  readonly theme: Theme | undefined;
  readonly coverage: Coverage | undefined;
  readonly highlight: readonly string[] | undefined;
  readonly fold: boolean | undefined;
  readonly maxStates: number | undefined;
  readonly width?: number;
  readonly ink?: TextInk;
}

function askedOf(options: Options, many: boolean): Asked {
  return {
    format: formatOf(options, many),
    theme: themeOf(options.theme),
    coverage: options.coverage === undefined ? undefined : readCoverage(options.coverage),
    highlight: options.highlight,
    fold: options.fold,
    maxStates: options.maxStates === undefined ? undefined : parseCount('--max-states', options.maxStates),
  };
}

async function drawAs(
  drawn: Drawable,
  { format, theme, coverage, highlight: highlighted, fold, maxStates, width, ink }: Asked,
): Promise<{ rendered: string | Uint8Array; notes: readonly string[] }> {
  const notes: string[] = [];
  const rendered = await asUsageErrors(async () => {
    const graph = graphOf(drawn, { format, maxStates, fold, notes });
    const marks = combineMarks(
      coverage === undefined ? NO_MARKS : coverageMarks(machineOnly(graph), coverage, namesOf(drawn)),
      highlighted === undefined ? NO_MARKS : highlight(graph, highlighted),
    );
    const labelled =
      coverage === undefined || AS_DATA.has(format)
        ? graph
        : withGuardOutcomes(machineOnly(graph), coverage, namesOf(drawn));
    const shown = foldedIfLarge(labelled, marks, { format, fold, notes });
    tellPhase(`drawing ${drawn.name}`);
    return renderDiagram(shown.graph, format, {
      marks: shown.marks,
      tell: (note) => notes.push(note),
      ...(fold === false && { pixelsMax: Number.POSITIVE_INFINITY }),
      ...(theme !== undefined && { theme }),
      ...(width !== undefined && { width }),
      ...(ink && { ink }),
    });
  });
  return { rendered, notes };
}

// --- what is drawn ---

async function findDrawable(
  spec: string,
  options: Options,
  load: ImportOptions,
  environment: Environment,
): Promise<Drawable> {
  const { catalogue } = environment;
  const module = parseMachineSpec(spec);
  if (module) {
    const found = await findMachine(module, load);
    if (found.kind !== 'machine')
      return systemOrActor({ ...found, spec: `${module.path}#${found.exportName}` }, options.actor, options);
    const option = options.actor !== undefined ? '--actor' : options.variant !== undefined ? '--variant' : '--set';
    if (options.actor === undefined && options.variant === undefined && options.set === undefined) return found;
    throw new UsageError(`${spec} is one machine: ${option} is for systems`, 'leave it out');
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

/** A machine as it is shown: what is large is folded, unless it was asked for otherwise. */
function foldedIfLarge(
  graph: MachineGraph | SystemGraph,
  marks: Marks,
  { format, fold, notes }: Pick<GraphOptions, 'format' | 'fold' | 'notes'>,
): { graph: MachineGraph | SystemGraph; marks: Marks } {
  if (graph.kind !== 'machine') return { graph, marks };
  if (!(fold ?? (!AS_DATA.has(format) && isLarge(graph)))) {
    notes.push(...graph.notes);
    return { graph, marks };
  }
  const folded = foldMachine(graph, marks);
  notes.push(...folded.graph.notes);
  if (fold === undefined && folded.graph.notes.length > graph.notes.length) {
    const { states, transitions } = folded.graph;
    notes.push(
      `${plural(graph.states.length, 'state')} and ${plural(graph.transitions.length, 'transition')} are drawn as ${states.length} and ${transitions.length}; --no-fold draws each`,
    );
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

function formatOf({ format, json, output }: Options, many: boolean): DiagramFormat {
  if (format !== undefined) {
    const known = DIAGRAM_FORMATS.find((known) => known === format);
    if (!known) throw new UsageError(`there is no format "${format}"`, possibleNames(format, DIAGRAM_FORMATS));
    if (json && known !== 'json') throw new UsageError(`--json does not go with --format ${format}`);
    return known;
  }
  if (json) return 'json';
  if (output === undefined) return 'text';
  if (many) return 'svg';
  const inferred = formatOfFile(output);
  if (inferred) return inferred;
  const suffix = /\.\w+$/.exec(output)?.[0] ?? '';
  throw new UsageError(
    `the suffix of ${output} says no format`,
    `${possibleNames(suffix, DIAGRAM_SUFFIXES)}; or give --format`,
  );
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
