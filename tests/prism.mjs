// Runs the console against the practice host with Prism between them, which holds both to GitHub's OpenAPI.
// The console asks a front of ours; the front asks Prism, and Prism the host. The front only changes the place to which
// assets are uploaded, so that Prism sees them too, and counts what was found wrong.
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";

const [binary, folder] = process.argv.slice(2);
const prism = path.join(folder, "node_modules/.bin/prism");
const started = [];
const REPO = "Seregawpn/Nexy_production";

/** The part of GitHub's description that the console uses. What GitHub does and its description denies is added. */
function cut() {
  const whole = JSON.parse(fs.readFileSync(path.join(folder, "node_modules/@octokit/openapi/generated/api.github.com.json")));
  const uses = {
    "/user": ["get"],
    "/rate_limit": ["get"],
    "/repos/{owner}/{repo}": ["get"],
    "/repos/{owner}/{repo}/immutable-releases": ["get"],
    "/repos/{owner}/{repo}/releases": ["get", "post"],
    "/repos/{owner}/{repo}/releases/tags/{tag}": ["get"],
    "/repos/{owner}/{repo}/releases/{release_id}": ["get", "patch", "delete"],
    "/repos/{owner}/{repo}/releases/{release_id}/assets": ["post"],
    "/repos/{owner}/{repo}/releases/assets/{asset_id}": ["get", "delete"],
  };
  const paths = {};
  for (const [name, methods] of Object.entries(uses)) {
    paths[name] = {};
    for (const method of methods) {
      const operation = { ...whole.paths[name][method] };
      delete operation.servers;
      paths[name][method] = operation;
    }
  }
  const components = {};
  const follow = (value) => {
    if (Array.isArray(value)) return value.forEach(follow);
    if (value === null || typeof value !== "object") return;
    if (typeof value.$ref === "string") {
      const [, , kind, name] = value.$ref.split("/");
      components[kind] ??= {};
      if (!(name in components[kind])) {
        components[kind][name] = whole.components[kind][name];
        follow(components[kind][name]);
      }
    }
    Object.values(value).forEach(follow);
  };
  follow(paths);
  // An asset has its own media type ("Use the required Content-Type header to provide the media type of the asset").
  const upload = paths["/repos/{owner}/{repo}/releases/{release_id}/assets"].post;
  upload.requestBody.content = { "*/*": Object.values(upload.requestBody.content)[0] };
  const spec = { openapi: whole.openapi, info: whole.info, paths, components };
  const file = path.join(folder, "subset.json");
  fs.writeFileSync(file, JSON.stringify(spec));
  return file;
}

function start(program, args, options = {}) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  started.push(child);
  child.text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (child.text += data));
  return child;
}

/** Waits until the program has said this. */
async function says(child, pattern) {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const found = child.text.match(pattern);
    if (found) return found;
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`${child.spawnargs.join(" ")}:\n${child.text}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const seen = new Map();
const wrong = [];
const rewrites = [];

/** A server before `prism`: hands on, counts, and names our own place for uploads. */
async function front(upstream) {
  const server = http.createServer((request, response) => {
    const headers = { ...request.headers, host: new URL(upstream).host };
    const asked = http.request(upstream + request.url, { method: request.method, headers }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => {
        let text = Buffer.concat(parts).toString("latin1");
        const key = `${request.method} ${request.url.replace(/\d{4,}/g, "ID").replace(/\?.*/, "")} ${answer.statusCode}`;
        seen.set(key, (seen.get(key) ?? 0) + 1);
        const violations = answer.headers["sl-violations"];
        const problem = (answer.headers["content-type"] ?? "").includes("problem+json");
        if (violations || problem) wrong.push(`${key}\n    ${violations ?? text}`);
        for (const [from, to] of rewrites) text = text.replaceAll(from, to);
        const out = { ...answer.headers };
        delete out["transfer-encoding"];
        if (out["content-length"] !== undefined || text) out["content-length"] = text.length;
        response.writeHead(answer.statusCode, out);
        response.end(Buffer.from(text, "latin1"));
      });
    });
    asked.on("error", () => response.destroy());
    request.pipe(asked);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, url: `http://127.0.0.1:${server.address().port}` };
}

async function proxy(spec, upstream) {
  const child = start(prism, ["proxy", spec, upstream, "--errors", "--host", "127.0.0.1", "--port", "0"]);
  const [, url] = await says(child, /Prism is listening on (http:\/\/\S+)/);
  return url;
}

