/** Reads a trace file, and trusts nothing in it: it may be cut off, from another version, or no trace at all. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { DOCUMENT_VERSION, type TraceFile, traceFileSchema } from './documents.ts';
import { textOf, UsageError } from './errors.ts';

/** @throws UsageError */
export function readTraceFile(path: string): TraceFile {
  const document = parse(path, read(path));
  const { format, version } = document;
  if (format !== 'faultline-trace') {
    throw new UsageError(
      `${path} is no trace file: its format is ${JSON.stringify(format)}, not "faultline-trace"`,
      HOW_TO_GET,
    );
  }
  if (version !== DOCUMENT_VERSION) {
    const got = JSON.stringify(version);
    throw new UsageError(
      `${path} is a trace file of version ${got}; this faultline reads version ${DOCUMENT_VERSION}`,
      HOW_TO_GET,
    );
  }
  const checked = traceFileSchema.safeParse(document);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw new UsageError(
    `${path} is no complete trace file: ${z.core.toDotPath(issue!.path)}: ${issue!.message}`,
    HOW_TO_GET,
  );
}

const HOW_TO_GET = 'write one by: faultline check TARGET --variant V --trace-out FILE';

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read the trace file ${path}: ${textOf(error)}`, '', { cause: error });
  }
}

function parse(path: string, text: string): Record<string, unknown> {
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document === 'object' && document !== null) return document as Record<string, unknown>;
  } catch (error) {
    throw new UsageError(`${path} is no complete JSON document: ${textOf(error)}`, 'is the file cut off?', {
      cause: error,
    });
  }
  throw new UsageError(`${path} is no trace file: it holds ${text.trim().slice(0, 40)}`, HOW_TO_GET);
}
