import { z } from 'zod';
import { PUBLISHED, SCHEMA_VERSIONS } from '../../packages/model/src/index.js';

/**
 * JSON Schemas of the documents that Tidemark writes. The name of a file holds its version; a schema that changed
 * under an unchanged version is refused by packages/model/src/schema.test.ts once that version was released.
 */
export function schemas(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(PUBLISHED).map(([name, schema]) => [
      `packages/model/schemas/${name}-v${SCHEMA_VERSIONS[name as keyof typeof SCHEMA_VERSIONS]}.schema.json`,
      `${JSON.stringify(
        { title: `tidemark ${name}`, ...(z.toJSONSchema(schema, { target: 'draft-2020-12' }) as object) },
        null,
        2,
      )}\n`,
    ]),
  );
}
