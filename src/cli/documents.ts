/**
 * The JSON documents that the command line reads and writes: what `--json` prints, and the trace file.
 *
 * Every document says what it is (`kind`, or `format` for a trace file) and the `version` of its shape. Within a version,
 * members are only ever added; readers should ignore the ones they do not know. Values that JSON has no notation for
 * (bigints, infinities, NaN) stand as strings; members whose value is `undefined` are left out.
 */
import { z } from 'zod';
import type { Trace } from '../trace/trace.ts';

export const DOCUMENT_VERSION = 1;

const version = z.literal(DOCUMENT_VERSION);
const verdict = z.enum(['holds', 'violated', 'unknown', 'model-error']);
const count = z.int().min(0);
const parameters = z.record(z.string(), z.unknown());

// --- traces: the shape of `Trace` in src/trace/trace.ts ---

const event = z.looseObject({ type: z.string() }).describe('an XState event: its type and its payload');

const actorState = z.object({
  value: z.unknown().describe("XState's state value: a string, or an object for nested and parallel states"),
  context: z.unknown(),
  timers: z.array(z.string()).exactOptional().describe('ids of the armed timers; left out when there are none'),
});

const systemState = z.object({
  actors: z.record(z.string(), actorState),
  monitors: z.record(z.string(), actorState),
  channels: z.record(z.string(), z.array(z.object({ to: z.string(), event }))),
});

const traceMessage = z.object({
  fate: z.enum(['taken', 'queued', 'dropped', 'lost', 'refused', 'blocked']),
  from: z.string().exactOptional().describe('the sender within the step; left out for what starts it'),
  to: z.string(),
  event,
  channel: z.string().exactOptional().describe('the channel that the message entered or left'),
});

const traceStep = z.object({
  index: count.describe('its place among the enabled steps: one element of the schedule'),
  kind: z.enum(['choice', 'timer', 'deliver', 'duplicate', 'lose']),
  actor: z.string().describe('who starts it, or whom the delivered message is for'),
  event,
  timer: z.string().exactOptional(),
  channel: z.string().exactOptional(),
  messages: z.array(traceMessage).describe('everything sent and taken in this step, in order'),
  changes: z.array(z.object({ name: z.string(), before: actorState, after: actorState })),
  footprint: z
    .object({ reads: z.array(z.string()), writes: z.array(z.string()) })
    .describe('the actors and channels that it depends on, and those that it changed'),
});

export const traceSchema = z.object({
  initial: systemState,
  steps: z.array(traceStep),
  final: systemState,
  failed: z.boolean().describe('the last step broke off with a model error'),
});

const schedule = z
  .string()
  .regex(/^(\d+(\/\d+)*)?$/, 'expected indices as 0/2/1')
  .describe('the index of each step among the enabled ones, as replay takes it; empty for the initial state');

/** What `--trace-out` and `replay --format json` write, and `replay` reads. */
export const traceFileSchema = z.object({
  format: z.literal('faultline-trace'),
  version,
  target: z.string().describe('the scenario, or the module of the system, as it was given to check'),
  variant: z.string().nullable(),
  parameters,
  property: z.string().nullable().describe('the property that the last state violates'),
  deadEnd: z.boolean().describe('nothing can happen in the last state'),
  schedule,
  trace: traceSchema,
});
export type TraceFile = Omit<z.output<typeof traceFileSchema>, 'trace'> & {
  trace: Trace;
};

// --- list ---

const expectation = z.object({
  verdict: z.enum(['holds', 'violated']),
  property: z.string().nullable(),
});

const parameter = z.object({
  name: z.string(),
  description: z.string(),
  type: z.enum(['integer', 'number', 'boolean', 'enum', 'string']),
  default: z.unknown(),
  minimum: z.number().exactOptional(),
  maximum: z.number().exactOptional(),
  values: z.array(z.string()).exactOptional().describe('the possible values of an enumeration'),
});
export type ParameterDocument = z.output<typeof parameter>;

export const listDocumentSchema = z.object({
  version,
  kind: z.literal('list'),
  scenarios: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      group: z.enum(['iopf', 'textbook']),
      sources: z.array(z.string()),
      parameters: z.array(parameter),
      variants: z.array(
        z.object({
          name: z.string(),
          title: z.string(),
          expected: expectation,
        }),
      ),
    }),
  ),
});
export type ListDocument = z.output<typeof listDocumentSchema>;

// --- check ---

const modelError = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string(),
});

const growth = z.object({
  name: z.string().describe('the actor, monitor or channel that keeps showing new values'),
  kind: z.enum(['actor', 'monitor', 'channel']),
  field: z.string().nullable().describe("the context field that varies most, or a channel's length"),
  valuesBefore: count.describe('distinct values half-way through the levels'),
  values: count.describe('distinct values at the end'),
  examples: z.array(z.string()),
});

