/** `faultline graph`: the states of a system and the steps between them, for drawing programs and other tools. */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { z } from 'zod';
import { DiagramError } from '../diagram/diagram-error.ts';
import type { Theme } from '../diagram/palette.ts';
import { renderStateGraph } from '../diagram/state-picture.ts';
import { namesOf, type StateGraph, stateGraph } from '../export/graph.ts';
import { GRAPH_FORMATS, type GraphFormat, toAut, toDot, toGraphml } from '../export/graph-formats.ts';
import { IncompleteSpace } from '../export/space.ts';
import type { System } from '../system/system.ts';
import { EXIT } from '../system/verdict.ts';
import { Tables } from '../tabulate/tables.ts';
import { replaySchedule, replayTrace } from '../trace/replay.ts';
import { SCHEDULE, scheduleOf, type Trace } from '../trace/trace.ts';
import { describeSubject } from './check-result.ts';
import { DOCUMENT_VERSION } from './documents.ts';
import { type Environment, toJson } from './environment.ts';
import { possibleNames, UsageError } from './errors.ts';
import { explainIncomplete } from './export.ts';
import { isOf } from './file-target.ts';
import { withMachineFlags } from './machine-flags.ts';
import { tellPhase } from './news.ts';
import { gather } from './parameters.ts';
import { argumentsOf, buildSystem, findSubject, type Subject, type SubjectFlags } from './target.ts';
import { parseCount, plural, thousands } from './text.ts';
import { themeOf } from './theme.ts';
import { readTraceFile } from './trace-file.ts';
import { checkWritable, writeWhole } from './write-file.ts';

interface Options extends SubjectFlags {
  readonly around?: string;
  readonly depth?: string;
  readonly by?: string;
  readonly maxStates?: string;
  readonly format?: string;
  readonly output?: string;
  readonly theme?: string;
}

/** Programs that draw graphs take a few hundred nodes well. */
const MAX_NODES_DEFAULT = 2000;
/** More of them nobody reads. */
const MAX_DRAWN_DEFAULT = 150;
/** Arrows between as many nodes as --max-states allows. */
const ARROWS_PER_NODE = 3;

const PICTURES = ['svg', 'png'] as const;
type Picture = (typeof PICTURES)[number];
const FORMATS = [...GRAPH_FORMATS, ...PICTURES];

const count = z.int().min(0);

/** What `--format json` writes. */
export const graphDocumentSchema = z.object({
  version: z.literal(DOCUMENT_VERSION),
  kind: z.literal('graph'),
  target: z.string(),
  scenario: z.string(),
  variant: z.string().nullable(),
  parameters: z.record(z.string(), z.unknown()),
  by: z.array(z.string()).nullable().describe('the chosen actors, monitors and channels; null for whole states'),
  depth: count.nullable().describe('only what so many steps lead to; null for all'),
  around: z.string().nullable().describe('the schedule of the trace'),
  hiddenSteps: count.describe('steps that none of the chosen notices; they are not among the edges'),
  initial: z.array(count).describe('the nodes of the initial states'),
  nodes: z.array(
    z.object({
      id: count.describe('from 0, and that is an initial state'),
      values: z.record(z.string(), z.string()).describe('what differs between states, by actor, monitor and channel'),
      states: count.describe('how many states it stands for'),
      violated: z.array(z.string()).describe('properties that it, or one of its states, violates'),
      onTrace: z.boolean(),
      expanded: z.boolean().describe('all of its steps are in the graph'),
    }),
  ),
  edges: z.array(z.object({ from: count, to: count, label: z.string(), onTrace: z.boolean() })),
});
export type GraphDocument = z.output<typeof graphDocumentSchema>;

