/** What `check --watch` asks of the keeper: which files it is to look at. */
import { resolve } from 'node:path';
import type { Options } from './check.ts';
import { UsageError } from './errors.ts';
import { loadedSources } from './loading/hooks.ts';
import { sourceOf } from './loading/module-hooks.ts';
import { parseModuleSpec } from './loading/module-spec.ts';
import { tell } from './news.ts';

/**
 * @returns what tells the keeper of the files that are known by now
 * @throws UsageError for what makes no sense with `--watch`
 */
export function watchOf(targets: readonly string[], options: Options): () => void {
  const refused = REFUSED.filter(([, isGiven]) => isGiven(options)).map(([name]) => name);
  if (refused.length > 0)
    throw new UsageError(
      `--watch does not go with ${refused.join(', ')}: it checks again and again, for somebody who looks`,
      `leave out ${refused.length === 1 ? 'that' : 'those'}, or --watch`,
    );
  const paths = targets.flatMap((target) => parseModuleSpec(target)?.path ?? []).map((path) => resolve(path));
  if (paths.length === 0)
    throw new UsageError(
      `--watch needs a module, got ${targets.length === 0 ? 'none' : targets.join(', ')}: the catalogue does not change`,
      'as in faultline check ./my-system.ts --watch',
    );
  // As they are before they are loaded: what changes meanwhile is a change. One that is not there may come.
  const modules = paths.map((path) => sourceOf(path) ?? { path, digest: null });
  return () => {
    const imported = loadedSources().filter(
      ({ path }) => !paths.includes(path) && !/[/\\]node_modules[/\\]/.test(path),
    );
    tell({ kind: 'watch', sources: [...modules, ...imported] });
  };
}

const REFUSED: readonly (readonly [name: string, isGiven: (options: Options) => boolean])[] = [
  ['--checkpoint', ({ checkpoint }) => checkpoint !== undefined],
  ['--resume', ({ resume }) => resume !== undefined],
  ['--json', ({ json }) => json === true],
  ['--log-level', ({ logLevel }) => logLevel !== undefined],
  ['--chart without --chart-out', ({ chart, chartOut }) => chart !== undefined && chartOut === undefined],
];
