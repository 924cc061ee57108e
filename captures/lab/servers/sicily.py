#!/usr/bin/python3
"""An LDAP server that knows the Sicily binds of old Microsoft clients and nothing else: sicily.py PORT [--tls]

MS-ADTS 5.1.1.1.3: package discovery ([9]), negotiate ([10]), response ([11]); the answers stand in matchedDN of the BindResponse.
"""
import socketserver
import ssl
import sys

from ntlm_auth import Helper

DISCOVERY, NEGOTIATE, RESPONSE = 0x89, 0x8A, 0x8B
# BindRequest, SearchRequest: BindResponse, SearchResultDone
ANSWERS = {0x60: 0x61, 0x63: 0x65}
SUCCESS, INVALID_CREDENTIALS, UNWILLING = 0, 49, 53


def element(tag, content):
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([0x82, size >> 8, size & 255])
    return bytes([tag]) + length + content


def elements(data):
    at = 0
    while at < len(data):
        tag, size, at = data[at], data[at + 1], at + 2
        if size & 0x80:
            count = size & 0x7F
            size, at = int.from_bytes(data[at : at + count], "big"), at + count
        yield tag, data[at : at + size]
        at += size


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        stream = context.wrap_socket(self.request, server_side=True) if "--tls" in sys.argv else self.request
        helper = Helper("squid-2.5-ntlmssp")
        while data := self.message(stream):
            (_, number), (tag, content), *_ = elements(data)
            if tag == 0x42:
                break
            code, matched = UNWILLING, b""
            if tag == 0x60:
                *_, (choice, token) = elements(content)
                code, matched = self.bind(helper, choice, token)
            result = element(0x0A, bytes([code])) + element(0x04, matched) + element(0x04, b"")
            stream.sendall(element(0x30, element(0x02, number) + element(ANSWERS.get(tag, tag + 1), result)))
        helper.close()

    def bind(self, helper, choice, token):
        if choice == DISCOVERY:
            return SUCCESS, b"NTLM"
        if choice not in (NEGOTIATE, RESPONSE):
            return UNWILLING, b""
        state, answer = helper.step(token)
        if state == "more":
            return SUCCESS, answer
        return (SUCCESS if state == "accepted" else INVALID_CREDENTIALS), b""

    def message(self, stream):
        head = self.exactly(stream, 2)
        if not head:
            return None
        size = head[1]
        if size & 0x80:
            size = int.from_bytes(self.exactly(stream, size & 0x7F), "big")
        return self.exactly(stream, size)

    def exactly(self, stream, size):
        data = b""
        while len(data) < size:
            piece = stream.recv(size - len(data))
            if not piece:
                return None
            data += piece
        return data


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/media/tls/cert.pem", "/media/tls/key.pem")
Server(("", int(sys.argv[1])), Handler).serve_forever()
