// What counts: a leak that adds at least 16 MiB or 50 goroutines while it is watched must be `leak` or `suspect` at the right
// function; a smaller one `undecided` with the time it needs (within 2x). A quiet run must have no `leak`, and no `suspect`
// unless the subject is still filling when the watch ends.
const MIN_BYTES = 16 * 1024 ** 2;
const MIN_GOROUTINES = 50;
const alarm = (finding) => finding.verdict === 'leak' || finding.verdict === 'suspect';

/** The function, or one of its closures, or the function around a closure. */
function sameFunction(found, wanted) {
  const bare = (name) => name.replace(/\[[^\]]*\]/g, '[...]').replace(/(?:\.func\d+|\.\d+)+$/, '');
  return bare(found) === bare(wanted);
}

function rightPlace(run, finding) {
  return finding.site !== null && run.subject.sites.some((site) => sameFunction(finding.site.function, site.function));
}

/** How long the leak must be watched to add the least amount that must be named, in seconds. */
function secondsNeeded(load) {
  const heap = load.heapBytesPerSecond > 0 ? MIN_BYTES / load.heapBytesPerSecond : Number.POSITIVE_INFINITY;
  const goroutines =
    load.goroutinesPerSecond > 0 ? MIN_GOROUTINES / load.goroutinesPerSecond : Number.POSITIVE_INFINITY;
  const offHeap = load.offHeapBytesPerSecond > 0 ? MIN_BYTES / load.offHeapBytesPerSecond : Number.POSITIVE_INFINITY;
  return Math.min(heap, goroutines, offHeap);
}

export function score(run, report, error) {
  if (!report) return { outcome: 'error', mark: '✗', says: error };
  const findings = report.findings;
  const alarms = findings.filter(alarm);
  const says = findings
    .filter((f) => f.verdict !== 'clear')
    .slice(0, 3)
    .map(
      (f) =>
        `${f.verdict} ${f.rule} ${f.site?.function.split('/').at(-1) ?? ''} ${f.moreSeconds ? `(+${Math.round(f.moreSeconds)} s)` : ''}`,
    )
    .join(' | ');
  if (run.kind !== 'leak') {
    if (findings.some((f) => f.verdict === 'leak')) return { outcome: 'false-leak', mark: '✗', says };
    if (alarms.length > 0) {
      return run.load.stillFilling && run.kind === 'quiet'
        ? { outcome: 'filling-suspect', mark: '~', says }
        : { outcome: 'false-suspect', mark: '✗', says };
    }
    return { outcome: 'quiet', mark: '✓', says: says || 'quiet' };
  }
  const needed = secondsNeeded(run.load);
  if (run.subject.signal === 'rss') {
    // No profile sees memory outside of the heap: what must be named is the process, and that it is not the heap.
    const seen = findings.some((f) => f.rule.startsWith('process/') && f.verdict !== 'clear');
    if (seen) return { outcome: 'named', mark: '✓', says };
    const large = needed <= report.window.seconds;
    return { outcome: large ? 'missed' : 'small-missed', mark: large ? '✗' : '~', says: says || 'nothing seen' };
  }
  if (needed <= report.window.seconds) {
    const named = alarms.some((f) => rightPlace(run, f));
    return { outcome: named ? 'named' : 'missed', mark: named ? '✓' : '✗', says: says || 'nothing seen' };
  }
  if (alarms.some((f) => rightPlace(run, f))) return { outcome: 'small-named', mark: '✓', says };
  const undecided = findings.find((f) => f.verdict === 'undecided' && f.moreSeconds && rightPlace(run, f));
  if (!undecided) return { outcome: 'small-missed', mark: '~', says: says || 'nothing seen' };
  const ratio = (undecided.moreSeconds + report.window.seconds) / needed;
  const within = ratio >= 0.5 && ratio <= 2;
  return {
    outcome: within ? 'small-time-right' : 'small-time-wrong',
    mark: within ? '✓' : '~',
    says: `${says} time ×${ratio.toFixed(2)}`,
  };
}

export function summary(results) {
  const count = (...outcomes) => results.filter((r) => outcomes.includes(r.outcome)).length;
  const large = count('named', 'missed');
  const quiet = results.filter((r) => r.run.kind !== 'leak' && r.outcome !== 'error').length;
  const lines = [
    `${count('named')} of ${large} leaks named at the right function, ${count('false-leak', 'false-suspect')} false alarms in ${quiet} quiet runs`,
    `  of the alarms in quiet runs: ${count('false-leak')} leak, ${count('false-suspect')} suspect, ${count('filling-suspect')} suspect while still filling (allowed)`,
    `  small leaks: ${count('small-time-right')} undecided with the right time (within 2x), ${count('small-time-wrong')} with a wrong one, ${count('small-named')} named already, ${count('small-missed')} not seen`,
  ];
  if (count('error') > 0) lines.push(`  ${count('error')} runs failed: they count for nothing`);
  for (const r of results.filter((x) =>
    ['missed', 'false-leak', 'false-suspect', 'error', 'small-time-wrong', 'small-missed'].includes(x.outcome),
  )) {
    lines.push(`  ${r.outcome.padEnd(16)} ${r.run.id}: ${r.says}`);
  }
  return lines.join('\n');
}
