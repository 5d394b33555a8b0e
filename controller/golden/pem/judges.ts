/**
 * Checks with OpenSSL whether PEM that the model accepts can be used, both as nginx loads it and as the Lua code parses
 * it.
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LUA_DIRECTORY } from '../../cli/stages.ts';
import { readCapabilities } from '../../nginx/index.ts';
import type { LiveCertificate } from '../../types/live.ts';

const run = promisify(execFile);

/** TLS directives, each with the content of the file that it names. */
export type TlsFiles = Readonly<Record<string, string>>;

export interface PemJudge {
  /** The message of `nginx -t` for an nginx.conf with one server for each item; undefined if nginx accepts it. */
  readonly nginx: (servers: readonly TlsFiles[]) => Promise<string | undefined>;
  /** For each certificate in the live data, why Lua rejects it; undefined if Lua accepts it. */
  readonly lua: (certificates: readonly LiveCertificate[]) => Promise<readonly (string | undefined)[]>;
  readonly end: () => Promise<void>;
}

/** `pair` is the certificate of servers that are given none. */
export async function startPemJudge(pair: { readonly cert: string; readonly key: string }): Promise<PemJudge> {
  const found = await readCapabilities();
  if ('missing' in found) throw new Error(`missing: ${found.missing.join(', ')}`);
  const { binary, modules } = found;
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-pem-'));
  const head = `${modules.map((module) => `load_module ${module};`).join('\n')}
pid ${folder}/pid; error_log stderr; events {}
`;

  async function nginx(servers: readonly TlsFiles[]): Promise<string | undefined> {
    const base: TlsFiles = { ssl_certificate: pair.cert, ssl_certificate_key: pair.key };
    const blocks: string[] = [];
    for (const [index, files] of servers.entries()) {
      const lines: string[] = [];
      for (const [name, content] of Object.entries({ ...base, ...files })) {
        const file = join(folder, `${index}-${name}.pem`);
        await writeFile(file, content);
        lines.push(`${name} ${file};`);
      }
      // nginx loads these files only if they are used.
      if (files['ssl_client_certificate'] !== undefined) lines.push('ssl_verify_client on;');
      const passes = Object.keys(files).some((name) => name.startsWith('proxy_'));
      if (passes) lines.push('location / { proxy_pass https://127.0.0.1:1; }');
      blocks.push(`server { listen unix:${folder}/socket ssl; server_name s${index}.test; ${lines.join(' ')} }`);
    }
    await writeFile(join(folder, 'test.conf'), `${head}http { access_log off; ${blocks.join('\n')} }\n`);
    const conf = join(folder, 'test.conf');
    return run(binary, ['-t', '-p', folder, '-c', conf]).then(
      () => undefined,
      (error: unknown) => (error as { stderr?: string }).stderr ?? String(error),
    );
  }

  async function lua(certificates: readonly LiveCertificate[]): Promise<readonly (string | undefined)[]> {
    const [given, answers] = [join(folder, 'given.json'), join(folder, 'answers')];
    await writeFile(given, certificates.map((each) => JSON.stringify(each)).join('\n'));
    await rm(answers, { force: true });
    const conf = join(folder, 'lua.conf');
    const script = `
      local certificate = require 'tidegate.shapes.certificate'
      local out = assert(io.open('${answers}', 'w'))
      for line in io.lines('${given}') do
        local value, reason = certificate.read(require('cjson.safe').decode(line))
        out:write(value and (value.matches and '' or 'another key') or reason, '\\n')
      end
      out:close()
      os.exit(0)`;
    await writeFile(
      conf,
      `daemon off; master_process off; ${head}http { access_log off; lua_package_path "${LUA_DIRECTORY}/?.lua;;"; init_by_lua_block {${script}\n} }\n`,
    );
    execFileSync(binary, ['-p', folder, '-c', conf], { stdio: 'pipe', timeout: 60_000 });
    const lines = (await readFile(answers, 'utf8')).split('\n').slice(0, -1);
    return lines.map((line) => (line === '' ? undefined : line));
  }

  return { nginx, lua, end: () => rm(folder, { recursive: true, force: true }) };
}
