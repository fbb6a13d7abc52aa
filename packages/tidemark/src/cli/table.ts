import type { CommandEntry } from './command.js';

/** Every command. A command that does not work is not listed. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'diagnose',
    usage: '<url|file…>',
    group: 'Look',
    load: async () => ({ spec: (await import('./commands/diagnose.js')).diagnoseCommand }),
  },
  {
    name: 'compare',
    usage: '<before> <after>',
    group: 'Look',
    load: async () => ({ spec: (await import('./commands/compare.js')).compareCommand }),
  },
  {
    name: 'goroutines',
    usage: '<url|file>',
    group: 'Look',
    load: async () => ({ spec: (await import('./goroutines.js')).goroutinesCommand }),
  },
  {
    name: 'watch',
    usage: '<url…>',
    group: 'Look',
    load: async () => ({ spec: (await import('./commands/watch.js')).watchCommand }),
  },
  {
    name: 'gctrace',
    usage: '[file]',
    group: 'Look',
    load: async () => ({ spec: (await import('./commands/gctrace.js')).gctraceCommand }),
  },
  {
    name: 'pprof',
    usage: '[flags] <profile…>',
    group: 'Look',
    load: async () => {
      const { PPROF_OPTION_NAMES, runPprof } = await import('./pprof.js');
      return { runRaw: runPprof, options: PPROF_OPTION_NAMES };
    },
  },
  {
    name: 'scan',
    usage: '[packages]',
    group: 'Source',
    load: async () => ({ spec: (await import('./commands/scan.js')).scanCommand }),
  },
  {
    name: 'facts',
    usage: '<package>',
    group: 'Source',
    load: async () => ({ spec: (await import('./commands/facts.js')).factsCommand }),
  },
  {
    name: 'growth',
    usage: '<services.ndjson[.gz]>',
    group: 'hidden',
    load: async () => ({ spec: (await import('./growth.js')).growthCommand }),
  },
  {
    name: 'doctor',
    usage: '[url]',
    group: 'Help',
    load: async () => ({ spec: (await import('./commands/doctor.js')).doctorCommand }),
  },
  {
    name: 'explain',
    usage: '[rule|code]',
    group: 'Help',
    load: async () => ({ spec: (await import('./commands/explain.js')).explainCommand }),
  },
  {
    name: 'config',
    usage: '[command]',
    group: 'Help',
    load: async () => ({ spec: (await import('./commands/config.js')).configCommand }),
  },
  {
    name: 'completion',
    usage: '<bash|zsh|fish>',
    group: 'Help',
    load: async () => ({ spec: (await import('./commands/completion.js')).completionCommand }),
  },
];
