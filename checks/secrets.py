"""What looks like a secret, in any committed file: the shapes of keys and tokens of the clouds that are used here.

Pure: from (path, text) to findings. A value that a cloud's documentation publishes as an example is none; a test that
needs something of such a shape puts it together from pieces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.source import Finding

#: Published by AWS as the key that is nobody's: https://docs.aws.amazon.com/IAM/latest/UserGuide/security-creds.html
EXAMPLES = frozenset({"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"})

#: Shape -> what it is. The group "value", where there is one, is what an example is compared by.
SHAPES = (
    (re.compile(r"(?<![A-Za-z0-9])(?P<value>(?:AKIA|ASIA)[A-Z0-9]{16})(?![A-Za-z0-9])"), "an AWS access key"),
    (
        re.compile(
            r"(?i:secret_?(?:access_?)?key)[\"']?\s*[:=]\s*[\"']?(?P<value>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])"
        ),
        "an AWS secret key",
    ),
    (  # also inside JSON, as Google's key files have it
        re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\\r|\\n|\s)+(?P<value>[A-Za-z0-9+/=]{40})"),
        "a private key",
    ),
    (re.compile(r"(?<![\w-])(?P<value>AIza[\w-]{35})(?![\w-])"), "a Google API key"),
    (re.compile(r"(?<![\w.])(?P<value>ya29\.[\w-]{40,})"), "a Google access token"),
    (
        re.compile(r"(?<![\w~.-])(?P<value>[\w~.-]{3}[0-9]Q~[\w~.-]{31,34})(?![\w~.-])"),
        "an Azure client secret",
    ),
    (re.compile(r"(?<![\w.-])(?P<value>eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{16,})"), "a signed token (JWT)"),
)


def secrets_are_in_no_commit(path: str, text: str) -> Iterator[Finding]:
    """Findings of one committed text file; the value itself is not repeated."""
    for shape, what in SHAPES:
        for match in shape.finditer(text):
            if match["value"] not in EXAMPLES:
                line = text.count("\n", 0, match.start()) + 1
                yield Finding(path, line, "secret", f"holds what looks like {what}; if it was real, revoke it")
