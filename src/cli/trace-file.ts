/** Trace files: written without a loss, and read with trust in nothing: one may be cut off, from another version, or no trace. */
import { z } from 'zod';
import { decodePlain, encodePlain, parseJson } from '../trace/plain-json.ts';
import { DOCUMENT_VERSION, type TraceFile, traceFileSchema } from './documents.ts';
import { textOf, UsageError } from './errors.ts';
import { readText } from './read-file.ts';

/** @throws UsageError */
export function readTraceFile(path: string): TraceFile {
  const document = parse(path, readText('the trace file', path));
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
  const decoded = decodePlain(document);
  const checked = traceFileSchema.safeParse(decoded);
  // Not what the schema has copied: it leaves out members whose value is undefined.
  if (checked.success) return decoded as TraceFile;
  const [issue] = checked.error.issues;
  throw new UsageError(
    `${path} is no complete trace file: ${z.core.toDotPath(issue!.path)}: ${issue!.message}`,
    HOW_TO_GET,
  );
}

/** A trace file as text, with a newline at its end; `readTraceFile` reads the very same values. */
export function traceFileText(file: TraceFile): string {
  return `${JSON.stringify(encodePlain(file), undefined, 2)}\n`;
}

const HOW_TO_GET = 'write one by: faultline check TARGET --variant V --trace-out FILE';

function parse(path: string, text: string): Record<string, unknown> {
  try {
    const document: unknown = parseJson(text);
    if (typeof document === 'object' && document !== null) return document as Record<string, unknown>;
  } catch (error) {
    throw new UsageError(`${path} is no complete JSON document: ${textOf(error)}`, 'is the file cut off?', {
      cause: error,
    });
  }
  throw new UsageError(`${path} is no trace file: it holds ${text.trim().slice(0, 40)}`, HOW_TO_GET);
}
