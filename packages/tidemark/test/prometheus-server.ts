import { type ChildProcess, spawn } from 'node:child_process';
import net from 'node:net';
import { parts } from '../../../scripts/parts.mjs';

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A real Prometheus on a folder with its `prometheus.yml` and `data`. It may not be ready yet. */
export async function startPrometheus(
  folder: string,
  flags: readonly string[] = [],
): Promise<{ api: string; child: ChildProcess }> {
  const port = await freePort();
  const own = [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`, '--log.level=warn'];
  const child = spawn(parts.prometheus.program!, [...own, `--web.listen-address=127.0.0.1:${port}`, ...flags], {
    stdio: 'ignore',
  });
  return { api: `http://127.0.0.1:${port}`, child };
}
