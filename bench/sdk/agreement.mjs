// What "the same verdict" means: the verdict of the whole, and each leak or suspect by its rule and place.
const alarms = (report) =>
  report.findings
    .filter((f) => f.verdict === 'leak' || f.verdict === 'suspect')
    .map((f) => `${f.rule} ${f.site?.function ?? '-'}`)
    .sort();

const sameVerdict = ({ plain, sdk }) => plain.verdict === sdk.verdict;
/** Rules that read what only one door tells need not agree: they are listed, and count against the second figure. */
const samePlaces = ({ plain, sdk }) => alarms(plain).join('\n') === alarms(sdk).join('\n');

/** One line a run. */
export function row(result) {
  const { run } = result;
  const name = `${run.kind} ${run.name}`.padEnd(34);
  if (result.error) return `✗ ${name} failed: ${result.error}`;
  const { plain, sdk } = result;
  const mark = sameVerdict(result) ? (samePlaces(result) ? '✓' : '~') : '✗';
  const only = (a, b) => alarms(a).filter((one) => !alarms(b).includes(one));
  const differs = [
    ...only(plain, sdk).map((one) => `pprof only: ${one}`),
    ...only(sdk, plain).map((one) => `sdk only: ${one}`),
  ];
  return `${mark} ${name} pprof ${plain.verdict.padEnd(9)} sdk ${sdk.verdict.padEnd(9)} ${differs.join('; ')}`;
}

/** The table of verdicts and how many agree. */
export function agreement(results) {
  const whole = results.filter((result) => !result.error);
  const verdicts = ['leak', 'suspect', 'undecided', 'clear'];
  const count = (plain, sdk) => whole.filter((r) => r.plain.verdict === plain && r.sdk.verdict === sdk).length;
  const failed = results.length - whole.length;
  const lines = [
    `${'pprof ↓  sdk →'.padEnd(16)}${verdicts.map((v) => v.padStart(10)).join('')}`,
    ...verdicts.map((p) => `${p.padEnd(16)}${verdicts.map((s) => String(count(p, s)).padStart(10)).join('')}`),
    `the same verdict in ${whole.filter(sameVerdict).length} of ${whole.length} runs, the same rules and places in ${whole.filter(samePlaces).length}`,
    ...(failed > 0 ? [`${failed} runs failed: they count for nothing`] : []),
    ...whole.filter((r) => !sameVerdict(r) || !samePlaces(r)).map(row),
  ];
  return { text: lines.join('\n'), failed };
}
