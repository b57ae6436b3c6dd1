/** What a diagram shows, as data: the JSON format, with its schema. */
import { z } from 'zod';
import type { MachineGraph } from './machine-graph.ts';
import { type Marks, NO_MARKS } from './marks.ts';
import type { SystemGraph } from './system-graph.ts';

/** Within a version, members are only ever added. */
export const DIAGRAM_VERSION = 1;

const strings = z.array(z.string());
const mark = z.enum(['highlighted', 'covered', 'uncovered', 'unreachable']).exactOptional();
const head = { version: z.literal(DIAGRAM_VERSION), kind: z.literal('diagram'), name: z.string() };

const trigger = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('event'), type: z.string() }),
  z.object({ kind: z.literal('always') }),
  z.object({
    kind: z.literal('after'),
    delay: z.string().describe('`1000 ms`, or the name of a delay'),
    milliseconds: z.number().nullable(),
  }),
  z.object({ kind: z.literal('done') }),
  z.object({ kind: z.enum(['actor-done', 'actor-error', 'actor-snapshot']), actor: z.string() }),
]);

export const machineDiagramSchema = z.object({
  ...head,
  of: z.literal('machine'),
  machineId: z.string(),
  states: z
    .array(
      z.object({
        path: z.string().describe('`open.reading`; `(root)` for the machine itself'),
        id: z.string().describe("XState's id"),
        name: z.string(),
        kind: z.enum(['atomic', 'compound', 'parallel', 'final', 'history']),
        parent: z.string().nullable(),
        children: strings,
        initial: z.object({ target: z.string(), actions: strings }).nullable(),
        history: z.enum(['shallow', 'deep']).nullable(),
        historyDefault: strings.describe("empty: the parent's initial state"),
        entry: strings,
        exit: strings,
        invokes: z.array(
          z.object({ name: z.string(), src: z.string(), id: z.string().nullable(), systemId: z.string().nullable() }),
        ),
        tags: strings,
        output: z.string().nullable(),
        description: z.string().nullable(),
        members: strings.exactOptional().describe('folded: the paths of the alike states that it stands for'),
        mark,
      }),
    )
    .describe('in document order; the first is the root'),
  transitions: z
    .array(
      z.object({
        id: z.string().describe('as coverage files name it: `idle FETCH`, `idle FETCH/1`'),
        source: z.string(),
        trigger,
        event: z.string().describe('the trigger in words'),
        guard: z.string().nullable(),
        actions: strings,
        targets: strings.describe('empty: it stays where it is'),
        kind: z
          .enum(['internal', 'local', 'external'])
          .describe('without a target; staying inside its source; leaving its source'),
        forbidden: z.boolean().describe('`EVENT: {}`: deliberately ignored'),
        reenter: z.boolean(),
        description: z.string().nullable(),
        members: strings.exactOptional().describe('folded: the ids of the transitions that it stands for'),
        of: z.string().exactOptional().describe('folded: which states within its source have it, `every page`'),
        between: z.string().exactOptional().describe('folded: which of the alike states it leads from and to'),
        mark,
      }),
    )
    .describe('in the order in which XState tries them'),
  notes: strings
    .exactOptional()
    .describe('sentences about what its author may not have meant, as a state to which no arrow leads'),
});

export const systemDiagramSchema = z.object({
  ...head,
  of: z.literal('system'),
  complete: z.boolean().describe('all reachable states were looked at, so no link is missing'),
  states: z.int().min(1).describe('how many states were looked at'),
  actors: z.array(z.object({ name: z.string(), machine: z.string(), members: strings, choices: strings, mark })),
  channels: z.array(
    z.object({
      name: z.string(),
      members: strings,
      order: z.enum(['fifo', 'unordered', 'set']),
      capacity: z.int().nullable().describe('null: no limit'),
      whenFull: z.enum(['block', 'drop']),
      lossy: z.union([z.boolean(), z.literal('anywhere')]),
      duplicating: z.union([z.boolean(), z.literal('always')]),
      competing: z.boolean(),
      mark,
    }),
  ),
  links: z.array(
    z.object({
      from: z.string(),
      to: z.string(),
      channel: z.string().nullable().describe('null: taken within the step that sends it'),
      messages: strings,
    }),
  ),
});

export const diagramSchema = z.discriminatedUnion('of', [machineDiagramSchema, systemDiagramSchema]);
export type DiagramDocument = z.output<typeof diagramSchema>;

export function toDiagramDocument(graph: MachineGraph | SystemGraph, marks: Marks = NO_MARKS): DiagramDocument {
  const { name } = graph;
  const start = { version: DIAGRAM_VERSION, kind: 'diagram', name } as const;
  const marked = (which: keyof Marks, item: string) => {
    const mark = marks[which].get(item);
    return mark === undefined ? {} : { mark };
  };
  if (graph.kind === 'machine') {
    const { kind: _, ...machine } = graph;
    return machineDiagramSchema.parse({
      ...start,
      of: 'machine',
      ...machine,
      states: graph.states.map((state) => ({ ...state, ...marked('states', state.path) })),
      transitions: graph.transitions.map((transition) => ({ ...transition, ...marked('transitions', transition.id) })),
    });
  }
  const { kind: _, ...system } = graph;
  return systemDiagramSchema.parse({
    ...start,
    of: 'system',
    ...system,
    actors: graph.actors.map((actor) => ({ ...actor, ...marked('states', actor.name) })),
    channels: graph.channels.map((channel) => ({ ...channel, ...marked('transitions', channel.name) })),
  });
}
