import { writeFileSync } from 'node:fs';
import { it } from 'vitest';
import { renderHtml } from '../../tidemark/src/report/html.js';
import { hostileReport, sampleReport } from './sample-report.js';
it('makes', () => {
  writeFileSync('/tmp/web-shots/sample.html', renderHtml(sampleReport()));
  writeFileSync('/tmp/web-shots/hostile.html', renderHtml(hostileReport()));
});
