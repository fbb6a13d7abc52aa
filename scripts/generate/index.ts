import { atlas } from './atlas.js';
import { commandPages } from './commands.js';
import { dashboardFile } from './deploy/dashboard.js';
import { rulesFile } from './deploy/rules.js';
import { testsFile } from './deploy/tests.js';
import { errorsPage } from './errors.js';
import { schemas } from './schemas.js';

/** Repository-relative path → text of every file that is made from code. */
export async function generate(): Promise<Record<string, string>> {
  return {
    'docs/errors.md': errorsPage(),
    'deploy/grafana/tidemark.json': dashboardFile(),
    'deploy/prometheus/tidemark.rules.yml': rulesFile(),
    'deploy/prometheus/tidemark.tests.yml': testsFile(),
    ...schemas(),
    ...atlas(),
    ...(await commandPages()),
  };
}
