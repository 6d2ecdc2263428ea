"""Octets held in text, each as the character of the same number: what a Python 2 string was.

The ported suite keeps all its payloads so. It imports this module in place of `binascii`.
"""

import binascii


def text(octets):
    """The text that holds `octets`."""
    return octets.decode("latin-1")


def octets(value):
    """The octets that the text `value` holds; octets stay as they are."""
    return value.encode("latin-1") if isinstance(value, str) else value


def b2a_hex(value):
    """The octets of `value` in hexadecimal, as text."""
    return binascii.b2a_hex(octets(value)).decode("ascii")


hexlify = b2a_hex


def readable(value, limit=64):
    """The octets of `value` for a report: as text if they are UTF-8, else in hexadecimal; cut at `limit` octets."""
    raw = octets(value)
    shown, mark = (raw, "") if len(raw) <= limit else (raw[:limit], " ...")
    try:
        return shown.decode("utf-8") + mark
    except UnicodeDecodeError:
        return f"0x{b2a_hex(shown)}{mark}"
