/**
 * The JSON documents that the command line reads and writes: what `--json` prints, and the trace file.
 *
 * Every document says what it is (`kind`, or `format` for a trace file) and the `version` of its shape. Within a version,
 * members are only ever added; readers should ignore the ones they do not know. Values that JSON has no notation for
 * (bigints, infinities, NaN) stand as strings; members whose value is `undefined` are left out. A trace file, which is read
 * again, loses nothing: see `src/trace/plain-json.ts`.
 */

import { z } from 'zod';
import { coverageSchema } from '../diagram/marks.ts';
import type { Explanation } from '../explain/explain.ts';
import type { WhyNot } from '../explain/why-not.ts';
import type { Paragraph } from '../explain/words.ts';
import type { StudyResult } from '../simulate/study.ts';
import type { Summary } from '../simulate/summary.ts';
import { SCHEDULE, type Trace } from '../trace/trace.ts';
import { givenSchema } from './machine-flags.ts';

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
  fate: z.enum(['taken', 'queued', 'merged', 'dropped', 'lost', 'refused', 'ignored', 'blocked']),
  from: z.string().exactOptional().describe('the sender within the step; left out for what starts it'),
  to: z.string(),
  event,
  channel: z.string().exactOptional().describe('the channel that the message entered or left'),
});

const enabledStep = z.object({
  index: count.describe('its place among the enabled steps: one element of the schedule'),
  kind: z.enum(['choice', 'timer', 'deliver', 'duplicate', 'lose']),
  actor: z.string().describe('who starts it, or whom the delivered message is for'),
  event,
  timer: z.string().exactOptional(),
  channel: z.string().exactOptional(),
  place: count
    .exactOptional()
    .describe('of a lost message that is not the oldest of its queue: its place there, from 0'),
});

const traceStep = enabledStep.extend({
  messages: z.array(traceMessage).describe('everything sent and taken in this step, in order'),
  changes: z.array(z.object({ name: z.string(), before: actorState, after: actorState })),
  footprint: z
    .object({ reads: z.array(z.string()), writes: z.array(z.string()) })
    .describe('the actors and channels that it depends on, and those that it changed'),
});

export const traceSchema = z.object({
  start: count
    .exactOptional()
    .describe('which of several ways to start it begins with, from 0; left out for the first one'),
  initial: systemState,
  steps: z.array(traceStep),
  final: systemState,
  failed: z.boolean().describe('the last step broke off with a model error'),
  cycleStart: count
    .exactOptional()
    .describe('of a run without an end: the first step, from 0, of those that repeat for ever, up to the last one'),
  stops: z
    .array(enabledStep)
    .exactOptional()
    .describe('of a run that ends although steps are enabled: these; nobody has to take any of them'),
});

// --- explanations: the shapes of `Explanation` and `WhyNot` in src/explain ---

const stepNumber = count.describe('a step of the trace, from 0');
const message = z.object({ to: z.string(), event });
const racingStep = z.object({
  step: stepNumber,
  meets: message.exactOptional().describe('the message of this step by which it meets the other one'),
});
const sentences = z.array(z.object({ head: z.string(), items: z.array(z.string()) }));

const hindrance = z.object({
  kind: z.enum([
    'no-transition',
    'guard',
    'ignored',
    'final',
    'refused',
    'full',
    'error',
    'no-message',
    'behind',
    'no-timer',
    'earlier-timer',
    'not-started',
  ]),
  text: z.string(),
});

const lookedAt = z.object({
  name: z.string().describe('the actor or channel'),
  since: stepNumber.nullable().describe('the step that last changed its answers; null: as at the start'),
  reads: z.array(z.object({ question: z.string(), answer: z.string() })),
});

