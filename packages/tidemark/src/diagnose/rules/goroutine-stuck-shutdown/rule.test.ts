import { parseDump } from '@tidemark/goroutine';
import { describe, expect, it } from 'vitest';
import { goroutineWaits } from '../../goroutine/waits.js';
import { goroutineStuckShutdown } from './rule.js';

const dump = (wait: string, method: string) =>
  parseDump(`goroutine 1 [${wait}]:
sync.runtime_SemacquireWaitGroup(0x0?, 0x0?)
\truntime/sema.go:114 +0x2e
sync.(*WaitGroup).Wait(0xc000012010)
\tsync/waitgroup.go:206 +0x85
main.(*Server).${method}(0xc000012000)
\tshop/main.go:40 +0x20
main.main()
\tshop/main.go:12 +0x31

goroutine 9 [chan receive (nil chan), 4 minutes]:
main.(*Server).work(0xc000012000)
\tshop/main.go:60 +0x20
created by main.main in goroutine 1
\tshop/main.go:10 +0x31
`);
const subject = { service: 'shop', instance: null, build: null, goVersion: null, pid: null, ageSeconds: null };

function judge(...dumps: [ReturnType<typeof parseDump>, number][]) {
  const waits = goroutineWaits(dumps.map(([d, atMs]) => ({ dump: d, capture: 'x', atMs })));
  return goroutineStuckShutdown.judge({
    subject,
    heap: null,
    goroutines: null,
    signals: null,
    evidence: [waits],
    target: [],
  });
}

describe('goroutine/stuck-shutdown', () => {
  it('tells a shutdown that stands still, and what is stuck meanwhile', () => {
    const [finding] = judge([dump('sync.WaitGroup.Wait, 4 minutes', 'Shutdown'), 0]);
    expect(finding).toMatchObject({ verdict: 'leak', site: { function: 'main.(*Server).Shutdown', line: 40 } });
    expect(finding!.evidence.map((e) => e.text).join('\n')).toContain('nil-channel');
  });

  it('knows it from two looks as well', () => {
    const standing = dump('sync.WaitGroup.Wait', 'Stop');
    expect(judge([standing, 0], [standing, 30_000])).toHaveLength(1);
  });

  it('gives a shutdown its time, and is silent where nothing ends', () => {
    const young = dump('sync.WaitGroup.Wait', 'Shutdown');
    expect(judge([young, 0])).toEqual([]);
    expect(judge([young, 0], [young, 1000])).toEqual([]);
    expect(judge([dump('sync.WaitGroup.Wait, 4 minutes', 'Run'), 0])).toEqual([]);
  });
});
