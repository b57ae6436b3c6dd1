/**
 * Who may import whom (docs: CONTRIBUTING.md, "The arrows"). A folder of src imports only what stands to its right:
 *
 *   cli -> everything;  explore -> trace, tabulate, system;  trace -> tabulate, system;  tabulate -> system;  system -> nothing
 *   machine -> explore, coverage, diagram, trace, tabulate, system
 *   entries -> everything but cli;  vitest -> explore, trace, tabulate, system
 *   stress, simulate -> threads, trace, tabulate, system;  simulate -> stress, explore -> threads as well;  threads -> nothing
 *   machines/studies -> src/simulate as well;
 *   validate -> trace, tabulate, system;  explain -> trace, diagram, tabulate, system;  machines -> src/system;  workers -> src, machines
 */
const only = (folder, allowed) => ({
  name: `${folder.replace('src/', '')}-arrows`,
  severity: 'error',
  comment: `${folder} may import only itself, ${allowed.join(', ') || 'nothing of ours'} and packages`,
  from: { path: `^${folder}/` },
  to: {
    path: '^(src|machines|workers|test)/',
    pathNot: [folder, ...allowed].map((path) => `^${path}/`),
  },
});

module.exports = {
  forbidden: [
    only('src/system', []),
    only('src/tabulate', ['src/system']),
    only('src/threads', []),
    only('src/explore', ['src/threads', 'src/trace', 'src/tabulate', 'src/system']),
    only('src/stress', ['src/threads', 'src/trace', 'src/tabulate', 'src/system']),
    only('src/simulate', ['src/stress', 'src/threads', 'src/trace', 'src/tabulate', 'src/system']),
    only('src/machine', [
      'src/explore',
      'src/coverage',
      'src/diagram',
      'src/threads',
      'src/trace',
      'src/tabulate',
      'src/system',
    ]),
    only('src/vitest', ['src/explore', 'src/trace', 'src/tabulate', 'src/system']),
    only('src/trace', ['src/tabulate', 'src/system']),
    only('src/report', ['src/trace', 'src/diagram', 'src/tabulate', 'src/system']),
    only('src/coverage', ['src/diagram', 'src/tabulate', 'src/system']),
    only('src/explain', ['src/trace', 'src/diagram', 'src/tabulate', 'src/system']),
    only('src/validate', ['src/trace', 'src/tabulate', 'src/system']),
    only('src/diagram', ['src/tabulate', 'src/system']),
    only('src/export', ['src/trace', 'src/tabulate', 'src/system']),
    only('machines', ['src/system', 'src/simulate']),
    only('machines/parts', ['src/system']),
    only('machines/hardware', ['machines/parts', 'src/system']),
    only('machines/kernel', ['machines/hardware', 'machines/parts', 'src/system']),
    only('machines/user', ['machines/parts', 'src/system']),
    only('machines/guest', ['machines/parts', 'src/system']),
    // What a VMM emulates is made of the parts of the hardware.
    only('machines/vmm', ['machines/kernel', 'machines/hardware', 'machines/parts', 'src/system']),
    only('machines/monitors', ['machines/kernel', 'machines/hardware', 'machines/parts', 'src/system']),
    only('machines/rigs', [
      'machines/monitors',
      'machines/guest',
      'machines/vmm',
      'machines/user',
      'machines/kernel',
      'machines/hardware',
      'machines/parts',
      'src/system',
    ]),
    only('machines/textbook', ['machines/parts', 'src/system']),
    {
      name: 'no-machine-in-the-engine',
      severity: 'error',
      comment: 'only the composition root (workers/catalogue.ts) knows the catalogue',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^machines/' },
    },
    {
      name: 'only-studies-simulate',
      severity: 'error',
      from: { path: '^machines/', pathNot: '^machines/(studies/|index)' },
      to: { path: '^src/simulate/' },
    },
    {
      name: 'no-test-in-the-product',
      severity: 'error',
      from: { path: '^(src|machines|workers)/' },
      to: { path: '^test/' },
    },
    {
      name: 'no-cycle',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-undeclared-package',
      severity: 'error',
      from: {},
      // An optional peer is declared; `peerDependenciesMeta`, which says that it is optional, looks like a kind of dependencies.
      to: { dependencyTypes: ['npm-no-pkg', 'unknown'], dependencyTypesNot: ['npm-peer'] },
    },
    {
      name: 'no-dev-package-in-the-product',
      severity: 'error',
      from: { path: '^(src|machines|workers)/' },
      // A peer is installed for our own tests as well.
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only', 'npm-peer'] },
    },
    {
      name: 'xstate-of-the-machines',
      severity: 'error',
      comment: 'a machine runs on the copy of XState that made it: take values from xstateOf() of src/system/xstate.ts',
      from: { path: '^src/', pathNot: '^src/system/xstate[.]ts$' },
      to: { path: '/node_modules/xstate/|^node_modules/xstate/', dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node'] },
  },
};
