/** `docs/machines/machines.json`: what is known of every machine that `faultline/machines` exports. */
import type { AnyStateMachine } from 'xstate';
import * as library from '../../machines/index.ts';
import { catalogue } from '../../machines/races/index.ts';
import { DOCUMENT_VERSION, type MachineDocument, type MachinesDocument } from '../../src/cli/documents.ts';
import { folderOf } from '../../src/cli/machines-text.ts';
import { machineGraph } from '../../src/diagram/machine-graph.ts';
import { machineToMermaid } from '../../src/diagram/machine-mermaid.ts';
import type { Actor } from '../../src/system/system.ts';
import { isMachine } from '../../src/system/xstate.ts';
import { citationsOf, documentationOf } from './header.ts';
import { type MachineSource, machineSources } from './sources.ts';
import { type Use, Uses } from './uses.ts';

/** By folder, in each by name. */
export function machinesDocument(): MachinesDocument {
  const exported = Object.entries(library).flatMap(([name, value]) =>
    isMachine(value) ? [[name, value] as const] : [],
  );
  const names = new Map(exported.map(([name, machine]) => [machine, name]));
  const uses = new Uses([...names.keys()]);
  const sources = machineSources(new Set(names.values()));
  const machines = exported.map(([name, machine]) =>
    describe(name, machine, sources.get(name)!, { sources, uses, nameOf: (other) => names.get(other) ?? other.id }),
  );
  machines.sort((a, b) => compare(folderOf(a), folderOf(b)) || compare(a.name, b.name));
  return { version: DOCUMENT_VERSION, kind: 'machines', machines };
}

interface Library {
  readonly sources: ReadonlyMap<string, MachineSource>;
  readonly uses: Uses;
  nameOf(machine: AnyStateMachine): string;
}

function describe(
  name: string,
  machine: AnyStateMachine,
  source: MachineSource,
  { sources, uses, nameOf }: Library,
): MachineDocument {
  const graph = machineGraph(machine, name);
  const used = uses.of(machine);
  const seen = uses.seenOf(machine);
  const others = [...sources].filter(([other]) => other !== name);
  const statesOf = (type: string) =>
    unique(
      graph.transitions
        .filter(({ trigger }) => trigger.kind === 'event' && trigger.type === type)
        .map((transition) => transition.source),
    );
  const taken = unique(graph.transitions.flatMap(({ trigger }) => (trigger.kind === 'event' ? [trigger.type] : [])));
  const sent = unique(seen.sent.map(({ type }) => type));
  const declared = source.events.map(({ type }) => type);
  const undeclared = taken.filter((type) => !declared.includes(type));
  return {
    name,
    id: machine.id,
    file: source.file,
    ...documentationOf(source.header, source.own),
    mirrors: citationsOf(source.comments),
    versions: others.filter(([, { basedOn }]) => basedOn.includes(source.file)).map(([other]) => other),
    versionOf: others.filter(([, { file }]) => source.basedOn.includes(file)).map(([other]) => other),
    input: [...source.input],
    events: [...source.events, ...undeclared.map((type) => ({ type, payload: [], description: '' }))].map((event) => ({
      ...event,
      payload: [...event.payload],
      states: statesOf(event.type),
      from: unique(seen.taken.filter(({ type }) => type === event.type).map(({ other }) => nameOf(other))),
      isChoice: used.some((use) =>
        actorsIn(use).some(({ choices }) => choices.some(({ type }) => type === event.type)),
      ),
    })),
    sends: sent.map((type) => {
      const messages = seen.sent.filter((message) => message.type === type);
      return {
        type,
        to: unique(messages.map(({ other }) => nameOf(other))),
        channels: families(messages.flatMap(({ channel }) => channel ?? [])),
      };
    }),
    seenIn: [...seen.in],
    blocking: [...blockingAmong(taken, 'takes', used), ...blockingAmong(sent, 'sends', used)],
    rest: restOf(used),
    uses: usesOf(used),
    mermaid: machineToMermaid(graph),
  };
}

function actorsIn({ system, actors }: Use): Actor[] {
  return actors.map((name) => system.actors[name]!);
}

function blockingAmong(
  types: readonly string[],
  side: 'takes' | 'sends',
  used: readonly Use[],
): MachineDocument['blocking'] {
  const systems = used.filter(({ actors }) => actors.length > 0).map(({ system }) => system);
  return types
    .map((type) => ({ type, count: systems.filter(({ blocking }) => blocking.includes(type)).length }))
    .filter(({ count }) => count > 0)
    .map(({ type, count }) => ({ type, side, everywhere: count === systems.length }));
}

function restOf(used: readonly Use[]): MachineDocument['rest'] {
  const scenarios = new Map<string, string[]>();
  for (const use of used) {
    for (const where of new Set(actorsIn(use).map(restText))) {
      scenarios.set(where, unique([...(scenarios.get(where) ?? []), use.scenario]));
    }
  }
  return [...scenarios].map(([where, scenarios]) => ({ where, scenarios }));
}

function restText({ rest, choices }: Actor): string {
  if (rest === undefined) return choices.length === 0 ? 'everywhere: it starts nothing by itself' : 'nowhere';
  if (typeof rest !== 'function')
    return rest.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(', ');
  return /^\(\)\s*=>\s*true$/.test(rest.toString()) ? 'everywhere' : 'where a predicate of the system says so';
}

function usesOf(used: readonly Use[]): MachineDocument['uses'] {
  return unique(used.map(({ scenario }) => scenario)).map((name) => {
    const here = used.filter(({ scenario }) => scenario === name);
    const variants = here.map(({ variant }) => variant);
    const all = Object.keys(catalogue.find((scenario) => scenario.name === name)!.variants);
    return {
      scenario: name,
      variants: variants.length === all.length ? null : variants,
      actors: families(here.flatMap(({ actors }) => actors)),
      properties: unique(here.flatMap(({ properties }) => properties)),
    };
  });
}

/** `dev0` and `dev1` are `dev*`. */
function families(names: readonly string[]): string[] {
  const distinct = unique(names);
  const familyOf = (name: string) => name.replaceAll(/\d+/g, '*');
  const sizeOf = (family: string) => distinct.filter((name) => familyOf(name) === family).length;
  return unique(distinct.map((name) => (sizeOf(familyOf(name)) > 1 ? familyOf(name) : name)));
}

function unique<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
