/** The Informal Trace Format as its specification describes it, to hold traces against; JSON numbers are no values. */
import { z } from 'zod';

const itfValue: z.ZodType = z
  .lazy(() =>
    z.union([
      z.boolean(),
      z.string(),
      z.strictObject({ '#bigint': z.string().regex(/^-?\d+$/) }),
      z.strictObject({ '#tup': z.array(itfValue) }),
      z.strictObject({ '#set': z.array(itfValue) }),
      z.strictObject({ '#map': z.array(z.tuple([itfValue, itfValue])) }),
      z.strictObject({ '#unserializable': z.string() }),
      z.array(itfValue),
      z.record(z.string().regex(/^[^#]/), itfValue),
    ]),
  )
  .meta({ id: 'ItfValue' });

const itfState = z.object({ '#meta': z.looseObject({ index: z.int().min(0) }) }).catchall(itfValue);

export const itfSchema = z.strictObject({
  '#meta': z.looseObject({ format: z.literal('ITF'), 'format-description': z.url() }),
  params: z.array(z.string()).exactOptional(),
  vars: z.array(z.string().regex(/^[A-Za-z_]\w*$/)).min(1),
  states: z.array(itfState).min(1),
  loop: z.int().min(0).exactOptional().describe('the state that follows the last one'),
});
