#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the rule pack: keys, ids, tags, references between rules, the davy: map and the test files.

usage: check_rules.py [--table] [RULES_DIR]

Prints one line per fault and exits 1 when there is any. With --table it prints the table of all
rules for docs/rules/README.md instead. It does not evaluate rules: `davy rules test` does, with the
decoders and the engine that users run.
Needs the Debian package python3-yaml.
"""
import csv
import pathlib
import re
import sys
import uuid

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
README = ROOT / "docs" / "rules" / "README.md"
PORTS = ROOT / "content" / "indicators" / "ports.csv"
REQUIRED = ("title", "id", "name", "status", "description", "references", "author", "date", "tags",
            "falsepositives", "level", "davy")
ALLOWED = set(REQUIRED) | {"logsource", "detection", "correlation", "generate", "modified", "fields", "related"}
STATUS = {"stable", "test", "experimental"}
LEVELS = {"informational", "low", "medium", "high", "critical"}
SIGNALS = {"cost", "compute", "network", "process", "control_plane", "identity", "host", "managed"}
STAGES = {"initial_access", "discovery", "persistence", "privilege_escalation", "defense_evasion",
          "resource_launch", "execution", "mining", "cost"}
CLAIMS = {"context", "attempt", "consistent", "confirmed"}
FORMATS = {"cloudtrail", "guardduty", "route53", "vpc_flow", "auditd", "falco", "ps", "ssm"}
LOGSOURCES = {
    ("", "aws", "cloudtrail"), ("", "aws", "guardduty"), ("", "aws", "route53resolver"),
    ("", "aws", "vpcflow"), ("process_creation", "linux", ""), ("file_event", "linux", ""),
    ("network_connection", "linux", ""), ("", "linux", "auditd"), ("", "falco", ""),
}
CORRELATIONS = {"event_count", "value_count", "temporal", "temporal_ordered", "value_sum", "value_avg",
                "value_percentile"}
# Tactics each technique belongs to in ATT&CK; a tag pair outside this table is a mistake.
TACTICS = {
    "t1021": "lateral-movement", "t1036": "defense-evasion", "t1053": "execution persistence privilege-escalation",
    "t1059": "execution", "t1070": "defense-evasion", "t1071": "command-and-control",
    "t1078": "initial-access persistence privilege-escalation defense-evasion",
    "t1087": "discovery", "t1098": "persistence privilege-escalation", "t1105": "command-and-control",
    "t1110": "credential-access", "t1136": "persistence", "t1140": "defense-evasion",
    "t1222": "defense-evasion", "t1484": "defense-evasion privilege-escalation",
    "t1485": "impact", "t1489": "impact", "t1496": "impact",
    "t1526": "discovery", "t1535": "defense-evasion", "t1548": "privilege-escalation defense-evasion",
    "t1543": "persistence privilege-escalation",
    "t1546": "persistence privilege-escalation", "t1547": "persistence privilege-escalation",
    "t1550": "defense-evasion lateral-movement", "t1552": "credential-access",
    "t1554": "persistence", "t1556": "credential-access defense-evasion persistence",
    "t1562": "defense-evasion",
    "t1564": "defense-evasion", "t1571": "command-and-control",
    "t1574": "persistence privilege-escalation defense-evasion", "t1578": "defense-evasion",
    "t1580": "discovery", "t1610": "defense-evasion execution", "t1620": "defense-evasion",
    "t1648": "execution", "t1666": "defense-evasion", "t1651": "execution",
}
# "Fits mining and little else" is true of what happens while mining, or of a miner called by its name.
# Persistence, evasion and launches look the same whatever the intruder is after.
MINER_NAMES = re.compile(r"xmrig|xmr-stak|srbminer|cpuminer|minerd|lolminer|ethminer|ccminer|stratum", re.I)
# A claim bounds the weight from above: context alone must never look like a verdict.
MAX_WEIGHT = {"context": 2.0, "attempt": 2.5, "consistent": 3.0, "confirmed": 4.0}


def load(path):
    with open(path, encoding="utf-8") as file:
        return yaml.safe_load(file)


def tag_faults(tags):
    words = [str(tag).split(".", 1) for tag in tags]
    if any(len(w) != 2 or w[0] != "attack" for w in words):
        yield "a tag that is not attack.<word>"
        return
    tactics = {w[1] for w in words if not re.match(r"t\d", w[1])}
    techniques = [w[1] for w in words if re.match(r"t\d", w[1])]
    if not techniques:
        yield "no technique among the tags"
    for technique in techniques:
        family = technique.split(".")[0]
        if family not in TACTICS:
            yield f"technique {technique} is not in the table of check_rules.py"
        elif not tactics & set(TACTICS[family].split()):
            yield f"technique {technique} has none of its tactics among the tags"


def davy_faults(davy, level):
    if set(davy) != {"signal", "stage", "claim", "weight", "confidence"}:
        yield f"davy: map has keys {sorted(davy)}"
        return
    for key, known in (("signal", SIGNALS), ("stage", STAGES), ("claim", CLAIMS)):
        if davy[key] not in known:
            yield f"davy.{key} is {davy[key]!r}"
    if not 0.2 <= davy["weight"] <= MAX_WEIGHT.get(davy["claim"], 4):
        yield f"davy.weight {davy['weight']} is outside 0.2 … {MAX_WEIGHT.get(davy['claim'], 4)} for this claim"
    if not 0 <= davy["confidence"] <= 1:
        yield "davy.confidence is not in 0 … 1"
    if level in ("informational", "low") and davy["weight"] > 0.4:
        yield f"level {level} with weight {davy['weight']}"
    if davy["claim"] == "confirmed" and level != "critical":
        yield "claim confirmed without level critical"


def identifiers(condition):
    for word in re.findall(r"[\w*]+", condition):
        if word.lower() not in {"and", "or", "not", "of", "1", "all", "any", "them"}:
            yield word


def detection_faults(rule):
    logsource = tuple(rule["logsource"].get(k, "") for k in ("category", "product", "service"))
    if logsource not in LOGSOURCES:
        yield f"unknown logsource {logsource}"
    detection = rule["detection"]
    names = set(detection) - {"condition"}
    used = set()
    for word in identifiers(str(detection.get("condition", ""))):
        hit = {n for n in names if re.fullmatch(word.replace("*", ".*"), n)}
        if not hit:
            yield f"condition names {word}, which is not defined"
        used |= hit
    if "them" not in str(detection.get("condition", "")) and names - used:
        yield f"never used in the condition: {sorted(names - used)}"
    for field, value in leaves(detection):
        if "|re" in field and re.search(r"\(\?(=|!|<)", value):
            yield f"look-around in the expression of {field} (RE2 has none)"


def claim_faults(rule):
    davy = rule["davy"]
    if davy.get("claim") not in ("consistent", "confirmed") or davy.get("stage") == "mining":
        return
    if not any(MINER_NAMES.search(value) for _, value in leaves(rule.get("detection", {}))):
        yield f"claim {davy['claim']} at stage {davy.get('stage')} without the name of a miner"


def leaves(node, field=""):
    """Every (field, value) pair of a detection, however deep."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, str(key))
    elif isinstance(node, list):
        for value in node:
            yield from leaves(value, field)
    else:
        yield field, str(node)


