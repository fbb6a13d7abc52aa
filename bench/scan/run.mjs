// npm run bench:scan — recall and false alarms of `facts scan` on the labelled suite (go/facts/testdata/suite), a pattern a
// row, beside the leak linters of golangci-lint in the same run. A case is a function whose name begins with leak or clean;
// a leak is found when a finding lies in its lines, a clean twin is a false alarm when one does.
//   node bench/scan/run.mjs [--module DIR]   with --module: findings per 10,000 lines of a real module, each listed
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cache = join(root, '.cache');
const suite = join(root, 'go/facts/testdata/suite');
const GOLANGCI = 'v2.15.0';
mkdirSync(join(cache, 'bin'), { recursive: true });

const run = (command, args, options = {}) =>
  spawnSync(command, args, { encoding: 'utf8', maxBuffer: 256 << 20, ...options });

function must(result, what) {
  if (result.error || (result.status !== 0 && result.status !== 3)) {
    console.error(`${what}: ${result.error?.message ?? result.stderr.trim().split('\n').slice(-5).join('\n')}`);
    process.exit(2);
  }
  return result;
}

const facts = join(cache, 'bin/facts');
must(run('go', ['build', '-o', facts, '.'], { cwd: join(root, 'go/facts') }), 'go build go/facts');

function scan(folder, patterns) {
  const started = performance.now();
  const { stdout } = must(run(facts, ['scan', '-C', folder, '-cache', '', ...patterns]), 'facts scan');
  return { document: JSON.parse(stdout), seconds: (performance.now() - started) / 1000 };
}

/** Go files below a folder, without those of modules inside it. */
function goFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return entry.name.endsWith('.go') && !entry.name.endsWith('_test.go') ? [path] : [];
    return existsSync(join(path, 'go.mod')) ? [] : goFiles(path);
  });
}

function casesOf(file) {
  const lines = readFileSync(file, 'utf8').split('\n');
  const cases = [];
  for (const [i, line] of lines.entries()) {
    const name = /^func (?:\([^)]*\) )?([A-Za-z]\w*)/.exec(line)?.[1];
    const label = name && /^(leak|clean)/.exec(name)?.[1];
    if (!label) continue;
    const end = line.endsWith('}') ? i : lines.indexOf('}', i);
    cases.push({
      file: relative(suite, file),
      pattern: relative(suite, file).split('/')[0],
      name,
      label,
      from: i + 1,
      to: end + 1,
    });
  }
  return cases;
}

/**
 * Findings of golangci-lint's linters about leaks. Those about contexts that are not handed on (noctx, contextcheck) and about
 * rows.Err (rowserrcheck) speak of something else: they would count as finds and as false alarms by chance. Null when it cannot be had. */
