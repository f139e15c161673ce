"""Azure on loopback for the real Azure CLI: sign-in, and run commands that /bin/sh really runs in the practice VM.

FOLDER/mode holds what Azure does: well, conflict-once, conflict, expired, not-found. FOLDER/posts counts run commands.
"""

import http.server
import json
import os
import ssl
import subprocess
import sys
import urllib.parse

folder, certificate, key, vm = sys.argv[1:5]
SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
TENANT = "00000000-0000-0000-0000-000000000002"
BUSY = "Run command extension execution is in progress. Please wait for completion before invoking a run command."
results = {}


def path(name):
    return os.path.join(folder, name)


def mode():
    with open(path("mode")) as file:
        return file.read().strip()


def run(script):
    """As the VM's agent does: the exit status is thrown away, the last 4096 bytes of each stream stay."""
    environment = {"PATH": f"{vm}/bin:/usr/bin:/bin", "HOME": vm}
    ran = subprocess.run(["/bin/sh", "-c", script], cwd=vm, env=environment, capture_output=True)
    out, err = (stream[-4096:].decode(errors="replace") for stream in (ran.stdout, ran.stderr))
    message = f"Enable succeeded: \n[stdout]\n{out}\n[stderr]\n{err}"
    status = {"code": "ProvisioningState/succeeded", "displayStatus": "Provisioning succeeded", "level": "Info"}
    return {"value": [{**status, "message": message}]}


class Azure(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=None, headers=()):
        body = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in (("Content-Type", "application/json"), ("Content-Length", str(len(body))), *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def error(self, status, code, message):
        self.answer(status, {"error": {"code": code, "message": message}})

    def do_GET(self):
        here = f"https://localhost:{self.server.server_address[1]}"
        where = urllib.parse.urlparse(self.path).path
        if where.endswith("/.well-known/openid-configuration"):
            self.answer(200, {
                "issuer": f"{here}/{TENANT}/v2.0",
                "authorization_endpoint": f"{here}/{TENANT}/oauth2/v2.0/authorize",
                "token_endpoint": f"{here}/{TENANT}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{here}/{TENANT}/oauth2/v2.0/devicecode",
            })
        elif where == "/subscriptions":
            self.answer(200, {"value": [{
                "id": f"/subscriptions/{SUBSCRIPTION}", "subscriptionId": SUBSCRIPTION, "tenantId": TENANT,
                "displayName": "practice", "state": "Enabled",
            }]})
        elif where == "/tenants":
            self.answer(200, {"value": [{"id": f"/tenants/{TENANT}", "tenantId": TENANT}]})
        elif where.startswith("/results/"):
            self.answer(200, results[where])
        else:
            self.error(404, "NotFound", where)

    def do_POST(self):
        here = f"https://localhost:{self.server.server_address[1]}"
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        where = urllib.parse.urlparse(self.path).path
        if where.endswith("/token"):
            if mode() == "expired":
                text = "AADSTS700082: The refresh token has expired due to inactivity."
                self.answer(400, {"error": "invalid_grant", "error_description": text})
            else:
                # So short that each az asks for its own.
                self.answer(200, {"token_type": "Bearer", "expires_in": 1, "access_token": "practice"})
            return
        if not where.endswith("/runCommand"):
            self.error(404, "NotFound", where)
            return
        with open(path("posts"), "a") as file:
            file.write(where + "\n")
        with open(path("posts")) as file:
            first = len(file.readlines()) == 1
        if mode() == "not-found":
            text = "The Resource 'Microsoft.Compute/virtualMachines/Nexy' was not found."
            self.error(404, "ResourceNotFound", text)
        elif mode() == "conflict" or (mode() == "conflict-once" and first):
            self.error(409, "Conflict", BUSY)
        else:
            result = f"/results/{len(results)}"
            results[result] = run("\n".join(json.loads(body)["script"]))
            self.answer(202, None, (("Location", here + result), ("Retry-After", "0")))


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Azure)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server.socket = context.wrap_socket(server.socket, server_side=True)
with open(path("port.new"), "w") as file:
    file.write(str(server.server_address[1]))
os.rename(path("port.new"), path("port"))
server.serve_forever()