export function defineGraph(command: Command, environment: Environment, done: (status: number) => void): void {
  command
    .description(DESCRIPTION)
    .argument('<target>', 'a scenario of the catalogue, or a module as ./my-system.ts or ./my-system.ts#name')
    .option('--variant <name>', 'the variant of the scenario')
    .option('--set <name=value>', "sets a scenario's parameter; repeatable", gather)
    .option('--property <name>', 'show only this property, and no monitors of others; repeatable', gather)
    .option('--around <trace>', 'only the states near a trace: a schedule as 0/2/1, or a trace file')
    .option('--depth <steps>', 'only states so many steps from the initial one, or from the trace (default there: 1)')
    .option('--by <names>', 'actors, monitors and channels, as vfio,mm: states in which they are alike become one')
    .option(
      '--max-states <count>',
      `give up beyond this many nodes (default: ${thousands(MAX_NODES_DEFAULT)}; svg, png: ${MAX_DRAWN_DEFAULT})`,
    )
    .option('--format <format>', `${FORMATS.join(', ')} (default: by the suffix of -o, else dot)`)
    .option('--theme <theme>', 'svg, png: auto, light, dark (default: auto, and light for png)')
    .option('-o, --output <file>', 'write to a file instead of stdout')
    .addHelpText('after', EXAMPLES)
    .action(async (target: string, options: Options) => done(await graphCommand(target, options, environment)));
  withMachineFlags(command);
}

const DESCRIPTION = [
  'Write the graph of the reachable states, or the part of it that is near a trace. Nodes show what differs between states,',
  'edges what happens. With --by it is the graph that the chosen actors see: what changes none of them is left out.',
].join(' ');

const EXAMPLES = `
Status: 0 written, 2 there are more nodes than --max-states, 3 usage, 4 the model is wrong, 5 a bug in faultline

Examples:
  faultline graph peterson --variant fixed -o peterson.svg
  faultline graph pri-overflow --variant no-discard --around trace.json --depth 1 -o near.dot
  faultline graph pri-overflow --variant fixed --set devices=1 --by priq,core0 --format graphml -o seen.graphml
  faultline graph two-phase-commit --variant fixed --max-states 10000 --format aut -o 2pc.aut`;

async function graphCommand(spec: string, options: Options, environment: Environment): Promise<number> {
  const { catalogue, stdout, stderr } = environment;
  const { output } = options;
  const format = formatOf(options.format, output);
  const isPicture = (PICTURES as readonly string[]).includes(format);
  const theme = themeOf(options.theme);
  if (format === 'png' && output === undefined && stdout.isTTY) {
    throw new UsageError('a PNG is nothing for a terminal', 'write it to a file: -o graph.png');
  }
  const byDefault = isPicture ? MAX_DRAWN_DEFAULT : MAX_NODES_DEFAULT;
  const maxStates = options.maxStates === undefined ? byDefault : parseCount('--max-states', options.maxStates);
  const depth = options.depth === undefined ? undefined : parseCount('--depth', options.depth);
  const subject = await findSubject(spec, options, catalogue);
  const system = buildSystem(subject);
  const by = options.by === undefined ? undefined : chosen(options.by, system);
  const trace = options.around === undefined ? undefined : traceAround(options.around, subject, system);
  const around = trace?.steps.map(({ index }) => index);
  if (output !== undefined) checkWritable(output);

  let graph: StateGraph;
  tellPhase(`exploring ${argumentsOf(subject)}`);
  try {
    graph = await environment.interruptible((signal) =>
      stateGraph(system, { maxStates, depth, start: trace?.start, around, by, signal }),
    );
  } catch (error) {
    if (!(error instanceof IncompleteSpace)) throw error;
    const what = by ? 'fewer actors by --by' : 'actors by --by';
    return explainIncomplete(error, stderr, [
      `raise --max-states; or choose a part: ${what}, the first steps by --depth, the states near a trace by --around`,
      ...(isPicture ? ['or write it for another program, which takes more: --format dot'] : []),
    ]);
  }
  tellPhase(`writing the graph of ${argumentsOf(subject)}`);
  const asked = { subject, by, depth, around: trace && scheduleOf(trace), theme, maxStates };
  let text: string | Uint8Array;
  try {
    text = await textOf(graph, format, asked, stderr);
  } catch (error) {
    if (!(error instanceof DiagramError)) throw error;
    stderr.write(`faultline: ${error.message}: nothing is written\n`);
    stderr.write('  raise --max-states, draw a part by --by, --depth or --around, or write --format dot\n');
    return EXIT.unknown;
  }
  if (output === undefined) {
    stdout.write(text);
  } else {
    writeWhole(output, text);
    const hidden = graph.hiddenSteps === 0 ? '' : `, ${plural(graph.hiddenSteps, 'step')} that nobody of them notices`;
    stdout.write(`${output}: ${plural(graph.nodes.length, 'node')}, ${plural(graph.edges.length, 'edge')}${hidden}\n`);
  }
  return EXIT.holds;
}