function golangci() {
  const binary = join(cache, 'bin/golangci-lint');
  if (!existsSync(binary)) {
    const env = { ...process.env, GOBIN: join(cache, 'bin'), GOFLAGS: '-mod=mod' };
    const module = `github.com/golangci/golangci-lint/v2/cmd/golangci-lint@${GOLANGCI}`;
    console.error(`installing golangci-lint ${GOLANGCI} …`);
    const got = run('go', ['install', module], { env });
    if (got.status !== 0) {
      console.error(`golangci-lint: skipped, cannot be installed: ${got.stderr.trim().split('\n').at(-1)}`);
      return null;
    }
  }
  const config = join(cache, 'golangci-scan.yml');
  writeFileSync(
    config,
    `version: "2"
linters:
  default: none
  enable: [bodyclose, sqlclosecheck, fatcontext, spancheck, govet, gosec, gocritic, staticcheck]
  settings:
    govet: { disable-all: true, enable: [lostcancel, copylocks, unusedresult] }
    gosec: { includes: [G112, G114, G118] }
    gocritic: { disable-all: true, enabled-checks: [deferInLoop] }
    staticcheck: { checks: [SA1015, SA2000, SA2001, SA2002, SA2003, SA5003, SA5001] }
issues: { max-issues-per-linter: 0, max-same-issues: 0 }
`,
  );
  const args = ['run', '--config', config, '--output.json.path', 'stdout', '--show-stats=false', './...'];
  const started = performance.now();
  const result = run(binary, args, { cwd: suite, env: { ...process.env, GOFLAGS: '-mod=mod' } });
  try {
    const issues = JSON.parse(result.stdout.slice(result.stdout.indexOf('{'))).Issues ?? [];
    const list = issues.map((issue) => ({
      file: issue.Pos.Filename.replace(/^.*testdata\/suite\//, ''),
      line: issue.Pos.Line,
    }));
    return { list, seconds: (performance.now() - started) / 1000 };
  } catch {
    console.error(`golangci-lint: skipped, its answer is not understood: ${result.stderr.trim().slice(0, 300)}`);
    return null;
  }
}

function realModule(folder) {
  const { document, seconds } = scan(folder, ['./...']);
  const lines = goFiles(folder).reduce((sum, file) => sum + readFileSync(file, 'utf8').split('\n').length, 0);
  for (const f of document.findings) {
    console.log(`${f.verdict.padEnd(8)} ${f.rule.padEnd(28)} ${f.repoFile || f.file}:${f.line}  ${f.message}`);
  }
  const rate = (document.findings.length / lines) * 10_000;
  console.log(
    `${document.findings.length} findings in ${lines} lines (${document.packages} packages, ${document.failed.length} not read): ${rate.toFixed(2)} per 10,000 lines, ${seconds.toFixed(1)} s`,
  );
}

function labelled() {
  const cases = goFiles(suite).flatMap(casesOf);
  const ours = scan(suite, ['./...']);
  const theirs = golangci();
  const tools = [
    { name: 'tidemark', list: ours.document.findings.map((f) => ({ file: f.repoFile, line: f.line })) },
    ...(theirs ? [{ name: 'golangci-lint', list: theirs.list }] : []),
  ];
  const hit = (tool, one) => tool.list.some((f) => f.file === one.file && f.line >= one.from && f.line <= one.to);
  const row = (name, some) => {
    const leaks = some.filter((one) => one.label === 'leak');
    const clean = some.filter((one) => one.label === 'clean');
    const parts = tools.map((tool) => {
      const found = leaks.filter((one) => hit(tool, one)).length;
      const wrong = clean.filter((one) => hit(tool, one)).length;
      return `${`${found}/${leaks.length}`.padStart(10)} ${`${wrong}/${clean.length}`.padStart(12)}`;
    });
    console.log(`${name.padEnd(14)} ${parts.join('   ')}`);
    return { leaks, clean };
  };
  console.log(`${''.padEnd(14)} ${tools.map((tool) => tool.name.padStart(23)).join('   ')}`);
  console.log(`${'pattern'.padEnd(14)} ${tools.map(() => '     found  false alarm').join('   ')}`);
  for (const pattern of [...new Set(cases.map((one) => one.pattern))].sort()) {
    row(
      pattern,
      cases.filter((one) => one.pattern === pattern),
    );
  }
  const { leaks, clean } = row('all', cases);
  for (const tool of tools) {
    const recall = leaks.filter((one) => hit(tool, one)).length / leaks.length;
    const wrong = clean.filter((one) => hit(tool, one)).length / clean.length;
    console.log(`${tool.name}: recall ${(recall * 100).toFixed(1)} %, false alarms ${(wrong * 100).toFixed(1)} %`);
  }
  console.log(
    `time: tidemark ${ours.seconds.toFixed(1)} s without its cache${theirs ? `, golangci-lint ${theirs.seconds.toFixed(1)} s` : ''}`,
  );
  for (const one of cases) {
    const found = hit(tools[0], one);
    if (found !== (one.label === 'leak'))
      console.log(`${found ? 'false alarm' : 'missed'}: ${one.file}:${one.from} ${one.name}`);
  }
}

const at = process.argv.indexOf('--module');
if (at > 0) realModule(process.argv[at + 1]);
else labelled();
