import { access, constants, mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { freePort } from "../../servers/free-port.ts";
import { spawnProcess } from "../spawned.ts";
import { whenAnswering } from "../when-answering.ts";
import { type Contestant, type ContestantContext, MODEL } from "./contestant.ts";

/** Where Debian puts it is on nobody's PATH but root's. */
const FOLDERS = ["/usr/sbin", "/usr/local/sbin", "/usr/local/nginx/sbin"];

const CONFIG = (port: number, upstreamPort: number, folder: string) => `
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr error;
events { worker_connections 8192; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  keepalive_requests 100000000;
  upstream mock { server 127.0.0.1:${upstreamPort}; keepalive 256; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://mock;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`;

/** nginx as a plain reverse proxy with kept-alive upstream connections, one worker; null where it is not installed. */
export async function startNginx({ upstreamPort, workFolder }: ContestantContext): Promise<Contestant | null> {
  const binary = await findNginx();
  if (binary === null) return null;
  const folder = join(workFolder, "nginx");
  await mkdir(folder, { recursive: true });
  const port = await freePort();
  const configPath = join(folder, "nginx.conf");
  await writeFile(configPath, CONFIG(port, upstreamPort, folder));
  const logPath = join(folder, "nginx.log");
  const spawned = spawnProcess(binary, ["-c", configPath, "-p", folder, "-e", "stderr"], { logPath });
  await whenAnswering(port, spawned, "nginx");
  const target = { port, headers: {}, model: MODEL };
  return { name: "nginx", target, pid: spawned.pid, command: "nginx -c nginx.conf", stop: () => spawned.stop() };
}

async function findNginx(): Promise<string | null> {
  for (const folder of [...(process.env.PATH ?? "").split(delimiter), ...FOLDERS]) {
    const path = join(folder, "nginx");
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return null;
}