const explanation = z.object({
  switches: count.describe('how often a step is made by another actor than the step before it'),
  calmestOf: z
    .enum(['shortest', 'interleavings', 'none'])
    .describe(
      'among which traces it has the fewest switches: all that are as short and end in the same, other orders of its steps, or none',
    ),
  race: z
    .object({
      interleavings: z.number().describe('in how many ways its steps can be interleaved; large numbers are rounded'),
      violating: z.number().describe('how many of these end in the same'),
      orders: z
        .array(
          z.object({
            first: racingStep,
            second: racingStep,
            isNeeded: z
              .boolean()
              .describe('all interleavings that end in the same have this order; else there are other ways, too'),
            window: z
              .object({ after: racingStep, between: z.array(stepNumber) })
              .exactOptional()
              .describe(
                'of the actor of `second`, its step before; and the steps of others that have to come between these, `first` is the last',
              ),
          }),
        )
        .describe(
          'what decides: orders that the system leaves open, and with which every interleaving ends in the same',
        ),
      areEnough: z.boolean().describe('false when it was not found in time what they need besides'),
    })
    .nullable()
    .describe('null when there are too many interleavings to compare them, and for properties of progress'),
  predicate: z
    .object({
      falseSince: stepNumber.nullable().describe('the step that made it false; null when it was from the start'),
      reason: z.array(lookedAt).describe('these alone make it false, whatever else was the case along the trace'),
      others: z.array(lookedAt).describe('what it looked at besides'),
    })
    .nullable()
    .describe('for an `always`'),
  drives: z
    .array(message.extend({ step: stepNumber, before: actorState, after: actorState }))
    .nullable()
    .describe('for a monitor: the messages that changed its state, in their order'),
  waits: z
    .array(
      z.object({
        name: z.string().describe('an actor that is not at rest, or a channel that is not empty'),
        state: z.string(),
        for: z.array(z.object({ event: z.string(), hindrance: hindrance.nullable() })),
      }),
    )
    .nullable()
    .describe('when nothing can happen any more: what everybody waits for'),
  staying: z
    .object({
      fair: z
        .array(
          z.object({
            step: z.string(),
            takenIn: stepNumber.nullable().describe('the step of the cycle that takes it; null when none does'),
            enabledAfter: count
              .nullable()
              .describe('the number of steps after which it is enabled, though not taken; null when it never is'),
            disabledAfter: count.nullable().describe('the number of steps after which it is not enabled'),
            hindrance: hindrance.nullable().describe('what keeps it from being enabled there'),
          }),
        )
        .describe('what is treated fairly, and why it does not end the cycle, or keep the run from stopping'),
      excludedBy: z
        .array(z.object({ step: z.string(), fairness: z.enum(['weak', 'strong']) }))
        .describe('steps whose fairness would exclude this very run'),
    })
    .nullable()
    .describe('for a run that violates a property of progress: why it goes on as it does, or stops; null otherwise'),
  text: sentences.describe('the same in words, cut to what matters most'),
});

const whyNot = z.object({
  name: z.string().describe('the actor or channel that was asked for'),
  event: z.string(),
  at: count.describe('how many steps of the trace were taken before; 0 is the start'),
  answers: z
    .array(
      z.object({
        step: z.string(),
        hindrance: hindrance.nullable().describe('what keeps it from being enabled; null when it is enabled'),
      }),
    )
    .describe('one for each step that was asked for: an actor may have several choices of one type'),
});

const schedule = z
  .string()
  .regex(SCHEDULE, 'expected indices as 0/2/1, or as 0/2:1/3 with a cycle')
  .describe(
    'the index of each step among the enabled ones, as replay takes it; empty for the initial state; a number before an @ is the way to start; what follows a colon repeats for ever, and after a colon at its end nothing happens',
  );

/** What `--trace-out` and `replay --format json` write, and `replay` reads. */
export const traceFileSchema = z.object({
  format: z.literal('faultline-trace'),
  version,
  target: z.string().describe('the scenario, or the module of the system, as it was given to check'),
  variant: z.string().nullable(),
  parameters,
  property: z.string().nullable().describe('the property that the last state violates, or the run'),
  deadEnd: z.boolean().describe('nothing can happen in the last state'),
  judged: z
    .array(z.string())
    .min(1)
    .exactOptional()
    .describe(
      'the properties that were judged; left out when it were all, and the trace knows the monitors of these only',
    ),
  schedule,
  trace: traceSchema,
  machine: givenSchema.exactOptional().describe('of a machine without a system around it: what was said of it'),
});
export type TraceFile = Omit<z.output<typeof traceFileSchema>, 'trace'> & {
  trace: Trace;
};

// --- list ---

