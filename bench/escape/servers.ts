import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

/** A server from the module proxy, how it starts and how it is kept busy. */
export interface Server {
  readonly name: string;
  readonly module: string;
  readonly package: string;
  /** Writes what it needs into the folder and answers its arguments, with the port on which it has pprof. */
  prepare(folder: string): Promise<{ args: string[]; pprofPort: number; load: (until: number) => Promise<void> }>;
}

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.on('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
}

/** Publishers and subscribers that speak the text protocol: subscriptions that come and go, messages with replies. */
async function talkNats(port: number, until: number): Promise<void> {
  const client = (id: number) =>
    new Promise<void>((done, fail) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', fail);
      socket.on('close', () => done());
      socket.on('data', () => {});
      socket.write('CONNECT {"verbose":false,"pedantic":false}\r\n');
      let round = 0;
      const turn = () => {
        if (Date.now() >= until) return socket.end();
        let text = `SUB orders.${id}.* ${round}\r\n`;
        for (let n = 0; n < 200; n++) {
          text += `PUB orders.${(id + n) % CLIENTS}.${round % 1000} inbox.${id} 16\r\n0123456789abcdef\r\n`;
        }
        text += `UNSUB ${round}\r\nPING\r\n`;
        round++;
        socket.write(text, () => setTimeout(turn, 5));
      };
      turn();
    });
  // Clients come and go: what a connection needs is part of the picture.
  while (Date.now() < until) {
    const round = Math.min(until, Date.now() + 2000);
    await Promise.all(Array.from({ length: CLIENTS }, (_, id) => talkOnce(client, id, round)));
  }
}

const CLIENTS = 20;

async function talkOnce(client: (id: number) => Promise<void>, id: number, until: number): Promise<void> {
  while (Date.now() < until) await client(id);
}

const nats: Server = {
  name: 'nats-server',
  module: 'github.com/nats-io/nats-server/v2@v2.15.2',
  package: '.',
  async prepare() {
    const [port, pprofPort] = [await freePort(), await freePort()];
    return {
      args: ['-a', '127.0.0.1', '-p', `${port}`, '--profile', `${pprofPort}`],
      pprofPort,
      load: (until) => talkNats(port, until),
    };
  },
};

/** Requests of all kinds that the configuration answers, a few at a time. */
async function browse(port: number, until: number): Promise<void> {
  const paths = ['/files/', '/files/a.txt', '/page/hello.html', '/proxy/a.txt', '/nothing', '/redirect'];
  const visitor = async (id: number) => {
    for (let n = id; Date.now() < until; n++) {
      const response = await fetch(`http://127.0.0.1:${port}${paths[n % paths.length]}?n=${n}`, {
        redirect: 'manual',
        headers: { 'accept-encoding': 'gzip', 'x-visitor': `${id}` },
      });
      await response.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, id) => visitor(id)));
}

const caddy: Server = {
  name: 'caddy',
  module: 'github.com/caddyserver/caddy/v2@v2.10.2',
  package: './cmd/caddy',
  async prepare(folder) {
    const [port, upstream, pprofPort] = [await freePort(), await freePort(), await freePort()];
    mkdirSync(join(folder, 'www'), { recursive: true });
    for (let n = 0; n < 50; n++) writeFileSync(join(folder, `www/file-${n}.txt`), `${n}\n`.repeat(500));
    writeFileSync(join(folder, 'www/a.txt'), 'hello\n'.repeat(2000));
    writeFileSync(
      join(folder, 'www/hello.html'),
      '<h1>{{.Req.URL.Path}}</h1>{{range (list 1 2 3)}}<p>{{.}}</p>{{end}}',
    );
    writeFileSync(
      join(folder, 'Caddyfile'),
      `{
	admin 127.0.0.1:${pprofPort}
	auto_https off
}
http://127.0.0.1:${port} {
	root * ${join(folder, 'www')}
	encode gzip
	log {
		output file ${join(folder, 'access.log')}
	}
	handle_path /files/* {
		file_server browse
	}
	handle_path /page/* {
		templates
		file_server
	}
	handle_path /proxy/* {
		reverse_proxy 127.0.0.1:${upstream}
	}
	redir /redirect /files/
}
http://127.0.0.1:${upstream} {
	root * ${join(folder, 'www')}
	file_server
}
`,
    );
    return {
      args: ['run', '--config', join(folder, 'Caddyfile')],
      pprofPort,
      load: (until) => browse(port, until),
    };
  },
};

export const SERVERS: readonly Server[] = [nats, caddy];