def correlation_faults(rule, names):
    correlation = rule["correlation"]
    if correlation.get("type") not in CORRELATIONS:
        yield f"correlation type {correlation.get('type')!r}"
    if not re.fullmatch(r"\d+[smhd]", str(correlation.get("timespan"))):
        yield "timespan"
    if not correlation.get("group-by"):
        yield "no group-by: strangers would be joined"
    if "generate" not in rule:
        yield "generate must be stated"
    for member in correlation.get("rules", []):
        if member not in names:
            yield f"refers to {member}, which does not exist"


def test_faults(path):
    if not path.exists():
        yield "no test file"
        return
    seen = {"match": 0, "no_match": 0, "near_miss": 0}
    titles = set()
    for test in load(path)["tests"]:
        title = test.get("name")
        if title in titles:
            yield f"two tests named {title!r}"
        titles.add(title)
        if set(test) - {"name", "expect", "near_miss", "format", "event", "events"}:
            yield f"unknown key in test {title!r}"
        if test.get("expect") not in ("match", "no_match") or test.get("format") not in FORMATS:
            yield f"expect or format of test {title!r}"
        if ("event" in test) == ("events" in test):
            yield f"test {title!r} needs either event or events"
        if test.get("near_miss") and test.get("expect") == "match":
            yield f"near miss {title!r} expects a match"
        seen["near_miss" if test.get("near_miss") else test.get("expect", "match")] += 1
    for kind, count in seen.items():
        if count == 0:
            yield f"no {kind} test"


