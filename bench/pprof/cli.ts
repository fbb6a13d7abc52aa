import { isTidemarkError } from '@tidemark/model';
import { runPprof } from '../../packages/tidemark/src/cli/pprof.js';

// The command alone, as the entry of the tool would load it.
runPprof(process.argv.slice(2), process).catch((error) => {
  console.error(isTidemarkError(error) ? error.message : error);
  process.exitCode = 2;
});
