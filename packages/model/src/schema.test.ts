import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PUBLISHED, SCHEMA_VERSIONS } from './index.js';

describe('published schemas', () => {
  it.each(Object.entries(PUBLISHED))('%s is what was published under its version', (name, schema) => {
    const version = SCHEMA_VERSIONS[name as keyof typeof SCHEMA_VERSIONS];
    const file = new URL(`../schemas/${name}-v${version}.schema.json`, import.meta.url);
    const { title: _, ...published } = JSON.parse(readFileSync(file, 'utf8'));
    // A change needs a new version (and an upgrader): who reads version 1 must find what version 1 says.
    expect(JSON.parse(JSON.stringify(z.toJSONSchema(schema, { target: 'draft-2020-12' })))).toEqual(published);
  });
});
