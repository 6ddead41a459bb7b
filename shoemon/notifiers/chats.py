"""Chat services that refuse the JSON of a webhook, because each reads a form of its own. Pure."""

import json
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlsplit


class Chat(NamedTuple):
    """A service: its name, the ends of its hosts, and the `body` that it reads."""

    name: str
    hosts: tuple[str, ...]
    body: str


_TEXT = r'{{ (title ~ "\n" ~ text)[:2000] | tojson }}'
_CARD = (
    r'{"type": "AdaptiveCard", "version": "1.4", "body": [{"type": "TextBlock", "weight": "bolder", "wrap": true, '
    r'"text": {{ title | tojson }}}, {"type": "TextBlock", "wrap": true, "text": '
    r'{{ text | replace("\n", "\n\n") | tojson }}}]}'
)
CHATS = tuple(
    Chat(name, hosts, body.replace("TEXT", _TEXT).replace("CARD", _CARD))
    for name, hosts, body in (
        ("Discord", ("discord.com", "discordapp.com"), '{"content": TEXT, "allowed_mentions": {"parse": []}}'),
        ("Slack", ("hooks.slack.com",),
         '{"blocks": [{"type": "section", "text": {"type": "plain_text", "text": TEXT}}]}'),
        ("Microsoft Teams", ("webhook.office.com", "logic.azure.com", "powerplatform.com"), '{"type": "message", '
         '"attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": CARD}]}'),
        ("Google Chat or Webex", ("chat.googleapis.com", "webexapis.com"), '{"text": TEXT}'),
        ("Feishu or Lark", ("open.feishu.cn", "open.larksuite.com"), '{"msg_type": "text", "content": {"text": TEXT}}'),
        ("DingTalk or WeCom", ("oapi.dingtalk.com", "qyapi.weixin.qq.com"),
         '{"msgtype": "text", "text": {"content": TEXT}}'),
    )
)  # fmt: skip


def chat_at(url: str) -> Chat | None:
    host = f".{urlsplit(url).hostname}"
    return next((chat for chat in CHATS if any(host.endswith(f".{end}") for end in chat.hosts)), None)


def error_code(answer: bytes) -> int:
    """The error that some of these report with status 200; 0 for none."""
    with suppress(ValueError, RecursionError):
        if isinstance(said := json.loads(answer), dict):
            return next((said[key] for key in ("errcode", "code") if isinstance(said.get(key), int)), 0)
    return 0
