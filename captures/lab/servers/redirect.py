#!/usr/bin/python3
"""A web server that asks nobody who he is, and sends everybody elsewhere: redirect.py PORT URL"""
import http.server
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(302)
        self.send_header("Location", sys.argv[2])
        self.send_header("Content-Length", "0")
        self.end_headers()


http.server.ThreadingHTTPServer(("", int(sys.argv[1])), Handler).serve_forever()
