/**
 * The diagrams of a page. A machine is drawn once, however many actors, variants and scenarios it is in; the page's
 * script copies it to where it is stepped through. What it lights there is marked by `data-state` and `data-transition`,
 * since an `id` may be in a page only once.
 */
import { DiagramError } from '../diagram/diagram-error.ts';
import { foldFamilies, isCrowded } from '../diagram/fold-families.ts';
import { type MachineGraph, machineGraph } from '../diagram/machine-graph.ts';
import { renderDiagram } from '../diagram/render.ts';
import { type SystemGraph, systemGraph } from '../diagram/system-graph.ts';
import { incompleteness } from '../diagram/system-words.ts';
import { ModelError } from '../system/errors.ts';
import type { System } from '../system/system.ts';
import { escapeHtml, type Html, trusted } from './html.ts';

export interface DrawnMachine {
  /** Unique in the page: `machine-1`. */
  readonly id: string;
  readonly graph: MachineGraph;
  /** What it is called; two machines of the same name are numbered. */
  readonly name: string;
  /** The picture, or why there is none. */
  readonly picture: Html | string;
  /** Where it is used: names of actors and monitors, by scenario. */
  readonly users: ReadonlyMap<string, ReadonlySet<string>>;
}

interface Drawing extends DrawnMachine {
  readonly users: Map<string, Set<string>>;
}

export class Drawings {
  readonly #byKey = new Map<string, Drawing>();
  readonly #names = new Map<string, number>();

  /** The machines of a system's actors and monitors, by their names. */
  async ofSystem(scenario: string, system: System): Promise<ReadonlyMap<string, DrawnMachine>> {
    const monitors = system.properties.flatMap((property) =>
      property.kind === 'monitor' ? [[property.name, property.machine] as const] : [],
    );
    const actors = Object.entries(system.actors).map(([name, { machine }]) => [name, machine] as const);
    const drawn = new Map<string, DrawnMachine>();
    for (const [name, machine] of [...actors, ...monitors]) {
      const drawing = await this.#drawing(machineGraph(machine, machine.id === '(machine)' ? name : machine.id));
      const users = drawing.users.get(scenario) ?? new Set();
      drawing.users.set(scenario, users.add(name));
      drawn.set(name, drawing);
    }
    return drawn;
  }

