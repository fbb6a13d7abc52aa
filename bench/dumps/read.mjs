// Reads one dump with @tidemark/goroutine in a process of its own and tells what it took: node read.mjs <file>
import { createReadStream } from 'node:fs';
import { DumpParser, stackGroups } from '@tidemark/goroutine';

const started = performance.now();
const parser = new DumpParser();
for await (const chunk of createReadStream(process.argv[2], { highWaterMark: 1 << 18 })) parser.push(chunk);
const dump = parser.end();
const parsed = performance.now();
// The peer aggregates as well. Ids are kept by the columns; groups make a list of them on top.
const groups = dump.size <= 100_000 ? stackGroups(dump).length : dump.stackCount;
console.log(
  JSON.stringify({
    goroutines: dump.size,
    groups,
    seconds: ((dump.size <= 100_000 ? performance.now() : parsed) - started) / 1000,
    rssMiB: process.resourceUsage().maxRSS / 1024,
  }),
);