const expectation = z.object({
  verdict: z.enum(['holds', 'violated']),
  property: z
    .string()
    .nullable()
    .describe(
      'the property that has to be violated, whatever else is; null when there is none, or when `properties` names them',
    ),
  properties: z
    .array(z.string())
    .nullable()
    .describe(
      'the properties that have to be violated: exactly these, when all violations are asked for; else one of them',
    ),
  counts: z
    .object({ states: count, steps: count })
    .nullable()
    .describe(
      'what an exact search without reductions counts; null unless pinned, and for other parameters or properties',
    ),
  reduced: z.object({ states: count, steps: count }).nullable().describe('the same with symmetry'),
  length: count.nullable().describe('the steps of the shortest trace; null as with counts'),
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
      group: z.string().describe('what the scenario belongs to, in a word of its author'),
      systems: z.array(z.string()).describe('the real systems that it tells of, the one that it is most about first'),
      sources: z.array(z.string()),
      parameters: z.array(parameter),
      properties: z.array(z.string()).describe('the names of those that a variant has, at default parameters'),
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

// --- list --machines ---

const member = z.object({
  name: z.string(),
  type: z.string().describe('as TypeScript writes it'),
  optional: z.boolean(),
  description: z.string().describe('empty when its name says it'),
});

const machine = z.object({
  name: z.string().describe('what faultline/machines exports it as'),
  id: z.string().describe('what XState, diagrams and coverage call it'),
  file: z.string().describe('its source, in the folder machines'),
  summary: z.string().describe('what it is, in one line'),
  description: z
    .array(z.string())
    .describe('the same in full: paragraphs; in one that begins with a space or has several lines, these count'),
  simplifications: z.array(z.string()).describe('what it leaves out'),
  mirrors: z
    .object({
      files: z.array(z.string()),
      functions: z.array(z.string()),
      sections: z.array(z.string()).describe('of specifications: SMMUv3 8.1'),
      versions: z.array(z.string()),
      commits: z.array(z.string()),
    })
    .describe('what its source cites'),
  versions: z.array(z.string()).describe('machines that are made of the parts of its source'),
  versionOf: z.array(z.string()).describe('machines of whose parts it is made: what is not said here is said there'),
  input: z.array(member),
  events: z.array(
    z.object({
      type: z.string(),
      payload: z.array(member),
      description: z.string().describe('empty when its type says it'),
      states: z.array(z.string()).describe('in which it is taken, (root) for all; none: only other versions take it'),
      from: z.array(z.string()).describe('machines that were seen to send it'),
      isChoice: z.boolean().describe('some system lets the actor, or its environment, start it'),
    }),
  ),
  sends: z
    .array(
      z.object({
        type: z.string(),
        to: z.array(z.string()).describe('machines'),
        channels: z.array(z.string()).describe('that it travels through; none: it is taken in the step that sends it'),
      }),
    )
    .describe('what it was seen to send'),
  seenIn: z
    .array(
      z.object({
        scenario: z.string(),
        variant: z.string(),
        complete: z.boolean().describe('false: not all states were looked at, so that messages may be missing'),
      }),
    )
    .describe('where messages were looked for'),
  blocking: z
    .array(
      z.object({
        type: z.string(),
        side: z.enum(['takes', 'sends']),
        everywhere: z.boolean().describe('in every system that has the machine, not only in some'),
      }),
    )
    .describe('message types that systems with it list as blocking'),
  rest: z
    .array(z.object({ where: z.string(), scenarios: z.array(z.string()) }))
    .describe('where systems let it stay for ever'),
  uses: z.array(
    z.object({
      scenario: z.string(),
      variants: z.array(z.string()).nullable().describe('null for all'),
      actors: z.array(z.string()).describe('names of actors, * standing for numbers'),
      properties: z.array(z.string()).describe('that it is the monitor of'),
    }),
  ),
  mermaid: z.string().describe('its diagram'),
});
export type MachineDocument = z.output<typeof machine>;

/** `docs/machines/machines.json` as well, with all of them. */
export const machinesDocumentSchema = z.object({ version, kind: z.literal('machines'), machines: z.array(machine) });
export type MachinesDocument = z.output<typeof machinesDocumentSchema>;

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
  fields: z
    .array(
      z.object({
        field: z.string(),
        valuesBefore: count,
        values: count,
        chain: z
          .array(z.object({ by: z.string().nullable(), value: z.string() }))
          .describe(
            'how its newest value came about: values, and the event that led to each; … stands for some left out',
          ),
        by: z.array(z.string()).describe('the event types that give it new values'),
      }),
    )
    .describe('all fields that keep growing; empty when only their combinations are new'),
  advice: z.string().describe('what to bound, and where'),
});

