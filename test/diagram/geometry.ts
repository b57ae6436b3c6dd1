/** Where things are in a picture, as Graphviz has laid them out: for tests that look for what lies over what. */
import { Graphviz } from '@hpcc-js/wasm-graphviz';

export interface Box {
  readonly name: string;
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
}

export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Geometry {
  /** The labels of arrows. */
  readonly labels: readonly Box[];
  /** The boxes of states without contents, and what stands at the top of those that have some. */
  readonly titles: readonly Box[];
  readonly lines: readonly Line[];
}

interface Laid {
  readonly name?: string;
  readonly pos?: string;
  readonly width?: string;
  readonly height?: string;
  readonly lp?: string;
  readonly lwidth?: string;
  readonly lheight?: string;
  readonly tail?: number;
  readonly head?: number;
  readonly style?: string;
}

const INCH = 72;

export async function geometryOf(dot: string): Promise<Geometry> {
  const graphviz = await Graphviz.load();
  // Without what is drawn: Graphviz writes styles that are no JSON.
  const { objects = [], edges = [] } = JSON.parse(graphviz.layout(dot, 'json0' as 'json', 'dot')) as {
    objects?: Laid[];
    edges?: Laid[];
  };
  const boxes = objects.flatMap(({ name = '', pos, width, height, lp, lwidth, lheight }): Box[] => {
    const isCluster = name.startsWith('cluster');
    const [at, wide, high] = isCluster ? [lp, lwidth, lheight] : [pos, width, height];
    if (at === undefined) return [];
    const [x, y] = at.split(',').map(Number) as [number, number];
    const [halfWidth, halfHeight] = [(Number(wide) * INCH) / 2, (Number(high) * INCH) / 2];
    return [{ name, left: x - halfWidth, right: x + halfWidth, bottom: y - halfHeight, top: y + halfHeight }];
  });
  return {
    labels: boxes.filter(({ name }) => /^(transition|step) /.test(name)),
    titles: boxes.filter(({ name }) => /^(cluster|state|node) /.test(name)),
    lines: edges
      .filter(({ style }) => style !== 'invis')
      .map(({ pos = '', tail, head }) => ({
        name: `${objects[tail!]?.name} -> ${objects[head!]?.name}`,
        points: curve(pos),
      })),
  };
}

/** Points on a spline: `e,x,y s,x,y x,y …`, each three after the first are a Bézier curve. */
function curve(pos: string): [number, number][] {
  const points = pos
    .split(/\s+/)
    .filter((part) => /^-?[\d.]/.test(part))
    .map((part) => part.split(',').map(Number) as [number, number]);
  const on: [number, number][] = [];
  for (let at = 0; at + 3 < points.length; at += 3) {
    const [a, b, c, d] = points.slice(at, at + 4) as [number, number][];
    for (let step = 0; step <= 20; step++) {
      const [t, u] = [step / 20, 1 - step / 20];
      const mix = (axis: 0 | 1) =>
        u * u * u * a![axis] + 3 * u * u * t * b![axis] + 3 * u * t * t * c![axis] + t * t * t * d![axis];
      on.push([mix(0), mix(1)]);
    }
  }
  return on;
}

/** Whether two boxes lie over each other by more than a hair. */
export function overlaps(one: Box, other: Box): boolean {
  const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  const high = Math.min(one.top, other.top) - Math.max(one.bottom, other.bottom);
  return wide > 0.5 && high > 0.5;
}

/** Whether a line runs through a box, by more than its border. */
export function runsThrough({ points }: Line, { left, right, bottom, top }: Box): boolean {
  return points.some(([x, y]) => x > left + 2 && x < right - 2 && y > bottom + 2 && y < top - 2);
}