const checkResult = z.object({
  target: z.string().describe("what check and replay take: the scenario's name, or the module with its export"),
  scenario: z.string().describe("the scenario's name; for a plain system, the same as target"),
  variant: z.string().nullable().describe('null for a plain system'),
  parameters,
  verdict,
  expected: expectation.nullable().describe('what the scenario expects of the variant; null for a plain system'),
  asExpected: z.boolean().nullable().describe('verdict and violated property are the expected ones'),
  search: z.enum(['breadth-first', 'depth-first', 'random']).describe('how the states were searched'),
  store: z
    .enum(['exact', 'hash-compact', 'bitstate'])
    .describe('what was kept of the states: all, 64 bits each, or three bits each in one array'),
  seed: count.nullable().describe('what random walks and bit arrays were made from; null for the other searches'),
  property: z.string().nullable().describe('the violated property'),
  deadEnd: z.boolean().describe('it is violated because nothing can happen in the last state'),
  reductions: z
    .array(
      z.object({
        name: z.literal('symmetry'),
        used: z.boolean().describe('false: switched off, or not for this order of search'),
        renamings: count.describe('how many were used, the identity included; 1 when the reduction was not used'),
        classes: z
          .array(z.array(z.array(z.string())))
          .describe('lists of interchangeable things, each thing with all its names'),
      }),
    )
    .describe('what makes the space smaller: with one that was used, states are counted up to it'),
  states: count.describe('states found; for random walks, states that they went through, however often'),
  steps: count.describe('enabled steps of all expanded states'),
  depth: count.describe('steps to the farthest state, by the shortest path if searched breadth-first'),
  seconds: z.number(),
  bytesPerState: z.number(),
  xstateTransitions: count.describe('steps that XState computed; all others were looked up'),
  properties: z.array(
    z.object({
      name: z.string(),
      kind: z.enum([
        'always',
        'monitor',
        'reachable',
        'happens',
        'eventually',
        'leadsTo',
        'infinitelyOften',
        'deadlock',
      ]),
      status: z
        .enum(['holds', 'violated', 'witnessed', 'open'])
        .describe('open: the search stopped before it was decided'),
    }),
  ),
  bound: z
    .enum(['states', 'seconds', 'memory', 'walks', 'bits', 'interrupted'])
    .nullable()
    .describe('why the verdict is unknown'),
  missProbability: z
    .number()
    .nullable()
    .describe(
      'hash-compact: what the verdict leaves out of account, the chance that a state was missed; null otherwise',
    ),
  bitstate: z
    .object({
      searches: count.describe('how many searches were begun'),
      swarm: count.describe('how many there were to be'),
      fill: z.number().describe('the part of the bits that were set at the end; of several searches, the largest'),
      missedShare: z
        .number()
        .nullable()
        .describe(
          'the expected part of the states met that all finished searches took for known ones; null without one',
        ),
    })
    .nullable()
    .describe('what the bit arrays of a bitstate search let it see; null for the others'),
  growth: z
    .array(growth)
    .nullable()
    .describe('what keeps growing, fastest first; null unless a search hit a bound, and for random walks'),
  error: modelError.nullable().describe('why the verdict is model-error'),
  trace: traceSchema
    .extend({ schedule })
    .nullable()
    .describe(
      'the path to the violation or the model error, the shortest if searched breadth-first; null when there is none',
    ),
});
/** One checked variant or system; the schema's output, with the trace as the rest of the program knows it. */
export type CheckResultDocument = Omit<z.output<typeof checkResult>, 'trace'> & {
  trace: (Trace & { schedule: string }) | null;
};

export const checkDocumentSchema = z.object({
  version,
  kind: z.literal('check'),
  status: z.int().describe('the exit status'),
  results: z.array(checkResult),
});
export type CheckDocument = Omit<z.output<typeof checkDocumentSchema>, 'results'> & { results: CheckResultDocument[] };

// --- replay ---

export const replayDocumentSchema = z.object({
  version,
  kind: z.literal('replay'),
  status: z.int().describe('the exit status'),
  target: z.string(),
  scenario: z.string(),
  variant: z.string().nullable(),
  parameters,
  property: z.string().nullable().describe('the property that the trace file says is violated'),
  reproduced: z.boolean().nullable().describe('the last state violates that property; null when there is none'),
  violated: z.array(z.string()).describe('all properties that the last state violates'),
  deadEnd: z.boolean().describe('nothing can happen in the last state'),
  error: modelError.nullable().describe('why the last step broke off'),
  changedAt: count
    .nullable()
    .describe('the first step, from 0, that does something else than when the trace file was written'),
  schedule,
  trace: traceSchema,
});
export type ReplayDocument = Omit<z.output<typeof replayDocumentSchema>, 'trace'> & { trace: Trace };
