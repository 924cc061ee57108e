#!/usr/bin/python3
"""An LDAP server that knows the Sicily binds of old Microsoft clients and nothing else: sicily.py PORT [--tls] [--bindings]

In clear it knows StartTLS as well. With --bindings, a response without the channel bindings of this TLS server is refused with 80090346, as a domain controller that
demands them does it.
MS-ADTS 5.1.1.1.3: package discovery ([9]), negotiate ([10]), response ([11]); the answers stand in matchedDN of the BindResponse.
"""
import socketserver
import ssl
import sys

from bindings import CERTIFICATE, KEY, bindings_of, own_bindings
from ntlm_auth import Helper

DISCOVERY, NEGOTIATE, RESPONSE = 0x89, 0x8A, 0x8B
START_TLS = b"1.3.6.1.4.1.1466.20037"
# BindRequest, SearchRequest: BindResponse, SearchResultDone
ANSWERS = {0x60: 0x61, 0x63: 0x65}
SUCCESS, INVALID_CREDENTIALS, UNWILLING = 0, 49, 53
# SEC_E_BAD_BINDINGS and SEC_E_LOGON_DENIED, as Windows words them
UNBOUND = b"80090346: LdapErr: DSID-0C090569, comment: AcceptSecurityContext error, data 80090346, v4563\0"
REFUSED = b"8009030C: LdapErr: DSID-0C090569, comment: AcceptSecurityContext error, data 52e, v4563\0"


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
            code, matched, text = UNWILLING, b"", b""
            if tag == 0x77 and START_TLS in content and not isinstance(stream, ssl.SSLSocket):
                code = SUCCESS
            elif tag == 0x60:
                *_, (choice, token) = elements(content)
                code, matched, text = self.bind(helper, choice, token)
            elif tag == 0x63:
                code = SUCCESS  # nothing is found
            result = element(0x0A, bytes([code])) + element(0x04, matched) + element(0x04, text)
            stream.sendall(element(0x30, element(0x02, number) + element(ANSWERS.get(tag, tag + 1), result)))
            if tag == 0x77 and code == SUCCESS:
                stream = context.wrap_socket(stream, server_side=True)
        helper.close()

    def bind(self, helper, choice, token):
        if choice == DISCOVERY:
            return SUCCESS, b"NTLM", b""
        if choice not in (NEGOTIATE, RESPONSE):
            return UNWILLING, b"", b""
        state, answer = helper.step(token)
        if state == "more":
            return SUCCESS, answer, b""
        if state == "accepted" and "--bindings" in sys.argv and bindings_of(token) != own_bindings():
            return INVALID_CREDENTIALS, b"", UNBOUND
        return (SUCCESS, b"", b"") if state == "accepted" else (INVALID_CREDENTIALS, b"", REFUSED)

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
context.load_cert_chain(CERTIFICATE, KEY)
Server(("", int(sys.argv[1])), Handler).serve_forever()