const machineSchema = givenSchema.extend({
  name: z.string().describe('the only actor'),
  assumed: z.array(z.string()).describe('what was assumed beyond what the machine says, a sentence each'),
  findings: z
    .array(
      z.object({
        kind: z.enum(['dead-end', 'state', 'transition', 'guard', 'event', 'not-reached']),
        subject: z.string().describe('the actor, and what of it'),
        text: z.string().describe('a sentence'),
        hint: z.string().describe('what may be meant, or done; empty when there is nothing to say'),
        schedule: schedule.nullable().describe('of a dead end: a shortest way there'),
      }),
    )
    .describe('what was found without any property; that something never happens is said only of a whole space'),
  system: z.string().describe('a module that defines the system that was checked, to go on from'),
});

const checkResult = z.object({
  target: z.string().describe("what check and replay take: the scenario's name, or the module with its export"),
  scenario: z.string().describe("the scenario's name; for a plain system, the same as target"),
  variant: z.string().nullable().describe('null for a plain system'),
  parameters,
  verdict,
  expected: expectation.nullable().describe('what the scenario expects of the variant; null for a plain system'),
  asExpected: z
    .boolean()
    .nullable()
    .describe(
      'verdict, violated properties and what is pinned of counts are as expected; null when nothing is expected, or nothing of the judged properties',
    ),
  judged: z.array(z.string()).nullable().describe('the properties that --property names; null for all'),
  machine: machineSchema.nullable().describe('of a machine without a system around it; null otherwise'),
  search: z.enum(['breadth-first', 'depth-first', 'random']).describe('how the states were searched'),
  store: z
    .enum(['exact', 'hash-compact', 'bitstate'])
    .describe('what was kept of the states: all, 64 bits each, or three bits each in one array'),
  seed: count.nullable().describe('what random walks and bit arrays were made from; null for the other searches'),
  property: z.string().nullable().describe('the violated property'),
  deadEnd: z.boolean().describe('it is violated because nothing can happen in the last state'),
  reductions: z
    .array(
      z.discriminatedUnion('name', [
        z.object({
          name: z.literal('symmetry'),
          used: z.boolean(),
          reason: z
            .enum(['off', 'search', 'progress'])
            .exactOptional()
            .describe(
              'why it was not used: switched off; not for this kind of search; there are properties of progress, which it would falsify',
            ),
          renamings: count.describe('how many were used, the identity included; 1 when the reduction was not used'),
          classes: z
            .array(z.array(z.array(z.string())))
            .describe('lists of interchangeable things, each thing with all its names'),
        }),
        z.object({
          name: z.enum(['partial-order', 'chains']),
          used: z.boolean(),
          reason: z.enum(['search', 'progress']).exactOptional(),
          left: count.describe('states of which only some steps were followed, or that were not stored'),
        }),
      ]),
    )
    .describe('what makes the space smaller: with one that was used, states are counted up to it'),
  states: count.describe('states found; for random walks, states that they went through, however often'),
  steps: count.describe('enabled steps of all expanded states'),
  depth: count.describe('steps to the farthest state, by the shortest path if searched breadth-first'),
  seconds: z.number(),
  bytesPerState: z.number(),
  xstateTransitions: count.describe('steps that XState computed; all others were looked up'),
  hollow: z
    .array(
      z.object({
        kind: z
          .enum(['trigger', 'event', 'state', 'action', 'guard', 'delay', 'monitor'])
          .describe(
            'trigger of a leadsTo that never occurs, event that nobody sends, state that nothing leads to; action, guard, delay: not implemented; monitor: without a tag that counts',
          ),
        subject: z.string().describe('the property, or actor and part: priq: STOP_MARKER'),
        text: z.string().describe('a sentence'),
      }),
    )
    .describe('what is legal but can never matter; that something never occurs is said only of a whole space'),
  ignored: z
    .array(
      z.object({
        actor: z.string(),
        type: z.string().describe('of the messages'),
        states: count.describe("in how many of the actor's local states one of them came"),
      }),
    )
    .describe("messages that came to nothing where the system says `unhandled: 'ignore'`"),
  constrained: z
    .array(z.object({ actor: z.string(), states: count.describe('its local states that do not meet its constraint') }))
    .describe('actors with a constraint: what lies behind these states was not searched'),
  costly: z
    .array(
      z.object({
        name: z.string(),
        kind: z.enum(['actor', 'monitor', 'channel']),
        values: count.describe(
          'its local states, or contents; of a channel that is tabulated by receiver and type of message, for the ones with most',
        ),
        fields: z
          .array(
            z.object({
              field: z
                .string()
                .describe('of a context; of a channel, length or messages: how many there are in it, and which'),
              values: count.describe(
                'different ones; where there are more than a quarter of a million local states, in many of them, evenly spread',
              ),
            }),
          )
          .describe('what varies of it, what has most values first'),
        advice: z.string().describe('what to split, to bound or to forget'),
      }),
    )
    .describe(
      'what made the search slow: parts with more than 10,000 values, and more than one for every ten states; the one with most first',
    ),
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
        .enum(['holds', 'violated', 'witnessed', 'open', 'not-looked-at'])
        .describe(
          'open: the search stopped before it was decided; not-looked-at: it is none of those that were asked for, or it is about runs without an end, too, and the search has not looked for these',
        ),
    }),
  ),
  violations: z
    .array(
      z.object({
        property: z.string(),
        deadEnd: z.boolean().describe('it is violated because nothing can happen in the last state'),
        length: count.nullable().describe('steps of its shortest trace; null where nothing witnesses the property'),
        schedule: schedule.nullable().describe('what replay takes'),
      }),
    )
    .nullable()
    .describe('all that is violated, the property of the verdict first; null without --all-violations'),
  bound: z
    .enum(['states', 'seconds', 'memory', 'walks', 'bits', 'cycles', 'constraint', 'interrupted'])
    .nullable()
    .describe('why the verdict is unknown; with --all-violations, why not every property was decided'),
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
  diskBytes: count.nullable().describe('bytes of states that --spill kept on disk at most; null without it'),
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
  explanation: explanation
    .nullable()
    .describe('why the trace ends as it does; null without a trace, and with --no-explain'),
  whyNot: whyNot.nullable().describe('the answer to --why-not; null when nothing was asked, or there is no trace'),
  coverage: coverageSchema
    .extend({
      complete: z.boolean().describe('all reachable states were searched: what did not occur cannot, in this system'),
      premises: z
        .array(
          z.object({
            property: z.string(),
            kind: z.enum(['reachable', 'happens', 'leadsTo', 'monitor']),
            reached: z
              .boolean()
              .nullable()
              .describe(
                'reachable, happens: it was witnessed; leadsTo: some state triggers it; monitor: it took a transition; null: not known',
              ),
          }),
        )
        .describe('whether the properties were about anything'),
    })
    .nullable()
    .describe('what occurred in the search of this system; null unless --coverage asked for it'),
});
/** One checked variant or system; the schema's output, with its parts as the rest of the program knows them. */
export type CheckResultDocument = Omit<z.output<typeof checkResult>, 'trace' | 'explanation' | 'whyNot'> & {
  trace: (Trace & { schedule: string }) | null;
  explanation: ExplanationDocument | null;
  whyNot: WhyNot | null;
};
export type ExplanationDocument = Explanation & { readonly text: readonly Paragraph[] };

