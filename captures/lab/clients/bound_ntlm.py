"""NTLM with the channel bindings that a scenario wants, whatever is right: none, zero, wrong (another server's), right; or
sha384 and sha512 (end point, by that hash; right is SHA-256), unique (tls-unique)."""
import hashlib
import os
import socket
import ssl

os.environ.setdefault("OPENSSL_CONF", "/media/openssl.cnf")  # NTLM needs MD4
from ntlm_auth import compute_response
from ntlm_auth.gss_channel_bindings import GssChannelBindingsStruct
from ntlm_auth.ntlm import NtlmContext

KINDS = ("none", "zero", "wrong", "right", "sha384", "sha512", "unique")
KEYS = "/tmp/tls.keys"


class ZeroBindings:
    """Their hash is all zero, as that of a client that knows of no TLS around it."""

    def get_data(self):
        return self


class Hashes:
    """hashlib, where the hash of ZeroBindings is zero."""

    def __getattr__(self, name):
        return getattr(hashlib, name)

    def md5(self, data=b""):
        if isinstance(data, ZeroBindings):
            return type("Zero", (), {"digest": lambda self: bytes(16)})()
        return hashlib.md5(data)


def tls_context(newest=ssl.TLSVersion.TLSv1_2):
    """The session keys go to KEYS. TLS 1.2, whose certificate can be seen in a capture, if nobody wants another one."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = newest
    context.keylog_filename = KEYS
    return context


def tls(stream, host, context=None, session=None):
    return (context or tls_context()).wrap_socket(stream, server_hostname=host, session=session)


def connect(url, context=None, session=None):
    """The connection to a urlsplit() result, in TLS where the scheme ends with s; resumed, if there is a session."""
    port = url.port or {"http": 80, "https": 443, "ldap": 389, "ldaps": 636}[url.scheme]
    stream = socket.create_connection((url.hostname, port), 20)
    return tls(stream, url.hostname, context, session) if url.scheme.endswith("s") else stream


def context(name, password, kind="none", stream=None):
    domain, _, user = name.partition("\\")
    data = None
    if kind == "zero":
        compute_response.hashlib = Hashes()
        data = ZeroBindings()
    elif kind == "unique":
        data = GssChannelBindingsStruct()
        data[data.APPLICATION_DATA] = b"tls-unique:" + stream.get_channel_binding("tls-unique")
    elif kind != "none":
        certificate = b"the certificate of another server" if kind == "wrong" else stream.getpeercert(True)
        data = GssChannelBindingsStruct()
        data[data.APPLICATION_DATA] = b"tls-server-end-point:" + hashlib.new(kind if kind.startswith("sha") else "sha256", certificate).digest()
    return NtlmContext(user, password, domain, "CLIENT1", cbt_data=data)
