/** `docs/schemas/*.json`: the JSON Schema of every document that a program may read, from the zod schemas that Faultline uses. */
import { z } from 'zod';
import {
  checkDocumentSchema,
  DOCUMENT_VERSION,
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
import { DIAGRAM_VERSION, diagramSchema } from '../src/diagram/diagram-json.ts';
import { coverageSchema } from '../src/diagram/marks.ts';
import { itfSchema } from '../src/trace/itf-schema.ts';

interface Published {
  /** `docs/schemas/<name>.schema.json`. */
  readonly name: string;
  readonly title: string;
  readonly version: number;
  readonly schema: z.ZodType;
}

export const PUBLISHED: readonly Published[] = [
  { name: 'list', title: 'faultline list --json', version: DOCUMENT_VERSION, schema: listDocumentSchema },
  {
    name: 'machines',
    title: 'faultline list --machines --json',
    version: DOCUMENT_VERSION,
    schema: machinesDocumentSchema,
  },
  { name: 'check', title: 'faultline check --json', version: DOCUMENT_VERSION, schema: checkDocumentSchema },
  { name: 'replay', title: 'faultline replay --json', version: DOCUMENT_VERSION, schema: replayDocumentSchema },
  { name: 'stress', title: 'faultline stress --json', version: DOCUMENT_VERSION, schema: stressDocumentSchema },
  { name: 'simulate', title: 'faultline simulate --json', version: DOCUMENT_VERSION, schema: simulateDocumentSchema },
  {
    name: 'studies',
    title: 'faultline simulate --json, without a target',
    version: DOCUMENT_VERSION,
    schema: studiesDocumentSchema,
  },
  { name: 'validate', title: 'faultline validate --json', version: DOCUMENT_VERSION, schema: validateDocumentSchema },
  { name: 'trace-file', title: 'A trace file of Faultline', version: DOCUMENT_VERSION, schema: traceFileSchema },
  { name: 'diagram', title: 'faultline diagram --json', version: DIAGRAM_VERSION, schema: diagramSchema },
  { name: 'graph', title: 'faultline graph --format json', version: DOCUMENT_VERSION, schema: graphDocumentSchema },
  { name: 'coverage', title: 'A coverage file for faultline diagram', version: 1, schema: coverageSchema },
  { name: 'itf', title: 'A trace in the Informal Trace Format', version: 1, schema: itfSchema },
];

export function jsonSchemaOf({ name, title, version, schema }: Published): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'output' });
  const open = withOpenObjects(rest, name !== 'itf') as Record<string, unknown>;
  return { $schema, $id: `urn:faultline:${name}:v${version}`, title: `${title}, version ${version}`, ...open };
}

/** Members are added within a version, so that a reader must not refuse the ones that it does not know. */
function withOpenObjects(schema: unknown, applies: boolean): unknown {
  if (!applies) return schema;
  if (Array.isArray(schema)) return schema.map((one) => withOpenObjects(one, true));
  if (typeof schema !== 'object' || schema === null) return schema;
  const members = Object.entries(schema).filter(
    ([key, value]) => !(key === 'additionalProperties' && value === false && 'properties' in schema),
  );
  return Object.fromEntries(members.map(([key, value]) => [key, withOpenObjects(value, true)]));
}

export function schemaText(published: Published): string {
  return `${JSON.stringify(jsonSchemaOf(published), null, 2)}\n`;
}
