import { atlas } from './atlas.js';
import { commandPages } from './commands.js';
import { errorsPage } from './errors.js';
import { schemas } from './schemas.js';

/** Repository-relative path → text of every file that is made from code. */
export async function generate(): Promise<Record<string, string>> {
  return { 'docs/errors.md': errorsPage(), ...schemas(), ...atlas(), ...(await commandPages()) };
}