export const checkDocumentSchema = z.object({
  version,
  kind: z.literal('check'),
  status: z.int().describe('the exit status'),
  quick: z
    .literal(true)
    .exactOptional()
    .describe('--quick: searches of the catalogue that are long, or of which that is not known, were left out'),
  results: z.array(checkResult),
  coverage: coverageSchema
    .exactOptional()
    .describe('what occurred in all these searches together: the same as the file of --coverage-out'),
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
  reproduced: z.boolean().nullable().describe('that property is violated again; null when there is none'),
  violated: z.array(z.string()).describe('all properties that the last state violates, or the run when it has no end'),
  unfair: z
    .array(z.string())
    .describe(
      'what a run without an end, or one that is to stop, leaves out for ever although fairness is asked for it; then it violates no property of progress',
    ),
  deadEnd: z.boolean().describe('nothing can happen in the last state'),
  error: modelError.nullable().describe('why the last step broke off'),
  changedAt: count
    .nullable()
    .describe('the first step, from 0, that does something else than when the trace file was written'),
  schedule,
  trace: traceSchema,
  whyNot: whyNot.nullable().describe('the answer to --why-not; null when nothing was asked'),
});
export type ReplayDocument = Omit<z.output<typeof replayDocumentSchema>, 'trace' | 'whyNot'> & {
  trace: Trace;
  whyNot: WhyNot | null;
};

// --- validate ---

