// Reads one dump with @tidemark/goroutine in a process of its own and tells what it took: node read.mjs <file> [times].
// Of several readings the best counts; the first one, `coldSeconds`, also pays for V8's warm-up.
import { createReadStream } from 'node:fs';
import { DumpParser, stackGroups } from '@tidemark/goroutine';

const [file, times = '1'] = process.argv.slice(2);
const seconds = [];
let goroutines = 0;
for (let i = 0; i < Number(times); i++) {
  const started = performance.now();
  const parser = new DumpParser();
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 18 })) parser.push(chunk);
  const dump = parser.end();
  // The peer aggregates as well. A million is read as columns alone: groups make lists of ids on top.
  if (dump.size <= 100_000) stackGroups(dump);
  seconds.push((performance.now() - started) / 1000);
  goroutines = dump.size;
}
const rssMiB = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ goroutines, seconds: Math.min(...seconds), coldSeconds: seconds[0], rssMiB }));
