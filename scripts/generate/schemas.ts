import { z } from 'zod';
import {
  Capture,
  Comparison,
  Finding,
  GcTraceDocument,
  GoroutinesDocument,
  Report,
  SCHEMA_VERSIONS,
  WatchDocument,
} from '../../packages/model/src/index.js';

/**
 * JSON Schemas of the documents that Tidemark writes. The name of a file holds its version; a schema that changed
 * under an unchanged version is refused by packages/model/src/schema.test.ts once that version was released.
 */
export function schemas(): Record<string, string> {
  const write = (name: keyof typeof SCHEMA_VERSIONS, schema: z.ZodType) => ({
    [`packages/model/schemas/${name}-v${SCHEMA_VERSIONS[name]}.schema.json`]: `${JSON.stringify(
      { title: `tidemark ${name}`, ...(z.toJSONSchema(schema, { target: 'draft-2020-12' }) as object) },
      null,
      2,
    )}\n`,
  });
  return {
    ...write('report', Report),
    ...write('comparison', Comparison),
    ...write('capture', Capture),
    ...write('finding', Finding),
    ...write('goroutines', GoroutinesDocument),
    ...write('gctrace', GcTraceDocument),
    ...write('watch', WatchDocument),
  };
}
