"""Chat services that refuse the JSON of a webhook, because each reads a form of its own. Pure."""

import json
from typing import NamedTuple
from urllib.parse import urlsplit


class Chat(NamedTuple):
    """A service: its name, the ends of its hosts, and the `body` that it reads."""

    name: str
    hosts: tuple[str, ...]
    body: str


CHATS = (
    Chat(
        "Discord", ("discord.com", "discordapp.com"),
        r'{"content": {{ (title ~ "\n" ~ text)[:2000] | tojson }}, "allowed_mentions": {"parse": []}}',
    ),
    Chat(
        "Slack", ("hooks.slack.com",),
        r'{"blocks": [{"type": "section", "text": {"type": "plain_text", "text": '
        r'{{ (title ~ "\n" ~ text)[:3000] | tojson }}}}]}',
    ),
    Chat(
        "Microsoft Teams", ("webhook.office.com", "logic.azure.com", "powerplatform.com"),
        r'{"type": "message", "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": '
        r'{"type": "AdaptiveCard", "version": "1.4", "body": [{"type": "TextBlock", "weight": "bolder", "wrap": true, '
        r'"text": {{ title | tojson }}}, {"type": "TextBlock", "wrap": true, "text": '
        r'{{ text | replace("\n", "\n\n") | tojson }}}]}}]}',
    ),
    Chat(
        "Google Chat or Webex", ("chat.googleapis.com", "webexapis.com"),
        r'{"text": {{ (title ~ "\n" ~ text)[:4000] | tojson }}}',
    ),
    Chat(
        "Feishu or Lark", ("open.feishu.cn", "open.larksuite.com"),
        r'{"msg_type": "text", "content": {"text": {{ (title ~ "\n" ~ text)[:4000] | tojson }}}}',
    ),
    Chat(
        "DingTalk or WeCom", ("oapi.dingtalk.com", "qyapi.weixin.qq.com"),
        r'{"msgtype": "text", "text": {"content": {{ (title ~ "\n" ~ text)[:600] | tojson }}}}',
    ),
)  # fmt: skip


def chat_at(url: str) -> Chat | None:
    """The service at `url`, if it is one of these."""
    host = f".{urlsplit(url).hostname}"
    return next((chat for chat in CHATS if any(host.endswith(f".{end}") for end in chat.hosts)), None)


def error_code(answer: bytes) -> int:
    """The error that some of these report with status 200; 0 for none."""
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        return 0
    codes = [said.get("errcode"), said.get("code")] if isinstance(said, dict) else []
    return next((code for code in codes if isinstance(code, int)), 0)
