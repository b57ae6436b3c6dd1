/**
 * XState is the user's. A machine runs on the copy of XState that made it, whatever else is installed, and the version of that copy is
 * the one that counts: no other file of ours takes more than types from the package.
 *
 * The copy shows in the class of the machine. It is the one that Faultline imports itself, which is all there is where both are
 * installed side by side, or another one that Node has loaded: a module that lies elsewhere brings its own.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as imported from 'xstate';
import { ModelError } from './errors.ts';

/** What `peerDependencies` say. Before 5.31 a machine takes no limit of microsteps, and some versions lose timers. */
export const XSTATE_RANGE = '>=5.31.0 <6';

function isInRange(version: string): boolean {
  const [major, minor] = version.split('.').map(Number) as [number, number];
  return major === 5 && minor >= 31;
}

/** A copy of XState that is loaded. */
export interface XStateCopy {
  readonly xstate: typeof imported;
  readonly version: string;
  /** Of its package. */
  readonly folder: string;
}

const require = createRequire(import.meta.url);

/** By the class of their machines. */
const known = new WeakMap<object, XStateCopy>();

/** Undefined for what no copy has made that Node has loaded as a package. */
function makerOf(machine: object): XStateCopy | undefined {
  const made: unknown = machine.constructor;
  if (typeof made !== 'function') return undefined;
  const before = known.get(made);
  if (before) return before;
  const copy = isExported(made, imported) ? importedCopy() : loadedCopy(made);
  if (copy) known.set(made, copy);
  return copy;
}

function importedCopy(): XStateCopy | undefined {
  return copyAt(require.resolve('xstate'), imported);
}

/** For `import` as well, Node loads XState as CommonJS. */
function loadedCopy(made: object): XStateCopy | undefined {
  for (const [path, module] of Object.entries(require.cache)) {
    const copy = /xstate/i.test(path) && isExported(made, module?.exports) && copyAt(path, module?.exports);
    if (copy) return copy;
  }
  return undefined;
}

/** By the package's main file, that is: others of its files export the class too. */
function isExported(made: object, exports: unknown): boolean {
  const values = (exports ?? {}) as Partial<typeof imported>;
  return typeof values.createMachine === 'function' && Object.values(values).includes(made as never);
}

function copyAt(file: string, xstate: typeof imported): XStateCopy | undefined {
  const found = packageOf(file);
  return found && { xstate, ...found };
}

/** The package of XState that a file belongs to. */
function packageOf(file: string): Omit<XStateCopy, 'xstate'> | undefined {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (!existsSync(manifest)) continue;
    const { name, version } = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: unknown; version?: unknown };
    if (name === 'xstate') return { version: String(version), folder };
  }
  return undefined;
}

/** True for what `createMachine` returned, of whatever copy and version of XState. */
export function isMachine(value: unknown): value is imported.AnyStateMachine {
  if (typeof value !== 'object' || value === null) return false;
  const { transition, provide } = value as Partial<imported.AnyStateMachine>;
  // Those of version 4 have no `provide`.
  return typeof transition === 'function' && (typeof provide === 'function' || makerOf(value) !== undefined);
}

/** A machine of the imported copy, of a configuration that is plain data. @throws what XState throws */
export function createMachineOf(config: Readonly<Record<string, unknown>>): imported.AnyStateMachine {
  return imported.createMachine(config as Parameters<typeof imported.createMachine>[0]);
}

/**
 * The copy that made a machine.
 *
 * @param what how an error begins, as `actor "a"`
 * @throws ModelError `unsupported-xstate` when its version cannot work, or is not to be found out
 */
export function xstateOf(machine: imported.AnyStateMachine, what = `the machine "${machine.id}"`): XStateCopy {
  const copy = makerOf(machine);
  if (!copy) {
    throw new ModelError(
      'unsupported-xstate',
      `${what} was made by an xstate that is not loaded from a package, so that nothing tells its version; what is needed is xstate ${XSTATE_RANGE}`,
      'leave xstate out of the bundle, so that it is imported from node_modules',
    );
  }
  checkRange(copy, what);
  return copy;
}

function checkRange({ version, folder }: Omit<XStateCopy, 'xstate'>, what: string): void {
  if (isInRange(version)) return;
  throw new ModelError(
    'unsupported-xstate',
    `${what} uses xstate ${version} in ${folder}; what is needed is xstate ${XSTATE_RANGE}`,
    'install one where that is: npm install xstate@5',
  );
}

/** Refuses the copy that Faultline's own machines are made by. @throws ModelError `unsupported-xstate` */
export function checkImportedXState(): void {
  checkRange(packageOf(require.resolve('xstate'))!, 'the catalogue');
}

/** Refuses the copy that a file would import, for a module that could not even be loaded. @throws ModelError `unsupported-xstate` */
export function checkXStateBeside(file: string, what: string): void {
  const found = packageOf(createRequire(file).resolve('xstate'));
  if (found) checkRange(found, what);
}

/** The parts of a system that machines are in. */
interface WithMachines {
  readonly actors: Readonly<Record<string, { readonly machine: imported.AnyStateMachine }>>;
  readonly properties: readonly { readonly name: string; readonly machine?: imported.AnyStateMachine }[];
}

/** The one copy that made all machines of a system. */
export function xstateIn({ actors }: Pick<WithMachines, 'actors'>): XStateCopy {
  return xstateOf(Object.values(actors)[0]!.machine);
}

/** @throws ModelError `unsupported-xstate` when the machines of a system are of two copies */
export function checkOneXState({ actors, properties }: WithMachines): void {
  let first: { readonly what: string; readonly copy: XStateCopy } | undefined;
  const check = (machine: imported.AnyStateMachine, what: string) => {
    const copy = xstateOf(machine, what);
    first ??= { what, copy };
    if (copy.folder === first.copy.folder) return;
    const [one, other] = [first.copy, copy].map(({ version, folder }) => `xstate ${version} in ${folder}`);
    throw new ModelError(
      'unsupported-xstate',
      `a system runs on one copy of xstate: ${first.what} is of ${one}, and ${what} of ${other}`,
      'install faultline beside the xstate that you use, or run npm dedupe',
    );
  };
  for (const [name, { machine }] of Object.entries(actors)) check(machine, `actor "${name}"`);
  for (const { name, machine } of properties) if (machine) check(machine, `monitor "${name}"`);
}