export const validateDocumentSchema = z.object({
  version,
  kind: z.literal('validate'),
  status: z.int().describe('the exit status'),
  file: z.string(),
  log: z.enum(['steps', 'events']).describe('the kind of the log'),
  target: z.string(),
  scenario: z.string(),
  variant: z.string().nullable(),
  parameters,
  verdict: z
    .enum(['valid', 'invalid', 'unknown'])
    .describe('valid: a run of the model is, or shows, the whole log; invalid: none is; unknown: a bound was hit'),
  bound: z.enum(['states', 'interrupted']).nullable().describe('why the verdict is unknown'),
  records: count.describe('lines of the log without its header'),
  explained: count.describe('how many of them some run explains, from the first one on'),
  states: count
    .nullable()
    .describe('of events: the states that were looked at, each with its place in the log and its names'),
  names: z
    .array(
      z.object({
        thing: z.string().describe('what kind of thing: `page`'),
        per: z.string().nullable().describe('the name that it is a name within'),
        name: z.string().describe('in the log'),
        model: z.string().describe('in the model'),
      }),
    )
    .describe('of events: what names stand for in the run'),
  endsWithinStep: z.boolean().describe('of events: the log ends before the last step of the run has shown everything'),
  violated: z
    .array(z.object({ property: z.string(), after: count.describe('the number of steps after which it first does') }))
    .describe('what the run violates'),
  everyRun: z
    .boolean()
    .describe('every run that explains the log violates something; false as well when it is not known'),
  deadEnd: z.boolean().describe('nothing can follow the run'),
  error: modelError.nullable().describe('of steps: why the last one broke off'),
  stuck: z
    .object({
      line: count.describe('of the file, from 1'),
      got: z.string(),
      possible: z.array(z.string()).describe('what could have happened, or been shown, instead'),
      reason: z.string(),
    })
    .nullable()
    .describe('of an invalid log: where it leaves the model'),
  schedule,
  trace: traceSchema.describe('the run that explains the log, or as much of it as can be explained'),
});
export type ValidateDocument = Omit<z.output<typeof validateDocumentSchema>, 'trace'> & { trace: Trace };

// --- stress ---

const sampleOfRun = z.object({
  seconds: z.number().describe('since the run was begun'),
  steps: count,
  machineSteps: count,
  episodes: count,
  conflicts: count,
  bytes: count.describe('memory of the whole process'),
  misses: count.describe('questions that the tables had no answer to, so far'),
  threads: z.array(count).describe('steps of each thread'),
});

/** A range of steps: a duration is known up to a factor of two. */
const steps = z.object({ from: count, to: count.nullable().describe('null: there is no upper end') });

const transitionOfMachine = z.object({ machine: z.string(), transition: z.string() });

const countOfMessages = z.object({ counter: z.string(), count });

const stressFinding = z.object({
  kind: z
    .enum(['violation', 'dead-end', 'unhandled', 'endless', 'unbalanced', 'not-quiet'])
    .describe(
      'a property is violated; nothing can happen; nobody takes a message; a step without an end; at rest, two sums of counters differ; what is in flight does not end',
    ),
  property: z.string().nullable().describe('the violated property; of `unbalanced`, the balance'),
  variant: z.string().nullable().describe('of the unit that it was found in'),
  unit: count.describe('the unit that it was found in, from 0 for each variant'),
  loggedSteps: count.describe('of its episode, up to the finding'),
  log: z.string().nullable().describe('the file that they were written to'),
  reproduced: z
    .boolean()
    .nullable()
    .describe(
      'the model allows these steps, on live XState actors too, and they end in the same; if not, Faultline is wrong; null: too many pages to ask',
    ),
  reason: z.string().nullable().describe('why it is not reproduced'),
  parameters: parameters.nullable().describe('of the small system that the trace is of'),
  error: modelError.nullable().describe('of `unhandled` and `endless`'),
  deadEnd: z.boolean(),
  trace: traceSchema.extend({ schedule }).nullable().describe('the shortened run; null when it is not reproduced'),
  explanation: explanation.nullable(),
  replay: z.string().nullable().describe('the command that runs the trace again'),
  check: z
    .string()
    .nullable()
    .describe('the command that searches the small system; null when no state of it violates anything'),
  sums: z
    .object({ left: z.array(countOfMessages), right: z.array(countOfMessages) })
    .nullable()
    .describe('of `unbalanced`: how often each message was taken in the trace'),
  restless: z
    .array(z.string())
    .nullable()
    .describe(
      'of `not-quiet`: the actors that are not at rest at the end of the trace, and the channels that are not empty',
    ),
});

