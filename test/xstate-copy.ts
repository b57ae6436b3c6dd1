/** Copies of XState beside the one that Faultline imports. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export type XState = typeof import('xstate');

const original = dirname(createRequire(import.meta.url).resolve('xstate/package.json'));

/** Installs XState in a folder, as a version that it is not: only who asks for the version can tell. */
export function installXState(folder: string, version: string): string {
  const target = join(folder, 'node_modules/xstate');
  mkdirSync(target, { recursive: true });
  cpSync(join(original, 'dist'), join(target, 'dist'), {
    recursive: true,
    filter: (path) => !/\.(d\.m?ts|map)$/.test(path),
  });
  const manifest = JSON.parse(readFileSync(join(original, 'package.json'), 'utf8')) as object;
  writeFileSync(join(target, 'package.json'), JSON.stringify({ ...manifest, version }));
  return target;
}

/** The same, loaded. */
export function otherXState(folder: string, version: string): XState {
  installXState(folder, version);
  return createRequire(join(folder, 'any.js'))('xstate') as XState;
}
