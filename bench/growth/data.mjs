import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { readService } from '@tidemark/growth';
import { simulateService } from './simulate.mjs';

export const LOOKS = [0.2, 0.4, 0.6, 0.8, 1];

/** {service, truth} one after the other, from a folder with services.ndjson.gz and truth.json, or made by the simulator. */
export async function* services({ folder, count, seed }) {
  if (folder && existsSync(join(folder, 'services.ndjson.gz'))) {
    const truths = new Map(JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8')).map((t) => [t.service, t]));
    const lines = createReadStream(join(folder, 'services.ndjson.gz')).pipe(createGunzip());
    for await (const line of createInterface({ input: lines })) {
      const service = readService(JSON.parse(line));
      const truth = truths.get(service.service);
      if (truth) yield { service, truth };
    }
    return;
  }
  for (let i = 0; i < count; i++) {
    const { document, truth } = simulateService(seed * 100_003 + i);
    yield { service: readService(document), truth };
  }
}
