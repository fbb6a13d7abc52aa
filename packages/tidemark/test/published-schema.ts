import { readFileSync } from 'node:fs';
import { z } from 'zod';

/**
 * What is wrong with a document by the published schema that it names; empty when it meets it. The file is read, not the
 * schema in the code, so a field that was never published is an error too.
 */
export function violations(document: { readonly $schema: string }): string[] {
  const name = /^tidemark-([a-z]+-v\d+\.schema\.json)$/.exec(document.$schema)?.[1];
  if (!name) return [`${document.$schema} names no schema`];
  const text = readFileSync(new URL(`../../model/schemas/${name}`, import.meta.url), 'utf8');
  const result = z.fromJSONSchema(JSON.parse(text)).safeParse(document);
  return result.success ? [] : result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
}