export const stressDocumentSchema = z.object({
  version,
  kind: z.literal('stress'),
  status: z.int().describe('the exit status'),
  target: z.string(),
  scenario: z.string(),
  variant: z.string().nullable(),
  parameters: parameters.describe('of the system that a unit is; those of its pages are a template'),
  outcome: z
    .enum(['nothing-found', 'found', 'interrupted'])
    .describe('a stress run never proves anything: that nothing is found says how far it looked, and no more'),
  asked: z.object({
    seconds: z.number().nullable(),
    steps: count.nullable(),
    threads: count,
    seed: count,
    mix: z.string().describe('how interleavings are chosen'),
    placement: z.string().describe('which threads run which actors'),
    episode: count.describe('steps of an episode'),
    engine: z.enum(['tables', 'xstate']),
  }),
  unit: z.string().describe('what a unit is'),
  units: count,
  beside: z
    .object({ variant: z.string(), units: count, steps: count, machineSteps: count, episodes: count })
    .nullable()
    .describe('units of another variant that ran on the same threads; the other figures are without them'),
  devices: count.describe('of all units together'),
  pages: count.nullable().describe('of all units together; null where they are not scaled'),
  sharedBytes: count.describe('the memory that the threads share: the states of the units, and their logs'),
  seconds: z.number(),
  steps: count,
  machineSteps: count.describe('transitions of machines, monitors included: a step has several'),
  episodes: count.describe('that came to their end, where everything was at rest and all balances were closed'),
  longestDrain: count.describe('most steps that it took until nothing was in flight'),
  threads: z.array(
    z.object({
      steps: count,
      machineSteps: count,
      conflicts: count.describe('steps that were given up because another thread was at the same actors'),
      disabled: count.describe('tries that a refusal, or a full channel, disabled'),
      naps: count.describe('how often it slept, as it had nothing to do'),
    }),
  ),
  tables: z.object({
    states: count.describe('local states of actors, up to the names of pages'),
    messages: count,
    reactions: count.describe('what actors do with messages'),
    misses: count,
    xstateCalls: count.describe('steps of machines that XState computed; all others were looked up'),
  }),
  hits: z
    .array(
      z.object({
        name: z.string(),
        kind: z.enum(['happens', 'reachable', 'counter']),
        count: count.describe('exact; of `reachable`, the samples in which it was true'),
        samples: count.nullable().describe('of `reachable`: how often it was looked at'),
      }),
    )
    .describe('what the run came across'),
  balances: z
    .array(z.object({ name: z.string(), left: z.array(z.string()), right: z.array(z.string()) }))
    .describe('sums of counters that were equal at the end of every episode'),
  gauges: z
    .array(
      z.object({
        name: z.string(),
        samples: count,
        min: count.nullable(),
        mean: z.number().nullable(),
        p99: count.nullable(),
        max: count.nullable().describe('the last value stands for all above it, too'),
        values: z.array(count).describe('how often it had each value, from 0'),
      }),
    )
    .describe('sampled; null where there is no sample'),
  latencies: z
    .array(
      z.object({
        name: z.string(),
        count,
        p50: steps.nullable(),
        p90: steps.nullable(),
        p99: steps.nullable(),
        max: steps.nullable(),
        buckets: z.array(count).describe('how often it took 0, 1, 2 to 3, 4 to 7, … steps of the unit'),
      }),
    )
    .describe('exact, up to a factor of two; null where none ended'),
  curve: z.array(sampleOfRun).describe('once a second, and at the end'),
  finding: stressFinding.nullable(),
  coverage: z
    .object({
      parameters: parameters.describe('of the small system'),
      verdict: verdict.describe('of the exhaustive search'),
      states: count,
      complete: z.boolean().describe('the search has seen all states; else it may cover more'),
      transitions: count.describe('of machines, that the search covers'),
      missing: z.array(transitionOfMachine).describe('those of them that the run has not taken'),
      beyond: z.array(transitionOfMachine).describe('others that the run has taken'),
    })
    .nullable()
    .describe('null unless --coverage asked for it'),
});

const estimate = z
  .object({
    mean: z.number(),
    halfWidth: z.number().or(z.literal('NaN')).describe('of the interval of confidence; NaN of a single run'),
    confidence: z.number().describe('as a share of 1'),
    count: count.describe('runs'),
  })
  .describe('the mean over runs with different seeds');
const cell = z.union([z.string(), z.number(), estimate]).nullable();
const axis = z.object({ title: z.string(), scale: z.enum(['linear', 'log']).optional() });

export const studiesDocumentSchema = z.object({
  version,
  kind: z.literal('studies'),
  studies: z.array(
    z.object({ name: z.string(), title: z.string(), question: z.string(), sources: z.array(z.string()) }),
  ),
});
export type StudiesDocument = z.output<typeof studiesDocumentSchema>;