/** Artifacts that Prism does not spoil: it reads bodies as text. */
function inbox(workspace, letter) {
  const dmg = Buffer.alloc(70_000, letter);
  dmg.fill(0, dmg.length - 512);
  dmg.write("koly\0\0\0\x04\0\0\x02\0", dmg.length - 512, "latin1");
  fs.writeFileSync(path.join(workspace, "release_inbox/Nexy.dmg"), dmg);
  const pkg = Buffer.alloc(3_000, letter);
  pkg.write("xar!\0\x1c\0\x01", 0, "latin1");
  fs.writeFileSync(path.join(workspace, "release_inbox/Nexy.pkg"), pkg);
  const notes = path.join(workspace, "release_inbox/LATEST_CHANGES.md");
  fs.writeFileSync(notes, "# Changes\n\nRelease cycle: 1.6.1.44\n\n- Faster start\n");
}

async function publish(workspace, token, code, line) {
  const environment = { PATH: process.env.PATH, HOME: folder, NEXY_SANDBOX_TOKEN: token };
  const run = start(binary, ["--workspace", workspace, "publish", "--yes"], { env: environment });
  const [ended] = await once(run, "close");
  if (ended !== code || !run.text.includes(line)) {
    console.error(run.text);
    throw new Error(`exit ${ended}, expected ${code} and: ${line}`);
  }
}

async function main() {
  const spec = cut();
  const served = start(binary, ["sandbox", "serve", "--dir", path.join(folder, "world")]);
  const [, token] = await says(served, /export NEXY_SANDBOX_TOKEN=(\S+)/);
  const url = (name) => served.text.match(new RegExp(`${name}\\s+(http://\\S+)`))[1];
  const [api, uploads] = [url("api"), url("uploads")];
  const workspace = path.join(folder, "world/workspace");
  const asked = await front(await proxy(spec, api));
  const sent = await front(await proxy(spec, uploads));
  rewrites.push([uploads, sent.url]);
  const settings = path.join(workspace, "release.toml");
  fs.writeFileSync(settings, fs.readFileSync(settings, "utf8").replace(api, asked.url));

  const host = (method, at, body) =>
    fetch(api + at, { method, body, headers: { authorization: `Bearer ${token}`, "user-agent": "witness" } });
  const ours = async () => {
    const all = await (await host("GET", `/repos/${REPO}/releases?per_page=100`)).json();
    return all.find((release) => release.tag_name === "v1.6.1.44");
  };

  // A first release, and its rerun.
  inbox(workspace, "a");
  await publish(workspace, token, 0, "RELEASE COMPLETE");
  await publish(workspace, token, 0, "already published, skip");
  // Extended: somebody removed the PKG.
  const pkg = (await ours()).assets.find((asset) => asset.name === "Nexy.pkg");
  await host("DELETE", `/repos/${REPO}/releases/assets/${pkg.id}`);
  await publish(workspace, token, 0, "RELEASE COMPLETE");
  // Resumed: back to a draft, as if the publication had not been; other bytes of the DMG replace those that are there.
  const release = await ours();
  await host("PATCH", `/repos/${REPO}/releases/${release.id}`, JSON.stringify({ draft: true }));
  inbox(workspace, "b");
  await publish(workspace, token, 0, "RELEASE COMPLETE");
  // A conflict.
  inbox(workspace, "c");
  await publish(workspace, token, 5, "NX-TAG-02");

  for (const [key, times] of [...seen].sort()) console.log(`${String(times).padStart(4)}  ${key}`);
  const total = [...seen.values()].reduce((sum, times) => sum + times, 0);
  const needed = ["POST .*/releases 201", "POST .*/assets 201", "PATCH .* 200", "DELETE .* 204", "GET .*/tags/\\S+ 404"];
  const missed = needed.filter((need) => ![...seen.keys()].some((key) => new RegExp(`^${need}$`).test(key)));
  if (missed.length > 0) throw new Error(`never asked: ${missed.join(", ")}`);
  if (wrong.length > 0) throw new Error(`${wrong.length} against GitHub's OpenAPI`);
  console.log(`sweep: ${total} of ${total} points held`);
  console.log("every request and every answer is as GitHub's OpenAPI says");
}

let failed = false;
try {
  await main();
} catch (error) {
  failed = true;
  console.error(error.message);
  for (const violation of wrong) console.error(violation);
} finally {
  for (const child of started) child.kill("SIGTERM");
}
process.exit(failed ? 1 : 0);
