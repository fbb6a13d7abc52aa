/** What runs in the browser's worker: unpacks, reads, adds up and reports, with the same library as in Node. */
import { encodeProfile, flameGraph, mergeProfiles, readProfile, unpack, writeReport } from '../src/index.js';

async function gunzip(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes as BlobPart]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

self.onmessage = async (event: MessageEvent<Uint8Array>) => {
  try {
    const raw = await gunzip(event.data);
    // Browsers unpack asynchronously, so bytes come unpacked and the codec has nothing to do.
    const p = readProfile(unpack(raw, { gunzip: (b) => b }, 1 << 28), { gunzip: (b) => b });
    const sum = mergeProfiles([p, p]);
    let text = '';
    writeReport(sum, { format: 'text' }, { compile: () => () => true }, (chunk) => {
      text += chunk;
    });
    self.postMessage({ text, encoded: encodeProfile(sum).length, boxes: flameGraph(sum).root.children.length });
  } catch (error) {
    self.postMessage({ error: String(error) });
  }
};