function formatOf(asked: string | undefined, output = ''): GraphFormat | Picture {
  // Another suffix says nothing, as before there were pictures.
  const bySuffix = FORMATS.find((name) => output.toLowerCase().endsWith(`.${name}`)) ?? 'dot';
  const known = FORMATS.find((name) => name === (asked ?? bySuffix));
  if (known) return known;
  throw new UsageError(`--format ${asked}: there is no such format`, possibleNames(asked!, FORMATS));
}

function chosen(list: string, system: System): string[] {
  const known = namesOf(new Tables(system, { wholeChannels: true }));
  const names = list.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return [...new Set(names)];
  throw new UsageError(
    `--by ${list}: there is no actor, monitor or channel ${JSON.stringify(unknown)}`,
    possibleNames(unknown, known),
  );
}

/** The steps of a trace, without one that fails. */
function traceAround(around: string, { target, variant }: Subject, system: System): Pick<Trace, 'start' | 'steps'> {
  if (SCHEDULE.test(around) && !existsSync(around)) {
    const { trace } = replaySchedule(system, around);
    return partOf(trace, trace.steps.length);
  }
  const file = readTraceFile(around);
  if (!isOf(file.target, target.spec) || file.variant !== variant) {
    const what = [file.target, file.variant].filter((part) => part !== null).join(' ');
    throw new UsageError(`${around} is a trace of ${what}`, 'give this target and variant');
  }
  // By what its steps are: their numbers may have changed since.
  const { trace, error } = replayTrace(system, file.trace);
  return partOf(trace, trace.steps.length - (error ? 1 : 0));
}

/** The first steps of a trace, whatever comes after them. */
function partOf({ start, steps }: Trace, count: number): Pick<Trace, 'start' | 'steps'> {
  return { ...(start !== undefined && { start }), steps: steps.slice(0, count) };
}

interface Asked {
  readonly subject: Subject;
  readonly by: readonly string[] | undefined;
  readonly depth: number | undefined;
  /** A schedule. */
  readonly around: string | undefined;
  readonly theme: Theme | undefined;
  readonly maxStates: number;
}

async function textOf(
  graph: StateGraph,
  format: GraphFormat | Picture,
  { subject, by, depth, around, theme, maxStates }: Asked,
  stderr: Environment['stderr'],
): Promise<string | Uint8Array> {
  const title = argumentsOf(subject);
  switch (format) {
    case 'svg':
    case 'png':
      return await renderStateGraph(graph, title, format, {
        nodesMax: maxStates,
        arrowsMax: maxStates * ARROWS_PER_NODE,
        tell: (note) => stderr.write(`faultline: ${note}\n`),
        ...(theme !== undefined && { theme }),
      });
    case 'dot':
      return toDot(graph, title);
    case 'graphml':
      return toGraphml(graph, title);
    case 'aut':
      return toAut(graph);
    case 'json': {
      const { target, scenario, variant, parameters } = describeSubject(subject);
      const document = {
        version: DOCUMENT_VERSION,
        kind: 'graph',
        ...{ target, scenario, variant, parameters },
        by: by ? [...by] : null,
        depth: depth ?? (around === undefined ? null : 1),
        around: around ?? null,
        hiddenSteps: graph.hiddenSteps,
        initial: [...graph.initial],
        nodes: graph.nodes.map((node) => ({ ...node, values: { ...node.values }, violated: [...node.violated] })),
        edges: graph.edges.map((edge) => ({ ...edge })),
      } satisfies GraphDocument;
      return `${toJson(document)}\n`;
    }
    default:
      return format satisfies never;
  }
}
