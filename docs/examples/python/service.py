"""A service behind Gatehouse in Python: the standard library, PyJWT and cryptography."""

import http.client
import json
import os
import ssl
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt

NAME = "weather"
TRUST_DOMAIN = os.environ.get("GATEHOUSE_TRUST_DOMAIN", "gatehouse.local")
ISSUER = f"urn:gatehouse:{TRUST_DOMAIN}:internal"
GATEWAY = f"spiffe://{TRUST_DOMAIN}/gateway"
CERTS = os.environ.get("GATEHOUSE_CERTS", "certs")
DOOR = os.environ.get("GATEHOUSE_DOOR", "https://localhost:3443").removeprefix("https://")
HOST, _, PORT = os.environ.get("GATEHOUSE_LISTEN", "127.0.0.1:4011").rpartition(":")


def spiffe_id(certificate):
    """The one URI of a verified certificate; None when there are more, or none."""
    uris = [value for kind, value in certificate.get("subjectAltName", ()) if kind == "URI"]
    return uris[0] if len(uris) == 1 else None


class Keys:
    """The internal JWKS: fetched from the gateway and nobody else, again each minute, and for a new kid every 10 s."""

    def __init__(self):
        self.keys, self.fetched = {}, float("-inf")

    def get(self, kid):
        age = time.monotonic() - self.fetched
        if age > 60 or (kid not in self.keys and age > 10):
            self.fetched = time.monotonic()
            try:
                self.keys = self.fetch()  # All of them: a key that was taken out is not to be trusted any more.
            except OSError:
                if kid not in self.keys:
                    raise
        return self.keys.get(kid)

    def fetch(self):
        tls = ssl.create_default_context(cafile=f"{CERTS}/ca.pem")
        tls.check_hostname = False  # The SPIFFE ID is the identity, not the name.
        door = http.client.HTTPSConnection(DOOR, context=tls, timeout=2)
        door.connect()
        if spiffe_id(door.sock.getpeercert()) != GATEWAY:
            raise PermissionError("that is not the gateway")
        door.request("GET", "/.well-known/jwks.json")
        jwks = json.loads(door.getresponse().read(65536))
        door.close()
        return {key["kid"]: jwt.PyJWK.from_dict(key, algorithm="ES256").key for key in jwks["keys"]}


KEYS = Keys()


def caller(authorization, presenter):
    """What a service must check of an internal token. Raises jwt.InvalidTokenError."""
    if not authorization.startswith("Bearer ") or len(authorization) > 16384:
        raise jwt.InvalidTokenError("no bearer token")
    token = authorization.removeprefix("Bearer ")
    header = jwt.get_unverified_header(token)
    if header.get("typ") != "internal+jwt" or "crit" in header:
        raise jwt.InvalidTokenError("not an internal token")
    key = KEYS.get(header.get("kid"))
    if key is None:
        raise jwt.InvalidTokenError("unknown key")
    claims = jwt.decode(
        token,
        key,
        algorithms=["ES256"],
        audience=NAME,
        issuer=ISSUER,
        leeway=2,
        options={"require": ["iss", "aud", "sub", "client_id", "scope", "txn", "iat", "exp", "jti", "req_wl"]},
    )
    if claims["aud"] != NAME or claims["exp"] - claims["iat"] > 60:
        raise jwt.InvalidTokenError("for several, or for too long")
    if claims["req_wl"] != presenter:
        raise jwt.InvalidTokenError("presented by another workload")
    return claims


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        try:
            claims = caller(self.headers.get("authorization", ""), spiffe_id(self.connection.getpeercert()))
        except jwt.InvalidTokenError:
            return self.answer(401, {"code": "invalid_token"}, {"www-authenticate": 'Bearer error="invalid_token"'})
        if "weather:read" not in claims["scope"].split(" "):
            return self.answer(403, {"code": "insufficient_scope"})
        if self.path != "/api/weather":
            return self.answer(404, {"code": "not_found"})
        return self.answer(200, {"for": claims["sub"], "sky": "clear"})

    def answer(self, status, body, headers=None):
        content = json.dumps(body).encode()
        self.send_response(status)
        kind = "application/json" if status < 400 else "application/problem+json"
        for name, value in {"content-type": kind, "content-length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    """Each connection shakes hands in its own thread: a slow one keeps nobody waiting."""

    daemon_threads = True

    def __init__(self, address):
        super().__init__(address, Handler)
        self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=f"{CERTS}/ca.pem")
        self.tls.load_cert_chain(f"{CERTS}/{NAME}.pem", f"{CERTS}/{NAME}.key")
        self.tls.verify_mode = ssl.CERT_REQUIRED
        self.tls.minimum_version = ssl.TLSVersion.TLSv1_3

    def finish_request(self, request, client_address):
        request.settimeout(60)
        with self.tls.wrap_socket(request, server_side=True) as connection:
            super().finish_request(connection, client_address)

    def handle_error(self, request, client_address):
        pass  # A peer without a certificate of ours ends here.


if __name__ == "__main__":
    Server((HOST, int(PORT))).serve_forever()
