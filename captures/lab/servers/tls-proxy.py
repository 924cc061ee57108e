#!/usr/bin/python3
"""Ends TLS with a certificate of its own authority and opens TLS to the real server, as an inspecting proxy does: tls-proxy.py PORT HOST:PORT

It reads nothing of what it carries. The session keys of both of its sides go to /tmp/tls.keys.
"""
import select
import socket
import socketserver
import ssl
import sys

KEYS = "/tmp/tls.keys"
host, _, port = sys.argv[2].partition(":")


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        near = inward.wrap_socket(self.request, server_side=True)
        far = outward.wrap_socket(socket.create_connection((host, int(port)), 20), server_hostname=host)
        ends = {near: far, far: near}
        while True:
            ready = [end for end in ends if end.pending()] or select.select(list(ends), [], [])[0]
            for end in ready:
                data = end.recv(65536)
                if not data:
                    far.close()
                    return near.close()
                ends[end].sendall(data)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


inward = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
inward.load_cert_chain("/media/tls/inspected.pem", "/media/tls/inspected.key")
outward = ssl.create_default_context()
outward.check_hostname, outward.verify_mode = False, ssl.CERT_NONE
for side in (inward, outward):
    side.maximum_version = ssl.TLSVersion.TLSv1_2
    side.keylog_filename = KEYS
Server(("", int(sys.argv[1])), Handler).serve_forever()
