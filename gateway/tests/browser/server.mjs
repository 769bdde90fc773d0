// The real binary with its demo, on a free port of this machine, in a folder that is thrown away.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const DEMO = { email: 'demo@example.com', password: 'tidy-otter-counts-coins' };

/// How many wrong passwords an account is forgiven in a minute: few, so that the limit is soon seen.
export const TRIES = 8;

const PATIENCE_MS = 60_000;

export async function start(binary) {
  const folder = mkdtempSync(join(tmpdir(), 'bursar-browser-'));
  const database = join(folder, 'bursar.db');
  const environment = Object.entries(process.env).filter(([name]) => !name.startsWith('BURSAR_'));
  const child = spawn(binary, ['serve', '--demo'], {
    cwd: folder,
    env: {
      ...Object.fromEntries(environment),
      BURSAR_LISTEN: '127.0.0.1:0',
      BURSAR_DATABASE_URL: `sqlite://${database}`,
      BURSAR_DATABASE_DURABLE: 'false',
      BURSAR_SIGN_IN_TRIES_PER_MINUTE_PER_ACCOUNT: String(TRIES),
      BURSAR_SIGN_IN_TRIES_PER_MINUTE_PER_IP: '1000',
      BURSAR_SIGN_IN_CALLBACK_SCHEMES: 'vscode',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = [];
  const ended = once(child, 'exit');
  const ready = new Promise((resolve, reject) => {
    const listen = (line) => {
      said.push(line);
      const found = line.match(/ is ready at (http:\/\/\S+)/);
      if (found) resolve(found[1]);
    };
    createInterface({ input: child.stdout }).on('line', listen);
    createInterface({ input: child.stderr }).on('line', listen);
    ended.then(([code]) => reject(new Error(`bursar ended (${code}):\n${said.join('\n')}`)));
    const late = () => reject(new Error(`bursar is not ready after ${PATIENCE_MS} ms:\n${said.join('\n')}`));
    setTimeout(late, PATIENCE_MS).unref();
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { url: await ready, database, said, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
