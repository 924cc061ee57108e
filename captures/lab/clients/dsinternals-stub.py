"""Stands in for the package dsinternals, which ntlmrelayx imports for an attack that no scenario uses."""
import sys
import types


class Anything(types.ModuleType):
    __path__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


for _name in (
    "dsinternals",
    "dsinternals.common",
    "dsinternals.common.cryptography",
    "dsinternals.common.cryptography.X509Certificate2",
    "dsinternals.common.data",
    "dsinternals.common.data.DNWithBinary",
    "dsinternals.common.data.hello",
    "dsinternals.common.data.hello.KeyCredential",
    "dsinternals.system",
    "dsinternals.system.DateTime",
    "dsinternals.system.Guid",
):
    sys.modules[_name] = Anything(_name)
