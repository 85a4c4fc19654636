#!/usr/bin/env python3
"""`acme lint`, a program in Python, counted as the rest of acme is: `acme_lint.py SCHEMA [--fix]`.

SCHEMA is what `sendoff events --from telemetry.mjs --batch-schema` prints; acme ships it beside this
file. A batch is written into acme's spool and nothing is sent from here: the sender that the next
build starts takes it along, after asking again whether it may.
"""

import json
import os
import platform
import sys
import time
import uuid
from datetime import datetime, timezone
from pathlib import Path

NAME = "acme"


def folder(variable, linux, mac, windows):
    """Where the platform keeps such things; a relative or empty variable is as good as none."""
    given = os.environ.get(variable, "")
    if os.path.isabs(given):
        return Path(given) / NAME
    if sys.platform == "win32":
        return Path(os.environ[windows]) / NAME
    return Path.home() / (mac if sys.platform == "darwin" else linux) / NAME


def is_set(variable):
    return os.environ.get(variable, "").strip().lower() not in ("", "0", "false")


def read(file):
    """A JSON object; empty where there is none. What can't be read raises: then nothing is written."""
    try:
        return json.loads(Path(file).read_text("utf-8"))
    except FileNotFoundError:
        return {}


def says_no(settings):
    """`{ "telemetry": false }`, or the like; what can't be understood is a no as well."""
    telemetry = settings.get("telemetry", True) if isinstance(settings, dict) else True
    return (telemetry.get("enabled") if isinstance(telemetry, dict) else telemetry) is not True


def may_record():
    """docs/design.md, section 9; rows 4 and 5 for Linux."""
    if is_set("DO_NOT_TRACK") or is_set(f"{NAME.upper()}_TELEMETRY_DISABLED"):
        return False
    here = Path.cwd()
    projects = [read(parent / "package.json").get(NAME) for parent in (here, *here.parents)]
    policies = [read(f"/etc/{who}/telemetry.json") for who in (NAME, "sendoff")]
    if any(says_no(settings) for settings in (*projects, *policies)):
        return False
    # Nothing before acme itself has shown its notice: this program has none of its own.
    config = folder("XDG_CONFIG_HOME", ".config", "Library/Preferences", "APPDATA")
    preferences = read(config / "telemetry.json")
    is_on = preferences.get("telemetry.enabled", True) is True and not says_no(preferences)
    return is_on and "telemetry.notifiedAt" in preferences


def batch_of(schema, fields):
    """What the schema says can only be one thing is taken from there."""
    properties = schema["properties"]
    content = properties["content"]["properties"]
    hour = datetime.now(timezone.utc).replace(minute=0, second=0, microsecond=0)
    event = {
        "id": str(uuid.uuid4()),
        "eventName": "command:ended",
        "timestamp": hour.strftime("%Y-%m-%dT%H:00:00.000Z"),
        "fields": fields,
    }
    return {
        **{name: part["const"] for name, part in properties.items() if "const" in part},
        "version": "1.1.3",
        "batchId": str(uuid.uuid4()),
        "content": {
            **{name: part["const"] for name, part in content.items() if "const" in part},
            # No ids: these are acme's own to make, to renew and to delete.
            "context": {"anonymousId": None, "projectHash": None, "sessionId": None},
            "events": [event],
        },
        "facts": {
            "isCI": is_set("CI"),
            "ciName": None,
            "runtime": "other",
            "runtimeVersion": ".".join(platform.python_version_tuple()[:2]),
            "packageManager": None,
            "agent": None,
        },
    }


def write(batch):
    """Under a name that senders pass over, then renamed: they see the whole file or none."""
    state = folder("XDG_STATE_HOME", ".local/state", "Library/Application Support", "LOCALAPPDATA")
    os.umask(0o077)
    spool = state / "telemetry" / "spool"
    spool.mkdir(parents=True, exist_ok=True)
    file = spool / f"{batch['batchId']}_events.json"
    draft = spool / f"{file.name}.{os.getpid()}.tmp"
    draft.write_text(json.dumps(batch), "utf-8")
    os.replace(draft, file)


def record(schema_file, fields):
    """Whatever goes wrong is telemetry's trouble, never the user's."""
    try:
        if not may_record():
            return
        from jsonschema import Draft202012Validator

        schema = json.loads(Path(schema_file).read_text("utf-8"))
        batch = batch_of(schema, fields)
        Draft202012Validator(schema).validate(batch)
        write(batch)
    except Exception as error:
        if is_set(f"{NAME.upper()}_DEBUG_TELEMETRY"):
            print(f"[telemetry] nothing is recorded: {error}", file=sys.stderr)


def main():
    start = time.monotonic()
    schema_file, *words = sys.argv[1:]
    print("no problems found")
    names = [word[2:].split("=")[0] for word in words if word.startswith("--")]
    fields = {
        "command": "lint",
        "flags": [name if name in ("fix", "watch") else "other" for name in names],
        "outcome": "ok",
        "duration": round((time.monotonic() - start) * 1000),
    }
    record(schema_file, fields)


main()
