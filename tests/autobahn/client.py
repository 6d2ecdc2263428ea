"""The fuzzing client of the ported suite, turning payloads from text to octets and back where they meet the network.

The suite takes its UTF-8 validator from autobahn when it is imported, so that is changed first.
"""

from autobahn.websocket import utf8validator

from octets import octets, readable, text


class Validator(utf8validator.Utf8Validator):
    """A UTF-8 validator that also takes octets held in text, as the suite's own payloads are."""

    def validate(self, value):
        return super().validate(octets(value))


utf8validator.Utf8Validator = Validator

from autobahntestsuite import fuzzing  # noqa: E402  (after the validator, see above)
from autobahntestsuite.case import Case, Case12_X_X, Case13_X_X  # noqa: E402

# These hash and decode what they receive, so they were written for octets and get them.
TAKING_OCTETS = (*Case12_X_X, *Case13_X_X)


class Client(fuzzing.FuzzingClientProtocol):
    """One connection, running one case."""

    def sendFrame(self, opcode, payload=b"", payload_len=None, **how):
        payload = octets(payload)
        if payload_len is not None:
            # autobahn can repeat a payload to a length itself, but this version only in Python 2.
            payload = (payload * (payload_len // len(payload) + 1))[:payload_len]
        return super().sendFrame(opcode, payload=payload, **how)

    def sendMessage(self, payload, *how, **more):
        return super().sendMessage(octets(payload), *how, **more)

    def sendMessageFrameData(self, payload, *how, **more):
        return super().sendMessageFrameData(octets(payload), *how, **more)

    def sendCloseFrame(self, code=None, reasonUtf8=None, isReply=False):
        return super().sendCloseFrame(code, octets(reasonUtf8), isReply)

    def onMessage(self, payload, binary):
        super().onMessage(payload if isinstance(self.runCase, TAKING_OCTETS) else text(payload), binary)

    def onPong(self, payload):
        super().onPong(text(payload))

    def logRxFrame(self, header, payload):
        super().logRxFrame(header, [text(part) for part in payload])

    def connectionLost(self, reason):
        for name in ("http_request_data", "http_response_data", "localCloseReason"):
            if isinstance(getattr(self, name, None), bytes):
                setattr(self, name, text(getattr(self, name)))
        super().connectionLost(reason)


class Factory(fuzzing.FuzzingClientFactory):
    """Runs the chosen cases one after another, then writes the reports and stops the reactor."""

    def createReports(self):
        # The HTML reports mix text and octets throughout; the JSON ones say the same.
        super().createReports(produceHtml=False)


fuzzing.FuzzingClientProtocol = Client
fuzzing.asciiLogData = readable
# The original compares pickles, which also differ by what is the same object and what merely equal.
Case.compare = lambda self, received, expected: received == expected
