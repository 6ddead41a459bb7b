"""What test_canaries.py lays out: a configuration with a canary in every secret, what a visitor of the pages asks for, and
edits that put a secret (`Cnry`) where none may stand."""

COMMAND = """\
import os, sys
given = sys.stdin.read()
with open("given.txt", "a", encoding="utf-8") as file:
    file.write(given + os.environ["SHOEMON_ALERT_ID"])
for stream in (sys.stdout, sys.stderr):
    print(given, dict(os.environ), file=stream, flush=True)
sys.exit(1)
"""
CONFIG = """\
sources:
{watch}
  - name: sheet
    type: table
    url: {sheet}/runs.csv?key={sheet_query}
    headers: {{Authorization: {sheet_header}, X-Plain: plain}}
  - name: list
    type: table
    url: {list}/runs.json?key={list_query}
    user: me
    password: {list_password}
    pages: {{next: next}}
    records: data.workouts
  - {{name: garmin, type: garmin-api, base_url: "{garmin}", key: {garmin_key}}}
  - {{name: intervals, type: intervals-icu, base_url: "{intervals}", key: {intervals_key}}}
  - {{name: strava, type: strava-api, base_url: "{strava}/api", oauth_url: "{strava}/oauth", client_id: "4711",
     client_secret: {strava_secret}}}
  - {{name: fittrackee, type: fittrackee, base_url: "{fittrackee}", client_id: "4711", client_secret: {fittrackee_secret}}}
alerts: {{soon: {{at: 100%, within: 0d}}}}
notify:
  - {{name: mail, type: email, to: me@example.org, host: 127.0.0.1, port: {mail}, username: me, password: {mail_password},
     ca_file: server.pem, timeout: {timeout}}}
  - {{name: hook, type: webhook, url: {hook_url}, secret: {hook_secret}, headers: {{Authorization: {hook_header}}},
     timeout: {timeout}}}
  - {{name: open, type: webhook, url: "{open_url}", timeout: {timeout}}}
  - {{name: bell, type: ntfy, url: "{bell}", topic: {bell_topic}, token: {bell_token}, timeout: {timeout}}}
  - {{name: chime, type: ntfy, url: "{chime}", topic: shoes, username: me, password: {chime_password}, timeout: {timeout}}}
  - {{name: lost, type: ntfy, url: {lost_url}, topic: shoes}}
  - {{name: chat, type: apprise, url: {chat_url}, timeout: 2s}}
  - {{name: script, type: command, command: ["{python}", tell.py]}}
"""
ASKED = (
    "select * from {0}", "select count(*) from {0}", "select group_concat(name) from pragma_table_info('{0}')",
)  # fmt: skip
"""Of every table and view."""
SQL = (
    "select sql from sqlite_master", "select * from sqlite_schema", "pragma database_list", "select * from pragma_database_list",
    "attach database '{state}' as s", "select * from s.tokens", "select * from state.tokens", "select * from tokens",
    "select readfile('{state}')", "select readfile('secrets/mail_password')", "select load_extension('x')",
    "select getenv('MAIL_PASSWORD')", "select * from pragma_module_list", "select * from pragma_function_list",
    "select * from dbstat", "select * from sqlite_dbpage", "vacuum into '{copy}'", "with x as (select * from tokens) select * from x",
    "select * from syncs where error like '%Cnry%'", "select group_concat(error) from syncs",
    "select group_concat(last_error) from deliveries", "select group_concat(last_error) from sources",
    "select group_concat(message) from problems", "select group_concat(raw) from activities", "select hex(group_concat(raw)) from activities",
)  # fmt: skip
"""For the logins in state.db, and for what an error may have left in a row."""
INNER = (
    "/-/metadata", "/-/config", "/-/settings", "/-/plugins", "/-/versions", "/-/databases", "/-/threads", "/-/actor",
    "/-/messages", "/-/allow-debug", "/-/permissions", "/-/auth-token", "/-/logout", "/-/tables", "/shoemon.db",
    "/state", "/state/tokens", "/state.db", "/_internal", "/_memory", "/-/static/../../state.db", "/-/no-such-page",
)  # fmt: skip
"""Pages that nothing links to."""
SHEET = "sources: [{{name: sheet, type: table, url: 'https://example.org/x', {}}}]"
HOOK = "notify: [{{name: hook, type: webhook, url: 'https://example.org/x', {}}}]"
BELL = "notify: [{{name: bell, type: ntfy, {}}}]"
MAIL = "notify: [{{name: mail, type: email, to: me@example.org, host: smtp.example.org, username: me, {}}}]"
KEY = "sources: [{{name: i, type: intervals-icu, key: {}}}]"
IN_THE_OPEN = [
    *(MAIL.format(f"password: {written}") for written in (
        "Cnry", "{env: Cnry!}", "{env: 'Cnry x'}", "{file: Cnry, env: Cnry}", "{Cnry: x}", "{env: {Cnry: x}}", "[Cnry]", "*Cnry", "!Cnry x",
        "&Cnry x", "!!Cnry x", "%Cnry", "@Cnry", "`Cnry", '"Cnry', '"\\Cnry"', '"\\ud800Cnry"', "'Cnry", "Cnry: x: y", "{env: Cnry", "Cnry\tx: y",
        "A, password: Cnry", "{env: A, env: Cnry}", "|Cnry", ">Cnry", "? Cnry", "- Cnry", "Cnry\x07", "<<: Cnry", "{<<: Cnry}", "{[Cnry]: x}",
    )),
    "notify: [{name: mail, type: email, to: me@example.org, host: 'smtp://me:Cnry@smtp.example.org'}]",
    "notify: [{name: mail, type: email, to: me@example.org, host: 'me:Cnry@smtp.example.org'}]",
    "notify: [{name: mail, type: email, to: 'mailtos://me:Cnry@example.org', host: smtp.example.org}]",
    "notify: [{name: mail, type: email, to: me@example.org, sender: 'smtp://me:Cnry@example.org', host: smtp.example.org}]",
    *(HOOK.format(written) for written in (
        "secret: Cnry", "secret: {Cnry: x}", "headers: {Authorization: Cnry}", "headers: {Authorization Bearer Cnry}",
        "headers: {'Authorization: Bearer Cnry': x}", "headers: Cnry", "headers: [Cnry]", "headers: {X-Api-Key: {Cnry: x}}",
        "headers: {Authorization: {env: Bearer Cnry}}", 'headers: {X: "Cnry\\r\\nY: 1"}', "headers: {X: [Cnry]}",
    )),
    *(f"notify: [{{name: hook, type: webhook, url: {url}}}]" for url in (
        "Cnry", "'ftp://me:Cnry@example.org'", "'http://[Cnry'", "{Cnry: x}", "{env: 'https://me:Cnry@example.org'}", "[Cnry]",
        "'https://example.org:Cnry/'", "{url: {env: Cnry}}",
    )),
    *(BELL.format(written) for written in (
        "topic: 'Cnry/x'", "topic: {Cnry: x}", "topic: [Cnry]", "topic: x, token: Cnry", "topic: x, password: Cnry", "topic: x, username: 'me:Cnry', password: {env: A}",
        "topic: x, url: 'https://me:Cnry@ntfy.sh'", "topic: x, url: 'https://ntfy.sh/Cnry'", "topic: x, url: 'https://ntfy.sh?auth=Cnry'",
    )),
    "notify: [{name: chat, type: apprise, url: 'tgram://Cnry/1'}]", "notify: [{name: chat, type: apprise, url: {env: 'tgram://Cnry/1'}}]",
    "notify: [{name: script, type: command, command: \"curl -H 'Authorization: Cnry\"}]",
    *(SHEET.format(written) for written in (
        "password: Cnry, user: me", "headers: {Authorization: Bearer Cnry}", "headers: {Authorization: {Cnry: x}}", "headers: {X-Api-Key: Cnry}",
        "headers: {Authorization: {env: 'Bearer Cnry'}}", "headers: [Cnry]", "headers: Cnry", "headers: {Authorization Bearer Cnry}", "user: Cnry",
    )),
    *(f"sources: [{{name: sheet, type: table, url: {url}}}]" for url in (
        "'https://me:Cnry@example.org/x'", "'example.org/x?key=Cnry'", "'https://[Cnry'", "'https://example.org:Cnry/'", "[Cnry]", "{env: Cnry}",
    )),
    *(KEY.format(written) for written in ("Cnry", "{Cnry: x}", "{env: 'Cnry x'}", "[Cnry]", "{key: Cnry}", "{file: {env: Cnry}}")),
    "sources: [{name: s, type: strava-api, client_id: '1', client_secret: Cnry}]",
    "sources: [{name: f, type: fittrackee, base_url: 'https://me:Cnry@example.org', client_id: '1', client_secret: {env: A}}]",
    "sources: [{name: i, type: intervals-icu, key: {env: A}, base_url: 'https://me:Cnry@example.org'}]",
    "sources: [{name: g, type: garmin-api, key: Cnry}]", "sources: [{name: g, type: garmin-api, key: {env: A}, base_url: 'http://example.org/?key=Cnry'}]",
    "ground: {overpass: 'https://me:Cnry@example.org'}", "ground: {overpass: 'http://example.org/?key=Cnry'}", "web: {url: 'https://me:Cnry@example.org'}",
    "--- Cnry\n--- x", "Cnry", "- Cnry", "\x00Cnry", "%YAML Cnry\n---\na: b", "%TAG !a! Cnry\n---\nx: !a!b c",
]  # fmt: skip
ODD = {
    "line ends": b"\r\nX: y\r\n.",
    "letters": "\u00e4\u20ac".encode(),
    "broken bytes": b"\xff\xfe",
    "an end": b"\0",
    "a blank": b" x",
}
"""What a secret may hold that cannot be sent."""
BARE = """\
sources:
  - {{name: sheet, type: table, url: "{url}/x.csv", headers: {{Authorization: {secret}}}}}
  - {{name: prefixed, type: table, url: "{url}/x.csv", headers: {{X-Api-Key: {prefixed}}}}}
  - {{name: list, type: table, url: "{url}/x.csv", user: me, password: {secret}}}
  - {{name: garmin, type: garmin-api, base_url: "{url}", key: {secret}}}
  - {{name: intervals, type: intervals-icu, base_url: "{url}", key: {secret}}}
  - {{name: strava, type: strava-api, base_url: "{url}", oauth_url: "{url}", client_id: "1", client_secret: {secret}}}
  - {{name: fittrackee, type: fittrackee, base_url: "{url}", client_id: "1", client_secret: {secret}}}
notify:
  - {{name: mail, type: email, to: me@example.org, host: 127.0.0.1, port: {port}, username: me, password: {secret}, ca_file: server.pem}}
  - {{name: url, type: webhook, url: {secret}}}
  - {{name: key, type: webhook, url: "{url}", secret: {secret}}}
  - {{name: header, type: webhook, url: "{url}", headers: {{Authorization: {secret}}}}}
  - {{name: server, type: ntfy, url: {secret}, topic: shoes}}
  - {{name: topic, type: ntfy, url: "{url}", topic: {secret}}}
  - {{name: token, type: ntfy, url: "{url}", topic: shoes, token: {secret}}}
  - {{name: login, type: ntfy, url: "{url}", topic: shoes, username: me, password: {secret}}}
  - {{name: chat, type: apprise, url: {secret}}}
"""
"""The same secret in settings of every kind that takes one."""
