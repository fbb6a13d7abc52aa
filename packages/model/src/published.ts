import type { z } from 'zod';
import { Capture } from './capture.js';
import { Comparison } from './comparison.js';
import { GcTraceDocument, GoroutinesDocument, WatchDocument } from './documents.js';
import { Finding } from './finding.js';
import { Report } from './report.js';
import type { SCHEMA_VERSIONS } from './version.js';

/** The documents whose JSON Schema is published (packages/model/schemas), by the name in `$schema`. */
export const PUBLISHED: Readonly<Partial<Record<keyof typeof SCHEMA_VERSIONS, z.ZodType>>> = {
  report: Report,
  comparison: Comparison,
  capture: Capture,
  finding: Finding,
  goroutines: GoroutinesDocument,
  gctrace: GcTraceDocument,
  watch: WatchDocument,
};
