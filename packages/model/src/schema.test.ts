import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
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
} from './index.js';

const DOCUMENTS = {
  ...{ report: Report, capture: Capture, comparison: Comparison, finding: Finding },
  ...{ goroutines: GoroutinesDocument, gctrace: GcTraceDocument, watch: WatchDocument },
} as const;

describe('published schemas', () => {
  it.each(Object.entries(DOCUMENTS))('%s is what was published under its version', (name, schema) => {
    const version = SCHEMA_VERSIONS[name as keyof typeof DOCUMENTS];
    const file = new URL(`../schemas/${name}-v${version}.schema.json`, import.meta.url);
    const { title: _, ...published } = JSON.parse(readFileSync(file, 'utf8'));
    // A change needs a new version (and an upgrader): who reads version 1 must find what version 1 says.
    expect(JSON.parse(JSON.stringify(z.toJSONSchema(schema, { target: 'draft-2020-12' })))).toEqual(published);
  });
});
