/** Which channels take which messages: looked up by the receiver, for there may be as many channels as actors. */
import type { CompleteChannel, System } from './system.ts';

interface Route {
  readonly name: string;
  /** Left out, all. */
  readonly from: ReadonlySet<string> | undefined;
  readonly types: CompleteChannel['types'];
}

export class Routes {
  /** By receiver, in the order of declaration; a channel that is sent to by its own name is one itself. */
  readonly #routes = new Map<string, Route[]>();

  constructor(channels: System['channels']) {
    for (const [name, { from, to, types, competing }] of Object.entries(channels)) {
      const route = { name, from: from && new Set(from), types };
      for (const receiver of competing ? [name] : new Set(to)) {
        const routes = this.#routes.get(receiver);
        if (routes) routes.push(route);
        else this.#routes.set(receiver, [route]);
      }
    }
  }

  /** The names of the channels that take the messages of a type from one actor to another. */
  carrying(from: string, to: string, type: string): string[] {
    const routes = this.#routes.get(to) ?? [];
    return routes
      .filter((route) => route.from?.has(from) !== false && (route.types.length === 0 || route.types.includes(type)))
      .map(({ name }) => name);
  }
}

/** Whom a machine can send to: the actors, and the channels that are sent to by their own names. */
export function addressesOf({ actors, channels }: Pick<System, 'actors' | 'channels'>): string[] {
  const shared = Object.keys(channels).filter((name) => channels[name]!.competing);
  return [...Object.keys(actors), ...shared];
}
