"""Forty texts that someone might give a shoe or a run, to break out of a header, a page or a message."""

TEXTS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>",
    "</title><script>alert(1)</script>", "</style><script>alert(1)</script>",
    "</td></tr></table><iframe src=//evil.example>", "<!-- --><b>", "<![CDATA[<b>]]>",
    "&lt;script&gt;alert(1)&lt;/script&gt;", "&#60;script&#62;", "&#x3c;img src=x&#x3e;", '" onmouseover="alert(1)',
    "' onmouseover='alert(1)", "javascript:alert(1)", "{title}{content}{0}", "{0.__class__}", "%s%n%(title)s",
    "Shoe: <b>bold</b>\nUsed: <i>1</i>", "A: <script>\nB: </script>", "\uff1cscript\uff1e",
    "a\r\nBcc: evil@example.com", "a\nBcc: evil@example.com", "a\rBcc: evil@example.com",
    "a\r\n\r\n<script>alert(1)</script>", "a\r\n.\r\nMAIL FROM:<evil@example.com>", "a\u2028Bcc: evil@example.com",
    "a\u0085Bcc: evil@example.com", "a\x0bBcc: evil@example.com\x0c", "=?utf-8?q?a=0D=0ABcc:=20evil@example.com?=",
    "=?utf-8?b?YQ0KQmNjOiBldmlsQGV4YW1wbGUuY29t?=", "=\x00?utf-8?q?a=0D=0ABcc:=20evil@example.com?=",
    "==?utf-8?q?a=0D=0ABcc:=20evil@example.com?=", "nul\x00inside", "bell\x07 escape\x1b[31mred", "\u202egpj.exe",
    "\u2066left\u2069 \u05e0\u05e2\u05dc\u05d9\u05d9\u05dd", "half a surrogate \ud83d",
    "\U0001f45f\u200d\U0001f525 Schuhe \u00e4\u00f6\u00fc", "x" * 5000, "\u00e4 " * 1000,
)  # fmt: skip
assert len(TEXTS) == 40