  all(): readonly DrawnMachine[] {
    return [...this.#byKey.values()];
  }

  async #drawing(graph: MachineGraph): Promise<Drawing> {
    const known = this.#byKey.get(keyOf(graph));
    if (known) return known;
    const count = (this.#names.get(graph.name) ?? 0) + 1;
    this.#names.set(graph.name, count);
    const drawing: Drawing = {
      id: `machine-${this.#byKey.size + 1}`,
      graph,
      name: count === 1 ? graph.name : `${graph.name} (${count})`,
      picture: await pictureOf(graph),
      users: new Map(),
    };
    this.#byKey.set(keyOf(graph), drawing);
    return drawing;
  }
}

/** A machine without a name of its own is called after its first actor, which does not make it another machine. */
function keyOf({ name: _, ...graph }: MachineGraph): string {
  return JSON.stringify(graph);
}

async function pictureOf(graph: MachineGraph): Promise<Html | string> {
  try {
    const svg = (await renderDiagram(graph, 'svg', { theme: 'light' })) as string;
    return embeddable(svg, `State diagram of ${graph.name}`, graph);
  } catch (error) {
    if (error instanceof DiagramError) return error.message;
    throw error;
  }
}

/** Enough to find nearly all links; the picture is an overview, `faultline diagram` can look longer. */
const OVERVIEW_STATES = 4000;

export interface DrawnSystem {
  readonly picture: Html | string;
  readonly notes: readonly string[];
}

/** Who sends what to whom. */
export async function drawSystem(system: System, name: string): Promise<DrawnSystem> {
  let graph: SystemGraph;
  try {
    graph = systemGraph(system, { name, maxStates: OVERVIEW_STATES });
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return { picture: 'The system cannot be started, so nobody knows who sends what.', notes: [] };
  }
  const folded = isCrowded(graph) ? foldFamilies(graph) : graph;
  const missing = incompleteness(graph);
  const notes = [
    ...(folded.actors.length < graph.actors.length
      ? [`${graph.actors.length} actors are drawn as ${folded.actors.length}: * stands for a number`]
      : []),
    ...(missing === undefined ? [] : [missing]),
  ];
  try {
    const svg = (await renderDiagram(folded, 'svg', { theme: 'light' })) as string;
    return { picture: embeddable(svg, `Actors of ${name}, and what they send each other`, folded), notes };
  } catch (error) {
    if (error instanceof DiagramError) return { picture: error.message, notes: [] };
    throw error;
  }
}

// --- from a file of its own to a part of a page ---

const CSS_PIXELS = 4 / 3;

/**
 * Takes out what several pictures in one page would have twice (ids, styles) and what only costs bytes (fonts, further
 * decimals, links that lead nowhere), and puts in what the script looks for.
 */
function embeddable(svg: string, title: string, graph: MachineGraph | SystemGraph): Html {
  const [, width, height, viewBox, content] =
    /<svg width="([\d.]+)pt" height="([\d.]+)pt" viewBox="([^"]*)"[^>]*>([\s\S]*)<\/svg>/.exec(svg)!;
  const members = new Map(graph.kind === 'system' ? graph.actors.map((actor) => [actor.name, actor.members]) : []);
  const transitionOfEdge = graph.kind === 'machine' ? edgesOf(graph) : () => undefined;
  const body = content!
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replaceAll(
      /<g id="(?:graph|node|edge|clust)\d+" class="([^"]*)"([^>]*)>(?:\s*<title>([^<]*)<\/title>)?/g,
      (_, kind, rest, name) => {
        const transition =
          String(kind).startsWith('edge') && name !== undefined ? transitionOfEdge(decoded(name)) : undefined;
        const mark = transition === undefined ? '' : ` data-transition="${escapeHtml(transition)}"`;
        return `<g class="${kind}"${mark}${rest}>`;
      },
    )
    .replaceAll(
      /<g id="(state|transition|actor|link) ([^"]*)" class="([^"]*)">(?:\s*<title>[^<]*<\/title>)?/g,
      (_, what, name, kind) => {
        if (what === 'link') return `<g class="${kind}">`;
        if (what === 'actor')
          return `<g class="${kind}" data-actors="${(members.get(decoded(name)) ?? []).join(' ')}">`;
        return `<g class="${kind}" data-${what}="${escapeHtml(decoded(name))}">`;
      },
    )
    .replaceAll(/<g id="a_(?:state |transition )?([^"]*)"><a xlink:title="([^"]*)">/g, (_, name, tooltip) =>
      // A tooltip that says what is written there anyway is none.
      /^(node|edge|clust)\d+$/.test(name) || decoded(name) === decoded(tooltip) || /^\w+ to \w/.test(tooltip)
        ? ''
        : `<title>${escapeHtml(decoded(tooltip))}</title>`,
    )
    .replaceAll(/<\/a>\s*<\/g>/g, '')
    .replaceAll(/ (?:xml:space|font-family|text-anchor="start" font-family)="[^"]*"/g, '')
    .replaceAll(' text-anchor="start"', '')
    .replaceAll(/ (d|points|x|y|cx|cy|rx|ry|font-size)="([^"]*)"/g, (_, name, value) => ` ${name}="${rounded(value)}"`)
    .replaceAll(/>\s*\n\s*</g, '><')
    .trim();
  const pixels = (points: string) => Math.round(Number(points) * CSS_PIXELS);
  const size = `width="${pixels(width!)}" height="${pixels(height!)}" viewBox="${viewBox}"`;
  return trusted(`<svg ${size} role="img" aria-label="${escapeHtml(title)}">${body}</svg>`);
}

function rounded(numbers: string): string {
  return numbers.replaceAll(/-?\d+\.\d+/g, (number) => String(Number(Number(number).toFixed(1))));
}

/** Graphviz names an edge after its ends, one of which is the transition's label. */
function edgesOf({ transitions }: MachineGraph): (title: string) => string | undefined {
  const ids = transitions.map(({ id }) => id).sort((a, b) => b.length - a.length);
  return (title) => ids.find((id) => title.startsWith(`transition ${id}->`) || title.endsWith(`->transition ${id}`));
}

function decoded(text: string): string {
  return text
    .replaceAll(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}
