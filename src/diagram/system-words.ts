/** What pictures say about actors and channels. */
import type { SystemActor, SystemChannel, SystemGraph } from './system-graph.ts';

/** `fifo 4, drops when full, lossy`. */
export function channelText({ order, capacity, whenFull, lossy, duplicating, competing }: SystemChannel): string {
  return [
    `${order}${capacity === null ? '' : ` ${capacity}`}`,
    ...(whenFull === 'drop' ? ['drops when full'] : []),
    ...(lossy ? [lossy === 'anywhere' ? 'lossy anywhere' : 'lossy'] : []),
    ...(duplicating ? [duplicating === 'always' ? 'duplicating always' : 'duplicating'] : []),
    ...(competing ? ['for one of them'] : []),
  ].join(', ');
}

/** What stands below an actor's name: how many it is, its machine if that has another name, its choices. */
export function actorLines({ name, machine, members, choices }: SystemActor): { about: string; choices: string } {
  const parts = [
    ...(members.length > 1 ? [`${members.length} actors`] : []),
    ...(machine === name || machine === '(machine)' ? [] : [machine]),
  ];
  return { about: parts.join(' · '), choices: choices.length === 0 ? '' : `may ${choices.join(', ')}` };
}

/** A sentence for where a picture may lack links; undefined where it cannot. */
export function incompleteness({ complete, states }: SystemGraph): string | undefined {
  if (complete) return undefined;
  return `only ${states.toLocaleString('en-US')} states were searched: links that are rarely used may be missing`;
}
