/** `docs/json.md`, from the schemas that the command line itself uses: one row per member. */
import { z } from 'zod';
import {
  checkDocumentSchema,
  listDocumentSchema,
  machinesDocumentSchema,
  replayDocumentSchema,
  simulateDocumentSchema,
  stressDocumentSchema,
  studiesDocumentSchema,
  traceFileSchema,
  validateDocumentSchema,
} from '../src/cli/documents.ts';
import { graphDocumentSchema } from '../src/cli/graph.ts';
import { PUBLISHED } from './json-schemas.ts';

const DOCUMENTS: readonly [title: string, schema: z.ZodType][] = [
  ['`faultline list --json`', listDocumentSchema],
  ['`faultline list --machines --json`', machinesDocumentSchema],
  ['`faultline check --json`', checkDocumentSchema],
  ['`faultline replay --json`', replayDocumentSchema],
  ['`faultline stress --json`', stressDocumentSchema],
  ['`faultline simulate --json`', simulateDocumentSchema],
  ['`faultline simulate --json` without a target', studiesDocumentSchema],
  ['`faultline validate --json`', validateDocumentSchema],
  ['`faultline graph --format json`', graphDocumentSchema],
  ['The trace file: `--trace-out FILE`, `replay FILE`, `replay --format json`', traceFileSchema],
];

interface Schema {
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
  description?: string;
}

export function jsonReference(): string {
  const parts = DOCUMENTS.map(([title, schema]) => {
    const rows = membersOf(z.toJSONSchema(schema, { io: 'output' }) as Schema, '');
    return `## ${title}\n\n| member | type | |\n|---|---|---|\n${rows.join('\n')}\n`;
  });
  const files = PUBLISHED.map(
    ({ name, title }) => `| [\`schemas/${name}.schema.json\`](schemas/${name}.schema.json) | ${title} |`,
  );
  return `# JSON documents

Each command prints exactly one JSON document with \`--json\`. Within a \`version\`, members are only ever added; ignore the ones that
you do not know. Values that JSON has no notation for (bigints, infinities, NaN) stand as strings, but in a
trace file, which is read again: there as \`{ "#bigint": "12" }\`, \`{ "#number": "NaN" }\`, \`{ "#undefined": true }\`.

As JSON Schema (draft 2020-12), in the package as well, with the version in \`$id\` and title:

| file | document |
|---|---|
${files.join('\n')}

${parts.join('\n')}`;
}

function membersOf(schema: Schema, prefix: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const optional = schema.required?.includes(name) ? '' : ', optional';
    const path = `${prefix}${name}`;
    const row = `| \`${path}\` | ${typeOf(member)}${optional} | ${member.description ?? ''} |`;
    return [row, ...inner(member, path)];
  });
}

/** The members of what a member holds: an object's, a list's elements', a map's values'. */
function inner(schema: Schema, path: string): string[] {
  if (schema.anyOf) return schema.anyOf.flatMap((option) => inner(option, path));
  if (schema.properties) return membersOf(schema, `${path}.`);
  if (schema.items) return inner(schema.items, `${path}[]`);
  if (typeof schema.additionalProperties === 'object') return inner(schema.additionalProperties, `${path}.*`);
  return [];
}

function typeOf(schema: Schema): string {
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(', ');
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}`;
  return [schema.type ?? 'any'].flat().join(' or ');
}