def rule_faults(path, rule, names):
    missing = [key for key in REQUIRED if not rule.get(key)]
    if missing:
        yield f"missing {missing}"
        return
    if set(rule) - ALLOWED:
        yield f"unknown keys {sorted(set(rule) - ALLOWED)}"
    expected = "davy_" + "_".join(path.with_suffix("").parts)
    if rule["name"] != expected:
        yield f"name should be {expected} after its path"
    try:
        if uuid.UUID(rule["id"]).version != 4:
            yield "id is not a version 4 uuid"
    except ValueError:
        yield "id is not a uuid"
    if rule["status"] not in STATUS or rule["level"] not in LEVELS:
        yield "status or level"
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", str(rule["date"])):
        yield "date"
    if len(rule["title"]) > 80 or len(rule["description"]) < 40:
        yield "title over 80 or description under 40 characters"
    if not all(str(link).startswith("https://") for link in rule["references"]):
        yield "a reference that is not an https link"
    if ("correlation" in rule) == ("detection" in rule):
        yield "needs either detection or correlation"
    elif "correlation" in rule:
        yield from correlation_faults(rule, names)
    else:
        yield from detection_faults(rule)
    yield from tag_faults(rule["tags"])
    yield from davy_faults(rule["davy"], rule["level"])
    yield from claim_faults(rule)


def pack_faults(rules):
    """What only shows when all rules are seen together."""
    for key in ("id", "name", "title"):
        seen = {}
        for path, rule in rules.items():
            other = seen.setdefault(rule.get(key), path)
            if other != path:
                yield path, f"same {key} as {other}"
    # A rule reports alone or not; two correlations must not want both.
    wants, users = {}, set()
    for path, rule in rules.items():
        for member in rule.get("correlation", {}).get("rules", []):
            users.add(member)
            if wants.setdefault(member, rule.get("generate")) != rule.get("generate"):
                yield path, f"{member} is wanted with and without generate"
    # A base rule derived from a reported one asks the same; two drifting definitions hide a step of a chain.
    by_id = {rule.get("id"): rule for rule in rules.values()}
    for path, rule in rules.items():
        for link in rule.get("related", []):
            other = by_id.get(link.get("id"))
            if link.get("type") == "derived" and (other is None or other.get("detection") != rule.get("detection")):
                yield path, f"detection differs from that of {link.get('id')}, from which it is derived"
    for path, rule in rules.items():
        base = path.name.startswith("base_")
        if base and (rule.get("name") not in users or wants.get(rule.get("name"))):
            yield path, "base rule that no correlation keeps to itself"
        if not base and wants.get(rule.get("name")) is False:
            yield path, "would be silenced by a correlation; name it base_… or set generate: true"


def port_faults(rules):
    """Mining ports of rules are those of the indicator file: the rule about refusals has all, others a choice."""
    with open(PORTS, encoding="utf-8") as file:
        known = {int(row["value"]) for row in csv.DictReader(line for line in file if line[0] != "#")}
    for path, rule in rules.items():
        for name, selection in rule.get("detection", {}).items():
            ports = selection.get("dstport") if isinstance(selection, dict) else None
            if isinstance(ports, list) and set(ports) - known:
                yield path, f"ports of {name} that {PORTS.relative_to(ROOT)} does not list"
            if isinstance(ports, list) and path.stem == "base_mining_port_rejected" and known - set(ports):
                yield path, f"ports of {name} lack some of {PORTS.relative_to(ROOT)}"


def table(rules):
    lines = ["| rule | level | claim | weight | signal | stage | title |", "| --- | --- | --- | --- | --- | --- | --- |"]
    for path, rule in rules.items():
        davy = rule["davy"]
        kind = " *(correlation)*" if "correlation" in rule else ""
        lines.append(f"| `{path.with_suffix('').as_posix()}`{kind} | {rule['level']} | {davy['claim']} "
                     f"| {davy['weight']} | {davy['signal']} | {davy['stage']} | {rule['title']} |")
    return "\n".join(lines) + "\n"


def main():
    arguments = [a for a in sys.argv[1:] if a != "--table"]
    root = pathlib.Path(arguments[0]) if arguments else ROOT / "content" / "rules"
    files = [p.relative_to(root) for p in sorted(root.rglob("*.yml"))]
    paths = [p for p in files if not p.name.endswith(".test.yml")]
    rules = {path: load(root / path) for path in paths}
    if "--table" in sys.argv:
        print(table(rules), end="")
        return 0
    names = {rule.get("name") for rule in rules.values()}
    faults = list(pack_faults(rules)) + ([] if arguments else list(port_faults(rules)))
    for path, rule in rules.items():
        faults += [(path, fault) for fault in rule_faults(path, rule, names)]
        faults += [(path, fault) for fault in test_faults((root / path).with_suffix(".test.yml"))]
    faults += [(p, "test of no rule") for p in files
               if p.name.endswith(".test.yml") and p.with_name(p.name[:-9] + ".yml") not in rules]
    if not arguments and not faults and not README.read_text(encoding="utf-8").endswith(table(rules)):
        faults.append((README.relative_to(ROOT), "does not end with the table that --table prints"))
    for path, fault in sorted(faults, key=str):
        print(f"{path}: {fault}")
    print(f"{len(rules)} rules, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
