/** Version of each document that Tidemark writes; a reader refuses what is newer (TM_SCHEMA_NEWER). */
export const SCHEMA_VERSIONS = {
  report: 1,
  comparison: 1,
  capture: 1,
  finding: 1,
  manifest: 1,
  goroutines: 1,
  gctrace: 1,
  watch: 1,
} as const;