export const simulateDocumentSchema = z.object({
  version,
  kind: z.literal('simulate'),
  status: z.int().describe('the exit status'),
  target: z.string(),
  study: z.string().nullable().describe('null of a scenario'),
  title: z.string(),
  question: z.string().nullable(),
  scenario: z.string().nullable().describe('null of a study'),
  variant: z.string().nullable(),
  parameters,
  unit: z.enum(['ns', 'us', 'ms', 's']).nullable().describe('of all times of a scenario; a study names its units'),
  seeds: z.array(count),
  time: z.string().nullable().describe('as --for has it; null for what the study or the scenario says'),
  runs: count,
  steps: count.describe('of all runs'),
  machineSteps: count.describe('transitions of machines, monitors included: a step has several'),
  seconds: z.number().describe('of real time'),
  answer: z.array(z.string()).describe('sentences, with the figures of these runs'),
  tables: z.array(z.object({ title: z.string(), head: z.array(z.string()), rows: z.array(z.array(cell)) })),
  plots: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      x: axis,
      y: axis,
      series: z.array(
        z.object({
          name: z.string(),
          points: z.array(z.tuple([z.number(), z.union([z.number(), estimate])])),
          isMeasured: z.boolean().optional().describe('measurements of a real system'),
        }),
      ),
    }),
  ),
  notes: z.array(z.string()).describe('what is fitted, what the data cannot tell'),
  summary: z
    .object({
      times: z.array(
        z.object({
          name: z.string(),
          count: estimate,
          mean: estimate.nullable().describe('null where some run has measured none'),
          median: estimate.nullable(),
          p99: estimate.nullable(),
          max: z.number().nullable(),
          quantiles: z.array(z.object({ share: z.number(), time: estimate })),
        }),
      ),
      gauges: z.array(z.object({ name: z.string(), mean: estimate, max: z.number() })),
      counters: z.array(z.object({ name: z.string(), count: estimate, rate: estimate })),
      resources: z.array(
        z.object({ name: z.string(), utilisation: estimate, waiting: estimate, waitingMax: z.number() }),
      ),
    })
    .nullable()
    .describe('of a scenario; null of a study'),
  breakdowns: z
    .array(
      z.object({
        name: z.string().describe('of the measured time'),
        point: z.string().describe('the first of the study that measures a time; empty of a scenario'),
        unit: z.string(),
        seed: count,
        count: count.describe('how many of them there are in the beginning of the run'),
        mean: z.number(),
        shares: z
          .array(
            z.object({
              actor: z.string().describe('actors whose names differ by numbers only are one'),
              type: z.string().describe('the message that it takes at the end'),
              state: z.string().describe('in which it takes it, as a path; `-` of a machine without states'),
              kind: z.enum(['waits', 'works']),
              time: z.number().describe('of one measured time, in the mean'),
              count: z.number().describe('how often one measured time has it'),
            }),
          )
          .describe('together they make up the mean'),
        typical: z.object({
          from: z.number(),
          to: z.number(),
          segments: z.array(
            z.object({
              actor: z.string(),
              type: z.string(),
              state: z.string(),
              kind: z.enum(['waits', 'works']),
              from: z.number(),
              to: z.number(),
            }),
          ),
        }),
      }),
    )
    .nullable()
    .describe(
      'where the measured times go, in the run of the first seed; null unless --breakdown or --report asked for it',
    ),
  violated: z
    .array(
      z.object({
        point: z.string().describe('of the study; empty of a scenario'),
        seed: count,
        property: z.string(),
        time: z.number(),
        step: count,
      }),
    )
    .describe('safety properties, the first of each run that violates one'),
  unused: z.array(z.string()).describe('entries of the timing section that have timed nothing in any run'),
});

export type StressFindingDocument = Omit<z.output<typeof stressFinding>, 'trace' | 'explanation'> & {
  trace: (Trace & { schedule: string }) | null;
  explanation: ExplanationDocument | null;
};
export type StressDocument = Omit<z.output<typeof stressDocumentSchema>, 'finding'> & {
  finding: StressFindingDocument | null;
};
export type SimulateDocument = Omit<
  z.output<typeof simulateDocumentSchema>,
  'answer' | 'tables' | 'plots' | 'notes' | 'summary'
> &
  Required<Omit<StudyResult, 'timeline'>> & { summary: Summary | null };
